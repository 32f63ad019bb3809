//! The replies to one request, between whoever reads them from the broker and whoever waits for them.

use super::reply::Reply;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How many replies may lie untaken.
pub(super) const MOST_REPLIES: usize = 10_000;
/// How many bytes of them; the first reply may always lie.
pub(super) const MOST_BYTES: usize = 16 << 20;

/// See the module.
#[derive(Default)]
pub(super) struct Mailbox {
    contents: Mutex<Contents>,
}

#[derive(Default)]
struct Contents {
    replies: VecDeque<Reply>,
    bytes: usize,
    /// Nothing comes any more.
    end: Option<End>,
    waker: Option<Waker>,
}

/// Why no more replies come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The last one has come.
    Complete,
    /// More came than may lie here.
    Overrun,
    /// The application ends.
    ShuttingDown,
}

impl Mailbox {
    /// Puts a reply in; whether it had room. After the end it is dropped.
    pub(super) fn put(&self, reply: Reply, last: bool) -> bool {
        let mut contents = self.contents();
        if contents.end.is_some() {
            return true;
        }
        let bytes = reply.size();
        let fits = contents.replies.is_empty()
            || (contents.replies.len() < MOST_REPLIES && contents.bytes.saturating_add(bytes) <= MOST_BYTES);
        if fits {
            contents.bytes = contents.bytes.saturating_add(bytes);
            contents.replies.push_back(reply);
            contents.end = last.then_some(End::Complete);
        } else {
            contents.end = Some(End::Overrun);
        }
        wake(contents);
        fits
    }

    /// Nothing comes any more; what lies here is still taken.
    pub(super) fn end(&self, end: End) {
        let mut contents = self.contents();
        if contents.end.is_none() {
            contents.end = Some(end);
            wake(contents);
        }
    }

    /// The next reply, or why there is none.
    pub(super) fn poll(&self, task: &mut Context<'_>) -> Poll<Result<Reply, End>> {
        let mut contents = self.contents();
        if let Some(reply) = contents.replies.pop_front() {
            contents.bytes = contents.bytes.saturating_sub(reply.size());
            return Poll::Ready(Ok(reply));
        }
        if let Some(end) = contents.end {
            return Poll::Ready(Err(end));
        }
        match &mut contents.waker {
            Some(waker) => waker.clone_from(task.waker()),
            none => *none = Some(task.waker().clone()),
        }
        Poll::Pending
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes whoever waits, without the lock.
fn wake(mut contents: MutexGuard<'_, Contents>) {
    let waker = contents.waker.take();
    drop(contents);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use futures_util::FutureExt as _;
    use std::future::poll_fn;

    fn reply(size: usize) -> Reply {
        Reply { payload: Some(Bytes::from(vec![0; size])), ..Reply::default() }
    }

    fn take(mailbox: &Mailbox) -> Option<Result<Reply, End>> {
        poll_fn(|task| mailbox.poll(task)).now_or_never()
    }

    #[test]
    fn replies_come_in_their_order_and_then_the_end() {
        let mailbox = Mailbox::default();
        assert!(take(&mailbox).is_none());
        assert!(mailbox.put(reply(1), false) && mailbox.put(reply(2), true));
        assert_eq!(take(&mailbox), Some(Ok(reply(1))));
        assert_eq!(take(&mailbox), Some(Ok(reply(2))));
        assert_eq!(take(&mailbox), Some(Err(End::Complete)));
    }

    #[test]
    fn more_replies_than_may_lie_there_end_it_after_those_that_do() {
        let mailbox = Mailbox::default();
        for _ in 0..MOST_REPLIES {
            assert!(mailbox.put(reply(0), false));
        }
        assert!(!mailbox.put(reply(0), false));
        for _ in 0..MOST_REPLIES {
            assert!(matches!(take(&mailbox), Some(Ok(_))));
        }
        assert_eq!(take(&mailbox), Some(Err(End::Overrun)));
    }

    #[test]
    fn bytes_count_too_and_taking_makes_room() {
        let mailbox = Mailbox::default();
        assert!(mailbox.put(reply(MOST_BYTES + 1), false), "one reply may be larger than all of them");
        assert!(matches!(take(&mailbox), Some(Ok(_))));
        assert!(mailbox.put(reply(MOST_BYTES / 2), false) && mailbox.put(reply(MOST_BYTES / 2), false));
        assert!(matches!(take(&mailbox), Some(Ok(_))));
        assert!(mailbox.put(reply(MOST_BYTES / 2), false));
        assert!(!mailbox.put(reply(1), false));
    }

    #[test]
    fn what_comes_after_the_end_changes_nothing() {
        let mailbox = Mailbox::default();
        mailbox.end(End::ShuttingDown);
        mailbox.end(End::Complete);
        assert!(mailbox.put(reply(1), false));
        assert_eq!(take(&mailbox), Some(Err(End::ShuttingDown)));
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let mailbox = std::sync::Arc::new(Mailbox::default());
        let waits = std::sync::Arc::clone(&mailbox);
        let waiting = tokio::spawn(async move { poll_fn(|task| waits.poll(task)).await });
        tokio::task::yield_now().await;
        mailbox.put(reply(3), true);
        assert_eq!(waiting.await.unwrap(), Ok(reply(3)));
    }
}
