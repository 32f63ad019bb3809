//! What a listener guarantees, in words.

use crate::plan::{ListenerPlan, OnFailure, OnLostPosition, OrderBy, Retries};

/// What a listener guarantees with its options, and what it may lose because it was asked to.
pub(crate) fn guarantee(listener: &ListenerPlan) -> String {
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
    parts.push(failing(listener, endless));
    parts.join("; ")
}

fn failing(listener: &ListenerPlan, endless: bool) -> String {
    let last = match listener.failure.on_failure {
        OnFailure::DeadLetter => format!("goes to the topic {}", listener.failure.dead_letter.topic),
        OnFailure::Stop => "stops the application".to_owned(),
        OnFailure::Pause => "holds its partition".to_owned(),
        OnFailure::Skip => "is skipped".to_owned(),
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
        OnFailure::Pause => format!("what fails holds {held} until it succeeds"),
        // Errors that are terminal, and payloads that do not decode, are not tried again.
        _ => format!("what fails holds {held} until it succeeds, what never can {last}"),
    }
}
