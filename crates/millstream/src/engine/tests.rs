//! The engine by itself, on the embedded broker: what the end-to-end tests cannot reach.

use super::*;
use crate::component::{Injector, Needs};
use crate::context::Context;
use crate::listener::{Bound, Failure, ListenerMethod, Outcome};
use crate::plan::*;
use crate::registry::Location;
use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions, EmbeddedRecord};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

type Script = dyn Fn(&Context) -> Outcome + Send + Sync;

/// A listener that does what a closure says and tells what it was given.
struct Scripted {
    script: Box<Script>,
    seen: mpsc::UnboundedSender<(i32, i64, u32)>,
}

struct ScriptedMethod;

impl ListenerMethod for ScriptedMethod {
    type Consumer = Scripted;
    type Prepared = ();

    fn needs(_: &mut Needs) {}

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    async fn call<'m>(consumer: &'m Scripted, context: &'m Context, (): &'m ()) -> Outcome {
        let _ = consumer.seen.send((context.partition(), context.offset(), context.attempt()));
        (consumer.script)(context)
    }
}

type Seen = mpsc::UnboundedReceiver<(i32, i64, u32)>;

fn listener(
    id: &str,
    auto_commit: bool,
    script: impl Fn(&Context) -> Outcome + Send + Sync + 'static,
) -> (ListenerPlan, Seen) {
    let (seen, receiver) = mpsc::unbounded_channel();
    let consumer = Arc::new(Scripted { script: Box::new(script), seen });
    let plan = ListenerPlan {
        id: id.into(),
        location: Location { crate_name: "test", file: "test.rs", line: 1, column: 1 },
        topics: vec!["orders".into()],
        pattern: None,
        start: Start::Earliest,
        auto_commit,
        order_by: OrderBy::Partition,
        concurrency: None,
        blocking: false,
        batch: None,
        rate: None,
        layers: Vec::new(),
        idempotent: None,
        answer: None,
        timeout: None,
        failure: FailurePlan::plain(
            Retries::Count(1),
            Backoff { initial: Duration::from_millis(1), max: Duration::from_millis(5), factor: 1.0, jitter: 0.0 },
            OnFailure::Pause,
        ),
        on_lost_position: OnLostPosition::Nearest,
        window: 64,
        window_bytes: 1 << 20,
        skip_offsets: Vec::new(),
        handler: Some(Arc::new(Bound::<ScriptedMethod> { consumer, prepared: () })),
    };
    (plan, receiver)
}

fn plan(bootstrap: &str, listeners: Vec<ListenerPlan>) -> Plan {
    Plan {
        clusters: vec![ClusterPlan {
            name: "default".into(),
            brokers: Brokers::Addresses(vec![bootstrap.into()]),
            properties: BTreeMap::new(),
            producer: BTreeMap::new(),
            check_producer: false,
            requests: RequestsPlan::default(),
            topics: Vec::new(),
            missing_topics: MissingTopics::Wait,
        }],
        subscriptions: vec![SubscriptionPlan {
            cluster: "default".into(),
            group_id: "group".into(),
            protocol: GroupProtocol::Consumer,
            group_instance_id: None,
            properties: [("fetch.wait.max.ms".to_owned(), "10".to_owned())].into(),
            commit_interval: Duration::from_millis(100),
            revoke_timeout: Duration::from_secs(5),
            memory: 64 << 20,
            listeners,
        }],
        application: ApplicationPlan {
            start_timeout: None,
            drain_timeout: Duration::from_secs(10),
            open_memory: OPEN_MEMORY,
        },
    }
}

fn cluster(partitions: i32, messages: usize) -> EmbeddedCluster {
    let options = EmbeddedOptions { topics: vec![("orders".into(), partitions)], ..EmbeddedOptions::default() };
    let cluster = EmbeddedCluster::start(options).unwrap();
    produce(&cluster, messages);
    cluster
}

fn produce(cluster: &EmbeddedCluster, messages: usize) {
    let records = (0..messages).map(|_| EmbeddedRecord {
        payload: Some(b"{}"),
        partition: Some(0),
        ..EmbeddedRecord::to("orders")
    });
    cluster.produce_all(records, Duration::from_secs(20)).unwrap();
}

async fn start(plan: Plan) -> Engine {
    let clusters = Clusters::open(&plan, None).await.unwrap();
    let engine = Engine::start(plan, &Arc::new(Attributes::new()), &clusters).unwrap();
    tokio::time::timeout(Duration::from_secs(20), engine.until_ready()).await.expect("ready").unwrap();
    engine
}

/// A plan whose only listener sends its results to a topic that is not there.
fn sends_results_to_nowhere(cluster: &EmbeddedCluster, missing_topics: MissingTopics) -> (Plan, Seen) {
    let (mut listener, seen) = listener("A.sends", true, |_| Ok(()));
    listener.answer = Some(AnswerPlan { wire: None, send_to: Some("results".into()) });
    let mut plan = plan(&cluster.bootstrap(), vec![listener]);
    plan.clusters[0].missing_topics = missing_topics;
    (plan, seen)
}

async fn next(seen: &mut Seen) -> (i32, i64, u32) {
    tokio::time::timeout(Duration::from_secs(20), seen.recv()).await.expect("a message").unwrap()
}

async fn offsets(seen: &mut Seen, count: usize) -> Vec<i64> {
    let mut offsets = Vec::new();
    for _ in 0..count {
        offsets.push(next(seen).await.1);
    }
    offsets
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_reaches_its_handler_once_and_in_order_and_a_restart_goes_on_behind_it() {
    let cluster = cluster(1, 1000);
    let (first, mut seen) = listener("A.first", true, |_| Ok(()));
    let engine = start(plan(&cluster.bootstrap(), vec![first])).await;
    assert_eq!(offsets(&mut seen, 1000).await, (0..1000).collect::<Vec<_>>());
    assert!(engine.end(Duration::from_secs(10)).await);
    produce(&cluster, 3);
    let (second, mut seen) = listener("A.first", true, |_| Ok(()));
    let engine = start(plan(&cluster.bootstrap(), vec![second])).await;
    assert_eq!(offsets(&mut seen, 3).await, [1000, 1001, 1002]);
    assert!(engine.end(Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_always_moves_back_runs_exactly_twice_with_one_retry() {
    let cluster = cluster(1, 3);
    let (plans, mut seen) = listener("A.back", false, |context| {
        drop(context.commit_offsets(context.offset()));
        Ok(())
    });
    let engine = start(plan(&cluster.bootstrap(), vec![plans])).await;
    let mut events = engine.events();
    let paused = loop {
        if let Event::Paused { offset, .. } =
            tokio::time::timeout(Duration::from_secs(20), events.recv()).await.unwrap().unwrap()
        {
            break offset;
        }
    };
    assert_eq!(paused, 0);
    assert!(engine.end(Duration::from_secs(10)).await);
    let mut runs = Vec::new();
    while let Ok(run) = seen.try_recv() {
        runs.push(run);
    }
    assert_eq!(runs, [(0, 0, 1), (0, 0, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewind_over_many_batches_delivers_everything_again() {
    let cluster = cluster(1, 1000);
    let (plans, mut seen) = listener("A.back", false, |context| {
        if context.offset() == 900 && context.attempt() == 1 {
            drop(context.commit_offsets(10));
        }
        Ok(())
    });
    let engine = start(plan(&cluster.bootstrap(), vec![plans])).await;
    let expected: Vec<i64> = (0..=900).chain(10..1000).collect();
    assert_eq!(offsets(&mut seen, expected.len()).await, expected);
    assert!(engine.end(Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_listener_holds_only_its_own_frontier() {
    let cluster = cluster(1, 20);
    let (failing, mut failing_seen) = listener("A.failing", true, |context| {
        if context.offset() == 5 { Err(Box::new(Failure::Error("no".into()))) } else { Ok(()) }
    });
    let (fine, mut fine_seen) = listener("B.fine", true, |_| Ok(()));
    let engine = start(plan(&cluster.bootstrap(), vec![failing, fine])).await;
    assert_eq!(offsets(&mut fine_seen, 20).await, (0..20).collect::<Vec<_>>());
    assert_eq!(offsets(&mut failing_seen, 7).await, [0, 1, 2, 3, 4, 5, 5]);
    assert!(engine.end(Duration::from_secs(10)).await);

    // After the restart only the failing one gets messages again, from where it failed.
    let (failing, mut failing_seen) = listener("A.failing", true, |_| Ok(()));
    let (fine, mut fine_seen) = listener("B.fine", true, |_| Ok(()));
    let engine = start(plan(&cluster.bootstrap(), vec![failing, fine])).await;
    assert_eq!(offsets(&mut failing_seen, 15).await, (5..20).collect::<Vec<_>>());
    produce(&cluster, 1);
    assert_eq!(next(&mut fine_seen).await.1, 20);
    assert!(engine.end(Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_topic_for_results_is_an_error_of_the_start_where_missing_topics_are() {
    let cluster = cluster(1, 1);
    let (plan, _) = sends_results_to_nowhere(&cluster, MissingTopics::Fail);
    let clusters = Clusters::open(&plan, None).await.unwrap();
    let engine = Engine::start(plan, &Arc::new(Attributes::new()), &clusters).unwrap();
    let error = tokio::time::timeout(Duration::from_secs(20), engine.until_ready()).await.expect("an end").unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Cluster);
    assert!(error.to_string().starts_with("cluster default has no topic results for results: create it"), "{error}");
    assert!(engine.end(Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_topic_for_results_a_listener_starts_where_missing_topics_are_waited_for() {
    let cluster = cluster(1, 1);
    let (plan, mut seen) = sends_results_to_nowhere(&cluster, MissingTopics::Wait);
    let engine = start(plan).await;
    assert_eq!(next(&mut seen).await, (0, 0, 1));
    assert!(engine.end(Duration::from_secs(10)).await);
}

#[tokio::test]
async fn an_embedded_broker_has_the_topics_that_results_go_to() {
    let (mut sends, _) = listener("A.sends", true, |_| Ok(()));
    sends.answer = Some(AnswerPlan { wire: None, send_to: Some("results".into()) });
    let plan = plan("localhost:1", vec![sends]);
    assert_eq!(topics(&plan, &plan.clusters[0], 3), [("orders".into(), 3), ("results".into(), 3)]);
}
