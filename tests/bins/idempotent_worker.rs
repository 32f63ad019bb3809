//! An application with an idempotent listener, to be killed. Takes the broker, the topic, the group and the address of Redis.
//!
//! It prints `begins ID`, has its effect, which is to print `handled ID`, and waits for ever where its id begins with
//! `hangs` (before the effect) and `lingers` (after it), unless a fifth argument says `patient`.

use millstream::prelude::*;
use millstream::{App, RunError, StartError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    id: String,
}

#[consumer]
struct Worker {
    #[config("worker.patient")]
    patient: bool,
}

#[consumer]
impl Worker {
    #[kafka_listener("named-by-the-test", idempotent(key = "id", ttl = "1h", lease = "2s", store = "keys"))]
    async fn on_order(&self, Json(order): Json<Order>) -> Result<()> {
        say("begins", &order.id);
        if order.id.starts_with("hangs") && !self.patient {
            std::future::pending::<()>().await;
        }
        say("handled", &order.id);
        if order.id.starts_with("lingers") && !self.patient {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

fn app() -> Result<App, StartError> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_default();
    App::builder()
        .discover(false)
        .consumers::<(Worker,)>()
        .read_files(false)
        .read_environment(false)
        .set("kafka.brokers", next())
        .set("kafka.listeners.\"Worker.on_order\".topics", next())
        .set("kafka.group_id", next())
        .set("kafka.idempotency.keys.type", "redis")
        .set("kafka.idempotency.keys.url", next())
        .set("kafka.listener_defaults.start", "earliest")
        .set("kafka.commit_interval", "100ms")
        .set("worker.patient", next() == "patient")
        .build()
}

#[millstream::main]
async fn main() -> Result<(), RunError> {
    app()?.run().await
}

// Standard output is written line by line, also into a pipe: what was printed survives a SIGKILL.
#[allow(clippy::print_stdout)]
fn say(what: &str, id: &str) {
    println!("{what} {id}");
}
