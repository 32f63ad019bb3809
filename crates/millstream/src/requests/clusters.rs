//! What asks in each cluster.

use super::Requests;
use crate::producer::UnknownCluster;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What asks other services, for all clusters that the configuration describes; injected like any component.
#[derive(Debug, Default)]
pub struct ClusterRequests {
    requests: BTreeMap<Arc<str>, Requests>,
}

impl ClusterRequests {
    pub(crate) fn new(requests: impl IntoIterator<Item = Requests>) -> Self {
        let named = |requests: Requests| (requests.inner.producer.cluster().into(), requests);
        Self { requests: requests.into_iter().map(named).collect() }
    }

    /// What asks in the cluster with this name; `default` is the one that `[kafka]` itself describes.
    ///
    /// # Errors
    /// There is no such cluster; the error names those there are.
    pub fn of(&self, cluster: &str) -> Result<Requests, UnknownCluster> {
        self.requests.get(cluster).cloned().ok_or_else(|| UnknownCluster {
            name: cluster.to_owned(),
            known: self.requests.keys().map(ToString::to_string).collect(),
        })
    }

    /// Ends what is pending in all of them.
    pub(crate) async fn close(&self) {
        join_all(self.requests.values().map(Requests::close)).await;
    }
}
