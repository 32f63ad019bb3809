//! Several values.

use futures_util::{StreamExt as _, stream};
use harness::prelude::*;
use millstream::{Error, Event, Reply};

use crate::scene::{Plot, Scene, Told, error_of};

const ORDERS: [&str; 2] = ["", "order_by = \"none\""];

/// Answers with as many values as the payload says; a payload `N!` breaks behind them.
fn counting() -> Plot {
    Plot::new(|call, _| {
        let (count, breaks) = call.payload.strip_suffix('!').map_or((&*call.payload, false), |count| (count, true));
        let count: u32 = count.parse()?;
        let values = (1..=count).map(|number| Ok(number.to_string()));
        let end = breaks.then(|| Err(Error::new("overflow")));
        Ok(Reply::stream(stream::iter(values.chain(end).collect::<Vec<_>>())))
    })
}

both_brokers! {
    async fn the_values_of_a_stream_come_in_order_and_the_last_says_so(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            for count in ["3", "1", "0"] {
                scene.ask(&format!("of-{count}"), count).await;
                let running = scene.start(&counting(), order).await;
                scene.wait_for_position(0, broker.watermarks(&scene.topic, 0).await.1).await;
                running.end().await;
            }
            let wanted = [
                Told::one_of_many("of-3", "1"),
                Told::one_of_many("of-3", "2"),
                Told::value("of-3", "3"),
                Told::value("of-1", "1"),
                Told::end("of-0"),
            ];
            assert_eq!(scene.told(5).await, wanted);
        }
    }

    async fn a_long_stream_arrives_whole_and_in_order(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        scene.ask("a", "1000").await;
        let running = scene.start(&counting(), "").await;
        scene.wait_for_position(0, 1).await;
        let told = scene.told(1000).await;
        running.end().await;
        let texts: Vec<_> = told.iter().map(|told| told.text.clone().unwrap()).collect();
        assert_eq!(texts, (1..=1000).map(|number| number.to_string()).collect::<Vec<_>>());
        assert_eq!(told.iter().filter(|told| !told.marks.is_empty()).count(), 1);
    }

    /// A value goes out while the next but one is not there; the request is settled only at the end.
    async fn values_are_sent_as_they_come_and_the_request_is_settled_after_the_last(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "open").await;
            let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<u32>();
            let receiver = std::sync::Mutex::new(Some(receiver));
            let plot = Plot::new(move |_, _| {
                let receiver = receiver.lock().unwrap().take().expect("one call");
                Ok(Reply::stream(stream::unfold(receiver, |mut receiver| async move {
                    let number = receiver.recv().await?;
                    Some((Ok::<_, Error>(number.to_string()), receiver))
                })))
            });
            let running = scene.start(&plot, order).await;
            sender.send(1).unwrap();
            sender.send(2).unwrap();
            assert_eq!(scene.told(1).await, [Told::one_of_many("a", "1")]);
            assert_eq!(scene.position(0).await.unwrap_or(0), 0);
            sender.send(3).unwrap();
            assert_eq!(scene.told(2).await[1], Told::one_of_many("a", "2"));
            drop(sender);
            assert_eq!(scene.told(3).await[2], Told::value("a", "3"));
            scene.wait_for_position(0, 1).await;
            running.end().await;
        }
    }

    /// Told after the values, reported, and not tried again.
    async fn an_error_midway_follows_the_values_and_settles_the_request(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "2!").await;
            let plot = counting();
            let running = scene.start(&plot, &format!("retries = 5\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            let wanted = [Told::one_of_many("a", "1"), Told::one_of_many("a", "2"), Told::error("a")];
            assert_eq!(scene.told(3).await, wanted);
            let records = broker.read_all(&scene.replies).await;
            assert_eq!(error_of(&records[2]), ("error".into(), "overflow".into(), "error".into()));
            running
                .event("the answer ended with an error", |event| {
                    matches!(event, Event::AnsweredWithError { offset: 0, kind: "error", .. })
                })
                .await;
            running.end().await;
            assert_eq!(plot.calls().len(), 1);
        }
    }

    /// It is the message's failure: retried, and answered when the policy ends.
    async fn an_error_before_the_first_value_is_the_messages_failure(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "0!").await;
            let plot = counting();
            let running = scene.start(&plot, &format!("retries = 2\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told::error("a")]);
            running.end().await;
            assert_eq!(plot.calls().len(), 3);
        }
    }

    async fn a_panic_of_a_stream_is_told_without_its_text(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|_, _| {
                let values = stream::iter([1, 2]);
                Ok(Reply::stream(values.map(|value| {
                    assert_ne!(value, 2, "password");
                    Ok::<_, Error>(value.to_string())
                })))
            });
            let running = scene.start(&plot, &format!("retries = 5\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            let records = scene.records(&scene.replies, 2).await;
            running.end().await;
            assert_eq!(error_of(&records[1]).1, "internal server error");
        }
    }

    /// The wait for one value, and not for all of them.
    async fn a_value_that_does_not_come_within_the_timeout_ends_the_stream_with_an_error(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|_, _| {
                let first = stream::iter([1, 2]).map(|value| Ok::<_, Error>(value.to_string()));
                Ok(Reply::stream(first.chain(stream::pending())))
            });
            let running = scene.start(&plot, &format!("timeout = \"100ms\"\n{order}")).await;
            scene.wait_for_position(0, 1).await;
            let records = scene.records(&scene.replies, 3).await;
            running.end().await;
            assert_eq!(error_of(&records[2]).2, "timeout");
        }
    }
}
