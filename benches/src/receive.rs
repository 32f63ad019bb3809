//! rdkafka's own way for asynchronous programs: one message an await.

use crate::contender::Task;
use crate::quiet::resident;
use crate::raw::{all_partitions, client};
use crate::window::{Cost, Window};
use anyhow::Result;
use rdkafka::consumer::{Consumer as _, StreamConsumer};

pub(crate) fn drain(task: &Task) -> Result<Cost> {
    let base = resident()?;
    let started = Window::open();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let consumer: StreamConsumer = {
        let _entered = runtime.enter();
        client(task).create()?
    };
    consumer.assign(&all_partitions()?)?;
    let window = if task.from_full_queue {
        task.until_full(base)?;
        Window::open()
    } else {
        started
    };
    let messages = task.messages();
    // A task of its own, as an application would have it: not the thread that built the runtime.
    let consumer = runtime.block_on(runtime.spawn(async move {
        for _ in 0..messages {
            consumer.recv().await?;
        }
        Ok::<_, rdkafka::error::KafkaError>(consumer)
    }))??;
    let cost = window.cost(messages);
    // Leaving would wait for a broker that is frozen.
    std::mem::forget(consumer);
    std::mem::forget(runtime);
    Ok(cost)
}
