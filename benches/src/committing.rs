//! A commit awaited for every message, on a real broker: how much coalescing many handlers' commits brings.

use crate::application::builder;
use crate::child::{Child, hear, say};
use crate::contender::PARTITIONS;
use crate::fill::Filling;
use crate::finish_line::FinishLine;
use crate::quiet::{resident, until_still};
use crate::roles::Role;
use crate::statistics::Sample;
use crate::topics::make;
use crate::window::{Cost, Window};
use anyhow::{Context as _, Result};
use millstream::prelude::*;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const TOPIC: &str = "bench-commits";
/// Of each partition.
const DEPTH: u64 = 12_500;
const KEYS: u64 = 1_250;
const PAYLOAD_BYTES: usize = 100;
/// How many the loop commits: all would take it half a minute.
const LOOPED: u64 = 10_000;
const PATIENCE: Duration = Duration::from_secs(60);
const LISTENER: &str = "Committer.on_message";
const AT_ONCE: u32 = 64;

/// Who commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Committing {
    /// rdkafka, one message after the other.
    Loop,
    /// A listener that awaits `ctx.commit()`.
    Listener,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CommitTask {
    who: Committing,
    brokers: String,
    group: String,
    messages: u64,
}

pub(crate) fn measure(brokers: &str, rounds: usize) -> Result<()> {
    let partitions = (0..PARTITIONS).collect();
    let filling =
        Filling { topics: vec![TOPIC.to_owned()], partitions, depth: DEPTH, keys: KEYS, payload_bytes: PAYLOAD_BYTES };
    make(brokers, PARTITIONS, &filling)?;
    let all = DEPTH * u64::from(PARTITIONS.unsigned_abs());
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let run = |who, round, messages| -> Result<Cost> {
        let group = format!("bench-commits-{who:?}-{now}-{round}");
        let what = group.clone();
        let mut child =
            Child::start(&Role::Committer(CommitTask { who, brokers: brokers.to_owned(), group, messages }))?;
        let (line, _) = child.line(PATIENCE).context(what.clone())?;
        let cost = serde_json::from_str(&line).with_context(|| format!("{what} said {line:?}"))?;
        child.tell("end")?;
        child.ended().context(what)?;
        Ok(cost)
    };
    let [mut looped, mut listener, mut looped_cpu, mut listener_cpu, mut times] = <[Sample; 5]>::default();
    for round in 0..rounds {
        let plain = run(Committing::Loop, round, LOOPED)?;
        let lanes = run(Committing::Listener, round, all)?;
        looped.add(plain.messages_per_second());
        looped_cpu.add(plain.cpu_per_message() / 1e3);
        listener.add(lanes.messages_per_second());
        listener_cpu.add(lanes.cpu_per_message() / 1e3);
        times.add(lanes.messages_per_second() / plain.messages_per_second());
    }
    println!("a commit awaited for every message, {PARTITIONS} partitions, real broker, {rounds} interleaved rounds:");
    let rows =
        [("rdkafka, a loop that commits synchronously", looped, looped_cpu), ("a listener", listener, listener_cpu)];
    for (what, rate, cpu) in rows {
        println!(
            "  {what}: {:.0}/s ({:.0} to {:.0}), CPU {:.1} us/message",
            rate.median(),
            rate.min(),
            rate.max(),
            cpu.median()
        );
    }
    println!("lanes: commits {:.1} ({:.1} to {:.1})", times.median(), times.min(), times.max());
    Ok(())
}

/// The process of one who commits.
pub(crate) fn play(task: &CommitTask) -> Result<()> {
    match task.who {
        Committing::Loop => commit_in_a_loop(task),
        Committing::Listener => listen(task),
    }
}

/// From its first message on: joining the group is not measured.
fn commit_in_a_loop(task: &CommitTask) -> Result<()> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &task.brokers)
        .set("group.id", &task.group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[TOPIC])?;
    let end = Instant::now() + PATIENCE;
    let mut window = None;
    let mut handled = 0;
    while handled < task.messages {
        anyhow::ensure!(Instant::now() < end, "{handled} of {} messages in {PATIENCE:?}", task.messages);
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message?;
        window.get_or_insert_with(Window::open);
        consumer.commit_message(&message, CommitMode::Sync)?;
        handled += 1;
    }
    let window = window.context("nothing was measured")?;
    say(&serde_json::to_string(&window.cost(handled))?)?;
    hear("end")
}

struct Committer {
    line: Arc<FinishLine>,
}

#[consumer]
impl Committer {
    #[kafka_listener("bench-commits", from_beginning = true, auto_commit = false)]
    async fn on_message(&self, context: &Context) -> millstream::Result<()> {
        context.commit().await?;
        self.line.pass();
        Ok(())
    }
}

fn listen(task: &CommitTask) -> Result<()> {
    let base = resident()?;
    let line = Arc::new(FinishLine::new(task.messages));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let app = builder(&task.brokers, &task.group)
        .set(r#"kafka.listeners."Committer.on_message".order_by"#, "key")
        .set(r#"kafka.listeners."Committer.on_message".concurrency"#, i64::from(AT_ONCE))
        .consumer(Committer { line: Arc::clone(&line) })
        .build()?;
    let handle = runtime.block_on(app.start())?;
    handle.pause(LISTENER, .., "the queues are to be full")?;
    runtime.block_on(handle.ready())?;
    until_still(base, task.messages * PAYLOAD_BYTES as u64, PATIENCE)?;
    let window = Window::open();
    handle.resume(LISTENER, ..)?;
    runtime.block_on(line.reached(PATIENCE))?;
    let cost = window.cost(task.messages);
    say(&serde_json::to_string(&cost)?)?;
    hear("end")?;
    Ok(runtime.block_on(handle.shutdown()).map(drop)?)
}
