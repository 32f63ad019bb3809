//! What the tests of all extractors share.

use super::*;
use crate::component::{Need, NeedKind};
use crate::testing::{ContextFacts, context};
use bytes::Bytes;
use millstream_config::{DirectoryChoice, KeySpace, Request, Tree, load};
use millstream_native::{OwnedMessage, Timestamp, TimestampKind};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

/// A component, as the application keeps it.
pub(super) type Component = (TypeId, Box<dyn Any + Send + Sync>);

pub(crate) fn component<T: ?Sized + Send + Sync + 'static>(value: Arc<T>) -> Component {
    (TypeId::of::<T>(), Box::new(value))
}

fn made(change: impl FnOnce(&mut OwnedMessage)) -> Context {
    let mut message = OwnedMessage::new("orders", 3, 41);
    change(&mut message);
    context(message, ContextFacts::default()).0
}

pub(crate) fn message(payload: Option<&'static [u8]>) -> Context {
    made(|message| message.payload = payload.map(Bytes::from_static))
}

pub(crate) fn keyed(key: Option<&'static [u8]>) -> Context {
    made(|message| message.key = key.map(Bytes::from_static))
}

pub(crate) fn timed(milliseconds: Option<i64>) -> Context {
    made(|message| {
        message.timestamp =
            milliseconds.map(|milliseconds| Timestamp { kind: TimestampKind::CreateTime, milliseconds });
    })
}

pub(crate) fn with_headers(headers: &[(&str, Option<&'static str>)]) -> Context {
    made(|message| {
        message.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.map(Bytes::from))).collect();
    })
}

/// Extracts what needs nothing at start.
pub(crate) fn extract<'m, T>(context: &'m Context) -> Result<T, ExtractError>
where
    T: FromMessage<'m, Prepared: Default>,
{
    let prepared = with_injector(Vec::new(), "", |injector| T::prepare(injector));
    // What these extractors prepare is empty, so that leaking it costs nothing.
    T::from_message(context, Box::leak(Box::new(prepared.unwrap_or_default())))
}

/// Extracts with these components and this configuration.
pub(crate) fn extract_with<T>(context: &Context, components: Vec<Component>, toml: &str, check: impl FnOnce(T))
where
    T: for<'m> FromMessage<'m>,
{
    let prepared = with_injector(components, toml, |injector| T::prepare(injector));
    let prepared = prepared.expect("nothing is lacking");
    check(T::from_message(context, &prepared).expect("it is there"));
}

/// Reads an argument with `#[config(key)]`; `None` is given when a problem was reported.
pub(crate) fn prepare_config<'m, T, R>(toml: &str, key: &'static str, check: impl FnOnce(Option<T>) -> R)
where
    T: FromConfig<'m>,
{
    let prepared = with_injector(Vec::new(), toml, |injector| {
        let prepared = T::prepare(injector, key);
        assert_eq!(prepared.is_none(), !injector.problems().is_empty());
        prepared
    });
    check(prepared.map(|prepared| T::from_config(Box::leak(Box::new(prepared)))));
}

/// What is declared, and whether its absence is fine.
pub(super) fn needs_of<T: for<'m> FromMessage<'m>>() -> Vec<Requirement> {
    let mut needs = Needs::new();
    T::needs(&mut needs);
    let requirement = |need: &Need| match &need.kind {
        NeedKind::Component { optional: true, .. } | NeedKind::Config { optional: true, .. } => Requirement::Optional,
        NeedKind::Component { .. } | NeedKind::Config { .. } | NeedKind::Cluster { .. } => Requirement::Required,
    };
    needs.list().iter().map(requirement).collect()
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Requirement {
    Required,
    Optional,
}

fn with_injector<R>(components: Vec<Component>, toml: &str, prepare: impl FnOnce(&mut Injector<'_>) -> R) -> R {
    let components: HashMap<_, _> = components.into_iter().collect();
    prepare(&mut Injector::new(&components, &tree(toml)))
}

fn tree(toml: &str) -> Tree {
    let mut request = Request::default();
    request.directory = DirectoryChoice::Nothing;
    request.base = Some(toml.to_owned());
    load(&request, &KeySpace::free()).expect("the test's configuration is good").tree
}
