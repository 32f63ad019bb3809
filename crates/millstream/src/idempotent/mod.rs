//! Idempotent handling: a message that was handled before is settled without being handled again.
//!
//! ```
//! # use millstream::prelude::*;
//! # use serde::Deserialize;
//! # #[derive(Deserialize)] struct Order { id: String }
//! # struct Billing;
//! # #[consumer]
//! impl Billing {
//!     #[kafka_listener("orders", idempotent(key = "id", ttl = "24h"))]
//!     async fn on_order(&self, Json(order): Json<Order>) -> Result<()> {
//! #       let _ = order.id;
//!         Ok(())
//!     }
//! }
//! ```
//!
//! Kafka delivers at least once: after a crash, and where a producer sent twice, the same thing comes again. The key (a
//! field of the JSON payload, a header, the message's key, or what a function makes of the message) tells that it is the
//! same. Before the method runs the key is *claimed* in a store; after it succeeded, and before the position moves, it is
//! marked *done* for `ttl`. A claim ends by itself after `lease`, which is renewed while the method runs, so that a process
//! that died swallows nothing.
//!
//! | the process dies | what follows |
//! |---|---|
//! | before the claim | the message comes again and is handled |
//! | after the claim, before the method had its effect | the claim ends with its lease; the message comes again, waits for that, and is handled |
//! | **after the effect, before the key is done** | as above: **it is handled again**. Only an effect in the same transaction as its key could exclude this; give the effect's own store the key then, as a unique index |
//! | after the key is done, before the position moved | the message comes again and is settled without being handled |
//! | after the position moved | nothing comes again |
//!
//! Nothing is ever lost by it: what cannot be claimed waits. While another process handles the same key, a message waits
//! for it, and so long neither `timeout` runs nor are retries used up. A store that cannot be reached is tried again for
//! as long as a lease, then the attempt fails. A key that is missing or malformed fails for good, as no retry mends it. A
//! failure releases the key. With `auto_commit = false` the key is done when the message was committed; a method that
//! returns without a commit has not handled it. In memory the keys die with the process, and only one process knows them.

mod field;
mod gate;
mod key;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use gate::Gate;
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub use store::{Claim, IdempotencyStore, StoreFuture, Token};
