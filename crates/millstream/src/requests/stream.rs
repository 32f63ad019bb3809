//! Several replies to one request.

use super::RequestError;
use super::asking::{Asking, Question};
use super::pending::Wants;
use super::reply::Reply;
use crate::wire::FromBody;
use futures_util::{Stream, stream};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Sleep;

/// The values that a service answers a request with, until it says that there are no more. An error is the last item.
///
/// The request is sent when this is first polled. Each value may take as long as the request's timeout says. Up to
/// 10,000 values or 16 MiB of them may wait to be taken; more are an error. Dropping it forgets the request.
///
/// A service says that there are no more with its last value, or with a null payload that is no value: with the
/// conventions of `NestJS` a last value that is null cannot be told from that.
#[must_use = "nothing is sent before it is polled"]
pub struct ResponseStream<T> {
    topic: Arc<str>,
    /// Gone after the last item.
    replies: Option<Replies>,
    of: PhantomData<fn() -> T>,
}

type Replies = Pin<Box<dyn Stream<Item = Result<Reply, RequestError>> + Send>>;

/// Where a stream is.
enum State {
    Unsent(Box<Question>),
    Open(Asking, Pin<Box<Sleep>>),
    Ended,
}

impl<T: FromBody> ResponseStream<T> {
    pub(super) fn new(question: Question) -> Self {
        let topic = Arc::clone(&question.topic);
        let replies = stream::unfold(State::Unsent(Box::new(question)), next);
        Self { topic, replies: Some(Box::pin(replies)), of: PhantomData }
    }
}

/// The next reply that is a value, and what follows it.
async fn next(state: State) -> Option<(Result<Reply, RequestError>, State)> {
    let opened = match state {
        State::Unsent(question) => question.ask(Wants::Stream).await,
        State::Open(asking, timer) => Ok((asking, timer)),
        State::Ended => return None,
    };
    let (mut asking, mut timer) = match opened {
        Ok(opened) => opened,
        Err(error) => return Some((Err(error), State::Ended)),
    };
    match asking.next(&mut timer).await {
        Ok(reply) => Some((Ok(reply?), State::Open(asking, timer))),
        Err(error) => Some((Err(error), State::Ended)),
    }
}

impl<T: FromBody> Stream for ResponseStream<T> {
    type Item = Result<T, RequestError>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(replies) = &mut self.replies else { return Poll::Ready(None) };
        let Poll::Ready(reply) = replies.as_mut().poll_next(task) else { return Poll::Pending };
        let value = reply.map(|reply| {
            T::from_body(reply?.payload.as_deref()).map_err(|error| RequestError::not_decoded(&self.topic, error))
        });
        if !matches!(value, Some(Ok(_))) {
            self.replies = None;
        }
        Poll::Ready(value)
    }
}

impl<T> fmt::Debug for ResponseStream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResponseStream({})", self.topic)
    }
}
