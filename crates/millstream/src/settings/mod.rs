//! From annotations and configuration to a plan: who wins, what it may be, and what goes together.
//!
//! Specific beats general, then later beats earlier. Each scope is read into the same type
//! ([`listener_settings`]), in which every value carries its place; scopes then complete each other, the most
//! specific first: `[kafka.listeners.ID]`, the attribute, `[kafka.consumers.TYPE]` over `#[consumer(..)]`,
//! `[kafka.groups.NAME]`, `[kafka.listener_defaults]` and `[kafka]`, what is built in. The layers inside a scope
//! were merged by the loader.
//!
//! Nothing here reads a file or contacts a broker, and every problem is found in one go.

mod agreement;
mod answering;
mod cluster;
mod contracts;
mod decided;
mod effective;
mod embedded;
mod from_code;
mod from_table;
mod group;
mod idempotency;
mod keys;
mod layers;
mod listener_settings;
mod names;
mod owned_properties;
mod producer;
mod properties;
mod reading;
mod requests;
mod resolve;
mod retry_names;
mod rules;
mod said;
mod subscription;
#[cfg(test)]
mod tests;
mod together;
mod topics;

pub(crate) use effective::{Effective, effective, notices};
pub(crate) use idempotency::{StorePlan, stores};
pub(crate) use keys::keys;
pub(crate) use layers::{ChosenLayers, LayerChoice, choose_layers};
pub(crate) use resolve::resolve;

/// How long something may take, if that is more than nothing.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn positive_duration(duration: std::time::Duration) -> Result<std::time::Duration, String> {
    rules::positive(duration).map_err(|refusal| refusal.rule)
}

/// The name of a topic, if it follows the broker's rule.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn topic_name(name: &str) -> Result<std::sync::Arc<str>, String> {
    rules::topic(name).map_err(|refusal| refusal.rule)
}
