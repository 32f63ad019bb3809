//! The consumer of what could not be charged.

use millstream::prelude::*;
use std::sync::{Mutex, PoisonError};

/// A message that failed for good, as far as its headers tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The payload, as it was.
    pub payload: String,
    /// Where it was first: topic, partition and offset.
    pub origin: (String, i32, i64),
    /// How it failed, in one word: `error`, `terminal`, `timeout`, `extract` ..
    pub kind: String,
    /// Why the last attempt failed.
    pub error: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// The dead letters seen so far; a real application would tell somebody.
#[component]
pub struct LostAndFound {
    #[default]
    letters: Mutex<Vec<DeadLetter>>,
}

impl LostAndFound {
    /// Keeps one.
    pub fn keep(&self, letter: DeadLetter) {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
    }

    /// All of them.
    pub fn letters(&self) -> Vec<DeadLetter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads the dead letters.
#[consumer]
pub struct DeadLetters {
    found: Arc<LostAndFound>,
}

#[consumer]
impl DeadLetters {
    /// The headers of a dead letter are those of the message, and these.
    #[kafka_listener("payments.dead", from_beginning = true)]
    #[allow(clippy::too_many_arguments, reason = "each header is an argument")]
    pub async fn on_dead_letter(
        &self,
        payload: String,
        #[header("millstream-origin-topic")] topic: String,
        #[header("millstream-origin-partition")] partition: i32,
        #[header("millstream-origin-offset")] offset: i64,
        #[header("millstream-error-kind")] kind: String,
        #[header("millstream-error")] error: String,
        #[header("millstream-attempts")] attempts: u32,
    ) {
        println!("DEAD {topic}/{partition}@{offset} after {attempts} attempts ({kind}): {error}\n     {payload}");
        self.found.keep(DeadLetter { payload, origin: (topic, partition, offset), kind, error, attempts });
    }
}
