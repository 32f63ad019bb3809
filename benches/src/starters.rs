//! Programs whose first message is waited for.

use crate::application::builder;
use crate::child::{hear, say};
use anyhow::Result;
use millstream::prelude::*;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The topic of the one listener.
pub(crate) const ONE: &str = "bench-start";
/// The topics of the five.
pub(crate) const FIVE: [&str; 5] = ["bench-five-1", "bench-five-2", "bench-five-3", "bench-five-4", "bench-five-5"];

/// Who starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Starter {
    /// An application with one listener.
    One,
    /// An application with five listeners of one group, a topic each.
    Five,
    /// librdkafka subscribing, with nothing set but the group and the beginning.
    Plain,
}

impl Starter {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::One, Self::Five];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One => "millstream, one listener",
            Self::Five => "millstream, five listeners of one group, the last one's first message",
            Self::Plain => "plain librdkafka, subscribe",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StartTask {
    pub(crate) starter: Starter,
    pub(crate) brokers: String,
    pub(crate) group: String,
}

/// The starter's process: says `handled` at its first message, or when each of its listeners has had one.
pub(crate) fn play(task: &StartTask) -> Result<()> {
    match task.starter {
        Starter::Plain => plain(task)?,
        Starter::One => {
            let (first, handled) = unbounded_channel();
            wait(builder(&task.brokers, &task.group).consumer(OneListener { first }), handled, 1)?;
        }
        Starter::Five => {
            let (first, handled) = unbounded_channel();
            wait(builder(&task.brokers, &task.group).consumer(FiveListeners { first }), handled, FIVE.len())?;
        }
    }
    Ok(())
}

fn wait(builder: millstream::AppBuilder, mut handled: UnboundedReceiver<()>, listeners: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let handle = builder.build()?.start().await?;
        for _ in 0..listeners {
            handled.recv().await;
        }
        say("handled")?;
        tokio::task::block_in_place(|| hear("end"))?;
        // The group is left before the next run begins.
        Ok(handle.shutdown().await?)
    })
}

struct OneListener {
    first: UnboundedSender<()>,
}

#[consumer]
impl OneListener {
    #[kafka_listener("bench-start", from_beginning = true)]
    async fn on_message(&self, _context: &Context) {
        // Nobody listens any more once it has ended.
        self.first.send(()).ok();
    }
}

struct FiveListeners {
    first: UnboundedSender<()>,
}

#[consumer]
impl FiveListeners {
    #[kafka_listener("bench-five-1", from_beginning = true)]
    async fn on_first(&self, _context: &Context) {
        self.first.send(()).ok();
    }

    #[kafka_listener("bench-five-2", from_beginning = true)]
    async fn on_second(&self, _context: &Context) {
        self.first.send(()).ok();
    }

    #[kafka_listener("bench-five-3", from_beginning = true)]
    async fn on_third(&self, _context: &Context) {
        self.first.send(()).ok();
    }

    #[kafka_listener("bench-five-4", from_beginning = true)]
    async fn on_fourth(&self, _context: &Context) {
        self.first.send(()).ok();
    }

    #[kafka_listener("bench-five-5", from_beginning = true)]
    async fn on_fifth(&self, _context: &Context) {
        self.first.send(()).ok();
    }
}

fn plain(task: &StartTask) -> Result<()> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &task.brokers)
        .set("group.id", &task.group)
        .set("auto.offset.reset", "earliest")
        .create()?;
    consumer.subscribe(&[ONE])?;
    loop {
        match consumer.poll(Duration::from_millis(100)) {
            None => {}
            Some(Ok(_)) => break,
            Some(Err(error)) => return Err(error.into()),
        }
    }
    say("handled")?;
    hear("end")
}
