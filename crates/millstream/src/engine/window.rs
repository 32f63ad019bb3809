//! Which messages of a partition are open, where several of them are handled at once: decides the position,
//! and what is finished beyond it.

use super::finished::Finished;
use std::collections::VecDeque;

/// The messages that were taken and are not passed yet, in the order of their offsets.
///
/// It holds messages and not offsets, so that offsets which do not exist (compacted, of aborted transactions,
/// deleted) cost nothing and stop nothing.
#[derive(Debug)]
pub(crate) struct Window {
    entries: VecDeque<Entry>,
    /// Behind the last message that was ever taken.
    next: i64,
    /// The position that a listener which commits by hand asked for; `None` where settling is enough.
    committed: Option<i64>,
    /// What the group's position said to be finished, as far as it was not met yet.
    inherited: Option<Finished>,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    offset: i64,
    leader_epoch: i32,
    bytes: u32,
    mark: Mark,
    /// Its handler has returned and nobody will try it again.
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// The position may not pass it.
    Open,
    /// It is done.
    Settled,
    /// It was handled and nobody committed it: a later commit covers it.
    Passed,
}

/// How the handling of a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It is done.
    Settled,
    /// It was handled; a later commit covers it.
    Passed,
}

/// No leader epoch is known.
pub(crate) const NO_EPOCH: i32 = -1;

impl Window {
    /// Begins at an offset; `by_hand` if the listener commits by hand.
    pub(crate) fn new(start: i64, by_hand: bool, inherited: Option<Finished>) -> Self {
        Self { entries: VecDeque::new(), next: start, committed: by_hand.then_some(start), inherited, bytes: 0 }
    }

    /// Forgets everything and begins at another offset.
    pub(crate) fn reset(&mut self, start: i64) {
        *self = Self::new(start, self.committed.is_some(), None);
    }

    /// Whether nothing is open: messages that are handled in their order need no entry then.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many messages it holds, from the first that is open.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many bytes the open ones have.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes a message in, open.
    pub(crate) fn admit(&mut self, offset: i64, leader_epoch: i32, bytes: usize) {
        if self.entries.back().is_some_and(|last| last.offset >= offset) {
            return;
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.bytes += u64::from(bytes);
        self.next = self.next.max(offset.saturating_add(1));
        self.entries.push_back(Entry { offset, leader_epoch, bytes, mark: Mark::Open, ended: false });
    }

    /// A verb settled the message, which may be one that needed no entry.
    pub(crate) fn settle(&mut self, offset: i64) {
        let behind = offset.saturating_add(1);
        self.cover(behind);
        match self.find(offset) {
            Some(entry) => entry.mark = Mark::Settled,
            None => self.next = self.next.max(behind),
        }
    }

    /// A verb took the message back: it is open again.
    pub(crate) fn reopen(&mut self, offset: i64, leader_epoch: i32, bytes: usize) {
        if let Some(entry) = self.find(offset) {
            entry.mark = Mark::Open;
        } else if self.entries.is_empty() {
            // It stands alone, so that everything before it has passed.
            self.next = offset;
            self.admit(offset, leader_epoch, bytes);
        }
        // What later messages have committed stands; the position waits for this one all the same.
        if let Some(committed) = self.committed.as_mut().filter(|committed| **committed == offset.saturating_add(1)) {
            *committed = offset;
        }
    }

    /// The handling of a message has ended for good.
    pub(crate) fn end(&mut self, offset: i64, how: Ended) {
        if how == Ended::Settled {
            self.cover(offset.saturating_add(1));
        }
        let Some(entry) = self.find(offset) else { return };
        entry.ended = true;
        if how == Ended::Settled || entry.mark == Mark::Open {
            entry.mark = match how {
                Ended::Settled => Mark::Settled,
                Ended::Passed => Mark::Passed,
            };
        }
        self.forget_passed();
    }

    /// Messages below this were handled one after the other without an entry.
    pub(crate) fn advance(&mut self, next: i64) {
        self.next = self.next.max(next);
    }

    /// What lies below an offset and was not taken yet is gone.
    pub(crate) fn pass_over_lost(&mut self, to: i64) {
        self.advance(to);
        self.cover(to);
    }

    /// The lowest offset that is not settled.
    pub(crate) fn position(&self) -> i64 {
        let open = self.first_open().and_then(|index| self.entries.get(index)).map_or(self.next, |entry| entry.offset);
        self.committed.map_or(open, |committed| committed.min(open))
    }

    /// Whether the group's position said that this message is finished.
    pub(crate) fn was_finished(&self, offset: i64, leader_epoch: Option<i32>) -> bool {
        self.inherited.as_ref().is_some_and(|finished| finished.leader_epoch == leader_epoch && finished.holds(offset))
    }

    /// Whether something that was finished before may still come.
    pub(crate) fn inherits(&mut self, offset: i64) -> bool {
        if self.inherited.as_ref().is_some_and(|finished| finished.end() <= offset) {
            self.inherited = None;
        }
        self.inherited.is_some()
    }

    /// What is finished beyond the position, of messages with the leader epoch that most recent ones have.
    pub(crate) fn finished(&self) -> Option<Finished> {
        let position = self.position();
        let inherited = self.inherited.as_ref();
        let newest = self.entries.back().map(|entry| entry.leader_epoch);
        let leader_epoch = newest.map_or_else(
            || inherited.and_then(|finished| finished.leader_epoch),
            |epoch| (epoch != NO_EPOCH).then_some(epoch),
        );
        let mut finished = Finished { leader_epoch, runs: Vec::new() };
        let covered = self.committed.unwrap_or(i64::MAX);
        // A run goes on over offsets that do not exist, and ends at a message that is not finished.
        let mut begin = None;
        let mut end = position;
        for entry in self.entries.iter().filter(|entry| entry.offset >= position) {
            let epoch = (entry.leader_epoch != NO_EPOCH).then_some(entry.leader_epoch);
            let done = match entry.mark {
                Mark::Open => false,
                Mark::Settled => true,
                Mark::Passed => entry.offset < covered,
            };
            if done && epoch == leader_epoch {
                begin = begin.or(Some(entry.offset));
                end = entry.offset.saturating_add(1);
            } else if let Some(begin) = begin.take() {
                finished.runs.push((begin, end));
            }
        }
        if let Some(begin) = begin {
            finished.runs.push((begin, end));
        }
        if let Some(inherited) = inherited.filter(|inherited| inherited.leader_epoch == leader_epoch) {
            let ahead = inherited.runs.iter().filter(|(_, end)| *end > self.next);
            finished.runs.extend(ahead.map(|(begin, end)| ((*begin).max(self.next), *end)));
        }
        (!finished.runs.is_empty()).then_some(finished)
    }

    fn cover(&mut self, behind: i64) {
        if let Some(committed) = &mut self.committed {
            *committed = (*committed).max(behind);
        }
    }

    fn first_open(&self) -> Option<usize> {
        self.entries.iter().position(|entry| entry.mark == Mark::Open)
    }

    fn find(&mut self, offset: i64) -> Option<&mut Entry> {
        let index = self.entries.binary_search_by_key(&offset, |entry| entry.offset).ok()?;
        self.entries.get_mut(index)
    }

    fn forget_passed(&mut self) {
        while let Some(front) = self.entries.front() {
            if !front.ended || front.mark == Mark::Open {
                return;
            }
            self.bytes = self.bytes.saturating_sub(u64::from(front.bytes));
            self.entries.pop_front();
        }
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
