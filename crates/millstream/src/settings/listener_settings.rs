//! What one scope says about a listener, and how scopes complete each other.

use super::said::{Said, Site};
use crate::options::ErrorTest;
use crate::plan::{BatchPlan, IdempotentPlan, OnFailure, OnLostPosition, OrderBy, Rate, Retries, SkipOffset, Start};
use crate::wire::Wire;
use std::sync::Arc;
use std::time::Duration;

/// What a listener reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Topics(Vec<Arc<str>>),
    Pattern(Arc<str>),
}

macro_rules! listener_settings {
    ($($(#[$doc:meta])* $field:ident ($($option:literal),+): $type:ty;)*) => {
        /// What one scope says, each value with its place.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(super) struct ListenerSettings {
            $($(#[$doc])* pub(super) $field: Option<Said<$type>>,)*
        }

        impl ListenerSettings {
            /// What is not said here is said by the next scope.
            pub(super) fn or(self, next: Self) -> Self {
                Self { $($field: self.$field.or(next.$field),)* }
            }

            /// Drops what an option of this name says.
            pub(super) fn forget(&mut self, option: &str) {
                $(if [$($option),+].contains(&option) {
                    self.$field = None;
                })*
            }

            /// Everything that is said: the option's name and the place.
            pub(super) fn sites(&self) -> Vec<(&'static str, &Site)> {
                let mut sites = Vec::new();
                $(if let Some(said) = &self.$field {
                    sites.push((written(&[$($option),+], &said.site), &said.site));
                })*
                sites
            }
        }
    };
}

/// Of the names that one value can be written with, the one that was used.
fn written(options: &[&'static str], site: &Site) -> &'static str {
    let used = options.iter().find(|option| site.key.ends_with(**option));
    used.or(options.first()).copied().unwrap_or_default()
}

listener_settings! {
    /// The topics or the pattern.
    subject ("topics", "pattern"): Subject;
    group_id ("group_id"): Arc<str>;
    cluster ("cluster"): Arc<str>;
    enabled ("enabled"): bool;
    start ("start", "from_beginning"): Start;
    auto_commit ("auto_commit"): bool;
    commit_interval ("commit_interval"): Duration;
    concurrency ("concurrency"): u32;
    order_by ("order_by"): OrderBy;
    rate ("rate"): Rate;
    blocking ("blocking"): bool;
    batch ("batch"): BatchPlan;
    idempotent ("idempotent"): IdempotentPlan;
    reply ("reply"): bool;
    send_to ("send_to"): Arc<str>;
    /// `None` inside is `"auto"`.
    wire ("wire"): Option<Wire>;
    timeout ("timeout"): Duration;
    retries ("retries"): Retries;
    backoff_initial ("backoff.initial", "backoff"): Duration;
    backoff_max ("backoff.max", "backoff"): Duration;
    backoff_factor ("backoff.factor", "backoff"): f64;
    backoff_jitter ("backoff.jitter", "backoff"): f64;
    deadline ("deadline"): Duration;
    retry_on ("retry_on"): ErrorTest;
    terminal ("terminal"): ErrorTest;
    retry_topics ("retry_topics"): Vec<Duration>;
    reorder ("reorder"): bool;
    on_failure ("on_failure"): OnFailure;
    dead_letter_topic ("dead_letter.topic", "dead_letter"): Arc<str>;
    dead_letter_spring_headers ("dead_letter.spring_headers", "dead_letter"): bool;
    max_crashes ("max_crashes"): u32;
    accept_loss ("accept_loss"): bool;
    on_lost_position ("on_lost_position"): OnLostPosition;
    window ("window"): u32;
    window_bytes ("window_bytes"): u64;
    skip_offsets ("skip_offsets"): Vec<SkipOffset>;
}
