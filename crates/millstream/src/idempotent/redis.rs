//! Keys in Redis: for several processes, and over restarts.

use super::store::{Claim, IdempotencyStore, StoreFuture, Token};
use crate::error::BoxError;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};
use std::fmt;
use std::time::Duration;

/// What a key holds once it was handled; claims begin otherwise.
const DONE: &str = "done";
const CLAIMED: &str = "claimed:";

/// How long Redis may take to answer, and to be connected to.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_RECONNECT_WAIT: Duration = Duration::from_secs(5);

/// Keys in a Redis server (or one that speaks its protocol), told from others' by a prefix.
///
/// It connects when it is first asked, and again whenever the connection is lost; while Redis cannot be reached,
/// messages wait. A claim is `SET NX PX` with a token, and ends by itself. What Redis forgets (it was restarted without
/// persistence, it evicts keys, a replica without the last writes took over) is handled again: `maxmemory-policy` must be
/// `noeviction` and persistence on where that matters.
pub struct RedisStore {
    manager: ConnectionManager,
    prefix: String,
    renew: Script,
    release: Script,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        formatter.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// A store at an address such as `redis://user:password@host:6379/0`; every key begins with `prefix` and a colon. It
    /// is not contacted yet. Called inside a tokio runtime.
    ///
    /// # Errors
    /// The address is none that Redis has; the error does not repeat it.
    pub fn new(url: &str, prefix: impl Into<String>) -> Result<Self, BoxError> {
        let refused = |error: redis::RedisError| -> BoxError { format!("not an address of Redis: {error}").into() };
        let client = Client::open(url).map_err(refused)?;
        let config = ConnectionManagerConfig::new()
            .set_max_delay(LONGEST_RECONNECT_WAIT)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(refused)?;
        Ok(Self {
            manager,
            prefix: prefix.into(),
            // Whoever holds the key is looked at and the key changed in one step.
            renew: Script::new(
                "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0",
            ),
            release: Script::new(
                "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
            ),
        })
    }

    fn name(&self, key: &str) -> String {
        format!("{}:{key}", self.prefix)
    }

    async fn try_claim(&self, name: &str, lease: Duration) -> Result<Claim, BoxError> {
        let mut redis = self.manager.clone();
        let token = Token::random();
        let ours = claimed(&token);
        loop {
            let mut set = redis::cmd("SET");
            set.arg(name).arg(&ours).arg("NX").arg("PX").arg(milliseconds(lease));
            let set: Option<String> = set.query_async(&mut redis).await?;
            if set.is_some() {
                return Ok(Claim::New(token));
            }
            let mut look = redis::pipe();
            look.atomic().get(name).cmd("PTTL").arg(name);
            let (value, remaining): (Option<String>, i64) = look.query_async(&mut redis).await?;
            match value.as_deref() {
                Some(DONE) => return Ok(Claim::Done),
                // The answer to a claim was lost with its connection, and the claim was sent again.
                Some(value) if value == ours => return Ok(Claim::New(token)),
                Some(_) => {
                    let remaining = u64::try_from(remaining).map_or(lease, Duration::from_millis);
                    return Ok(Claim::InProgress { remaining });
                }
                // It ended between the two questions.
                None => {}
            }
        }
    }
}

fn claimed(token: &Token) -> String {
    format!("{CLAIMED}{}", token.as_str())
}

/// Redis knows no shorter time.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).clamp(1, i64::MAX.unsigned_abs() / 2)
}

impl IdempotencyStore for RedisStore {
    fn claim<'s>(&'s self, key: &'s str, lease: Duration) -> StoreFuture<'s, Claim> {
        Box::pin(async move { self.try_claim(&self.name(key), lease).await })
    }

    fn renew<'s>(&'s self, key: &'s str, token: &'s Token, lease: Duration) -> StoreFuture<'s, bool> {
        Box::pin(async move {
            let mut redis = self.manager.clone();
            let mut renew = self.renew.key(self.name(key));
            renew.arg(claimed(token)).arg(milliseconds(lease));
            let renewed: i64 = renew.invoke_async(&mut redis).await?;
            Ok(renewed == 1)
        })
    }

    fn done<'s>(&'s self, key: &'s str, _: &'s Token, ttl: Duration) -> StoreFuture<'s, ()> {
        Box::pin(async move {
            let mut redis = self.manager.clone();
            let mut set = redis::cmd("SET");
            set.arg(self.name(key)).arg(DONE).arg("PX").arg(milliseconds(ttl));
            set.query_async::<()>(&mut redis).await?;
            Ok(())
        })
    }

    fn release<'s>(&'s self, key: &'s str, token: &'s Token) -> StoreFuture<'s, ()> {
        Box::pin(async move {
            let mut redis = self.manager.clone();
            let mut release = self.release.key(self.name(key));
            release.arg(claimed(token));
            release.invoke_async::<i64>(&mut redis).await?;
            Ok(())
        })
    }
}
