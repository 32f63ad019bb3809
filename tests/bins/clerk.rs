//! An application with a listener that answers, to be killed. Takes the broker, the topic and the group.
//!
//! It says every payload in capitals and prints `handled PAYLOAD` before it does, and `cannot write TOPIC` where it cannot
//! answer. `CLERK_HANGS_AT` names a payload that it is never done with, `CLERK_ABORTS_AT` one that ends the process.

use millstream::prelude::*;
use millstream::{App, Event, RunError, StartError};

#[consumer]
struct Clerk {}

#[consumer]
impl Clerk {
    #[kafka_listener("named-by-the-test", reply)]
    async fn on_request(&self, request: &str) -> Result<String> {
        say("handled", request);
        if is_named("CLERK_ABORTS_AT", request) {
            std::process::abort();
        }
        if is_named("CLERK_HANGS_AT", request) {
            std::future::pending::<()>().await;
        }
        Ok(request.to_uppercase())
    }
}

fn is_named(variable: &str, request: &str) -> bool {
    std::env::var(variable).is_ok_and(|named| named == request)
}

fn app() -> Result<App, StartError> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_default();
    App::builder()
        .discover(false)
        .consumers::<(Clerk,)>()
        .read_files(false)
        .read_environment(false)
        .set("kafka.brokers", next())
        .set("kafka.listeners.\"Clerk.on_request\".topics", next())
        .set("kafka.group_id", next())
        .set("kafka.group_protocol", "cooperative")
        // It may be killed without the group waiting long for it.
        .set("kafka.consumer.properties.\"session.timeout.ms\"", 6000)
        .set("kafka.consumer.properties.\"heartbeat.interval.ms\"", 500)
        .set("kafka.listener_defaults.start", "earliest")
        .on_start(|handle| {
            let mut events = handle.events();
            drop(handle);
            tokio::spawn(async move {
                while let Some(event) = events.next().await {
                    if let Event::CannotWrite { to, .. } = event {
                        say("cannot write", &to);
                    }
                }
            });
            async { Ok(()) }
        })
        .build()
}

#[millstream::main]
async fn main() -> Result<(), RunError> {
    app()?.run().await
}

// Standard output is written line by line, also into a pipe: what was printed survives a SIGKILL.
#[allow(clippy::print_stdout)]
fn say(what: &str, of: &str) {
    println!("{what} {of}");
}
