//! What several options of one listener mean together.

use super::answering;
use super::decided::Decided;
use super::listener_settings::Subject;
use super::said::{Refusal, Said, Scope, Site};
use crate::engine::failing::names;
use crate::plan::{OnFailure, OrderBy, Retries};
use millstream_config::Problems;

/// Checks one listener.
pub(super) fn check(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    loss(listener, problems, notices);
    backoff(listener, problems);
    order(listener, problems, notices);
    retry_topics(listener, problems, notices);
    dead_letter(listener, problems, notices);
    blocking(listener, problems, notices);
    batch(listener, problems);
    rate(listener, problems, notices);
    idempotent(listener, problems);
    answering::check(listener, problems);
    skip_offsets(listener, problems);
}

/// Whether a place speaks for more than the one consumer: what it says may be meant for others.
fn is_general(site: &Site) -> bool {
    site.scope <= Scope::Group
}

fn loss(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    let skips = listener.on_failure.value == OnFailure::Skip;
    if skips && !listener.accept_loss.value {
        let refusal = Refusal::new("skipping a message that failed loses it");
        let fix = format!(
            "set `accept_loss = true` for `{}` too, or choose \"pause\", \"stop\" or \"dead_letter\"",
            listener.id
        );
        problems.push(listener.on_failure.site.problem(refusal.fix(fix)));
    }
    if listener.accept_loss.value && !skips && !is_general(&listener.accept_loss.site) {
        notices.push(format!("{} has no effect without `on_failure = \"skip\"`", listener.accept_loss.site));
    }
}

fn backoff(listener: &Decided, problems: &mut Problems) {
    if let (Some(initial), Some(max)) = (&listener.settings.backoff_initial, &listener.settings.backoff_max)
        && initial.value > max.value
        // A limit that is more general than the first wait is lifted instead.
        && max.site.scope >= initial.site.scope
    {
        let refusal = Refusal::new(format!("the longest wait is shorter than the first: {}", initial.site));
        problems.push(max.site.problem(refusal.fix("make one of them fit the other")));
    }
}

/// Retry topics let what comes behind a failed message go first: that has to be said where an order is promised.
fn order(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    let reorder = listener.settings.reorder.as_ref().filter(|reorder| reorder.value);
    let Some(delays) = &listener.settings.retry_topics else {
        notices.extend(
            reorder
                .filter(|said| !is_general(&said.site))
                .map(|said| format!("{} has no effect without `retry_topics`", said.site)),
        );
        return;
    };
    let order_by = &listener.settings.order_by;
    let kept = order_by.as_ref().map_or(OrderBy::default(), |said| said.value);
    match (kept, reorder) {
        (OrderBy::None, Some(said)) if !is_general(&said.site) => {
            notices.push(format!("{} has no effect: `order_by = \"none\"` keeps no order", said.site));
        }
        (OrderBy::None, _) | (_, Some(_)) => {}
        (OrderBy::Partition | OrderBy::Key, None) => {
            let of = if kept == OrderBy::Key { "of a key" } else { "of a partition" };
            let refusal = Refusal::new(format!(
                "a message that waits in a retry topic is overtaken by those behind it, and `{}` handles the messages \
                 {of} in order",
                listener.id
            ));
            let fix = "allow it with `reorder = true`, or with `order_by = \"none\"`; `retries` keep the order";
            problems.push(delays.site.problem(refusal.fix(fix)));
        }
    }
}

fn retry_topics(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    let Some(delays) = &listener.settings.retry_topics else { return };
    let neighbours = delays.value.iter().zip(delays.value.iter().skip(1));
    if let Some((first, second)) = neighbours.into_iter().find(|(first, second)| first > second) {
        let (first, second) = (names::delay_text(*first), names::delay_text(*second));
        notices.push(format!("{}: the wait grows shorter from \"{first}\" to \"{second}\"", delays.site));
    }
    let endless = listener.settings.retries.as_ref().filter(|said| said.value == Retries::Forever);
    if let Some(retries) = endless
        && listener.settings.deadline.is_none()
    {
        notices.push(format!("{} is never reached: {}", delays.site, retries.site));
    }
    if let Subject::Topics(topics) = &listener.subject.value {
        let named = topics.iter().flat_map(|topic| {
            delays.value.iter().map(|delay| names::retry_topic(topic, &listener.group_id.value, *delay))
        });
        if let Some(long) = named.into_iter().find(|name| name.len() > super::rules::LONGEST_TOPIC) {
            let refusal = Refusal::new(format!(
                "the retry topic `{long}` has {} characters, and a topic's name has at most {}",
                long.len(),
                super::rules::LONGEST_TOPIC
            ));
            problems.push(delays.site.problem(refusal.fix("shorten the topic's or the group's name")));
        }
    }
}

fn dead_letter(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    let topic = listener.settings.dead_letter_topic.as_ref();
    if listener.on_failure.value != OnFailure::DeadLetter {
        let spring = listener.settings.dead_letter_spring_headers.as_ref().map(|said| &said.site);
        let sites = [topic.map(|said| &said.site), spring];
        notices.extend(
            sites
                .into_iter()
                .flatten()
                .filter(|site| !is_general(site))
                .map(|site| format!("{site} has no effect without `on_failure = \"dead_letter\"`")),
        );
        return;
    }
    let Some(topic) = topic else { return };
    let filled_in = |of: &str| names::dead_letter_topic(&topic.value, of, &listener.group_id.value, &listener.id);
    let (sources, is_example) = match &listener.subject.value {
        Subject::Topics(topics) => (topics.iter().map(ToString::to_string).collect(), false),
        Subject::Pattern(pattern) => (example(pattern).into_iter().collect::<Vec<_>>(), true),
    };
    for source in sources {
        let name = filled_in(&source);
        if let Err(refusal) = super::rules::topic(&name) {
            let rule = format!("the dead-letter topic `{name}` cannot be: {}", refusal.rule);
            problems.push(blamed(topic, listener).problem(Refusal { rule, fix: refusal.fix }));
            return;
        }
        if listener.reads(&name) {
            let refusal = Refusal::new(format!(
                "`{}` would read its own dead letters: {} `{name}`",
                listener.id,
                if is_example { "its pattern matches such a dead-letter topic as" } else { "it listens to" }
            ));
            let fix = "name another topic in `dead_letter = { topic = \"..\" }`, or let the listener read less";
            problems.push(blamed(topic, listener).problem(refusal.fix(fix)));
            return;
        }
    }
}

/// What is built in is nobody's mistake: the choice of dead letters is.
fn blamed<'d, T>(topic: &'d Said<T>, listener: &'d Decided) -> &'d Site {
    if topic.site.scope == Scope::BuiltIn { &listener.on_failure.site } else { &topic.site }
}

/// The name of a topic that a pattern matches, if one is easily found.
fn example(pattern: &str) -> Option<String> {
    let mut name = pattern.trim_start_matches('^').trim_end_matches('$').to_owned();
    for wildcard in [".*", ".+", "[^.]*", "[^.]+", r"\w+", r"\w*", r"\d+", r"\d*"] {
        name = name.replace(wildcard, if wildcard.contains('d') { "1" } else { "x" });
    }
    let name = name.replace("\\.", ".").replace("\\-", "-");
    let matches = super::rules::whole_name(pattern).is_ok_and(|pattern| pattern.is_match(&name));
    (matches && super::rules::topic(&name).is_ok()).then_some(name)
}

fn blocking(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    if !listener.is_blocking() {
        return;
    }
    if let Some(timeout) = &listener.settings.timeout {
        let rule = format!("the method of `{}` is a plain function (`blocking`), which nothing can stop", listener.id);
        if is_general(&timeout.site) {
            notices.push(format!("{}: {rule}; it has no timeout", timeout.site));
        } else {
            let fix = "remove the timeout and bound the work inside the method, or make it an async fn";
            problems.push(timeout.site.problem(Refusal::new(rule).fix(fix)));
        }
    }
    if let Some(batch) = &listener.settings.batch {
        let refusal = Refusal::new("a method that takes batches is async: `batch` and `blocking` do not go together");
        problems.push(batch.site.problem(refusal.fix("remove one of them")));
    }
}

fn batch(listener: &Decided, problems: &mut Problems) {
    let Some(batch) = &listener.settings.batch else { return };
    if let Some(order_by) = &listener.settings.order_by
        && order_by.value != OrderBy::Partition
        && batch.value.across_partitions
    {
        let refusal = Refusal::new(format!(
            "`across_partitions` keeps the order of each partition, and {order} does not: {}",
            batch.site,
            order = order_by.site.value,
        ));
        problems.push(
            order_by
                .site
                .problem(refusal.fix("give the listener `order_by = \"partition\"`, or take `across_partitions` out")),
        );
    }
    let Some(window) = &listener.settings.window else { return };
    // A window that is more general than the batch is lifted instead.
    if batch.value.max > window.value && window.site.scope >= batch.site.scope {
        let refusal = Refusal::new(format!(
            "a batch of {} messages never fits into a window of {}: {}",
            batch.value.max, window.value, batch.site
        ));
        problems.push(window.site.problem(refusal.fix("raise the window, or lower the batch's `max`")));
    }
}

fn rate(listener: &Decided, problems: &mut Problems, notices: &mut Vec<String>) {
    let Some(rate) = listener.settings.rate.as_ref().filter(|_| listener.settings.batch.is_some()) else { return };
    let rule = format!("`{}` takes batches, and `rate` is about single messages", listener.id);
    if is_general(&rate.site) {
        notices.push(format!("{}: {rule}; it has no rate", rate.site));
    } else {
        let fix = "remove one of `rate` and `batch`";
        problems.push(rate.site.problem(Refusal::new(rule).fix(fix)));
    }
}

fn idempotent(listener: &Decided, problems: &mut Problems) {
    let Some(idempotent) = &listener.settings.idempotent else { return };
    if listener.settings.batch.is_some() {
        let refusal = Refusal::new(
            "`idempotent` settles single messages that were handled before, which a method that takes batches has no \
             say in",
        );
        problems.push(idempotent.site.problem(refusal.fix("remove one of `idempotent` and `batch`")));
    }
    if idempotent.value.lease > idempotent.value.ttl {
        let refusal = Refusal::new("a key would be forgotten while its message is still being handled");
        problems.push(idempotent.site.problem(refusal.fix("let `ttl` be at least as long as `lease`")));
    }
}

fn skip_offsets(listener: &Decided, problems: &mut Problems) {
    let Some(skip_offsets) = &listener.settings.skip_offsets else { return };
    for skip in skip_offsets.value.iter().filter(|skip| !listener.reads(&skip.topic)) {
        let refusal = Refusal::new(format!("`{}` does not read the topic `{}`", listener.id, skip.topic));
        problems.push(skip_offsets.site.problem(refusal.fix("write it to a listener that reads the topic")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_pattern_has_an_example() {
        assert_eq!(example("orders-.*").as_deref(), Some("orders-x"));
        assert_eq!(example(r"^eu\.orders\.\d+$").as_deref(), Some("eu.orders.1"));
        assert_eq!(example("(a|b)-(c|d)"), None);
    }
}
