//! Who asks whom, and what the processes that do it are told and tell.

use crate::window::Cost;
use serde::{Deserialize, Serialize};

/// Partitions of the topic of requests, and of the topic of replies.
pub(crate) const PARTITIONS: i32 = 8;
/// What is asked: the sum of five numbers.
pub(crate) const BODY: &str = r#"{"numbers":[1,2,3,4,5]}"#;
/// What is answered.
pub(crate) const SUM: i64 = 15;

/// Of what a requester or a service is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Make {
    /// A librdkafka consumer and a producer on one thread: the floor.
    Bare,
    /// `Requests`, or a listener that answers.
    Millstream,
    /// `ClientKafka`, or a `@MessagePattern`.
    Nest,
}

/// Who asks whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) requester: Make,
    pub(crate) service: Make,
}

impl Pair {
    pub(crate) const BARE: Self = Self { requester: Make::Bare, service: Make::Bare };
    pub(crate) const MILLSTREAM: Self = Self { requester: Make::Millstream, service: Make::Millstream };
    pub(crate) const NEST: Self = Self { requester: Make::Nest, service: Make::Nest };
    /// Tells what the requester adds.
    pub(crate) const ASKING: Self = Self { service: Make::Bare, ..Self::MILLSTREAM };
    /// Tells what the service adds.
    pub(crate) const ANSWERING: Self = Self { requester: Make::Bare, ..Self::MILLSTREAM };

    pub(crate) fn name(self) -> &'static str {
        match (self.requester, self.service) {
            (Make::Bare, Make::Bare) => "bare clients",
            (Make::Millstream, Make::Millstream) => "millstream",
            (Make::Nest, _) | (_, Make::Nest) => "NestJS",
            (Make::Millstream, Make::Bare) => "millstream asks",
            (Make::Bare, Make::Millstream) => "millstream answers",
        }
    }

    /// The topic of its requests; replies go to the one of this name with `.reply` behind it.
    pub(crate) fn topic(self) -> &'static str {
        match (self.requester, self.service) {
            (Make::Nest, _) | (_, Make::Nest) => "bench-requests-nest",
            (Make::Bare, Make::Bare) => "bench-requests-bare",
            // As its listener's attribute says.
            (Make::Millstream, _) | (_, Make::Millstream) => "bench-requests",
        }
    }
}

/// Which of the two a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Half {
    Service,
    Requester,
    /// A requester with the service beside it in the same process.
    Both,
}

/// What a process of a pair is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PairTask {
    pub(crate) make: Make,
    pub(crate) half: Half,
    pub(crate) brokers: String,
    pub(crate) topic: String,
    /// The group of the service, where it has one.
    pub(crate) group: String,
    pub(crate) asking: Asking,
}

/// How much is asked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Asking {
    pub(crate) in_flight: u64,
    /// Requests before the window opens.
    pub(crate) warm_up: u64,
    pub(crate) requests: u64,
    /// Says its memory after each so many requests, and keeps no times, which would grow; `None` keeps times.
    pub(crate) step: Option<u64>,
}

/// What a requester says while it asks, and at its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    Step { answered: u64, resident: u64 },
    Done(Asked),
}

/// What a requester found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) cost: Cost,
    pub(crate) times: Times,
    /// What the pair itself counts, of all its life.
    pub(crate) books: Option<Books>,
}

/// What `Requests` says of itself when everything is answered.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Books {
    pub(crate) pending: u64,
    pub(crate) sent: u64,
    pub(crate) answered: u64,
    /// Timed out, cancelled, late and foreign ones together.
    pub(crate) astray: u64,
}

/// How long requests took, in nanoseconds; 0 where that was not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) median: f64,
    pub(crate) ninety_nine: f64,
}

impl Times {
    /// Of single times, in any order.
    pub(crate) fn of(mut nanoseconds: Vec<u64>) -> Self {
        nanoseconds.sort_unstable();
        let at = |percent: usize| nanoseconds.get(nanoseconds.len() * percent / 100).map_or(0.0, |time| *time as f64);
        Self { median: at(50), ninety_nine: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_rank() {
        let times = Times::of((1..=100).rev().collect());
        assert_eq!(times, Times { median: 51.0, ninety_nine: 100.0 });
        assert_eq!(Times::of(Vec::new()), Times::default());
    }
}
