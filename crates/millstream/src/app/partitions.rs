//! Which partitions of a listener a call is about.

use std::ops::RangeFull;

/// Which partitions of a listener a call is about: `..`, `"orders"` or `("orders", 3)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Partitions<'a> {
    /// All that it reads in this process: `..`.
    All,
    /// All of one topic.
    Topic(&'a str),
    /// One.
    One(&'a str, i32),
}

impl From<RangeFull> for Partitions<'_> {
    fn from(_: RangeFull) -> Self {
        Self::All
    }
}

impl<'a> From<&'a str> for Partitions<'a> {
    fn from(topic: &'a str) -> Self {
        Self::Topic(topic)
    }
}

impl<'a> From<(&'a str, i32)> for Partitions<'a> {
    fn from((topic, partition): (&'a str, i32)) -> Self {
        Self::One(topic, partition)
    }
}
