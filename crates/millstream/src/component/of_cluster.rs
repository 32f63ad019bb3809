//! Types that a field or an argument with `#[cluster("audit")]` can have.

use super::{Injector, Needs};
use crate::admin::{Admin, Admins};
use crate::producer::{Producer, Producers};
use crate::requests::{ClusterRequests, Requests};
use std::sync::Arc;

/// A type of which every cluster has its own; `#[cluster("audit")]` says whose is injected.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that each cluster has its own of",
    label = "not `Arc<Producer>`, `Arc<Requests>` or `Arc<Admin>`",
    note = "`#[cluster(\"name\")]` stands on `Arc<Producer>`, `Arc<Requests>` and `Arc<Admin>`; a component is injected without it"
)]
pub trait OfCluster: Sized {
    /// Declares the need.
    fn needs(needs: &mut Needs, cluster: &'static str);
    /// Takes the value; `None` after the lack was reported.
    fn inject(injector: &mut Injector<'_>, cluster: &'static str) -> Option<Self>;
}

impl OfCluster for Arc<Producer> {
    fn needs(needs: &mut Needs, cluster: &'static str) {
        needs.component::<Producers>();
        needs.cluster(cluster);
    }

    fn inject(injector: &mut Injector<'_>, cluster: &'static str) -> Option<Self> {
        let found = injector.component::<Producers>()?.of(cluster);
        found.map(Arc::new).map_err(|error| injector.report(error)).ok()
    }
}

impl OfCluster for Arc<Admin> {
    fn needs(needs: &mut Needs, cluster: &'static str) {
        needs.component::<Admins>();
        needs.cluster(cluster);
    }

    fn inject(injector: &mut Injector<'_>, cluster: &'static str) -> Option<Self> {
        let found = injector.component::<Admins>()?.of(cluster);
        found.map(Arc::new).map_err(|error| injector.report(error)).ok()
    }
}

impl OfCluster for Arc<Requests> {
    fn needs(needs: &mut Needs, cluster: &'static str) {
        needs.component::<ClusterRequests>();
        needs.cluster(cluster);
    }

    fn inject(injector: &mut Injector<'_>, cluster: &'static str) -> Option<Self> {
        let found = injector.component::<ClusterRequests>()?.of(cluster);
        found.map(Arc::new).map_err(|error| injector.report(error)).ok()
    }
}
