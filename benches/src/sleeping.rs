//! Many handlers that wait, side by side: how near a listener comes to what their number allows.

use crate::application::builder;
use crate::broker::{Broker, BrokerTask};
use crate::child::{Child, hear, say};
use crate::contender::{PARTITIONS, TOPIC};
use crate::fill::Filling;
use crate::finish_line::FinishLine;
use crate::quiet::{resident, until_still};
use crate::roles::Role;
use crate::statistics::Sample;
use crate::window::{Cost, Window};
use anyhow::{Context as _, Result};
use millstream::prelude::*;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Of each partition.
const DEPTH: u64 = 2_500;
/// Of each partition: two messages of a key.
const KEYS: u64 = 1_250;
const PAYLOAD_BYTES: usize = 100;
const AT_ONCE: u32 = 256;
const SLEEP: Duration = Duration::from_millis(1);
/// How many sleeps, one after the other, tell how long one is.
const SLEEPS: u32 = 500;
const PATIENCE: Duration = Duration::from_secs(60);
const LISTENER: &str = "Sleeper.on_message";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SleepTask {
    brokers: String,
    group: String,
    messages: u64,
}

/// What a process found.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Found {
    /// How long one sleep takes on an idle runtime.
    sleep_nanoseconds: f64,
    /// What as many tasks as handlers need for as many sleeps as messages, without anything around.
    alone: Cost,
    /// What the listener needs.
    listener: Cost,
}

pub(crate) fn measure(rounds: usize) -> Result<()> {
    let topics = vec![TOPIC.to_owned()];
    let partitions = (0..PARTITIONS).collect();
    let filling = Filling { topics, partitions, depth: DEPTH, keys: KEYS, payload_bytes: PAYLOAD_BYTES };
    let broker = Broker::start(BrokerTask { partitions: PARTITIONS, filling, fill_later: false })?;
    let messages = DEPTH * u64::from(PARTITIONS.unsigned_abs());
    let [mut sleep, mut alone, mut listener, mut cpu, mut share] = <[Sample; 5]>::default();
    for round in 0..rounds {
        let group = format!("bench-sleeping-{round}");
        let task = SleepTask { brokers: broker.address.clone(), group, messages };
        let mut child = Child::start(&Role::Sleeper(task))?;
        let (line, _) = child.line(PATIENCE)?;
        let found: Found = serde_json::from_str(&line).with_context(|| format!("a sleeper said {line:?}"))?;
        child.tell("end")?;
        child.ended()?;
        let possible = f64::from(AT_ONCE) / found.sleep_nanoseconds * 1e9;
        sleep.add(found.sleep_nanoseconds / 1e6);
        alone.add(found.alone.messages_per_second());
        listener.add(found.listener.messages_per_second());
        cpu.add(found.listener.cpu_per_message() / 1e3);
        share.add(found.listener.messages_per_second() / possible);
    }
    println!("{messages} messages of {SLEEP:?} of waiting, {PARTITIONS} partitions, {} keys, {AT_ONCE} at once:", {
        KEYS * u64::from(PARTITIONS.unsigned_abs())
    });
    println!("  one sleep takes {:.2} ms ({:.2} to {:.2})", sleep.median(), sleep.min(), sleep.max());
    println!("  {AT_ONCE} tasks alone {:.0}/s ({:.0} to {:.0})", alone.median(), alone.min(), alone.max());
    println!(
        "  the listener {:.0}/s ({:.0} to {:.0}), CPU {:.1} us/message",
        listener.median(),
        listener.min(),
        listener.max(),
        cpu.median()
    );
    println!("lanes: sleeping {:.2} ({:.2} to {:.2})", share.median(), share.min(), share.max());
    Ok(())
}

struct Sleeper {
    line: Arc<FinishLine>,
}

#[consumer]
impl Sleeper {
    #[kafka_listener("bench", from_beginning = true)]
    async fn on_message(&self, _context: &Context) {
        tokio::time::sleep(SLEEP).await;
        self.line.pass();
    }
}

/// The sleeper's process.
pub(crate) fn play(task: &SleepTask) -> Result<()> {
    let base = resident()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sleep_nanoseconds = runtime.block_on(runtime.spawn(one_sleep()))?;
    let alone = runtime.block_on(alone(task.messages))?;
    let line = Arc::new(FinishLine::new(task.messages));
    let app = builder(&task.brokers, &task.group)
        .set("kafka.group_protocol", "consumer")
        .set(r#"kafka.listeners."Sleeper.on_message".order_by"#, "key")
        .set(r#"kafka.listeners."Sleeper.on_message".concurrency"#, i64::from(AT_ONCE))
        .consumer(Sleeper { line: Arc::clone(&line) })
        .build()?;
    let handle = runtime.block_on(app.start())?;
    handle.pause(LISTENER, .., "the queues are to be full")?;
    runtime.block_on(handle.ready())?;
    until_still(base, task.messages * PAYLOAD_BYTES as u64, PATIENCE)?;
    let window = Window::open();
    handle.resume(LISTENER, ..)?;
    runtime.block_on(line.reached(PATIENCE))?;
    let listener = window.cost(task.messages);
    say(&serde_json::to_string(&Found { sleep_nanoseconds, alone, listener })?)?;
    hear("end")
}

async fn one_sleep() -> f64 {
    let began = Instant::now();
    for _ in 0..SLEEPS {
        tokio::time::sleep(SLEEP).await;
    }
    began.elapsed().as_nanos() as f64 / f64::from(SLEEPS)
}

/// What tokio itself allows: as many tasks as handlers, which take sleeps from one heap.
async fn alone(messages: u64) -> Result<Cost> {
    let line = Arc::new(FinishLine::new(messages));
    let taken = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let window = Window::open();
    for _ in 0..AT_ONCE {
        let (line, taken) = (Arc::clone(&line), Arc::clone(&taken));
        tokio::spawn(async move {
            while taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < messages {
                tokio::time::sleep(SLEEP).await;
                line.pass();
            }
        });
    }
    line.reached(PATIENCE).await?;
    Ok(window.cost(messages))
}
