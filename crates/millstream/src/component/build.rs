//! Builds components one after the other and ends them in the reverse order.

use super::given::Given;
use super::injector::{Components, Injector};
use super::spec::{ComponentSpec, ShutdownFuture};
use crate::error::Error;
use crate::panic_text::panic_text;
use crate::registry::Location;
use futures_util::FutureExt;
use millstream_config::{Problem, Tree};
use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// The components of one application, and how each is ended.
#[derive(Default)]
pub(crate) struct Built {
    /// All of them, by the type they are injected as.
    pub(crate) components: Components,
    /// Those that want to be ended, in the order of building.
    pub(crate) endings: Endings,
}

impl fmt::Debug for Built {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Built").field("endings", &self.endings).finish_non_exhaustive()
    }
}

/// Why building ended early.
#[derive(Debug)]
pub(crate) enum BuildFailure {
    /// Something was lacking after all.
    Lacking(Vec<Problem>),
    /// A constructor failed.
    Init { name: &'static str, location: Location, error: Error },
    /// The application was told to stop.
    Stopped,
}

/// Builds `order`, dependencies first; on failure what was built is left in `built` for its endings.
pub(crate) async fn build(
    built: &mut Built,
    order: &[&'static ComponentSpec],
    given: Given,
    tree: &Tree,
    stop: &CancellationToken,
) -> Result<(), BuildFailure> {
    built.components = given.into_components();
    for spec in order {
        let mut injector = Injector::new(&built.components, tree);
        injector.at(format!("component `{}`", spec.name), spec.location);
        let future = (spec.build)(&mut injector);
        let problems = injector.into_problems();
        let Some(future) = future.filter(|_| problems.is_empty()) else {
            return Err(BuildFailure::Lacking(problems));
        };
        let outcome = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(BuildFailure::Stopped),
            outcome = AssertUnwindSafe(future).catch_unwind() => outcome,
        };
        let component = outcome
            .unwrap_or_else(|panic| Err(Error::new(format!("its constructor panicked: {}", panic_text(&*panic)))))
            .map_err(|error| BuildFailure::Init { name: spec.name, location: spec.location, error })?;
        built.insert(spec, component)?;
    }
    Ok(())
}

impl Built {
    fn insert(
        &mut self,
        spec: &'static ComponentSpec,
        component: Arc<dyn Any + Send + Sync>,
    ) -> Result<(), BuildFailure> {
        let itself = ((spec.type_id)(), spec.name, spec.cast);
        let provided = spec.provides.iter().map(|provision| ((provision.type_id)(), provision.name, provision.cast));
        for (type_id, name, cast) in std::iter::once(itself).chain(provided) {
            let Some(value) = cast(&component) else {
                let error = Error::new(format!("it cannot be injected as `{name}`: its constructor gave another type"));
                return Err(BuildFailure::Init { name: spec.name, location: spec.location, error });
            };
            // What was given by hand wins.
            self.components.entry(type_id).or_insert(value);
        }
        if let Some(shutdown) = spec.shutdown {
            self.endings.0.push(Ending { name: spec.name, component, shutdown });
        }
        Ok(())
    }
}

/// How the components of an application end.
#[derive(Default, Debug)]
pub(crate) struct Endings(Vec<Ending>);

struct Ending {
    name: &'static str,
    component: Arc<dyn Any + Send + Sync>,
    shutdown: fn(Arc<dyn Any + Send + Sync>) -> ShutdownFuture,
}

impl fmt::Debug for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Endings {
    /// Ends all, the last built first, each tried whatever became of the others; `false` when one was cut
    /// short by the deadline.
    pub(crate) async fn run(self, deadline: Instant) -> bool {
        let mut in_time = true;
        for Ending { name, component, shutdown } in self.0.into_iter().rev() {
            let ending = async move { shutdown(component).await };
            match timeout_at(deadline, AssertUnwindSafe(ending).catch_unwind()).await {
                Ok(Ok(Ok(()))) => tracing::debug!(component = name, "component ended"),
                Ok(Ok(Err(error))) => tracing::error!(component = name, %error, "component could not be ended"),
                Ok(Err(panic)) => {
                    let panic = panic_text(&*panic);
                    tracing::error!(component = name, panic, "component panicked while ending");
                }
                Err(_) => {
                    in_time = false;
                    tracing::error!(component = name, "component did not end before the deadline");
                }
            }
        }
        in_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::fixture::{Journal, fixture_component};
    use std::any::TypeId;
    use std::time::Duration;

    trait Clock: Send + Sync {}

    fixture_component!(POOL = Pool at 1 needs [] provides [Clock]);
    fixture_component!(LEDGER = Ledger at 2 needs [Pool, dyn Clock]);
    fixture_component!(BROKEN = Broken at 3 needs [] fails true);

    fn given(journal: &Arc<Journal>) -> Given {
        let mut given = Given::default();
        given.insert(Arc::clone(journal));
        given
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn components_end_in_the_reverse_order_of_building() {
        let journal = Arc::new(Journal::default());
        let mut built = Built::default();
        build(&mut built, &[&POOL, &LEDGER], given(&journal), &Tree::default(), &CancellationToken::new())
            .await
            .unwrap();
        assert!(built.components.contains_key(&TypeId::of::<dyn Clock>()));
        assert!(built.endings.run(soon()).await);
        assert_eq!(journal.entries(), ["built Pool", "built Ledger", "ended Ledger", "ended Pool"]);
    }

    #[tokio::test]
    async fn a_constructor_that_fails_is_named_and_leaves_the_endings_of_the_others() {
        let journal = Arc::new(Journal::default());
        let mut built = Built::default();
        let order: [&'static ComponentSpec; 3] = [&POOL, &BROKEN, &LEDGER];
        let failure = build(&mut built, &order, given(&journal), &Tree::default(), &CancellationToken::new()).await;
        assert!(matches!(failure, Err(BuildFailure::Init { name: "Broken", .. })), "{failure:?}");
        built.endings.run(soon()).await;
        assert_eq!(journal.entries(), ["built Pool", "ended Pool"]);
    }

    #[tokio::test]
    async fn a_stop_ends_building_between_components() {
        let stop = CancellationToken::new();
        stop.cancel();
        let journal = Arc::new(Journal::default());
        let mut built = Built::default();
        let failure = build(&mut built, &[&POOL], given(&journal), &Tree::default(), &stop).await;
        assert!(matches!(failure, Err(BuildFailure::Stopped)));
        assert!(journal.entries().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_that_hangs_or_panics_does_not_keep_the_others_from_theirs() {
        let journal = Arc::new(Journal::default());
        let mut built = Built::default();
        build(&mut built, &[&POOL], given(&journal), &Tree::default(), &CancellationToken::new()).await.unwrap();
        let component: Arc<dyn Any + Send + Sync> = Arc::new(());
        built.endings.0.push(Ending {
            name: "Hanging",
            component: Arc::clone(&component),
            shutdown: |_| Box::pin(std::future::pending()),
        });
        built.endings.0.push(Ending { name: "Panicking", component, shutdown: |_| panic!("no") });
        assert!(!built.endings.run(soon()).await);
        assert_eq!(journal.entries(), ["built Pool", "ended Pool"]);
    }
}
