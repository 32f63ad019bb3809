//! Which layers go around which listener.
//!
//! Other than options, the scopes do not replace each other here: the application's list, the consumer's and the
//! listener's stand one inside the other. A list of the configuration replaces the list of its own scope.

use crate::layer::{LayerType, Layers, unknown};
use crate::plan::{LayerPlan, ListenerPlan, Plan};
use crate::registry::{DeclaredListener, Location};
use millstream_config::{KeySpace, Problem, Problems, Section, Tree, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// `[kafka.layers]`.
pub(super) fn keys() -> KeySpace {
    KeySpace::named(KeySpace::table().key("enabled", KeySpace::value()))
}

/// The layers that are in use, by name.
pub(crate) type ChosenLayers = BTreeMap<Arc<str>, LayerType>;

/// Writes into the plan which layers go around each of its listeners; the layers themselves are answered.
pub(crate) fn choose_layers(
    tree: &Tree,
    layers: &Layers,
    declared: &[DeclaredListener],
    plan: &mut Plan,
) -> (ChosenLayers, Problems) {
    let mut problems = Problems::default();
    let mentioned = declared.iter().flat_map(|listener| [&listener.consumer_options, &listener.options]);
    let mut clashes = Vec::new();
    let known = layers.known(mentioned.filter_map(|options| options.layers.as_ref()).flatten(), &mut clashes);
    problems.extend(clashes);
    problems.extend(unknown_consumers(layers, declared));
    let kafka = problems.keep(tree.section("kafka")).flatten();
    let mut choosing = Choosing { kafka: kafka.as_ref(), layers, known, off: BTreeSet::new(), problems };
    choosing.switched_off();
    let general = choosing.configured(choosing.table("listener_defaults").as_ref());
    let mut chosen = ChosenLayers::new();
    for listener in plan.subscriptions.iter_mut().flat_map(|subscription| &mut subscription.listeners) {
        let Some(declared) = declared.iter().find(|declared| declared.id() == *listener.id) else { continue };
        for name in choosing.names(listener, declared, general.as_ref()) {
            let Some(layer) = choosing.known.get(&name).cloned() else { continue };
            let name: Arc<str> = name.into();
            if !listener.layers.iter().any(|plan| plan.name == name) {
                chosen.insert(Arc::clone(&name), layer);
                listener.layers.push(LayerPlan { name });
            }
        }
    }
    (chosen, choosing.problems)
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
    fn configured(&mut self, table: Option<&Section<'_>>) -> Option<Vec<String>> {
        let table = table?;
        if table.is_unset("layers") {
            return Some(Vec::new());
        }
        table.node("layers")?;
        let texts = match table.get::<Vec<String>>("layers") {
            Ok(texts) => texts?,
            // A variable of the environment is one text with commas.
            Err(problem) => match table.get::<String>("layers") {
                Ok(Some(text)) => vec![text],
                _ => {
                    self.problems.push(problem);
                    return None;
                }
            },
        };
        let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty());
        let names: Vec<String> = parts.map(str::to_owned).collect();
        for name in names.iter().filter(|name| !self.known.contains_key(*name)) {
            let problem = table.problem("layers", format!("there is no layer `{}`", name.escape_debug()));
            self.problems.push(problem.with_suggestion(unknown(name, &self.known)));
        }
        Some(names)
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

    /// The names of everything around a listener, outermost first.
    fn names(
        &mut self,
        listener: &ListenerPlan,
        declared: &DeclaredListener,
        general: Option<&Vec<String>>,
    ) -> Vec<String> {
        let in_builder = || self.layers.application.iter().map(|layer| layer.name.to_string()).collect();
        let of_application: Vec<String> = general.cloned().unwrap_or_else(in_builder);
        let consumer =
            self.table("consumers").and_then(|consumers| consumers.section(&declared.consumer).ok().flatten());
        let of_consumer = self.configured(consumer.as_ref()).unwrap_or_else(|| {
            let given = self.layers.consumers.iter().filter(|(consumer, _)| *consumer == &*declared.consumer);
            let mut names: Vec<String> = given.map(|(_, layer)| layer.name.to_string()).collect();
            let list = declared.consumer_options.layers.as_deref().unwrap_or_default();
            names.extend(self.in_code(list, &format!("consumer `{}`", declared.consumer), declared.location));
            names
        });
        let own = self.table("listeners").and_then(|listeners| listeners.section(&declared.id()).ok().flatten());
        let own = self.configured(own.as_ref()).unwrap_or_else(|| {
            let list = declared.options.layers.as_deref().unwrap_or_default();
            self.in_code(list, &format!("listener `{}`", declared.id()), declared.location)
        });
        if listener.batch.is_some() {
            if !(of_consumer.is_empty() && own.is_empty()) {
                let who = format!("listener `{}` ({})", listener.id, listener.location);
                self.problems.push(
                    Problem::new(format!("{who} takes batches, and a layer is given one message"))
                        .with_suggestion("remove its `layers`, or its `batch`"),
                );
            }
            return Vec::new();
        }
        let all = of_application.into_iter().chain(of_consumer).chain(own);
        all.filter(|name| !self.off.contains(name)).collect()
    }
}
