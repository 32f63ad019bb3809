//! What goes around a method that answers.

use harness::prelude::*;
use millstream::layer::{Layer, LayerFuture, Next};
use millstream::prelude::*;
use millstream::{Error, Reply};

use crate::scene::{ON_REQUEST, ON_THREAD, Plot, Scene, Told, header};

/// Fails behind the method, at the first attempt.
struct Suspicious;

impl Layer for Suspicious {
    fn handle<'m>(&'m self, context: &'m Context, next: Next<'m>) -> LayerFuture<'m> {
        Box::pin(async move {
            let passed = next.run().await?;
            if context.attempt() == 1 {
                return Err(Error::new("I do not believe it").into());
            }
            Ok(passed)
        })
    }
}

both_brokers! {
    /// Only what everything around the method agrees with is sent.
    async fn an_answer_is_not_sent_where_a_layer_fails_behind_the_method(broker: &Broker) {
        for (listener, order) in
            [(ON_REQUEST, ""), (ON_REQUEST, "order_by = \"none\""), (ON_THREAD, ""), (ON_THREAD, "order_by = \"none\"")]
        {
            let scene = Scene::new(broker, 1).await;
            scene.ask("a", "one").await;
            let plot = Plot::new(|call, _| Ok(Reply::new(call.attempt.to_string())));
            let app = scene.app(&plot, listener, &format!("retries = 2\n{order}"), "");
            let running = scene.run(app.layer(Suspicious)).await;
            scene.wait_for_position(0, 1).await;
            running.end().await;
            assert_eq!(scene.told(1).await, [Told::value("a", "2")]);
            assert_eq!(plot.calls().len(), 2);
        }
    }

    /// The reply is a child of what the method did.
    async fn a_reply_carries_the_trace_of_its_request(broker: &Broker) {
        let scene = Scene::new(broker, 1).await;
        let question = crate::scene::Question { partition: 0, id: "a", payload: "one" };
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        broker.produce(scene.request(question).header("traceparent", parent)).await;
        let plot = Plot::loud();
        let running = scene.start(&plot, "layers = [\"continue-trace\"]").await;
        let records = scene.records(&scene.replies, 1).await;
        running.end().await;
        let child = header(&records[0], "traceparent");
        assert!(child.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && child != parent, "{child}");
    }
}
