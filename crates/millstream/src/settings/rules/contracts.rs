//! What the method's code relies on.

use super::{Refusal, Verdict, between, filled};
use std::sync::Arc;
use std::time::Duration;

const MOST_MESSAGES: u32 = 100_000;

/// How many messages a batch has.
pub(in crate::settings) fn batch_size(messages: u32) -> Verdict<u32> {
    if (1..=MOST_MESSAGES).contains(&messages) {
        return Ok(messages);
    }
    Err(Refusal::new(format!("expects a number from 1 to {MOST_MESSAGES}")))
}

/// How long a batch waits for more.
pub(in crate::settings) fn batch_wait(wait: Duration) -> Verdict<Duration> {
    between(wait, "0ms", "1h")
}

/// How many bytes a batch has.
pub(in crate::settings) fn batch_bytes(bytes: u64) -> Verdict<u64> {
    if (1 << 10..=1 << 30).contains(&bytes) {
        return Ok(bytes);
    }
    Err(Refusal::new("expects a size from \"1KiB\" to \"1GiB\""))
}

/// The path of a field: names with dots between.
pub(in crate::settings) fn field(path: &str) -> Verdict<Arc<str>> {
    if path.split('.').any(|name| name.trim().is_empty()) {
        return Err(Refusal::new("the path of a field is names with single dots between them")
            .fix("write as in \"id\" or \"order.id\""));
    }
    filled(path)
}

/// How long a handled key is remembered.
pub(in crate::settings) fn ttl(ttl: Duration) -> Verdict<Duration> {
    between(ttl, "1s", "365d")
}

/// How long a key counts as being handled.
pub(in crate::settings) fn lease(lease: Duration) -> Verdict<Duration> {
    between(lease, "1s", "1d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_field_has_no_empty_part() {
        for right in ["id", "order.id", "a-b.c_d"] {
            assert_eq!(field(right).as_deref(), Ok(right));
        }
        for wrong in ["", " ", ".", "a.", ".a", "a..b"] {
            assert!(field(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn batches_are_bounded() {
        assert!(batch_size(0).is_err() && batch_size(1).is_ok() && batch_size(100_001).is_err());
        assert!(batch_bytes(1023).is_err() && batch_bytes(1024).is_ok() && batch_bytes((1 << 30) + 1).is_err());
        assert!(batch_wait(Duration::ZERO).is_ok() && batch_wait(Duration::from_secs(3601)).is_err());
    }
}
