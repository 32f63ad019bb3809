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

/// A duration with its unit, as in `"250ms"`, which may be nothing.
pub(crate) fn wait(text: &str) -> Verdict {
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
    Ok(())
}

/// The value of a duration that is one; nothing where it is too long to be counted.
pub(crate) fn nanoseconds(text: &str) -> Option<u64> {
    let trimmed = text.trim();
    let digits = trimmed.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = trimmed.split_at(digits);
    let factor: u64 = match unit.trim() {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 86_400_000_000_000,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// A duration that is more than nothing.
pub(crate) fn duration(text: &str) -> Verdict {
    wait(text)?;
    if text.trim().trim_start_matches('0').starts_with(|character: char| !character.is_ascii_digit()) {
        return Err(format!("duration \"{text}\" is none; leave the option out, or write more than nothing"));
    }
    Ok(())
}

const SIZES: [&str; 7] = ["B", "KiB", "MiB", "GiB", "kB", "MB", "GB"];

/// A number of bytes with its unit, as in `"16MiB"`.
pub(crate) fn size(text: &str) -> Verdict {
    let trimmed = text.trim();
    let digits = trimmed.find(|character: char| !character.is_ascii_digit()).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    if number.is_empty() || !SIZES.contains(&unit.trim()) {
        return Err(format!(
            "\"{text}\" is not a size; write a whole number and its unit, as in \"16MiB\"; units are {}",
            listed(SIZES, "\"")
        ));
    }
    Ok(())
}

/// `"500/s"`: a number of messages in a time.
pub(crate) fn rate(text: &str) -> Verdict {
    let example = "as in \"500/s\", \"100/m\" or \"20/250ms\"";
    let Some((messages, per)) = text.split_once('/') else {
        return Err(format!("`rate` is a number of messages, a `/` and a time, {example}"));
    };
    if !messages.trim().parse::<u32>().is_ok_and(|messages| messages > 0) {
        return Err(format!("`rate` begins with a whole number from 1, {example}"));
    }
    let per = per.trim();
    let per = if per.starts_with(|first: char| first.is_ascii_digit()) { per.to_owned() } else { format!("1{per}") };
    duration(&per).map_err(|_| format!("`rate` ends with a time or a unit of time, {example}"))
}

const PLACEHOLDERS: [&str; 3] = ["topic", "group_id", "listener"];

/// The name of a topic, with `{topic}`, `{group_id}` and `{listener}`.
pub(crate) fn dead_letter_topic(text: &str) -> Verdict {
    let mut rest = text.to_owned();
    for placeholder in PLACEHOLDERS {
        rest = rest.replace(&format!("{{{placeholder}}}"), "x");
    }
    if rest.contains(['{', '}']) {
        return Err(format!(
            "\"{text}\" has a placeholder that stands for nothing; known are {}",
            listed(PLACEHOLDERS.map(|word| format!("{{{word}}}")).iter().map(String::as_str), "`")
        ));
    }
    topic(&rest)
}

/// The path of a field in a JSON payload.
pub(crate) fn field(path: &str) -> Verdict {
    if path.split('.').any(|name| name.trim().is_empty()) {
        return Err(format!("\"{path}\" is not the path of a field; write as in \"id\" or \"order.id\""));
    }
    Ok(())
}

/// The name of a store of handled keys.
pub(crate) fn store(text: &str) -> Verdict {
    not_empty("store", text)
}

/// The name of a layer.
pub(crate) fn layer(text: &str) -> Verdict {
    if text.trim().is_empty() { Err("a layer's name cannot be empty".to_owned()) } else { Ok(()) }
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
    word("order_by", &["partition", "key", "none"], "\"partition\", \"key\" or \"none\"", text)
}

pub(crate) fn on_failure(text: &str) -> Verdict {
    word(
        "on_failure",
        &["pause", "stop", "skip", "dead_letter"],
        "\"pause\", \"stop\", \"skip\" or \"dead_letter\"",
        text,
    )
}

pub(crate) fn on_lost_position(text: &str) -> Verdict {
    word("on_lost_position", &["nearest", "latest", "pause"], "\"nearest\", \"latest\" or \"pause\"", text)
}

pub(crate) fn wire(text: &str) -> Verdict {
    word("wire", &["nest", "spring", "auto"], "\"nest\", \"spring\" or \"auto\"", text)
}

/// Of who asks, which has to know before there is an answer.
pub(crate) fn asking_wire(text: &str) -> Verdict {
    if text == "auto" {
        return Err(
            "`wire` of a client is \"nest\" or \"spring\": nothing has come yet that it could follow".to_owned()
        );
    }
    word("wire", &["nest", "spring"], "\"nest\" or \"spring\"", text)
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
    fn durations_are_counted_in_nanoseconds() {
        for (text, expected) in
            [("5s", 5_000_000_000), ("1 m", 60_000_000_000), ("2d", 172_800_000_000_000), ("7ns", 7)]
        {
            assert_eq!(nanoseconds(text), Some(expected), "{text}");
        }
        assert_eq!(nanoseconds("999999999999d"), None);
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
            "`on_failure` is \"pause\", \"stop\", \"skip\" or \"dead_letter\", not \"skipp\"; did you mean \"skip\"?"
        );
        assert_eq!(start("2026-01-01T00:00:00Z"), Ok(()));
        assert!(start("earlyest").unwrap_err().ends_with("did you mean \"earliest\"?"));
    }

    #[test]
    fn keys_of_the_configuration_have_no_empty_part() {
        assert_eq!(config_key("billing.currency"), Ok(()));
        for wrong in ["", ".", "billing.", ".currency", "billing..currency"] {
            assert!(config_key(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_rates_and_templates_are_judged_by_their_form() {
        for (rule, right, wrong) in [
            (size as fn(&str) -> Verdict, ["16MiB", "1 kB", "0B"], ["16", "MiB", "1.5MiB"]),
            (rate, ["500/s", "1 / 250ms", "7/h"], ["500", "0/s", "5/0s"]),
            (dead_letter_topic, ["orders.dead", "{topic}-{group_id}", "{listener}"], ["{tpoic}", "a b", "{topic"]),
            (field, ["id", "order.id", "a.b.c"], ["", "a..b", ".a"]),
            (wait, ["0ms", "1s", "5 m"], ["", "5", "-1s"]),
        ] {
            for right in right {
                assert_eq!(rule(right), Ok(()), "{right}");
            }
            for wrong in wrong {
                assert!(rule(wrong).is_err(), "{wrong}");
            }
        }
    }
}
