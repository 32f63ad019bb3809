//! What a listener guarantees, in words.

use crate::engine::failing::names::dead_letter_topic;
use crate::plan::{ListenerPlan, OnFailure, OnLostPosition, OrderBy, Retries};
use std::collections::BTreeSet;

/// What a listener of this group guarantees with its options, and what it may lose because it was asked to.
pub(crate) fn guarantee(group_id: &str, listener: &ListenerPlan) -> String {
    let endless = listener.failure.retries == Retries::Forever && listener.failure.deadline.is_none();
    // Even then: an error that is terminal, and a payload that does not decode, are not tried again.
    let skips = listener.failure.on_failure == OnFailure::Skip;
    let jumps = listener.on_lost_position == OnLostPosition::Latest;
    let losses = [
        skips.then_some(if endless {
            "skips what cannot succeed (accept_loss)"
        } else {
            "skips what still fails (accept_loss)"
        }),
        jumps.then_some("goes to the latest message when its position is lost"),
    ];
    let losses: Vec<_> = losses.into_iter().flatten().collect();
    if !losses.is_empty() {
        return format!("may lose messages: {}", losses.join("; "));
    }
    let mut parts = vec![
        match (listener.auto_commit, listener.idempotent.is_some()) {
            (true, false) => "at least once",
            (false, false) => "at least once, from what the method commits",
            (true, true) => "at least once, and not again while its key is remembered",
            (false, true) => "at least once, from what the method commits, and not again while its key is remembered",
        }
        .to_owned(),
    ];
    if !listener.failure.retry_topics.is_empty() && listener.order_by != OrderBy::None {
        parts.push("retry topics may change the order".to_owned());
    }
    parts.push(failing(group_id, listener, endless));
    parts.join("; ")
}

fn failing(group_id: &str, listener: &ListenerPlan, endless: bool) -> String {
    let last = match (listener.failure.on_failure, listener.tells_errors()) {
        (OnFailure::DeadLetter, asked) => {
            let told = if asked { ", and who asked gets the error" } else { "" };
            format!("goes to the topic {}{told}", dead_letters(group_id, listener))
        }
        (OnFailure::Stop, false) => "stops the application".to_owned(),
        (OnFailure::Stop, true) => "stops the application, and who asked gets the error".to_owned(),
        (OnFailure::Pause, false) => "holds its partition".to_owned(),
        (OnFailure::Pause, true) => "is answered with its error, or holds its partition where nobody asked".to_owned(),
        (OnFailure::Skip, _) => "is skipped".to_owned(),
    };
    if !endless {
        return format!("what still fails {last}");
    }
    let held = match listener.order_by {
        OrderBy::Partition => "its partition",
        OrderBy::Key => "its key",
        OrderBy::None => "a place in the window",
    };
    match listener.failure.on_failure {
        OnFailure::Pause if !listener.tells_errors() => format!("what fails holds {held} until it succeeds"),
        // Errors that are terminal, and payloads that do not decode, are not tried again.
        _ => format!("what fails holds {held} until it succeeds, what never can {last}"),
    }
}

/// The topic of its dead letters; where each of its topics has another one, with `{topic}` in the name.
fn dead_letters(group_id: &str, listener: &ListenerPlan) -> String {
    let of = |topic: &str| dead_letter_topic(&listener.failure.dead_letter.topic, topic, group_id, &listener.id);
    let names: BTreeSet<String> = listener.topics.iter().map(|topic| of(topic)).collect();
    match (names.len(), names.into_iter().next()) {
        (1, Some(only)) => only,
        _ => of("{topic}"),
    }
}
