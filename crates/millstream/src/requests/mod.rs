//! Asks other services through Kafka and waits for their replies.
//!
//! [`Requests::to`] builds a request, which `asking` sends and waits for. `pending` knows who waits for what, by number;
//! `correlation` makes ids of numbers and back; `reply_topics` sees to it that the replies of a topic are read before
//! the first request is sent, and `reader` reads them.

mod asking;
mod clusters;
mod correlation;
mod counts;
mod error;
mod mailbox;
mod pending;
mod place;
mod properties;
mod reader;
mod reply;
mod reply_topics;
mod request;
mod response;
mod stream;
#[cfg(test)]
mod tests;

pub use clusters::ClusterRequests;
pub use counts::RequestCounts;
pub use error::{RemoteError, RequestError, RequestErrorKind};
pub use request::Request;
pub use response::Response;
pub use stream::ResponseStream;

use crate::admin::Admin;
use crate::plan::RequestsPlan;
use crate::producer::Producer;
use place::Place;
use reader::Reader;
use reply_topics::ReplyTopics;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Asks other services of one cluster; clones share one reader of replies, which is made with the first request.
///
/// A component that needs no declaration: take it as `Arc<Requests>`, and as `#[cluster("audit")] Arc<Requests>` for
/// another cluster than the default one. [`kafka_client`](macro@crate::kafka_client) makes typed clients of traits.
///
/// A service is whatever listens to the topic and answers: a listener with `reply`, a `NestJS` controller, or a Spring
/// listener ([`Request::wire`]). Replies come to `<topic>.reply`. Each instance of the application reads one partition of
/// it, from where it ends before the first request is sent; no group is joined and no position kept. There may be more
/// instances than partitions: what answers others is passed over. A reply topic that does not exist is created with
/// `[kafka.requests] reply_partitions` partitions; partitions that are added later are used by instances that start
/// later. One that is deleted is missed with the first request that times out, and is created again.
///
/// A request is sent once. Whoever waits gets one answer: the reply, or a [`RequestError`] that says whether the service
/// may have handled the request. Dropping the future forgets the request.
///
/// ```no_run
/// use millstream::prelude::*;
/// use millstream::{Json, Requests};
/// use serde::{Deserialize, Serialize};
/// use std::time::Duration;
///
/// #[derive(Serialize, Deserialize)]
/// struct Charge { order: u64, cents: u64 }
///
/// #[derive(Deserialize)]
/// struct Receipt { number: String }
///
/// #[consumer]
/// struct Billing { requests: Arc<Requests> }
///
/// #[consumer]
/// impl Billing {
///     #[kafka_listener("orders")]
///     async fn on_order(&self, Json(order): Json<Charge>) -> Result<()> {
///         let receipt: Receipt = self
///             .requests
///             .to("payments.charge")
///             .key(order.order.to_string())
///             .body(&order)
///             .timeout(Duration::from_secs(2))
///             .send()
///             .await?;
///         println!("charged: {}", receipt.number);
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Requests {
    inner: Arc<Inner>,
}

struct Inner {
    producer: Producer,
    plan: RequestsPlan,
    reader: Arc<Reader>,
    reply_topics: ReplyTopics,
}

impl Requests {
    /// What asks in the cluster that `producer` writes to. Its tasks run in `runtime`.
    pub(crate) fn new(
        producer: &Producer,
        admin: Admin,
        plan: &RequestsPlan,
        bootstrap: &str,
        embedded: bool,
        runtime: Handle,
    ) -> Self {
        let properties = properties::reader_properties(&plan.properties, bootstrap, embedded);
        let reader = Reader::new(producer.cluster().into(), properties, runtime);
        let producer = producer.prompt();
        let reply_topics = ReplyTopics::new(Arc::clone(&reader), producer.clone(), admin, plan.reply_partitions);
        Self { inner: Arc::new(Inner { producer, plan: plan.clone(), reader, reply_topics }) }
    }

    /// Begins a request to the service that listens to this topic.
    ///
    /// The first request creates the reply topic where it is missing: do not let others choose the topic's name.
    pub fn to(&self, topic: impl Into<Arc<str>>) -> Request {
        Request::new(self.clone(), topic.into())
    }

    /// How many requests wait for a reply.
    pub fn pending(&self) -> usize {
        self.inner.reader.pending().len()
    }

    /// What became of requests and replies so far.
    pub fn counts(&self) -> RequestCounts {
        self.inner.reader.pending().counts()
    }

    /// Ends what is pending with [`RequestErrorKind::ShuttingDown`], and the reader; nothing can be asked any more.
    pub(crate) async fn close(&self) {
        self.inner.reader.close().await;
    }

    /// Where the replies to requests of `topic` are read.
    async fn place(
        &self,
        topic: &Arc<str>,
        reply_topic: Option<Arc<str>>,
        within: Duration,
    ) -> Result<Arc<Place>, RequestError> {
        let Inner { reader, reply_topics, .. } = &*self.inner;
        if reader.pending().is_closed() {
            return Err(RequestError::closed(topic, false));
        }
        let reply_topic = reply_topic.unwrap_or_else(|| format!("{topic}.reply").into());
        if let Some(place) = reply_topics.ready(&reply_topic) {
            return Ok(place);
        }
        let timer = self.timer(within);
        tokio::select! {
            prepared = reply_topics.prepare(&reply_topic) => {
                prepared.map_err(|reason| RequestError::not_readable(topic, &reply_topic, &reason))
            }
            () = reader.pending().closed() => Err(RequestError::closed(topic, false)),
            () = timer => {
                let reason = format!("that was not ready within {within:?}; see whether the brokers can be reached");
                Err(RequestError::not_readable(topic, &reply_topic, &reason))
            }
        }
    }

    /// A timer that works wherever it is awaited.
    fn timer(&self, time: Duration) -> tokio::time::Sleep {
        let _inside = self.inner.reader.runtime().enter();
        tokio::time::sleep(time)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.reader.stop();
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Requests({}, {} pending)", self.inner.producer.cluster(), self.pending())
    }
}
