//! Keeps a message that kills the process from killing it for ever.
//!
//! Every assigned partition is marked in its position's metadata with a number of this process; the commit of a clean
//! end takes the mark away. A mark of another process that is found at an assignment means that the process died. After
//! `max_crashes` deaths the messages near the position are *guarded*: the whole process handles one of them at a time,
//! and before each it commits which one. So a message is blamed only for deaths in which it was itself in hand.

use crate::engine::lane::Lane;
use crate::engine::metadata::{CrashMark, Started};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use tokio::sync::MutexGuard;

/// How many messages a mark can tell of.
const SUSPECTS: usize = 8;

/// Held while a guarded message is handled, whatever application of the process it belongs to.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Tells this process from those before and beside it.
fn this_process() -> u64 {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    *PROCESS.get_or_init(|| fastrand::u64(1..))
}

/// The guard of one assigned partition, shared by its lanes and the committer.
pub(crate) struct Guard {
    process: u64,
    /// How often the process died with the partition in hand.
    crashes: u32,
    max_crashes: u32,
    /// Behind the last offset that is guarded.
    until: i64,
    hands: Mutex<Hands>,
    /// The partition is given back in peace: no mark is written any more.
    cleared: AtomicBool,
}

/// Which messages may be to blame.
#[derive(Default)]
struct Hands {
    /// In hand now.
    started: Option<Started>,
    /// In hand when a process died.
    suspects: Vec<Started>,
}

/// What is to be done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is known against it, and nothing guards its neighbours.
    Free,
    /// It is to be handled alone, once its start is committed.
    Guarded,
    /// The process died so many times while it was handled.
    Deadly(u32),
}

impl Guard {
    /// The guard of a partition that is assigned with this mark; `max_crashes` of 0 guards nothing.
    pub(crate) fn at_assignment(
        found: Option<CrashMark>,
        position: i64,
        window: u32,
        max_crashes: u32,
    ) -> Option<Self> {
        Self::of(this_process(), found, position, window, max_crashes)
    }

    fn of(process: u64, found: Option<CrashMark>, position: i64, window: u32, max_crashes: u32) -> Option<Self> {
        if max_crashes == 0 {
            return None;
        }
        let died = found.as_ref().is_some_and(|mark| mark.process != process);
        let crashes = found.as_ref().map_or(0, |mark| mark.crashes).saturating_add(u32::from(died));
        let mut hands = Hands::default();
        if let Some(mark) = found {
            let started = mark.started.map(|mut started| {
                started.found = started.found.saturating_add(u32::from(died));
                started
            });
            hands.suspects = mark.suspects;
            if let Some(started) = started.filter(|started| started.found > 0) {
                hands.suspects.retain(|suspect| !suspect.is(started.listener, started.offset));
                hands.suspects.insert(0, started);
            }
            hands.suspects.retain(|suspect| suspect.offset >= position);
            hands.suspects.truncate(SUSPECTS);
        }
        Some(Self {
            process,
            crashes,
            max_crashes,
            until: position.saturating_add(i64::from(window.max(1))),
            hands: Mutex::new(hands),
            cleared: AtomicBool::new(false),
        })
    }

    /// What is to be written with a position.
    pub(crate) fn mark(&self, position: i64) -> Option<CrashMark> {
        if self.cleared.load(Ordering::Acquire) {
            return None;
        }
        let crashes = if position >= self.until { 0 } else { self.crashes };
        let hands = self.hands();
        let started = hands.started.filter(|started| started.offset >= position);
        let is_kept = |suspect: &&Started| {
            suspect.offset >= position && !started.is_some_and(|started| started.is(suspect.listener, suspect.offset))
        };
        let suspects = hands.suspects.iter().filter(is_kept).copied().collect();
        Some(CrashMark { process: self.process, crashes, started, suspects })
    }

    /// The partition is given back in peace.
    pub(crate) fn clear(&self) {
        self.cleared.store(true, Ordering::Release);
    }

    /// Whether messages are guarded at all.
    pub(crate) fn is_active(&self) -> bool {
        self.crashes >= self.max_crashes
    }

    /// Whether a message at this offset is guarded.
    pub(crate) fn covers(&self, offset: i64) -> bool {
        self.is_active() && offset < self.until
    }

    /// What is to be done with a message of the listener with this hash.
    pub(crate) fn verdict(&self, listener: u32, offset: i64) -> Verdict {
        if !self.covers(offset) {
            return Verdict::Free;
        }
        match self.hands().found(listener, offset) {
            found if found >= self.max_crashes => Verdict::Deadly(found),
            _ => Verdict::Guarded,
        }
    }

    /// The message is begun: what was found of it at earlier assignments is kept.
    fn begin(&self, listener: u32, offset: i64) {
        let mut hands = self.hands();
        let found = hands.found(listener, offset);
        hands.started = Some(Started { listener, offset, found });
    }

    /// Somebody wants the message handled in spite of everything.
    pub(crate) fn acquit(&self, listener: u32, offset: i64) {
        self.hands().suspects.retain(|suspect| !suspect.is(listener, offset));
    }

    /// The message has ended, and the process lives.
    fn end(&self) {
        let mut hands = self.hands();
        if let Some(ended) = hands.started.take() {
            hands.suspects.retain(|suspect| !suspect.is(ended.listener, ended.offset));
        }
    }

    /// The message was not handled, or may come again: what is held against it stays.
    fn put_down(&self) {
        self.hands().started = None;
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hands {
    /// At how many deaths a message was in hand.
    fn found(&self, listener: u32, offset: i64) -> u32 {
        let found = self.suspects.iter().find(|suspect| suspect.is(listener, offset));
        found.map_or(0, |suspect| suspect.found)
    }
}

impl Started {
    fn is(&self, listener: u32, offset: i64) -> bool {
        (self.listener, self.offset) == (listener, offset)
    }
}

/// The right to handle the one guarded message of the process; dropping it puts the message down.
pub(crate) struct Entered<'g> {
    guard: &'g Guard,
    /// Whether the message has ended well, so that it is no suspect any more.
    survived: bool,
    _alone: MutexGuard<'static, ()>,
}

impl Entered<'_> {
    /// The message has ended well. One that failed is tried again, and may kill the process then.
    pub(crate) fn survived(&mut self) {
        self.survived = true;
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if self.survived { self.guard.end() } else { self.guard.put_down() }
    }
}

/// Waits until nothing else is guarded in this process, and until the broker holds that this message is begun. `None` if
/// the partition was taken away meanwhile. Cancel safe.
pub(crate) async fn enter<'g>(
    lane: &std::sync::Arc<Lane>,
    guard: &'g Guard,
    listener: u32,
    offset: i64,
) -> Option<Entered<'g>> {
    let alone = ONE_AT_A_TIME.lock().await;
    guard.begin(listener, offset);
    let entered = Entered { guard, survived: false, _alone: alone };
    match lane.commit_mark(offset).await {
        Ok(()) => Some(entered),
        Err(error) if error.kind() == crate::context::CommitErrorKind::Revoked => None,
        Err(error) => {
            tracing::warn!(
                topic = %lane.topic, partition = lane.partition, offset, %error,
                "the broker does not take the mark of a message that is begun: a crash cannot be laid to it"
            );
            Some(entered)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: u32 = 7;

    fn of(process: u64, found: Option<CrashMark>) -> Guard {
        Guard::of(process, found, 100, 10, 3).unwrap()
    }

    fn mark(process: u64, crashes: u32) -> CrashMark {
        CrashMark { process, crashes, started: None, suspects: Vec::new() }
    }

    #[test]
    fn a_mark_of_another_process_is_a_crash_and_one_of_our_own_is_none() {
        let found = mark(1, 1);
        assert_eq!(of(1, Some(found.clone())).mark(100), Some(mark(1, 1)));
        assert_eq!(of(2, Some(found.clone())).mark(100), Some(mark(2, 2)));
        assert_eq!(of(2, None).mark(100), Some(mark(2, 0)));
        assert!(Guard::of(1, Some(found), 0, 10, 0).is_none());
    }

    #[test]
    fn a_clean_end_takes_the_mark_away_and_passing_the_guarded_range_forgets_the_crashes() {
        let guard = of(2, Some(mark(1, 2)));
        assert_eq!(guard.mark(109).map(|mark| mark.crashes), Some(3));
        assert_eq!(guard.mark(110).map(|mark| mark.crashes), Some(0));
        guard.clear();
        assert_eq!(guard.mark(100), None);
    }

    #[test]
    fn only_a_message_that_was_itself_in_hand_at_so_many_deaths_is_deadly() {
        let mut mark = None;
        let mut process = 0;
        let mut handled = Vec::new();
        // The first deaths happen unguarded; then the poison at 105 is begun, alone, each time.
        for _ in 0..10 {
            process += 1;
            let guard = of(process, mark);
            let mut died = false;
            for offset in 100..110 {
                match guard.verdict(LISTENER, offset) {
                    Verdict::Free => died |= offset == 105,
                    Verdict::Guarded => {
                        guard.begin(LISTENER, offset);
                        died |= offset == 105;
                    }
                    Verdict::Deadly(times) => {
                        assert_eq!((offset, times), (105, 3));
                        assert_eq!(handled.iter().filter(|(_, offset)| *offset == 105).count(), 6);
                        return;
                    }
                }
                handled.push((process, offset));
                if died {
                    break;
                }
                guard.end();
            }
            // As of a listener that commits by hand and rarely: everything comes again each time.
            mark = guard.mark(100);
        }
        panic!("the poison was never told: {handled:?}");
    }

    #[tokio::test]
    async fn a_message_that_fails_and_kills_the_process_at_its_next_attempt_is_deadly_in_the_end() {
        let mut found = Some(mark(1, 2));
        for process in 2..=4 {
            let guard = of(process, found);
            assert_eq!(guard.verdict(LISTENER, 105), Verdict::Guarded);
            guard.begin(LISTENER, 105);
            drop(Entered { guard: &guard, survived: false, _alone: ONE_AT_A_TIME.lock().await });
            guard.begin(LISTENER, 105);
            found = guard.mark(100);
        }
        assert_eq!(of(5, found.clone()).verdict(LISTENER, 105), Verdict::Deadly(3));
        let guard = of(5, found);
        guard.begin(LISTENER, 105);
        drop(Entered { guard: &guard, survived: true, _alone: ONE_AT_A_TIME.lock().await });
        assert_eq!(guard.verdict(LISTENER, 105), Verdict::Guarded, "it ended well");
    }

    #[test]
    fn a_new_process_that_finds_the_mark_again_without_dying_in_hand_blames_nobody() {
        let mut mark = None;
        for process in 1..=20 {
            let guard = of(process, mark);
            mark = guard.mark(100);
            assert!((100..120).all(|offset| !matches!(guard.verdict(LISTENER, offset), Verdict::Deadly(_))));
        }
    }
}
