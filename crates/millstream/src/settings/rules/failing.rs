//! What follows a failure.

use super::{LONGEST_TOPIC, Refusal, Verdict, between, topic};
use crate::engine::failing::names::{dead_letter_topic as filled_in, delay_text};
use millstream_config::nearest;
use std::sync::Arc;
use std::time::Duration;

const PLACEHOLDERS: [&str; 3] = ["topic", "group_id", "listener"];
const MOST_RETRY_TOPICS: usize = 16;
const MOST_CRASHES: u32 = 100;

/// How long a message waits in a retry topic.
pub(in crate::settings) fn retry_delay(delay: Duration) -> Verdict<Duration> {
    if !delay.subsec_nanos().is_multiple_of(1_000_000) {
        return Err(Refusal::new("a delay is a whole number of milliseconds: it is part of the topic's name"));
    }
    between(delay, "100ms", "7d")
}

/// The delays of all retry topics: each names a topic of its own.
pub(in crate::settings) fn retry_delays(delays: Vec<Duration>) -> Verdict<Vec<Duration>> {
    if delays.len() > MOST_RETRY_TOPICS {
        return Err(Refusal::new(format!("expects at most {MOST_RETRY_TOPICS} delays: each is a topic of its own")));
    }
    let mut seen = std::collections::BTreeSet::new();
    match delays.iter().find(|delay| !seen.insert(**delay)) {
        Some(twice) => Err(Refusal::new(format!(
            "the delay \"{}\" is there twice, and each names a topic of its own",
            delay_text(*twice)
        ))
        .fix("keep one, or change it; a longer wait is one longer delay")),
        None => Ok(delays),
    }
}

/// The name of a topic, in which `{topic}`, `{group_id}` and `{listener}` are replaced.
pub(in crate::settings) fn dead_letter_topic(template: &str) -> Verdict<Arc<str>> {
    for part in template.split('{').skip(1) {
        let Some((word, _)) = part.split_once('}') else {
            return Err(Refusal::new("has a `{` without a `}`").fix(known_placeholders()));
        };
        if !PLACEHOLDERS.contains(&word) {
            let refusal = Refusal::new(format!("`{{{}}}` stands for nothing", word.escape_debug()));
            return Err(match nearest(word, PLACEHOLDERS) {
                Some(near) => refusal.fix(format!("did you mean `{{{near}}}`?")),
                None => refusal.fix(known_placeholders()),
            });
        }
    }
    // Only what is certain: what is put in may be shorter than its placeholder.
    if filled_in(template, "", "", "").len() > LONGEST_TOPIC {
        return Err(Refusal::new(format!("a topic's name has at most {LONGEST_TOPIC} characters")));
    }
    topic(&filled_in(template, "t", "g", "l"))?;
    Ok(template.into())
}

fn known_placeholders() -> String {
    "known are `{topic}`, `{group_id}` and `{listener}`".to_owned()
}

/// After how many deaths of the process a message counts as failed.
pub(in crate::settings) fn max_crashes(crashes: u32) -> Verdict<u32> {
    if crashes > MOST_CRASHES {
        return Err(Refusal::new(format!("expects a number from 0 to {MOST_CRASHES}")).fix("0 counts none"));
    }
    Ok(crashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_topic_is_a_name_with_known_placeholders() {
        for right in ["orders.dead", "{topic}.dead", "{topic}.{group_id}.{listener}-dead", "{listener}"] {
            assert_eq!(dead_letter_topic(right).as_deref(), Ok(right));
        }
        for wrong in ["", " ", ".", "a b", "{topic", "topic}", "{}", "{tpoic}.dead", "dead/{topic}", &"a".repeat(250)] {
            assert!(dead_letter_topic(wrong).is_err(), "{wrong}");
        }
        assert_eq!(dead_letter_topic("{tpoic}").unwrap_err().fix.as_deref(), Some("did you mean `{topic}`?"));
    }

    #[test]
    fn two_retry_topics_cannot_have_one_name() {
        let seconds = |delays: &[u64]| retry_delays(delays.iter().copied().map(Duration::from_secs).collect());
        assert!(seconds(&[5, 60, 600]).is_ok());
        assert!(seconds(&[60, 5, 60]).unwrap_err().rule.contains("\"1m\""));
        assert!(seconds(&(1..=17).collect::<Vec<_>>()).is_err());
    }

    #[test]
    fn a_delay_is_in_whole_milliseconds_and_not_longer_than_a_week() {
        assert!(retry_delay(Duration::from_millis(100)).is_ok());
        for wrong in [Duration::ZERO, Duration::from_micros(100_500), Duration::from_secs(8 * 86_400)] {
            assert!(retry_delay(wrong).is_err(), "{wrong:?}");
        }
    }
}
