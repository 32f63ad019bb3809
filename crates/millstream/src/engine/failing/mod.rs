//! What follows a failure beyond the lane: other topics, and marks of crashes.

pub(crate) mod dead_letter;
pub(crate) mod deliver;
pub(crate) mod destination;
pub(crate) mod guard;
pub(crate) mod letter;
pub(crate) mod names;
pub(crate) mod origin;
pub(crate) mod retry_topics;
