//! A member of a group as a process: prints `handled TOPIC PARTITION OFFSET` for each message, and what happens to it.
//!
//! Arguments: brokers, group, topic, `handle` or `hold`, and then what every application understands (`--set`). With
//! `hold` a handler prints `holding TOPIC PARTITION OFFSET` and never ends.

use std::env;

use millstream::prelude::*;
use millstream::{Args, Event, Handle};

struct GroupMember {
    hold: bool,
}

#[consumer]
impl GroupMember {
    #[kafka_listener("named-by-the-test")]
    async fn on_message(&self, ctx: &Context) {
        let (topic, partition, offset) = (ctx.topic(), ctx.partition(), ctx.offset());
        if self.hold {
            say(&format!("holding {topic} {partition} {offset}"));
            std::future::pending::<()>().await;
        }
        say(&format!("handled {topic} {partition} {offset}"));
    }
}

#[millstream::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("the argument {what} is missing"));
    let (brokers, group, topic, mode) = (next("brokers")?, next("group")?, next("topic")?, next("mode")?);
    let brokers: Vec<String> = brokers.split(',').map(|address| format!("{address:?}")).collect();
    let config = format!("[kafka]\nbrokers = [{}]\ngroup_id = {group:?}\n", brokers.join(", "));
    App::builder()
        .read_files(false)
        .discover(false)
        .config_text(config)
        .set("kafka.listeners.\"GroupMember.on_message\".topics", [topic])
        .args(Args::parse(arguments)?)
        .consumer(GroupMember { hold: mode == "hold" })
        .on_start(|handle| async move {
            tokio::spawn(tell(handle));
            Ok(())
        })
        .on_ready(|_| async {
            say("ready");
            Ok(())
        })
        .build()?
        .run()
        .await?;
    Ok(())
}

async fn tell(handle: Handle) {
    let mut events = handle.events();
    drop(handle);
    while let Some(event) = events.next().await {
        match event {
            Event::Assigned { partitions, .. } => say(&format!("assigned {} partitions", partitions.len())),
            Event::Revoked { lost, .. } => say(if lost { "lost" } else { "revoked" }),
            Event::Rebuilding { reason, .. } => say(&format!("rebuilding: {reason}")),
            _ => {}
        }
    }
}

// Standard output is written line by line, also into a pipe: what was printed survives a SIGKILL.
#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
