//! The engine: from the broker to the handler and back to the position.

pub(crate) mod answering;
mod attempts;
pub(crate) mod batch;
mod budget;
mod clusters;
mod committer;
mod control;
pub(crate) mod dispatch;
mod driver;
mod embedded;
pub(crate) mod failing;
mod feed;
mod finished;
mod frontier;
mod inbox;
pub(crate) mod lane;
pub(crate) mod limit;
mod metadata;
mod native_log;
mod policy;
mod polls;
mod properties;
mod refusal;
mod signals;
mod start;
mod status;
mod subscription;
#[cfg(test)]
mod tests;
mod topics;
mod wanted_topics;
mod watch;
pub(crate) mod wide;
mod window;

pub(crate) use clusters::{Clusters, topics};
pub(crate) use embedded::Embedded;
pub(crate) use native_log::log_native;
pub(crate) use properties::CONNECTING;

use crate::app::engine_port::{Answer, EnginePort, PartitionChoice};
use crate::app::{HandleError, ListenerStatus, RunError, RunErrorKind, StartError, StartErrorKind};
use crate::context::Attributes;
use crate::events::Event;
use crate::layer::Tell;
use crate::plan::{Brokers, ClusterPlan, Plan};
use control::{Command, Control, Drained};
use inbox::{Inbox, SubscriptionPort};
use lane::{Lane, Request};
use signals::Signals;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use subscription::{Subscription, SubscriptionParts};
use tokio::sync::{broadcast, oneshot, watch as watching};
use tokio::task::JoinSet;
use wanted_topics::{declared_topics, named_topics, promised_topics, retry_topics};
use watch::{Watch, Watcher};

/// A running engine.
pub(crate) struct Engine {
    plan: Plan,
    inbox: Arc<Inbox>,
    signals: Arc<Signals>,
    ready: Vec<watching::Receiver<bool>>,
    /// Ended by the shutdown.
    watchers: Mutex<Vec<Watcher>>,
    /// They see to declared topics; ended by the shutdown.
    topics: Mutex<JoinSet<()>>,
    /// Let go after the shutdown, as clients must not outlive an embedded broker.
    clusters: Mutex<Option<Arc<Clusters>>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Engine({} subscriptions)", self.plan.subscriptions.len())
    }
}

impl Drop for Engine {
    /// Without a shutdown nothing is drained: what was not settled comes again after the next start.
    fn drop(&mut self) {
        let (done, ended) = oneshot::channel();
        self.inbox.send(Command::Shutdown { deadline: Instant::now(), done });
        let Some(clusters) = self.let_go() else { return };
        // The members leave first: a broker that is gone would hold them up.
        let last = std::thread::Builder::new().name("millstream-end".into()).spawn(move || {
            drop(ended.blocking_recv());
            drop(clusters);
        });
        if let Err(error) = last {
            tracing::warn!(%error, "no thread to end the embedded broker on");
        }
    }
}

impl Engine {
    /// Starts everything; does not wait for brokers.
    pub(crate) fn start(
        plan: Plan,
        attributes: &Arc<Attributes>,
        clusters: &Arc<Clusters>,
    ) -> Result<Self, StartError> {
        let inbox = Arc::new(Inbox::default());
        let signals = Arc::new(Signals::new(plan.application.open_memory, Arc::clone(clusters.producers())));
        let runtime = tokio::runtime::Handle::current();
        let listeners = plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners);
        let tell: Tell = {
            let signals = Arc::clone(&signals);
            Arc::new(move |event| signals.event(event))
        };
        listeners.filter_map(|listener| listener.handler.as_ref()).for_each(|handler| handler.attach(&tell));
        let mut subscriptions = Vec::with_capacity(plan.subscriptions.len());
        let mut ready = Vec::with_capacity(plan.subscriptions.len());
        for (index, subscription) in plan.subscriptions.iter().enumerate() {
            let cluster = plan.clusters.iter().find(|cluster| cluster.name == subscription.cluster);
            let (Some(cluster), Some(bootstrap)) = (cluster, clusters.bootstrap(&subscription.cluster)) else {
                return Err(StartError::new(
                    StartErrorKind::Cluster,
                    format!("there is no cluster {}", subscription.cluster),
                ));
            };
            let parts = SubscriptionParts {
                plan: subscription.clone(),
                bootstrap: bootstrap.to_owned(),
                embedded: matches!(cluster.brokers, Brokers::Embedded(_)),
                missing_topics: cluster.missing_topics,
                promised_topics: promised_topics(&plan, cluster),
                runtime: runtime.clone(),
                port: SubscriptionPort::new(Arc::clone(&inbox), index),
                signals: Arc::clone(&signals),
                admin: clusters.admins().of(&subscription.cluster).ok(),
                attributes: Arc::clone(attributes),
            };
            let (subscription, is_ready) = Subscription::new(parts).map_err(|error| {
                StartError::new(
                    StartErrorKind::Configuration,
                    format!("a topic pattern of group {} does not compile: {error}", subscription.group_id),
                )
            })?;
            subscriptions.push(subscription);
            ready.push(is_ready);
        }
        let control = Control { inbox: Arc::clone(&inbox), subscriptions };
        std::thread::Builder::new()
            .name("millstream-control".into())
            .spawn({
                let (inbox, signals) = (Arc::clone(&inbox), Arc::clone(&signals));
                move || {
                    let ended = catch_unwind(AssertUnwindSafe(|| control.run()));
                    inbox.close();
                    if ended.is_err() {
                        signals.stop(
                            RunErrorKind::Client,
                            "the control thread died: this is a defect of millstream".into(),
                        );
                    }
                }
            })
            .map_err(|error| {
                StartError::new(StartErrorKind::Process, format!("the control thread could not be started: {error}"))
            })?;
        // From here on dropping the engine ends the control thread.
        let engine = Self {
            plan,
            inbox,
            signals,
            ready,
            watchers: Mutex::default(),
            topics: Mutex::default(),
            clusters: Mutex::new(Some(Arc::clone(clusters))),
        };
        let admins = clusters.admins();
        for cluster in &engine.plan.clusters {
            let declared = declared_topics(&engine.plan, cluster);
            // A broker inside the process was started with them.
            if let (false, Ok(admin)) = (declared.is_empty(), admins.of(&cluster.name))
                && !admin.is_embedded()
            {
                let seen_to = topics::see_to(admin, declared, Arc::clone(&engine.signals));
                engine.topics.lock().unwrap_or_else(PoisonError::into_inner).spawn(seen_to);
            }
            if !engine.plan.subscriptions.iter().any(|subscription| subscription.cluster == cluster.name) {
                continue;
            }
            let bootstrap = clusters.bootstrap(&cluster.name).unwrap_or_default().to_owned();
            let watcher =
                watch(&engine.plan, cluster, bootstrap).start(Arc::clone(&engine.inbox)).map_err(|error| {
                    StartError::new(StartErrorKind::Process, format!("a thread could not be started: {error}"))
                })?;
            engine.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
        }
        Ok(engine)
    }

    async fn until_ready(&self) -> Result<(), RunError> {
        for ready in &self.ready {
            let mut ready = ready.clone();
            tokio::select! {
                is_ready = async { ready.wait_for(|ready| *ready).await.is_ok() } => if !is_ready { std::future::pending::<()>().await },
                error = self.until_failed() => return Err(error),
            }
        }
        Ok(())
    }

    async fn until_failed(&self) -> RunError {
        let mut stopped = self.signals.stopped();
        let reason = match stopped.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone(),
            Err(_) => None,
        };
        match reason {
            Some((kind, message)) => RunError::new(kind, message),
            None => std::future::pending().await,
        }
    }

    async fn end(&self, deadline: Duration) -> bool {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        let (done, answer) = oneshot::channel();
        self.inbox.send(Command::Shutdown { deadline: Instant::now() + deadline, done });
        let drained = answer.await.unwrap_or(Drained { stragglers: Vec::new() });
        for (listener, topic, partition) in &drained.stragglers {
            tracing::error!(%listener, %topic, partition, "the handler had not ended by the deadline: its message comes again");
        }
        drop(self.let_go());
        drained.stragglers.is_empty()
    }

    fn let_go(&self) -> Option<Arc<Clusters>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The lanes of a listener that a choice means; an error if the listener is unknown or has none there.
    fn lanes(&self, listener: &str, choice: PartitionChoice<'_>) -> Result<Vec<Arc<Lane>>, HandleError> {
        let known =
            || self.plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners).map(|plan| &*plan.id);
        if !known().any(|id| id == listener) {
            let known: Vec<_> = known().collect();
            return Err(HandleError::unknown_listener(listener, known));
        }
        let meant = |lane: &Arc<Lane>| {
            choice.topic.is_none_or(|topic| *lane.topic == *topic)
                && choice.partition.is_none_or(|partition| lane.partition == partition)
        };
        let lanes: Vec<_> = self.signals.lanes(listener).into_iter().filter(meant).collect();
        match choice.topic {
            Some(topic) if lanes.is_empty() => Err(HandleError::not_assigned(listener, topic, choice.partition)),
            _ => Ok(lanes),
        }
    }

    fn one_lane(&self, listener: &str, topic: &str, partition: i32) -> Result<Vec<Arc<Lane>>, HandleError> {
        self.lanes(listener, PartitionChoice { topic: Some(topic), partition: Some(partition) })
    }

    fn id(&self, listener: &str) -> Option<&Arc<str>> {
        let mut plans = self.plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners);
        plans.find(|plan| *plan.id == *listener).map(|plan| &plan.id)
    }
}

impl EnginePort for Engine {
    fn ready(&self) -> Answer<'_, Result<(), RunError>> {
        Box::pin(self.until_ready())
    }

    fn not_ready(&self) -> Vec<String> {
        let waiting = self.plan.subscriptions.iter().zip(&self.ready).filter(|(_, ready)| !*ready.borrow());
        waiting.map(|(plan, _)| format!("group {} on cluster {}", plan.group_id, plan.cluster)).collect()
    }

    fn failed(&self) -> Answer<'_, RunError> {
        Box::pin(self.until_failed())
    }

    fn listeners(&self) -> Vec<ListenerStatus> {
        status::listeners(&self.plan, &self.signals)
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.signals.events()
    }

    fn pause(&self, listener: &str, choice: PartitionChoice<'_>, reason: &str) -> Result<(), HandleError> {
        self.lanes(listener, choice)?;
        if let (None, None, Some(id)) = (choice.topic, choice.partition, self.id(listener)) {
            // Partitions that are assigned later are meant too; those assigned just now are in the list below.
            self.signals.set_paused(id, Some(reason.to_owned()));
        }
        for lane in self.lanes(listener, choice)? {
            lane.requests().push(Request::Pause { reason: reason.to_owned() });
        }
        Ok(())
    }

    fn resume(&self, listener: &str, choice: PartitionChoice<'_>) -> Result<(), HandleError> {
        self.lanes(listener, choice)?;
        if let (None, None, Some(id)) = (choice.topic, choice.partition, self.id(listener)) {
            self.signals.set_paused(id, None);
        }
        for lane in self.lanes(listener, choice)? {
            lane.requests().push(Request::Resume);
        }
        Ok(())
    }

    fn seek(&self, listener: &str, topic: &str, partition: i32, offset: i64) -> Result<(), HandleError> {
        if offset < 0 {
            return Err(HandleError::refused(format!("cannot seek to offset {offset}: offsets start at 0")));
        }
        for lane in self.one_lane(listener, topic, partition)? {
            lane.requests().push(Request::Seek(offset));
        }
        Ok(())
    }

    fn skip(&self, listener: &str, topic: &str, partition: i32, offset: i64, reason: &str) -> Result<(), HandleError> {
        for lane in self.one_lane(listener, topic, partition)? {
            if lane.frontier.offset().is_some_and(|position| offset < position) {
                return Err(HandleError::refused(format!(
                    "cannot skip offset {offset} of {topic}/{partition}: listener `{listener}` has settled it already"
                )));
            }
            lane.requests().push(Request::Skip { offset, reason: reason.to_owned() });
        }
        Ok(())
    }

    fn shutdown(&self, deadline: Duration) -> Answer<'_, bool> {
        Box::pin(self.end(deadline))
    }
}

fn watch(plan: &Plan, cluster: &ClusterPlan, bootstrap: String) -> Watch {
    let mut properties = cluster.properties.clone();
    properties.insert("bootstrap.servers".into(), bootstrap);
    for (name, value) in CONNECTING {
        properties.entry(name.into()).or_insert_with(|| value.into());
    }
    let subscriptions = plan.subscriptions.iter().filter(|subscription| subscription.cluster == cluster.name);
    let mut listeners = subscriptions.flat_map(|subscription| &subscription.listeners);
    Watch {
        cluster: Arc::clone(&cluster.name),
        properties: properties.into_iter().collect(),
        named: named_topics(plan, &cluster.name)
            .into_iter()
            .chain(retry_topics(plan, &cluster.name).into_iter().map(|topic| topic.name))
            .collect(),
        patterns: listeners.any(|listener| listener.pattern.is_some()),
    }
}
