//! Questions that a client answers with an event.

use millstream_native::Event;
use std::collections::HashMap;
use tokio::sync::oneshot;

#[derive(Default)]
pub(super) struct Questions {
    next: u64,
    open: HashMap<u64, oneshot::Sender<Event>>,
}

impl Questions {
    /// A number for a question, and where its answer will come.
    pub(super) fn open(&mut self) -> (u64, oneshot::Receiver<Event>) {
        let (answer, answered) = oneshot::channel();
        self.next += 1;
        self.open.insert(self.next, answer);
        (self.next, answered)
    }

    pub(super) fn close(&mut self, question: u64) {
        self.open.remove(&question);
    }

    /// Nothing answers them any more.
    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }

    pub(super) fn answer(&mut self, event: Event) {
        if let Some(answer) = event.request().and_then(|question| self.open.remove(&question)) {
            // Who asked may have given up.
            drop(answer.send(event));
        }
    }
}
