//! Millstream on both sides.

use super::task::{Asked, Asking, Books, Half, PairTask, SUM, Said, Times};
use crate::application::builder;
use crate::child::{hear, say};
use crate::quiet::resident;
use crate::window::Window;
use anyhow::{Context as _, Result, ensure};
use millstream::prelude::*;
use millstream::{Handle, Requests};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize, Serialize)]
struct Numbers {
    numbers: Vec<i64>,
}

struct Math;

#[consumer]
impl Math {
    #[kafka_listener("bench-requests", reply)]
    async fn sum(&self, Json(asked): Json<Numbers>) -> millstream::Result<i64> {
        Ok(asked.numbers.iter().sum())
    }
}

/// An application has a listener; this one's topic stays empty.
struct Idle;

#[consumer]
impl Idle {
    #[kafka_listener("bench-requests-idle")]
    async fn on_message(&self, _context: &Context) {}
}

/// An application of one half, or of both.
pub(super) struct Running {
    runtime: Runtime,
    handle: Handle,
    topic: Arc<str>,
}

impl Running {
    pub(super) fn start(task: &PairTask) -> Result<Self> {
        // As `#[millstream::main]` makes it.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let mut builder = builder(&task.brokers, &task.group).require::<Requests>();
        builder = match task.half {
            Half::Requester => builder.consumer(Idle),
            Half::Service | Half::Both => builder.consumer(Math),
        };
        if task.asking.in_flight > 1 && task.half != Half::Requester {
            builder = builder
                .set(r#"kafka.listeners."Math.sum".order_by"#, "none")
                .set(r#"kafka.listeners."Math.sum".concurrency"#, 128);
        }
        let handle = runtime.block_on(async {
            let handle = builder.build()?.start().await?;
            handle.ready().await?;
            anyhow::Ok(handle)
        })?;
        Ok(Self { runtime, handle, topic: task.topic.as_str().into() })
    }

    pub(super) fn end(self) -> Result<()> {
        Ok(self.runtime.block_on(self.handle.shutdown())?)
    }

    pub(super) fn ask(self, asking: Asking) -> Result<()> {
        let requests = self.handle.component::<Requests>().context("nothing asks")?;
        self.runtime.block_on(run(
            &requests,
            &self.topic,
            Asking { requests: asking.warm_up, step: None, ..asking },
        ))?;
        say("ready")?;
        hear("go")?;
        let window = Window::open();
        let times = self.runtime.block_on(run(&requests, &self.topic, asking))?;
        let cost = window.cost(asking.requests);
        let counts = requests.counts();
        let books = Books {
            pending: requests.pending() as u64,
            sent: counts.sent,
            answered: counts.answered,
            astray: counts.timed_out + counts.cancelled + counts.late + counts.foreign,
        };
        say(&serde_json::to_string(&Said::Done(Asked { cost, times, books: Some(books) }))?)?;
        hear("end")?;
        self.end()
    }
}

/// As many tasks as requests in flight, each asking one after the other.
async fn run(requests: &Arc<Requests>, topic: &Arc<str>, asking: Asking) -> Result<Times> {
    let answered = Arc::new(AtomicU64::new(0));
    let left = Arc::new(AtomicU64::new(asking.requests));
    let askers: Vec<_> = (0..asking.in_flight)
        .map(|_| {
            let (requests, topic) = (Arc::clone(requests), Arc::clone(topic));
            tokio::spawn(ask(requests, topic, asking, Arc::clone(&left), Arc::clone(&answered)))
        })
        .collect();
    let mut times = Vec::new();
    for asker in askers {
        times.extend(asker.await??);
    }
    Ok(Times::of(times))
}

async fn ask(
    requests: Arc<Requests>,
    topic: Arc<str>,
    asking: Asking,
    left: Arc<AtomicU64>,
    answered: Arc<AtomicU64>,
) -> Result<Vec<u64>> {
    let mut times = Vec::new();
    let take = |left: u64| left.checked_sub(1);
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
        let began = Instant::now();
        let asked = Numbers { numbers: vec![1, 2, 3, 4, 5] };
        let sum: i64 = requests.to(Arc::clone(&topic)).timeout(PATIENCE).body(&asked).send().await?;
        ensure!(sum == SUM, "{sum} is not the sum");
        let answered = answered.fetch_add(1, Ordering::Relaxed) + 1;
        match asking.step {
            None => times.push(u64::try_from(began.elapsed().as_nanos())?),
            Some(step) if answered.is_multiple_of(step) => {
                say(&serde_json::to_string(&Said::Step { answered, resident: resident()? })?)?;
            }
            Some(_) => {}
        }
    }
    Ok(times)
}
