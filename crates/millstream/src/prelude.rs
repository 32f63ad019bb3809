//! What an application needs: `use millstream::prelude::*`.
//!
//! Everything here is also at the crate's root, but for `Arc`, in which components are injected.

pub use crate::answer::Reply;
pub use crate::app::App;
pub use crate::batch::{Batch, BatchContext, BatchOutcome, Messages};
pub use crate::context::{Context, Headers, Timestamp};
pub use crate::error::{Error, Result, TerminalExt};
pub use crate::extract::{Config, ExtractError, Inject, Json, Key};
pub use crate::macros::{component, consumer, kafka_client, kafka_listener};
pub use crate::producer::{OutgoingMessage, Producer, SendError};
pub use crate::requests::{RequestError, Requests};
pub use crate::wire::Nest;
pub use bytes::Bytes;
pub use futures_util::Stream;
pub use std::sync::Arc;
