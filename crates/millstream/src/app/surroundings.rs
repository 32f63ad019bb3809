//! What the application puts around its listeners: layers, limits of rate, and stores of handled keys.

use crate::component::{Built, Injector, Need, Needs};
use crate::idempotent::{Gate, IdempotencyStore, MemoryStore};
use crate::layer::{Around, Layer, Layers, Maker, RateLimit};
use crate::plan::{ListenerPlan, Plan};
use crate::registry::DeclaredListener;
use crate::settings::{ChosenLayers, Effective, LayerChoice, StorePlan, choose_layers, stores};
use millstream_config::{Problem, Problems, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What was said with `App::builder()`.
#[derive(Default)]
pub(crate) struct Surroundings {
    pub(crate) layers: Layers,
    stores: Vec<(String, Arc<dyn IdempotencyStore>)>,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Surroundings").field("layers", &self.layers).finish_non_exhaustive()
    }
}

/// What the listeners that run need of it.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    layers: ChosenLayers,
    stores: BTreeMap<Arc<str>, StorePlan>,
    /// Which layers go around each listener, and who said it.
    pub(crate) effective: Vec<Effective>,
    /// What is no mistake, but perhaps not what was meant.
    pub(crate) notices: Vec<String>,
}

impl Surroundings {
    pub(crate) fn store(&mut self, name: String, store: Arc<dyn IdempotencyStore>) {
        self.stores.push((name, store));
    }

    /// Decides what goes around each listener of the plan.
    pub(crate) fn choose(&self, tree: &Tree, declared: &[DeclaredListener], plan: &mut Plan) -> (Chosen, Problems) {
        let LayerChoice { layers, effective, notices, mut problems } =
            choose_layers(tree, &self.layers, declared, plan);
        let mut given = BTreeSet::new();
        for (name, _) in &self.stores {
            if !given.insert(name.as_str()) {
                let problem = Problem::new(format!("two stores of handled keys are named `{name}`"));
                problems.push(problem.with_suggestion("keep one `.idempotency_store(..)` for each name"));
            }
        }
        let (stores, refused) = stores(tree, &given, plan);
        problems.extend(refused);
        (Chosen { layers, stores, effective, notices }, problems)
    }
}

impl Chosen {
    /// The components that are layers.
    pub(crate) fn needs(&self, plan: &Plan) -> Vec<Need> {
        let mut needs = Needs::new();
        for (name, layer) in &self.layers {
            let Maker::Type { needs: declare, .. } = &layer.maker else { continue };
            let mut listeners = plan.subscriptions.iter().flat_map(|subscription| &subscription.listeners);
            let user = listeners.find(|listener| listener.layers.iter().any(|layer| layer.name == *name));
            if let Some(user) = user {
                needs.at(format!("layer `{name}` around listener `{}`", user.id), user.location);
                declare(&mut needs);
            }
        }
        needs.list().to_vec()
    }

    /// Puts everything around the listeners, which are bound.
    pub(crate) fn surround(
        &self,
        plan: &mut Plan,
        surroundings: &Surroundings,
        built: &Built,
        tree: &Tree,
    ) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let stores = self.make_stores(surroundings, &mut problems);
        let mut injector = Injector::new(&built.components, tree);
        let mut made: BTreeMap<Arc<str>, Arc<dyn Layer>> = BTreeMap::new();
        for subscription in &mut plan.subscriptions {
            for listener in &mut subscription.listeners {
                let around = self.around(&subscription.group_id, listener, &stores, &mut made, &mut injector);
                let Some(around) = around else { continue };
                let Some(handler) = listener.handler.take() else { continue };
                listener.handler = handler.surrounded(Arc::new(around));
                if listener.handler.is_none() {
                    let who = format!("listener `{}` ({})", listener.id, listener.location);
                    let problem =
                        Problem::new(format!("{who} takes batches: it can have no layers, `rate` and `idempotent`"));
                    problems.push(problem.with_suggestion("remove them, or its `batch`"));
                }
            }
        }
        problems.extend(injector.into_problems());
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn make_stores(
        &self,
        surroundings: &Surroundings,
        problems: &mut Vec<Problem>,
    ) -> BTreeMap<Arc<str>, Arc<dyn IdempotencyStore>> {
        let given = surroundings.stores.iter().map(|(name, store)| (name.as_str().into(), Arc::clone(store)));
        let mut made: BTreeMap<Arc<str>, Arc<dyn IdempotencyStore>> = given.collect();
        for (name, store) in &self.stores {
            match store_of(store) {
                Ok(store) => drop(made.insert(Arc::clone(name), store)),
                Err(reason) => problems.push(Problem::new(reason).with_key(format!("kafka.idempotency.{name}"))),
            }
        }
        made
    }

    /// What goes around a listener; `None` if nothing does.
    fn around(
        &self,
        group_id: &str,
        listener: &ListenerPlan,
        stores: &BTreeMap<Arc<str>, Arc<dyn IdempotencyStore>>,
        made: &mut BTreeMap<Arc<str>, Arc<dyn Layer>>,
        injector: &mut Injector<'_>,
    ) -> Option<Around> {
        if listener.layers.is_empty() && listener.rate.is_none() && listener.idempotent.is_none() {
            return None;
        }
        let mut layers = Vec::with_capacity(listener.layers.len());
        for name in listener.layers.iter().map(|layer| &layer.name) {
            if !made.contains_key(name) {
                injector.at(format!("layer `{name}` around listener `{}`", listener.id), listener.location);
                let layer = match &self.layers.get(name)?.maker {
                    Maker::Type { make, .. } => make(injector)?,
                    Maker::Value { value, .. } => Arc::clone(value),
                    Maker::Name => return None,
                };
                made.insert(Arc::clone(name), layer);
            }
            layers.extend(made.get(name).cloned());
        }
        let gate = match &listener.idempotent {
            None => None,
            Some(plan) => {
                let store = Arc::clone(stores.get(&plan.store)?);
                Some(Gate::new(plan, store, group_id, &listener.id, listener.auto_commit))
            }
        };
        Some(Around {
            layers,
            gate,
            rate: listener.rate.map(RateLimit::new),
            timeout: listener.timeout,
            auto_commit: listener.auto_commit,
            tell: OnceLock::new(),
        })
    }
}

fn store_of(store: &StorePlan) -> Result<Arc<dyn IdempotencyStore>, String> {
    match store {
        StorePlan::Memory { capacity } => Ok(Arc::new(MemoryStore::new(*capacity))),
        #[cfg(feature = "redis")]
        StorePlan::Redis { url, prefix } => match crate::idempotent::RedisStore::new(url, prefix.as_str()) {
            Ok(store) => Ok(Arc::new(store)),
            Err(error) => Err(error.to_string()),
        },
        #[cfg(not(feature = "redis"))]
        StorePlan::Redis { .. } => Err("this program was built without Redis".to_owned()),
    }
}
