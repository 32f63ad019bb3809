//! A request under way: sent, and waiting for its replies until its time is over.

use super::mailbox::End;
use super::pending::{Became, Closed, Waiting, Wants};
use super::place::Place;
use super::reply::Reply;
use super::{RemoteError, RequestError, Requests};
use crate::producer::{OutgoingMessage, Sending};
use crate::wire::{CORRELATION_ID, REPLY_PARTITION, REPLY_TOPIC, Wire};
use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// What is asked, of whom, and for how long.
pub(super) struct Question {
    pub(super) requests: Requests,
    pub(super) topic: Arc<str>,
    pub(super) message: OutgoingMessage,
    pub(super) wire: Wire,
    pub(super) timeout: Duration,
    pub(super) reply_topic: Option<Arc<str>>,
}

/// See the module. Dropping it forgets the request.
pub(super) struct Asking {
    topic: Arc<str>,
    timeout: Duration,
    requests: Requests,
    place: Arc<Place>,
    waiting: Waiting,
    /// Until the brokers have acknowledged the request.
    sending: Option<Sending>,
}

impl Question {
    /// Sees to it that replies can be read, and sends. The timer starts when there is a partition for the replies.
    pub(super) async fn ask(self, wants: Wants) -> Result<(Asking, Pin<Box<Sleep>>), RequestError> {
        let Self { requests, topic, message, wire, timeout, reply_topic } = self;
        let reserved = [CORRELATION_ID, REPLY_TOPIC, REPLY_PARTITION];
        if let Some((name, _)) = message.header_list().iter().find(|(name, _)| reserved.contains(&name.as_str())) {
            return Err(RequestError::reserved_header(&topic, name));
        }
        let place = requests.place(&topic, reply_topic, timeout).await?;
        let inner = &*requests.inner;
        let mut waiting = inner.reader.pending().open(wants).map_err(|Closed| RequestError::closed(&topic, false))?;
        let message = message
            .header(CORRELATION_ID, inner.reader.correlation().write(waiting.number(), wire))
            .header(REPLY_TOPIC, place.header())
            .header(REPLY_PARTITION, place.partition(wire));
        let mut timer = Box::pin(requests.timer(timeout));
        let sending = {
            let mut enqueuing = pin!(inner.producer.enqueue(message));
            poll_fn(|task| {
                if let Poll::Ready(sending) = enqueuing.as_mut().poll(task) {
                    return Poll::Ready(sending.map_err(|error| RequestError::not_sent(&topic, error)));
                }
                // Nothing can come yet but the end of the application.
                if waiting.poll(task).is_ready() {
                    return Poll::Ready(Err(RequestError::closed(&topic, false)));
                }
                timer.as_mut().poll(task).map(|()| Err(RequestError::timed_out(&topic, timeout, false)))
            })
            .await
        };
        let sending = Some(sending?);
        waiting.sent();
        Ok((Asking { topic, timeout, requests, place, waiting, sending }, timer))
    }
}

impl Asking {
    /// The next reply; nothing where the last one was taken. After an error there is nothing more to ask for.
    pub(super) fn poll(
        &mut self,
        task: &mut Context<'_>,
        timer: Pin<&mut Sleep>,
    ) -> Poll<Result<Option<Reply>, RequestError>> {
        match self.waiting.poll(task) {
            Poll::Ready(Ok(reply)) => return Poll::Ready(self.replied(reply).map(Some)),
            Poll::Ready(Err(end)) => return Poll::Ready(self.ended(end)),
            Poll::Pending => {}
        }
        if let Some(sending) = &mut self.sending
            && let Poll::Ready(sent) = sending.poll_delivered(task)
        {
            self.sending = None;
            if let Err(error) = sent {
                self.waiting.became(Became::Failed);
                return Poll::Ready(Err(RequestError::not_sent(&self.topic, error)));
            }
        }
        timer.poll(task).map(|()| {
            self.waiting.became(Became::TimedOut);
            self.requests.inner.reply_topics.doubt(self.place.topic());
            Err(RequestError::timed_out(&self.topic, self.timeout, true))
        })
    }

    /// Waits for the next value of several; nothing where there are no more.
    pub(super) async fn next(&mut self, timer: &mut Pin<Box<Sleep>>) -> Result<Option<Reply>, RequestError> {
        let Some(reply) = poll_fn(|task| self.poll(task, timer.as_mut())).await? else { return Ok(None) };
        if reply.last {
            self.waiting.became(Became::Answered);
        }
        timer.as_mut().reset(tokio::time::Instant::now() + self.timeout);
        Ok(reply.is_value().then_some(reply))
    }

    /// It was answered, and what else may come is nobody's.
    pub(super) fn answered(mut self) {
        self.waiting.became(Became::Answered);
    }

    fn replied(&mut self, reply: Reply) -> Result<Reply, RequestError> {
        match &reply.error {
            None => Ok(reply),
            Some(error) => {
                self.waiting.became(Became::Answered);
                Err(RequestError::refused(Arc::clone(&self.topic), RemoteError::read(error)))
            }
        }
    }

    fn ended(&mut self, end: End) -> Result<Option<Reply>, RequestError> {
        match end {
            End::Complete => {
                self.waiting.became(Became::Answered);
                Ok(None)
            }
            End::Overrun => {
                self.waiting.became(Became::Failed);
                Err(RequestError::overrun(&self.topic))
            }
            End::ShuttingDown => {
                self.waiting.became(Became::Failed);
                Err(RequestError::closed(&self.topic, true))
            }
        }
    }
}
