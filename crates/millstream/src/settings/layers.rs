//! Which layers go around which listener.
//!
//! Other than options, the scopes do not replace each other here: the application's list, the consumer's and the
//! listener's stand one inside the other. A list of the configuration replaces the list of its own scope.

use super::effective::Effective;
use super::said::{Scope, Site, in_source};
use crate::layer::{LayerType, Layers, unknown};
use crate::plan::{LayerPlan, ListenerPlan, Plan};
use crate::registry::{DeclaredListener, Location};
use millstream_config::{KeySpace, Origin, Problem, Problems, Section, Tree, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The keys of one layer.
pub(super) const LAYER: [&str; 1] = ["enabled"];

/// `[kafka.layers]`.
pub(super) fn keys() -> KeySpace {
    KeySpace::named(LAYER.iter().fold(KeySpace::table(), |table, name| table.key(name, KeySpace::value())))
}

/// The layers that are in use, by name.
pub(crate) type ChosenLayers = BTreeMap<Arc<str>, LayerType>;

/// What was decided about layers, beside what the plan says of it.
#[derive(Debug, Default)]
pub(crate) struct LayerChoice {
    /// The layers themselves.
    pub(crate) layers: ChosenLayers,
    /// Each list around a listener, outermost first, and who said it.
    pub(crate) effective: Vec<Effective>,
    /// What is no mistake, but perhaps not what was meant.
    pub(crate) notices: Vec<String>,
    pub(crate) problems: Problems,
}

/// Names of layers, and who says that they go around a listener.
#[derive(Clone, Debug)]
struct List {
    names: Vec<String>,
    scope: Scope,
    origin: Option<Origin>,
}

/// Writes into the plan which layers go around each of its listeners.
pub(crate) fn choose_layers(
    tree: &Tree,
    layers: &Layers,
    declared: &[DeclaredListener],
    plan: &mut Plan,
) -> LayerChoice {
    let mut problems = Problems::default();
    let mentioned = declared.iter().flat_map(|listener| [&listener.consumer_options, &listener.options]);
    let mut clashes = Vec::new();
    let known = layers.known(mentioned.filter_map(|options| options.layers.as_ref()).flatten(), &mut clashes);
    problems.extend(clashes);
    problems.extend(unknown_consumers(layers, declared));
    let kafka = problems.keep(tree.section("kafka")).flatten();
    let mut choosing = Choosing { kafka: kafka.as_ref(), layers, known, off: BTreeSet::new(), problems };
    choosing.switched_off();
    let of_application = choosing.of_application();
    let mut choice = LayerChoice::default();
    for listener in plan.subscriptions.iter_mut().flat_map(|subscription| &mut subscription.listeners) {
        let Some(declared) = declared.iter().find(|declared| declared.id() == *listener.id) else { continue };
        let (of_consumer, own) = (choosing.of_consumer(declared), choosing.own(declared));
        if listener.batch.is_some() {
            choosing.refuse_around_batches(listener, &of_application, [&of_consumer, &own], &mut choice.notices);
            continue;
        }
        for list in [&of_application, &of_consumer, &own] {
            let before = listener.layers.len();
            for name in list.names.iter().filter(|name| !choosing.off.contains(*name)) {
                let Some(layer) = choosing.known.get(name) else { continue };
                let name: Arc<str> = name.as_str().into();
                if !listener.layers.iter().any(|plan| plan.name == name) {
                    choice.layers.insert(Arc::clone(&name), layer.clone());
                    listener.layers.push(LayerPlan { name });
                }
            }
            let added = listener.layers.get(before..).unwrap_or_default();
            choice.effective.extend((!added.is_empty()).then(|| list.effective(&listener.id, added)));
        }
    }
    choice.problems = choosing.problems;
    choice
}

impl List {
    /// As `--print-config` shows it.
    fn effective(&self, listener: &str, added: &[LayerPlan]) -> Effective {
        let names: Vec<String> = added.iter().map(|layer| format!("{:?}", layer.name)).collect();
        let (scope, origin) = (self.scope, self.origin.clone());
        let site = Site { scope, key: "layers".to_owned(), value: format!("[{}]", names.join(", ")), origin };
        Effective { of: format!("listener {listener}"), option: "layers", site }
    }
}

/// `.consumer_layer::<T>(..)` of a type that does not listen.
fn unknown_consumers(layers: &Layers, declared: &[DeclaredListener]) -> Vec<Problem> {
    let consumers: BTreeSet<&str> = declared.iter().map(|listener| &*listener.consumer).collect();
    let unknown = layers.consumers.iter().filter(|(consumer, _)| !consumers.contains(consumer));
    unknown
        .map(|(consumer, layer)| {
            let problem = Problem::new(format!(
                "`.consumer_layer::<{consumer}>(..)` puts the layer `{}` around a consumer that does not run",
                layer.name
            ));
            problem.with_suggestion(match nearest(consumer, consumers.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it, or run the consumer".to_owned(),
            })
        })
        .collect()
}

struct Choosing<'t> {
    kafka: Option<&'t Section<'t>>,
    layers: &'t Layers,
    known: BTreeMap<String, LayerType>,
    off: BTreeSet<String>,
    problems: Problems,
}

impl<'t> Choosing<'t> {
    fn table(&self, name: &str) -> Option<Section<'t>> {
        // What is no table was reported when the listeners' options were read.
        self.kafka?.section(name).ok().flatten()
    }

    /// Reads `[kafka.layers]`.
    fn switched_off(&mut self) {
        let Some(kafka) = self.kafka else { return };
        let Some(layers) = self.problems.keep(kafka.section("layers")).flatten() else { return };
        for (name, _) in layers.iter() {
            if !self.known.contains_key(name) {
                let rule = format!("there is no layer `{}`", name.escape_debug());
                let problem = Problem::new(rule).with_key(layers.path().key(name).to_string());
                self.problems.push(problem.with_suggestion(unknown(name, &self.known)));
                continue;
            }
            let Some(layer) = self.problems.keep(layers.section(name)).flatten() else { continue };
            if self.problems.keep(layer.get::<bool>("enabled")).flatten() == Some(false) {
                self.off.insert(name.to_owned());
            }
        }
    }

    /// The list of one table; `None` where it says nothing, an empty one where it is unset.
    fn configured(&mut self, table: Option<&Section<'_>>, scope: Scope) -> Option<List> {
        let table = table?;
        if table.is_unset("layers") {
            return Some(List { names: Vec::new(), scope, origin: None });
        }
        let origin = Some(table.node("layers")?.origin.clone());
        let texts = match table.get::<Vec<String>>("layers") {
            Ok(texts) => texts?,
            // A variable of the environment is one text with commas.
            Err(problem) => {
                let Ok(Some(text)) = table.get::<String>("layers") else {
                    self.problems.push(problem);
                    return None;
                };
                vec![text]
            }
        };
        let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty());
        let names: Vec<String> = parts.map(str::to_owned).collect();
        for name in names.iter().filter(|name| !self.known.contains_key(*name)) {
            let problem = table.problem("layers", format!("there is no layer `{}`", name.escape_debug()));
            self.problems.push(problem.with_suggestion(unknown(name, &self.known)));
        }
        Some(List { names, scope, origin })
    }

    /// The names of an attribute's list.
    fn in_code(&mut self, list: &[LayerType], who: &str, location: Location) -> Vec<String> {
        for layer in list.iter().filter(|layer| !self.known.contains_key(&*layer.name)) {
            let problem =
                Problem::new(format!("{who} ({location}) names the layer `{}`, which there is not", layer.name));
            self.problems.push(problem.with_suggestion(unknown(&layer.name, &self.known)));
        }
        list.iter().map(|layer| layer.name.to_string()).collect()
    }

    /// Around every listener.
    fn of_application(&mut self) -> List {
        self.configured(self.table("listener_defaults").as_ref(), Scope::Defaults).unwrap_or_else(|| List {
            names: self.layers.application.iter().map(|layer| layer.name.to_string()).collect(),
            scope: Scope::Application,
            origin: None,
        })
    }

    /// Around the listeners of a consumer.
    fn of_consumer(&mut self, declared: &DeclaredListener) -> List {
        let table = self.table("consumers").and_then(|consumers| consumers.section(&declared.consumer).ok().flatten());
        self.configured(table.as_ref(), Scope::Consumer).unwrap_or_else(|| {
            let given = self.layers.consumers.iter().filter(|(consumer, _)| *consumer == &*declared.consumer);
            let mut names: Vec<String> = given.map(|(_, layer)| layer.name.to_string()).collect();
            let list = declared.consumer_options.layers.as_deref().unwrap_or_default();
            names.extend(self.in_code(list, &format!("consumer `{}`", declared.consumer), declared.location));
            List { names, scope: Scope::Consumer, origin: Some(in_source(declared.location)) }
        })
    }

    /// Around one listener.
    fn own(&mut self, declared: &DeclaredListener) -> List {
        let table = self.table("listeners").and_then(|listeners| listeners.section(&declared.id()).ok().flatten());
        self.configured(table.as_ref(), Scope::Listener).unwrap_or_else(|| {
            let list = declared.options.layers.as_deref().unwrap_or_default();
            let names = self.in_code(list, &format!("listener `{}`", declared.id()), declared.location);
            List { names, scope: Scope::Attribute, origin: Some(in_source(declared.location)) }
        })
    }

    /// A layer is given one message: around batches there is none, whatever is said about all listeners.
    fn refuse_around_batches(
        &mut self,
        listener: &ListenerPlan,
        of_application: &List,
        specific: [&List; 2],
        notices: &mut Vec<String>,
    ) {
        let who = format!("listener `{}` ({})", listener.id, listener.location);
        let shown = |list: &List| list.names.join("`, `");
        if let Some(list) = specific.into_iter().find(|list| !list.names.is_empty()) {
            let rule = format!("{who} takes batches, and a layer is given one message: `{}`", shown(list));
            self.problems.push(Problem::new(rule).with_suggestion("remove its `layers`, or its `batch`"));
        }
        if !of_application.names.is_empty() {
            let names = shown(of_application);
            notices
                .push(format!("{who} takes batches: `{names}`, which goes around every listener, does not see them"));
        }
    }
}
