//! Several messages at once: what a listener with `batch = { .. }` takes and returns.

mod commit;
mod context;
mod extract;
mod messages;
mod outcome;
mod values;

pub use commit::{BatchCommit, BatchCommitFuture, BatchReceipt};
pub use context::BatchContext;
pub use extract::{BatchExtractError, FromBatch};
pub use messages::{BatchMessage, Messages, MessagesIter};
pub use outcome::{BatchOutcome, IntoBatchOutcome};
pub use values::{Batch, Element};

pub(crate) use context::{Part, Source};
pub(crate) use extract::Parts as ExtractParts;
pub(crate) use outcome::Returned;
