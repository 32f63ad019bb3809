//! What listeners of one group have to agree on.

use super::decided::Decided;
use super::listener_settings::Subject;
use super::said::{Refusal, Said, Site};
use millstream_config::{Problem, Problems, quote_key};

/// Checks the listeners of one (cluster, group). Of all the others that a listener disagrees with, the first is
/// named.
pub(super) fn check(listeners: &[&Decided], problems: &mut Problems) {
    for (index, second) in listeners.iter().enumerate() {
        let earlier = || listeners.iter().take(index).copied();
        problems.extend(earlier().find_map(|first| commit_interval(first, second)));
        problems.extend(earlier().find_map(|first| position("start", first, second, |listener| &listener.start)));
        problems.extend(
            earlier()
                .find_map(|first| position("on_lost_position", first, second, |listener| &listener.on_lost_position)),
        );
    }
}

fn commit_interval(first: &Decided, second: &Decided) -> Option<Problem> {
    let (rule, site) = differ("commit_interval", first, second, |listener| &listener.commit_interval)?;
    let group = &second.group_id.value;
    let fix = format!("say it once, in `[kafka.groups.{}]`", quote_key(group));
    Some(site.problem(Refusal::new(format!("{rule}; the group `{group}` sends its positions together")).fix(fix)))
}

fn position<'d, T: PartialEq + 'd>(
    option: &str,
    first: &'d Decided,
    second: &'d Decided,
    value: impl Fn(&'d Decided) -> &'d Said<T>,
) -> Option<Problem> {
    let (rule, site) = differ(option, first, second, value)?;
    let shared = shared(first, second)?;
    let group = &second.group_id.value;
    let rule = format!("{rule}; the group `{group}` has one position for each partition of {shared}");
    Some(site.problem(Refusal::new(rule).fix("let them agree, or give one of them another group")))
}

/// Why two listeners do not agree, and the more specific of the two places.
fn differ<'d, T: PartialEq + 'd>(
    option: &str,
    first: &'d Decided,
    second: &'d Decided,
    value: impl Fn(&'d Decided) -> &'d Said<T>,
) -> Option<(String, &'d Site)> {
    let (first_said, second_said) = (value(first), value(second));
    if first_said.value == second_said.value {
        return None;
    }
    let (blamed, site, other, other_site) = if first_said.site.scope > second_said.site.scope {
        (first, &first_said.site, second, &second_said.site)
    } else {
        (second, &second_said.site, first, &first_said.site)
    };
    let place = other_site.origin.as_ref().map_or_else(|| "built in".to_owned(), ToString::to_string);
    let rule = format!(
        "`{}` and `{}` disagree on `{option}`, which is {} there ({place})",
        blamed.id, other.id, other_site.value
    );
    Some((rule, site))
}

/// What both read, as far as that is known before a broker is asked.
fn shared(first: &Decided, second: &Decided) -> Option<String> {
    let of = |topics: &[std::sync::Arc<str>], other: &Decided| {
        topics.iter().find(|topic| other.reads(topic)).map(|topic| format!("topic `{topic}`"))
    };
    match (&first.subject.value, &second.subject.value) {
        (Subject::Pattern(one), Subject::Pattern(other)) => (one == other).then(|| format!("topics like `{one}`")),
        (Subject::Topics(topics), _) => of(topics, second),
        (_, Subject::Topics(topics)) => of(topics, first),
    }
}
