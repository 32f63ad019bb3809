//! A plan, a schema and an engine for unit tests.

use super::engine_port::{Answer, EnginePort, EngineStarter, PartitionChoice};
use super::handle_error::HandleError;
use super::run_error::RunError;
use super::schema::Schema;
use super::start_error::StartError;
use super::status::ListenerStatus;
use crate::events::Event;
use crate::plan::{
    ApplicationPlan, Backoff, Brokers, ClusterPlan, FailurePlan, GroupProtocol, ListenerPlan, MissingTopics, OnFailure,
    OnLostPosition, OrderBy, Plan, Retries, Start, SubscriptionPlan,
};
use crate::registry::DeclaredListener;
use crate::registry::fixture::{Journal, at};
use millstream_config::{KeySpace, Problems, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// A listener with the defaults.
pub(crate) fn listener_plan(id: &str, topics: &[&str]) -> ListenerPlan {
    ListenerPlan {
        id: id.into(),
        location: at(1),
        topics: topics.iter().map(|topic| (*topic).into()).collect(),
        pattern: None,
        start: Start::Latest,
        auto_commit: true,
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
            Retries::Count(3),
            Backoff { initial: Duration::from_secs(1), max: Duration::from_secs(1), factor: 1.0, jitter: 0.0 },
            OnFailure::Pause,
        ),
        on_lost_position: OnLostPosition::Nearest,
        window: 1000,
        window_bytes: 1 << 20,
        skip_offsets: Vec::new(),
        handler: None,
    }
}

/// A subscription of the cluster `default`.
pub(crate) fn subscription_plan(group_id: &str, listeners: Vec<ListenerPlan>) -> SubscriptionPlan {
    SubscriptionPlan {
        cluster: "default".into(),
        group_id: group_id.into(),
        protocol: GroupProtocol::ClassicCooperative,
        group_instance_id: None,
        properties: BTreeMap::new(),
        commit_interval: Duration::from_secs(1),
        revoke_timeout: Duration::from_secs(5),
        memory: 1 << 20,
        listeners,
    }
}

/// A plan of these subscriptions.
pub(crate) fn plan(subscriptions: Vec<SubscriptionPlan>) -> Plan {
    Plan {
        clusters: vec![ClusterPlan {
            name: "default".into(),
            brokers: Brokers::Addresses(vec!["localhost:9092".into()]),
            properties: BTreeMap::new(),
            producer: BTreeMap::new(),
            check_producer: false,
            requests: crate::plan::RequestsPlan::default(),
            topics: Vec::new(),
            missing_topics: MissingTopics::Wait,
        }],
        subscriptions,
        application: ApplicationPlan {
            start_timeout: None,
            drain_timeout: Duration::from_secs(30),
            open_memory: 1 << 20,
        },
    }
}

/// One group `shop`, one known key below `[kafka]`, and `kafka.start_timeout` in seconds.
pub(crate) fn schema() -> Schema {
    fn keys(_: &[DeclaredListener]) -> KeySpace {
        let kafka = KeySpace::table().key("client_id", KeySpace::value()).key("start_timeout", KeySpace::value());
        KeySpace::table().key("kafka", kafka)
    }
    fn resolve(tree: &Tree, _: &str, declared: &[DeclaredListener]) -> Result<Plan, Problems> {
        let mut problems = Problems::default();
        problems.keep(tree.get::<String>("kafka.client_id"));
        let start_timeout = problems.keep(tree.get::<u64>("kafka.start_timeout")).flatten();
        let listeners = declared
            .iter()
            .filter(|listener| listener.options.enabled != Some(false))
            .map(|listener| {
                let topics: Vec<&str> = listener.options.topics.iter().map(|topic| &**topic).collect();
                ListenerPlan { location: listener.location, ..listener_plan(&listener.id(), &topics) }
            })
            .collect();
        let mut plan = plan(vec![subscription_plan("shop", listeners)]);
        plan.application.start_timeout = start_timeout.map(Duration::from_secs);
        problems.into_result(plan)
    }
    Schema { keys, resolve, effective: |_, _, _| Vec::new(), notices: |_, _, _| Vec::new() }
}

/// An engine that does what the test says and notes what it is told.
#[derive(Debug)]
pub(crate) struct FakeEngine {
    journal: Arc<Journal>,
    pub(crate) ready: watch::Sender<bool>,
    pub(crate) failure: watch::Sender<Option<RunError>>,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) drains: watch::Sender<bool>,
}

impl FakeEngine {
    pub(crate) fn new(journal: &Arc<Journal>) -> Arc<Self> {
        Arc::new(Self {
            journal: Arc::clone(journal),
            ready: watch::Sender::new(true),
            failure: watch::Sender::new(None),
            events: broadcast::Sender::new(2),
            drains: watch::Sender::new(true),
        })
    }

    pub(crate) fn starter(self: &Arc<Self>) -> EngineStarter {
        let engine = Arc::clone(self);
        Arc::new(move |_, _, _| {
            let engine = Arc::clone(&engine);
            engine.journal.note("engine started");
            Box::pin(async move { Ok(engine as Arc<dyn EnginePort>) })
        })
    }

    pub(crate) fn failing_starter(error: StartError) -> EngineStarter {
        Arc::new(move |_, _, _| {
            let error = error.clone();
            Box::pin(async move { Err(error) })
        })
    }

    #[allow(clippy::unnecessary_wraps)] // what the calls return
    fn told(&self, what: String) -> Result<(), HandleError> {
        self.journal.note(what);
        Ok(())
    }
}

impl EnginePort for FakeEngine {
    fn ready(&self) -> Answer<'_, Result<(), RunError>> {
        let mut ready = self.ready.subscribe();
        Box::pin(async move { ready.wait_for(|ready| *ready).await.map(drop).map_err(|_| RunError::ended()) })
    }

    fn not_ready(&self) -> Vec<String> {
        vec!["group g on cluster default".to_owned()]
    }

    fn failed(&self) -> Answer<'_, RunError> {
        let mut failure = self.failure.subscribe();
        Box::pin(async move {
            let failure = failure.wait_for(Option::is_some).await;
            failure.ok().and_then(|failure| failure.clone()).unwrap_or_else(RunError::ended)
        })
    }

    fn listeners(&self) -> Vec<ListenerStatus> {
        Vec::new()
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    fn pause(&self, listener: &str, choice: PartitionChoice<'_>, reason: &str) -> Result<(), HandleError> {
        self.told(format!("pause {listener} {:?} {:?} {reason}", choice.topic, choice.partition))
    }

    fn resume(&self, listener: &str, choice: PartitionChoice<'_>) -> Result<(), HandleError> {
        self.told(format!("resume {listener} {:?} {:?}", choice.topic, choice.partition))
    }

    fn seek(&self, listener: &str, topic: &str, partition: i32, offset: i64) -> Result<(), HandleError> {
        self.told(format!("seek {listener} {topic} {partition} {offset}"))
    }

    fn skip(&self, listener: &str, topic: &str, partition: i32, offset: i64, reason: &str) -> Result<(), HandleError> {
        self.told(format!("skip {listener} {topic} {partition} {offset} {reason}"))
    }

    fn shutdown(&self, deadline: Duration) -> Answer<'_, bool> {
        self.journal.note("engine ended");
        let drains = *self.drains.borrow();
        Box::pin(async move {
            if !drains {
                tokio::time::sleep(deadline).await;
            }
            drains
        })
    }
}
