//! What single values may be, wherever they are said.

mod contracts;
mod failing;
mod rate;

pub(super) use contracts::{batch_bytes, batch_size, batch_wait, field, lease, ttl};
pub(super) use failing::{dead_letter_topic, max_crashes, retry_delay, retry_delays};
pub(super) use rate::rate;

use super::said::Refusal;
use crate::plan::{GroupProtocol, MissingTopics, OnFailure, OnLostPosition, OrderBy, Retries, SkipOffset, Start};
use crate::wire::Wire;
use millstream_config::{nearest, parse_duration, parse_size};
use std::sync::Arc;
use std::time::Duration;

pub(super) type Verdict<T> = Result<T, Refusal>;

/// The longest name of a topic that a broker takes.
pub(super) const LONGEST_TOPIC: usize = 249;
const LEAST_WINDOW_BYTES: u64 = 64 << 10;
const MOST_WINDOW_BYTES: u64 = 16 << 30;
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The broker's own rule for names of topics.
pub(super) fn topic(name: &str) -> Verdict<Arc<str>> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    if name.is_empty() || name == "." || name == ".." {
        return Err(Refusal::new(format!("a topic cannot be named \"{name}\"")));
    }
    if name.len() > LONGEST_TOPIC {
        return Err(Refusal::new(format!("a topic's name has at most {LONGEST_TOPIC} characters")));
    }
    match name.chars().find(|&character| !allowed(character)) {
        None => Ok(name.into()),
        Some(character) => {
            let refusal = Refusal::new(format!(
                "a topic's name has letters, digits, `.`, `_` and `-` only; `{}` has {character:?}",
                name.escape_debug()
            ));
            Err(match character {
                '*' | '^' | '$' | '+' | '[' | '(' | '?' | '|' => refusal.fix("a regular expression is a `pattern`"),
                _ => refusal,
            })
        }
    }
}

/// A regular expression that the whole name of a topic has to match.
pub(super) fn pattern(text: &str) -> Verdict<Arc<str>> {
    if text.trim().is_empty() {
        return Err(Refusal::new("a pattern cannot be empty").fix("`.*` matches every topic"));
    }
    match whole_name(text) {
        Ok(_) => Ok(text.into()),
        Err(error) => Err(Refusal::new(format!("is not a regular expression: {error}"))),
    }
}

/// The pattern as it is matched: against the whole name.
pub(super) fn whole_name(pattern: &str) -> Result<regex_lite::Regex, regex_lite::Error> {
    // Alone first: `a)(b` would be valid inside the group.
    regex_lite::Regex::new(pattern)?;
    regex_lite::Regex::new(&format!("^(?:{pattern})$"))
}

/// A text that is not blank.
pub(super) fn filled(text: &str) -> Verdict<Arc<str>> {
    if text.trim().is_empty() {
        return Err(Refusal::new("cannot be blank").fix("leave it out, or name something"));
    }
    if text.contains('\0') {
        return Err(Refusal::new("cannot hold a zero byte"));
    }
    Ok(text.into())
}

/// `"latest"`, `"earliest"`, an RFC 3339 timestamp, or milliseconds since 1970.
pub(super) fn start(text: &str) -> Verdict<Start> {
    let text = text.trim();
    match text {
        "latest" => return Ok(Start::Latest),
        "earliest" => return Ok(Start::Earliest),
        _ => {}
    }
    let begins_as_number = text.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit());
    if !begins_as_number {
        let expected = "expects \"latest\", \"earliest\", or a timestamp such as \"2026-01-31T00:00:00Z\"";
        return Err(with_nearest(expected, text, &["latest", "earliest"]));
    }
    let milliseconds = match text.parse::<i64>() {
        Ok(milliseconds) => milliseconds,
        Err(_) => match text.parse::<jiff::Timestamp>() {
            Ok(timestamp) => timestamp.as_millisecond(),
            Err(_) => {
                return Err(Refusal::new("is not a timestamp").fix(
                    "write it with its offset from UTC, as in \"2026-01-31T00:00:00Z\" or \"2026-01-31T01:00:00+01:00\", or as milliseconds since 1970",
                ));
            }
        },
    };
    if milliseconds < 0 {
        return Err(Refusal::new("is before 1970, where no message can be").fix("write \"earliest\""));
    }
    Ok(Start::Timestamp(milliseconds))
}

/// A count or `"forever"`.
pub(super) fn retries(text: &str) -> Verdict<Retries> {
    match text.trim() {
        "forever" => Ok(Retries::Forever),
        number => number
            .parse()
            .map(Retries::Count)
            .map_err(|_| with_nearest("expects a count from 0, or \"forever\"", number, &["forever"])),
    }
}

pub(super) fn order_by(text: &str) -> Verdict<OrderBy> {
    word(text, &[("partition", OrderBy::Partition), ("key", OrderBy::Key), ("none", OrderBy::None)])
}

pub(super) fn on_failure(text: &str) -> Verdict<OnFailure> {
    word(
        text,
        &[
            ("pause", OnFailure::Pause),
            ("stop", OnFailure::Stop),
            ("skip", OnFailure::Skip),
            ("dead_letter", OnFailure::DeadLetter),
        ],
    )
}

pub(super) fn on_lost_position(text: &str) -> Verdict<OnLostPosition> {
    word(
        text,
        &[("nearest", OnLostPosition::Nearest), ("latest", OnLostPosition::Latest), ("pause", OnLostPosition::Pause)],
    )
}

/// Whose conventions answers follow; `None` is told by each request.
pub(super) fn wire(text: &str) -> Verdict<Option<Wire>> {
    word(text, &[("nest", Some(Wire::Nest)), ("spring", Some(Wire::Spring)), ("auto", None)])
}

pub(super) fn missing_topics(text: &str) -> Verdict<MissingTopics> {
    word(text, &[("wait", MissingTopics::Wait), ("fail", MissingTopics::Fail)])
}

pub(super) fn group_protocol(text: &str) -> Verdict<GroupProtocol> {
    word(
        text,
        &[
            ("cooperative", GroupProtocol::ClassicCooperative),
            ("classic", GroupProtocol::ClassicCooperative),
            ("eager", GroupProtocol::ClassicEager),
            ("consumer", GroupProtocol::Consumer),
        ],
    )
}

/// One of a few words.
fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Verdict<T> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let rule = match quoted.as_slice() {
        [only] => format!("expects {only}"),
        several => format!("expects one of {}", several.join(", ")),
    };
    Err(with_nearest(&rule, text, &names))
}

fn with_nearest(rule: &str, text: &str, words: &[&str]) -> Refusal {
    let refusal = Refusal::new(rule);
    match nearest(text, words.iter().copied()) {
        Some(near) => refusal.fix(format!("did you mean \"{near}\"?")),
        None => refusal,
    }
}

/// A duration as text.
pub(super) fn duration(text: &str) -> Verdict<Duration> {
    parse_duration(text).map_err(|error| Refusal::new(error.to_string()))
}

/// A number of bytes as text.
pub(super) fn size(text: &str) -> Verdict<u64> {
    parse_size(text).map_err(|error| Refusal::new(error.to_string()))
}

/// A duration within bounds, which are shown as they are written.
pub(super) fn between(duration: Duration, least: &str, most: &str) -> Verdict<Duration> {
    // The bounds are constants of this module's callers; one that does not parse bounds nothing.
    let bound = |text: &str, otherwise| parse_duration(text).unwrap_or(otherwise);
    if duration < bound(least, Duration::ZERO) || duration > bound(most, Duration::MAX) {
        return Err(Refusal::new(format!("expects a duration from \"{least}\" to \"{most}\"")));
    }
    Ok(duration)
}

/// How long a handler may run, or a backoff last: more than nothing, and not so long that it was a slip.
pub(super) fn positive(duration: Duration) -> Verdict<Duration> {
    if duration.is_zero() {
        return Err(Refusal::new("expects a duration of at least \"1ms\"").fix("leave it out for none"));
    }
    if duration > DAY * 7 { Err(Refusal::new("expects a duration of at most \"7d\"")) } else { Ok(duration) }
}

/// A number of at least 1.
pub(super) fn at_least_one(number: u32) -> Verdict<u32> {
    if number == 0 { Err(Refusal::new("expects a number of at least 1")) } else { Ok(number) }
}

/// How much longer a wait is than the one before.
pub(super) fn factor(factor: f64) -> Verdict<f64> {
    if factor.is_finite() && (1.0..=1000.0).contains(&factor) {
        return Ok(factor);
    }
    Err(Refusal::new("expects a number from 1 to 1000"))
}

/// A share of a whole.
pub(super) fn share(share: f64) -> Verdict<f64> {
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(Refusal::new("expects a number from 0 to 1")) }
}

/// `orders/3@4711`: a topic, a partition and an offset.
pub(super) fn skip_offset(text: &str) -> Verdict<SkipOffset> {
    let parts = text.trim().rsplit_once('@').and_then(|(place, offset)| {
        let (name, partition) = place.rsplit_once('/')?;
        let partition = partition.parse::<i32>().ok().filter(|partition| *partition >= 0)?;
        let offset = offset.parse::<i64>().ok().filter(|offset| *offset >= 0)?;
        Some((name, partition, offset))
    });
    let Some((name, partition, offset)) = parts else {
        return Err(Refusal::new(format!(
            "expects a topic, a partition and an offset, as in \"orders/3@4711\"; `{}` is none",
            text.escape_debug()
        )));
    };
    Ok(SkipOffset { topic: topic(name)?, partition, offset })
}

/// `host:port`, perhaps with a protocol before it; the port may be left out.
pub(super) fn broker(text: &str) -> Verdict<String> {
    let refused = |rule: &str| Err(Refusal::new(format!("`{}`: {rule}", text.escape_debug())));
    let address = text.rsplit_once("://").map_or(text, |(_, address)| address);
    if address.contains(|character: char| character.is_whitespace() || character.is_control() || character == '/') {
        return refused("a broker is written `host:port`");
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    if host.is_empty() || (host.contains(':') && !bracketed) {
        return refused("a broker is written `host:port`, with an IPv6 address in brackets: `[::1]:9092`");
    }
    match port.map(str::parse::<u16>) {
        Some(Err(_) | Ok(0)) => refused("a port is a number from 1 to 65535"),
        Some(Ok(_)) | None => Ok(text.to_owned()),
    }
}

/// How often positions are sent.
pub(super) fn commit_interval(interval: Duration) -> Verdict<Duration> {
    between(interval, "10ms", "1h")
}

/// `true` is `"earliest"`, `false` is `"latest"`.
#[allow(clippy::unnecessary_wraps, reason = "it stands where rules stand")]
pub(super) fn from_beginning(from_beginning: bool) -> Verdict<Start> {
    Ok(if from_beginning { Start::Earliest } else { Start::Latest })
}

/// How many messages a listener may hold, or others be ahead of it, for each partition.
pub(super) fn window(window: u32) -> Verdict<u32> {
    if (1..=1_000_000).contains(&window) { Ok(window) } else { Err(Refusal::new("expects a number from 1 to 1000000")) }
}

/// How many bytes of unsettled messages a partition may hold.
pub(super) fn window_bytes(bytes: u64) -> Verdict<u64> {
    if (LEAST_WINDOW_BYTES..=MOST_WINDOW_BYTES).contains(&bytes) {
        return Ok(bytes);
    }
    Err(Refusal::new("expects a size from \"64KiB\" to \"16GiB\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_topics_follow_the_brokers_rule() {
        for right in ["orders", "orders.v1_final-2", &"a".repeat(249)] {
            assert_eq!(topic(right).as_deref(), Ok(right));
        }
        for wrong in ["", ".", "..", "or ders", "orders/1", "ördërs", "a,b", "orders-.*", &"a".repeat(250)] {
            assert!(topic(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_matches_whole_names() {
        assert!(whole_name("a|b").unwrap().is_match("b"));
        assert!(!whole_name("a|b").unwrap().is_match("ab"));
        for wrong in ["", " ", "(", "a)(b", "[", "*"] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn brokers_are_hosts_with_a_port() {
        for right in ["a", "a:1", "a.b-c:65535", "[::1]", "[::1]:9092", "SASL_SSL://a:9092", "10.0.0.1:9092"] {
            assert_eq!(broker(right).as_deref(), Ok(right));
        }
        for wrong in ["", ":9092", "a:", "a:0", "a:65536", "a:b", "a b:1", "::1", "http://a/b", "a:1/"] {
            assert!(broker(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn offsets_to_skip_name_topic_partition_and_offset() {
        let skip = skip_offset("orders.v1/3@4711").unwrap();
        assert_eq!((&*skip.topic, skip.partition, skip.offset), ("orders.v1", 3, 4711));
        for wrong in ["", "orders", "orders/3", "orders@1", "orders/3@", "/3@1", "orders/3@-1", "orders/2147483648@1"] {
            assert!(skip_offset(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_start_is_a_word_or_a_moment() {
        assert_eq!(start("earliest"), Ok(Start::Earliest));
        assert_eq!(start(" latest "), Ok(Start::Latest));
        assert_eq!(start("0"), Ok(Start::Timestamp(0)));
        assert_eq!(start("1970-01-01T00:00:01Z"), Ok(Start::Timestamp(1000)));
        for wrong in
            ["", "now", "-1", "99999999999999999999", "1969-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "5 o'clock"]
        {
            assert!(start(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bounds_are_within_the_range() {
        assert!(between(Duration::from_millis(10), "10ms", "1h").is_ok());
        assert!(between(Duration::from_secs(3600), "10ms", "1h").is_ok());
        assert!(between(Duration::from_millis(9), "10ms", "1h").is_err());
        assert!(between(Duration::from_secs(3601), "10ms", "1h").is_err());
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for wrong in [f64::NAN, f64::INFINITY, 0.99, 1001.0] {
            assert!(factor(wrong).is_err(), "{wrong}");
        }
        for wrong in [f64::NAN, -0.1, 1.1] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
