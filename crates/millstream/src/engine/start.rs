//! Where reading a partition starts: pure decisions from the group's positions and the listeners' wishes.

use super::metadata::PositionMetadata;
use crate::plan::Start;

/// What the group's coordinator knows of one partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The group's position, if it has one.
    pub(crate) position: Option<i64>,
    /// What the position's metadata says.
    pub(crate) metadata: PositionMetadata,
}

/// Where a partition starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartAt {
    /// At the group's position.
    Position(i64),
    /// Where the broker says this is; it must be committed before the first message is delivered.
    Resolve(Start),
}

/// How many partitions a topic had when the group first met it.
///
/// The group's own notes win; then what this process saw when it subscribed
/// (0 for a topic that did not exist then); then the count of today.
pub(crate) fn baseline(noted: Option<i32>, at_subscribe: Option<i32>, today: i32) -> i32 {
    noted.or(at_subscribe).unwrap_or(today)
}

/// Where one partition starts. A partition that came after the group had met the topic is read from its
/// beginning: what was written before anybody looked is not lost.
pub(crate) fn start_at(partition: i32, known: &Known, baseline: i32, wish: Start) -> StartAt {
    match known.position {
        Some(position) => StartAt::Position(position),
        None if partition >= baseline => StartAt::Resolve(Start::Earliest),
        None => StartAt::Resolve(wish),
    }
}

/// Where to go on when a position no longer exists, between the first and the next offset of the log.
pub(crate) fn nearest(position: i64, earliest: i64, latest: i64) -> i64 {
    position.clamp(earliest, latest.max(earliest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(position: Option<i64>, partitions: Option<i32>) -> Known {
        Known { position, metadata: PositionMetadata { partitions, ..PositionMetadata::default() } }
    }

    #[test]
    fn a_position_wins_over_every_wish() {
        let known = known(Some(12), Some(4));
        assert_eq!(start_at(9, &known, 4, Start::Latest), StartAt::Position(12));
    }

    #[test]
    fn a_partition_that_came_later_starts_at_its_beginning() {
        let known = known(None, None);
        assert_eq!(start_at(4, &known, 4, Start::Latest), StartAt::Resolve(Start::Earliest));
        assert_eq!(start_at(3, &known, 4, Start::Latest), StartAt::Resolve(Start::Latest));
    }

    #[test]
    fn the_groups_notes_say_how_many_partitions_it_first_met() {
        assert_eq!(baseline(Some(8), Some(12), 12), 8);
        assert_eq!(baseline(Some(0), Some(12), 12), 0, "it met the topic before it existed");
        assert_eq!(baseline(None, Some(12), 16), 12, "a group of another framework, or a new one");
        assert_eq!(baseline(None, Some(0), 4), 0, "a topic that came after we subscribed");
        assert_eq!(baseline(None, None, 4), 4);
    }

    #[test]
    fn a_lost_position_goes_to_the_nearest_end() {
        assert_eq!(nearest(3, 10, 20), 10);
        assert_eq!(nearest(30, 10, 20), 20);
        assert_eq!(nearest(15, 10, 20), 15);
        assert_eq!(nearest(0, 10, 0), 10);
    }
}
