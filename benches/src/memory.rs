//! `memory`: what a hundred listeners and a thousand partitions keep resident, idle and with full queues.

use crate::application::builder;
use crate::broker::{Broker, BrokerTask};
use crate::child::{Child, hear, say};
use crate::fill::Filling;
use crate::quiet::{resident, until_still};
use crate::roles::Role;
use crate::shelves::{
    ShelfEight, ShelfFive, ShelfFour, ShelfNine, ShelfOne, ShelfSeven, ShelfSix, ShelfTen, ShelfThree, ShelfTwo,
};
use anyhow::{Context as _, Result, ensure};
use millstream::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const SHELVES: usize = 10;
const TOPICS_OF_A_SHELF: usize = 10;
const PARTITIONS: i32 = 10;
const ALL_PARTITIONS: usize = SHELVES * TOPICS_OF_A_SHELF * 10;
/// Of each partition.
const KEYS: u64 = 1_000;
const PATIENCE: Duration = Duration::from_secs(180);
/// Full queues grow by more than this.
const LEAST_GROWTH: u64 = 8 * 1024 * 1024;
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// What the topics are filled with: far more than a thousandth of the budget in each partition.
const SHAPES: [(u64, usize); 2] = [(2_000, 100), (400, 1_000)];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MemoryTask {
    pub(crate) brokers: String,
}

/// Where every handler waits for ever.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    waiting: AtomicUsize,
}

impl Gate {
    pub(crate) async fn pass(&self, _context: &Context) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
    }
}

pub(crate) fn measure() -> Result<()> {
    let topics: Vec<String> = (0..SHELVES)
        .flat_map(|shelf| (0..TOPICS_OF_A_SHELF).map(move |topic| format!("shelf-{shelf}-{topic}")))
        .collect();
    println!("{} listeners, {ALL_PARTITIONS} partitions, one process, default budget", topics.len());
    let (mut most_idle, mut most_full) = (0.0, 0.0);
    for (depth, payload_bytes) in SHAPES {
        let filling =
            Filling { topics: topics.clone(), partitions: (0..PARTITIONS).collect(), depth, keys: KEYS, payload_bytes };
        let mut broker = Broker::start(BrokerTask { partitions: PARTITIONS, filling, fill_later: true })?;
        let mut child = Child::start(&Role::Shelves(MemoryTask { brokers: broker.address.clone() }))?;
        let idle = mebibytes(&mut child)?;
        broker.fill()?;
        child.tell("filled")?;
        let full = mebibytes(&mut child)?;
        println!(
            "  {depth} messages of {payload_bytes} bytes in each partition: idle {idle:.0} MiB, full {full:.0} MiB"
        );
        (most_idle, most_full) = (f64::max(most_idle, idle), f64::max(most_full, full));
    }
    println!("memory: idle {most_idle:.0} MiB, full {most_full:.0} MiB");
    Ok(())
}

fn mebibytes(child: &mut Child) -> Result<f64> {
    let (line, _) = child.line(PATIENCE)?;
    let bytes: f64 = line.parse().with_context(|| format!("not a size: {line:?}"))?;
    Ok(bytes / MEBIBYTE)
}

/// The process with the listeners: says its resident memory, idle and when the queues are full.
pub(crate) fn play(task: &MemoryTask) -> Result<()> {
    let gate = Arc::new(Gate::default());
    let shared = || Arc::clone(&gate);
    let builder = builder(&task.brokers, "shelves")
        .set("kafka.group_protocol", "consumer")
        .consumer(ShelfOne(shared()))
        .consumer(ShelfTwo(shared()))
        .consumer(ShelfThree(shared()))
        .consumer(ShelfFour(shared()))
        .consumer(ShelfFive(shared()))
        .consumer(ShelfSix(shared()))
        .consumer(ShelfSeven(shared()))
        .consumer(ShelfEight(shared()))
        .consumer(ShelfNine(shared()))
        .consumer(ShelfTen(shared()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let handle = builder.build()?.start().await?;
        handle.ready().await?;
        let assigned: usize = handle.listeners().iter().map(|listener| listener.partitions.len()).sum();
        ensure!(assigned == ALL_PARTITIONS, "{assigned} partitions are assigned and not {ALL_PARTITIONS}");
        tokio::task::block_in_place(|| {
            let idle = until_still(resident()?, 0, PATIENCE)?;
            say(&idle.to_string())?;
            hear("filled")?;
            let full = until_still(idle, LEAST_GROWTH, PATIENCE)?;
            let waiting = gate.waiting.load(Ordering::Relaxed);
            ensure!(waiting == ALL_PARTITIONS, "{waiting} handlers wait and not one for each partition");
            say(&full.to_string())
        })
    })
}
