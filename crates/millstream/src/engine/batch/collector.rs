//! When a batch is handed over: a pure decision over what was collected and the time.

use crate::plan::BatchPlan;
use tokio::time::Instant;

/// What was collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Collected {
    pub(crate) messages: usize,
    pub(crate) bytes: u64,
    /// Nothing more is there at the moment.
    pub(crate) dry: bool,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Look for more messages, and wait for the first without an end.
    Look,
    /// Wait for more, until then.
    Until(Instant),
    /// Hand over what is there.
    HandOver,
}

/// Knows since when messages wait to be handed over.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    first: Option<Instant>,
    /// What is there goes at once: it was handed over before, or stood behind what was.
    hurry: bool,
}

impl Collector {
    /// The first message starts the wait; `max` and `bytes` end it, and so does `min` where it is more than one
    /// message and nothing else is there.
    pub(crate) fn decide(&mut self, plan: &BatchPlan, collected: Collected, now: Instant) -> Decision {
        if collected.messages == 0 {
            self.first = None;
            return Decision::Look;
        }
        let since = *self.first.get_or_insert(now);
        let full = collected.messages >= plan.max as usize || collected.bytes >= plan.bytes;
        if full {
            return Decision::HandOver;
        }
        if !collected.dry {
            return Decision::Look;
        }
        let enough = plan.min > 1 && collected.messages >= plan.min as usize;
        let until = since + plan.wait;
        if self.hurry || enough || now >= until { Decision::HandOver } else { Decision::Until(until) }
    }

    /// What was collected was handed over; what is left begins to wait now.
    pub(crate) fn handed_over(&mut self) {
        self.first = None;
        self.hurry = false;
    }

    /// Whether what comes next does not wait for more.
    pub(crate) fn is_hurried(&self) -> bool {
        self.hurry
    }

    /// What comes next does not wait for more.
    pub(crate) fn hurry(&mut self) {
        self.hurry = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn plan(max: u32, min: u32) -> BatchPlan {
        BatchPlan { max, min, wait: Duration::from_millis(200), bytes: 1000, across_partitions: false }
    }

    fn collected(messages: usize, bytes: u64, dry: bool) -> Collected {
        Collected { messages, bytes, dry }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_message_starts_the_wait_and_later_ones_do_not_extend_it() {
        let mut collector = Collector::default();
        let plan = plan(10, 1);
        let begin = Instant::now();
        assert_eq!(collector.decide(&plan, collected(0, 0, true), begin), Decision::Look);
        tokio::time::advance(Duration::from_secs(5)).await;
        let first = Instant::now();
        let until = first + plan.wait;
        assert_eq!(collector.decide(&plan, collected(1, 10, true), first), Decision::Until(until));
        tokio::time::advance(Duration::from_millis(150)).await;
        assert_eq!(collector.decide(&plan, collected(5, 50, true), Instant::now()), Decision::Until(until));
        tokio::time::advance(Duration::from_millis(50)).await;
        assert_eq!(collector.decide(&plan, collected(5, 50, true), Instant::now()), Decision::HandOver);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_batch_goes_at_once() {
        let plan = plan(10, 1);
        let now = Instant::now();
        assert_eq!(Collector::default().decide(&plan, collected(10, 50, false), now), Decision::HandOver);
        assert_eq!(Collector::default().decide(&plan, collected(2, 1000, false), now), Decision::HandOver);
        assert_eq!(Collector::default().decide(&plan, collected(9, 999, false), now), Decision::Look);
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_least_number_enough_goes_when_no_more_is_there_and_less_when_the_wait_is_over() {
        let plan = plan(10, 3);
        let mut collector = Collector::default();
        let now = Instant::now();
        assert_eq!(collector.decide(&plan, collected(2, 0, true), now), Decision::Until(now + plan.wait));
        assert_eq!(collector.decide(&plan, collected(3, 0, false), now), Decision::Look, "more may be there");
        assert_eq!(collector.decide(&plan, collected(3, 0, true), now), Decision::HandOver);
        assert_eq!(collector.decide(&plan, collected(2, 0, true), now + plan.wait), Decision::HandOver);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_waits_anew_and_what_comes_again_does_not_wait() {
        let plan = plan(10, 1);
        let mut collector = Collector::default();
        let now = Instant::now();
        assert_eq!(collector.decide(&plan, collected(12, 0, true), now), Decision::HandOver);
        collector.handed_over();
        let later = now + Duration::from_secs(1);
        assert_eq!(collector.decide(&plan, collected(2, 0, true), later), Decision::Until(later + plan.wait));
        collector.hurry();
        assert_eq!(collector.decide(&plan, collected(2, 0, true), later), Decision::HandOver);
        collector.handed_over();
        assert_eq!(collector.decide(&plan, collected(2, 0, true), later), Decision::Until(later + plan.wait));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_wait_what_is_there_goes() {
        let plan = BatchPlan { wait: Duration::ZERO, ..plan(10, 1) };
        assert_eq!(Collector::default().decide(&plan, collected(1, 0, true), Instant::now()), Decision::HandOver);
    }
}
