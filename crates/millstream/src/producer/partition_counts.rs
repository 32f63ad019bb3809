//! How many partitions topics have, as far as it is known.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use millstream_native::{Code, NativeError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a number is believed.
const FRESH: Duration = Duration::from_secs(5);
/// How long it is used while somebody asks again.
const USABLE: Duration = Duration::from_secs(60);

/// See the module. Clones share what is known.
#[derive(Clone, Default)]
pub(super) struct PartitionCounts {
    known: Arc<Mutex<HashMap<Arc<str>, Known>>>,
}

#[derive(Default)]
struct Known {
    count: Option<(Instant, i32)>,
    /// All who wait for it share one question.
    asking: Option<Asking>,
}

type Asking = Shared<BoxFuture<'static, Result<i32, NativeError>>>;

impl PartitionCounts {
    /// The number for a topic, if it was asked a moment ago.
    pub(super) fn fresh(&self, topic: &str) -> Option<i32> {
        let (at, count) = self.known().get(topic)?.count?;
        (at.elapsed() < FRESH).then_some(count)
    }

    /// The next who wants the number for a topic asks the cluster.
    pub(super) fn forget(&self, topic: &str) {
        if let Some(known) = self.known().get_mut(topic) {
            known.count = None;
        }
    }

    /// The number for a topic; `question` asks the cluster, on a thread that may block, unless it is known or being
    /// asked already.
    pub(super) async fn of(
        &self,
        topic: &str,
        question: impl FnOnce() -> Result<i32, NativeError> + Send + 'static,
    ) -> Result<i32, NativeError> {
        let asking = {
            let mut known = self.known();
            let kept = known.get(topic).and_then(|known| known.count).map(|(at, count)| (at.elapsed(), count));
            match kept {
                Some((age, count)) if age < FRESH => return Ok(count),
                Some((age, count)) if age < USABLE => {
                    drop(self.ask(&mut known, topic, question));
                    return Ok(count);
                }
                _ => self.ask(&mut known, topic, question),
            }
        };
        asking.await
    }

    /// The question that is under way, or a new one, which goes on whether anybody waits for it or not.
    fn ask(
        &self,
        known: &mut HashMap<Arc<str>, Known>,
        topic: &str,
        question: impl FnOnce() -> Result<i32, NativeError> + Send + 'static,
    ) -> Asking {
        if let Some(asking) = known.get(topic).and_then(|known| known.asking.as_ref())
            // One that has ended and is still here was given up.
            && asking.peek().is_none()
        {
            return asking.clone();
        }
        // Reply topics may be another one for each run of whoever asks.
        known.retain(|_, known| known.asking.is_some() || known.count.is_some_and(|(at, _)| at.elapsed() < USABLE));
        let (done, answer) = oneshot::channel();
        let (counts, name) = (self.clone(), Arc::<str>::from(topic));
        tokio::task::spawn_blocking({
            let name = Arc::clone(&name);
            move || {
                let answer = question();
                counts.learn(&name, &answer);
                // Everybody may have given up.
                drop(done.send(answer));
            }
        });
        let given_up = || NativeError::new(Code::DESTROY, "the runtime is ending");
        let asking = async move { answer.await.unwrap_or_else(|_| Err(given_up())) }.boxed().shared();
        known.entry(name).or_default().asking = Some(asking.clone());
        asking
    }

    fn learn(&self, topic: &Arc<str>, answer: &Result<i32, NativeError>) {
        let mut all = self.known();
        let known = all.entry(Arc::clone(topic)).or_default();
        known.asking = None;
        match answer {
            Ok(count) => known.count = Some((Instant::now(), *count)),
            // Brokers that are away say nothing of the topic.
            Err(error) if error.retriable && error.code != Code::UNKNOWN_TOPIC_OR_PART && known.count.is_some() => {}
            Err(_) => drop(all.remove(topic)),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Arc<str>, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    fn unknown() -> NativeError {
        NativeError::new(Code::UNKNOWN_TOPIC_OR_PART, "no such topic")
    }

    impl PartitionCounts {
        /// Makes what is known of a topic older.
        fn age(&self, topic: &str, by: Duration) {
            if let Some((at, _)) = self.known().get_mut(topic).and_then(|known| known.count.as_mut()) {
                *at = at.checked_sub(by).expect("the machine has run for long enough");
            }
        }

        async fn settled(&self, topic: &str) {
            while self.known().get(topic).is_some_and(|known| known.asking.is_some()) {
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn all_who_wait_share_one_question() {
        let counts = PartitionCounts::default();
        let (go, gate) = mpsc::channel::<()>();
        let asked = Arc::new(AtomicUsize::new(0));
        let mut gate = Some(gate);
        let waiting: Vec<_> = (0..10)
            .map(|_| {
                let (gate, asked) = (gate.take(), Arc::clone(&asked));
                let counts = counts.clone();
                async move {
                    let question = move || {
                        asked.fetch_add(1, Ordering::Relaxed);
                        gate.map(|gate| gate.recv());
                        Ok(7)
                    };
                    counts.of("orders", question).await
                }
            })
            .collect();
        let all = tokio::spawn(futures_util::future::join_all(waiting));
        while asked.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        assert!(all.await.unwrap().into_iter().all(|count| count == Ok(7)));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(counts.of("orders", || unreachable!("it is known")).await, Ok(7));
    }

    #[tokio::test]
    async fn an_old_number_is_used_while_it_is_asked_again() {
        let counts = PartitionCounts::default();
        counts.of("orders", || Ok(3)).await.unwrap();
        counts.age("orders", FRESH);
        assert_eq!(counts.of("orders", || Ok(6)).await, Ok(3));
        counts.settled("orders").await;
        assert_eq!(counts.of("orders", || unreachable!("it is fresh")).await, Ok(6));
    }

    #[tokio::test]
    async fn a_number_that_was_forgotten_is_asked_for_before_it_is_used() {
        let counts = PartitionCounts::default();
        counts.of("orders", || Ok(3)).await.unwrap();
        counts.forget("orders");
        assert_eq!(counts.fresh("orders"), None);
        assert_eq!(counts.of("orders", || Ok(6)).await, Ok(6));
    }

    #[tokio::test]
    async fn a_topic_that_is_gone_is_told_from_brokers_that_are_away() {
        let counts = PartitionCounts::default();
        counts.of("orders", || Ok(3)).await.unwrap();
        counts.age("orders", FRESH);
        assert_eq!(counts.of("orders", || Err(NativeError::new(Code::TIMED_OUT, "away"))).await, Ok(3));
        counts.settled("orders").await;
        assert_eq!(counts.of("orders", || Err(unknown())).await, Ok(3));
        counts.settled("orders").await;
        assert_eq!(counts.of("orders", || Err(unknown())).await, Err(unknown()));
        assert!(counts.known().is_empty());
    }

    #[tokio::test]
    async fn what_nobody_asks_for_any_more_is_forgotten() {
        let counts = PartitionCounts::default();
        for topic in ["a", "b"] {
            counts.of(topic, || Ok(1)).await.unwrap();
        }
        counts.age("a", USABLE);
        counts.of("c", || Ok(1)).await.unwrap();
        let mut left: Vec<_> = counts.known().keys().cloned().collect();
        left.sort();
        let expected: [Arc<str>; 2] = ["b".into(), "c".into()];
        assert_eq!(left, expected);
    }
}
