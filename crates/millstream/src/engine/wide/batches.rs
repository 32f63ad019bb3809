//! A worker of a listener that takes several messages at once, where messages stand for themselves: collects a batch from
//! the desk, hands it over, and brings each message to its own end.
//!
//! With `order_by = "key"` a batch has one message of each key at most, as the next of a key must wait for the outcome.

use super::desk::Desk;
use super::item::Item;
use crate::batch::{BatchContext, Part, Returned, Source};
use crate::context::Held;
use crate::engine::batch::{Collected, Collector, Decision, call};
use crate::engine::dispatch::BoundListener;
use crate::engine::lane::Called;
use crate::engine::limit::Permit;
use crate::listener::{Failure, Outcome};
use crate::plan::BatchPlan;
use std::sync::Arc;
use tokio::time::Instant;

/// Handles batches until there is nothing to hand over. One worker of a desk collects at a time: another that is started
/// meanwhile wakes it and ends.
pub(crate) async fn work_in_batches(listener: &dyn BoundListener, desk: &Desk, permit: Permit) {
    let Some(plan) = desk.plan.batch.clone() else { return };
    loop {
        if !desk.begin_collecting() {
            return;
        }
        let items = collect(desk, &plan).await;
        desk.end_collecting();
        if items.is_empty() {
            return;
        }
        handle(listener, desk, items).await;
        if permit.is_wanted() {
            return;
        }
    }
}

/// Collects a batch; nothing if there is no message, or nothing is handed out any more.
async fn collect(desk: &Desk, plan: &BatchPlan) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut collector = Collector::default();
    let mut bytes = 0_u64;
    loop {
        let full = |items: &Vec<Item>, bytes: u64| items.len() >= plan.max as usize || bytes >= plan.bytes;
        while !full(&items, bytes)
            && let Some(item) = desk.take_one()
        {
            let size = item.held.payload().map_or(0, <[u8]>::len) as u64;
            if !items.is_empty() && bytes.saturating_add(size) > plan.bytes {
                desk.put_back(item);
                return items;
            }
            bytes = bytes.saturating_add(size);
            items.push(item);
        }
        let collected = Collected { messages: items.len(), bytes, dry: true };
        match collector.decide(plan, collected, Instant::now()) {
            Decision::HandOver | Decision::Look => return items,
            Decision::Until(at) => tokio::select! {
                () = tokio::time::sleep_until(at) => {}
                () = desk.more() => {}
            },
        }
        if !desk.hands_out() {
            for item in items.into_iter().rev().filter(|item| desk.counts(item)) {
                desk.put_back(item);
            }
            return Vec::new();
        }
    }
}

/// Hands messages over and brings each to its end. Where the method fails without saying which message it was, each is
/// handed over alone, and that is nobody's attempt.
async fn handle(listener: &dyn BoundListener, desk: &Desk, items: Vec<Item>) {
    let mut rest = vec![items];
    while let Some(items) = rest.pop() {
        if items.is_empty() {
            continue;
        }
        if !desk.hands_out() && items.len() == 1 && !rest.is_empty() {
            // What was to be tried alone is left to whoever comes.
            for item in rest.drain(..).flatten().chain(items).filter(|item| desk.counts(item)) {
                desk.put_back(item);
            }
            return;
        }
        let context = context(desk, &items);
        let outcome = call(listener, &context, desk.plan.timeout).await;
        let called = verbs(&context, items.len());
        match outcome.into_returned(items.len()) {
            Returned::Done => end(desk, &context, items, &called, Vec::new()).await,
            Returned::Failed(failures) => end(desk, &context, items, &called, failures).await,
            Returned::Undecoded(failures) => {
                let (mut bad, mut good, mut errors) = (Vec::new(), Vec::new(), Vec::new());
                let mut failures = failures.into_iter().peekable();
                for (index, item) in items.into_iter().enumerate() {
                    match failures.next_if(|(failed, _)| *failed == index) {
                        Some((_, error)) => {
                            errors.push((bad.len(), Failure::Extract(error)));
                            bad.push(item);
                        }
                        None => good.push(item),
                    }
                }
                let nothing = vec![Called::Nothing; bad.len()];
                end(desk, &context, bad, &nothing, errors).await;
                rest.push(good);
            }
            Returned::Unnamed(failure) if items.len() > 1 => {
                tracing::warn!(
                    listener = %desk.lane.listener, topic = %desk.lane.topic, partition = desk.lane.partition,
                    messages = items.len(), error = %failure, "a batch failed as a whole: its messages come again one at a time"
                );
                let committed = items.iter().zip(&called).filter(|(_, called)| **called == Called::Commit).count();
                if committed == items.len() {
                    end(desk, &context, items, &called, Vec::new()).await;
                    continue;
                }
                let (mut done, mut verbs) = (Vec::new(), Vec::new());
                for (item, called) in items.into_iter().zip(called).rev() {
                    if called == Called::Commit {
                        done.push(item);
                        verbs.push(called);
                    } else {
                        rest.push(vec![item]);
                    }
                }
                end(desk, &context, done, &verbs, Vec::new()).await;
            }
            Returned::Unnamed(failure) => end(desk, &context, items, &called, vec![(0, *failure)]).await,
        }
    }
}

fn context(desk: &Desk, items: &[Item]) -> BatchContext {
    let mut parts: Vec<Part> = Vec::new();
    let mut attempts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        attempts.extend((item.attempt > 1).then_some((index, item.attempt)));
        match &item.held {
            Held::Batch { batch, index } => {
                if let Some(Part { source: Source::Stretch { batch: last, to, .. }, .. }) = parts.last_mut()
                    && Arc::ptr_eq(last, batch)
                    && *to == *index
                {
                    *to += 1;
                    continue;
                }
                let source = Source::Stretch { batch: Arc::clone(batch), from: *index, to: index.saturating_add(1) };
                parts.push(Part::new(&desk.lane, source));
            }
            Held::Owned(owned) => parts.push(Part::new(&desk.lane, Source::Owned(owned.clone()))),
            Held::Nothing => {}
        }
    }
    BatchContext::new(parts, false, attempts)
}

/// The last verb of each message.
fn verbs(context: &BatchContext, length: usize) -> Vec<Called> {
    let mut verbs = vec![Called::Nothing; length];
    verbs.iter_mut().take(context.committed()).for_each(|verb| *verb = Called::Commit);
    for (index, _, called) in context.called() {
        if let Some(verb) = verbs.get_mut(index) {
            *verb = called;
        }
    }
    verbs
}

/// Brings each message to its end; `failures` are by index, ascending.
async fn end(
    desk: &Desk,
    context: &BatchContext,
    items: Vec<Item>,
    called: &[Called],
    failures: Vec<(usize, Failure)>,
) {
    let mut failures = failures.into_iter().peekable();
    for (index, item) in items.into_iter().enumerate() {
        let called = called.get(index).copied().unwrap_or(Called::Nothing);
        let outcome: Outcome = match failures.next_if(|(failed, _)| *failed == index) {
            Some((_, failure)) => Err(Box::new(failure)),
            None if called == Called::Defer => match context.context_of(index) {
                Some(message) => message.deferred().await,
                None => Ok(()),
            },
            None => Ok(()),
        };
        if let Some(next) = desk.finish(item, called, outcome, None).await {
            desk.put_back(next);
        }
    }
}
