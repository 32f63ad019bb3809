//! Processes that this program starts of itself, and the words they exchange: lines on standard input and output.

use crate::roles::{FLAG, Role};
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child as Process, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A child; killed when dropped.
pub(crate) struct Child {
    process: Process,
    input: ChildStdin,
    lines: Receiver<(String, Instant)>,
    /// When it was started.
    pub(crate) began: Instant,
}

impl Child {
    pub(crate) fn start(role: &Role) -> Result<Self> {
        Self::start_under(&[], role)
    }

    /// Starts it with a wrapper before it: a program and its arguments.
    pub(crate) fn start_under(wrapper: &[OsString], role: &Role) -> Result<Self> {
        let program = std::env::current_exe().context("this program cannot find itself")?;
        let mut words = wrapper.to_vec();
        words.push(program.into());
        let (first, rest) = words.split_first().context("nothing to start")?;
        let mut command = Command::new(first);
        command.args(rest).arg(FLAG).arg(serde_json::to_string(role)?);
        Self::start_program(command)
    }

    /// Starts a program that is not this one.
    pub(crate) fn start_program(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let began = Instant::now();
        let started = command.spawn();
        let mut process = started.with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { bail!("a child without pipes") };
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send((line, Instant::now())).is_err() {
                    break;
                }
            }
        });
        Ok(Self { process, input, lines, began })
    }

    /// The next line it says, and when it came.
    pub(crate) fn line(&mut self, patience: Duration) -> Result<(String, Instant)> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => bail!("a child said nothing for {patience:?}"),
            Err(RecvTimeoutError::Disconnected) => bail!("a child ended early: {}", self.process.wait()?),
        }
    }

    /// Waits for exactly this line.
    pub(crate) fn expect(&mut self, word: &str, patience: Duration) -> Result<()> {
        let (line, _) = self.line(patience)?;
        if line == word { Ok(()) } else { bail!("a child said {line:?} where {word:?} was due") }
    }

    pub(crate) fn tell(&mut self, word: &str) -> Result<()> {
        writeln!(self.input, "{word}").with_context(|| format!("a child does not listen to {word:?}"))
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> Result<()> {
        let status = self.process.wait()?;
        if status.success() { Ok(()) } else { bail!("a child ended with {status}") }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Stops every thread of it where it stands.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw).context("a child without a number")?;
        Ok(kill_process(pid, signal)?)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already: then there is nothing to end and nobody to tell.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Says a line to the parent.
pub(crate) fn say(line: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    Ok(output.flush()?)
}

/// Waits for exactly this line from the parent.
pub(crate) fn hear(word: &str) -> Result<()> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    match line.trim_end() {
        heard if heard == word => Ok(()),
        "" => bail!("the parent is gone"),
        heard => bail!("the parent said {heard:?} where {word:?} was due"),
    }
}
