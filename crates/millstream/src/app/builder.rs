//! Puts an application together.

use super::application::App;
use super::args::Args;
use super::builtin;
use super::check::{Subject, check};
use super::engine_port::EngineStarter;
use super::handle::Handle;
use super::hooks::{self, Hooks};
use super::launch::Launch;
use super::report;
use super::schema::Schema;
use super::setting::Setting;
use super::start_error::StartError;
use super::surroundings::Surroundings;
use crate::component::{Given, Needs};
use crate::context::Attributes;
use crate::error::Result;
use crate::idempotent::IdempotencyStore;
use crate::layer::Layer;
use crate::options::Text;
use crate::registry::{ConsumerSet, GenericConsumer, GivenConsumer, Linked, Wanted};
use millstream_config::{DirectoryChoice, Request};
use std::any::{TypeId, type_name};
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

/// Puts an application together: which consumers, which components, which configuration.
///
/// Without anything said it is the application of [`App::new`]: every consumer of the program, configured by
/// files and environment.
///
/// ```no_run
/// use millstream::App;
///
/// struct Pool;
///
/// # async fn example(pool: Pool) -> Result<(), millstream::RunError> {
/// App::builder()
///     .component(pool)
///     .set("kafka.client_id", "billing")
///     .on_ready(|_| async {
///         println!("ready");
///         Ok(())
///     })
///     .build()?
///     .run()
///     .await
/// # }
/// ```
#[must_use]
pub struct AppBuilder {
    wanted: Wanted,
    given: Given,
    required: Needs,
    attributes: Attributes,
    hooks: Hooks,
    args: Args,
    config_dir: Option<PathBuf>,
    environment: Option<String>,
    settings: Vec<String>,
    texts: Vec<String>,
    read_files: bool,
    read_local: bool,
    read_environment: bool,
    linked: Option<Linked>,
    surroundings: Surroundings,
    schema: Schema,
    engine: EngineStarter,
}

impl fmt::Debug for AppBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AppBuilder")
            .field("wanted", &self.wanted)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

impl AppBuilder {
    pub(crate) fn new(schema: Schema, engine: EngineStarter) -> Self {
        Self {
            wanted: Wanted::default(),
            given: Given::default(),
            required: Needs::new(),
            attributes: Attributes::new(),
            hooks: Hooks::default(),
            args: Args::default(),
            config_dir: None,
            environment: None,
            settings: Vec::new(),
            texts: Vec::new(),
            read_files: true,
            read_local: true,
            read_environment: true,
            linked: None,
            surroundings: Surroundings::default(),
            schema,
            engine,
        }
    }

    #[cfg(test)]
    pub(crate) fn linked(mut self, linked: Linked) -> Self {
        self.linked = Some(linked);
        self
    }

    /// Runs exactly these consumers, and those given by hand; nothing is discovered any more. The compiler
    /// checks that they exist, and naming them links their crates, which is why production code should.
    ///
    /// Can be said more than once.
    ///
    /// ```
    /// use millstream::registry::Consumer;
    /// use millstream::{App, AppBuilder};
    ///
    /// fn production<Billing: Consumer, Shipping: Consumer>() -> AppBuilder {
    ///     App::builder().consumers::<(Billing, Shipping)>()
    /// }
    /// ```
    pub fn consumers<S: ConsumerSet>(mut self) -> Self {
        self.wanted.chosen.get_or_insert_default().extend(S::specs());
        self
    }

    /// Whether the consumers that the program's crates declare are found by themselves; they are, unless
    /// [`consumers`](Self::consumers) names some. With `false`, eager components are built only where something
    /// reaches them.
    pub fn discover(mut self, discover: bool) -> Self {
        self.wanted.without_discovery = !discover;
        self
    }

    /// Binds a value whose type has a `#[consumer]` impl block. It wins over what `#[consumer]` on the struct
    /// says.
    pub fn consumer<T: Send + Sync + 'static>(mut self, consumer: T) -> Self {
        self.wanted.given.push(GivenConsumer {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            name: None,
            value: Arc::new(consumer),
            generic: None,
        });
        self
    }

    /// Binds a value of a generic type whose impl block has `#[consumer]`.
    pub fn generic_consumer<T: GenericConsumer>(self, consumer: T) -> Self {
        self.bind_generic(None, consumer)
    }

    /// Like [`generic_consumer`](Self::generic_consumer); the ids of its listeners begin with `name` instead
    /// of the type's name, so that several types of one impl block can be bound.
    pub fn generic_consumer_as<T: GenericConsumer>(self, name: impl Into<Text>, consumer: T) -> Self {
        self.bind_generic(Some(name.into()), consumer)
    }

    fn bind_generic<T: GenericConsumer>(mut self, name: Option<Text>, consumer: T) -> Self {
        self.wanted.given.push(GivenConsumer {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            name,
            value: Arc::new(consumer),
            generic: Some(T::LISTENERS),
        });
        self
    }

    /// Gives a component by hand; it is injected as `Arc<T>` and wins over a `#[component]` of its type.
    pub fn component<T: Send + Sync + 'static>(self, component: T) -> Self {
        self.provide(Arc::new(component))
    }

    /// Gives a component that is shared already, or one for a trait:
    /// `.provide::<dyn Clock>(Arc::new(FixedClock))`.
    pub fn provide<T: ?Sized + Send + Sync + 'static>(mut self, component: Arc<T>) -> Self {
        self.given.insert(component);
        self
    }

    /// Says that the application may have no listener, as it only sends or asks: without this that is an error, since a
    /// crate with listeners that is not linked goes unnoticed otherwise.
    pub fn without_listeners(mut self) -> Self {
        self.wanted.without_listeners = true;
        self
    }

    /// Builds the component `T` although nothing else may reach it, for
    /// [`Handle::component`](crate::Handle::component).
    pub fn require<T: ?Sized + Send + Sync + 'static>(mut self) -> Self {
        let needs = std::mem::take(&mut self.required);
        self.required = needs.with_required::<T>();
        self
    }

    /// Attaches a value for listeners: `ctx.attribute::<T>()`. One a type; the last wins.
    pub fn attribute<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.attributes.insert(value);
        self
    }

    /// Puts a layer around every listener that takes single messages; the first one given is the outermost. Its name,
    /// for the configuration, is its type's in kebab case.
    pub fn layer<L: Layer>(mut self, layer: L) -> Self {
        self.surroundings.layers.around_all(layer);
        self
    }

    /// Puts a layer around the listeners of the consumer `C`: inside the application's layers, outside of those that
    /// `#[consumer(layers(..))]` names.
    pub fn consumer_layer<C, L: Layer>(mut self, layer: L) -> Self {
        self.surroundings.layers.around_consumer::<C, L>(layer);
        self
    }

    /// Gives a layer a name, by which attributes (`layers("audit")`) and the configuration (`layers = ["audit"]`) put
    /// it around listeners.
    pub fn layer_named<L: Layer>(mut self, name: impl Into<Text>, layer: L) -> Self {
        self.surroundings.layers.name(name.into(), layer);
        self
    }

    /// Gives a store of handled keys, for listeners that are `idempotent(.., store = "name")`.
    pub fn idempotency_store(mut self, name: impl Into<String>, store: impl IdempotencyStore) -> Self {
        self.surroundings.store(name.into(), Arc::new(store));
        self
    }

    /// Takes what a command line asks for; its `--env` and `--config` win over what was said here, its
    /// `--set` comes after [`set`](Self::set).
    pub fn args(mut self, args: Args) -> Self {
        self.args = args;
        self
    }

    /// The directory of the configuration files; it must exist.
    pub fn config_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.config_dir = Some(directory.into());
        self
    }

    /// The environment's name, such as `production`; its file must exist.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Sets one value of the configuration, over every file and variable. The key is in TOML's syntax:
    /// `kafka.listeners."Billing.on_order".concurrency`.
    pub fn set(mut self, key: &str, value: impl Into<Setting>) -> Self {
        self.settings.push(format!("{key} = {}", value.into().as_toml()));
        self
    }

    /// Configuration as TOML, below every file. Several texts are read as one, in their order.
    pub fn config_text(mut self, toml: impl Into<String>) -> Self {
        self.texts.push(toml.into());
        self
    }

    /// Whether configuration files are read at all; they are.
    pub fn read_files(mut self, read: bool) -> Self {
        self.read_files = read;
        self
    }

    /// Whether `local.toml` is read in `development`; it is. A test wants the same values on every machine.
    pub fn read_local(mut self, read: bool) -> Self {
        self.read_local = read;
        self
    }

    /// Whether environment variables are read, those that `${..}` in files names among them; they are.
    pub fn read_environment(mut self, read: bool) -> Self {
        self.read_environment = read;
        self
    }

    /// Runs once all components are built, before any message is read: for migrations. Hooks run one after
    /// the other, in the order they were given; one that fails or panics is a start error.
    pub fn on_start<F, T>(mut self, hook: F) -> Self
    where
        F: FnOnce(Handle) -> T + Send + 'static,
        T: Future<Output = Result<()>> + Send + 'static,
    {
        self.hooks.on_start.push(hooks::boxed(hook));
        self
    }

    /// Runs once every subscription has its partitions. One that fails stops the application; one that still
    /// runs when the application stops is dropped.
    pub fn on_ready<F, T>(mut self, hook: F) -> Self
    where
        F: FnOnce(Handle) -> T + Send + 'static,
        T: Future<Output = Result<()>> + Send + 'static,
    {
        self.hooks.on_ready.push(hooks::boxed(hook));
        self
    }

    /// Runs after the groups were left and before components are ended, within what is left of
    /// `drain_timeout`; whenever all `on_start` hooks have succeeded.
    pub fn on_stop<F, T>(mut self, hook: F) -> Self
    where
        F: FnOnce(Handle) -> T + Send + 'static,
        T: Future<Output = Result<()>> + Send + 'static,
    {
        self.hooks.on_stop.push(hooks::boxed(hook));
        self
    }

    /// Reads and checks everything; nothing is built and no broker is contacted.
    ///
    /// # Errors
    /// Everything that is wrong with configuration, annotations and components, at once.
    pub fn build(mut self) -> Result<App, StartError> {
        if self.args.help {
            return Ok(App::report(Args::help_text().to_owned(), Ok(())));
        }
        builtin::announce(&mut self.given);
        let request = self.request();
        let linked = self.linked.unwrap_or_else(Linked::collect);
        let findings = check(&Subject {
            linked: &linked,
            wanted: &self.wanted,
            given: &self.given,
            required: &self.required,
            surroundings: &self.surroundings,
            request: &request,
            only: &self.args.only,
            schema: self.schema,
        });
        if let Some(report) = report::asked_for(&self.args, &findings) {
            let outcome = findings.outcome.map(drop).map_err(StartError::configuration);
            // What was asked for is printed even where the check fails: it is how one finds out why.
            return match outcome {
                Err(error) if !self.args.print_config => Err(error),
                outcome => Ok(App::report(report, outcome)),
            };
        }
        let checked = findings.outcome.map_err(StartError::configuration)?;
        Ok(App::launch(Launch {
            checked,
            loaded: findings.loaded,
            notices: findings.notices,
            given: self.given,
            surroundings: self.surroundings,
            attributes: self.attributes,
            hooks: self.hooks,
            engine: self.engine,
            broker: None,
        }))
    }

    /// Reads and checks everything, as `--check` does.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn check(self) -> Result<(), StartError> {
        self.build().map(drop)
    }

    fn request(&self) -> Request {
        let mut request = Request::from_process();
        request.read_local = self.read_local;
        if !self.read_environment {
            // Where the running package is has nothing to do with the values.
            request.variables.retain(|(name, _)| name == "CARGO_MANIFEST_DIR");
            request.unreadable_variables.clear();
        }
        let directory = self.args.config.clone().or_else(|| self.config_dir.clone());
        request.directory = match directory {
            _ if !self.read_files => DirectoryChoice::Nothing,
            Some(directory) => DirectoryChoice::Named(directory),
            None => DirectoryChoice::Search,
        };
        request.environment = self.args.env.clone().or_else(|| self.environment.clone());
        request.overrides = self.settings.iter().chain(&self.args.set).cloned().collect();
        request.base = (!self.texts.is_empty()).then(|| self.texts.join("\n"));
        request
    }
}
