//! Logging as `[log]` says it.

use millstream_config::{KeySpace, Problem, Problems, Tree, nearest, quote_string};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// What `[log]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogPlan {
    /// The least level of what is logged.
    pub(crate) level: LevelFilter,
    /// The same for single targets: crates and modules.
    pub(crate) targets: BTreeMap<String, LevelFilter>,
    /// How a line looks.
    pub(crate) format: LogFormat,
    /// Where lines go, added at the end; the standard error output if it is not set.
    pub(crate) file: Option<PathBuf>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
const FORMATS: [&str; 2] = ["text", "json"];

impl Default for LogPlan {
    fn default() -> Self {
        Self { level: LevelFilter::INFO, targets: BTreeMap::new(), format: LogFormat::Text, file: None }
    }
}

/// The keys of `[log]`.
pub(crate) fn log_keys() -> KeySpace {
    KeySpace::table()
        .key("level", KeySpace::value())
        .key("format", KeySpace::value())
        .key("file", KeySpace::value())
        .key("targets", KeySpace::named(KeySpace::value()))
}

impl LogPlan {
    /// Reads `[log]`.
    pub(crate) fn read(tree: &Tree) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut plan = Self::default();
        let Some(log) = problems.keep(tree.section("log")).flatten() else {
            return problems.into_result(plan);
        };
        if let Some(level) = problems.keep(log.get::<String>("level")).flatten() {
            plan.level =
                problems.keep(level_of(&level).map_err(|rule| log.problem("level", rule))).unwrap_or(plan.level);
        }
        if let Some(format) = problems.keep(log.get::<String>("format")).flatten() {
            match format.as_str() {
                "text" => plan.format = LogFormat::Text,
                "json" => plan.format = LogFormat::Json,
                _ => problems.push(log.problem("format", expects(&format, &FORMATS))),
            }
        }
        plan.file = problems.keep(log.get("file")).flatten();
        if let Some(targets) = problems.keep(log.section("targets")).flatten() {
            for (target, _) in targets.iter() {
                let Some(level) = problems.keep(targets.get::<String>(target)).flatten() else { continue };
                let level = level_of(&level).map_err(|rule| targets.problem(target, rule));
                plan.targets.extend(problems.keep(level).map(|level| (target.to_owned(), level)));
            }
        }
        problems.into_result(plan)
    }

    /// Installs the plan for the process, unless the application has set a subscriber of its own: that one
    /// is left alone.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn install(&self) -> Result<(), Problem> {
        if tracing::dispatcher::has_been_set() {
            return Ok(());
        }
        let writer: Output = match &self.file {
            None => Output::StandardError,
            Some(file) => Output::File(Arc::new(open(file)?)),
        };
        let filter = Targets::new().with_default(self.level).with_targets(self.targets.clone());
        let lines =
            tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(self.file.is_none() && is_terminal());
        let layer = match self.format {
            LogFormat::Text => lines.with_filter(filter).boxed(),
            LogFormat::Json => lines.json().with_filter(filter).boxed(),
        };
        // Whoever was quicker has the say.
        drop(tracing_subscriber::registry().with(layer).try_init());
        Ok(())
    }
}

fn open(file: &Path) -> Result<File, Problem> {
    OpenOptions::new().create(true).append(true).open(file).map_err(|error| {
        Problem::new(format!("the log cannot be written there: {error}"))
            .with_key("log.file")
            .with_value(&quote_string(&file.display().to_string()))
    })
}

fn is_terminal() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}

fn level_of(level: &str) -> Result<LevelFilter, String> {
    let lower = level.to_ascii_lowercase();
    match lower.as_str() {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err(expects(level, &LEVELS)),
    }
}

fn expects(found: &str, known: &[&str]) -> String {
    let names: Vec<_> = known.iter().map(|name| format!("\"{name}\"")).collect();
    let hint = nearest(found, known.iter().copied()).map(|near| format!("; did you mean \"{near}\"?"));
    format!("expects one of {}{}", names.join(", "), hint.unwrap_or_default())
}

/// Where lines go. A file is written without a lock of ours: it is opened for appending, where each line is
/// one write.
#[derive(Clone, Debug)]
enum Output {
    StandardError,
    File(Arc<File>),
}

impl<'a> MakeWriter<'a> for Output {
    type Writer = Box<dyn std::io::Write + 'a>;

    fn make_writer(&'a self) -> Self::Writer {
        match self {
            Self::StandardError => Box::new(std::io::stderr()),
            Self::File(file) => Box::new(&**file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millstream_config::{DirectoryChoice, Request, load};

    fn read(toml: &str) -> Result<LogPlan, Problems> {
        let mut request = Request::default();
        request.directory = DirectoryChoice::Nothing;
        request.base = Some(toml.to_owned());
        let loaded = load(&request, &KeySpace::table().key("log", log_keys())).unwrap();
        assert!(loaded.tree.unknown_keys(&KeySpace::table().key("log", log_keys())).is_empty());
        LogPlan::read(&loaded.tree)
    }

    #[test]
    fn without_a_table_it_is_text_at_info() {
        assert_eq!(read("").unwrap(), LogPlan::default());
    }

    #[test]
    fn every_key_is_read() {
        let plan =
            read("[log]\nlevel = 'WARN'\nformat = 'json'\nfile = 'a.log'\n[log.targets]\n'shop::billing' = 'trace'\n");
        let plan = plan.unwrap();
        assert_eq!((plan.level, plan.format), (LevelFilter::WARN, LogFormat::Json));
        assert_eq!(plan.file, Some(PathBuf::from("a.log")));
        assert_eq!(plan.targets.get("shop::billing"), Some(&LevelFilter::TRACE));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_with_its_place() {
        let problems =
            read("[log]\nlevel = 'inof'\nformat = 'xml'\nfile = 5\n[log.targets]\nrdkafka = 'loud'\n").unwrap_err();
        let report: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(report.len(), 4, "{report:?}");
        assert!(report[0].starts_with("log.level = \"inof\" (base:2:9): expects one of \"off\""), "{report:?}");
        assert!(report[0].ends_with("did you mean \"info\"?"), "{report:?}");
        assert!(report[3].starts_with("log.targets.rdkafka"), "{report:?}");
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_a_problem_of_its_key() {
        assert_eq!(open(Path::new("no/such/directory/a.log")).unwrap_err().key(), Some("log.file"));
    }

    #[test]
    fn lines_are_added_at_the_end_of_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.log");
        std::fs::write(&file, "before\n").unwrap();
        let output = Output::File(Arc::new(open(&file).unwrap()));
        std::io::Write::write_all(&mut output.make_writer(), b"after\n").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "before\nafter\n");
    }
}
