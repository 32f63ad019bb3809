//! The metadata that travels with every position: what a later member must know beside the offset.
//!
//! Text of at most [`LIMIT`] bytes: `ms1 n=8 6f1c2a77=120@4`. `n` is how many partitions the topic had
//! when the group first met it, so that a partition with a higher number is known to have come later
//! and is read from its beginning. Each further word says of one listener, by the hash of its id, that
//! it is that many messages beyond the position, at that leader epoch: listeners of one topic in one
//! group settle on their own, and the position is the lowest of them. `f6f1c2a77=4:BQIB` says which messages
//! beyond its own place a listener has finished, of that leader epoch, where it handles several at once.
//! `c=1f2e:2` is the mark of the process that has the partition, and how often one died with it; `s=6f1c2a77:4711:1` the
//! message that is handled alone, and at how many deaths it was in hand; `b=..` is another that was in hand at deaths. A
//! reader that does not know the first word ignores all of it, and words that nobody knows are ignored.

use super::finished::Finished;
use std::fmt::Write;

/// Three quarters of what brokers accept by default (`offset.metadata.max.bytes` = 4096).
pub(crate) const LIMIT: usize = 3072;

const MAGIC: &str = "ms1";

/// What the metadata of one position says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PositionMetadata {
    /// How many partitions the topic had when the group first met it.
    pub(crate) partitions: Option<i32>,
    /// Listeners that are beyond the position.
    pub(crate) ahead: Vec<Ahead>,
    /// Listeners that have finished messages beyond their own place.
    pub(crate) finished: Vec<FinishedBy>,
    /// The process that has the partition.
    pub(crate) crash: Option<CrashMark>,
}

/// The mark of the process that has the partition; gone after a clean end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CrashMark {
    /// A number of the process.
    pub(crate) process: u64,
    /// How often a process died with the partition in hand.
    pub(crate) crashes: u32,
    /// The message that is handled alone.
    pub(crate) started: Option<Started>,
    /// Messages that were in hand when a process died, and not since.
    pub(crate) suspects: Vec<Started>,
}

/// A message that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Started {
    /// The hash of the listener's id.
    pub(crate) listener: u32,
    /// The message.
    pub(crate) offset: i64,
    /// At how many deaths of the process it was in hand.
    pub(crate) found: u32,
}

/// What a listener has finished beyond its own place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FinishedBy {
    /// The hash of its id.
    pub(crate) listener: u32,
    /// The leader epoch of the messages.
    pub(crate) leader_epoch: Option<i32>,
    /// The runs, as text relative to the listener's place.
    pub(crate) runs: String,
}

/// A listener that is beyond the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ahead {
    /// The hash of its id.
    pub(crate) listener: u32,
    /// How many offsets beyond the position it is.
    pub(crate) by: i64,
    /// The leader epoch of the last message it settled; what has a later one was not settled by it.
    pub(crate) leader_epoch: Option<i32>,
}

impl PositionMetadata {
    /// The text. Listeners that do not fit are left out: their messages come again.
    pub(crate) fn write(&self) -> String {
        let mut text = String::from(MAGIC);
        if let Some(partitions) = self.partitions {
            let _ = write!(text, " n={partitions}");
        }
        if let Some(CrashMark { process, crashes, started, suspects }) = &self.crash {
            let _ = write!(text, " c={process:x}:{crashes}");
            let words =
                started.iter().map(|started| ('s', started)).chain(suspects.iter().map(|suspect| ('b', suspect)));
            for (word, Started { listener, offset, found }) in words {
                let _ = write!(text, " {word}={listener:08x}:{offset}:{found}");
            }
        }
        for ahead in &self.ahead {
            let mut word = format!(" {:08x}={}", ahead.listener, ahead.by);
            if let Some(epoch) = ahead.leader_epoch {
                let _ = write!(word, "@{epoch}");
            }
            if text.len() + word.len() > LIMIT {
                break;
            }
            text.push_str(&word);
        }
        for finished in &self.finished {
            let epoch = finished.leader_epoch.map(|epoch| epoch.to_string()).unwrap_or_default();
            let word = format!(" f{:08x}={epoch}:{}", finished.listener, finished.runs);
            if text.len() + word.len() <= LIMIT {
                text.push_str(&word);
            }
        }
        text
    }

    /// How many bytes are left for runs, to be shared by so many listeners.
    pub(crate) fn room_for_runs(&self, listeners: usize) -> usize {
        // ` f6f1c2a77=2147483647:`
        const WORD: usize = 22;
        (LIMIT.saturating_sub(self.write().len()) / listeners.max(1)).saturating_sub(WORD)
    }

    /// Reads a text; anything not written by [`write`](Self::write) says nothing.
    pub(crate) fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        if words.next() != Some(MAGIC) {
            return Self::default();
        }
        let mut metadata = Self::default();
        let (mut started, mut suspects) = (None, Vec::new());
        for word in words {
            match word.split_once('=') {
                Some(("n", count)) => metadata.partitions = count.parse().ok().filter(|count| *count >= 0),
                Some(("c", mark)) => metadata.crash = read_crash(mark),
                Some(("s", mark)) => started = read_started(mark),
                Some(("b", mark)) => suspects.extend(read_started(mark)),
                Some((finished, rest)) if finished.len() == 9 && finished.starts_with('f') => {
                    metadata.finished.extend(read_finished(finished, rest));
                }
                Some((listener, rest)) => metadata.ahead.extend(read_ahead(listener, rest)),
                None => {}
            }
        }
        if let Some(crash) = &mut metadata.crash {
            crash.started = started;
            crash.suspects = suspects;
        }
        metadata
    }

    /// How far beyond the position a listener is.
    pub(crate) fn ahead_of(&self, listener: &str) -> Option<Ahead> {
        let hash = hash(listener);
        self.ahead.iter().copied().find(|ahead| ahead.listener == hash)
    }

    /// What a listener has finished beyond its own place, which is `place`.
    pub(crate) fn finished_by(&self, listener: &str, place: i64) -> Option<Finished> {
        let hash = hash(listener);
        let finished = self.finished.iter().find(|finished| finished.listener == hash)?;
        Finished::read(&finished.runs, place, finished.leader_epoch)
    }
}

fn read_crash(mark: &str) -> Option<CrashMark> {
    let (process, crashes) = mark.split_once(':')?;
    let process = u64::from_str_radix(process, 16).ok()?;
    Some(CrashMark { process, crashes: crashes.parse().ok()?, started: None, suspects: Vec::new() })
}

fn read_started(mark: &str) -> Option<Started> {
    let mut parts = mark.splitn(3, ':');
    let listener = u32::from_str_radix(parts.next()?, 16).ok()?;
    let offset = parts.next()?.parse().ok().filter(|offset| *offset >= 0)?;
    Some(Started { listener, offset, found: parts.next()?.parse().ok()? })
}

fn read_finished(word: &str, rest: &str) -> Option<FinishedBy> {
    let listener = u32::from_str_radix(word.strip_prefix('f')?, 16).ok()?;
    let (epoch, runs) = rest.split_once(':')?;
    let leader_epoch = if epoch.is_empty() { None } else { Some(epoch.parse().ok()?) };
    Some(FinishedBy { listener, leader_epoch, runs: runs.to_owned() })
}

fn read_ahead(listener: &str, rest: &str) -> Option<Ahead> {
    let listener = u32::from_str_radix(listener, 16).ok()?;
    let (by, leader_epoch) = match rest.split_once('@') {
        Some((by, epoch)) => (by, Some(epoch.parse().ok()?)),
        None => (rest, None),
    };
    let by = by.parse().ok().filter(|by| *by > 0)?;
    Some(Ahead { listener, by, leader_epoch })
}

/// FNV-1a: stable over versions and machines, which the standard library's hasher is not.
pub(crate) fn hash(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back() {
        let metadata = PositionMetadata {
            partitions: Some(8),
            ahead: vec![
                Ahead { listener: hash("Audit.on_order"), by: 120, leader_epoch: Some(4) },
                Ahead { listener: hash("Stock.on_order"), by: 1, leader_epoch: None },
            ],
            finished: vec![FinishedBy {
                listener: hash("Mail.on_order"),
                leader_epoch: Some(4),
                runs: Finished { leader_epoch: Some(4), runs: vec![(12, 15), (20, 90)] }.write(10, 100),
            }],
            crash: Some(CrashMark {
                process: u64::MAX,
                crashes: 2,
                started: Some(Started { listener: hash("Mail.on_order"), offset: 4711, found: 1 }),
                suspects: vec![Started { listener: hash("Stock.on_order"), offset: 4712, found: 2 }],
            }),
        };
        assert_eq!(PositionMetadata::read(&metadata.write()), metadata);
        assert_eq!(metadata.ahead_of("Audit.on_order").map(|ahead| ahead.by), Some(120));
        assert_eq!(metadata.ahead_of("Billing.on_order"), None);
        let finished = metadata.finished_by("Mail.on_order", 10).unwrap();
        assert_eq!((finished.leader_epoch, finished.runs), (Some(4), vec![(12, 15), (20, 90)]));
    }

    #[test]
    fn foreign_and_broken_texts_say_nothing() {
        for text in [
            "",
            "something else",
            "ms2 n=8",
            "ms1",
            "ms1 n=x",
            "ms1 n=-1",
            "ms1 zz=1",
            "ms1 1=-5",
            "ms1 1=5@x",
            "ms1 c=zz:1",
            "ms1 c=1",
            "ms1 s=1:2:3",
            "ms1 c=1:-1 s=1:-2:3",
            "ms1  =",
        ] {
            assert_eq!(PositionMetadata::read(text), PositionMetadata::default(), "{text:?}");
        }
    }

    #[test]
    fn a_topic_that_was_first_met_without_partitions_stays_known_as_such() {
        let metadata = PositionMetadata { partitions: Some(0), ..PositionMetadata::default() };
        assert_eq!(PositionMetadata::read(&metadata.write()), metadata);
    }

    #[test]
    fn the_text_stays_within_the_limit() {
        let ahead = Ahead { listener: u32::MAX, by: i64::MAX, leader_epoch: Some(i32::MAX) };
        let metadata =
            PositionMetadata { partitions: Some(i32::MAX), ahead: vec![ahead; 1000], ..PositionMetadata::default() };
        let text = metadata.write();
        assert!(text.len() <= LIMIT);
        assert!(PositionMetadata::read(&text).ahead.len() > 50);
    }
}
