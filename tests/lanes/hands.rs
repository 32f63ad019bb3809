//! Listeners that do what a test tells them, bound to the stage's topic.

use futures_util::future::BoxFuture;
use harness::prelude::*;
use millstream::AppBuilder;
use millstream::prelude::*;

use crate::running::Running;
use crate::stage::{Mode, Stage};
use crate::witness::Witness;

type Behaviour = Box<dyn for<'c> Fn(&'c Context) -> BoxFuture<'c, Result<()>> + Send + Sync>;

/// The ids of the listeners.
pub(crate) const AUTO: &str = "Auto.on_message";
pub(crate) const MANUAL: &str = "Manual.on_message";

struct Hands {
    witness: Witness,
    behaviour: Behaviour,
}

impl Hands {
    async fn handle(&self, ctx: &Context) -> Result<()> {
        let at_work = self.witness.begins(ctx);
        (self.behaviour)(ctx).await?;
        at_work.succeeded();
        Ok(())
    }
}

struct Auto(Hands);
struct Manual(Hands);

#[consumer]
impl Auto {
    #[kafka_listener("named-by-the-configuration")]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.0.handle(ctx).await
    }
}

#[consumer]
impl Manual {
    #[kafka_listener("named-by-the-configuration", auto_commit = false)]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        self.0.handle(ctx).await
    }
}

impl Mode {
    /// The id of the listener that commits so.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Auto => AUTO,
            Self::Manual => MANUAL,
        }
    }
}

/// A listener that is told what to do.
pub(crate) struct Listener {
    mode: Mode,
    options: String,
    witness: Witness,
    behaviour: Behaviour,
}

/// Commits by itself and handles every message at once; `options` are lines of its table.
pub(crate) fn auto(options: &str) -> Listener {
    listener(Mode::Auto, options)
}

/// Commits by hand.
pub(crate) fn manual(options: &str) -> Listener {
    listener(Mode::Manual, options)
}

pub(crate) fn listener(mode: Mode, options: &str) -> Listener {
    let behaviour: Behaviour = Box::new(|_| Box::pin(async { Ok(()) }));
    Listener { mode, options: options.to_owned(), witness: Witness::default(), behaviour }
}

impl Listener {
    pub(crate) fn seen_by(mut self, witness: &Witness) -> Self {
        self.witness = witness.clone();
        self
    }

    pub(crate) fn behaves<F>(mut self, behaviour: F) -> Self
    where
        F: for<'c> Fn(&'c Context) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    {
        self.behaviour = Box::new(behaviour);
        self
    }

    /// Binds it.
    pub(crate) fn bind(self, app: AppBuilder, topic: &str) -> AppBuilder {
        let table = format!("[kafka.listeners.{:?}]\ntopics = [{topic:?}]\n{}\n", self.mode.id(), self.options);
        let hands = Hands { witness: self.witness, behaviour: self.behaviour };
        let app = app.config_text(table);
        match self.mode {
            Mode::Auto => app.consumer(Auto(hands)),
            Mode::Manual => app.consumer(Manual(hands)),
        }
    }

    /// Starts an application with it alone, and waits until it reads.
    pub(crate) async fn start(self, stage: &Stage<'_>) -> Running {
        let app = self.bind(stage.app(), &stage.topic);
        stage.start(app).await
    }
}

impl Stage<'_> {
    /// Appends a message for each key to a partition; an empty key is none.
    pub(crate) async fn produce_keys<K: AsRef<str>>(&self, partition: i32, keys: impl IntoIterator<Item = K>) {
        let records = keys.into_iter().enumerate().map(|(number, key)| {
            let record = Record::to(&self.topic).partition(partition).payload(number.to_string());
            if key.as_ref().is_empty() { record } else { record.key(key.as_ref()) }
        });
        self.broker.produce_many(records).await;
    }
}
