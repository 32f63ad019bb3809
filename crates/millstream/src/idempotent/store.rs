//! Where keys of handled messages are kept.

use crate::error::BoxError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The future of an [`IdempotencyStore`]; its error is any, and means that the store could not be asked.
pub type StoreFuture<'s, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 's>>;

/// What a store answers to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody handles the key, nobody has: it is ours now.
    New(Token),
    /// It was handled.
    Done,
    /// Somebody handles it, or died while doing so.
    InProgress {
        /// When the claim ends by itself, if nobody renews it.
        remaining: Duration,
    },
}

/// Tells our claim of a key from all others.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token that no other process and no other claim has.
    pub fn random() -> Self {
        Self(format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)))
    }

    /// The token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// Keeps the keys of messages that are being handled or were handled.
///
/// Given to the application with `App::builder().idempotency_store("name", store)` and used by listeners with
/// `idempotent(.., store = "name")`. Every method is atomic in the store; a key is told from all others by its bytes and
/// holds the group and the listener already. Futures may be dropped at any await: what was asked for may have happened
/// or not, both are well.
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Claims a key for `lease`, unless it is done or claimed.
    fn claim<'s>(&'s self, key: &'s str, lease: Duration) -> StoreFuture<'s, Claim>;

    /// Lets our claim last for `lease` from now; `false` if it is no longer ours.
    fn renew<'s>(&'s self, key: &'s str, token: &'s Token, lease: Duration) -> StoreFuture<'s, bool>;

    /// Remembers for `ttl` that the key was handled, whoever claims it now: it was.
    fn done<'s>(&'s self, key: &'s str, token: &'s Token, ttl: Duration) -> StoreFuture<'s, ()>;

    /// Gives up our claim; does nothing if it is no longer ours.
    fn release<'s>(&'s self, key: &'s str, token: &'s Token) -> StoreFuture<'s, ()>;
}
