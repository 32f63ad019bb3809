//! Values that are tables: `backoff`, `dead_letter`, `batch`.

use super::literals::{self, option, wrong};
use super::options::Known;
use super::values;
use crate::error_sink::ErrorSink;
use crate::model::{Built, SetTo};
use crate::parse::{Value, parse_arguments};
use proc_macro2::{Group, TokenStream};
use syn::{Ident, Lit};

/// What a table is, and how it looks.
struct Table {
    name: &'static str,
    option: &'static str,
    parts: &'static [(&'static str, &'static str)],
    example: &'static str,
}

impl Table {
    /// Reads each part; `None` when anything is wrong.
    fn read(
        &self,
        table: &Group,
        errors: &mut ErrorSink,
        part: impl Fn(&str, &Ident, &Value, &mut ErrorSink) -> Option<TokenStream>,
    ) -> Option<SetTo> {
        let Self { name, option, parts, example } = self;
        let before = errors.count();
        let arguments = parse_arguments(table.stream(), errors);
        let known = Known { attribute: name, names: parts, words: &[], calls: &[], elsewhere: &[], repeatable: &[] };
        let found = known.sort(arguments, errors);
        for value in &found.positional {
            errors.at(value, format!("every value of `{name}` has a name, as in `{example}`"));
        }
        if found.named.is_empty() && errors.count() == before {
            errors.at(table, format!("`{name}` is empty; write as in `{example}`"));
        }
        let read = |(name, value): &(Ident, Value), errors: &mut ErrorSink| {
            Some((name.clone(), part(&name.to_string(), name, value, errors)?))
        };
        let parts = found.named.iter().filter_map(|named| read(named, errors)).collect();
        (errors.count() == before).then(|| SetTo::Built(Built::new(option, parts)))
    }
}

const BACKOFF: Table = Table {
    name: "backoff",
    option: "BackoffOption",
    parts: &[("initial", "\"1s\""), ("max", "\"1m\""), ("factor", "2.0"), ("jitter", "0.2")],
    example: "{ initial = \"1s\", max = \"1m\", factor = 2.0, jitter = 0.2 }",
};

/// A duration for the first wait, or a table.
pub(crate) fn backoff(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<SetTo> {
    match value {
        Value::Table(table) => BACKOFF.read(table, errors, |part, name, value, errors| match part {
            "factor" => literals::number(
                name,
                value,
                |factor| (1.0..=1000.0).contains(&factor),
                "`factor` is a number from 1 to 1000",
                errors,
            ),
            "jitter" => literals::number(
                name,
                value,
                |jitter| (0.0..=1.0).contains(&jitter),
                "`jitter` is a share from 0 to 1",
                errors,
            ),
            _ => literals::duration(&option(name), value, errors),
        }),
        Value::Literal(_) | Value::Negative(_) | Value::Path(_) => {
            literals::duration(&option(name), value, errors).map(SetTo::Value)
        }
        other => wrong(&option(name), other, &format!("a duration as in \"1s\", or `{}`", BACKOFF.example), errors),
    }
}

const DEAD_LETTER: Table = Table {
    name: "dead_letter",
    option: "DeadLetterOption",
    parts: &[("topic", "\"orders.dead\""), ("spring_headers", "true")],
    example: "{ topic = \"orders.dead\", spring_headers = true }",
};

/// A topic, or a table.
pub(crate) fn dead_letter(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<SetTo> {
    let topic = |name: &Ident, value: &Value, errors: &mut ErrorSink| {
        literals::text(&option(name), value, values::dead_letter_topic, errors)
    };
    match value {
        Value::Table(table) => DEAD_LETTER.read(table, errors, |part, name, value, errors| match part {
            "topic" => topic(name, value, errors),
            _ => literals::flag(name, value, errors),
        }),
        Value::Literal(Lit::Str(_)) | Value::Path(_) => topic(name, value, errors).map(SetTo::Value),
        other => wrong(&option(name), other, &format!("a topic, or `{}`", DEAD_LETTER.example), errors),
    }
}

const BATCH: Table = Table {
    name: "batch",
    option: "BatchOption",
    parts: &[("max", "500"), ("wait", "\"200ms\""), ("min", "1"), ("bytes", "\"4MiB\""), ("across_partitions", "true")],
    example: "{ max = 500, wait = \"200ms\", min = 1, bytes = \"4MiB\" }",
};

/// The largest number of messages, or a table.
pub(crate) fn batch(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<SetTo> {
    match value {
        Value::Table(table) => BATCH.read(table, errors, |part, name, value, errors| match part {
            "max" | "min" => literals::positive(name, value, errors),
            "wait" => literals::wait(name, value, errors),
            "bytes" => literals::size(name, value, errors),
            _ => literals::flag(name, value, errors),
        }),
        Value::Literal(Lit::Int(_)) | Value::Negative(_) | Value::Path(_) => {
            literals::positive(name, value, errors).map(SetTo::Value)
        }
        other => wrong(
            &option(name),
            other,
            &format!("the largest number of messages as in `batch = 500`, or `{}`", BATCH.example),
            errors,
        ),
    }
}

/// Durations, each of which names a topic.
pub(crate) fn retry_topics(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<SetTo> {
    let list = match value {
        Value::List(list) => list,
        Value::Path(path) => return Some(SetTo::Value(quote::quote! { #path })),
        other => {
            return wrong(
                &option(name),
                other,
                "a list of delays, as in `[\"5s\", \"1m\", \"10m\"]`, or a path to a constant array",
                errors,
            );
        }
    };
    let before = errors.count();
    let mut seen: Vec<String> = Vec::new();
    let mut delays = Vec::new();
    for argument in parse_arguments(list.stream(), errors) {
        let crate::parse::Argument::Positional(value) = argument else {
            errors.at(list, "`retry_topics` is a list of delays, as in `[\"5s\", \"1m\", \"10m\"]`");
            return None;
        };
        if let Value::Literal(Lit::Str(literal)) = &value {
            if seen.contains(&literal.value()) {
                errors.at(
                    literal,
                    format!("the delay \"{}\" is there twice; each names a topic of its own", literal.value()),
                );
            }
            seen.push(literal.value());
        }
        delays.extend(literals::duration("a delay", &value, errors));
    }
    if delays.is_empty() && errors.count() == before {
        errors.at(list, "`retry_topics` is empty; name delays, as in `[\"5s\", \"1m\", \"10m\"]`, or leave it out");
    }
    (errors.count() == before).then_some(SetTo::Durations(delays))
}
