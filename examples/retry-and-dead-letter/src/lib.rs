//! Retries, retry topics and dead letters.
//!
//! `cargo run -p retry-and-dead-letter` runs it on a broker inside the process, which it fills itself, and prints the
//! way of each message. `tests/ways.rs` proves them.

mod dead_letters;
mod payment;
mod payments;
mod provider;

pub use dead_letters::{DeadLetter, DeadLetters, LostAndFound};
pub use payment::Payment;
pub use payments::Payments;
pub use provider::{Busy, Declined, Provider};
