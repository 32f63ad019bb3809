//! Several replies to one request.

use super::RequestError;
use crate::wire::FromBody;
use futures_util::Stream;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The values that a service answers a request with, until it says that there are no more. An error is the last item.
///
/// Dropping it forgets the request.
pub struct ResponseStream<T> {
    topic: Arc<str>,
    ended: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: FromBody> ResponseStream<T> {
    pub(super) fn closed(topic: Arc<str>) -> Self {
        Self { topic, ended: false, of: PhantomData }
    }
}

impl<T: FromBody> Stream for ResponseStream<T> {
    type Item = Result<T, RequestError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::replace(&mut self.ended, true) {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Err(RequestError::closed(&self.topic, false))))
    }
}

impl<T> fmt::Debug for ResponseStream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResponseStream({})", self.topic)
    }
}
