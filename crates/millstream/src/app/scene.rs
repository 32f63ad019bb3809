//! An application for unit tests: a fake engine, and a journal of what happened.

use super::engine_port::EngineStarter;
use super::fixture::{FakeEngine, schema};
use super::{AppBuilder, Handle, StartError};
use crate::options::ListenerOptions;
use crate::registry::fixture::{Journal, block, consumer, fixture_component, listener};
use crate::registry::{ConsumerSpec, Linked, ListenersSpec};
use std::sync::Arc;

#[derive(Default)]
struct Billing;

fixture_component!(POOL = Pool at 5 needs []);
fixture_component!(LEDGER = Ledger at 6 needs [Pool]);
fixture_component!(BROKEN = Broken at 7 needs [Ledger] fails true);

static BILLING: ConsumerSpec = consumer::<Billing>("Billing", 10);
static BLOCK: ListenersSpec =
    block::<Billing>("Billing", 11, &[listener::<Billing>("on_order", 12, || ListenerOptions::new().topic("orders"))]);

/// A journal, a fake engine, and a program that has one consumer and three components.
pub(super) struct Scene {
    pub(super) journal: Arc<Journal>,
    pub(super) engine: Arc<FakeEngine>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let journal = Arc::new(Journal::default());
        Self { engine: FakeEngine::new(&journal), journal }
    }

    pub(super) fn with_starter(&self, starter: EngineStarter) -> AppBuilder {
        let linked =
            Linked { consumers: vec![&BILLING], listeners: vec![&BLOCK], components: vec![&POOL, &LEDGER, &BROKEN] };
        AppBuilder::new(schema(), starter)
            .linked(linked)
            .read_files(false)
            .read_environment(false)
            .provide(Arc::clone(&self.journal))
    }

    pub(super) fn builder(&self) -> AppBuilder {
        self.with_starter(self.engine.starter())
    }

    /// A hook that notes its name.
    pub(super) fn hook(&self, name: &'static str) -> impl Future<Output = crate::Result<()>> + Send + 'static {
        let journal = Arc::clone(&self.journal);
        async move {
            journal.note(name);
            Ok(())
        }
    }

    pub(super) fn entries(&self) -> Vec<String> {
        self.journal.entries()
    }
}

/// Builds and starts.
pub(super) async fn start(builder: AppBuilder) -> Result<Handle, StartError> {
    builder.build()?.start().await
}
