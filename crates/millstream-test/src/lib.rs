//! The test kit of Millstream.
//!
//! Two ways to test an application:
//!
//! - **Directly**: a listener is a method, so call it. [`TestMessage`] makes a message,
//!   [`TestMessage::context`] the context around it, with no client behind it, and [`TestContext`] tells
//!   afterwards what was committed. No broker, no threads, a few microseconds.
//! - **As an application**: [`TestApp`] runs exactly the given consumers on a broker inside the process,
//!   with everything between the two: configuration, injection, extraction, retries, commits.

// A failed expectation of a test ends the test.
#![allow(clippy::panic)]

mod app;
mod context;
mod message;

pub use app::{PublishError, PublishErrorKind, Published, TestApp, TestAppBuilder};
pub use context::TestContext;
pub use message::TestMessage;
