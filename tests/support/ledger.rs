//! The record of what child processes handled; it outlives their SIGKILL.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::{Delivered, Process};

/// How many messages an assertion names before it only counts.
const NAMED: usize = 10;

/// A message that a handler saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handled {
    /// Its topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
}

impl Handled {
    /// Reads a line `handled TOPIC PARTITION OFFSET`, with anything after it; other lines are `None`.
    pub fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        (words.next()? == "handled").then_some(())?;
        Some(Self {
            topic: words.next()?.to_owned(),
            partition: words.next()?.parse().ok()?,
            offset: words.next()?.parse().ok()?,
        })
    }
}

impl fmt::Display for Handled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}

impl From<&Delivered> for Handled {
    fn from(delivered: &Delivered) -> Self {
        Self { topic: delivered.topic.clone(), partition: delivered.partition, offset: delivered.offset }
    }
}

/// What one process after another, or several side by side, handled. A program writes one line
/// `handled TOPIC PARTITION OFFSET` for each message to its standard output when its handler has done the work; a line
/// once written is not lost with the process.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    runs: Vec<Vec<Handled>>,
}

impl Ledger {
    /// What these processes handled so far, each one a run.
    pub fn of<'process>(processes: impl IntoIterator<Item = &'process Process>) -> Self {
        let mut ledger = Self::default();
        for process in processes {
            ledger.add_run(process.handled());
        }
        ledger
    }

    /// Adds a run: messages in the order in which one process handled them.
    pub fn add_run(&mut self, handled: Vec<Handled>) {
        self.runs.push(handled);
    }

    /// How often each message was handled.
    pub fn times(&self) -> BTreeMap<&Handled, usize> {
        let mut times = BTreeMap::new();
        for handled in self.runs.iter().flatten() {
            *times.entry(handled).or_default() += 1;
        }
        times
    }

    /// The messages that were handled more than once, with how often.
    pub fn duplicates(&self) -> BTreeMap<&Handled, usize> {
        let mut times = self.times();
        times.retain(|_, count| *count > 1);
        times
    }

    /// Fails when a message of `expected` was never handled.
    ///
    /// # Panics
    /// With the first messages that are missing, and their number.
    pub fn assert_every_message_handled<'delivered>(&self, expected: impl IntoIterator<Item = &'delivered Delivered>) {
        let times = self.times();
        let missing: Vec<Handled> =
            expected.into_iter().map(Handled::from).filter(|message| !times.contains_key(message)).collect();
        assert!(missing.is_empty(), "{} messages were never handled: {}", missing.len(), name(&missing));
    }

    /// Fails when a message was handled that is not of `expected`.
    ///
    /// # Panics
    /// With the first such messages, and their number.
    pub fn assert_nothing_else_handled<'delivered>(&self, expected: impl IntoIterator<Item = &'delivered Delivered>) {
        let expected: BTreeSet<Handled> = expected.into_iter().map(Handled::from).collect();
        let times = self.times();
        let strangers: Vec<Handled> =
            times.into_keys().filter(|message| !expected.contains(message)).cloned().collect();
        assert!(strangers.is_empty(), "{} messages came from nowhere: {}", strangers.len(), name(&strangers));
    }

    /// Fails when a run handled two messages of one partition in another order than that of their offsets. Only the
    /// first time counts: a message that comes again, after a restart or a rewind, is no disorder.
    ///
    /// # Panics
    /// With the two messages.
    pub fn assert_order_per_partition(&self) {
        for run in &self.runs {
            let mut seen: BTreeSet<&Handled> = BTreeSet::new();
            let mut last: BTreeMap<(&str, i32), &Handled> = BTreeMap::new();
            for message in run {
                if !seen.insert(message) {
                    continue;
                }
                if let Some(before) = last.insert((&message.topic, message.partition), message) {
                    assert!(before.offset < message.offset, "{message} was handled after {before}");
                }
            }
        }
    }
}

fn name(messages: &[Handled]) -> String {
    let mut text: Vec<String> = messages.iter().take(NAMED).map(Handled::to_string).collect();
    if messages.len() > NAMED {
        text.push("...".to_owned());
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handled(offsets: &[i64]) -> Vec<Handled> {
        let lines = offsets.iter().map(|offset| format!("handled orders 0 {offset} and more"));
        lines.map(|line| Handled::from_line(&line).unwrap()).collect()
    }

    fn delivered(offsets: std::ops::Range<i64>) -> Vec<Delivered> {
        let topic = "orders".to_owned();
        let delivered = offsets.map(|offset| (topic.clone(), offset));
        delivered.map(|(topic, offset)| Delivered { topic, partition: 0, offset }).collect()
    }

    fn ledger(runs: &[&[i64]]) -> Ledger {
        let mut ledger = Ledger::default();
        for offsets in runs {
            ledger.add_run(handled(offsets));
        }
        ledger
    }

    #[test]
    fn lines_that_are_not_a_record_are_no_message() {
        for line in [
            "",
            "handled",
            "handled orders",
            "handled orders x 1",
            "handles orders 0 1",
            "2026 INFO handled orders 0 1",
        ] {
            assert_eq!(Handled::from_line(line), None, "{line}");
        }
    }

    #[test]
    fn every_message_may_be_spread_over_runs() {
        ledger(&[&[0, 1, 2], &[2, 3]]).assert_every_message_handled(&delivered(0..4));
    }

    #[test]
    #[should_panic(expected = "1 messages were never handled: orders/0@1")]
    fn a_missing_message_is_named() {
        ledger(&[&[0, 2]]).assert_every_message_handled(&delivered(0..3));
    }

    #[test]
    #[should_panic(expected = "1 messages came from nowhere: orders/0@7")]
    fn a_message_that_nobody_sent_is_named() {
        ledger(&[&[0, 7]]).assert_nothing_else_handled(&delivered(0..1));
    }

    #[test]
    fn duplicates_are_counted_over_all_runs() {
        let ledger = ledger(&[&[0, 1, 1], &[1, 2]]);
        let duplicates: Vec<(String, usize)> =
            ledger.duplicates().into_iter().map(|(message, count)| (message.to_string(), count)).collect();
        assert_eq!(duplicates, [("orders/0@1".to_owned(), 3)]);
    }

    #[test]
    fn a_rewind_is_no_disorder() {
        ledger(&[&[0, 1, 2, 1, 2, 3], &[3, 4]]).assert_order_per_partition();
    }

    #[test]
    #[should_panic(expected = "orders/0@1 was handled after orders/0@2")]
    fn two_messages_in_the_wrong_order_are_named() {
        ledger(&[&[0, 2, 1]]).assert_order_per_partition();
    }
}
