//! Sends messages.

mod bell;
mod error;
mod gathering;
mod line;
mod message;
mod partition_counts;
mod payload;
mod producers;
mod properties;
mod questions;
mod waiting;

pub use error::{FlushError, SendError, SendErrorKind, UnknownCluster};
pub use message::{Delivery, OutgoingMessage};
pub use payload::IntoPayload;
pub use producers::Producers;

pub(crate) use error::by_topic;

use crate::trace;
use line::Line;
use millstream_native::{Client, Code, Event, NativeError, Persisted};
use partition_counts::PartitionCounts;
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::oneshot;
use waiting::Answer;

/// How long the question for a topic's partitions may take.
const COUNT_QUESTION: Duration = Duration::from_secs(5);

/// Sends messages to one cluster; clones share one client, which is made when it is first used.
///
/// Injected like any component, as a field or an argument; it is the one of the cluster `default`, [`Producers`] has
/// those of the others. Messages are acknowledged by all replicas in sync and written once even when the
/// client has to repeat itself (`acks=all`, `enable.idempotence=true`); equal keys meet in one partition, in
/// the one that Java's and kafkajs' producers choose. `[kafka.producer.properties]` says otherwise where that is wanted.
///
/// The trace that the current task runs in ([`trace::current`]) travels in the headers `traceparent` and
/// `tracestate`, unless the message has them.
///
/// ```no_run
/// use millstream::prelude::*;
/// use millstream::{OutgoingMessage, Producer};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Order { id: u64, customer: String }
///
/// #[consumer]
/// struct Billing { producer: Arc<Producer> }
///
/// #[consumer]
/// impl Billing {
///     #[kafka_listener("orders")]
///     async fn on_order(&self, Json(order): Json<Order>) -> Result<()> {
///         let message = OutgoingMessage::new("invoices").key(&order.customer).payload(Json(&order));
///         // The order counts as handled only once its invoice is written.
///         self.producer.send(message).await?;
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Producer {
    inner: Arc<Inner>,
}

struct Inner {
    cluster: Arc<str>,
    properties: Vec<(String, String)>,
    line: Mutex<State>,
    counts: PartitionCounts,
    /// The one that does not linger.
    prompt: Option<Producer>,
}

enum State {
    /// Nothing was sent yet.
    Unused,
    Open(Arc<Line>),
    Closed,
}

impl Producer {
    pub(crate) fn new(cluster: Arc<str>, properties: &BTreeMap<String, String>, bootstrap: &str) -> Self {
        let prompt = properties::prompt_properties(properties, bootstrap);
        let prompt = Self::made(Arc::clone(&cluster), prompt, None);
        Self::made(cluster, properties::producer_properties(properties, bootstrap), Some(prompt))
    }

    fn made(cluster: Arc<str>, properties: Vec<(String, String)>, prompt: Option<Self>) -> Self {
        let line = Mutex::new(State::Unused);
        Self { inner: Arc::new(Inner { cluster, properties, line, counts: PartitionCounts::default(), prompt }) }
    }

    /// The same with a client of its own that does not linger, for requests and replies, each of which somebody waits
    /// for: while few are under way each goes at once, while many are they travel together. It ends with this one.
    pub(crate) fn prompt(&self) -> Self {
        self.inner.prompt.clone().unwrap_or_else(|| self.clone())
    }

    /// The name of its cluster.
    pub fn cluster(&self) -> &str {
        &self.inner.cluster
    }

    /// Sends a message and waits until the brokers have it. While the client's queue is full it waits for room, in the
    /// order of the calls.
    ///
    /// Dropping the future before there was room sends nothing; afterwards it does not take the message back.
    ///
    /// # Errors
    /// The message is malformed or too large, its topic or partition does not exist, or the brokers did not take it in
    /// time; [`SendError::is_retriable`] says whether sending it again can help, and
    /// [`SendError::may_be_written`] whether it may then be there twice.
    pub async fn send(&self, message: OutgoingMessage) -> Result<Delivery, SendError> {
        self.enqueue(message).await?.delivered().await
    }

    /// Puts a message into the client's queue and returns once there was room: messages that are enqueued one after
    /// the other keep their order within a partition. Awaiting what it returns tells what became of the message; who
    /// drops that is not told, but what could not be sent is logged and counted at the end of the application.
    ///
    /// Dropping the future before it is ready sends nothing.
    ///
    /// # Errors
    /// What can be seen at once: the message is malformed or too large, or the producer closed.
    pub async fn enqueue(&self, mut message: OutgoingMessage) -> Result<Sending, SendError> {
        if let Some((what, error)) = message.malformed.take() {
            return Err(SendError::serialization(&message.topic, what, error));
        }
        carry_trace(&mut message);
        let line = self.line(&message.topic)?;
        let topic = Arc::clone(&message.topic);
        let answer = line.enqueue(message).await?;
        Ok(Sending { topic, answer })
    }

    /// Sends messages together: all are enqueued in their order, then all answers awaited. The answers are in the
    /// order of the messages.
    ///
    /// Dropping the future does not take back what was enqueued.
    pub async fn send_all(
        &self,
        messages: impl IntoIterator<Item = OutgoingMessage>,
    ) -> Vec<Result<Delivery, SendError>> {
        let mut sendings = Vec::new();
        for message in messages {
            sendings.push(self.enqueue(message).await);
        }
        let mut answers = Vec::with_capacity(sendings.len());
        for sending in sendings {
            answers.push(match sending {
                Ok(sending) => sending.delivered().await,
                Err(error) => Err(error),
            });
        }
        answers
    }

    /// How many partitions a topic has, asked from the cluster and believed for a few seconds; for up to a minute while it
    /// is asked again. Safe to cancel.
    ///
    /// # Errors
    /// The topic does not exist, or no broker answered in time.
    pub async fn partition_count(&self, topic: &str) -> Result<i32, SendError> {
        if let Some(count) = self.inner.counts.fresh(topic) {
            return Ok(count);
        }
        let client = self.client(topic)?;
        let name = topic.to_owned();
        let question = move || {
            let found = client.metadata(Some(&[&name]), COUNT_QUESTION)?.topics.into_iter().next();
            match found {
                Some(found) if found.error.is_none() => Ok(i32::try_from(found.partitions.len()).unwrap_or(i32::MAX)),
                found => {
                    let code = found.and_then(|topic| topic.error).unwrap_or(Code::UNKNOWN_TOPIC_OR_PART);
                    Err(NativeError::new(code, code.to_string()))
                }
            }
        };
        let count = self.inner.counts.of(topic, question).await;
        count.map_err(|error| SendError::native(topic, 0, &error, Persisted::No))
    }

    /// Has the cluster asked of a topic before the next message to it. Once a broker has refused one for lack of rights,
    /// librdkafka refuses the next ones by itself until it hears of the topic again.
    pub(crate) fn ask_again_of(&self, topic: &str) {
        self.inner.counts.forget(topic);
        if let Some(prompt) = &self.inner.prompt {
            prompt.ask_again_of(topic);
        }
    }

    /// Waits until everything that was enqueued so far is answered.
    ///
    /// Safe to cancel; the messages go on their way either way.
    ///
    /// # Errors
    /// What was not answered in time, by topic.
    pub async fn flush(&self, within: Duration) -> Result<(), FlushError> {
        let Some(line) = self.open_line() else { return Ok(()) };
        let topics = line.flush(within).await;
        if topics.is_empty() { Ok(()) } else { Err(FlushError { within, topics }) }
    }

    /// Makes the client now, so that a mistake in its properties is told before the first message.
    pub(crate) fn open(&self) -> Result<(), SendError> {
        self.line("").map(drop)
    }

    /// Flushes, then ends the clients for good; what could not be sent, by topic.
    pub(crate) async fn close(&self, within: Duration) -> BTreeMap<Arc<str>, usize> {
        let Some(prompt) = &self.inner.prompt else { return self.close_line(within).await };
        let (mut unsent, prompt) = tokio::join!(self.close_line(within), prompt.close_line(within));
        for (topic, count) in prompt {
            *unsent.entry(topic).or_default() += count;
        }
        unsent
    }

    async fn close_line(&self, within: Duration) -> BTreeMap<Arc<str>, usize> {
        let Some(line) = self.open_line() else {
            *self.lock_line() = State::Closed;
            return BTreeMap::new();
        };
        let mut unsent = line.flush(within).await;
        *self.lock_line() = State::Closed;
        line.close().await;
        for (topic, count) in line.take_lost() {
            // What was given up just now and awaited by nobody is in both.
            let known = unsent.entry(topic).or_default();
            *known = (*known).max(count);
        }
        unsent
    }

    /// Asks the client something that it answers with an event; `None` when no answer came.
    pub(crate) async fn ask(
        &self,
        within: Duration,
        question: impl FnOnce(&Client, u64) -> Result<(), NativeError>,
    ) -> Result<Option<Event>, NativeError> {
        let line = self.line("").map_err(|error| NativeError::new(Code::FAIL, error.to_string()))?;
        line.ask(within, question).await
    }

    /// The client, for questions that block.
    pub(crate) fn client(&self, topic: &str) -> Result<Client, SendError> {
        let line = self.line(topic)?;
        line.client().ok_or_else(|| SendError::closed(topic, Persisted::No))
    }

    fn line(&self, topic: &str) -> Result<Arc<Line>, SendError> {
        let mut state = self.lock_line();
        match &*state {
            State::Open(line) => Ok(Arc::clone(line)),
            State::Closed => Err(SendError::closed(topic, Persisted::No)),
            State::Unused => {
                // The prompt one has no other.
                let is_prompt = self.inner.prompt.is_none();
                let line = Arc::new(Line::start(&self.inner.cluster, self.inner.properties.clone(), is_prompt)?);
                *state = State::Open(Arc::clone(&line));
                Ok(line)
            }
        }
    }

    fn open_line(&self) -> Option<Arc<Line>> {
        match &*self.lock_line() {
            State::Open(line) => Some(Arc::clone(line)),
            State::Unused | State::Closed => None,
        }
    }

    fn lock_line(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Producer({})", self.inner.cluster)
    }
}

/// A message under way.
#[derive(Debug)]
#[must_use = "what becomes of the message is told to whoever awaits it"]
pub struct Sending {
    topic: Arc<str>,
    answer: oneshot::Receiver<Answer>,
}

impl Sending {
    /// Waits until the brokers have the message. Dropping the future does not take the message back.
    ///
    /// # Errors
    /// As [`Producer::send`].
    pub async fn delivered(mut self) -> Result<Delivery, SendError> {
        poll_fn(|task| self.poll_delivered(task)).await
    }

    /// [`delivered`](Self::delivered) for whoever waits for something else too; not to be called after it was ready.
    pub(crate) fn poll_delivered(&mut self, task: &mut Context<'_>) -> Poll<Result<Delivery, SendError>> {
        let answer = ready!(Pin::new(&mut self.answer).poll(task));
        Poll::Ready(answer.unwrap_or_else(|_| Err(SendError::closed(&self.topic, Persisted::Possibly))))
    }
}

/// The current trace goes along, unless the message has one of its own.
fn carry_trace(message: &mut OutgoingMessage) {
    if message.headers.iter().any(|(name, _)| name == trace::TRACEPARENT) {
        return;
    }
    let Some(child) = trace::current().map(|context| context.child()) else { return };
    let mut header = |name: &str, value: String| message.headers.push((name.to_owned(), Some(value.into())));
    header(trace::TRACEPARENT, child.parent().to_string());
    if let Some(state) = child.state() {
        header(trace::TRACESTATE, state.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{TraceContext, TraceParent};

    #[tokio::test]
    async fn the_current_trace_goes_along_as_a_child() {
        let parent = TraceParent::random(true);
        let context = TraceContext::from_headers(Some(&parent.to_string()), Some("a=1")).unwrap();
        let message = trace::scope(context, async {
            let mut message = OutgoingMessage::new("orders");
            carry_trace(&mut message);
            message
        })
        .await;
        let value = |name: &str| {
            let found = message.header_list().iter().find(|(other, _)| other == name).unwrap();
            String::from_utf8(found.1.clone().unwrap().to_vec()).unwrap()
        };
        let sent: TraceParent = value("traceparent").parse().unwrap();
        assert_eq!(sent.trace_id(), parent.trace_id());
        assert_ne!(sent.parent_id(), parent.parent_id());
        assert_eq!(value("tracestate"), "a=1");
    }

    #[tokio::test]
    async fn a_message_keeps_the_trace_that_it_has() {
        let context = TraceContext::new(TraceParent::random(true));
        let mut message = OutgoingMessage::new("orders").header("traceparent", "mine");
        trace::scope(context, async { carry_trace(&mut message) }).await;
        assert_eq!(message.header_list().len(), 1);
    }

    #[tokio::test]
    async fn without_a_trace_there_is_no_header() {
        let mut message = OutgoingMessage::new("orders");
        carry_trace(&mut message);
        assert!(message.header_list().is_empty());
    }
}
