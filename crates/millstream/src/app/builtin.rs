//! The components that every application has: what sends, what asks and what administers.

use crate::admin::{Admin, Admins};
use crate::component::Given;
use crate::engine::Clusters;
use crate::producer::{Producer, Producers};
use crate::requests::{ClusterRequests, Requests};
use std::sync::Arc;

/// The cluster of those that are injected without a name.
const DEFAULT: &str = "default";

/// Says that they will be there.
pub(super) fn announce(given: &mut Given) {
    given.announce::<Producer>();
    given.announce::<Producers>();
    given.announce::<Requests>();
    given.announce::<ClusterRequests>();
    given.announce::<Admin>();
    given.announce::<Admins>();
}

/// Gives them; what was given by hand wins.
pub(super) fn provide(given: &mut Given, clusters: &Clusters) {
    given.insert_absent(Arc::clone(clusters.producers()));
    if let Ok(producer) = clusters.producers().of(DEFAULT) {
        given.insert_absent(Arc::new(producer));
    }
    given.insert_absent(Arc::clone(clusters.requests()));
    if let Ok(requests) = clusters.requests().of(DEFAULT) {
        given.insert_absent(Arc::new(requests));
    }
    let admins = clusters.admins();
    if let Ok(admin) = admins.of(DEFAULT) {
        given.insert_absent(Arc::new(admin));
    }
    given.insert_absent(Arc::new(admins));
}
