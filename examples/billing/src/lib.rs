//! Bills orders: components, configuration, commits by hand, and a commit on error.
//!
//! `cargo run -p billing` runs it on a broker inside the process, which it fills itself. How it is tested,
//! the files in `tests/` show: `direct.rs` calls the methods, `application.rs` runs everything.

mod billing;
mod clock;
mod ledger;
mod order;

pub use billing::Billing;
pub use clock::{Clock, SystemClock};
pub use ledger::{Entry, Ledger, LedgerError};
pub use order::{Order, Refund};
