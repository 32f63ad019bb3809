//! Where a driver reads: seeks, positions that no longer exist, what was settled before, leader epochs.

use super::{Driver, Move, TROUBLE_WAIT, Work};
use crate::engine::feed::is_lost_position;
use crate::engine::start::nearest;
use crate::events::Event;
use crate::plan::OnLostPosition;
use millstream_native::{Batch, Code, Message, NativeError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long the broker may take to tell what the log holds.
const QUESTION: Duration = Duration::from_secs(10);
/// How long librdkafka may take to begin reading a partition before it is asked again.
const BEGINNING: Duration = Duration::from_millis(50);

/// How reading goes on after an error came in place of messages.
pub(crate) enum Recovery {
    /// Again from there, after a while.
    Again { to: i64, after: Duration },
    /// From there, as the position no longer exists.
    Moved { to: i64 },
    /// Not at all, until somebody resumes it.
    Pause { reason: String },
}

impl Driver {
    /// Makes the feed go to an offset; after an error, when to try again.
    pub(crate) async fn go_to(&self, offset: i64) -> Result<(), Duration> {
        let (feed, reader) = (Arc::clone(&self.feed), self.reader);
        // Waits for librdkafka's own thread, and others of this client wait with it: not on a worker.
        let moved = tokio::task::spawn_blocking(move || feed.go_to(reader, offset)).await;
        let lane = &self.lane;
        if matches!(&moved, Ok(Err(error)) if error.code == Code::STATE) {
            // Reading has not begun, or has ended: librdkafka gives a partition up when its position is lost.
            lane.read_again(offset);
            return Err(BEGINNING);
        }
        if let Err(error) =
            moved.map_err(|error| error.to_string()).and_then(|moved| moved.map_err(|error| error.to_string()))
        {
            tracing::warn!(topic = %lane.topic, partition = lane.partition, offset, %error, "could not seek, trying again");
            return Err(TROUBLE_WAIT);
        }
        Ok(())
    }

    /// An error came in place of messages, where `position` was to be read next.
    pub(crate) async fn recover(&self, error: &NativeError, position: i64) -> Recovery {
        let lane = &self.lane;
        let again = Recovery::Again { to: position, after: TROUBLE_WAIT };
        if !is_lost_position(error.code) {
            // What follows the error may have been passed over by librdkafka (its issue 4844): begin again.
            tracing::warn!(topic = %lane.topic, partition = lane.partition, position, %error, "could not read, trying again");
            return again;
        }
        let feed = Arc::clone(&self.feed);
        let bounds = tokio::task::spawn_blocking(move || feed.bounds(QUESTION)).await;
        let Ok(Ok((earliest, latest))) = bounds else { return again };
        if (earliest..=latest).contains(&position) {
            return Recovery::Again { to: position, after: Duration::ZERO };
        }
        let target = match self.plan.on_lost_position {
            OnLostPosition::Nearest => Some(nearest(position, earliest, latest)),
            OnLostPosition::Latest => Some(latest),
            OnLostPosition::Pause => None,
        };
        tracing::error!(
            group = %lane.group_id, topic = %lane.topic, partition = lane.partition, position, earliest, latest,
            resumed_at = target, "the position no longer exists: what lay between is gone"
        );
        self.signals.event(Event::PositionLost {
            group_id: Arc::clone(&lane.group_id),
            topic: Arc::clone(&lane.topic),
            partition: lane.partition,
            position,
            earliest,
            latest,
            resumed_at: target,
        });
        match target {
            Some(to) => Recovery::Moved { to },
            None => Recovery::Pause {
                reason: format!("position {position} no longer exists: the log holds {earliest} to {latest}"),
            },
        }
    }

    /// What is settled from now on belongs to the batch's leader epoch; in a batch of several, to none that is known. A
    /// position may be sent with a later epoch than its last message has, never with an earlier one: that alone would
    /// make a log look truncated that is not.
    pub(crate) fn enter_leader_epoch(&self, batch: &Batch) {
        self.lane.frontier.enter(whole_epoch(batch).unwrap_or(-1));
    }
}

impl Work<'_> {
    /// Makes `offset` the next message, within the batch in hand or by a seek.
    pub(super) async fn move_to(&mut self, offset: i64) {
        self.go_on();
        self.moving = None;
        if self.run.move_within_batch(offset) {
            return;
        }
        self.run.unload();
        if let Some(batching) = &mut self.batching {
            batching.forget();
        }
        self.run.next = offset;
        if let Err(after) = self.driver.go_to(offset).await {
            self.moving = Some(Move { to: offset, at: Instant::now() + after });
        }
    }

    /// An error came in place of messages.
    pub(super) async fn trouble(&mut self, error: NativeError) {
        let position = self.run.next;
        match self.driver.recover(&error, position).await {
            Recovery::Again { to, after } if after.is_zero() => self.move_to(to).await,
            Recovery::Again { to, after } => self.moving = Some(Move { to, at: Instant::now() + after }),
            Recovery::Pause { reason } => {
                self.moving = Some(Move { to: position, at: Instant::now() });
                self.pause(position, reason, true);
            }
            Recovery::Moved { to } => {
                let lane = &self.driver.lane;
                // After a loss in front what was settled beyond is settled still; a shorter log holds other messages.
                self.run.attempts.clear();
                let settled = self.ahead.map_or(to, |ahead| self.driver.start.saturating_add(ahead.by));
                if to < position {
                    self.ahead = None;
                    lane.frontier.jump(to);
                } else {
                    lane.frontier.jump(to.max(settled));
                }
                self.move_to(to).await;
                self.driver.lane.commit_soon();
            }
        }
    }

    /// After the position said that this listener is beyond it: passes over what it had settled, unless
    /// the log was truncated since and these are other messages.
    pub(super) fn skip_what_was_ahead(&mut self) {
        let Some(ahead) = self.ahead else { return };
        let until = self.driver.start.saturating_add(ahead.by);
        let Some(batch) = self.run.batch().cloned() else { return };
        while let Some(offset) = self.run.offset().filter(|offset| *offset < until) {
            let epoch =
                (0..batch.len()).filter_map(|index| batch.get(index)).find(|message| message.offset() == offset);
            let epoch = epoch.and_then(Message::leader_epoch);
            if epoch > ahead.leader_epoch {
                self.ahead = None;
                self.driver.lane.frontier.jump(offset);
                return;
            }
            self.run.pass(offset);
        }
        if self.run.has_message() {
            self.ahead = None;
        }
    }
}

/// The leader epoch that all messages of a batch have.
fn whole_epoch(batch: &Batch) -> Option<i32> {
    let first = batch.get(0)?.leader_epoch()?;
    let last = batch.get(batch.len().checked_sub(1)?)?.leader_epoch()?;
    (first == last).then_some(first)
}
