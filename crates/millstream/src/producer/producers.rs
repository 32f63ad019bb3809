//! The producers of all clusters.

use super::{Producer, UnknownCluster};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The producers of all clusters that the configuration describes; injected like any component.
///
/// ```no_run
/// use millstream::prelude::*;
/// use millstream::{OutgoingMessage, Producers};
///
/// #[consumer]
/// struct Billing { producers: Arc<Producers> }
///
/// #[consumer]
/// impl Billing {
///     #[kafka_listener("orders")]
///     async fn on_order(&self, order: &str) -> Result<()> {
///         // `[kafka.clusters.audit]`
///         self.producers.of("audit")?.send(OutgoingMessage::new("seen").payload(order)).await?;
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Default)]
pub struct Producers {
    producers: BTreeMap<Arc<str>, Producer>,
}

impl Producers {
    pub(crate) fn new(producers: impl IntoIterator<Item = Producer>) -> Self {
        let named = |producer: Producer| (Arc::clone(&producer.inner.cluster), producer);
        Self { producers: producers.into_iter().map(named).collect() }
    }

    /// The producer of the cluster with this name; `default` is the one that `[kafka]` itself describes.
    ///
    /// # Errors
    /// There is no such cluster; the error names those there are.
    pub fn of(&self, cluster: &str) -> Result<Producer, UnknownCluster> {
        self.producers.get(cluster).cloned().ok_or_else(|| UnknownCluster {
            name: cluster.to_owned(),
            known: self.producers.keys().map(ToString::to_string).collect(),
        })
    }

    /// Flushes and ends all of them, beside each other; what could not be sent, by topic.
    pub(crate) async fn close(&self, within: Duration) -> BTreeMap<Arc<str>, usize> {
        let closing = self.producers.values().map(|producer| producer.close(within));
        let mut unsent = BTreeMap::new();
        for (topic, count) in futures_util::future::join_all(closing).await.into_iter().flatten() {
            *unsent.entry(topic).or_default() += count;
        }
        unsent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_is_not_there_is_answered_with_those_that_are() {
        let of = |name: &str| Producer::new(name.into(), &BTreeMap::new(), "localhost:1");
        let producers = Producers::new([of("default"), of("audit")]);
        assert_eq!(producers.of("audit").unwrap().cluster(), "audit");
        let error = producers.of("audti").unwrap_err();
        assert_eq!(error.to_string(), "there is no cluster `audti`; the clusters are audit, default");
    }
}
