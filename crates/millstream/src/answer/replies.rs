//! The replies to one message, as far as they are not sent yet.

use super::address::{Address, Part, Problem};
use super::{Answer, Content, Values};
use crate::engine::dispatch::panic_message;
use crate::engine::failing::letter::{kind, shortened};
use crate::error::Error;
use crate::listener::Failure;
use crate::producer::{OutgoingMessage, SendError};
use crate::trace::{self, TraceContext};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many values that are there at once are sent together.
const TOGETHER: usize = 64;

/// See the module. Everything that was yielded and is not acknowledged stays in it, so that who sends it may be
/// interrupted and go on later.
pub(crate) struct Replies {
    address: Address,
    key: Option<Bytes>,
    headers: Vec<(String, Option<Bytes>)>,
    /// The trace that the method ran in.
    trace: Option<TraceContext>,
    /// Yielded, and not acknowledged yet.
    unsent: VecDeque<Part>,
    /// What is still to come. Never locked: it makes a stream that one thread uses at a time something that threads
    /// may share.
    values: Option<Mutex<Values>>,
    /// Yielded, and not sent before it is known whether it is the last.
    held_back: Option<Yielded>,
    yielded: bool,
    /// Whether something was acknowledged.
    sent: bool,
    /// Why none of it can be sent.
    malformed: Option<Error>,
    /// What ended the values after the first.
    failure: Option<Box<Failure>>,
}

/// A value of a stream; nothing is a null.
struct Yielded(Option<Bytes>);

impl Yielded {
    fn part(self, last: bool) -> Part {
        Part::Value { payload: self.0, last }
    }
}

impl Replies {
    pub(crate) fn new(address: Address, answer: Answer) -> Self {
        let Answer { key, headers, content, malformed, trace } = answer;
        let malformed = malformed.map(|(what, error)| {
            let topic = &address.topic;
            Error::terminal(format!("the {what} of the reply to topic {topic} cannot be written as bytes: {error}"))
        });
        let mut replies = Self {
            address,
            key,
            headers,
            trace,
            unsent: VecDeque::new(),
            values: None,
            held_back: None,
            yielded: false,
            sent: false,
            malformed,
            failure: None,
        };
        match content {
            Content::Value(payload) => replies.unsent.push_back(Part::Value { payload, last: true }),
            Content::Refusal(object) => replies.unsent.push_back(Part::Error(Problem::refused(object))),
            Content::Values(values) => replies.values = Some(Mutex::new(values)),
        }
        replies
    }

    pub(crate) fn topic(&self) -> &Arc<str> {
        &self.address.topic
    }

    pub(crate) fn partition(&self) -> Option<i32> {
        self.address.partition
    }

    /// Whether somebody waits for them.
    pub(crate) fn is_of_request(&self) -> bool {
        self.address.is_of_request()
    }

    /// Whether values are still to be made.
    pub(crate) fn draws(&self) -> bool {
        self.values.is_some()
    }

    /// Has all of them go to one of so many partitions, where nothing else says so: they are in order there.
    pub(crate) fn keep_to_one_partition(&mut self, count: i32) {
        if self.key.is_none() {
            self.address.choose_partition(count);
        }
    }

    /// What ended the values after the first, if they did not end by themselves: who asked was told.
    pub(crate) fn failure(&mut self) -> Option<Box<Failure>> {
        self.failure.take()
    }

    /// Waits until there is something to send; `false` if nothing is left. Each value may take so long. Cancel safe.
    ///
    /// # Errors
    /// The message has failed: nobody was told anything yet.
    pub(crate) async fn draw(&mut self, timeout: Option<Duration>) -> Result<bool, Box<Failure>> {
        if let Some(malformed) = self.malformed.take() {
            return Err(Box::new(Failure::Error(malformed)));
        }
        while self.unsent.is_empty() && self.values.is_some() {
            let next = self.next(timeout).await;
            self.drawn(next)?;
        }
        // What is there already goes along.
        while self.unsent.len() < TOGETHER && self.values.is_some() {
            let Some(next) = self.next(None).now_or_never() else { break };
            self.drawn(next)?;
        }
        Ok(!self.unsent.is_empty())
    }

    async fn next(&mut self, timeout: Option<Duration>) -> Next {
        let values = self.values.as_mut()?.get_mut().unwrap_or_else(PoisonError::into_inner);
        let next = AssertUnwindSafe(values.next()).catch_unwind();
        let next = within(self.trace.clone(), async {
            match timeout {
                None => Ok(next.await),
                Some(timeout) => tokio::time::timeout(timeout, next).await.map_err(|_| Failure::Timeout(timeout)),
            }
        });
        match next.await {
            Ok(Ok(value)) => value.map(|value| value.map_err(|error| Box::new(Failure::Error(error)))),
            Ok(Err(panic)) => Some(Err(Box::new(Failure::Panic(panic_message(&*panic))))),
            Err(timeout) => Some(Err(Box::new(timeout))),
        }
    }

    fn drawn(&mut self, next: Next) -> Result<(), Box<Failure>> {
        match next {
            Some(Ok(payload)) => {
                self.yielded = true;
                let yielded = Yielded(payload);
                let ready =
                    if self.address.marks_last_value() { self.held_back.replace(yielded) } else { Some(yielded) };
                self.unsent.extend(ready.map(|value| value.part(false)));
                Ok(())
            }
            Some(Err(failure)) => self.fail(failure),
            None => {
                self.values = None;
                let last = self.held_back.take().map(|value| value.part(true));
                if last.is_some() || self.address.is_of_request() {
                    self.unsent.push_back(last.unwrap_or(Part::End));
                }
                Ok(())
            }
        }
    }

    /// The values end with a failure: the message's as long as none was yielded, else the answer's.
    fn fail(&mut self, failure: Box<Failure>) -> Result<(), Box<Failure>> {
        self.values = None;
        if !self.yielded || !self.address.is_of_request() {
            return Err(failure);
        }
        let before = self.held_back.take().map(|value| value.part(false));
        self.unsent.extend(before);
        self.end_with(failure);
        Ok(())
    }

    /// The first that is unsent can never be sent. Who has had nothing yet is told by the message's failure, who has
    /// had something by an error after it.
    ///
    /// # Errors
    /// The message has failed; or, where even the error can never be sent, why.
    pub(crate) fn give_up(&mut self, error: SendError) -> Result<(), GivenUp> {
        if matches!(self.unsent.front(), Some(Part::Error(_))) && self.failure.is_some() {
            return Err(GivenUp::Unsendable(error));
        }
        self.values = None;
        self.held_back = None;
        self.unsent.clear();
        let failure = Box::new(Failure::Error(Error::terminal(error)));
        if !self.sent || !self.address.is_of_request() {
            return Err(GivenUp::Failed(failure));
        }
        self.end_with(failure);
        Ok(())
    }

    fn end_with(&mut self, failure: Box<Failure>) {
        let problem = Problem::failed(kind(&failure), shortened(&failure.to_string()));
        self.unsent.push_back(Part::Error(problem));
        self.failure = Some(failure);
    }

    /// The messages to be sent now, in their order. The one that ends them goes alone: where one before it cannot be sent,
    /// nobody must have been told that these are all.
    pub(crate) fn messages(&self) -> Vec<OutgoingMessage> {
        let ends = |part: &Part| !matches!(part, Part::Value { last: false, .. });
        let together = self.unsent.iter().position(ends).unwrap_or(self.unsent.len()).max(1);
        let message = |part| self.address.message(part, self.key.as_ref(), &self.headers);
        self.unsent.iter().take(together).filter_map(message).collect()
    }

    /// The message at this place among those to be sent stands in its topic.
    pub(crate) fn acknowledged(&mut self, place: usize) {
        self.sent = true;
        self.unsent.remove(place);
    }

    /// Runs what sends them in the trace of the method.
    pub(crate) fn in_trace<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        within(self.trace.clone(), future)
    }
}

/// The next value, if there is one.
type Next = Option<Result<Option<Bytes>, Box<Failure>>>;

/// What follows where a reply can never be sent.
pub(crate) enum GivenUp {
    /// The message has failed.
    Failed(Box<Failure>),
    /// Nothing can be said at all.
    Unsendable(SendError),
}

async fn within<F: Future>(trace: Option<TraceContext>, future: F) -> F::Output {
    match trace {
        Some(trace) => trace::scope(trace, future).await,
        None => future.await,
    }
}
