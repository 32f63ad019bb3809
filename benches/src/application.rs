//! The contender that is measured for: a whole application with one listener that does nothing.

use crate::contender::{Contender, PARTITIONS, Task};
use crate::quiet::resident;
use crate::window::{Cost, Window};
use anyhow::{Result, ensure};
use millstream::prelude::*;
use millstream::{AppBuilder, Handle};
use std::time::Instant;

const LISTENER: &str = "Empty.on_message";

struct Empty;

#[consumer]
impl Empty {
    #[kafka_listener("bench", from_beginning = true)]
    async fn on_message(&self, _context: &Context) {}
}

struct EmptyBatches;

#[consumer]
impl EmptyBatches {
    #[kafka_listener("bench", from_beginning = true, batch = 500)]
    async fn on_batch(&self, _batch: Messages<'_>) {}
}

/// An application of this group that knows nothing but what it is told here.
pub(crate) fn builder(brokers: &str, group: &str) -> AppBuilder {
    App::builder()
        .discover(false)
        .read_files(false)
        .read_environment(false)
        .config_text(format!("[kafka]\nbrokers = [{brokers:?}]\ngroup_id = {group:?}\n"))
}

pub(crate) fn drain(task: &Task) -> Result<Cost> {
    let base = resident()?;
    let started = Window::open();
    // As `#[millstream::main]` makes it.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // A budget that lets everything be fetched; the protocol is the one that the embedded cluster answers soonest.
    let builder =
        builder(&task.brokers, &task.group).set("kafka.group_protocol", "consumer").set("kafka.memory", "1GiB");
    let (builder, listener) = match task.contender {
        Contender::Batches => (builder.consumer(EmptyBatches), "EmptyBatches.on_batch"),
        Contender::PerKey => {
            (builder.consumer(Empty).set(r#"kafka.listeners."Empty.on_message".order_by"#, "key"), LISTENER)
        }
        Contender::Raw | Contender::Millstream | Contender::Receive => (builder.consumer(Empty), LISTENER),
    };
    let handle = runtime.block_on(builder.build()?.start())?;
    let window = if task.from_full_queue {
        handle.pause(listener, .., "the queues are to be full")?;
        runtime.block_on(handle.ready())?;
        task.until_full(base)?;
        let window = Window::open();
        handle.resume(listener, ..)?;
        window
    } else {
        started
    };
    let cost = until_all_handled(&handle, &window, task)?;
    // Leaving would wait for a broker that is frozen.
    std::mem::forget(handle);
    std::mem::forget(runtime);
    Ok(cost)
}

/// Waits until every position is at its end, and tells the cost up to then. A handler that counted would not be
/// empty; so the process is watched until it rests, the cost is noted, and only then the positions are looked at.
fn until_all_handled(handle: &Handle, window: &Window, task: &Task) -> Result<Cost> {
    let end = Instant::now() + task.patience;
    let mut used = window.cpu();
    loop {
        std::thread::sleep(task.look);
        let now = window.cpu();
        let rests = now.saturating_sub(used) < task.look / 4;
        used = now;
        if !rests {
            continue;
        }
        let cost = window.cost(task.messages());
        let handled = handled(handle);
        if handled == task.messages() {
            return Ok(cost);
        }
        ensure!(Instant::now() < end, "{handled} of {} messages handled in {:?}", task.messages(), task.patience);
    }
}

fn handled(handle: &Handle) -> u64 {
    let listeners = handle.listeners();
    let partitions = listeners.iter().flat_map(|listener| &listener.partitions);
    let positions: Vec<u64> = partitions.map(|partition| u64::try_from(partition.position).unwrap_or(0)).collect();
    if positions.len() == PARTITIONS.unsigned_abs() as usize { positions.iter().sum() } else { 0 }
}
