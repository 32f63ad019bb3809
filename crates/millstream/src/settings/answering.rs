//! What a listener that answers cannot have, and what only such a one can.

use super::decided::Decided;
use super::said::{Refusal, Scope};
use millstream_config::Problems;

/// Checks one listener.
pub(super) fn check(listener: &Decided, problems: &mut Problems) {
    let settings = &listener.settings;
    let Some(reply) = settings.reply.as_ref().filter(|reply| reply.value) else {
        refuse_without_reply(listener, problems);
        return;
    };
    if settings.batch.is_some() {
        let refusal = Refusal::new(
            "every request has its own answer, and the method takes several messages at once: a listener that answers \
             has no `batch`",
        );
        problems.push(reply.site.problem(refusal.fix("remove one of them")));
    }
    if settings.idempotent.is_some() {
        let refusal = Refusal::new(
            "what was answered is not kept, so that a request which comes again would get no answer: a listener that \
             answers has no `idempotent`",
        );
        problems.push(reply.site.problem(refusal.fix("remove one of them")));
    }
    if let Some(send_to) = &settings.send_to
        && listener.reads(&send_to.value)
    {
        let refusal = Refusal::new(format!("`{}` would read its own results for ever", listener.id));
        problems.push(send_to.site.problem(refusal.fix("send them to a topic that it does not listen to")));
    }
}

fn refuse_without_reply(listener: &Decided, problems: &mut Problems) {
    let fix = "write `reply` in its `#[kafka_listener(..)]`, or remove this";
    let rule = format!("the method of `{}` does not answer: nothing that it returns is sent", listener.id);
    if let Some(send_to) = &listener.settings.send_to {
        problems.push(send_to.site.problem(Refusal::new(rule.clone()).fix(fix)));
    }
    // What is said about several listeners holds for those that answer.
    if let Some(wire) = listener.settings.wire.as_ref().filter(|wire| wire.site.scope >= Scope::Attribute) {
        problems.push(wire.site.problem(Refusal::new(rule).fix(fix)));
    }
}
