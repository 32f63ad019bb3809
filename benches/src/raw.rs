//! The floor: what librdkafka itself costs the application, by its cheapest call.

// librdkafka's batch call has no safe form; a wrapper would be measured along.
#![allow(unsafe_code)]

use crate::contender::{PARTITIONS, TOPIC, Task, tell_full};
use crate::quiet::resident;
use crate::window::{Cost, Window};
use anyhow::{Context as _, Result, bail, ensure};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka_sys::bindings as sys;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

/// How many messages one call takes.
const BATCH: usize = 1_000;
/// A batch call returns when its batch is full or after this long.
const WAIT_MILLISECONDS: i32 = 100;

pub(crate) fn drain(task: &Task) -> Result<Cost> {
    let base = resident()?;
    let started = Window::open();
    let consumer: BaseConsumer = client(task).create()?;
    consumer.assign(&all_partitions()?)?;
    // SAFETY: a live client; the reference becomes ours and is given back below.
    let queue = unsafe { sys::rd_kafka_queue_get_consumer(consumer.client().native_ptr()) };
    let queue = NonNull::new(queue).context("the consumer has no queue")?;
    let cost = if task.from_full_queue {
        until_full(queue, task)?;
        tell_full(resident()?.saturating_sub(base))?;
        let window = Window::open();
        take_all(queue, task.messages())?;
        window.cost(task.messages())
    } else {
        take_all(queue, task.messages())?;
        started.cost(task.messages())
    };
    // SAFETY: ours, and used by nobody after this.
    unsafe { sys::rd_kafka_queue_destroy(queue.as_ptr()) };
    // Leaving would wait for a broker that is frozen.
    std::mem::forget(consumer);
    Ok(cost)
}

/// Here the queue can be asked.
fn until_full(queue: NonNull<sys::rd_kafka_queue_t>, task: &Task) -> Result<()> {
    let end = Instant::now() + task.patience;
    loop {
        // SAFETY: a live queue.
        let held = unsafe { sys::rd_kafka_queue_length(queue.as_ptr()) } as u64;
        if held >= task.messages() {
            return Ok(());
        }
        ensure!(
            Instant::now() < end,
            "the queue holds {held} of {} messages after {:?}",
            task.messages(),
            task.patience
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn take_all(queue: NonNull<sys::rd_kafka_queue_t>, count: u64) -> Result<()> {
    let mut messages: Vec<*mut sys::rd_kafka_message_t> = vec![std::ptr::null_mut(); BATCH];
    let mut taken = 0;
    while taken < count {
        // SAFETY: a live queue, and room for as many pointers.
        let got = unsafe {
            sys::rd_kafka_consume_batch_queue(queue.as_ptr(), WAIT_MILLISECONDS, messages.as_mut_ptr(), messages.len())
        };
        let got = usize::try_from(got).context("the batch call failed")?;
        for message in messages.iter().take(got) {
            // SAFETY: the call has written that many messages, which are ours to free.
            let error = unsafe {
                let error = (**message).err;
                sys::rd_kafka_message_destroy(*message);
                error
            };
            if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                bail!("an error came in place of a message: {error:?}");
            }
        }
        taken += got as u64;
    }
    Ok(())
}

/// Queues that hold everything, and for the rest what millstream sets by itself.
const PROPERTIES: [(&str, &str); 6] = [
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("queued.min.messages", "1000000"),
    ("queued.max.messages.kbytes", "1048576"),
    ("fetch.queue.backoff.ms", "5"),
    ("fetch.wait.max.ms", "100"),
];

/// The client of a contender that is not millstream.
pub(crate) fn client(task: &Task) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &task.brokers).set("group.id", &task.group);
    for (name, value) in PROPERTIES {
        config.set(name, value);
    }
    config
}

/// Every partition of the topic, from its beginning.
pub(crate) fn all_partitions() -> Result<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(TOPIC, partition, Offset::Offset(0))?;
    }
    Ok(list)
}
