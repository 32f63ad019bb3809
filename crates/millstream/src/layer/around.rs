//! Everything that goes around one listener, in its order.

use super::{Layer, Passed, RateLimit};
use crate::context::Context;
use crate::engine::lane::Called;
use crate::events::Event;
use crate::idempotent::Gate;
use crate::listener::Failure;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How often a wait looks whether somebody wants something of the lane.
const LOOK: Duration = Duration::from_millis(200);

/// Takes events of the application.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// What goes around a listener. A listener of which this says nothing has none, so that it pays nothing.
#[doc(hidden)]
pub struct Around {
    pub(crate) layers: Vec<Arc<dyn Layer>>,
    pub(crate) gate: Option<Gate>,
    pub(crate) rate: Option<RateLimit>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) auto_commit: bool,
    /// Whom it tells; set when the engine starts.
    pub(crate) tell: OnceLock<Tell>,
}

impl fmt::Debug for Around {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Around")
            .field("layers", &self.layers.len())
            .field("gate", &self.gate)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

impl Around {
    pub(super) fn attach(&self, tell: &Tell) {
        // The engine starts once.
        drop(self.tell.set(Arc::clone(tell)));
    }

    /// Settles what was not handled, and tells it.
    pub(super) fn passed(&self, passed: &Passed, context: &Context) {
        let (listener, topic) = (context.listener(), context.topic());
        let (partition, offset) = (context.partition(), context.offset());
        match passed {
            Passed::Handled => return,
            Passed::Skipped { reason } => {
                tracing::info!(listener, topic, partition, offset, reason, "skipped by a layer");
            }
            Passed::HandledBefore => {
                tracing::debug!(listener, topic, partition, offset, "handled before: settled without being handled");
            }
        }
        if !self.auto_commit && context.verb().called() == Called::Nothing {
            drop(context.commit());
        }
        let Some(tell) = self.tell.get() else { return };
        let (listener, topic) = (listener.into(), topic.into());
        tell(match passed {
            Passed::Skipped { reason } => Event::Skipped { listener, topic, partition, offset, reason: reason.clone() },
            Passed::Handled | Passed::HandledBefore => Event::HandledBefore { listener, topic, partition, offset },
        });
    }
}

/// Waits, unless somebody wants something of the lane or its partition was taken away.
pub(crate) async fn until_wanted<T>(context: &Context, wait: impl Future<Output = T>) -> Result<T, Box<Failure>> {
    let mut wait = std::pin::pin!(wait);
    loop {
        tokio::select! {
            biased;
            output = &mut wait => return Ok(output),
            () = context.cancellation().cancelled() => return Err(Box::new(Failure::Interrupted)),
            // The lane's own notification belongs to its driver.
            () = tokio::time::sleep(LOOK) => if context.is_wanted() {
                return Err(Box::new(Failure::Interrupted));
            },
        }
    }
}
