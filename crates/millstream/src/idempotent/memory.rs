//! Keys in memory: for tests, and where one process reads and a restart may repeat.

use super::store::{Claim, IdempotencyStore, StoreFuture, Token};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Keys in memory. They die with the process, and other processes do not know them.
///
/// It holds at most `capacity` handled keys: one more forgets the one that was handled longest ago, whose message would
/// then be handled again. Claims are never forgotten; there are no more of them than handlers.
pub struct MemoryStore {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<String, Entry>,
    /// The handled keys by their age.
    ages: BTreeMap<u64, String>,
    next_age: u64,
}

enum Entry {
    Claimed { token: Token, until: Instant },
    Done { age: u64, until: Instant },
}

impl MemoryStore {
    /// How many handled keys are held where nobody says: about 20 MB of keys with 40 characters.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// An empty store for this many handled keys, at least one.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), state: Mutex::default() }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys are data of the messages.
        let keys = self.change(|state| state.entries.len());
        formatter
            .debug_struct("MemoryStore")
            .field("capacity", &self.capacity)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

impl State {
    fn claim(&mut self, key: &str, lease: Duration) -> Claim {
        let now = Instant::now();
        match self.entries.get(key) {
            Some(Entry::Done { until, .. }) if *until > now => return Claim::Done,
            Some(Entry::Claimed { until, .. }) if *until > now => {
                return Claim::InProgress { remaining: *until - now };
            }
            Some(Entry::Done { age, .. }) => drop(self.ages.remove(age)),
            Some(Entry::Claimed { .. }) | None => {}
        }
        let token = Token::random();
        self.entries.insert(key.to_owned(), Entry::Claimed { token: token.clone(), until: now + lease });
        Claim::New(token)
    }

    fn renew(&mut self, key: &str, ours: &Token, lease: Duration) -> bool {
        match self.entries.get_mut(key) {
            Some(Entry::Claimed { token, until }) if token == ours => {
                *until = Instant::now() + lease;
                true
            }
            _ => false,
        }
    }

    fn done(&mut self, key: &str, ttl: Duration, capacity: usize) {
        let age = self.next_age;
        self.next_age += 1;
        let before = self.entries.insert(key.to_owned(), Entry::Done { age, until: Instant::now() + ttl });
        if let Some(Entry::Done { age, .. }) = before {
            self.ages.remove(&age);
        }
        self.ages.insert(age, key.to_owned());
        while self.ages.len() > capacity {
            let Some((_, oldest)) = self.ages.pop_first() else { break };
            self.entries.remove(&oldest);
        }
    }

    fn release(&mut self, key: &str, ours: &Token) {
        if matches!(self.entries.get(key), Some(Entry::Claimed { token, .. }) if token == ours) {
            self.entries.remove(key);
        }
    }
}

impl IdempotencyStore for MemoryStore {
    fn claim<'s>(&'s self, key: &'s str, lease: Duration) -> StoreFuture<'s, Claim> {
        Box::pin(async move { Ok(self.change(|state| state.claim(key, lease))) })
    }

    fn renew<'s>(&'s self, key: &'s str, token: &'s Token, lease: Duration) -> StoreFuture<'s, bool> {
        Box::pin(async move { Ok(self.change(|state| state.renew(key, token, lease))) })
    }

    fn done<'s>(&'s self, key: &'s str, _: &'s Token, ttl: Duration) -> StoreFuture<'s, ()> {
        Box::pin(async move {
            self.change(|state| state.done(key, ttl, self.capacity));
            Ok(())
        })
    }

    fn release<'s>(&'s self, key: &'s str, token: &'s Token) -> StoreFuture<'s, ()> {
        Box::pin(async move {
            self.change(|state| state.release(key, token));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(10);
    const TTL: Duration = Duration::from_secs(60);

    async fn claimed(store: &MemoryStore, key: &str) -> Token {
        match store.claim(key, LEASE).await.unwrap() {
            Claim::New(token) => token,
            other => panic!("{key}: {other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_claimed_then_done_then_forgotten_after_its_time() {
        let store = MemoryStore::default();
        let token = claimed(&store, "a").await;
        assert_eq!(store.claim("a", LEASE).await.unwrap(), Claim::InProgress { remaining: LEASE });
        store.done("a", &token, TTL).await.unwrap();
        assert_eq!(store.claim("a", LEASE).await.unwrap(), Claim::Done);
        tokio::time::advance(TTL).await;
        claimed(&store, "a").await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_claim_ends_with_its_lease_unless_it_is_renewed() {
        let store = MemoryStore::default();
        let old = claimed(&store, "a").await;
        tokio::time::advance(LEASE / 2).await;
        assert!(store.renew("a", &old, LEASE).await.unwrap());
        tokio::time::advance(LEASE / 2).await;
        assert!(matches!(store.claim("a", LEASE).await.unwrap(), Claim::InProgress { .. }));
        tokio::time::advance(LEASE).await;
        claimed(&store, "a").await;
        assert!(!store.renew("a", &old, LEASE).await.unwrap());
        store.release("a", &old).await.unwrap();
        assert!(matches!(store.claim("a", LEASE).await.unwrap(), Claim::InProgress { .. }), "it was not ours any more");
    }

    #[tokio::test]
    async fn a_released_key_can_be_claimed_again() {
        let store = MemoryStore::default();
        let token = claimed(&store, "a").await;
        store.release("a", &token).await.unwrap();
        claimed(&store, "a").await;
    }

    #[tokio::test]
    async fn the_oldest_handled_key_goes_first_and_claims_stay() {
        let store = MemoryStore::new(2);
        let open = claimed(&store, "open").await;
        for key in ["a", "b", "a", "c"] {
            store.done(key, &open, TTL).await.unwrap();
        }
        assert!(matches!(store.claim("b", LEASE).await.unwrap(), Claim::New(_)));
        assert_eq!(store.claim("a", LEASE).await.unwrap(), Claim::Done);
        assert_eq!(store.claim("c", LEASE).await.unwrap(), Claim::Done);
        assert!(matches!(store.claim("open", LEASE).await.unwrap(), Claim::InProgress { .. }));
    }
}
