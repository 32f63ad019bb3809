//! The thread of a producer: takes what the client reports, gives it what has gathered, and makes it anew.

use super::super::error::SendError;
use super::super::gathering::{Course, Gathered};
use super::super::waiting::{Lost, Settled, Waiting};
use super::{Shared, lock, make};
use crate::engine::log_native;
use millstream_native::{Client, Code, Event, NativeError, Persisted};
use std::time::{Duration, Instant};

/// How long the thread sleeps when nothing wakes it.
const IDLE: Duration = Duration::from_secs(1);
/// How short it sleeps at least, so that a full queue of the client does not keep it busy.
const SHORTEST: Duration = Duration::from_millis(1);
/// How often an error that goes on is told.
const COMPLAINTS: Duration = Duration::from_secs(30);
/// How long what was given up may take to be reported.
const GIVING_UP: Duration = Duration::from_secs(2);

impl Shared {
    /// The thread.
    pub(super) fn serve(&self) {
        loop {
            let client = lock(&self.client).clone();
            match client {
                Some(client) => {
                    if self.take_events(&client) || client.fatal_error().is_some() {
                        self.rebuild(client);
                        continue;
                    }
                    self.send_gathered(&client);
                }
                None => self.reconnect(),
            }
            if self.bell.wait(self.idle()) {
                break;
            }
        }
        self.fail_gathered();
        let client = lock(&self.client).take();
        if let Some(client) = client {
            self.give_up(&client);
            // Whoever still holds it, for a question that blocks, ends it by dropping it.
            drop(client.destroy());
        }
        self.fail_rest(Waiting::closed);
    }

    /// How long the thread may sleep.
    fn idle(&self) -> Duration {
        // What has gathered waits for a client, which is tried for now and then.
        let has_client = lock(&self.client).is_some();
        let gathered = has_client.then(|| lock(&self.gathering).wait(Instant::now())).flatten();
        gathered.map_or(IDLE, |wait| wait.clamp(SHORTEST, IDLE))
    }

    /// Gives the client the messages that waited long enough for others.
    fn send_gathered(&self, client: &Client) {
        let (mut messages, mut under_way, full) = {
            let mut gathering = lock(&self.gathering);
            let under_way = lock(&self.waiting).len().saturating_sub(gathering.len());
            if gathering.first().is_none() || !gathering.is_due(under_way, Instant::now()) {
                return;
            }
            let full = gathering.course(under_way) == Course::Wait;
            (gathering.take(), under_way, full)
        };
        let mut refused = false;
        // Without the lock: senders go on meanwhile.
        while let Some(Gathered { ticket, message, .. }) = messages.front() {
            if let Err(error) = message.give(client, *ticket) {
                let Some(error) = self.refused(message, &error, under_way) else { break };
                let settled = lock(&self.waiting).refuse(*ticket, error);
                self.tell(settled);
                refused = true;
            } else {
                under_way += 1;
            }
            messages.pop_front();
        }
        lock(&self.gathering).put_back(messages);
        // Senders wait for room, and who flushes for each message.
        if full || refused {
            self.changed.notify_waiters();
        }
    }

    /// Answers the senders. Without a lock: whoever is woken may send the next message at once.
    fn tell(&self, settled: impl IntoIterator<Item = Settled>) {
        for Lost { topic, error } in settled.into_iter().filter_map(Settled::tell) {
            if self.prompt {
                // Whoever asked was told something else by then, and the message of a reply is not settled.
                tracing::debug!(%topic, %error, "a request or reply that nobody awaits any more was not sent");
            } else {
                // Whoever dropped the receiver is not told: the log is, and the end of the application.
                tracing::error!(%topic, %error, "a message that nobody awaits was not sent");
                lock(&self.waiting).lost(topic);
            }
        }
    }

    /// Takes what the client reports; whether it has failed for good.
    fn take_events(&self, client: &Client) -> bool {
        while let Some(event) = client.poll() {
            match event {
                Event::Delivered(reports) => {
                    let settled = lock(&self.waiting).settle(&reports);
                    self.tell(settled);
                    self.changed.notify_waiters();
                }
                // At once: what follows is reported as purged, though sending it again helps.
                Event::Error(error) if error.fatal || error.code == Code::FATAL => return true,
                Event::Error(error) => self.complain(&error),
                Event::Log { level, facility, message } => log_native(level, &facility, &message),
                event => {
                    let asked = event.request().and_then(|question| lock(&self.questions).take(question));
                    if let Some(asked) = asked {
                        // Who asked may have given up.
                        drop(asked.send(event));
                    }
                }
            }
        }
        false
    }

    /// Brokers that are away are reported again and again: said at once, then now and then.
    fn complain(&self, error: &NativeError) {
        let mut complained = lock(&self.complained);
        if complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            *complained = Some(Instant::now());
            tracing::warn!(cluster = %self.cluster, %error, "the producer reports an error, it goes on trying");
        }
    }

    /// Replaces a client that can do nothing more. What it never had goes to the next one.
    fn rebuild(&self, client: Client) {
        let reason = client.fatal_error().map_or_else(|| "a fatal error".to_owned(), |(_, reason)| reason);
        tracing::error!(cluster = %self.cluster, reason, "the producer failed for good and is made anew");
        drop(lock(&self.client).take());
        // Before they are given up: it is the client that has ended, and sending again helps.
        self.fail_rest(|topic| SendError::fatal(topic, &reason));
        self.give_up(&client);
        drop(client);
        self.fail_rest(|topic| SendError::fatal(topic, &reason));
        self.reconnect();
    }

    /// Gives up what the client has and takes the reports about it.
    fn give_up(&self, client: &Client) {
        let until = Instant::now() + GIVING_UP;
        client.purge();
        loop {
            self.take_events(client);
            if self.is_nothing_under_way() || Instant::now() >= until {
                return;
            }
            self.bell.wait(Duration::from_millis(20));
        }
    }

    fn is_nothing_under_way(&self) -> bool {
        let gathering = lock(&self.gathering);
        lock(&self.waiting).len() <= gathering.len()
    }

    /// Gives up what no client has seen.
    fn fail_gathered(&self) {
        let gathered = lock(&self.gathering).take();
        for Gathered { ticket, message, .. } in gathered {
            let settled = lock(&self.waiting).refuse(ticket, SendError::closed(&message.topic, Persisted::No));
            self.tell(settled);
        }
    }

    /// Gives up what a client has.
    fn fail_rest(&self, error: impl Fn(&str) -> SendError) {
        let settled = {
            let gathering = lock(&self.gathering);
            lock(&self.waiting).fail_before(gathering.first().map(|first| first.ticket), error)
        };
        self.tell(settled);
        let unanswered = lock(&self.questions).close_all();
        drop(unanswered);
        self.changed.notify_waiters();
    }

    fn reconnect(&self) {
        match make(&self.options, &self.bell) {
            Ok(client) => {
                *lock(&self.client) = Some(client);
                self.changed.notify_waiters();
            }
            Err(error) => {
                tracing::error!(cluster = %self.cluster, %error, "the producer cannot be made, trying again");
            }
        }
    }
}
