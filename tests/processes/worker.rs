//! The worker as a child process.

use std::collections::BTreeMap;
use std::path::PathBuf;

use harness::{Broker, BrokerKind, Process, unique};

use crate::directory::Directory;

/// How the environment spells the worker's listener that commits by itself.
const ON_MESSAGE: &str = "MILLSTREAM__KAFKA__LISTENERS__WORKER_ON_MESSAGE";

/// How a worker is started, once or again. What it writes about is kept apart by a directory and a group of its own.
pub(crate) struct Worker {
    directory: Directory,
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
}

impl Worker {
    /// A worker that reads `topic` from its beginning, in a group of its own.
    pub(crate) fn of(broker: &Broker, topic: &str) -> Self {
        let worker = Self::at(broker.bootstrap()).topic(topic);
        match broker.kind() {
            BrokerKind::Real => worker,
            // It answers an empty fetch late, and its classic groups gather for as long as a session.
            BrokerKind::Embedded => worker
                .variable("MILLSTREAM__KAFKA__GROUP_PROTOCOL", "consumer")
                .variable("MILLSTREAM__KAFKA__CONSUMER__PROPERTIES__FETCH_WAIT_MAX_MS", "10"),
        }
    }

    /// A worker that was told where its brokers are and nothing about its topic.
    pub(crate) fn at(brokers: &str) -> Self {
        let worker = Self { directory: Directory::new(), environment: BTreeMap::new(), arguments: Vec::new() };
        worker
            .variable("MILLSTREAM__KAFKA__BROKERS", brokers)
            .variable("MILLSTREAM__KAFKA__GROUP_ID", &unique("workers"))
            .variable("MILLSTREAM__KAFKA__LISTENER_DEFAULTS__START", "earliest")
    }

    /// The topic of the listener that commits by itself.
    pub(crate) fn topic(self, topic: &str) -> Self {
        self.variable(&format!("{ON_MESSAGE}__TOPICS"), topic)
    }

    /// Lets another listener of the worker read the topic instead.
    pub(crate) fn listener(mut self, method: &str) -> Self {
        let topics = self.environment.remove(&format!("{ON_MESSAGE}__TOPICS")).unwrap_or_default();
        let other = format!("MILLSTREAM__KAFKA__LISTENERS__WORKER_{}", method.to_uppercase());
        self.variable(&format!("{ON_MESSAGE}__ENABLED"), "false")
            .variable(&format!("{other}__ENABLED"), "true")
            .variable(&format!("{other}__TOPICS"), &topics)
    }

    /// One of the worker's own knobs.
    pub(crate) fn knob(self, name: &str, value: &str) -> Self {
        self.variable(&format!("MILLSTREAM__WORKER__{}", name.to_uppercase()), value)
    }

    /// Without a knob that was set.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment.remove(&format!("MILLSTREAM__WORKER__{}", name.to_uppercase()));
        self
    }

    /// The message at which it works until it is released.
    pub(crate) fn working_at(self, message: &str) -> Self {
        let release = self.release_file().display().to_string();
        self.knob("work_at", message).knob("release", &release)
    }

    /// The message at which it keeps its thread busy until it is released.
    pub(crate) fn blocking_at(self, message: &str) -> Self {
        let release = self.release_file().display().to_string();
        self.knob("block_at", message).knob("release", &release)
    }

    /// Lets it end the work of [`working_at`](Self::working_at) and [`blocking_at`](Self::blocking_at).
    pub(crate) fn release(&self) {
        std::fs::write(self.release_file(), "").unwrap();
    }

    fn release_file(&self) -> PathBuf {
        self.directory.path().join("release")
    }

    /// One variable of its environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// One argument of its command line.
    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// One value on its command line.
    pub(crate) fn set(self, setting: &str) -> Self {
        self.argument("--set").argument(setting)
    }

    /// A file of its configuration.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.directory.write(name, text);
        self
    }

    /// The directory of its configuration.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Its group.
    pub(crate) fn group(&self) -> &str {
        self.environment.get("MILLSTREAM__KAFKA__GROUP_ID").map_or("", String::as_str)
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Process {
        let mut program = Process::program(env!("CARGO_BIN_EXE_worker")).argument("--config");
        program = program.argument(self.directory.path());
        for argument in &self.arguments {
            program = program.argument(argument);
        }
        for (name, value) in &self.environment {
            program = program.environment(name, value);
        }
        program.start()
    }
}

/// Said in the log once every subscription has its partitions.
pub(crate) const READY: &str = ": ready";

/// All that a process has written to its error output, as one text.
pub(crate) fn report(process: &Process) -> String {
    process.error_output().join("\n")
}
