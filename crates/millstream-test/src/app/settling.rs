//! Whether a message is settled, from what the listeners tell about themselves.

use super::Published;
use super::publish_error::{PublishError, PublishErrorKind};
use millstream::{Handle, ListenerStatus, PartitionState, PartitionStatus};
use std::time::Duration;
use tokio::time::Instant;

/// How often the listeners are asked; asking takes microseconds.
const INTERVAL: Duration = Duration::from_millis(2);

/// How long a partition must stand still before that is an answer: what was asked of it just before, such as
/// to resume, takes effect between two messages, and an application that stops holds its partitions first.
const STANDS_STILL: Duration = Duration::from_millis(100);

/// How far a message is.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    /// Every listener of its topic has settled it.
    Settled,
    /// Some have not, as the texts say.
    Open(Vec<String>),
}

pub(super) async fn settled(handle: &Handle, published: &Published, timeout: Duration) -> Result<(), PublishError> {
    let deadline = Instant::now() + timeout;
    let ended = handle.ended();
    tokio::pin!(ended);
    let mut held_since = None;
    loop {
        match progress(&handle.listeners(), published) {
            Ok(Progress::Settled) => return Ok(()),
            Ok(Progress::Open(open)) => {
                held_since = None;
                if Instant::now() >= deadline {
                    return Err(PublishError::timed_out(published, timeout, &open));
                }
            }
            Err(error) if error.kind() == PublishErrorKind::Held => {
                let since = *held_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= STANDS_STILL && !handle.is_stopping() {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            biased;
            ended = &mut ended => return Err(match ended {
                Ok(()) => PublishError::ended(published, &"it was stopped"),
                Err(error) => PublishError::ended(published, &error),
            }),
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

fn progress(listeners: &[ListenerStatus], published: &Published) -> Result<Progress, PublishError> {
    let mut nobody = true;
    let mut open = Vec::new();
    for listener in listeners.iter().filter(|listener| reads(listener, &published.topic)) {
        nobody = false;
        let partition = listener
            .partitions
            .iter()
            .find(|partition| *partition.topic == *published.topic && partition.partition == published.partition);
        open.extend(unsettled(&listener.id, partition, published)?);
    }
    if nobody {
        return Err(PublishError::nobody_listens(published, &topics(listeners)));
    }
    Ok(if open.is_empty() { Progress::Settled } else { Progress::Open(open) })
}

fn reads(listener: &ListenerStatus, topic: &str) -> bool {
    listener.topics.iter().any(|each| **each == *topic)
        || listener.partitions.iter().any(|partition| *partition.topic == *topic)
}

fn topics(listeners: &[ListenerStatus]) -> Vec<String> {
    let mut topics: Vec<String> = listeners
        .iter()
        .flat_map(|listener| listener.topics.iter().chain(&listener.pattern))
        .map(ToString::to_string)
        .collect();
    topics.sort_unstable();
    topics.dedup();
    topics
}

/// What a listener still has to do about the message.
fn unsettled(
    listener: &str,
    partition: Option<&PartitionStatus>,
    published: &Published,
) -> Result<Option<String>, PublishError> {
    let Some(partition) = partition else {
        return Ok(Some(format!("listener `{listener}` does not read the partition yet")));
    };
    if partition.position > published.offset {
        return Ok(None);
    }
    match &partition.state {
        PartitionState::Paused { offset, reason } if *offset <= published.offset => {
            Err(PublishError::held(published, listener, *offset, reason))
        }
        PartitionState::Retrying { offset, attempt, reason } => Ok(Some(format!(
            "listener `{listener}` tries offset {offset} again after attempt {attempt} failed: {reason}"
        ))),
        _ => Ok(Some(format!("listener `{listener}` has settled what is before offset {}", partition.position))),
    }
}
