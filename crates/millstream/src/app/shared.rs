//! What the handles of an application and its supervisor share.

use super::engine_port::EnginePort;
use super::handle::Handle;
use super::run_error::RunError;
use crate::component::Components;
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Where in its life an application is.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    /// Nothing is read yet.
    Starting,
    /// Its listeners are waiting for their partitions.
    Running,
    /// Every subscription has had its partitions.
    Ready,
    /// It has ended.
    Ended(Result<(), RunError>),
}

/// One running application.
pub(crate) struct Shared {
    /// Cancelled to ask the application to stop.
    pub(crate) stop: CancellationToken,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) engine: OnceLock<Arc<dyn EnginePort>>,
    pub(crate) components: OnceLock<Components>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("phase", &*self.phase.borrow()).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { stop, phase: watch::Sender::new(Phase::Starting), engine: OnceLock::new(), components: OnceLock::new() }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }
}

/// Asks the application to stop when the last handle is gone.
#[derive(Debug)]
pub(crate) struct Guard {
    stop: CancellationToken,
}

impl Guard {
    pub(crate) fn new(stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self { stop })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Makes handles for hooks without keeping the application alive in between.
#[derive(Debug)]
pub(crate) struct HandleSource {
    pub(crate) shared: Arc<Shared>,
    pub(crate) guard: Weak<Guard>,
}

impl HandleSource {
    pub(crate) fn handle(&self) -> Handle {
        // With the last handle gone the stop was asked for already, and a new guard cannot do harm.
        let guard = self.guard.upgrade().unwrap_or_else(|| Guard::new(self.shared.stop.clone()));
        Handle::new(Arc::clone(&self.shared), guard)
    }
}
