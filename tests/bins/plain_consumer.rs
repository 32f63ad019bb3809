//! A consumer on plain `rdkafka`: prints `handled TOPIC PARTITION OFFSET` for each record and commits each one.
//!
//! It stands in for an application where the harness itself is tested, and beside one where a member that is not
//! millstream's is wanted in a group. Arguments: brokers, group, topic, and `NAME=VALUE` client properties.

use std::env;
use std::error::Error;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("the argument {what} is missing"));
    let (brokers, group, topic) = (next("brokers")?, next("group")?, next("topic")?);
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "6000")
        .set("fetch.wait.max.ms", "10");
    for property in arguments {
        let (name, value) = property.split_once('=').ok_or(format!("`{property}` is no NAME=VALUE"))?;
        config.set(name, value);
    }
    let consumer: BaseConsumer = config.create()?;
    consumer.subscribe(&[&topic])?;
    println_line("ready");
    loop {
        match consumer.poll(Duration::from_secs(1)) {
            None => {}
            Some(Ok(message)) => {
                println_line(&format!("handled {} {} {}", message.topic(), message.partition(), message.offset()));
                consumer.commit_message(&message, CommitMode::Sync)?;
            }
            // The client goes on by itself after all others.
            Some(Err(error @ KafkaError::MessageConsumptionFatal(_))) => return Err(error.into()),
            Some(Err(error)) => println_line(&format!("error: {error}")),
        }
    }
}

// Standard output is written line by line, also into a pipe: what was printed survives a SIGKILL.
#[allow(clippy::print_stdout)]
fn println_line(line: &str) {
    println!("{line}");
}
