use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn window(offsets: &[i64], by_hand: bool) -> Window {
    let mut window = Window::new(10, by_hand, None);
    for offset in offsets {
        window.admit(*offset, 3, 1);
    }
    window
}

#[test]
fn the_position_waits_for_the_lowest_open_message_and_passes_what_does_not_exist() {
    let mut window = window(&[10, 11, 20], false);
    window.end(11, Ended::Settled);
    assert_eq!((window.position(), window.len()), (10, 3));
    window.end(10, Ended::Settled);
    assert_eq!((window.position(), window.len()), (20, 1), "12 to 19 do not exist");
    window.end(20, Ended::Settled);
    assert_eq!(window.position(), 21);
}

#[test]
fn what_is_finished_beyond_the_position_is_told_as_runs() {
    let mut window = window(&[10, 11, 12, 15, 16], false);
    for offset in [11, 12, 16] {
        window.end(offset, Ended::Settled);
    }
    assert_eq!(window.finished(), Some(Finished { leader_epoch: Some(3), runs: vec![(11, 13), (16, 17)] }));
}

#[test]
fn a_message_of_another_leader_epoch_is_not_told_as_finished() {
    let mut window = Window::new(10, false, None);
    for (offset, epoch) in [(10, 3), (11, 3), (12, 4)] {
        window.admit(offset, epoch, 1);
    }
    window.end(11, Ended::Settled);
    window.end(12, Ended::Settled);
    assert_eq!(window.finished(), Some(Finished { leader_epoch: Some(4), runs: vec![(12, 13)] }));
}

#[test]
fn by_hand_the_position_is_what_was_committed_and_never_above_an_open_message() {
    let mut window = window(&[10, 11, 12], true);
    window.end(10, Ended::Passed);
    assert_eq!(window.position(), 10, "nobody committed it");
    window.settle(12);
    assert_eq!(window.position(), 11, "11 is open");
    assert_eq!(window.finished().map(|finished| finished.runs), Some(vec![(12, 13)]));
    window.end(11, Ended::Passed);
    assert_eq!(window.position(), 13, "the commit of 12 covers 11");
}

#[test]
fn a_message_that_was_taken_back_is_open_again() {
    let mut window = window(&[10, 11], true);
    window.settle(10);
    assert_eq!(window.position(), 11);
    window.reopen(10, 3, 1);
    assert_eq!(window.position(), 10);
    window.settle(10);
    window.end(10, Ended::Settled);
    assert_eq!(window.position(), 11);
}

#[test]
fn a_message_without_an_entry_can_be_settled_and_taken_back() {
    let mut window = Window::new(10, false, None);
    window.settle(14);
    assert_eq!(window.position(), 15);
    window.reopen(15, 3, 1);
    assert_eq!((window.position(), window.len()), (15, 1));
}

#[test]
fn what_was_finished_before_a_restart_stays_told_until_it_is_met() {
    let inherited = Finished { leader_epoch: Some(3), runs: vec![(12, 14), (20, 30)] };
    let mut window = Window::new(10, false, Some(inherited.clone()));
    assert_eq!(window.finished(), Some(inherited));
    for offset in 10..15 {
        window.admit(offset, 3, 1);
        if window.was_finished(offset, Some(3)) {
            window.end(offset, Ended::Settled);
        }
    }
    assert_eq!(window.finished().map(|finished| finished.runs), Some(vec![(12, 14), (20, 30)]));
    assert!(window.inherits(29) && !window.inherits(30));
}

#[test]
fn after_a_truncated_log_nothing_counts_as_finished() {
    let inherited = Finished { leader_epoch: Some(3), runs: vec![(12, 14)] };
    let window = Window::new(10, false, Some(inherited));
    assert!(window.was_finished(12, Some(3)));
    assert!(!window.was_finished(12, Some(4)), "another message took its place");
    assert!(!window.was_finished(12, None));
}

/// A slow obvious model: every offset that exists with what is known of it.
#[derive(Debug, Default)]
struct Model {
    messages: BTreeMap<i64, (bool, bool)>,
    next: i64,
}

impl Model {
    fn position(&self) -> i64 {
        self.messages.iter().find(|(_, (settled, _))| !settled).map_or(self.next, |(offset, _)| *offset)
    }
}

proptest! {
    #[test]
    fn it_agrees_with_a_slow_model(steps in prop::collection::vec((0..4_u8, 1..5_i64, any::<prop::sample::Index>()), 1..200)) {
        let mut window = Window::new(0, false, None);
        let mut model = Model::default();
        let mut position = 0;
        for (step, gap, which) in steps {
            let open: Vec<i64> = model.messages.iter().filter(|(_, (_, ended))| !ended).map(|(offset, _)| *offset).collect();
            match step {
                0 | 1 => {
                    let offset = model.next + gap - 1;
                    window.admit(offset, 1, 10);
                    model.messages.insert(offset, (false, false));
                    model.next = offset + 1;
                }
                2 if !open.is_empty() => {
                    let offset = *which.get(&open);
                    window.end(offset, Ended::Settled);
                    model.messages.insert(offset, (true, true));
                }
                3 if !open.is_empty() => {
                    let offset = *which.get(&open);
                    window.settle(offset);
                    model.messages.insert(offset, (true, false));
                }
                _ => {}
            }
            prop_assert_eq!(window.position(), model.position());
            prop_assert!(window.position() >= position, "it never goes back by itself");
            position = window.position();
            let finished = window.finished();
            for (offset, (settled, _)) in model.messages.range(position..) {
                prop_assert_eq!(finished.as_ref().is_some_and(|finished| finished.holds(*offset)), *settled);
            }
            let unended = model.messages.iter().find(|(_, (_, ended))| !ended).map(|(offset, _)| *offset);
            let held = unended.map_or(0, |first| model.messages.range(first..).count());
            prop_assert_eq!(window.len(), held);
            prop_assert_eq!(window.bytes(), 10 * held as u64);
        }
    }
}
