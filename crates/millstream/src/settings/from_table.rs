//! What a table of the configuration says about listeners.

use super::listener_settings::{ListenerSettings, Subject};
use super::names;
use super::reading::{Reading, said};
use super::rules;
use super::said::{Refusal, Said};
use millstream_config::{Problems, Value};

/// Reads the options of a listener, or defaults for several.
pub(super) fn listener_settings(table: &Reading<'_>, problems: &mut Problems) -> ListenerSettings {
    refuse(table, problems);
    let mut settings = ListenerSettings {
        subject: subject(table, problems),
        group_id: table.text("group_id", problems, rules::filled),
        cluster: table.text("cluster", problems, rules::filled),
        enabled: table.flag("enabled", problems),
        start: start(table, problems),
        auto_commit: None,
        commit_interval: table.duration("commit_interval", problems, rules::commit_interval),
        concurrency: table.read("concurrency", problems, rules::at_least_one),
        order_by: table.text("order_by", problems, rules::order_by),
        rate: table.text("rate", problems, rules::rate),
        timeout: table.duration("timeout", problems, rules::positive),
        retries: table.text("retries", problems, rules::retries),
        deadline: table.duration("deadline", problems, rules::positive),
        retry_topics: retry_topics(table, problems),
        reorder: table.flag("reorder", problems),
        on_failure: table.text("on_failure", problems, rules::on_failure),
        max_crashes: table.read("max_crashes", problems, rules::max_crashes),
        accept_loss: table.flag("accept_loss", problems),
        on_lost_position: table.text("on_lost_position", problems, rules::on_lost_position),
        window: table.read("window", problems, rules::window),
        window_bytes: table.size("window_bytes", problems, rules::window_bytes),
        send_to: table.text("send_to", problems, rules::topic),
        wire: table.text("wire", problems, rules::wire),
        skip_offsets: table.list("skip_offsets", problems, rules::skip_offset),
        ..ListenerSettings::default()
    };
    backoff(table, &mut settings, problems);
    dead_letter(table, &mut settings, problems);
    settings
}

/// The options that no configuration can set, with the reason.
fn refuse(table: &Reading<'_>, problems: &mut Problems) {
    for name in names::CODE_ONLY {
        let Some(site) = table.site(name) else { continue };
        let rule = match name {
            "id" => "the id is the name by which configuration finds the listener, so that the code alone can set it"
                .to_owned(),
            "retry_on" | "terminal" => format!("`{name}` names types of the program, which configuration cannot"),
            _ => format!("`{name}` is a contract with the method's code, which would be wrong with another value"),
        };
        let refusal = Refusal::new(rule);
        let fix = match name {
            "auto_commit" | "id" => format!("remove it here, and write `{name} = ..` in `#[kafka_listener(..)]`"),
            _ => "remove it here; the method's `#[kafka_listener(..)]` says it".to_owned(),
        };
        problems.push(site.problem(refusal.fix(fix)));
    }
}

fn subject(table: &Reading<'_>, problems: &mut Problems) -> Option<Said<Subject>> {
    let topics = table.list("topics", problems, rules::topic);
    let pattern = table.text("pattern", problems, rules::pattern);
    match (topics, pattern) {
        (Some(_), Some(pattern)) => {
            let refusal = Refusal::new("a listener has `topics` or a `pattern`, not both");
            problems.push(pattern.site.problem(refusal.fix("write the topics into the pattern, or remove one")));
            None
        }
        (Some(topics), None) => {
            let mut value = topics.value;
            let mut seen = std::collections::HashSet::new();
            value.retain(|topic| seen.insert(topic.clone()));
            Some(Said { value: Subject::Topics(value), site: topics.site })
        }
        (None, Some(pattern)) => Some(Said { value: Subject::Pattern(pattern.value), site: pattern.site }),
        (None, None) => None,
    }
}

fn start(table: &Reading<'_>, problems: &mut Problems) -> Option<Said<crate::plan::Start>> {
    let start = table.text("start", problems, rules::start);
    let from_beginning = table.read("from_beginning", problems, rules::from_beginning);
    if let (Some(_), Some(second)) = (&start, &from_beginning) {
        let refusal = Refusal::new("`from_beginning` and `start` say the same thing");
        problems.push(second.site.problem(refusal.fix("keep `start`")));
    }
    start.or(from_beginning)
}

fn backoff(table: &Reading<'_>, settings: &mut ListenerSettings, problems: &mut Problems) {
    let is_table = table.node("backoff").is_some_and(|node| matches!(node.value, Value::Table(_)));
    if !is_table {
        settings.backoff_initial = table.duration("backoff", problems, rules::positive);
        return;
    }
    let backoff = table.below("backoff", table.scope, problems);
    settings.backoff_initial = backoff.duration("initial", problems, rules::positive);
    settings.backoff_max = backoff.duration("max", problems, rules::positive);
    settings.backoff_factor = backoff.read("factor", problems, rules::factor);
    settings.backoff_jitter = backoff.read("jitter", problems, rules::share);
    unknown(&backoff, &names::BACKOFF, problems);
}

fn retry_topics(table: &Reading<'_>, problems: &mut Problems) -> Option<Said<Vec<std::time::Duration>>> {
    let delays = table.list("retry_topics", problems, |text| rules::duration(text).and_then(rules::retry_delay))?;
    said(delays.site, rules::retry_delays(delays.value), problems)
}

fn dead_letter(table: &Reading<'_>, settings: &mut ListenerSettings, problems: &mut Problems) {
    let is_table = table.node("dead_letter").is_some_and(|node| matches!(node.value, Value::Table(_)));
    if !is_table {
        settings.dead_letter_topic = table.text("dead_letter", problems, rules::dead_letter_topic);
        return;
    }
    let dead_letter = table.below("dead_letter", table.scope, problems);
    settings.dead_letter_topic = dead_letter.text("topic", problems, rules::dead_letter_topic);
    settings.dead_letter_spring_headers = dead_letter.flag("spring_headers", problems);
    unknown(&dead_letter, &names::DEAD_LETTER, problems);
}

/// Keys of an inline table, which the loader leaves to its reader.
pub(super) fn unknown(table: &Reading<'_>, known: &[&str], problems: &mut Problems) {
    for name in table.names().into_iter().filter(|name| !known.contains(name)) {
        let problem = table.problem(name, "unknown key");
        problems.push(match millstream_config::nearest(name, known.iter().copied()) {
            Some(near) => problem.with_suggestion(format!("did you mean `{near}`?")),
            None => problem.with_suggestion(format!("known are {}", known.join(", "))),
        });
    }
}
