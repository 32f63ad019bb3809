//! Writes to another topic what follows a message, for as long as that takes: a copy of one that failed, or answers.

use super::destination::Destination;
use super::letter::{Letter, shortened};
use super::{dead_letter, retry_topics};
use crate::engine::answering::say_answered;
use crate::engine::lane::{Lane, LaneState};
use crate::engine::signals::Signals;
use crate::events::Event;
use crate::producer::{Delivery, Producer, SendError, SendErrorKind};
use millstream_native::{Code, NativeError, Persisted};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The waits between two attempts at writing.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// After how long without an answer it is said that the topic cannot be written.
const SLOW: Duration = Duration::from_secs(2);
/// How long an answer that is under way is still waited for after somebody asked for something: a message that is written
/// and not settled is written again.
const GRACE: Duration = Duration::from_secs(1);

/// Something that is written to a topic.
pub(crate) trait Write: Send {
    /// What the broker says.
    type Written: Send;

    /// Writes it once. Dropping the future may write it and not tell.
    fn write(
        &mut self,
        producer: &Producer,
        trouble: &Trouble<'_>,
    ) -> impl Future<Output = Result<Self::Written, SendError>> + Send;
}

/// What became of it.
pub(crate) enum Delivered<T> {
    /// The broker has acknowledged it: the message is settled.
    Written(T),
    /// Somebody asked for something first: nothing is settled.
    Interrupted,
    /// No waiting mends this: the message is held until somebody looks.
    Refused(SendError),
}

/// Writes something, again and again while its topic cannot be written; `trouble` is told why. Dropping the future
/// settles nothing.
pub(crate) async fn deliver<W: Write>(
    what: &mut W,
    interrupted: impl Future<Output = ()> + Send,
    trouble: &Trouble<'_>,
) -> Delivered<W::Written> {
    let mut interrupted = std::pin::pin!(interrupted);
    let mut wait = FIRST_WAIT;
    loop {
        let producer = match trouble.signals.producers.of(&trouble.lane.cluster) {
            Ok(producer) => producer,
            Err(error) => return Delivered::Refused(SendError::unknown_cluster(&error)),
        };
        let (answer, asked) = {
            let mut attempt = std::pin::pin!(what.write(&producer, trouble));
            tokio::select! {
                biased;
                answer = &mut attempt => (Some(answer), false),
                () = &mut interrupted => (tokio::time::timeout(GRACE, attempt).await.ok(), true),
            }
        };
        match answer {
            Some(Ok(written)) => return Delivered::Written(written),
            Some(Err(error)) if !is_worth_waiting(&error) => {
                if error.kind() == SendErrorKind::Refused {
                    // Who resumes it has given us the rights.
                    producer.ask_again_of(trouble.topic);
                }
                return Delivered::Refused(error);
            }
            _ if asked => return Delivered::Interrupted,
            Some(Err(error)) => trouble.say(&error),
            None => {}
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = &mut interrupted => return Delivered::Interrupted,
        }
        wait = wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}

/// Waits for the brokers, and says so when that takes long.
pub(crate) async fn acknowledged<T>(answer: impl Future<Output = T> + Send, trouble: &Trouble<'_>) -> T {
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => return answer,
        () = tokio::time::sleep(SLOW) => trouble.say(&"the brokers have not acknowledged it yet"),
    }
    answer.await
}

impl Write for &Letter {
    type Written = Delivery;

    async fn write(&mut self, producer: &Producer, trouble: &Trouble<'_>) -> Result<Delivery, SendError> {
        // The same number, so that what is in order stays so; as far as there are so many.
        let partition = |count| self.origin().0.partition.checked_rem(count).unwrap_or(0);
        match &self.destination {
            Destination::DeadLetter { topic, spring_headers } => {
                let partition = partition(producer.partition_count(topic).await?);
                let message = dead_letter::message(self, partition, *spring_headers);
                acknowledged(producer.send(message), trouble).await
            }
            Destination::Retry { topic, stage, delay } => {
                let partition = partition(producer.partition_count(topic).await?);
                let message = retry_topics::message(self, partition, *stage, *delay);
                acknowledged(producer.send(message), trouble).await
            }
            Destination::Answer { address, .. } => {
                // Somebody waits for it.
                let producer = producer.prompt();
                writable(&producer, &address.topic, address.partition).await?;
                let message = address.error(self.reason.kind, shortened(&self.reason.error));
                acknowledged(producer.send(message), trouble).await
            }
        }
    }
}

/// How many partitions a topic has; an error if it is not there, or has no partition of this number.
pub(crate) async fn writable(producer: &Producer, topic: &Arc<str>, partition: Option<i32>) -> Result<i32, SendError> {
    let count = producer.partition_count(topic).await?;
    if partition.is_some_and(|partition| partition >= count) {
        let error = NativeError::new(Code::UNKNOWN_PARTITION, "the topic has fewer partitions");
        return Err(SendError::native(topic, 0, &error, Persisted::No));
    }
    Ok(count)
}

/// Whether the topic may become writable without anybody touching the message or our rights.
fn is_worth_waiting(error: &SendError) -> bool {
    match error.kind() {
        SendErrorKind::Serialization
        | SendErrorKind::Invalid
        | SendErrorKind::TooLarge
        | SendErrorKind::Refused
        | SendErrorKind::Configuration => false,
        SendErrorKind::UnknownTopic
        | SendErrorKind::UnknownPartition
        | SendErrorKind::TimedOut
        | SendErrorKind::Fatal
        | SendErrorKind::Closed
        | SendErrorKind::Other => true,
    }
}

/// What is written at a lane, for whoever must be told that it cannot be.
pub(crate) struct Trouble<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) signals: &'a Signals,
    /// The message.
    pub(crate) offset: i64,
    /// Where it is written to.
    pub(crate) topic: &'a Arc<str>,
    /// What is written, for the log.
    pub(crate) what: &'static str,
    /// Told whenever it cannot be written at the moment.
    pub(crate) when_stuck: &'a (dyn Fn() + Sync),
}

impl<'a> Trouble<'a> {
    /// With a letter.
    pub(crate) fn with(
        letter: &'a Letter,
        lane: &'a Lane,
        signals: &'a Signals,
        when_stuck: &'a (dyn Fn() + Sync),
    ) -> Self {
        let (offset, topic) = (letter.offset(), letter.destination.topic());
        Self { lane, signals, offset, topic, what: "a failed message", when_stuck }
    }

    /// Tells everybody that it cannot be written at the moment.
    fn say(&self, error: &(dyn fmt::Display + Sync)) {
        let Self { lane, signals, offset, topic, what, when_stuck } = *self;
        when_stuck();
        let error = error.to_string();
        tracing::error!(
            listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, to = %topic, error,
            "{what} cannot be written to another topic: it waits and is tried again"
        );
        let was = lane.state();
        let state = LaneState::Writing { offset, topic: Arc::clone(topic), error: error.clone() };
        if was == state {
            return;
        }
        lane.set_state(state);
        signals.event(Event::CannotWrite {
            listener: Arc::clone(&lane.listener),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            offset,
            to: Arc::clone(topic),
            reason: error,
        });
    }
}

/// Tells everybody that a letter was written.
pub(crate) fn say_written(letter: &Letter, lane: &Lane, signals: &Signals, delivery: &Delivery) {
    let (offset, reason) = (letter.offset(), letter.reason.error.clone());
    let (listener, topic) = (Arc::clone(&lane.listener), Arc::clone(&lane.topic));
    let (partition, to) = (lane.partition, Arc::clone(letter.destination.topic()));
    match &letter.destination {
        Destination::DeadLetter { .. } => {
            tracing::error!(
                %listener, %topic, partition, offset, attempts = letter.reason.attempts, error = reason,
                to = %to, to_partition = delivery.partition, to_offset = delivery.offset,
                "failed for good: written to the dead letters"
            );
            let (to_partition, to_offset) = (delivery.partition, delivery.offset);
            signals.event(Event::DeadLettered {
                listener,
                topic,
                partition,
                offset,
                to,
                to_partition,
                to_offset,
                reason,
            });
        }
        Destination::Answer { .. } => {
            tracing::error!(
                %listener, %topic, partition, offset, attempts = letter.reason.attempts, error = reason, to = %to,
                "failed for good: who asked was told"
            );
            say_answered(lane, signals, offset, &to, letter.reason.kind, reason);
        }
        Destination::Retry { delay, .. } => {
            tracing::warn!(
                %listener, %topic, partition, offset, attempts = letter.reason.attempts, error = reason, to = %to,
                ?delay, "failed: it waits in a retry topic"
            );
            signals.event(Event::RetryScheduled { listener, topic, partition, offset, to, after: *delay, reason });
        }
    }
}
