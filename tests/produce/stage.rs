//! A topic of one test, and applications that send to it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Admin, AppBuilder, Handle, Producers};
use tracing_subscriber::EnvFilter;

/// A listener that an application needs in order to run at all.
pub(crate) struct Idle;

#[consumer]
impl Idle {
    #[kafka_listener("replaced")]
    async fn on_message(&self) {}
}

/// A topic and a group on a broker.
pub(crate) struct Stage<'b> {
    pub(crate) broker: &'b Broker,
    pub(crate) topic: String,
    pub(crate) group: String,
}

impl<'b> Stage<'b> {
    pub(crate) async fn new(broker: &'b Broker, partitions: i32) -> Self {
        let stage = Self { broker, topic: unique("topic"), group: unique("group") };
        broker.create_topic(&stage.topic, partitions).await;
        stage
    }

    /// An application on the stage's broker without a listener; `more` is configuration.
    pub(crate) fn bare(&self, more: &str) -> AppBuilder {
        collect_log();
        let protocol = if self.broker.kind() == BrokerKind::Embedded { "consumer" } else { "cooperative" };
        let text = format!(
            r#"
            [kafka]
            brokers = ["{}"]
            group_id = "{}"
            group_protocol = "{protocol}"
            commit_interval = "100ms"
            [kafka.listener_defaults]
            start = "earliest"
            [kafka.consumer.properties]
            "fetch.wait.max.ms" = 10
            "#,
            self.broker.bootstrap(),
            self.group,
        );
        App::builder()
            .discover(false)
            .read_files(false)
            .read_environment(false)
            .config_text(text)
            .config_text(more)
            .require::<Producer>()
            .require::<Producers>()
            .require::<Admin>()
    }

    /// One whose only listener does nothing.
    pub(crate) fn app(&self, more: &str) -> AppBuilder {
        let idle = format!("[kafka.listeners.\"Idle.on_message\"]\ntopics = [\"{}\"]\n", self.topic);
        self.bare(&idle).config_text(more).consumer(Idle)
    }

    /// Starts an application and gives what sends.
    pub(crate) async fn sender(&self, more: &str) -> Sender {
        Sender::start(self.app(more)).await
    }

    pub(crate) fn message(&self) -> OutgoingMessage {
        OutgoingMessage::new(self.topic.as_str())
    }
}

/// A running application and its producer.
pub(crate) struct Sender {
    pub(crate) handle: Handle,
    pub(crate) producer: Arc<Producer>,
    pub(crate) admin: Arc<Admin>,
}

impl Sender {
    pub(crate) async fn start(app: AppBuilder) -> Self {
        let handle = app.build().expect("a valid application").start().await.expect("a start");
        let producer = handle.component::<Producer>().expect("a producer");
        let admin = handle.component::<Admin>().expect("an admin");
        Self { handle, producer, admin }
    }

    pub(crate) async fn end(self) {
        self.handle.shutdown().await.expect("a clean end");
    }
}

static LOG: OnceLock<Log> = OnceLock::new();

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::env::var_os("RUST_LOG").is_some() {
            io::stderr().write_all(bytes)?;
        }
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn collect_log() {
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        // Tests of one process share it: each looks for its own names.
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(
                std::env::var("RUST_LOG").unwrap_or_else(|_| "warn,millstream=info".into()),
            ))
            .with_ansi(false)
            .with_writer(move || writer.clone());
        subscriber.init();
        log
    });
}

/// The lines of the log that have this text.
pub(crate) fn log_lines(text: &str) -> Vec<String> {
    let log = LOG.get().expect("an application was put together");
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
}
