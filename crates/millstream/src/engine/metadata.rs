//! The metadata that travels with every position: what a later member must know beside the offset.
//!
//! Text of at most [`LIMIT`] bytes: `ms1 n=8 6f1c2a77=120@4`. `n` is how many partitions the topic had
//! when the group first met it, so that a partition with a higher number is known to have come later
//! and is read from its beginning. Each further word says of one listener, by the hash of its id, that
//! it is that many messages beyond the position, at that leader epoch: listeners of one topic in one
//! group settle on their own, and the position is the lowest of them. A reader that does not know the
//! first word ignores all of it.

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
        text
    }

    /// Reads a text; anything not written by [`write`](Self::write) says nothing.
    pub(crate) fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        if words.next() != Some(MAGIC) {
            return Self::default();
        }
        let mut metadata = Self::default();
        for word in words {
            match word.split_once('=') {
                Some(("n", count)) => metadata.partitions = count.parse().ok().filter(|count| *count >= 0),
                Some((listener, rest)) => metadata.ahead.extend(read_ahead(listener, rest)),
                None => {}
            }
        }
        metadata
    }

    /// How far beyond the position a listener is.
    pub(crate) fn ahead_of(&self, listener: &str) -> Option<Ahead> {
        let hash = hash(listener);
        self.ahead.iter().copied().find(|ahead| ahead.listener == hash)
    }
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
        };
        assert_eq!(PositionMetadata::read(&metadata.write()), metadata);
        assert_eq!(metadata.ahead_of("Audit.on_order").map(|ahead| ahead.by), Some(120));
        assert_eq!(metadata.ahead_of("Billing.on_order"), None);
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
            "ms1  =",
        ] {
            assert_eq!(PositionMetadata::read(text), PositionMetadata::default(), "{text:?}");
        }
    }

    #[test]
    fn a_topic_that_was_first_met_without_partitions_stays_known_as_such() {
        let metadata = PositionMetadata { partitions: Some(0), ahead: Vec::new() };
        assert_eq!(PositionMetadata::read(&metadata.write()), metadata);
    }

    #[test]
    fn the_text_stays_within_the_limit() {
        let ahead = Ahead { listener: u32::MAX, by: i64::MAX, leader_epoch: Some(i32::MAX) };
        let metadata = PositionMetadata { partitions: Some(i32::MAX), ahead: vec![ahead; 1000] };
        let text = metadata.write();
        assert!(text.len() <= LIMIT);
        assert!(PositionMetadata::read(&text).ahead.len() > 50);
    }
}
