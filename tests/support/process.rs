//! Real child processes, to be signalled and killed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::waiting::lock;
use crate::{Handled, wait_until};

/// How many lines of a child's output a failure shows.
const SHOWN: usize = 40;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this exit code.
    Code(i32),
    /// By a signal of this number.
    Signal(i32),
}

impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}

/// A program that is about to run; made by [`Process::program`].
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    directory: Option<PathBuf>,
}

impl Program {
    /// One more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// One more environment variable.
    #[must_use]
    pub fn environment(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The working directory, instead of the test's own.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Starts the program. It sees none of the test's own variables that begin with `MILLSTREAM`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(self) -> Process {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MILLSTREAM") {
                command.env_remove(name);
            }
        }
        command
            .args(&self.arguments)
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{} cannot be started: {error}", self.path.display()));
        let name = self
            .path
            .file_name()
            .map_or_else(|| self.path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let output = Output::default();
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(output.read_from(stdout, Stream::Standard));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(output.read_from(stderr, Stream::Error));
        }
        Process { name, child, output, readers, ended: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Standard,
    Error,
}

/// Both streams of a child, line by line in the order of arrival.
#[derive(Debug, Clone, Default)]
struct Output(Arc<Mutex<Vec<(Stream, String)>>>);

impl Output {
    fn read_from(&self, source: impl Read + Send + 'static, stream: Stream) -> thread::JoinHandle<()> {
        let lines = Arc::clone(&self.0);
        thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n') {
                let Ok(line) = line else { break };
                let line = String::from_utf8_lossy(&line).into_owned();
                lock(&lines).push((stream, line));
            }
        })
    }
}

/// A child process of a test. Dropping it kills it; in a failing test that shows the end of its output.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    output: Output,
    readers: Vec<thread::JoinHandle<()>>,
    ended: Option<Ended>,
}

impl Process {
    /// A program to run: `env!("CARGO_BIN_EXE_name")` for one of the programs in `bins/`.
    pub fn program(path: impl AsRef<Path>) -> Program {
        Program { path: path.as_ref().to_owned(), arguments: Vec::new(), environment: BTreeMap::new(), directory: None }
    }

    /// What the process has written so far to both streams, line by line.
    pub fn lines(&self) -> Vec<String> {
        lock(&self.output.0).iter().map(|(_, line)| line.clone()).collect()
    }

    /// What it has written so far to its standard output.
    pub fn standard_output(&self) -> Vec<String> {
        self.lines_of(Stream::Standard)
    }

    /// What it has written so far to its error output.
    pub fn error_output(&self) -> Vec<String> {
        self.lines_of(Stream::Error)
    }

    fn lines_of(&self, wanted: Stream) -> Vec<String> {
        let lines = lock(&self.output.0);
        lines.iter().filter(|(stream, _)| *stream == wanted).map(|(_, line)| line.clone()).collect()
    }

    /// The messages it has reported as handled so far; see [`Ledger`](crate::Ledger).
    pub fn handled(&self) -> Vec<Handled> {
        let lines = lock(&self.output.0);
        lines.iter().filter_map(|(_, line)| Handled::from_line(line)).collect()
    }

    /// How many lines there are, as a place for [`wait_for_line_after`](Self::wait_for_line_after).
    pub fn line_count(&self) -> usize {
        lock(&self.output.0).len()
    }

    /// Waits for a line that contains `text`, on either stream, written at any time, and returns it.
    ///
    /// # Panics
    /// When a minute passes or the process ends without it.
    pub async fn wait_for_line(&mut self, text: &str) -> String {
        self.wait_for_line_after(0, text).await
    }

    /// [`wait_for_line`](Self::wait_for_line) among the lines after the first `count`.
    ///
    /// # Panics
    /// As [`wait_for_line`](Self::wait_for_line).
    pub async fn wait_for_line_after(&mut self, count: usize, text: &str) -> String {
        let what = format!("{} writes `{text}`", self.name);
        wait_until(&what, async || {
            // Asked before the lines are searched: what it wrote last is there when it has ended.
            let ended = self.check_ended();
            let found = self.lines().into_iter().skip(count).find(|line| line.contains(text));
            if found.is_none()
                && let Some(ended) = ended
            {
                panic!("{} ended with {ended:?} and never wrote `{text}`", self.name);
            }
            found
        })
        .await
    }

    /// Waits until it has reported at least so many handled messages, repeats included.
    ///
    /// # Panics
    /// When a minute passes or the process ends before.
    pub async fn wait_for_handled(&mut self, count: usize) {
        let what = format!("{} has handled {count} messages", self.name);
        wait_until(&what, async || {
            let ended = self.check_ended();
            let handled = self.handled().len();
            if let Some(ended) = ended {
                assert!(handled >= count, "{} ended with {ended:?} after {handled} messages", self.name);
            }
            handled >= count
        })
        .await;
    }

    /// Kills it at once, as a crash would (SIGKILL), and waits for its end.
    pub async fn kill_9(&mut self) {
        self.signal(Signal::KILL);
        self.wait_exit().await;
    }

    /// Asks it to end (SIGTERM).
    pub fn terminate(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Asks it to end as Ctrl-C does (SIGINT).
    pub fn interrupt(&mut self) {
        self.signal(Signal::INT);
    }

    /// Freezes it (SIGSTOP), as a long pause of the machine would.
    pub fn suspend(&mut self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on (SIGCONT).
    pub fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.check_ended().is_none()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How much memory it has resident, in bytes.
    ///
    /// # Panics
    /// When it has ended, and on systems without `/proc`.
    pub fn resident_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} has no {path}: {error}", self.name));
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap_or_else(|| panic!("{} has ended: {path} tells no resident memory", self.name));
        kibibytes * 1024
    }

    /// Waits for its end; all its output is there afterwards.
    ///
    /// # Panics
    /// When it does not end within a minute.
    pub async fn wait_exit(&mut self) -> Ended {
        let what = format!("{} ends", self.name);
        wait_until(&what, async || self.check_ended()).await
    }

    /// How it ended, once it has and its output is complete.
    fn check_ended(&mut self) -> Option<Ended> {
        if self.ended.is_none() {
            let status = self
                .child
                .try_wait()
                .unwrap_or_else(|error| panic!("{} cannot be asked for its end: {error}", self.name));
            self.ended = status.map(Ended::from);
        }
        // A pipe holds what a killed process wrote last: it counts as ended when that is read.
        let read = self.readers.iter().all(thread::JoinHandle::is_finished);
        self.ended.filter(|_| read)
    }

    fn signal(&mut self, signal: Signal) {
        // Until it was waited for, its number cannot belong to another process.
        if self.ended.is_some() {
            return;
        }
        if let Err(error) = kill_process(Pid::from_child(&self.child), signal) {
            panic!("{} does not take {signal:?}: {error}", self.name);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended.is_none() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if thread::panicking() {
            let lines = self.lines();
            let left_out = lines.len().saturating_sub(SHOWN);
            eprintln!("--- {}: the last of {} lines", self.name, lines.len());
            lines.iter().skip(left_out).for_each(|line| eprintln!("    {line}"));
        }
    }
}
