//! The engine behind its seam.

use super::engine_port::{EnginePort, EngineStarter};
use crate::engine::Engine;
use std::sync::Arc;

/// Starts the engine.
pub(super) fn starter() -> EngineStarter {
    Arc::new(|plan, attributes, clusters| {
        Box::pin(async move {
            let engine: Arc<dyn EnginePort> = Arc::new(Engine::start(plan, &attributes, &clusters)?);
            Ok(engine)
        })
    })
}
