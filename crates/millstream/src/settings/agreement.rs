//! What listeners of one group have to agree on.

use super::decided::Decided;
use super::listener_settings::Subject;
use super::said::{Refusal, Said};
use millstream_config::{Problem, Problems};

/// Checks the listeners of one (cluster, group).
pub(super) fn check(listeners: &[&Decided], problems: &mut Problems) {
    for (index, second) in listeners.iter().enumerate() {
        for first in listeners.iter().take(index) {
            problems.extend(differ("commit_interval", first, second, |listener| &listener.commit_interval).map(
                |refusal| {
                    let rule = format!("{}, but a group sends its positions together", refusal.0);
                    let fix = format!("say it once, in `[kafka.groups.{}]`", key(&second.group_id.value));
                    refusal.1.problem(Refusal::new(rule).fix(fix))
                },
            ));
            let Some(shared) = shared(first, second) else { continue };
            let why = |refusal: (String, &super::said::Site)| -> Problem {
                let rule = format!("{}, and a group has one position for each partition of {shared}", refusal.0);
                let fix = "let them agree, or give one of them another group";
                refusal.1.problem(Refusal::new(rule).fix(fix))
            };
            problems.extend(differ("start", first, second, |listener| &listener.start).map(why));
            problems.extend(
                differ("on_lost_position", first, second, |listener| &listener.on_lost_position).map(why),
            );
        }
    }
}

/// Why two listeners do not agree, and the more specific of the two places.
fn differ<'d, T: PartialEq + 'd>(
    option: &str,
    first: &'d Decided,
    second: &'d Decided,
    value: impl Fn(&'d Decided) -> &'d Said<T>,
) -> Option<(String, &'d super::said::Site)> {
    let (first_said, second_said) = (value(first), value(second));
    if first_said.value == second_said.value {
        return None;
    }
    let (blamed, blamed_said, other, other_said) = if first_said.site.scope > second_said.site.scope {
        (first, first_said, second, second_said)
    } else {
        (second, second_said, first, first_said)
    };
    let rule = format!(
        "`{}` and `{}` of group `{}` disagree on `{option}`: the latter has {}",
        blamed.id, other.id, second.group_id.value, other_said.site
    );
    Some((rule, &blamed_said.site))
}

/// What both read, as far as that is known before a broker is asked.
fn shared(first: &Decided, second: &Decided) -> Option<String> {
    match (&first.subject.value, &second.subject.value) {
        (Subject::Pattern(one), Subject::Pattern(other)) => (one == other).then(|| format!("topics like `{one}`")),
        (Subject::Topics(topics), _) => {
            topics.iter().find(|topic| second.reads(topic)).map(|topic| format!("topic `{topic}`"))
        }
        (_, Subject::Topics(topics)) => {
            topics.iter().find(|topic| first.reads(topic)).map(|topic| format!("topic `{topic}`"))
        }
    }
}

fn key(name: &str) -> String {
    millstream_config::quote_key(name)
}
