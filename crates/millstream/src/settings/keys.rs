//! The keys of `[kafka]`, as the loader has to know them.

use super::names;
use crate::registry::DeclaredListener;
use millstream_config::KeySpace;
use millstream_native::properties;
use std::collections::BTreeSet;

/// Every key of the framework but those of `[log]`, given the listeners of the application.
pub(crate) fn keys(declared: &[DeclaredListener]) -> KeySpace {
    KeySpace::table().key("kafka", kafka(declared))
}

fn kafka(declared: &[DeclaredListener]) -> KeySpace {
    let ids: BTreeSet<String> = declared.iter().map(|listener| listener.id().into_owned()).collect();
    let consumers: BTreeSet<String> = declared.iter().map(|listener| listener.consumer.to_string()).collect();
    let defaults = refused(tables(values(KeySpace::table(), &names::DEFAULTS))).key("layers", KeySpace::value());
    let listener = values(defaults.clone(), &names::LISTENER_ONLY);
    let client = || KeySpace::table().key("properties", librdkafka());
    values(values(KeySpace::table(), &names::KAFKA), &names::GROUP_WIDE)
        .key("properties", librdkafka())
        .key("consumer", client())
        .key("producer", client().key("accept_loss", KeySpace::value()))
        .key("requests", requests())
        .key("topics", topics())
        .key("embedded", embedded())
        .key("clusters", KeySpace::named(cluster()))
        .key("groups", KeySpace::named(group()))
        .key("layers", super::layers::keys())
        .key("idempotency", super::idempotency::keys())
        .key("listener_defaults", defaults.clone())
        .key("consumers", KeySpace::members("consumer", consumers, &defaults))
        .key("listeners", KeySpace::members("listener", ids, &listener))
}

fn values(table: KeySpace, names: &[&str]) -> KeySpace {
    names.iter().fold(table, |table, name| table.key(name, KeySpace::value()))
}

/// What is refused with a reason is known, so that it is not called unknown.
fn refused(table: KeySpace) -> KeySpace {
    names::CODE_ONLY.iter().fold(table, |table, name| table.key(name, KeySpace::free()))
}

/// The options that are a value or a table.
fn tables(table: KeySpace) -> KeySpace {
    table
        .key("backoff", values(KeySpace::value(), &names::BACKOFF))
        .key("dead_letter", values(KeySpace::value(), &names::DEAD_LETTER))
}

fn cluster() -> KeySpace {
    values(KeySpace::table(), &names::CLUSTER)
        .key("properties", librdkafka())
        .key("requests", requests())
        .key("embedded", embedded())
        .key("topics", topics())
}

fn requests() -> KeySpace {
    values(KeySpace::table(), &names::REQUESTS).key("properties", librdkafka())
}

fn group() -> KeySpace {
    let of_listeners: Vec<&str> =
        names::DEFAULTS.into_iter().filter(|name| !names::NOT_OF_A_GROUP.contains(name)).collect();
    let table = tables(values(KeySpace::table(), &of_listeners));
    refused(values(table, &names::GROUP_WIDE)).key("properties", librdkafka())
}

fn topics() -> KeySpace {
    KeySpace::named(values(KeySpace::table(), &super::topics::TOPIC).key("config", KeySpace::free()))
}

fn embedded() -> KeySpace {
    values(KeySpace::table(), &names::EMBEDDED).key("seed", KeySpace::named(values(KeySpace::value(), &names::SEED)))
}

fn librdkafka() -> KeySpace {
    KeySpace::properties(properties::names().iter().map(String::as_str), |segment| {
        properties::from_environment_segment(segment).map(str::to_owned)
    })
}
