//! A worker takes messages from the desk and handles them, one after the other, until there is nothing to do.
//!
//! It is compiled once for each listener's method. While nothing of the partition is open it handles a whole stretch
//! in its order, at the price of the ordered loop. A handler that must wait gets an entry in the window then, and the
//! driver starts more workers for the rest.

use super::desk::{Desk, Stretch, Taken};
use super::item::{Handled, Item, Rest};
use crate::context::{Context, Held};
use crate::engine::dispatch::{Handler, panic_message};
use crate::engine::lane::Called;
use crate::engine::limit::Permit;
use crate::engine::window::Ended;
use crate::listener::{Failure, Outcome};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

/// Who handles messages in their order looks this often whether another partition wants the permit.
const WANTED_EVERY: usize = 16;

/// Handles messages until none can be handled now. The permit is given up when another partition wants it.
pub(crate) async fn work<H: Handler>(handler: &H, desk: &Desk, permit: Permit) {
    let mut context = Context::new(Arc::clone(&desk.lane));
    loop {
        let (item, outcome) = match desk.take() {
            Taken::Nothing => return,
            Taken::Stretch(stretch, next) => {
                match in_order(handler, desk, &mut context, stretch, next, &permit).await {
                    Some(ended) => ended,
                    // All of it succeeded at once: others of this thread have their turn before the next.
                    None => return,
                }
            }
            Taken::One(item) => handle(handler, desk, &mut context, item).await,
        };
        let mut next = desk.finish(item, context.verb().called(), outcome, Some(&permit)).await;
        while let Some(item) = next {
            if permit.is_wanted() {
                desk.put_back(item);
                return;
            }
            let (item, outcome) = handle(handler, desk, &mut context, item).await;
            next = desk.finish(item, context.verb().called(), outcome, Some(&permit)).await;
        }
        if permit.is_wanted() {
            return;
        }
    }
}

/// Handles one message.
async fn handle<H: Handler>(handler: &H, desk: &Desk, context: &mut Context, mut item: Item) -> (Item, Outcome) {
    if item.rest.is_some() {
        return (item, Ok(()));
    }
    context.take(std::mem::replace(&mut item.held, Held::Nothing), item.attempt);
    let outcome = attempt(handler, desk, context, || {}).await;
    item.rest = Handled::read(&desk.lane, context, &outcome).map(Rest::Answer);
    context.forget_deferred();
    item.held = context.release();
    (item, outcome)
}

/// Handles the messages of a stretch in their order, as long as each succeeds at once. The first that does not gets an
/// entry and is carried to its end; the others are left to whoever comes.
async fn in_order<H: Handler>(
    handler: &H,
    desk: &Desk,
    context: &mut Context,
    stretch: Stretch,
    mut next: i64,
    permit: &Permit,
) -> Option<(Item, Outcome)> {
    let lane = &desk.lane;
    let requests = lane.requests();
    let auto_commit = desk.plan.auto_commit;
    let timed = desk.plan.timeout.is_some() && !H::KEEPS_TIME;
    let Stretch { batch, mut index } = stretch;
    // Not before some were handled: who is wanted at once would get nowhere.
    let mut until_others = WANTED_EVERY;
    context.take(Held::Batch { batch: Arc::clone(&batch), index }, 1);
    while let Some(offset) = context.advance(index) {
        let others_turn = until_others == 0 && permit.is_wanted();
        if requests.any() || others_turn {
            context.release();
            desk.interrupted(Stretch { batch, index }, next);
            return None;
        }
        until_others = until_others.checked_sub(1).unwrap_or(WANTED_EVERY);
        index += 1;
        if offset < next {
            continue;
        }
        let mut item = None;
        let mut outcome = {
            let context = &*context;
            let mut suspend = || {
                let rest = Stretch { batch: Arc::clone(&batch), index };
                item = Some(desk.suspend(context.held(), context.verb().called(), rest));
            };
            if timed {
                attempt(handler, desk, context, suspend).await
            } else {
                // Where it is made: handing it to another function would cost every message.
                let mut call = pin!(handler.handle(context));
                let mut first = true;
                if H::ELSEWHERE {
                    // Its verbs may come before it is seen to wait: they need the entry.
                    first = false;
                    suspend();
                }
                poll_fn(|task| poll_caught(call.as_mut(), task, &mut first, &mut suspend)).await
            }
        };
        if item.is_none() && outcome.is_ok() && !context.verb().is_called() {
            next = offset + 1;
            if auto_commit {
                lane.frontier.set(next);
            }
            continue;
        }
        let called = context.verb().called();
        let mut answered = None;
        if item.is_none() && outcome.is_ok() && matches!(called, Called::Nothing | Called::Commit) {
            answered = Handled::read(lane, context, &outcome);
            if answered.is_none() {
                next = offset + 1;
                context.forget_verb();
                if called == Called::Commit {
                    // Taken back before it was committed, it has an entry.
                    lane.change_window(|window| window.end(offset, Ended::Settled));
                } else if auto_commit {
                    lane.frontier.set(next);
                }
                continue;
            }
        }
        let rest = Stretch { batch: Arc::clone(&batch), index };
        let mut item = item.unwrap_or_else(|| desk.suspend(context.held(), context.verb().called(), rest));
        if outcome.is_ok() && !timed && called == Called::Defer {
            outcome = context.deferred().await;
        }
        item.rest = answered.or_else(|| Handled::read(lane, context, &outcome)).map(Rest::Answer);
        context.forget_deferred();
        drop(batch);
        item.held = context.release();
        return Some((item, outcome));
    }
    context.release();
    desk.exhausted(batch, next);
    None
}

/// Calls the listener within its time and waits until the message is settled where the listener left that to others.
/// `suspended` is called once, when it must wait for the first time.
async fn attempt<H: Handler>(handler: &H, desk: &Desk, context: &Context, mut suspended: impl FnMut()) -> Outcome {
    let mut first = true;
    let mut suspended = || {
        if std::mem::take(&mut first) {
            suspended();
        }
    };
    let outcome = match desk.plan.timeout.filter(|_| !H::KEEPS_TIME) {
        None => watched(pin!(handler.handle(context)), &mut suspended).await,
        Some(timeout) => {
            let call = async {
                let call = tokio::time::timeout(timeout, handler.handle(context));
                call.await.unwrap_or_else(|_| Err(Box::new(Failure::Timeout(timeout))))
            };
            watched(pin!(call), &mut suspended).await
        }
    };
    if outcome.is_ok() && context.verb().called() == Called::Defer {
        suspended();
        return context.deferred().await;
    }
    outcome
}

/// Polls a handler to its end.
async fn watched(mut call: Pin<&mut impl Future<Output = Outcome>>, pending: &mut impl FnMut()) -> Outcome {
    let mut first = true;
    poll_fn(|task| poll_caught(call.as_mut(), task, &mut first, pending)).await
}

/// Polls a handler once; `pending` is called when it must wait for the first time. A panic is a failure: what the handler
/// leaves behind is its consumer, which is shared and must bear a panic anyway.
#[inline]
fn poll_caught(
    call: Pin<&mut impl Future<Output = Outcome>>,
    task: &mut TaskContext<'_>,
    first: &mut bool,
    pending: &mut impl FnMut(),
) -> Poll<Outcome> {
    match catch_unwind(AssertUnwindSafe(|| call.poll(task))) {
        Ok(Poll::Ready(outcome)) => Poll::Ready(outcome),
        Ok(Poll::Pending) => {
            if std::mem::take(first) {
                pending();
            }
            Poll::Pending
        }
        Err(panic) => Poll::Ready(Err(Box::new(Failure::Panic(panic_message(&*panic))))),
    }
}
