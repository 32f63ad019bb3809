//! Asking on an embedded broker, where replies are made by hand: the ids of an instance are known.

use super::*;
use crate::plan::RequestsPlan;
use crate::producer::OutgoingMessage;
use crate::wire::{CORRELATION_ID, NEST_DISPOSED, Wire};
use futures_util::StreamExt as _;
use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions};
use std::collections::BTreeMap;

struct Scene {
    _cluster: EmbeddedCluster,
    producer: Producer,
    requests: Requests,
}

impl Scene {
    fn new() -> Self {
        let topics = vec![("math".to_owned(), 1), ("math.reply".to_owned(), 1)];
        let cluster = EmbeddedCluster::start(EmbeddedOptions { topics, ..EmbeddedOptions::default() }).unwrap();
        let bootstrap = cluster.bootstrap();
        let producer = Producer::new("default".into(), &BTreeMap::new(), &bootstrap);
        let admin = Admin::new(producer.clone(), None);
        let plan = RequestsPlan { timeout: Duration::from_secs(60), ..RequestsPlan::default() };
        let requests = Requests::new(&producer, admin, &plan, &bootstrap, true, Handle::current());
        Self { _cluster: cluster, producer, requests }
    }

    fn reader(&self) -> &Arc<Reader> {
        &self.requests.inner.reader
    }

    /// Waits until so many requests wait.
    async fn waiting(&self, count: usize) {
        while self.requests.pending() < count {
            tokio::task::yield_now().await;
        }
    }

    async fn reply(&self, number: u64, value: &str) {
        let message = OutgoingMessage::new("math.reply")
            .partition(0)
            .header(CORRELATION_ID, self.reader().correlation().write(number, Wire::Nest))
            .header(NEST_DISPOSED, [0])
            .payload(value);
        self.producer.send(message).await.unwrap();
    }

    async fn end(self) {
        self.requests.close().await;
        self.producer.close(Duration::from_secs(5)).await;
    }
}

#[tokio::test]
async fn requests_survive_a_client_that_is_made_anew() {
    let scene = Scene::new();
    let first = tokio::spawn(scene.requests.to("math").send::<i64>());
    let second = tokio::spawn(scene.requests.to("math").send::<i64>());
    scene.waiting(2).await;
    scene.reply(0, "1").await;
    let earlier = first.await.unwrap().or(Err(())).unwrap();
    let reader = Arc::clone(scene.reader());
    tokio::task::spawn_blocking(move || reader.rebuild()).await.unwrap().unwrap();
    scene.reply(1, "2").await;
    assert_eq!((earlier, second.await.unwrap().unwrap()), (1, 2));
    assert_eq!(scene.requests.counts().late, 0, "nothing is read twice");
    let third = tokio::spawn(scene.requests.to("math").send::<i64>());
    scene.waiting(1).await;
    scene.reply(2, "3").await;
    assert_eq!(third.await.unwrap().unwrap(), 3);
    scene.end().await;
}

#[tokio::test]
async fn a_client_that_cannot_be_made_is_an_error_for_everybody_and_tried_again() {
    let scene = Scene::new();
    let plan = RequestsPlan {
        properties: BTreeMap::from([("fetch.min.bytes".to_owned(), "none".to_owned())]),
        ..RequestsPlan::default()
    };
    let admin = Admin::new(scene.producer.clone(), None);
    let broken = Requests::new(&scene.producer, admin, &plan, "127.0.0.1:1", true, Handle::current());
    for _ in 0..2 {
        let (one, two) = tokio::join!(broken.to("math").send::<i64>(), broken.to("math").send::<i64>());
        for error in [one.unwrap_err(), two.unwrap_err()] {
            assert_eq!(error.kind(), RequestErrorKind::NotSent);
            assert!(error.to_string().contains("fetch.min.bytes"), "{error}");
        }
    }
    broken.close().await;
    scene.end().await;
}

#[tokio::test]
async fn the_last_clone_ends_what_waits_for_nobody() {
    let scene = Scene::new();
    let asking = tokio::spawn(scene.requests.to("math").send::<i64>());
    scene.waiting(1).await;
    let pending = Arc::clone(scene.reader().pending());
    asking.abort();
    drop(asking.await);
    let Scene { _cluster, producer, requests } = scene;
    drop(requests);
    assert!(pending.is_closed());
    producer.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_stream_that_ended_with_its_last_value_counts_as_answered_when_it_is_dropped() {
    let scene = Scene::new();
    let mut stream = scene.requests.to("math").stream::<i64>();
    let (value, ()) = tokio::join!(stream.next(), async {
        scene.waiting(1).await;
        scene.reply(0, "1").await;
    });
    assert_eq!(value.unwrap().unwrap(), 1);
    drop(stream);
    let counts = scene.requests.counts();
    assert_eq!((counts.answered, counts.cancelled), (1, 0));
    scene.end().await;
}
