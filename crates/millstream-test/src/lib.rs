//! The test kit of Millstream.
//!
//! Two ways to test an application:
//!
//! - **Directly**: a listener is a method, so call it. [`TestMessage`] makes a message,
//!   [`TestMessage::context`] the context around it, with no client behind it, and [`TestContext`] tells
//!   afterwards what was committed; [`TestBatch`] is the same for a listener that takes several messages at
//!   once, and [`TestReply`] tells what a [`Reply`](millstream::Reply) would send. No broker, no threads, a few microseconds.
//! - **As an application**: [`TestApp`] runs exactly the given consumers on a broker inside the process,
//!   with everything between the two: configuration, injection, extraction, retries, commits.

// A failed expectation of a test ends the test.
#![allow(clippy::panic)]

mod app;
mod batch;
mod context;
mod message;
mod reply;

pub use app::{
    PublishError, PublishErrorKind, Published, ReadError, ReadErrorKind, StoredMessage, TestApp, TestAppBuilder,
};
pub use batch::TestBatch;
pub use context::TestContext;
pub use message::TestMessage;
pub use reply::TestReply;
