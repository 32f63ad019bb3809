//! Members of groups: where they start, how they share partitions, what becomes of positions when they come and go.

// A listener is async whatever it does.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unused_async, clippy::unwrap_used)]

mod load;
mod member;
mod witness;

mod blocked_threads;
mod commit_after_revoke;
mod crashes;
mod later_partitions;
mod latest;
mod lost_assignment;
mod lost_position;
mod lost_position_of_several;
mod missing_topics;
mod pattern_topics;
mod rebalance_under_load;
mod several_groups;
mod spare_members;
mod start_at_a_time;
mod static_members;
mod static_restart;
mod thousand_partitions;
