//! The events of a running application, one after the other.

use super::shared::{Phase, Shared};
use crate::events::Event;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// The events of a running application, one after the other.
///
/// Whoever reads slowly misses the oldest ones; the log says how many. It does not keep the application
/// running.
#[derive(Debug)]
pub struct Events {
    shared: Arc<Shared>,
    receiver: Option<Receiver<Event>>,
}

impl Events {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let receiver = shared.engine.get().map(|engine| engine.events());
        Self { shared, receiver }
    }

    /// The next event; `None` once the application has ended and all were read.
    ///
    /// Cancel safe: no event is lost by dropping the future.
    pub async fn next(&mut self) -> Option<Event> {
        let mut phases = self.shared.phase.subscribe();
        loop {
            let Some(receiver) = &mut self.receiver else {
                let engine = phases.wait_for(|phase| !matches!(phase, Phase::Starting)).await.ok();
                engine?;
                self.receiver = Some(self.shared.engine.get()?.events());
                continue;
            };
            let next = tokio::select! {
                biased;
                next = receiver.recv() => next,
                _ = phases.wait_for(|phase| matches!(phase, Phase::Ended(_))) => match receiver.try_recv() {
                    Ok(event) => Ok(event),
                    Err(_) => return None,
                },
            };
            match next {
                Ok(event) => return Some(event),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "events were read too slowly"),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
