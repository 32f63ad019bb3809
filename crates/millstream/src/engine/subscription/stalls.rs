//! Finds handlers that keep their thread busy.

use crate::engine::lane::Lane;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often to look.
const PERIOD: Duration = Duration::from_secs(1);
/// How long one poll may take before it is reported, once.
const TOO_LONG: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Stalls {
    last: Option<Instant>,
    polls: HashMap<(Arc<str>, Arc<str>, i32), Poll>,
}

/// A poll that runs: its number, since when it was seen, and whether it was reported.
type Poll = (u64, Instant, bool);

impl Stalls {
    /// Lanes whose handler has been in one poll for too long, and for how long; each poll is reported once.
    pub(super) fn look<'l>(
        &mut self,
        now: Instant,
        lanes: impl Iterator<Item = &'l Arc<Lane>>,
    ) -> Vec<(Arc<Lane>, Duration)> {
        if self.last.is_some_and(|last| now.duration_since(last) < PERIOD) {
            return Vec::new();
        }
        self.last = Some(now);
        let mut busy = HashMap::new();
        let mut found = Vec::new();
        for lane in lanes {
            let Some(poll) = lane.running_poll() else { continue };
            let name = (Arc::clone(&lane.listener), Arc::clone(&lane.topic), lane.partition);
            let (since, mut reported) = match self.polls.get(&name) {
                Some((seen, since, reported)) if *seen == poll => (*since, *reported),
                _ => (now, false),
            };
            if !reported && now.duration_since(since) >= TOO_LONG {
                reported = true;
                found.push((Arc::clone(lane), now.duration_since(since)));
            }
            busy.insert(name, (poll, since, reported));
        }
        self.polls = busy;
        found
    }
}
