//! Writes a message that failed to another topic, for as long as that takes.

use super::letter::{Destination, Letter};
use super::{dead_letter, retry_topics};
use crate::engine::lane::{Lane, LaneState};
use crate::engine::signals::Signals;
use crate::events::Event;
use crate::producer::{Delivery, Producer, SendError, SendErrorKind};
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

/// What became of a letter.
pub(crate) enum Delivered {
    /// The broker has acknowledged it: the message is settled.
    Written(Delivery),
    /// Somebody asked for something first: nothing is settled.
    Interrupted,
    /// No waiting mends this: the message is held until somebody looks.
    Refused(String),
}

/// Writes a letter, again and again while its topic cannot be written; `trouble` is told why. Dropping the future
/// settles nothing.
pub(crate) async fn deliver(
    letter: &Letter,
    lane: &Lane,
    signals: &Signals,
    interrupted: impl Future<Output = ()>,
    trouble: impl Fn(&dyn fmt::Display),
) -> Delivered {
    let mut interrupted = std::pin::pin!(interrupted);
    let mut wait = FIRST_WAIT;
    loop {
        let producer = match signals.producers.of(&lane.cluster) {
            Ok(producer) => producer,
            Err(error) => return Delivered::Refused(SendError::unknown_cluster(&error).to_string()),
        };
        let attempt = write(letter, &producer, &trouble);
        let mut attempt = std::pin::pin!(attempt);
        let (answer, asked) = tokio::select! {
            biased;
            answer = &mut attempt => (Some(answer), false),
            () = &mut interrupted => (tokio::time::timeout(GRACE, attempt).await.ok(), true),
        };
        match answer {
            Some(Ok(delivery)) => return Delivered::Written(delivery),
            Some(Err(error)) if !is_worth_waiting(&error) => return Delivered::Refused(error.to_string()),
            _ if asked => return Delivered::Interrupted,
            Some(Err(error)) => trouble(&error),
            None => {}
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = &mut interrupted => return Delivered::Interrupted,
        }
        wait = wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}

async fn write(
    letter: &Letter,
    producer: &Producer,
    trouble: &impl Fn(&dyn fmt::Display),
) -> Result<Delivery, SendError> {
    let topic = letter.destination.topic();
    let count = producer.partition_count(topic).await?;
    // The same number, so that what is in order stays so; as far as there are so many.
    let partition = letter.origin().0.partition.checked_rem(count).unwrap_or(0);
    let message = match &letter.destination {
        Destination::DeadLetter { spring_headers, .. } => dead_letter::message(letter, partition, *spring_headers),
        Destination::Retry { stage, delay, .. } => retry_topics::message(letter, partition, *stage, *delay),
    };
    let mut sending = std::pin::pin!(producer.send(message));
    tokio::select! {
        answer = &mut sending => return answer,
        () = tokio::time::sleep(SLOW) => trouble(&"the brokers have not acknowledged it yet"),
    }
    sending.await
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

/// Tells everybody that a letter cannot be written at the moment.
pub(crate) fn say_trouble(letter: &Letter, lane: &Lane, signals: &Signals, error: &dyn fmt::Display) {
    let (offset, topic) = (letter.offset(), letter.destination.topic());
    let error = error.to_string();
    tracing::error!(
        listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, to = %topic, error,
        "a failed message cannot be written to another topic: it waits and is tried again"
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
        Destination::Retry { delay, .. } => {
            tracing::warn!(
                %listener, %topic, partition, offset, attempts = letter.reason.attempts, error = reason, to = %to,
                ?delay, "failed: it waits in a retry topic"
            );
            signals.event(Event::RetryScheduled { listener, topic, partition, offset, to, after: *delay, reason });
        }
    }
}
