//! Watches over one running application and ends it in order.

use super::engine_port::EnginePort;
use super::hooks::{self, Hook};
use super::run_error::RunError;
use super::shared::{HandleSource, Phase, Shared};
use crate::component::Endings;
use crate::engine::Clusters;
use crate::plan::ApplicationPlan;
use crate::producer::by_topic;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// What is left for hooks and components when the handlers took the whole deadline, so that one slow handler
/// does not cost a component its orderly end.
const LEAST_TIME_TO_END: Duration = Duration::from_secs(1);

/// What the supervisor owns.
pub(crate) struct Supervisor {
    pub(crate) source: HandleSource,
    pub(crate) application: ApplicationPlan,
    pub(crate) on_ready: Vec<Hook>,
    pub(crate) ending: Ending,
    /// Owned from the beginning: a task can be dropped before it ran at all.
    pub(crate) farewell: Farewell,
}

/// What is done at the end, the engine aside.
pub(crate) struct Ending {
    pub(crate) on_stop: Vec<Hook>,
    pub(crate) endings: Endings,
    /// Closed last: what ends may still send.
    pub(crate) clusters: Arc<Clusters>,
}

impl Supervisor {
    /// Runs until the application has ended, and tells the handles how.
    pub(crate) async fn run(mut self, engine: Arc<dyn EnginePort>) {
        let shared = Arc::clone(&self.source.shared);
        let outcome = tokio::select! {
            biased;
            () = shared.stop.cancelled() => Ok(()),
            error = engine.failed() => Err(error),
            error = self.become_ready(&*engine) => Err(error),
        };
        match &outcome {
            Ok(()) => tracing::info!("stopping"),
            Err(error) => tracing::error!(%error, "stopping because of an error"),
        }
        shared.stop.cancel();
        let drain_timeout = self.application.drain_timeout;
        let deadline = Instant::now() + drain_timeout;
        let drained = engine.shutdown(drain_timeout).await;
        let deadline = deadline.max(Instant::now() + LEAST_TIME_TO_END);
        let ended = self.ending.run(&self.source, deadline).await;
        let in_time = if drained { Ok(()) } else { Err(RunError::drain_deadline(drain_timeout)) };
        let outcome = outcome.and(in_time).and_then(|()| ended.map_err(|late| late.into_error(drain_timeout)));
        match &outcome {
            Ok(()) => tracing::info!("stopped"),
            Err(error) => tracing::error!(%error, "ended"),
        }
        self.farewell.say(outcome);
    }

    /// Ends only by failing.
    async fn become_ready(&mut self, engine: &dyn EnginePort) -> RunError {
        let ready = match self.application.start_timeout {
            None => engine.ready().await,
            Some(limit) => match timeout(limit, engine.ready()).await {
                Ok(ready) => ready,
                Err(_) => return RunError::start_timeout(limit, &engine.not_ready()),
            },
        };
        if let Err(error) = ready {
            return error;
        }
        tracing::info!("ready");
        self.source.shared.enter(Phase::Ready);
        for hook in self.on_ready.drain(..) {
            if let Err(error) = hooks::run(hook, self.source.handle()).await {
                return RunError::hook("on_ready", error);
            }
        }
        std::future::pending().await
    }
}

/// Tells the handles that the application is gone when its supervisor is dropped midway, by a panic or by the
/// end of its runtime: nobody waits for ever.
pub(crate) struct Farewell(pub(crate) Arc<Shared>);

impl Farewell {
    fn say(&self, outcome: Result<(), RunError>) {
        self.0.enter(Phase::Ended(outcome));
    }
}

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.stop.cancel();
        self.0.phase.send_if_modified(|phase| {
            let cut_off = !matches!(phase, Phase::Ended(_));
            if cut_off {
                *phase = Phase::Ended(Err(RunError::cut_off()));
            }
            cut_off
        });
    }
}

/// How the end went wrong.
pub(crate) enum EndingFailure {
    Hook(RunError),
    Deadline,
    /// Messages, by topic.
    Unsent(String),
}

impl EndingFailure {
    pub(crate) fn into_error(self, drain_timeout: Duration) -> RunError {
        match self {
            Self::Hook(error) => error,
            Self::Unsent(messages) => RunError::unsent(&messages),
            Self::Deadline => RunError::drain_deadline(drain_timeout),
        }
    }
}

impl Ending {
    /// Runs the hooks and ends the components, each tried whatever became of the others.
    pub(crate) async fn run(self, source: &HandleSource, deadline: Instant) -> Result<(), EndingFailure> {
        let mut outcome = Ok(());
        for hook in self.on_stop {
            match timeout_at(deadline, hooks::run(hook, source.handle())).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(%error, "an `on_stop` hook failed");
                    outcome = outcome.and(Err(EndingFailure::Hook(RunError::hook("on_stop", error))));
                }
                Err(_) => {
                    tracing::error!("an `on_stop` hook did not end before the deadline");
                    outcome = outcome.and(Err(EndingFailure::Deadline));
                }
            }
        }
        if !self.endings.run(deadline).await {
            outcome = outcome.and(Err(EndingFailure::Deadline));
        }
        let unsent = self.clusters.close(deadline.saturating_duration_since(Instant::now())).await;
        if !unsent.is_empty() {
            let unsent = by_topic(&unsent);
            tracing::error!(unsent, "messages could not be sent before the end");
            outcome = outcome.and(Err(EndingFailure::Unsent(unsent)));
        }
        outcome
    }
}
