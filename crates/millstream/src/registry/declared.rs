//! A listener as its annotations declare it, before configuration has its say.

use super::Location;
use crate::options::{ListenerOptions, Text};
use std::borrow::Cow;

/// One listener, and what its annotations say.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredListener {
    /// The consumer's name, the first half of the id.
    pub(crate) consumer: Text,
    /// The method's name, the second half.
    pub(crate) method: &'static str,
    /// Where the attribute stands.
    pub(crate) location: Location,
    /// Defaults of `#[consumer(..)]`: those on the impl block before those on the struct.
    pub(crate) consumer_options: ListenerOptions,
    /// What `#[kafka_listener(..)]` says.
    pub(crate) options: ListenerOptions,
}

impl DeclaredListener {
    /// `Type.method`, unless the attribute names another id.
    pub(crate) fn id(&self) -> Text {
        match &self.options.id {
            Some(id) => id.clone(),
            None => Cow::Owned(format!("{}.{}", self.consumer, self.method)),
        }
    }
}

/// The options of one scope, completed by those of the next.
pub(super) fn completed_by(options: ListenerOptions, next: ListenerOptions) -> ListenerOptions {
    let ListenerOptions {
        topics,
        pattern,
        group_id,
        id,
        cluster,
        enabled,
        start,
        auto_commit,
        commit_interval,
        concurrency,
        order_by,
        timeout,
        retries,
        backoff,
        on_failure,
        accept_loss,
        on_lost_position,
        window,
        window_bytes,
        rate,
        deadline,
        retry_on,
        terminal,
        retry_topics,
        reorder,
        dead_letter,
        max_crashes,
        blocking,
        batch,
        idempotent,
        layers,
        reply,
        send_to,
        wire,
    } = options;
    ListenerOptions {
        topics: if topics.is_empty() { next.topics } else { topics },
        pattern: pattern.or(next.pattern),
        group_id: group_id.or(next.group_id),
        id: id.or(next.id),
        cluster: cluster.or(next.cluster),
        enabled: enabled.or(next.enabled),
        start: start.or(next.start),
        auto_commit: auto_commit.or(next.auto_commit),
        commit_interval: commit_interval.or(next.commit_interval),
        concurrency: concurrency.or(next.concurrency),
        order_by: order_by.or(next.order_by),
        timeout: timeout.or(next.timeout),
        retries: retries.or(next.retries),
        backoff: backoff.or(next.backoff),
        on_failure: on_failure.or(next.on_failure),
        accept_loss: accept_loss.or(next.accept_loss),
        on_lost_position: on_lost_position.or(next.on_lost_position),
        window: window.or(next.window),
        window_bytes: window_bytes.or(next.window_bytes),
        rate: rate.or(next.rate),
        deadline: deadline.or(next.deadline),
        retry_on: retry_on.or(next.retry_on),
        terminal: terminal.or(next.terminal),
        retry_topics: retry_topics.or(next.retry_topics),
        reorder: reorder.or(next.reorder),
        dead_letter: dead_letter.or(next.dead_letter),
        max_crashes: max_crashes.or(next.max_crashes),
        blocking: blocking.or(next.blocking),
        batch: batch.or(next.batch),
        idempotent: idempotent.or(next.idempotent),
        layers: layers.or(next.layers),
        reply: reply.or(next.reply),
        send_to: send_to.or(next.send_to),
        wire: wire.or(next.wire),
    }
}
