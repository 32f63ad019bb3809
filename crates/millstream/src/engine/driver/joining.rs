//! A lane among others of its listener whose messages come together: it joins with what it has, and with what comes
//! while the batch waits.

use super::Work;
use super::batches::Batching;
use crate::batch::BatchContext;
use crate::engine::batch::{Gathering, Handed};
use std::sync::Arc;

impl Work<'_> {
    /// What became of the messages; `None` if they were not handed over, as something else is to be looked at.
    pub(super) async fn join(
        &self,
        batching: &mut Batching,
        gathering: &Arc<Gathering>,
        messages: BatchContext,
    ) -> Option<Handed> {
        let driver = self.driver;
        let requests = driver.lane.requests();
        let mut place = gathering.join(messages, batching.collector.is_hurried());
        batching.collector.handed_over();
        loop {
            if requests.any() && place.leave() {
                return None;
            }
            let has_room = self.has_room(batching);
            tokio::select! {
                biased;
                handed = place.answer() => return handed,
                () = requests.changed() => {}
                () = driver.feed.readable(driver.reader), if has_room => {
                    if self.fill_up(batching) && let Some(more) = self.take_batch(batching) {
                        place.extend(more);
                    }
                }
            }
        }
    }
}
