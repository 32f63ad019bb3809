//! Replies that a broker refuses for lack of rights.

use harness::Code;
use harness::prelude::*;
use millstream::{Error, Event, PartitionState, RunErrorKind};

use crate::running::Running;
use crate::scene::{ON_REQUEST, Plot, Scene, Told};

const PRODUCE: i16 = 0;
const ORDERS: [&str; 2] = ["", "order_by = \"none\""];

/// Starts a listener whose first reply, to the request `a`, is refused.
async fn refused(scene: &Scene<'_>, plot: &Plot, options: &str) -> Running {
    scene.ask("a", "one").await;
    scene.broker.embedded_cluster().push_request_errors(PRODUCE, &[Code::TOPIC_AUTHORIZATION_FAILED]);
    scene.start(plot, options).await
}

/// Waits until its lane is held for that; the reason.
async fn held(running: &Running) -> String {
    running.wait_until_paused(0).await;
    match running.state(0) {
        Some(PartitionState::Paused { reason, .. }) => reason,
        other => panic!("not paused: {other:?}"),
    }
}

embedded_broker! {
    /// No waiting gives us rights. Who does, and resumes, has the same answer sent.
    async fn an_answer_that_is_refused_holds_its_request_until_it_is_resumed_and_is_not_made_again(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            let plot = Plot::loud();
            let running = refused(&scene, &plot, order).await;
            let reason = held(&running).await;
            assert!(reason.contains("cannot be sent") && reason.contains(&scene.replies), "{reason}");
            assert!(running.listener().is_held());
            assert_eq!((scene.position(0).await.unwrap_or(0), broker.read_all(&scene.replies).await), (0, vec![]));
            running.handle.resume(ON_REQUEST, ..).unwrap();
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told::value("a", "ONE")]);
            assert!(!running.listener().is_held());
            running.end().await;
            assert_eq!(plot.payloads(), ["one"]);
        }
    }

    async fn a_refused_answer_that_is_skipped_leaves_its_request_settled(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            let plot = Plot::loud();
            let running = refused(&scene, &plot, order).await;
            held(&running).await;
            running.handle.skip(ON_REQUEST, &scene.topic, 0, 0, "nobody may be told").unwrap();
            running.event("it was skipped", |event| matches!(event, Event::Skipped { offset: 0, .. })).await;
            scene.wait_for_position(0, 1).await;
            scene.ask("b", "two").await;
            scene.wait_for_position(0, 2).await;
            assert_eq!(scene.told(1).await, [Told::value("b", "TWO")]);
            running.end().await;
            assert_eq!(plot.payloads(), ["one", "two"]);
        }
    }

    /// A message that failed is tried again when it is resumed, as after any failure.
    async fn an_error_that_is_refused_holds_its_request_until_it_is_resumed(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            let plot = Plot::failing(|| Error::terminal("no"));
            let running = refused(&scene, &plot, order).await;
            held(&running).await;
            assert_eq!((scene.position(0).await.unwrap_or(0), plot.calls().len()), (0, 1));
            running.handle.resume(ON_REQUEST, ..).unwrap();
            scene.wait_for_position(0, 1).await;
            assert_eq!(scene.told(1).await, [Told::error("a")]);
            running.end().await;
            assert_eq!(plot.calls().len(), 2);
        }
    }

    /// Who is to stop does not wait for who may not be told.
    async fn an_application_that_is_to_stop_stops_where_its_error_is_refused(broker: &Broker) {
        for order in ORDERS {
            let scene = Scene::new(broker, 1).await;
            let plot = Plot::failing(|| Error::terminal("no"));
            let running = refused(&scene, &plot, &format!("on_failure = \"stop\"\n{order}")).await;
            let error = running.handle.ended().await.unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::Listener);
            assert_eq!(scene.position(0).await.unwrap_or(0), 0, "it is not settled: the next owner tells");
        }
    }
}
