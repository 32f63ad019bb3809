//! An application that asks and listens to nothing, to be killed. Takes the broker, the topic that it asks, and what its
//! requests begin with.
//!
//! It asks a hundred times at once and prints `answered REQUEST with REPLY` or `failed REQUEST: ERROR` for each; when all
//! have ended `pending NUMBER COUNTS`, and it ends.

use futures_util::future::join_all;
use millstream::{App, Requests, RunError, StartError};

const REQUESTS: u32 = 100;

fn app(brokers: String) -> Result<App, StartError> {
    App::builder()
        .discover(false)
        .without_listeners()
        .read_files(false)
        .read_environment(false)
        .set("kafka.brokers", brokers)
        .require::<Requests>()
        .build()
}

#[millstream::main]
async fn main() -> Result<(), RunError> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_default();
    let handle = app(next())?.start().await?;
    let (topic, name) = (next(), next());
    if let Some(requests) = handle.component::<Requests>() {
        join_all((0..REQUESTS).map(|number| ask(&requests, &topic, format!("{name}-{number}")))).await;
        say(&format!("pending {} {:?}", requests.pending(), requests.counts()));
    }
    handle.shutdown().await
}

async fn ask(requests: &Requests, topic: &str, body: String) {
    match requests.to(topic).body(&body).timeout(std::time::Duration::from_secs(60)).send::<String>().await {
        Ok(reply) => say(&format!("answered {body} with {reply}")),
        Err(error) => say(&format!("failed {body}: {error}")),
    }
}

// Standard output is written line by line, also into a pipe: what was printed survives a SIGKILL.
#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
