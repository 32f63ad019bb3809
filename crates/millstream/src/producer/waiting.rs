//! The messages that a client has and nobody has acknowledged.

use super::error::SendError;
use super::message::Delivery;
use millstream_native::{DeliveryReport, Persisted};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

pub(super) type Answer = Result<Delivery, SendError>;

/// See the module.
#[derive(Default)]
pub(super) struct Waiting {
    next: u64,
    messages: BTreeMap<u64, Message>,
    /// Messages that failed although nobody awaited them.
    lost: BTreeMap<Arc<str>, usize>,
}

struct Message {
    topic: Arc<str>,
    size: usize,
    answer: oneshot::Sender<Answer>,
}

impl Waiting {
    /// A ticket for a message, and where its answer will come.
    pub(super) fn open(&mut self, topic: &Arc<str>, size: usize) -> (u64, oneshot::Receiver<Answer>) {
        let (answer, receiver) = oneshot::channel();
        self.next += 1;
        self.messages.insert(self.next, Message { topic: Arc::clone(topic), size, answer });
        (self.next, receiver)
    }

    /// The message did not come into the queue after all.
    pub(super) fn close(&mut self, ticket: u64) {
        self.messages.remove(&ticket);
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The last ticket that was given.
    pub(super) fn last(&self) -> u64 {
        self.next
    }

    /// Whether everything up to this ticket is answered.
    pub(super) fn answered(&self, ticket: u64) -> bool {
        self.messages.keys().next().is_none_or(|first| *first > ticket)
    }

    /// The messages up to this ticket that are not answered, by topic.
    pub(super) fn unanswered(&self, ticket: u64) -> BTreeMap<Arc<str>, usize> {
        let mut topics = BTreeMap::new();
        for message in self.messages.range(..=ticket).map(|(_, message)| message) {
            *topics.entry(Arc::clone(&message.topic)).or_default() += 1;
        }
        topics
    }

    /// What was lost without anybody awaiting it; told once.
    pub(super) fn take_lost(&mut self) -> BTreeMap<Arc<str>, usize> {
        std::mem::take(&mut self.lost)
    }

    /// What the reports say of their messages, to be [told](Settled::tell).
    pub(super) fn settle(&mut self, reports: &[DeliveryReport]) -> Vec<Settled> {
        let mut settled = Vec::with_capacity(reports.len());
        for report in reports {
            let Some(message) = self.messages.remove(&report.ticket) else { continue };
            let outcome = match &report.error {
                None => Ok(Delivery {
                    topic: Arc::clone(&message.topic),
                    partition: report.partition,
                    offset: report.offset.unwrap_or(-1),
                    timestamp: report.timestamp,
                }),
                Some(error) => Err(SendError::native(&message.topic, message.size, error, report.persisted)),
            };
            settled.push(Settled { message, outcome });
        }
        settled
    }

    /// The client did not take the message.
    pub(super) fn refuse(&mut self, ticket: u64, error: SendError) -> Option<Settled> {
        self.messages.remove(&ticket).map(|message| Settled { message, outcome: Err(error) })
    }

    /// Nothing will come any more for those before this ticket, or for any.
    pub(super) fn fail_before(&mut self, ticket: Option<u64>, error: impl Fn(&str) -> SendError) -> Vec<Settled> {
        let kept = ticket.map(|ticket| self.messages.split_off(&ticket)).unwrap_or_default();
        let failed = std::mem::replace(&mut self.messages, kept).into_values();
        failed
            .map(|message| {
                let outcome = Err(error(&message.topic));
                Settled { message, outcome }
            })
            .collect()
    }

    pub(super) fn closed(topic: &str) -> SendError {
        SendError::closed(topic, Persisted::Possibly)
    }

    /// A message to this topic failed and nobody awaited it.
    pub(super) fn lost(&mut self, topic: Arc<str>) {
        *self.lost.entry(topic).or_default() += 1;
    }
}

/// What became of a message that its sender is not told yet.
#[must_use]
pub(super) struct Settled {
    message: Message,
    outcome: Answer,
}

/// A message that failed although nobody awaited it.
#[must_use]
pub(super) struct Lost {
    pub(super) topic: Arc<str>,
    pub(super) error: SendError,
}

impl Settled {
    /// Tells the sender, unless that is gone.
    pub(super) fn tell(self) -> Option<Lost> {
        let Message { topic, answer, .. } = self.message;
        match answer.send(self.outcome) {
            Err(Err(error)) => Some(Lost { topic, error }),
            Ok(()) | Err(Ok(_)) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millstream_native::{Code, NativeError};

    fn report(ticket: u64, error: Option<Code>) -> DeliveryReport {
        DeliveryReport {
            ticket,
            partition: 2,
            offset: error.is_none().then_some(7),
            timestamp: None,
            persisted: if error.is_none() { Persisted::Yes } else { Persisted::No },
            error: error.map(|code| NativeError::new(code, "words")),
        }
    }

    fn tell(settled: impl IntoIterator<Item = Settled>) {
        assert!(settled.into_iter().all(|settled| settled.tell().is_none()));
    }

    #[test]
    fn a_report_answers_its_own_message() {
        let mut waiting = Waiting::default();
        let topic = "orders".into();
        let (first, mut first_answer) = waiting.open(&topic, 1);
        let (second, mut second_answer) = waiting.open(&topic, 1);
        tell(waiting.settle(&[report(second, None)]));
        assert_eq!(second_answer.try_recv().unwrap().unwrap().offset, 7);
        assert!(first_answer.try_recv().is_err());
        assert!(!waiting.answered(first));
        assert_eq!(waiting.unanswered(second), BTreeMap::from([(Arc::clone(&topic), 1)]));
        tell(waiting.settle(&[report(first, Some(Code::MSG_TIMED_OUT))]));
        assert!(first_answer.try_recv().unwrap().unwrap_err().is_retriable());
        assert!(waiting.answered(waiting.last()));
        assert_eq!(waiting.len(), 0);
    }

    #[test]
    fn those_before_a_ticket_fail_and_the_others_go_on() {
        let mut waiting = Waiting::default();
        let topic = "orders".into();
        let (_, mut first) = waiting.open(&topic, 1);
        let (ticket, mut second) = waiting.open(&topic, 1);
        tell(waiting.fail_before(Some(ticket), Waiting::closed));
        assert!(first.try_recv().unwrap().unwrap_err().may_be_written());
        assert!(second.try_recv().is_err());
        tell(waiting.refuse(ticket, SendError::closed(&topic, Persisted::No)));
        assert!(!second.try_recv().unwrap().unwrap_err().may_be_written());
        assert!(waiting.fail_before(None, Waiting::closed).is_empty());
        assert_eq!(waiting.len(), 0);
    }

    #[test]
    fn a_failure_that_nobody_awaits_is_counted_and_a_success_is_not() {
        let mut waiting = Waiting::default();
        let topic: Arc<str> = "orders".into();
        for error in [None, Some(Code::MSG_TIMED_OUT)] {
            let (ticket, answer) = waiting.open(&topic, 1);
            drop(answer);
            for settled in waiting.settle(&[report(ticket, error)]) {
                settled.tell().into_iter().for_each(|lost| waiting.lost(lost.topic));
            }
        }
        assert_eq!(waiting.take_lost(), BTreeMap::from([(topic, 1)]));
        assert!(waiting.take_lost().is_empty());
    }
}
