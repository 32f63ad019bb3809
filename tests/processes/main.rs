//! Applications as processes and as whole programs: how they start, what they say, how they end.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
// A listener is async, also one that only counts; what a component needs it is given.
#![allow(clippy::needless_pass_by_value, clippy::unused_async)]

mod directory;
mod load;
mod worker;

mod authentication;
mod blocking_handlers;
mod broker_away;
mod broker_restarts;
mod command_line;
mod components;
mod configuration_errors;
mod embedded_broker;
mod environment_names;
mod exit_codes;
mod finished_beyond_a_gap;
mod linked_crates;
mod logs;
mod message_that_fails;
mod several_applications;
mod sigkill;
mod signals;
