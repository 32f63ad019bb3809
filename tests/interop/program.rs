//! A program of another framework, started from its lock file and told what to do line by line.

use std::collections::HashMap;
use std::env;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use harness::prelude::*;
use serde_json::{Value, json};
use tokio::sync::{OnceCell, oneshot};

/// How many lines of a program's error output a failure shows.
const SHOWN: usize = 30;

/// One of the programs in this directory. It runs until the tests' own process ends or the value is dropped.
pub(crate) struct Program {
    name: &'static str,
    child: Mutex<Child>,
    input: Mutex<ChildStdin>,
    said: Arc<Said>,
    last_id: AtomicU64,
}

/// What a program has said so far.
#[derive(Default)]
struct Said {
    waiting: Mutex<Waiting>,
    events: Mutex<Vec<Value>>,
    errors: Mutex<Vec<String>>,
}

/// Who waits for which answer; the first line a program says has the id 0.
#[derive(Default)]
struct Waiting {
    askers: HashMap<u64, oneshot::Sender<Value>>,
    ended: bool,
}

impl Program {
    /// The `NestJS` program that all tests share: clients and services of any name, each with topics of its own.
    pub(crate) async fn nest(broker: &Broker) -> &'static Self {
        static NEST: OnceCell<Program> = OnceCell::const_new();
        Self::shared(&NEST, "nest", broker).await
    }

    /// The Spring program that all tests share.
    pub(crate) async fn spring(broker: &Broker) -> &'static Self {
        static SPRING: OnceCell<Program> = OnceCell::const_new();
        Self::shared(&SPRING, "spring", broker).await
    }

    /// The kafkajs program that all tests share.
    pub(crate) async fn kafkajs(broker: &Broker) -> &'static Self {
        static KAFKAJS: OnceCell<Program> = OnceCell::const_new();
        Self::shared(&KAFKAJS, "kafkajs", broker).await
    }

    /// A Midway program: what it consumes is in its configuration.
    pub(crate) async fn midway(broker: &Broker, topic: &str, group: &str) -> Self {
        Self::start("midway", broker, &[("KAFKA_TOPIC", topic), ("KAFKA_GROUP", group)]).await
    }

    async fn shared(cell: &'static OnceCell<Self>, name: &'static str, broker: &Broker) -> &'static Self {
        cell.get_or_init(|| Self::start(name, broker, &[])).await
    }

    async fn start(name: &'static str, broker: &Broker, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(script());
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("MILLSTREAM") {
                command.env_remove(variable);
            }
        }
        let mut child = command
            .args(["run", name])
            .env("KAFKA_BROKERS", broker.bootstrap())
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Not the tests' own: whoever reads theirs to its end would wait for this program.
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let said = Arc::new(Said::default());
        let (ready, is_ready) = oneshot::channel();
        lock(&said.waiting).askers.insert(0, ready);
        let input = child.stdin.take().expect("its input is a pipe");
        Arc::clone(&said).listen(child.stdout.take().expect("its output is a pipe"));
        Arc::clone(&said).listen_to_errors(child.stderr.take().expect("its error output is a pipe"));
        let (child, input) = (Mutex::new(child), Mutex::new(input));
        let program = Self { name, child, input, said, last_id: AtomicU64::new(0) };
        if is_ready.await.is_err() {
            program.fail("it ended before it was ready");
        }
        program
    }

    /// Has a command carried out, and gives its result.
    ///
    /// # Panics
    /// When the command fails, and when the program ends.
    pub(crate) async fn tell(&self, command: &str, mut arguments: Value) -> Value {
        let mut answer = self.said_to(command, &mut arguments).await;
        if let Some(failed) = answer.get("failed") {
            self.fail(&format!("`{command}` failed: {failed}"));
        }
        answer["result"].take()
    }

    async fn said_to(&self, command: &str, arguments: &mut Value) -> Value {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        arguments["id"] = json!(id);
        arguments["do"] = json!(command);
        let (asker, answer) = oneshot::channel();
        {
            let mut waiting = lock(&self.said.waiting);
            if !waiting.ended {
                waiting.askers.insert(id, asker);
            }
        }
        let line = format!("{arguments}\n");
        if lock(&self.input).write_all(line.as_bytes()).is_err() {
            self.fail(&format!("it takes no `{command}` any more"));
        }
        match answer.await {
            Ok(answer) => answer,
            Err(_) => self.fail(&format!("it ended before it answered `{command}`")),
        }
    }

    /// What it has reported so far by itself and is `true` of the condition.
    pub(crate) fn events(&self, condition: impl Fn(&Value) -> bool) -> Vec<Value> {
        lock(&self.said.events).iter().filter(|event| condition(event)).cloned().collect()
    }

    /// Waits for so many reports at least.
    pub(crate) async fn wait_for_events(
        &self,
        what: &str,
        count: usize,
        condition: impl Fn(&Value) -> bool,
    ) -> Vec<Value> {
        let what = format!("{} reports {what}, {count} times", self.name);
        wait_until(&what, async || {
            let events = self.events(&condition);
            (events.len() >= count).then_some(events)
        })
        .await
    }

    fn fail(&self, what: &str) -> ! {
        let errors = lock(&self.said.errors);
        let shown = &errors[errors.len().saturating_sub(SHOWN)..];
        panic!("{}: {what}; the end of its error output:\n    {}", self.name, shown.join("\n    "))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        drop(child.kill());
        drop(child.wait());
    }
}

impl Said {
    fn listen(self: Arc<Self>, output: impl Read + Send + 'static) {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                match serde_json::from_str::<Value>(&line) {
                    Ok(value) => self.hear(value),
                    Err(_) => lock(&self.errors).push(format!("(standard output) {line}")),
                }
            }
            let mut waiting = lock(&self.waiting);
            waiting.ended = true;
            waiting.askers.clear();
        });
    }

    fn hear(&self, value: Value) {
        let id = if value.get("ready").is_some() { Some(0) } else { value["id"].as_u64() };
        match id {
            Some(id) => {
                if let Some(asker) = lock(&self.waiting).askers.remove(&id) {
                    // A test that failed meanwhile waits no more.
                    drop(asker.send(value));
                }
            }
            None => lock(&self.events).push(value),
        }
    }

    fn listen_to_errors(self: Arc<Self>, output: impl Read + Send + 'static) {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                lock(&self.errors).push(line);
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/interop")
}

/// Whether the programs can run here. Continuous integration has to have what they need.
///
/// # Panics
/// When a tool is missing and the environment says `CI=true`.
pub(crate) fn can_run() -> bool {
    let output = Command::new(script()).arg("missing").output().expect("scripts/interop runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let missing = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(", ");
    if missing.is_empty() {
        return true;
    }
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "the programs of tests/interop need {missing}, and CI=true asks for their tests; install them"
    );
    eprintln!("skipped: the programs of tests/interop need {missing}, which is not installed here");
    false
}
