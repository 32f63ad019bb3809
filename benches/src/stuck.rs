//! One message that never ends: what a full window keeps resident while the topic grows.

use crate::application::builder;
use crate::broker::{Broker, BrokerTask};
use crate::child::{Child, say};
use crate::contender::{PARTITIONS, TOPIC};
use crate::fill::{Filling, fill};
use crate::quiet::{resident, until_still};
use crate::roles::Role;
use anyhow::{Context as _, Result, ensure};
use millstream::Handle;
use millstream::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const STEPS: usize = 10;
/// What each partition gets in a step: far more than a window.
const STEP: u64 = 10_000;
/// Of each partition.
const KEYS: u64 = 1_000;
const PAYLOAD_BYTES: usize = 100;
/// The first key of the first partition.
const STUCK: &[u8] = b"00000000";
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StuckTask {
    brokers: String,
}

/// What the process looks like when nothing moves.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    resident: u64,
    handled: u64,
    /// In the partition that is held.
    open_messages: usize,
    position: i64,
}

pub(crate) fn measure() -> Result<()> {
    let topics = vec![TOPIC.to_owned()];
    let partitions = (0..PARTITIONS).collect();
    let filling = Filling { topics, partitions, depth: STEP, keys: KEYS, payload_bytes: PAYLOAD_BYTES };
    let broker = Broker::start(BrokerTask { partitions: PARTITIONS, filling: filling.clone(), fill_later: false })?;
    let mut child = Child::start(&Role::Stuck(StuckTask { brokers: broker.address.clone() }))?;
    println!("one message that never ends, {PARTITIONS} partitions, window and budget as they are by default:");
    let mut resident = Vec::new();
    for step in 1..=STEPS {
        if step > 1 {
            fill(&broker.address, &filling)?;
        }
        let others = STEP * step as u64 * (u64::from(PARTITIONS.unsigned_abs()) - 1);
        child.tell(&others.to_string())?;
        let (line, _) = child.line(PATIENCE)?;
        let seen: Seen = serde_json::from_str(&line).with_context(|| format!("a child said {line:?}"))?;
        ensure!(seen.position == 0, "the message that is stuck was passed: position {}", seen.position);
        let mebibytes = seen.resident as f64 / MEBIBYTE;
        println!(
            "  {:7} messages written, {:7} handled, {:4} open in the held partition: {mebibytes:.1} MiB",
            STEP * step as u64 * u64::from(PARTITIONS.unsigned_abs()),
            seen.handled,
            seen.open_messages
        );
        resident.push(mebibytes);
    }
    child.tell("end")?;
    let at = |step: usize| resident.get(step).copied().unwrap_or(f64::NAN);
    println!(
        "lanes: memory {:.1} MiB with a full window, {:.1} MiB in the middle, {:.1} MiB at the end",
        at(0),
        at(STEPS / 2),
        at(STEPS - 1)
    );
    Ok(())
}

#[derive(Default)]
struct Handled {
    all: AtomicU64,
    /// Of partitions other than the first.
    elsewhere: AtomicU64,
}

struct Stuck {
    handled: Arc<Handled>,
}

#[consumer]
impl Stuck {
    #[kafka_listener("bench", from_beginning = true)]
    async fn on_message(&self, context: &Context) {
        if context.key() == Some(STUCK) {
            std::future::pending::<()>().await;
        }
        self.handled.all.fetch_add(1, Ordering::Relaxed);
        if context.partition() != 0 {
            self.handled.elsewhere.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The process with the listener.
pub(crate) fn play(task: &StuckTask) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let handled = Arc::new(Handled::default());
    let app = builder(&task.brokers, "stuck")
        .set("kafka.group_protocol", "consumer")
        .set(r#"kafka.listeners."Stuck.on_message".order_by"#, "key")
        .consumer(Stuck { handled: Arc::clone(&handled) })
        .build()?;
    let handle = runtime.block_on(app.start())?;
    runtime.block_on(handle.ready())?;
    loop {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let Ok(others) = line.trim_end().parse::<u64>() else { return Ok(()) };
        let seen = when_still(&handle, &handled, others)?;
        say(&serde_json::to_string(&seen)?)?;
    }
}

/// Waits until the other partitions have handled so many, and nothing moves any more.
fn when_still(handle: &Handle, count: &Handled, others: u64) -> Result<Seen> {
    let end = Instant::now() + PATIENCE;
    while count.elsewhere.load(Ordering::Relaxed) < others {
        ensure!(
            Instant::now() < end,
            "{} of {others} messages handled in {PATIENCE:?}",
            count.elsewhere.load(Ordering::Relaxed)
        );
        std::thread::sleep(LOOK);
    }
    let resident = until_still(resident()?, 0, PATIENCE)?;
    let listeners = handle.listeners();
    let held = listeners.iter().flat_map(|listener| &listener.partitions).find(|partition| partition.partition == 0);
    let held = held.context("the first partition is not assigned")?;
    Ok(Seen {
        resident,
        handled: count.all.load(Ordering::Relaxed),
        open_messages: held.open_messages,
        position: held.position,
    })
}
