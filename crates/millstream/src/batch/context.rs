//! The batch in hand: its messages, and the verbs for all of them.

use super::commit::BatchCommit;
use crate::context::{Commit, CommitError, Context, Held};
use crate::engine::lane::{Called, Lane};
use millstream_native::{Batch, OwnedMessage};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;

/// Everything about the batch in hand, and the verbs for its messages: commit all or the first of them, seek, pause.
///
/// A listener with `batch = { .. }` takes it as `&BatchContext`. It lives as long as the handler runs.
///
/// ```
/// use millstream::prelude::*;
/// use millstream::{BatchContext, Messages};
///
/// /// With `auto_commit = false`: what was written is committed before the rest is tried.
/// async fn on_lines(lines: Messages<'_>, batch: &BatchContext) -> Result<()> {
///     for (index, line) in lines.iter().enumerate() {
///         println!("{}@{}", line.partition(), line.offset());
///         if index % 100 == 99 {
///             batch.commit_through(index).await?;
///         }
///     }
///     batch.commit().await?;
///     Ok(())
/// }
/// ```
pub struct BatchContext {
    parts: Vec<Part>,
    length: usize,
    ordered: bool,
    /// The messages with an attempt above the first, by their index.
    attempts: Vec<(usize, u32)>,
    /// Made when somebody asks: undecoded messages do without.
    contexts: OnceLock<Box<[Context]>>,
    /// So many messages, from the first on, were committed.
    committed: AtomicUsize,
}

/// Messages of one partition that stand one behind the other.
pub(crate) struct Part {
    pub(crate) lane: Arc<Lane>,
    /// The lane's when they were taken.
    pub(crate) epoch: u64,
    pub(crate) source: Source,
    /// The index of the first.
    first: usize,
}

/// Where the messages of a part are.
pub(crate) enum Source {
    /// These of a native batch; `to` is behind the last.
    Stretch { batch: Arc<Batch>, from: usize, to: usize },
    /// A copy.
    Owned(Box<OwnedMessage>),
}

impl Part {
    pub(crate) fn new(lane: &Arc<Lane>, source: Source) -> Self {
        Self { lane: Arc::clone(lane), epoch: lane.epoch(), source, first: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.source {
            Source::Stretch { from, to, .. } => to.saturating_sub(*from),
            Source::Owned(_) => 1,
        }
    }

    /// The offset of one of its messages.
    pub(crate) fn offset(&self, within: usize) -> Option<i64> {
        match &self.source {
            Source::Stretch { batch, from, to } => {
                let index = from.saturating_add(within);
                (index < *to).then(|| batch.get(index).map(millstream_native::Message::offset))?
            }
            Source::Owned(owned) => (within == 0).then_some(owned.offset),
        }
    }

    fn held(&self, within: usize) -> Held {
        match &self.source {
            Source::Stretch { batch, from, .. } => {
                Held::Batch { batch: Arc::clone(batch), index: from.saturating_add(within) }
            }
            Source::Owned(owned) => Held::Owned(owned.clone()),
        }
    }
}

impl BatchContext {
    /// The cluster the messages came from: a name of `[kafka.clusters]`, or `default`.
    pub fn cluster(&self) -> &str {
        self.lane().map_or("", |lane| &lane.cluster)
    }

    /// The consumer group.
    pub fn group_id(&self) -> &str {
        self.lane().map_or("", |lane| &lane.group_id)
    }

    /// The listener's id: `Type.method`.
    pub fn listener(&self) -> &str {
        self.lane().map_or("", |lane| &lane.listener)
    }

    /// The topic of the first message: of all, unless the batch is `across_partitions` of several topics.
    pub fn topic(&self) -> &str {
        self.lane().map_or("", |lane| &lane.topic)
    }

    /// The partition of the first message: of all, unless the batch is `across_partitions`.
    pub fn partition(&self) -> i32 {
        self.lane().map_or(-1, |lane| lane.partition)
    }

    /// The topics and partitions of the messages, each once, in the order of the batch.
    pub fn partitions(&self) -> Vec<(&str, i32)> {
        let mut partitions = Vec::new();
        for part in &self.parts {
            let partition = (&*part.lane.topic, part.lane.partition);
            if !partitions.contains(&partition) {
                partitions.push(partition);
            }
        }
        partitions
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none; never in a listener.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Which attempt at its first message this is, from 1. What stands behind a message that failed comes again
    /// without having failed itself: its own attempt is in its [`context_of`](Self::context_of).
    pub fn attempt(&self) -> u32 {
        self.attempt_at(0)
    }

    /// The context of the message at this index: everything about it, and its verbs. In a batch that keeps the order of
    /// its partition `commit` settles what stands before it too, as a position does.
    pub fn context_of(&self, index: usize) -> Option<&Context> {
        self.contexts().get(index)
    }

    /// A value that the application attached with `App::builder().attribute(value)`.
    pub fn attribute<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.lane()?.attributes.get::<T>()
    }

    /// Cancelled when the result no longer counts: the partition was taken away, or the application did not want to
    /// wait any longer. In a batch of several partitions it is that of the first message; the others have their own.
    pub fn cancellation(&self) -> &CancellationToken {
        static NEVER: OnceLock<CancellationToken> = OnceLock::new();
        self.lane().map_or_else(|| NEVER.get_or_init(CancellationToken::new), |lane| &lane.cancellation)
    }

    /// Settles every message of the batch: they are done, and the group's position may pass them.
    ///
    /// It takes effect when called; awaiting the returned value tells the broker's answer. An error or a panic of the
    /// handler afterwards is reported, but nothing of the batch is tried again.
    pub fn commit(&self) -> BatchCommit {
        self.commit_first(self.length)
    }

    /// Settles the messages up to and with the one at this index, from 0; as [`commit`](Self::commit). What the batch
    /// holds behind it is not done yet, and a failure there is that message's.
    ///
    /// An index beyond the batch is refused with an error, and nothing is settled.
    pub fn commit_through(&self, index: usize) -> BatchCommit {
        if index >= self.length {
            let refused = Commit::failed(CommitError::beyond_batch(index, self.length));
            let lane = self.lane();
            let topic = lane.map_or_else(|| Arc::from(""), |lane| Arc::clone(&lane.topic));
            return BatchCommit::new(vec![(topic, self.partition(), refused)]);
        }
        self.commit_first(index.saturating_add(1))
    }

    fn commit_first(&self, count: usize) -> BatchCommit {
        self.committed.fetch_max(count, Ordering::AcqRel);
        let mut commits: Vec<(Arc<str>, i32, Commit)> = Vec::new();
        let mut add = |part: &Part, within: usize| {
            let Some(offset) = part.offset(within) else { return };
            let commit = part.lane.commit(part.epoch, offset.saturating_add(1));
            let lane = &part.lane;
            match commits.iter_mut().find(|(topic, partition, _)| *topic == lane.topic && *partition == lane.partition)
            {
                // What was called last carries what was called before.
                Some((_, _, earlier)) => *earlier = commit,
                None => commits.push((Arc::clone(&lane.topic), lane.partition, commit)),
            }
        };
        for (index, part) in self.parts.iter().enumerate().take_while(|(_, part)| part.first < count) {
            let within = part.len().min(count - part.first);
            if self.ordered {
                let next = self.parts.get(index + 1).filter(|next| next.first < count);
                if next.is_none_or(|next| !Arc::ptr_eq(&next.lane, &part.lane)) {
                    within.checked_sub(1).into_iter().for_each(|last| add(part, last));
                }
            } else {
                (0..within).for_each(|each| add(part, each));
            }
        }
        BatchCommit::new(commits)
    }

    /// Moves the listener to another offset of the partition of the first message, after this handler has ended; see
    /// [`Context::seek`]. Nothing of the batch that was not settled counts as handled then.
    pub fn seek(&self, offset: i64) {
        if let Some(lane) = self.lane() {
            lane.request_seek(offset);
        }
    }

    /// Pauses the partitions of the batch for this listener after this handler has ended, until
    /// [`resume`](Self::resume) or the application's handle resumes them.
    pub fn pause(&self) {
        self.each_lane(Lane::request_pause);
    }

    /// Takes a [`pause`](Self::pause) back.
    pub fn resume(&self) {
        self.each_lane(Lane::request_resume);
    }

    fn each_lane(&self, request: impl Fn(&Lane)) {
        for (index, part) in self.parts.iter().enumerate() {
            let told = self.parts.iter().take(index).any(|earlier| Arc::ptr_eq(&earlier.lane, &part.lane));
            if !told {
                request(&part.lane);
            }
        }
    }
}

/// For the engine.
impl BatchContext {
    /// A batch of these messages; `ordered` if those of a partition must be settled in their order. `attempts` are
    /// those above the first, by the index of the message.
    pub(crate) fn new(mut parts: Vec<Part>, ordered: bool, attempts: Vec<(usize, u32)>) -> Self {
        let mut length = 0;
        for part in &mut parts {
            part.first = length;
            length += part.len();
        }
        Self { parts, length, ordered, attempts, contexts: OnceLock::new(), committed: AtomicUsize::new(0) }
    }

    /// These batches as one, in this order.
    pub(crate) fn joined(batches: Vec<Self>) -> Self {
        let ordered = batches.iter().all(|batch| batch.ordered);
        let (mut parts, mut attempts, mut length) = (Vec::new(), Vec::new(), 0);
        for batch in batches {
            attempts.extend(batch.attempts.into_iter().map(|(index, attempt)| (length + index, attempt)));
            length += batch.length;
            parts.extend(batch.parts);
        }
        Self::new(parts, ordered, attempts)
    }

    /// Its first messages alone.
    pub(crate) fn shortened(mut self, length: usize) -> Self {
        self.parts.retain(|part| part.first < length);
        if let Some(last) = self.parts.last_mut()
            && let Source::Stretch { from, to, .. } = &mut last.source
        {
            *to = (*to).min(from.saturating_add(length - last.first));
        }
        self.attempts.retain(|(index, _)| *index < length);
        Self::new(self.parts, self.ordered, self.attempts)
    }

    pub(crate) fn is_ordered(&self) -> bool {
        self.ordered
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The part with the message at this index, and which of its messages it is.
    pub(crate) fn locate(&self, index: usize) -> Option<(&Part, usize)> {
        let after = self.parts.partition_point(|part| part.first <= index);
        let part = self.parts.get(after.checked_sub(1)?)?;
        let within = index - part.first;
        (within < part.len()).then_some((part, within))
    }

    /// The context of each message.
    pub(crate) fn contexts(&self) -> &[Context] {
        self.contexts.get_or_init(|| {
            let mut contexts = Vec::with_capacity(self.length);
            for part in &self.parts {
                for within in 0..part.len() {
                    let mut context = Context::new(Arc::clone(&part.lane));
                    context.set_epoch(part.epoch);
                    if self.ordered {
                        context.set_in_batch();
                    }
                    let attempt = self.attempt_at(part.first + within);
                    context.take(part.held(within), attempt);
                    contexts.push(context);
                }
            }
            contexts.into_boxed_slice()
        })
    }

    /// The verbs that were called for single messages, with the context of each.
    pub(crate) fn called(&self) -> impl Iterator<Item = (usize, &Context, Called)> {
        let contexts = self.contexts.get().map(|contexts| &**contexts).unwrap_or_default();
        let called = contexts.iter().enumerate().filter(|(_, context)| context.verb().is_called());
        called.map(|(index, context)| (index, context, context.verb().called()))
    }

    /// So many messages, from the first on, were committed by [`commit_through`](Self::commit_through).
    pub(crate) fn committed(&self) -> usize {
        self.committed.load(Ordering::Acquire)
    }

    fn attempt_at(&self, index: usize) -> u32 {
        self.attempts.iter().find(|(each, _)| *each == index).map_or(1, |(_, attempt)| *attempt)
    }

    fn lane(&self) -> Option<&Arc<Lane>> {
        self.parts.first().map(|part| &part.lane)
    }
}

impl fmt::Debug for BatchContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BatchContext")
            .field("listener", &self.listener())
            .field("partitions", &self.partitions())
            .field("len", &self.length)
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
