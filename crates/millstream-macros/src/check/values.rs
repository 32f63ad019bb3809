//! What the literals of options may say. Constants are not seen here; the start of the application
//! checks them by the same rules.

use super::nearest::{listed, nearest};

/// What is wrong with a literal: the rule and the fix.
pub(crate) type Verdict = Result<(), String>;

const LONGEST_TOPIC: usize = 249;

/// The broker's own rule for names of topics.
pub(crate) fn topic(name: &str) -> Verdict {
    if name.is_empty() {
        return Err("a topic's name cannot be empty".to_owned());
    }
    if name == "." || name == ".." {
        return Err(format!("a topic cannot be named \"{name}\""));
    }
    if name.len() > LONGEST_TOPIC {
        return Err(format!(
            "a topic's name has at most {LONGEST_TOPIC} characters, this one has {}",
            name.chars().count()
        ));
    }
    match name.chars().find(|&character| !is_topic_character(character)) {
        None => Ok(()),
        Some(character @ ('*' | '^' | '$' | '+' | '[' | '(')) => Err(format!(
            "a topic's name cannot contain {character:?}; a regular expression is given as `pattern = \"{name}\"`"
        )),
        Some(',') => {
            Err("a topic's name cannot contain ','; several topics are several strings: \"a\", \"b\"".to_owned())
        }
        Some(character) => Err(format!(
            "a topic's name cannot contain {character:?}; allowed are letters, digits, \".\", \"_\" and \"-\""
        )),
    }
}

fn is_topic_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-')
}

pub(crate) fn group_id(text: &str) -> Verdict {
    not_empty("group_id", text)
}

pub(crate) fn id(text: &str) -> Verdict {
    not_empty("id", text)
}

pub(crate) fn cluster(text: &str) -> Verdict {
    not_empty("cluster", text)
}

/// The same engine as at start, so that both say the same.
pub(crate) fn pattern(text: &str) -> Verdict {
    not_empty("pattern", text)?;
    match regex_lite::Regex::new(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("`pattern` is not a regular expression: {error}")),
    }
}

fn not_empty(option: &str, text: &str) -> Verdict {
    if text.trim().is_empty() { Err(format!("`{option}` cannot be empty")) } else { Ok(()) }
}

/// A key of the configuration, as in `#[config("billing.currency")]`.
pub(crate) fn config_key(key: &str) -> Verdict {
    if key.is_empty() {
        return Err(
            "a key of the configuration cannot be empty; write it as in `#[config(\"billing.currency\")]`".to_owned()
        );
    }
    if key.split('.').any(|segment| segment.trim().is_empty()) {
        return Err(format!(
            "key \"{key}\" has an empty part; parts are separated by single dots, as in \"billing.currency\""
        ));
    }
    Ok(())
}

/// The name of a header.
pub(crate) fn header(name: &str) -> Verdict {
    if name.is_empty() {
        return Err("a header's name cannot be empty; write it as in `#[header(\"trace-id\")]`".to_owned());
    }
    Ok(())
}

const UNITS: [&str; 7] = ["ns", "us", "ms", "s", "m", "h", "d"];

/// A duration with its unit, as in `"250ms"`.
pub(crate) fn duration(text: &str) -> Verdict {
    let units = listed(UNITS, "\"");
    let trimmed = text.trim();
    let digits = trimmed.find(|character: char| !character.is_ascii_digit()).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let unit = unit.trim();
    if number.is_empty() || unit.starts_with(['.', ',', '_']) {
        return Err(format!(
            "\"{text}\" is not a duration; write a whole number and its unit, as in \"250ms\"; units are {units}"
        ));
    }
    if unit.is_empty() {
        return Err(format!(
            "duration \"{text}\" has no unit; write \"{number}ms\" or \"{number}s\"; units are {units}"
        ));
    }
    if !UNITS.contains(&unit) {
        return Err(format!("duration \"{text}\" has the unknown unit \"{unit}\"; units are {units}"));
    }
    if number.bytes().all(|digit| digit == b'0') {
        return Err(format!("duration \"{text}\" is none; leave the option out, or write more than nothing"));
    }
    Ok(())
}

/// `"latest"`, `"earliest"`, or a timestamp, which only the start can read.
pub(crate) fn start(text: &str) -> Verdict {
    if text.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(());
    }
    word(
        "start",
        &["latest", "earliest"],
        "\"latest\", \"earliest\" or a timestamp such as \"2026-01-31T00:00:00Z\"",
        text,
    )
}

pub(crate) fn order_by(text: &str) -> Verdict {
    if matches!(text, "key" | "none") {
        return Err(format!("`order_by = \"{text}\"` is not available in this version; possible is \"partition\""));
    }
    word("order_by", &["partition"], "\"partition\"", text)
}

pub(crate) fn on_failure(text: &str) -> Verdict {
    if text == "dead_letter" {
        return Err("`on_failure = \"dead_letter\"` is not available in this version; possible are \"pause\", \"stop\" and \"skip\"".to_owned());
    }
    word("on_failure", &["pause", "stop", "skip"], "\"pause\", \"stop\" or \"skip\"", text)
}

pub(crate) fn on_lost_position(text: &str) -> Verdict {
    word("on_lost_position", &["nearest", "latest", "pause"], "\"nearest\", \"latest\" or \"pause\"", text)
}

pub(crate) fn retries(text: &str) -> Verdict {
    word("retries", &["forever"], "a count or \"forever\"", text)
}

pub(crate) fn flavor(text: &str) -> Verdict {
    word("flavor", &["multi_thread", "current_thread"], "\"multi_thread\" or \"current_thread\"", text)
}

fn word(option: &str, words: &[&str], rule: &str, text: &str) -> Verdict {
    if words.contains(&text) {
        return Ok(());
    }
    let hint =
        nearest(text, words.iter().copied()).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
    Err(format!("`{option}` is {rule}, not \"{text}\"{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_topics_follow_the_brokers_rule() {
        assert_eq!(topic("orders.v1_final-2"), Ok(()));
        assert_eq!(topic(&"a".repeat(249)), Ok(()));
        for wrong in ["", ".", "..", "or ders", "orders/1", "ördërs", "orders-.*", "a,b", &"a".repeat(250)] {
            assert!(topic(wrong).is_err(), "{wrong}");
        }
        assert!(topic("orders-.*").unwrap_err().contains("pattern = \"orders-.*\""));
    }

    #[test]
    fn durations_have_a_number_and_a_known_unit() {
        for right in ["250ms", "1s", "10 m", "24h", "7d", "5us", "9ns"] {
            assert_eq!(duration(right), Ok(()), "{right}");
        }
        assert!(duration("250").unwrap_err().contains("has no unit"));
        assert!(duration("2 parsecs").unwrap_err().contains("unknown unit \"parsecs\""));
        for wrong in ["", "ms", "-1s", "1.5s", "1_000ms", ".", "0s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_is_a_regular_expression() {
        assert_eq!(pattern("orders-(a|b).*"), Ok(()));
        for wrong in ["", " ", "(", "a)(b", "[", "*"] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_word_is_told_with_the_nearest() {
        assert_eq!(
            on_failure("skipp").unwrap_err(),
            "`on_failure` is \"pause\", \"stop\" or \"skip\", not \"skipp\"; did you mean \"skip\"?"
        );
        assert_eq!(start("2026-01-01T00:00:00Z"), Ok(()));
        assert!(start("earlyest").unwrap_err().ends_with("did you mean \"earliest\"?"));
    }

    #[test]
    fn words_of_later_versions_say_so() {
        assert!(order_by("key").unwrap_err().contains("not available in this version"));
        assert!(on_failure("dead_letter").unwrap_err().contains("not available in this version"));
    }

    #[test]
    fn keys_of_the_configuration_have_no_empty_part() {
        assert_eq!(config_key("billing.currency"), Ok(()));
        for wrong in ["", ".", "billing.", ".currency", "billing..currency"] {
            assert!(config_key(wrong).is_err(), "{wrong}");
        }
    }
}
