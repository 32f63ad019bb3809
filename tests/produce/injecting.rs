//! Producers as fields and arguments.

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Admin, AppBuilder, Producers};

use crate::stage::{Sender, Stage};

/// Sends on what it gets.
#[consumer]
struct Forwarder {
    producer: Arc<Producer>,
    #[config("forwarder.to")]
    to: String,
}

#[consumer]
impl Forwarder {
    #[kafka_listener("replaced")]
    async fn on_message(&self, payload: &str, producers: Inject<Producers>, admin: Inject<Admin>) -> Result<()> {
        assert_eq!(admin.cluster(), "default");
        self.producer.send(OutgoingMessage::new(self.to.as_str()).key("field").payload(payload)).await?;
        let other = producers.of("other")?;
        other.send(OutgoingMessage::new(self.to.as_str()).key("argument").payload(payload)).await?;
        Ok(())
    }
}

fn app(stage: &Stage<'_>, to: &str) -> AppBuilder {
    let more = format!(
        "[forwarder]\nto = \"{to}\"\n[kafka.clusters.other]\nbrokers = [\"{}\"]\n[kafka.listeners.\"Forwarder.on_message\"]\ntopics = [\"{}\"]\n",
        stage.broker.bootstrap(),
        stage.topic,
    );
    stage.bare(&more).consumers::<(Forwarder,)>()
}

both_brokers! {
    async fn a_listener_sends_through_a_field_and_through_an_argument(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let to = unique("to");
        broker.create_topic(&to, 1).await;
        let sender = Sender::start(app(&stage, &to)).await;
        sender.producer.send(stage.message().payload("hello")).await.unwrap();
        let received = wait_until("both messages were sent on", async || {
            let received = broker.read_all(&to).await;
            (received.len() == 2).then_some(received)
        })
        .await;
        sender.end().await;
        let keys: Vec<&[u8]> = received.iter().map(|record| record.key.as_deref().unwrap()).collect();
        assert_eq!(keys, [&b"field"[..], b"argument"]);
        assert!(received.iter().all(|record| record.text() == "hello"));
    }
}

embedded_broker! {
    async fn a_cluster_that_is_not_described_is_an_error_with_those_that_are(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let sender = stage.sender("").await;
        let producers = sender.handle.component::<Producers>().expect("producers");
        let error = producers.of("nowhere").unwrap_err();
        assert_eq!(error.to_string(), "there is no cluster `nowhere`; the clusters are default");
        sender.end().await;
    }
}
