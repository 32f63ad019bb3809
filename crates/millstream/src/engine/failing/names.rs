//! What the topics of failed messages are called.

use std::fmt::Write as _;
use std::time::Duration;

const UNITS: [(u128, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];

/// The topic in which failed messages of a group wait for their next attempt: `orders.billing.retry.5s`.
pub(crate) fn retry_topic(topic: &str, group_id: &str, delay: Duration) -> String {
    format!("{topic}.{}.retry.{}", allowed(group_id), delay_text(delay))
}

/// The topic of dead letters, given its template with `{topic}`, `{group_id}` and `{listener}`.
pub(crate) fn dead_letter_topic(template: &str, topic: &str, group_id: &str, listener: &str) -> String {
    let mut name = String::new();
    let mut rest = template;
    // In one go: what is put in is not looked at again.
    while let Some((before, after)) = rest.split_once('{') {
        name.push_str(before);
        let (word, behind) = after.split_once('}').unwrap_or((after, ""));
        match word {
            "topic" => name.push_str(topic),
            "group_id" => name.push_str(&allowed(group_id)),
            "listener" => name.push_str(&allowed(listener)),
            other => {
                name.push('{');
                name.push_str(other);
                name.push('}');
            }
        }
        rest = behind;
    }
    name.push_str(rest);
    name
}

/// A delay as names have it: `5s`, `1m`, `1h30m`; parts of a millisecond are left out.
pub(crate) fn delay_text(delay: Duration) -> String {
    let mut left = delay.as_millis();
    let mut text = String::new();
    for (length, unit) in UNITS {
        let count = left / length;
        left %= length;
        if count > 0 {
            // Writing to text cannot fail.
            let _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() { "0ms".to_owned() } else { text }
}

/// The text with `_` for what the name of a topic cannot have.
fn allowed(text: &str) -> String {
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    text.chars().map(|character| if allowed(character) { character } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_topic_tells_its_origin_its_group_and_its_delay() {
        assert_eq!(retry_topic("orders", "billing", Duration::from_secs(5)), "orders.billing.retry.5s");
        assert_eq!(retry_topic("orders", "a b/ü", Duration::from_secs(60)), "orders.a_b__.retry.1m");
    }

    #[test]
    fn delays_are_written_in_the_largest_units() {
        let cases = [(0, "0ms"), (250, "250ms"), (90_000, "1m30s"), (5_400_000, "1h30m"), (86_400_500, "1d500ms")];
        for (milliseconds, text) in cases {
            assert_eq!(delay_text(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn a_dead_letter_topic_is_its_template_filled_in_once() {
        let name = |template| dead_letter_topic(template, "a{group_id}", "g/1", "Billing.on_order");
        assert_eq!(name("{topic}.{group_id}.dead"), "a{group_id}.g_1.dead");
        assert_eq!(name("dead-{listener}"), "dead-Billing.on_order");
        assert_eq!(name("plain"), "plain");
        assert_eq!(name("{other}.{topic"), "{other}.a{group_id}");
    }
}
