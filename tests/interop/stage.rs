//! Topics of one test, and applications of Millstream on them.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{AppBuilder, Handle, Producers};
use serde_json::{Value, json};

/// Runs only where the foreign programs can.
macro_rules! with_foreign_programs {
    ($($(#[$attribute:meta])* async fn $name:ident($broker:ident : &Broker) $body:block)+) => {
        harness::real_broker! {
            $(
                $(#[$attribute])*
                async fn $name($broker: &Broker) {
                    if crate::program::can_run() $body
                }
            )+
        }
    };
}
pub(crate) use with_foreign_programs;

/// Names of one test.
pub(crate) struct Stage<'b> {
    pub(crate) broker: &'b Broker,
    /// What the names of its topics and groups begin with.
    pub(crate) prefix: String,
}

impl<'b> Stage<'b> {
    /// Creates topics `PREFIX.NAME` of three partitions each.
    pub(crate) async fn new(broker: &'b Broker, names: &[&str]) -> Self {
        Self::with_partitions(broker, names, 3).await
    }

    pub(crate) async fn with_partitions(broker: &'b Broker, names: &[&str], partitions: i32) -> Self {
        let stage = Self { broker, prefix: unique("interop") };
        for name in names {
            broker.create_topic(&stage.topic(name), partitions).await;
        }
        stage
    }

    pub(crate) fn topic(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    pub(crate) fn group(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// An application whose listener `id` reads the topic `name`; more is said by configuration.
    pub(crate) fn app(&self, group: &str, listeners: &[(&str, &str)]) -> AppBuilder {
        use std::fmt::Write as _;
        show_log();
        let mut text = format!(
            r#"
            [kafka]
            brokers = ["{}"]
            group_id = "{}"
            commit_interval = "100ms"
            [kafka.requests]
            timeout = "60s"
            [kafka.listener_defaults]
            start = "earliest"
            [kafka.consumer.properties]
            "fetch.wait.max.ms" = 10
            "#,
            self.broker.bootstrap(),
            self.group(group),
        );
        for (id, name) in listeners {
            let topic = self.topic(name);
            writeln!(text, "[kafka.listeners.\"{id}\"]\ntopics = [\"{topic}\"]").unwrap();
        }
        App::builder()
            .discover(false)
            .read_files(false)
            .read_environment(false)
            .config_text(text)
            .require::<Producer>()
            .require::<Producers>()
    }
}

/// The log of the applications is shown where `RUST_LOG` asks for it.
fn show_log() {
    if let Ok(filter) = std::env::var("RUST_LOG") {
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        // Another test has already done it.
        drop(subscriber.try_init());
    }
}

/// Starts an application.
pub(crate) async fn start(app: AppBuilder) -> Handle {
    app.build().expect("a valid application").start().await.expect("a start")
}

/// Hexadecimal digits, as the programs write bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |bits: u8| char::from_digit(bits.into(), 16).expect("four bits");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// A listener that writes down what it gets, as the programs report it.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Vec<Value>>>);

#[consumer]
impl Witness {
    #[kafka_listener("replaced")]
    async fn on_message(&self, context: &Context) {
        let headers = context.headers().iter().map(|(name, value)| json!([name, value.map(hex)]));
        self.0.lock().unwrap().push(json!({
            "partition": context.partition(),
            "offset": context.offset(),
            "key": context.key().map(hex),
            "value": context.payload().map(hex),
            "headers": headers.collect::<Vec<_>>(),
        }));
    }
}

impl Witness {
    /// Waits for so many messages, and gives them in the order of partition and offset.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Value> {
        let mut got = wait_until(&format!("the witness has {count} messages"), async || {
            let got = self.0.lock().unwrap().clone();
            (got.len() >= count).then_some(got)
        })
        .await;
        sort(&mut got);
        got
    }
}

/// Into the order of partition and offset.
pub(crate) fn sort(messages: &mut [Value]) {
    messages.sort_by_key(|message| (message["partition"].as_i64(), message["offset"].as_i64()));
}
