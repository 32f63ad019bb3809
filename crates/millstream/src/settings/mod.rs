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
