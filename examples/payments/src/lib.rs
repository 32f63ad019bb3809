//! A service that answers: it charges orders, each once.
//!
//! Whoever asks sends a [`Charge`] to the topic `payments.charge` and gets a [`Receipt`], a refusal, or an error. The
//! first decision about an order stands: asking again, as everybody does who got no answer, brings the same one.
//! `examples/orders-api` asks it.

mod charge;
mod decision;
mod ledger;
mod payments;

pub use charge::{Charge, MalformedCharge, Receipt};
pub use decision::{Decision, Verdict};
pub use ledger::{Ledger, LedgerConfig};
pub use payments::Payments;
