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

    /// Nothing answers them any more; who waits hears of it when what is returned is dropped.
    pub(super) fn close_all(&mut self) -> impl Sized + use<> {
        std::mem::take(&mut self.open)
    }

    /// Where the answer to a question is waited for.
    pub(super) fn take(&mut self, question: u64) -> Option<oneshot::Sender<Event>> {
        self.open.remove(&question)
    }
}
