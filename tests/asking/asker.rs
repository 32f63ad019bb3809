//! An application that asks.

use std::sync::Arc;
use std::time::Duration;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{AppBuilder, Handle, Request, Requests};

use crate::service::Service;

/// Longer than anything takes: a test that meets it has failed.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// The time of a request that no reply is to come to.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// A listener that an application needs in order to run at all.
struct Idle;

#[consumer]
impl Idle {
    #[kafka_listener("replaced")]
    async fn on_message(&self) {}
}

/// An application on a broker whose only listener does nothing; `more` is configuration.
pub(crate) fn app(broker: &Broker, idle: &str, more: &str) -> AppBuilder {
    let protocol = if broker.kind() == BrokerKind::Embedded { "consumer" } else { "cooperative" };
    let text = format!(
        r#"
        [kafka]
        brokers = ["{}"]
        group_id = "{}"
        group_protocol = "{protocol}"
        [kafka.listeners."Idle.on_message"]
        topics = ["{idle}"]
        "#,
        broker.bootstrap(),
        unique("group"),
    );
    App::builder()
        .discover(false)
        .read_files(false)
        .read_environment(false)
        .config_text(text)
        .config_text(more)
        .require::<Requests>()
        .consumer(Idle)
}

/// A running application that asks.
pub(crate) struct Asker {
    pub(crate) handle: Handle,
    pub(crate) requests: Arc<Requests>,
}

impl Asker {
    /// One on the broker of a service.
    pub(crate) async fn of(broker: &Broker, service: &Service) -> Self {
        Self::start(app(broker, &service.idle, "")).await
    }

    pub(crate) async fn start(app: AppBuilder) -> Self {
        show_log();
        let handle = app.build().expect("a valid application").start().await.expect("a start");
        let requests = handle.component::<Requests>().expect("requests");
        Self { handle, requests }
    }

    /// One that reads replies of the service already, so that a request with a short time is sent in it.
    pub(crate) async fn ready(broker: &Broker, service: &mut Service) -> Self {
        let asker = Self::of(broker, service).await;
        let asking = asker.to(service).send::<()>();
        service.serving(broker, |asked| vec![asked.last()], asking).await.expect("a first answer");
        asker
    }

    pub(crate) fn to(&self, service: &Service) -> Request {
        self.requests.to(service.topic.as_str()).timeout(LONG)
    }

    /// Ends it: nothing may be left that waits.
    pub(crate) async fn end(self) {
        assert_eq!(self.requests.pending(), 0, "requests that nobody waits for: {:?}", self.requests.counts());
        self.handle.shutdown().await.expect("a clean end");
    }
}

/// Where `RUST_LOG` asks for it. Tests of one process share it.
pub(crate) fn show_log() {
    if std::env::var_os("RUST_LOG").is_some() {
        let subscriber = tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env());
        drop(subscriber.with_writer(std::io::stderr).try_init());
    }
}
