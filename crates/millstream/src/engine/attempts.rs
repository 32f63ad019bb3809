//! How often the messages of a lane have failed.

/// Failures of the messages that were not passed yet.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    failing: Vec<Failing>,
    /// Attempts at the message in turn before it came here, on a retry topic.
    before: u32,
}

/// The message at `offset` failed this often, and what from `from` on was delivered again with it.
#[derive(Debug)]
struct Failing {
    from: i64,
    offset: i64,
    failures: u32,
}

impl Attempts {
    /// Whether nothing has failed: the usual case, which the loop over messages tests first.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.failing.is_empty() && self.before == 0
    }

    /// Which attempt at this message the next one is, from 1.
    pub(crate) fn next(&self, offset: i64) -> u32 {
        let failures = self.failing.iter().filter(|failing| (failing.from..=failing.offset).contains(&offset));
        let here = failures.map(|failing| failing.failures).max().unwrap_or(0);
        here.saturating_add(self.before).saturating_add(1)
    }

    /// The message in turn had so many attempts before it came here.
    pub(crate) fn begin_after(&mut self, attempts: u32) {
        self.before = attempts;
    }

    /// The message at `offset` failed, and delivery goes back to `from`.
    pub(crate) fn failed(&mut self, offset: i64, from: i64) {
        match self.failing.iter_mut().find(|failing| failing.offset == offset) {
            Some(failing) => {
                failing.failures = failing.failures.saturating_add(1);
                failing.from = failing.from.min(from);
            }
            None => self.failing.push(Failing { from, offset, failures: 1 }),
        }
    }

    /// The message at `offset` was passed: what failed there, or before it and never came again, is forgotten.
    pub(crate) fn passed(&mut self, offset: i64) {
        self.failing.retain(|failing| failing.offset > offset);
        self.before = 0;
    }

    /// Everything starts anew.
    pub(crate) fn clear(&mut self) {
        self.failing.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_grow_with_each_failure_until_the_message_is_passed() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.next(7), 1);
        attempts.failed(7, 7);
        assert_eq!(attempts.next(7), 2);
        attempts.failed(7, 7);
        assert_eq!((attempts.next(7), attempts.next(8)), (3, 1));
        attempts.passed(7);
        assert!(attempts.is_empty());
    }

    #[test]
    fn attempts_before_a_retry_topic_count_for_the_message_in_turn_alone() {
        let mut attempts = Attempts::default();
        attempts.begin_after(3);
        assert!(!attempts.is_empty());
        assert_eq!(attempts.next(7), 4);
        attempts.failed(7, 7);
        assert_eq!(attempts.next(7), 5);
        attempts.passed(7);
        assert_eq!(attempts.next(8), 1);
    }

    #[test]
    fn what_a_rewind_delivers_again_shares_the_attempt_of_the_message_that_moved_back() {
        let mut attempts = Attempts::default();
        attempts.failed(7, 5);
        assert_eq!([4, 5, 6, 7, 8].map(|offset| attempts.next(offset)), [1, 2, 2, 2, 1]);
        attempts.passed(5);
        attempts.passed(6);
        assert_eq!(attempts.next(7), 2, "passing others does not forget it");
    }
}
