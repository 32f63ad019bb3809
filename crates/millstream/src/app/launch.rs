//! From a checked application to a running one.

use super::builtin;
use super::check::Checked;
use super::engine_port::EngineStarter;
use super::handle::Handle;
use super::hooks::{self, Hooks};
use super::shared::{Guard, HandleSource, Phase, Shared};
use super::start_error::{StartError, StartErrorKind};
use super::start_line::start_line;
use super::start_table::start_table;
use super::supervisor::{Ending, Farewell, Supervisor};
use super::surroundings::Surroundings;
use crate::component::{BuildFailure, Built, Given, Injector, build};
use crate::context::Attributes;
use crate::engine::Clusters;
use crate::listener::BoundListener;
use crate::plan::Plan;
use crate::registry::{ConsumerValue, SelectedConsumer};
use millstream_config::{Loaded, Problem, Tree};
use millstream_native::embedded::EmbeddedCluster;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Everything that is needed to start.
pub(crate) struct Launch {
    pub(crate) checked: Checked,
    pub(crate) loaded: Loaded,
    pub(crate) notices: Vec<String>,
    pub(crate) given: Given,
    pub(crate) surroundings: Surroundings,
    pub(crate) attributes: Attributes,
    pub(crate) hooks: Hooks,
    pub(crate) engine: EngineStarter,
    /// A broker of this process that the plan may name by its address.
    pub(crate) broker: Option<Arc<EmbeddedCluster>>,
}

impl Launch {
    /// Builds, binds, runs the hooks and starts the engine; `None` if it was told to stop meanwhile. Whatever
    /// was built is ended again when it does not come to a handle.
    pub(crate) async fn start(self, stop: CancellationToken) -> Result<Option<Handle>, StartError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(StartError::new(
                StartErrorKind::Process,
                "an application runs inside a tokio runtime; put `#[millstream::main]` on `main`, or start a runtime",
            ));
        }
        let Self {
            checked: Checked { mut plan, consumers, order, around, .. },
            loaded,
            notices,
            mut given,
            surroundings,
            attributes,
            hooks,
            engine,
            broker,
        } = self;
        tracing::info!("{}", start_line(&loaded, &super::check::plan_summary(&plan)));
        tracing::info!("listeners:\n{}", start_table(&plan));
        for notice in notices {
            tracing::warn!("{notice}");
        }
        let guard = Guard::new(stop.clone());
        let source = HandleSource { shared: Arc::new(Shared::new(stop.clone())), guard: Arc::downgrade(&guard) };
        // Before the components: their constructors may send.
        let clusters = Clusters::open(&plan, broker.as_ref()).await?;
        builtin::provide(&mut given, &clusters);
        let mut built = Built::default();
        let outcome = match build(&mut built, &order, given, &loaded.tree, &stop).await {
            Ok(()) => bind(&mut plan, &consumers, &built, &loaded.tree)
                .and_then(|()| around.surround(&mut plan, &surroundings, &built, &loaded.tree))
                .map_err(BuildFailure::Lacking),
            Err(failure) => Err(failure),
        };
        let Built { components, endings } = built;
        let mut ending = Ending { on_stop: Vec::new(), endings, clusters: Arc::clone(&clusters) };
        let application = plan.application.clone();
        let drain_timeout = application.drain_timeout;
        if let Err(failure) = outcome {
            end(ending, &source, drain_timeout).await;
            return not_built(failure);
        }
        // Nothing was set before: this is the only place.
        drop(source.shared.components.set(components));
        for hook in hooks.on_start {
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => None,
                outcome = hooks::run(hook, source.handle()) => Some(outcome),
            };
            match outcome {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    end(ending, &source, drain_timeout).await;
                    let message = "an `on_start` hook failed";
                    return Err(StartError::with_source(StartErrorKind::Hook, message, error.into_source()));
                }
                None => {
                    end(ending, &source, drain_timeout).await;
                    return Ok(None);
                }
            }
        }
        ending.on_stop = hooks.on_stop;
        let engine = match engine(plan, Arc::new(attributes), clusters).await {
            Ok(engine) => engine,
            Err(error) => {
                end(ending, &source, drain_timeout).await;
                return Err(error);
            }
        };
        drop(source.shared.engine.set(Arc::clone(&engine)));
        source.shared.enter(Phase::Running);
        let handle = Handle::new(Arc::clone(&source.shared), guard);
        let farewell = Farewell(Arc::clone(&source.shared));
        let supervisor = Supervisor { source, application, on_ready: hooks.on_ready, ending, farewell };
        tokio::spawn(supervisor.run(engine));
        Ok(Some(handle))
    }
}

async fn end(ending: Ending, source: &HandleSource, drain_timeout: std::time::Duration) {
    // The error of the start is the news; what went wrong while ending has been logged.
    drop(ending.run(source, Instant::now() + drain_timeout).await);
}

fn not_built(failure: BuildFailure) -> Result<Option<Handle>, StartError> {
    match failure {
        BuildFailure::Stopped => Ok(None),
        BuildFailure::Lacking(problems) => Err(StartError::configuration(problems)),
        BuildFailure::Init { name, location, error } => Err(StartError::component(name, location, error)),
    }
}

/// Builds the consumers and binds every listener of the plan to its method.
fn bind(plan: &mut Plan, consumers: &[SelectedConsumer], built: &Built, tree: &Tree) -> Result<(), Vec<Problem>> {
    let mut injector = Injector::new(&built.components, tree);
    let mut handlers: HashMap<String, Arc<dyn BoundListener>> = HashMap::new();
    for consumer in consumers {
        injector.at(format!("consumer `{}`", consumer.name), consumer.location);
        let value = match &consumer.value {
            ConsumerValue::Built(spec) => (spec.build)(&mut injector),
            ConsumerValue::Given(value) => Some(Arc::clone(value)),
        };
        let Some(value) = value else { continue };
        for listener in &consumer.listeners {
            let id = listener.declared.id();
            injector.at(format!("listener `{id}`"), listener.declared.location);
            if let Some(handler) = (listener.spec.bind)(&value, &mut injector) {
                handlers.insert(id.into_owned(), handler);
            }
        }
    }
    let mut problems = injector.into_problems();
    for listener in plan.subscriptions.iter_mut().flat_map(|subscription| &mut subscription.listeners) {
        listener.handler = handlers.remove(&*listener.id);
        if listener.handler.is_none() && problems.is_empty() {
            let (id, location) = (&listener.id, listener.location);
            problems.push(Problem::new(format!("listener `{id}` ({location}) could not be bound to its method")));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
