//! Messages that wait because others are under way, so that much travels together and little at once.
//!
//! A client that does not linger sends each message alone. An idempotent one has at most five messages of a partition
//! under way without looking at how many requests they are, and while there are more its thread spins until the broker
//! has answered (`rd_kafka_toppar_producer_serve` of librdkafka). So beyond five, messages wait here until all those under
//! way are acknowledged, and then go together: the fuller the pipe, the larger the batch. It is what Nagle's algorithm
//! (RFC 896) does for small segments. A broker that does not answer must not hold back messages to the others: after
//! [`LIMIT`] they go nevertheless.

use super::message::OutgoingMessage;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many may be under way and the next still goes at once.
const UNDER_WAY: usize = 5;
/// The longest wait for those under way.
const LIMIT: Duration = Duration::from_millis(5);
/// Beyond these, senders wait.
const MOST_MESSAGES: usize = 10_000;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// See the module.
#[derive(Default)]
pub(super) struct Gathering {
    /// The client lingers by itself: nothing waits here.
    lingers: bool,
    messages: VecDeque<Gathered>,
    bytes: usize,
    /// Those that are being given to the client: until that is done, others queue up behind them.
    giving: Option<Given>,
}

/// How many they are, and their bytes.
struct Given {
    messages: usize,
    bytes: usize,
}

pub(super) struct Gathered {
    pub(super) ticket: u64,
    pub(super) message: OutgoingMessage,
    since: Instant,
}

/// What becomes of a message that comes now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// To the client.
    Pass,
    Gather,
    /// Its sender waits for room.
    Wait,
}

impl Gathering {
    /// For a client that lingers.
    pub(super) fn lingering() -> Self {
        Self { lingers: true, ..Self::default() }
    }

    pub(super) fn course(&self, under_way: usize) -> Course {
        let given = self.giving.as_ref().map_or((0, 0), |given| (given.messages, given.bytes));
        if self.lingers || self.messages.is_empty() && self.giving.is_none() && under_way < UNDER_WAY {
            Course::Pass
        } else if self.messages.len() + given.0 < MOST_MESSAGES && self.bytes + given.1 < MOST_BYTES {
            Course::Gather
        } else {
            Course::Wait
        }
    }

    /// Whether it is the first.
    pub(super) fn push(&mut self, ticket: u64, message: OutgoingMessage, now: Instant) -> bool {
        self.bytes += message.size();
        self.messages.push_back(Gathered { ticket, message, since: now });
        self.messages.len() == 1
    }

    /// Whether to send all.
    pub(super) fn is_due(&self, under_way: usize, now: Instant) -> bool {
        under_way == 0 || self.wait(now).is_some_and(|wait| wait.is_zero())
    }

    /// How long until they go, whatever is under way; `None` when there are none.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.messages.front().map(|first| LIMIT.saturating_sub(now.saturating_duration_since(first.since)))
    }

    pub(super) fn first(&self) -> Option<&Gathered> {
        self.messages.front()
    }

    /// All, for the client; [`put_back`](Self::put_back) ends it.
    pub(super) fn take(&mut self) -> VecDeque<Gathered> {
        self.giving = Some(Given { messages: self.messages.len(), bytes: std::mem::take(&mut self.bytes) });
        std::mem::take(&mut self.messages)
    }

    /// What the client did not take goes before those that came meanwhile.
    pub(super) fn put_back(&mut self, mut rest: VecDeque<Gathered>) {
        self.giving = None;
        self.bytes += rest.iter().map(|gathered| gathered.message.size()).sum::<usize>();
        rest.append(&mut self.messages);
        self.messages = rest;
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(gathering: &mut Gathering, ticket: u64, size: usize, now: Instant) -> bool {
        gathering.push(ticket, OutgoingMessage::new("orders").payload(vec![0_u8; size]), now)
    }

    #[test]
    fn a_message_goes_at_once_while_few_are_under_way_and_waits_behind_many() {
        let gathering = Gathering::default();
        assert_eq!(gathering.course(0), Course::Pass);
        assert_eq!(gathering.course(UNDER_WAY - 1), Course::Pass);
        assert_eq!(gathering.course(UNDER_WAY), Course::Gather);
    }

    #[test]
    fn nothing_waits_where_the_client_lingers_by_itself() {
        assert_eq!(Gathering::lingering().course(usize::MAX), Course::Pass);
    }

    #[test]
    fn no_message_overtakes_one_that_waits_or_is_being_given_to_the_client() {
        let (mut gathering, now) = (Gathering::default(), Instant::now());
        assert!(push(&mut gathering, 7, 1, now));
        assert!(!push(&mut gathering, 8, 1, now));
        assert_eq!(gathering.course(0), Course::Gather);
        let mut taken = gathering.take();
        assert_eq!((gathering.len(), gathering.course(0)), (0, Course::Gather));
        push(&mut gathering, 9, 1, now);
        taken.pop_front();
        gathering.put_back(taken);
        assert_eq!(gathering.course(0), Course::Gather);
        assert_eq!(gathering.take().iter().map(|next| next.ticket).collect::<Vec<_>>(), [8, 9]);
        gathering.put_back(VecDeque::new());
        assert_eq!(gathering.course(0), Course::Pass);
    }

    #[test]
    fn they_go_when_all_those_under_way_are_acknowledged_or_have_taken_long() {
        let (mut gathering, now) = (Gathering::default(), Instant::now());
        assert_eq!(gathering.wait(now), None);
        push(&mut gathering, 1, 1, now);
        push(&mut gathering, 2, 1, now + LIMIT);
        assert!(gathering.is_due(0, now));
        assert!(!gathering.is_due(1, now));
        assert_eq!(gathering.wait(now + LIMIT / 2), Some(LIMIT / 2));
        assert!(gathering.is_due(1, now + LIMIT));
    }

    #[test]
    fn senders_wait_once_there_is_much() {
        let (mut gathering, now) = (Gathering::default(), Instant::now());
        push(&mut gathering, 1, MOST_BYTES, now);
        assert_eq!(gathering.course(UNDER_WAY), Course::Wait);
        let taken = gathering.take();
        assert_eq!(gathering.course(UNDER_WAY), Course::Wait);
        gathering.put_back(taken);
        assert_eq!(gathering.course(UNDER_WAY), Course::Wait);
        gathering.take();
        gathering.put_back(VecDeque::new());
        assert_eq!(gathering.course(UNDER_WAY), Course::Gather);
        for ticket in 0..MOST_MESSAGES {
            push(&mut gathering, ticket as u64, 1, now);
        }
        assert_eq!(gathering.course(UNDER_WAY), Course::Wait);
    }
}
