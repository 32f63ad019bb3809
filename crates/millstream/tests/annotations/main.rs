//! Right annotations compile, whatever stands around them: what is wrong has its goldens in `ui`.

// These are the users' programs, in the users' own styles.
#![allow(dead_code, clippy::all, clippy::pedantic, clippy::restriction)]
// The one file that asks for documentation is to be seen as part of a library.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub)]

mod answers;
mod arguments_in_any_order_and_by_another_name;
mod batches;
mod borrowed_payload_over_an_await;
mod called_directly;
pub mod clients;
mod clusters;
mod components;
mod constants_as_options;
mod declared_by_a_macro;
mod derive_above_consumer;
mod every_kind_of_argument;
mod every_option;
mod generic_consumer;
pub mod lints_that_are_denied;
mod main_that_ends_well;
mod methods_of_one_name_under_conditions;
mod names_that_collide;
mod raw_identifiers;
mod results_of_other_crates;
mod several_blocks_of_one_type;
mod the_runtime_by_another_path;
