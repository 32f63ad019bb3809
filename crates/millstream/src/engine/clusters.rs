//! The clusters of an application, from before its components are built until after they have ended: where they are,
//! their producers, and the brokers inside the process.

use super::embedded::Embedded;
use super::wanted_topics::{declared_topics, named_topics, result_topics};
use crate::admin::{Admin, Admins};
use crate::app::{StartError, StartErrorKind};
use crate::plan::{Brokers, ClusterPlan, PartitionsWanted, Plan, Start};
use crate::producer::{Producer, Producers};
use crate::requests::{ClusterRequests, Requests};
use millstream_native::embedded::EmbeddedCluster;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// See the module. Dropping the last owner ends the brokers inside the process, so clients must be gone before.
pub(crate) struct Clusters {
    bootstraps: BTreeMap<Arc<str>, String>,
    embedded: BTreeMap<Arc<str>, Arc<Embedded>>,
    producers: Arc<Producers>,
    requests: Arc<ClusterRequests>,
}

impl Clusters {
    /// Starts the embedded brokers that the plan names, with the topics that listeners name, to read or for their results,
    /// and that are declared. An address may be that of a broker which runs in this process already. Contacts no broker.
    pub(crate) async fn open(plan: &Plan, running: Option<&Arc<EmbeddedCluster>>) -> Result<Arc<Self>, StartError> {
        let mut embedded = BTreeMap::new();
        let mut bootstraps = BTreeMap::new();
        let mut producers = Vec::new();
        let mut requests = Vec::new();
        for cluster in &plan.clusters {
            let name = &cluster.name;
            let bootstrap = match &cluster.brokers {
                Brokers::Addresses(addresses) => {
                    let bootstrap = addresses.join(",");
                    if let Some(running) = running.filter(|running| running.bootstrap() == bootstrap) {
                        embedded.insert(Arc::clone(name), Arc::new(Embedded::given(Arc::clone(running))));
                    }
                    bootstrap
                }
                Brokers::Embedded(wanted) => {
                    warn_of_times(plan, name);
                    let started =
                        Embedded::start(name, wanted.clone(), topics(plan, cluster, wanted.partitions)).await?;
                    let bootstrap = started.bootstrap();
                    embedded.insert(Arc::clone(name), Arc::new(started));
                    bootstrap
                }
            };
            let producer = Producer::new(Arc::clone(name), &cluster.producer, &bootstrap);
            if cluster.check_producer {
                producer.open().map_err(|error| StartError::new(StartErrorKind::Configuration, error.to_string()))?;
            }
            let inside: Option<&Arc<Embedded>> = embedded.get(name);
            requests.push(Requests::new(
                &producer,
                Admin::new(producer.clone(), inside.map(Arc::downgrade)),
                &cluster.requests,
                &bootstrap,
                inside.is_some(),
                tokio::runtime::Handle::current(),
            ));
            producers.push(producer);
            bootstraps.insert(Arc::clone(name), bootstrap);
        }
        let (producers, requests) = (Arc::new(Producers::new(producers)), Arc::new(ClusterRequests::new(requests)));
        Ok(Arc::new(Self { bootstraps, embedded, producers, requests }))
    }

    /// Where the cluster is, for `bootstrap.servers`.
    pub(crate) fn bootstrap(&self, cluster: &str) -> Option<&str> {
        self.bootstraps.get(cluster).map(String::as_str)
    }

    pub(crate) fn producers(&self) -> &Arc<Producers> {
        &self.producers
    }

    pub(crate) fn requests(&self) -> &Arc<ClusterRequests> {
        &self.requests
    }

    /// What administers a cluster; nothing where there is none of this name.
    pub(crate) fn admin(&self, cluster: &str) -> Option<Admin> {
        let producer = self.producers.of(cluster).ok()?;
        Some(Admin::new(producer, self.embedded.get(cluster).map(Arc::downgrade)))
    }

    /// What administers each cluster.
    pub(crate) fn admins(&self) -> Admins {
        let admins = self.bootstraps.keys().filter_map(|cluster| Some((Arc::clone(cluster), self.admin(cluster)?)));
        Admins::new(admins.collect())
    }

    /// Ends what waits for replies, then flushes and ends the producers; what could not be sent, by topic.
    pub(crate) async fn close(&self, within: Duration) -> BTreeMap<Arc<str>, usize> {
        self.requests.close().await;
        self.producers.close(within).await
    }
}

/// The topics of an embedded broker and their partitions.
pub(crate) fn topics(plan: &Plan, cluster: &ClusterPlan, partitions: i32) -> Vec<(Arc<str>, i32)> {
    let named = named_topics(plan, &cluster.name).into_iter().chain(result_topics(plan, &cluster.name));
    let mut topics: BTreeMap<Arc<str>, i32> = named.map(|topic| (topic, partitions)).collect();
    let declared = declared_topics(plan, cluster);
    for topic in &declared {
        let count = if let PartitionsWanted::Count(count) = topic.partitions { count } else { partitions };
        topics.insert(Arc::clone(&topic.name), count);
    }
    for topic in &declared {
        if let PartitionsWanted::SameAs(other) = &topic.partitions
            && let Some(count) = topics.get(other).copied()
        {
            topics.insert(Arc::clone(&topic.name), count);
        }
        if !topic.config.is_empty() || topic.replication.is_some() {
            tracing::debug!(topic = %topic.name, "the embedded broker knows neither replication nor configuration of topics");
        }
    }
    topics.into_iter().collect()
}

/// The embedded broker cannot look a time up: it answers as if every message were older.
fn warn_of_times(plan: &Plan, cluster: &Arc<str>) {
    let subscriptions = plan.subscriptions.iter().filter(|subscription| subscription.cluster == *cluster);
    for listener in subscriptions.flat_map(|subscription| &subscription.listeners) {
        if matches!(listener.start, Start::Timestamp(_)) {
            tracing::warn!(
                listener = %listener.id,
                "the embedded broker knows no times: a `start` with a timestamp begins after the last message there"
            );
        }
    }
}
