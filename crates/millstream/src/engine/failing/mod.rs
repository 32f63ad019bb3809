//! What follows a failure beyond the lane: other topics, and marks of crashes.

pub(crate) mod names;
