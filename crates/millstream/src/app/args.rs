//! The command line of an application.

use super::args_help;
use super::start_error::StartError;
use lexopt::Arg;
use millstream_config::{Problem, nearest};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

/// What the command line asks for.
///
/// [`App::from_args`](crate::App::from_args) reads it by itself. An application with a command line of its
/// own flattens it into its clap parser (with the feature `clap`) and gives it to
/// [`AppBuilder::args`](crate::AppBuilder::args).
///
/// ```
/// let args = millstream::Args::parse(["--env", "production", "--set", "kafka.client_id=billing"])?;
/// assert_eq!(args.env.as_deref(), Some("production"));
/// assert_eq!(args.set, ["kafka.client_id=billing"]);
/// # Ok::<(), millstream::StartError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
pub struct Args {
    /// Checks configuration and annotations, and contacts no broker
    #[cfg_attr(feature = "clap", arg(long))]
    pub check: bool,
    /// Prints the effective configuration with the place that set each value
    #[cfg_attr(feature = "clap", arg(long))]
    pub print_config: bool,
    /// Prints the table of listeners
    #[cfg_attr(feature = "clap", arg(long))]
    pub listeners: bool,
    /// Runs these listeners only, by id
    #[cfg_attr(feature = "clap", arg(long, value_name = "ID", value_delimiter = ','))]
    pub only: Vec<String>,
    /// Sets one value of the configuration, over every file and variable; can be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "KEY=VALUE"))]
    pub set: Vec<String>,
    /// Names the environment
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub env: Option<String>,
    /// Names the directory of the configuration files
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub config: Option<PathBuf>,
    /// Prints what the command line can say; a clap parser has a `--help` of its own
    #[cfg_attr(feature = "clap", arg(skip))]
    pub help: bool,
}

impl fmt::Debug for Args {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What stands behind `--set KEY=` may be a secret.
        let keys: Vec<_> = self.set.iter().map(|set| set.split('=').next().unwrap_or_default().trim()).collect();
        formatter
            .debug_struct("Args")
            .field("check", &self.check)
            .field("print_config", &self.print_config)
            .field("listeners", &self.listeners)
            .field("only", &self.only)
            .field("set", &keys)
            .field("env", &self.env)
            .field("config", &self.config)
            .field("help", &self.help)
            .finish()
    }
}

const OPTIONS: [&str; 8] = ["check", "print-config", "listeners", "only", "set", "env", "config", "help"];
const TAKE_VALUES: [&str; 4] = ["only", "set", "env", "config"];

impl Args {
    /// Reads the command line of this process.
    ///
    /// # Errors
    /// All that cannot be understood, at once.
    pub fn from_process() -> Result<Self, StartError> {
        Self::parse(std::env::args_os().skip(1))
    }

    /// Reads arguments, without the program's name.
    ///
    /// # Errors
    /// All that cannot be understood, at once.
    pub fn parse<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Result<Self, StartError> {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let mut reading = Reading { args: Self::default(), problems: Vec::new() };
        let mut parser = lexopt::Parser::from_args(arguments);
        loop {
            let argument = match parser.next() {
                Ok(None) => break,
                Ok(Some(argument)) => Argument::from(argument),
                Err(error) => {
                    reading.problems.push(Problem::new(error.to_string()));
                    continue;
                }
            };
            reading.take(&argument, &mut parser);
        }
        if reading.problems.is_empty() { Ok(reading.args) } else { Err(StartError::arguments(reading.problems)) }
    }

    /// The text of `--help`.
    pub fn help_text() -> &'static str {
        args_help::HELP
    }
}

enum Argument {
    Long(String),
    Short(char),
    Value(OsString),
}

impl From<Arg<'_>> for Argument {
    fn from(argument: Arg<'_>) -> Self {
        match argument {
            Arg::Long(name) => Self::Long(name.to_owned()),
            Arg::Short(name) => Self::Short(name),
            Arg::Value(value) => Self::Value(value),
        }
    }
}

struct Reading {
    args: Args,
    problems: Vec<Problem>,
}

impl Reading {
    fn take(&mut self, argument: &Argument, parser: &mut lexopt::Parser) {
        match argument {
            Argument::Long(name) => self.take_option(name, parser),
            Argument::Short('h') => self.args.help = true,
            Argument::Short(name) => self.problems.push(unknown(&format!("-{name}"), None)),
            Argument::Value(value) => self.problems.push(
                Problem::new(format!("unexpected argument `{}`", value.to_string_lossy()))
                    .with_suggestion("an application takes options only; `--help` lists them"),
            ),
        }
    }

    fn take_option(&mut self, name: &str, parser: &mut lexopt::Parser) {
        match name {
            "check" => self.args.check = true,
            "print-config" => self.args.print_config = true,
            "listeners" => self.args.listeners = true,
            "help" => self.args.help = true,
            "only" => {
                let ids = self.text(name, "ID,..", parser);
                let ids = ids.iter().flat_map(|ids| ids.split(',')).map(str::trim);
                self.args.only.extend(ids.filter(|id| !id.is_empty()).map(str::to_owned));
            }
            "set" => {
                let set = self.text(name, "KEY=VALUE", parser);
                self.args.set.extend(set);
            }
            "env" => self.args.env = self.text(name, "NAME", parser).or(self.args.env.take()),
            "config" => {
                self.args.config = self.value(name, "DIR", parser).map(PathBuf::from).or(self.args.config.take());
            }
            _ => {
                let near = nearest(name, OPTIONS);
                // What belongs to a misspelt option is no second mistake.
                if parser.optional_value().is_none() && near.is_some_and(|near| TAKE_VALUES.contains(&near)) {
                    skip_value(parser);
                }
                self.problems.push(unknown(&format!("--{name}"), near));
            }
        }
    }

    fn value(&mut self, name: &str, what: &str, parser: &mut lexopt::Parser) -> Option<OsString> {
        let value = parser.value();
        if value.is_err() {
            self.problems.push(
                Problem::new(format!("option `--{name}` needs a value"))
                    .with_suggestion(format!("write `--{name} {what}`")),
            );
        }
        value.ok()
    }

    fn text(&mut self, name: &str, what: &str, parser: &mut lexopt::Parser) -> Option<String> {
        let text = self.value(name, what, parser)?.into_string();
        if text.is_err() {
            self.problems.push(Problem::new(format!("the value of option `--{name}` is not UTF-8")));
        }
        text.ok()
    }
}

/// Skips the next argument, unless it is an option.
fn skip_value(parser: &mut lexopt::Parser) {
    let Some(mut arguments) = parser.try_raw_args() else { return };
    let is_value = |argument: &OsStr| !argument.as_encoded_bytes().starts_with(b"-");
    drop(arguments.next_if(is_value));
}

fn unknown(option: &str, near: Option<&str>) -> Problem {
    Problem::new(format!("unknown option `{option}`")).with_suggestion(match near {
        Some(near) => format!("did you mean `--{near}`?"),
        None => "`--help` lists the options".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problems(arguments: &[&str]) -> Vec<String> {
        let error = Args::parse(arguments.iter().copied()).unwrap_err();
        error.problems().map(ToString::to_string).collect()
    }

    #[test]
    fn every_option_is_understood_in_both_spellings() {
        let args = Args::parse([
            "--check",
            "--print-config",
            "--listeners",
            "--only",
            "A.one,B.two",
            "--only=C.three",
            "--set",
            "a.b=1",
            "--set=c=d",
            "--env",
            "production",
            "--config=conf",
            "-h",
        ])
        .unwrap();
        assert!(args.check && args.print_config && args.listeners && args.help);
        assert_eq!(args.only, ["A.one", "B.two", "C.three"]);
        assert_eq!(args.set, ["a.b=1", "c=d"]);
        assert_eq!(args.env.as_deref(), Some("production"));
        assert_eq!(args.config, Some(PathBuf::from("conf")));
    }

    #[test]
    fn all_mistakes_are_told_at_once_with_the_nearest_option() {
        let problems = problems(&["--chekc", "orders", "-x", "--env"]);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert_eq!(problems[0], "unknown option `--chekc`; did you mean `--check`?");
        assert!(problems[1].starts_with("unexpected argument `orders`"));
        assert!(problems[2].starts_with("unknown option `-x`"));
        assert_eq!(problems[3], "option `--env` needs a value; write `--env NAME`");
    }

    #[test]
    fn the_value_of_an_unknown_option_is_no_second_mistake() {
        let expected = ["unknown option `--sett`; did you mean `--set`?"];
        assert_eq!(problems(&["--sett=a.password=hunter2"]), expected);
        assert_eq!(problems(&["--sett", "a.password=hunter2", "--check"]), expected);
        assert_eq!(problems(&["--sett", "--chekc"]).len(), 2);
    }

    #[test]
    fn debug_shows_no_value_that_was_set() {
        let args = Args::parse(["--set", "kafka.password=hunter2"]).unwrap();
        assert!(format!("{args:?}").contains("kafka.password"));
        assert!(!format!("{args:?}").contains("hunter2"));
    }

    #[test]
    fn a_flag_with_a_value_is_a_mistake() {
        assert_eq!(problems(&["--check=yes"]).len(), 1);
    }

    #[test]
    fn the_help_names_every_option() {
        for option in OPTIONS {
            assert!(Args::help_text().contains(&format!("--{option}")), "{option}");
        }
    }

    #[cfg(feature = "clap")]
    #[test]
    fn a_clap_parser_of_the_application_understands_the_same() {
        use clap::Parser as _;

        #[derive(clap::Parser)]
        struct CommandLine {
            #[arg(long)]
            port: u16,
            #[command(flatten)]
            millstream: Args,
        }

        let arguments = ["--check", "--only", "A.one,B.two", "--set", "a.b=1,2", "--env", "e", "--config", "c"];
        let parsed = CommandLine::parse_from(["shop", "--port", "80"].iter().chain(&arguments));
        assert_eq!(parsed.port, 80);
        assert_eq!(parsed.millstream, Args::parse(arguments).unwrap());
    }

    proptest! {
        #[test]
        fn no_command_line_panics(arguments in proptest::collection::vec(".{0,12}", 0..6)) {
            let _ = Args::parse(arguments);
        }
    }
}
