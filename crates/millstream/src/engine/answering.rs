//! How a listener's answers get to who asked for them.

use super::failing::deliver::{Delivered, Trouble, Write, acknowledged, deliver, writable};
use super::failing::letter::kind;
use super::lane::Lane;
use super::signals::Signals;
use crate::answer::{Address, GivenUp, Replies};
use crate::context::{Context, Headers};
use crate::events::Event;
use crate::listener::Failure;
use crate::plan::AnswerPlan;
use crate::producer::{Producer, SendError, SendErrorKind};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a lane knows of answers where its listener gives them.
pub(crate) struct Answering {
    plan: AnswerPlan,
    unasked: Arc<Unasked>,
}

/// The results of a listener that nobody had asked for.
#[derive(Default)]
pub(crate) struct Unasked(AtomicU64);

impl Unasked {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more; the first is told.
    fn drop_one(&self, lane: &Lane, offset: i64) {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::info!(
                listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset,
                "nobody asked for the result, so it is dropped: the message names no correlation id and reply topic; the next ones are only counted"
            );
        }
    }
}

impl Answering {
    pub(crate) fn new(plan: AnswerPlan, unasked: Arc<Unasked>) -> Self {
        Self { plan, unasked }
    }
}

impl Lane {
    /// The replies to the message in hand, made of the answer that its method left; nothing if it left none, or if
    /// nobody asked for it.
    pub(crate) fn replies(&self, context: &Context) -> Option<Box<Replies>> {
        let answer = context.take_answer()?;
        let Answering { plan, unasked } = self.answering.as_ref()?;
        let address = Address::of(plan, context.headers(), context.key());
        if let Some(address) = address.filter(|address| address.takes(&answer)) {
            return Some(Box::new(Replies::new(address, *answer)));
        }
        unasked.drop_one(self, context.offset());
        None
    }

    /// Whom an error of a message with these headers and this key is owed to.
    pub(crate) fn owed(&self, headers: Headers<'_>, key: Option<&[u8]>) -> Option<Address> {
        Address::of_request(&self.answering.as_ref()?.plan, headers, key)
    }
}

/// What became of replies.
pub(crate) enum Replied {
    /// All that there are stand in their topic. What ended them after the first, if something did: who asked was told.
    Done(Option<Box<Failure>>),
    /// The message has failed; who asked knows nothing yet.
    Failed(Box<Failure>),
    /// Somebody asked for something first.
    Interrupted,
    /// No waiting mends this: they are held until somebody looks.
    Refused(String),
}

/// Sends replies as they come, for as long as that takes; each value may take `timeout` to come. `interrupted` ends while
/// somebody asks for something: what is on its way is waited for then, but nothing is tried again. `written` is told
/// whenever all that has come stands. What was not acknowledged stays in `replies`.
pub(crate) async fn reply<F: Future<Output = ()> + Send>(
    replies: &mut Replies,
    timeout: Option<Duration>,
    interrupted: impl Fn() -> F,
    written: impl Fn(),
    trouble: &Trouble<'_>,
) -> Replied {
    loop {
        let drawn = tokio::select! {
            biased;
            drawn = replies.draw(timeout) => drawn,
            () = trouble.lane.cancellation.cancelled() => return Replied::Interrupted,
        };
        match drawn {
            Ok(true) => {}
            Ok(false) => return Replied::Done(replies.failure()),
            Err(failure) => return Replied::Failed(failure),
        }
        match deliver(replies, interrupted(), trouble).await {
            Delivered::Written(()) => written(),
            Delivered::Interrupted => return Replied::Interrupted,
            Delivered::Refused(error) if is_unsendable(&error) => match replies.give_up(error) {
                Ok(()) => {}
                Err(GivenUp::Failed(failure)) => return Replied::Failed(failure),
                Err(GivenUp::Unsendable(error)) => return Replied::Refused(error.to_string()),
            },
            Delivered::Refused(error) => return Replied::Refused(error.to_string()),
        }
    }
}

/// Whether it is the reply itself that cannot be sent, wherever to and whoever we are.
fn is_unsendable(error: &SendError) -> bool {
    matches!(error.kind(), SendErrorKind::Serialization | SendErrorKind::Invalid | SendErrorKind::TooLarge)
}

impl Write for Replies {
    type Written = ();

    async fn write(&mut self, producer: &Producer, trouble: &Trouble<'_>) -> Result<(), SendError> {
        let prompt = self.is_of_request().then(|| producer.prompt());
        let producer = prompt.as_ref().unwrap_or(producer);
        let count = writable(producer, self.topic(), self.partition()).await?;
        self.keep_to_one_partition(count);
        let messages = self.messages();
        let sending = self.in_trace(async move {
            let mut sendings = Vec::with_capacity(messages.len());
            for message in messages {
                match producer.enqueue(message).await {
                    Ok(sending) => sendings.push(sending),
                    Err(error) => return (sendings, Some(error)),
                }
            }
            (sendings, None)
        });
        let written = async {
            let (sendings, mut failed) = sending.await;
            let mut place = 0;
            for sending in sendings {
                match sending.delivered().await {
                    Ok(_) => self.acknowledged(place),
                    Err(error) => {
                        // The first counts, and one that is not even enqueued comes after all others.
                        if place == 0 {
                            failed = Some(error);
                        }
                        place += 1;
                    }
                }
            }
            failed.map_or(Ok(()), Err)
        };
        acknowledged(written, trouble).await
    }
}

/// Tells everybody that replies ended with a failure after the first of them.
pub(crate) fn say_ended(lane: &Lane, signals: &Signals, offset: i64, to: &Arc<str>, failure: &Failure) {
    tracing::error!(
        listener = %lane.listener, topic = %lane.topic, partition = lane.partition, offset, error = %failure, to = %to,
        "failed within its answer: who asked was told, and it is not tried again"
    );
    say_answered(lane, signals, offset, to, kind(failure), failure.to_string());
}

/// Tells everybody that a message failed and that who asked was told so.
pub(crate) fn say_answered(
    lane: &Lane,
    signals: &Signals,
    offset: i64,
    to: &Arc<str>,
    kind: &'static str,
    reason: String,
) {
    signals.event(Event::AnsweredWithError {
        listener: Arc::clone(&lane.listener),
        topic: Arc::clone(&lane.topic),
        partition: lane.partition,
        offset,
        to: Arc::clone(to),
        kind,
        reason,
    });
}
