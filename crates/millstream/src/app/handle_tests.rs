//! What the handles of a running application do.

use super::scene::{Ledger, Pool, Scene, start};
use super::{App, AppBuilder, Handle, HandleErrorKind, RunError, RunErrorKind, StartError};
use crate::events::Event;
use crate::registry::fixture::Journal;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_asks_for_the_end() {
    let scene = Scene::new();
    let (sender, ended) = oneshot::channel();
    let builder = scene.builder().on_stop(|_| async {
        let _ = sender.send(());
        Ok(())
    });
    let handle = start(builder).await.unwrap();
    let clone = handle.clone();
    drop(handle);
    clone.ready().await.unwrap();
    drop(clone);
    // In virtual time this runs out as soon as nothing is left to do.
    timeout(Duration::from_secs(1), ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn two_applications_in_one_process_know_nothing_of_each_other() {
    let (one, two) = (Scene::new(), Scene::new());
    let first = start(one.builder()).await.unwrap();
    let second = start(two.builder()).await.unwrap();
    first.shutdown().await.unwrap();
    second.ready().await.unwrap();
    assert!(!second.is_stopping());
    second.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_handle_has_the_components_that_were_reached() {
    let scene = Scene::new();
    let handle = start(scene.builder().require::<Pool>()).await.unwrap();
    assert!(handle.component::<Pool>().is_some());
    assert!(handle.component::<Ledger>().is_none());
    assert!(handle.component::<Journal>().is_some());
}

#[tokio::test]
async fn what_the_handle_is_asked_for_reaches_the_engine_until_the_end() {
    let scene = Scene::new();
    let handle = start(scene.builder()).await.unwrap();
    handle.pause("A.b", .., "why").unwrap();
    handle.resume("A.b", "orders").unwrap();
    handle.pause("A.b", ("orders", 3), "why").unwrap();
    handle.seek("A.b", "orders", 3, 7).unwrap();
    handle.skip("A.b", "orders", 3, 8, "poison").unwrap();
    let expected = [
        "engine started",
        "pause A.b None None why",
        "resume A.b Some(\"orders\") None",
        "pause A.b Some(\"orders\") Some(3) why",
        "seek A.b orders 3 7",
        "skip A.b orders 3 8 poison",
    ];
    assert_eq!(scene.entries(), expected);
    handle.shutdown().await.unwrap();
    assert_eq!(handle.resume("A.b", ..).unwrap_err().kind(), HandleErrorKind::NotRunning);
}

#[tokio::test]
async fn events_are_read_to_their_end_and_slow_readers_miss_the_oldest() {
    let scene = Scene::new();
    let handle = start(scene.builder()).await.unwrap();
    let mut events = handle.events();
    let event = |number: i32| Event::Resumed { listener: "A.b".into(), topic: "t".into(), partition: number };
    for number in 0..3 {
        scene.engine.events.send(event(number)).unwrap();
    }
    assert_eq!(events.next().await, Some(event(1)));
    handle.shutdown().await.unwrap();
    assert_eq!(events.next().await, Some(event(2)));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn an_on_start_hook_can_read_events_from_the_start_on() {
    let scene = Scene::new();
    let (sender, first) = oneshot::channel();
    let builder = scene.builder().on_start(|handle| async move {
        let mut events = handle.events();
        drop(tokio::spawn(async move { sender.send(events.next().await) }));
        Ok(())
    });
    let handle = start(builder).await.unwrap();
    while scene.engine.events.receiver_count() == 0 {
        tokio::task::yield_now().await;
    }
    let event = Event::Resumed { listener: "A.b".into(), topic: "t".into(), partition: 0 };
    scene.engine.events.send(event.clone()).unwrap();
    assert_eq!(first.await.unwrap(), Some(event));
    drop(handle);
}

#[test]
fn a_handle_whose_runtime_is_gone_does_not_wait_for_ever() {
    let scene = Scene::new();
    let lost = tokio::runtime::Runtime::new().unwrap();
    let handle = lost.block_on(start(scene.builder())).unwrap();
    drop(lost);
    let here = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let ended = here.block_on(async { timeout(Duration::from_secs(1), handle.ended()).await.unwrap() });
    assert_eq!(ended.unwrap_err().kind(), RunErrorKind::Ended);
    assert!(handle.is_stopping());
}

#[test]
fn an_application_and_its_handles_can_be_sent_between_threads() {
    fn assert_send<T: Send>() {}
    fn assert_shared<T: Send + Sync + Clone + 'static>() {}
    fn assert_future<T: Send>(_: impl FnOnce(App) -> T) {}
    assert_future(App::run);
    assert_future(App::start);
    assert_send::<App>();
    assert_send::<AppBuilder>();
    assert_shared::<Handle>();
    assert_shared::<RunError>();
    assert_shared::<StartError>();
}
