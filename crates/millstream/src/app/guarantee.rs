//! What a listener guarantees, in words.

use crate::plan::{ListenerPlan, OnFailure, OnLostPosition, Retries};

/// What a listener guarantees with its options, and what it may lose because it was asked to.
pub(crate) fn guarantee(listener: &ListenerPlan) -> String {
    let skips = listener.failure.on_failure == OnFailure::Skip && listener.failure.retries != Retries::Forever;
    let jumps = listener.on_lost_position == OnLostPosition::Latest;
    let losses = [
        skips.then_some("skips what still fails (accept_loss)"),
        jumps.then_some("goes to the latest message when its position is lost"),
    ];
    let losses: Vec<_> = losses.into_iter().flatten().collect();
    if !losses.is_empty() {
        return format!("may lose messages: {}", losses.join("; "));
    }
    let commit = if listener.auto_commit { "at least once" } else { "at least once, from what the method commits" };
    let failing = match (listener.failure.retries, listener.failure.on_failure) {
        (Retries::Forever, _) => "what fails holds its partition until it succeeds",
        (_, OnFailure::Pause) => "what still fails holds its partition",
        (_, OnFailure::DeadLetter) => "what still fails goes to the dead-letter topic",
        (_, OnFailure::Stop) => "what still fails stops the application",
        (_, OnFailure::Skip) => return commit.to_owned(),
    };
    format!("{commit}; {failing}")
}
