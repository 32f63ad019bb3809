//! Brokers that take their time over one of many replies.

use std::sync::Mutex;

use futures_util::stream;
use harness::prelude::*;
use millstream::{Error, PartitionState, Reply};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::scene::{ON_REQUEST, Plot, Scene, Told};

/// A listener that answers its only request with what is sent here, for as long as that goes on.
fn open_stream() -> (UnboundedSender<u32>, Plot) {
    let (values, receiver) = unbounded_channel::<u32>();
    let receiver = Mutex::new(Some(receiver));
    let plot = Plot::new(move |_, _| {
        let receiver = receiver.lock().unwrap().take().expect("one call");
        Ok(Reply::stream(stream::unfold(receiver, |mut receiver| async move {
            let number = receiver.recv().await?;
            Some((Ok::<_, Error>(number.to_string()), receiver))
        })))
    });
    (values, plot)
}

/// The lane is held while a value of a stream is not acknowledged, and no longer, though the stream goes on.
async fn is_held_only_while_a_value_waits(broker: &Broker, order: &str, away: impl AsyncFn(), back: impl AsyncFn()) {
    let scene = Scene::new(broker, 1).await;
    scene.ask("a", "open").await;
    let (values, plot) = open_stream();
    let mut app = scene.app(&plot, ON_REQUEST, order, "");
    if broker.kind() == BrokerKind::Real {
        // Longer than the broker is away: the request is to stay where it is.
        app = app.set("kafka.consumer.properties.\"session.timeout.ms\"", 60_000);
    }
    let running = scene.run(app).await;
    // One value is kept back until the next is known.
    values.send(1).unwrap();
    values.send(2).unwrap();
    assert_eq!(scene.told(1).await, [Told::one_of_many("a", "1")]);
    away().await;
    values.send(3).unwrap();
    running.wait_until_writing(0).await;
    assert!(running.listener().is_held());
    back().await;
    wait_until("the lane runs again", async || running.state(0) == Some(PartitionState::Running)).await;
    assert!(!running.listener().is_held());
    assert_eq!(scene.told(2).await[1], Told::one_of_many("a", "2"));
    assert_eq!(scene.position(0).await.unwrap_or(0), 0, "the answer goes on");
    drop(values);
    scene.wait_for_position(0, 1).await;
    assert_eq!(scene.told(3).await[2], Told::value("a", "3"));
    running.end().await;
    assert_eq!(plot.calls().len(), 1);
}

const ORDERS: [&str; 2] = ["", "order_by = \"none\""];

embedded_broker! {
    async fn a_stream_that_goes_on_holds_its_lane_only_while_a_broker_is_away(broker: &Broker) {
        for order in ORDERS {
            let cluster = broker.embedded_cluster();
            let away = async || cluster.broker_down(1).unwrap();
            is_held_only_while_a_value_waits(broker, order, away, async || cluster.broker_up(1).unwrap()).await;
        }
    }
}

real_broker! {
    within(300) async fn a_stream_that_goes_on_holds_its_lane_only_while_a_broker_is_frozen() {
        let own = OwnKafka::start(1).await;
        let broker = own.broker();
        for order in ORDERS {
            is_held_only_while_a_value_waits(&broker, order, async || own.pause(1).await, async || own.resume(1).await).await;
        }
    }
}
