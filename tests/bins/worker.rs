//! An application as users write it, to be signalled, killed and misconfigured.
//!
//! Each listener prints `handled TOPIC PARTITION OFFSET` when it has done its work. What it meets on the way says
//! `[worker]`, each at a message `PARTITION@OFFSET`. `Worker.on_message` commits by itself; the others are enabled by the
//! configuration.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use millstream::RunError;
use millstream::prelude::*;
use serde::Deserialize;

/// One message of the topic.
#[derive(Deserialize, PartialEq)]
#[serde(try_from = "String")]
struct Message {
    partition: i32,
    offset: i64,
}

impl TryFrom<String> for Message {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split_once('@').and_then(|(partition, offset)| {
            Some(Self { partition: i32::from_str(partition).ok()?, offset: i64::from_str(offset).ok()? })
        });
        parts.ok_or_else(|| format!("expects PARTITION@OFFSET, not {text:?}"))
    }
}

#[derive(Deserialize)]
struct Order {
    cents: u64,
}

#[consumer]
struct Worker {
    /// How long every message takes.
    #[config("worker.delay_ms")]
    delay_ms: Option<u64>,
    /// Fails each time.
    #[config("worker.fail_at")]
    fail_at: Option<Message>,
    /// Panics each time.
    #[config("worker.panic_at")]
    panic_at: Option<Message>,
    /// Kills the process each time, as a fault in foreign code does.
    #[config("worker.abort_at")]
    abort_at: Option<Message>,
    /// Works until there is a file `worker.release`.
    #[config("worker.work_at")]
    work_at: Option<Message>,
    /// The same without ever letting its thread go.
    #[config("worker.block_at")]
    block_at: Option<Message>,
    #[config("worker.release")]
    release: Option<String>,
}

#[consumer]
impl Worker {
    #[kafka_listener("named-by-the-test")]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.work(ctx).await
    }

    #[kafka_listener("named-by-the-test", enabled = false, auto_commit = false)]
    async fn by_hand(&self, ctx: &Context) -> Result<()> {
        self.work(ctx).await?;
        ctx.commit().await?;
        Ok(())
    }

    #[kafka_listener("named-by-the-test", enabled = false)]
    async fn on_order(&self, Json(order): Json<Order>, ctx: &Context) -> Result<()> {
        say("ordered", &order.cents);
        self.work(ctx).await
    }
}

impl Worker {
    #[allow(clippy::panic)] // on demand
    async fn work(&self, ctx: &Context) -> Result<()> {
        let message = Message { partition: ctx.partition(), offset: ctx.offset() };
        let is = |knob: &Option<Message>| knob.as_ref() == Some(&message);
        let name = format!("{} {} {}", ctx.topic(), ctx.partition(), ctx.offset());
        if let Some(delay) = self.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if is(&self.fail_at) {
            say("failing", &name);
            return Err(Error::new("told to fail"));
        }
        if is(&self.abort_at) {
            say("aborting", &name);
            std::process::abort();
        }
        if is(&self.panic_at) {
            say("panicking", &name);
            panic!("told to panic");
        }
        if is(&self.work_at) {
            say("working", &name);
            while !self.released() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        if is(&self.block_at) {
            say("blocking", &name);
            while !self.released() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        say("handled", &name);
        Ok(())
    }

    fn released(&self) -> bool {
        self.release.as_ref().is_some_and(|file| Path::new(file).exists())
    }
}

#[millstream::main]
async fn main() -> Result<(), RunError> {
    App::from_args()?.run().await
}

// Standard output is written line by line, also into a pipe: what was printed survives a SIGKILL.
#[allow(clippy::print_stdout)]
fn say(what: &str, of: &dyn fmt::Display) {
    println!("{what} {of}");
}
