//! Lanes that meet for a batch, in virtual time.

use super::*;
use crate::batch::{BatchOutcome, Part, Source};
use crate::engine::batch::Then;
use crate::engine::dispatch::{Run, RunEnd};
use crate::engine::lane::{Lane, LaneFacts, Port};
use crate::engine::wide::Desk;
use millstream_native::OwnedMessage;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::Semaphore;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

const WAIT: Duration = Duration::from_millis(200);

/// Notes partition and offset of what each call had.
#[derive(Debug)]
struct Noting {
    calls: Mutex<Vec<Vec<(i32, i64)>>>,
    /// Each call takes one of these before it returns.
    returns: Semaphore,
    dropped: Mutex<usize>,
}

struct CountsDrop<'n>(&'n Noting);

impl Drop for CountsDrop<'_> {
    fn drop(&mut self) {
        *self.0.dropped.lock().unwrap() += 1;
    }
}

impl BoundListener for Noting {
    fn run<'a>(&'a self, _: &'a mut Run) -> Boxed<'a, RunEnd> {
        Box::pin(std::future::ready(RunEnd::Finished))
    }

    fn work<'a>(&'a self, _: &'a Desk, _: Permit) -> Boxed<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn take<'a>(&'a self, batch: &'a BatchContext) -> Boxed<'a, BatchOutcome> {
        let messages = Messages::new(batch).iter().map(|message| (message.partition(), message.offset())).collect();
        self.calls.lock().unwrap().push(messages);
        Box::pin(async {
            let counts = CountsDrop(self);
            self.returns.acquire().await.unwrap().forget();
            std::mem::forget(counts);
            BatchOutcome::done()
        })
    }
}

struct Scene {
    noting: Arc<Noting>,
    gathering: Arc<Gathering>,
}

impl Scene {
    /// A listener whose calls return at once; at most so many messages and bytes.
    fn new(max: u32, bytes: u64) -> Self {
        let scene = Self::with(max, bytes, None);
        scene.noting.returns.add_permits(100);
        scene
    }

    fn with(max: u32, bytes: u64, limit: Option<Arc<Limit>>) -> Self {
        let noting =
            Arc::new(Noting { calls: Mutex::default(), returns: Semaphore::new(0), dropped: Mutex::default() });
        let plan = BatchPlan { max, min: 1, wait: WAIT, bytes, across_partitions: true };
        let listener: Arc<dyn BoundListener> = Arc::clone(&noting) as _;
        Self { noting, gathering: Arc::new(Gathering::new(plan, None, listener, limit)) }
    }

    fn join(&self, partition: i32, count: i64) -> Place {
        self.gathering.join(batch(partition, count), false)
    }

    /// Partition and offset of the messages of each call.
    fn calls(&self) -> Vec<Vec<(i32, i64)>> {
        self.noting.calls.lock().unwrap().clone()
    }
}

/// Messages of ten bytes with the offsets from 0 on.
fn batch(partition: i32, count: i64) -> BatchContext {
    let facts = LaneFacts {
        cluster: "default".into(),
        group_id: "group".into(),
        listener: "Test.listener".into(),
        topic: "topic".into(),
        partition,
        attributes: Arc::default(),
    };
    let lane = Arc::new(Lane::new(facts, Port::Recording(Mutex::default())));
    let part = |offset| {
        let mut message = OwnedMessage::new("topic", partition, offset);
        message.payload = Some(vec![0; 10].into());
        Part::new(&lane, Source::Owned(Box::new(message)))
    };
    BatchContext::new((0..count).map(part).collect(), true, Vec::new())
}

/// Lets every task do what it can without time going on.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// How many messages of a lane were handled, and whether it may go on behind them.
async fn handled(place: &mut Place) -> (usize, bool) {
    let handed = place.answer().await.unwrap();
    (handed.verdict.passed, matches!(handed.verdict.then, Then::GoOn))
}

#[tokio::test(start_paused = true)]
async fn the_first_to_join_starts_the_wait_for_all() {
    let scene = Scene::new(10, 1000);
    let begin = Instant::now();
    let mut first = scene.join(0, 2);
    settle().await;
    tokio::time::advance(WAIT / 2).await;
    let mut second = scene.join(1, 1);
    assert_eq!((handled(&mut first).await, handled(&mut second).await), ((2, true), (1, true)));
    assert_eq!(begin.elapsed(), WAIT);
    assert_eq!(scene.calls(), [[(0, 0), (0, 1), (1, 0)]]);
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_goes_at_once_and_what_does_not_fit_is_not_answered_for() {
    let scene = Scene::new(5, 1000);
    let begin = Instant::now();
    let mut places = [scene.join(0, 3), scene.join(1, 4), scene.join(2, 1)];
    assert_eq!((handled(&mut places[0]).await, handled(&mut places[1]).await), ((3, true), (2, true)));
    assert_eq!(begin.elapsed(), Duration::ZERO);
    let mut rest = scene.join(1, 2);
    assert_eq!((handled(&mut places[2]).await, handled(&mut rest).await), ((1, true), (2, true)));
    assert_eq!(begin.elapsed(), WAIT, "what is left waits anew");
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_no_more_bytes_than_it_may_unless_one_message_is_larger() {
    let scene = Scene::new(100, 35);
    let mut places = [scene.join(0, 2), scene.join(1, 2)];
    assert_eq!((handled(&mut places[0]).await, handled(&mut places[1]).await), ((2, true), (1, true)));
    let scene = Scene::new(100, 5);
    let mut large = scene.join(0, 2);
    assert_eq!(handled(&mut large).await, (1, true));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_or_is_dropped_takes_its_messages_out() {
    let scene = Scene::new(10, 1000);
    let (mut stays, leaves, dropped) = (scene.join(0, 1), scene.join(1, 1), scene.join(2, 1));
    settle().await;
    assert!(leaves.leave() && !leaves.leave());
    drop(dropped);
    assert_eq!(handled(&mut stays).await, (1, true));
    assert_eq!(scene.calls(), [[(0, 0)]]);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_has_left_the_next_to_join_starts_a_wait_of_its_own() {
    let scene = Scene::new(10, 1000);
    drop(scene.gathering.join(batch(0, 1), true));
    settle().await;
    drop(scene.join(0, 1));
    settle().await;
    tokio::time::advance(WAIT * 5).await;
    let begin = Instant::now();
    let mut place = scene.join(0, 1);
    assert_eq!(handled(&mut place).await, (1, true));
    assert_eq!(begin.elapsed(), WAIT);
}

#[tokio::test(start_paused = true)]
async fn what_comes_later_is_added_until_the_batch_is_full() {
    let scene = Scene::new(5, 1000);
    let begin = Instant::now();
    let (mut first, mut second) = (scene.join(0, 1), scene.join(1, 1));
    settle().await;
    assert!(first.extend(batch(0, 4)));
    assert_eq!((handled(&mut first).await, handled(&mut second).await), ((4, true), (1, true)));
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert!(!first.extend(batch(0, 5)), "it is handed over");
}

#[tokio::test(start_paused = true)]
async fn what_is_in_a_hurry_goes_at_once_with_everything_that_is_there() {
    let scene = Scene::new(10, 1000);
    let begin = Instant::now();
    let mut waits = scene.join(0, 1);
    let mut hurries = scene.gathering.join(batch(1, 1), true);
    assert_eq!((handled(&mut waits).await, handled(&mut hurries).await), ((1, true), (1, true)));
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_goes_away_during_the_call_takes_no_other_with_it() {
    let scene = Scene::with(2, 1000, None);
    let (goes, mut stays) = (scene.join(0, 1), scene.join(1, 1));
    settle().await;
    assert!(!goes.leave(), "it is handed over");
    drop(goes);
    settle().await;
    scene.noting.returns.add_permits(1);
    assert_eq!(handled(&mut stays).await, (1, true));
    assert_eq!((scene.calls().len(), *scene.noting.dropped.lock().unwrap()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_for_which_no_lane_waits_any_more_is_dropped() {
    let scene = Scene::with(2, 1000, None);
    let places = [scene.join(0, 1), scene.join(1, 1)];
    settle().await;
    assert_eq!(scene.calls().len(), 1);
    drop(places);
    settle().await;
    assert_eq!(*scene.noting.dropped.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_every_permit_is_taken_the_next_batch_grows_and_can_be_left() {
    let scene = Scene::with(2, 1000, Some(Arc::new(Limit::new(1))));
    let mut first = [scene.join(0, 1), scene.join(1, 1)];
    settle().await;
    let (full, mut late) = (scene.join(2, 2), scene.join(3, 2));
    settle().await;
    assert_eq!(scene.calls().len(), 1, "one call at a time");
    assert!(full.leave());
    scene.noting.returns.add_permits(2);
    for place in &mut first {
        let handed = place.answer().await.unwrap();
        assert_eq!((handed.verdict.passed, handed.permit.is_some()), (1, true));
    }
    assert_eq!(handled(&mut late).await, (2, true));
    assert_eq!(scene.calls()[1], [(3, 0), (3, 1)]);
}
