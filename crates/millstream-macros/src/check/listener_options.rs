//! The options of `#[kafka_listener(..)]` and of `#[consumer(..)]`.

use super::options::{Found, Known};
use super::{answering, calls, literals, nearest::nearest, tables, values};
use crate::error_sink::ErrorSink;
use crate::model::{Calling, Loss, Options, Said, SetTo, Setter};
use crate::parse::{Argument, Value};
use proc_macro2::Span;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Lit, ReturnType};

/// The options and an example of each; the first five belong to one listener and cannot be defaults.
const NAMES: &[(&str, &str)] = &[
    ("batch", "{ max = 500, wait = \"200ms\" }"),
    ("reply", "true"),
    ("send_to", "\"orders.priced\""),
    ("pattern", "\"orders-.*\""),
    ("id", "\"billing\""),
    ("group_id", "\"billing\""),
    ("cluster", "\"audit\""),
    ("enabled", "false"),
    ("start", "\"earliest\""),
    ("from_beginning", "true"),
    ("auto_commit", "false"),
    ("commit_interval", "\"1s\""),
    ("concurrency", "8"),
    ("order_by", "\"key\""),
    ("rate", "\"500/s\""),
    ("timeout", "\"30s\""),
    ("retries", "3"),
    ("backoff", "\"1s\""),
    ("deadline", "\"10m\""),
    ("retry_topics", "[\"5s\", \"1m\"]"),
    ("reorder", "true"),
    ("on_failure", "\"stop\""),
    ("dead_letter", "{ topic = \"orders.dead\" }"),
    ("max_crashes", "3"),
    ("accept_loss", "true"),
    ("on_lost_position", "\"nearest\""),
    ("window", "1000"),
    ("window_bytes", "\"16MiB\""),
    ("wire", "\"nest\""),
    ("crate", "toolbox::millstream"),
];

const LISTENER: Known = Known {
    attribute: "#[kafka_listener]",
    names: NAMES,
    words: &["blocking"],
    calls: CALLS,
    elsewhere: &[
        ("topic", TOPICS_FIRST),
        ("topics", TOPICS_FIRST),
        ("group", "write `group_id`"),
        ("retry", "write `retries`"),
    ],
    repeatable: &[],
};

const CONSUMER: Known = Known {
    attribute: "#[consumer]",
    names: NAMES.split_at(5).1,
    words: &[],
    calls: CALLS.split_at(1).1,
    elsewhere: &[
        ("topic", ON_THE_METHOD),
        ("topics", ON_THE_METHOD),
        ("pattern", ON_THE_METHOD),
        ("id", ON_THE_METHOD),
        ("blocking", ON_THE_METHOD),
        ("batch", ON_THE_METHOD),
        ("reply", ON_THE_METHOD),
        ("send_to", ON_THE_METHOD),
        ("idempotent", ON_THE_METHOD),
        ("group", "write `group_id`"),
        ("retry", "write `retries`"),
    ],
    repeatable: &[],
};

/// The options with parentheses; the first belongs to one listener.
const CALLS: &[(&str, &str)] = &[
    ("idempotent", "idempotent(key = \"id\")"),
    ("retry_on", "retry_on(std::io::Error)"),
    ("terminal", "terminal(Declined)"),
    ("layers", "layers(Audit)"),
];

const TOPICS_FIRST: &str = "topics stand first and have no name, as in `#[kafka_listener(\"orders\", \"refunds\")]`";
const ON_THE_METHOD: &str = "it differs from listener to listener: give it to `#[kafka_listener]` on the method";

/// The options of one listener. `defaults` is what its block's `#[consumer(..)]` says, `output` what the method returns.
pub(crate) fn listener(
    attribute: Span,
    arguments: Vec<Argument>,
    defaults: Loss,
    output: &ReturnType,
    errors: &mut ErrorSink,
) -> Option<Options> {
    let before = errors.count();
    let mut found = LISTENER.sort(arguments, errors);
    let positional = std::mem::take(&mut found.positional);
    let has_topics = !positional.is_empty();
    let mut options = Options { topics: topics(positional, errors), ..Options::default() };
    let pattern = found.named.iter().find(|(name, _)| name == "pattern").map(|(name, _)| name);
    match pattern {
        Some(pattern) if has_topics => {
            errors.at(
                pattern,
                "a listener has topics or a `pattern`, not both; write the topics into the pattern, or remove it",
            );
        }
        None if !has_topics && !meant_topics(&found) => {
            errors.at_span(
                attribute,
                "a listener needs a topic, as in `#[kafka_listener(\"orders\")]`, or a pattern, as in `#[kafka_listener(pattern = \"orders-.*\")]`",
            );
        }
        _ => {}
    }
    read(&found, &mut options, errors);
    check_loss(&found, options.loss, defaults, errors);
    check_calling(&found, errors);
    options.answers = answering::check(&found, output, errors);
    if options.answers {
        let name = Ident::new("reply", attribute);
        options.setters.push(Setter { name, value: SetTo::Value(quote! { true }) });
    }
    (errors.count() == before).then_some(options)
}

/// The defaults that `#[consumer(..)]` gives to its listeners.
pub(crate) fn consumer(arguments: Vec<Argument>, errors: &mut ErrorSink) -> Option<Options> {
    let before = errors.count();
    let found = CONSUMER.sort(arguments, errors);
    for value in &found.positional {
        errors.at(value, "`#[consumer]` takes no topic: give it to `#[kafka_listener]` on the method");
    }
    let mut options = Options::default();
    read(&found, &mut options, errors);
    check_loss(&found, options.loss, Loss::default(), errors);
    (errors.count() == before).then_some(options)
}

/// Whether a name that is no option stands where topics or a pattern were meant: then the lack of both is
/// the same mistake.
fn meant_topics(found: &Found) -> bool {
    found.unknown.iter().any(|name| nearest(name, ["topic", "topics", "pattern"]).is_some())
}

fn topics(positional: Vec<Value>, errors: &mut ErrorSink) -> Vec<proc_macro2::TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut topics = Vec::new();
    for value in positional {
        if let Value::Literal(Lit::Str(literal)) = &value {
            let name = literal.value();
            if seen.contains(&name) {
                errors.at(literal, format!("topic \"{name}\" is named twice; keep one"));
                continue;
            }
            seen.push(name);
        }
        topics.extend(literals::text("a topic", &value, values::topic, errors));
    }
    topics
}

fn read(found: &Found, options: &mut Options, errors: &mut ErrorSink) {
    let given = |option: &str| found.named.iter().any(|(name, _)| name == option);
    for (name, value) in &found.named {
        let value = match name.unraw().to_string().as_str() {
            "crate" => {
                options.crate_path = literals::crate_path(value, errors);
                continue;
            }
            // Whether the method answers is also told by what it returns.
            "reply" => continue,
            "from_beginning" if given("start") => {
                errors.at(name, "`from_beginning` and `start` say the same thing; keep one");
                continue;
            }
            "backoff" => tables::backoff(name, value, errors),
            "dead_letter" => tables::dead_letter(name, value, errors),
            "retry_topics" => tables::retry_topics(name, value, errors),
            "batch" => {
                options.calling = Calling::Batch;
                tables::batch(name, value, errors)
            }
            word => {
                note(word, value, options);
                simple(word, name, value, errors).map(SetTo::Value)
            }
        };
        options.setters.extend(value.map(|value| Setter { name: name.clone(), value }));
    }
    for name in &found.words {
        options.calling = Calling::Blocking;
        options.setters.push(Setter { name: name.clone(), value: SetTo::Value(quote! { true }) });
    }
    for (name, arguments) in &found.calls {
        match name.unraw().to_string().as_str() {
            "idempotent" => options.setters.extend(calls::idempotent(name, arguments, errors)),
            "layers" => options.setters.extend(calls::layers(name, arguments, errors)),
            _ => options.setters.extend(calls::error_types(name, arguments, errors)),
        }
    }
}

fn simple(word: &str, name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<proc_macro2::TokenStream> {
    let rule = match word {
        "enabled" | "from_beginning" | "auto_commit" | "accept_loss" | "reorder" => {
            return literals::flag(name, value, errors);
        }
        "concurrency" | "window" => return literals::positive(name, value, errors),
        "max_crashes" => return literals::count(name, value, errors),
        "window_bytes" => return literals::size(name, value, errors),
        "commit_interval" | "timeout" | "deadline" => return literals::duration(&format!("`{name}`"), value, errors),
        "retries" => return literals::retries(name, value, errors),
        "pattern" => values::pattern,
        "group_id" => values::group_id,
        "cluster" => values::cluster,
        "start" => values::start,
        "order_by" => values::order_by,
        "rate" => values::rate,
        "send_to" => values::topic,
        "wire" => values::wire,
        "on_failure" => values::on_failure,
        "on_lost_position" => values::on_lost_position,
        _ => values::id,
    };
    literals::text(&format!("`{name}`"), value, rule, errors)
}

/// Keeps what later checks ask for.
fn note(word: &str, value: &Value, options: &mut Options) {
    match (word, value) {
        ("id", Value::Literal(Lit::Str(literal))) => options.id = Some(literal.clone()),
        ("on_failure", Value::Literal(Lit::Str(literal))) => {
            options.loss.skips = if literal.value() == "skip" { Said::Yes } else { Said::No };
        }
        ("on_failure", _) => options.loss.skips = Said::Unknown,
        ("accept_loss", value) => {
            options.loss.accepted = match literals::literal_bool(value) {
                Some(literal) if literal.value() => Said::Yes,
                Some(_) => Said::No,
                None => Said::Unknown,
            };
        }
        _ => {}
    }
}

/// What does not go together with the way in which the method is called.
fn check_calling(found: &Found, errors: &mut ErrorSink) {
    let named = |option: &str| found.named.iter().map(|(name, _)| name).find(|name| *name == option);
    let called = |option: &str| found.calls.iter().find(|(name, _)| *name == option);
    let blocking = found.words.iter().any(|word| word == "blocking");
    if blocking && let Some(timeout) = named("timeout") {
        errors.at(timeout, "a plain function cannot be stopped, so `timeout` does not go with `blocking`; bound the work inside the method, or make it an async fn");
    }
    let Some(batch) = named("batch") else { return };
    if blocking {
        errors
            .at(batch, "a method that takes batches is async: `batch` does not go with `blocking`; remove one of them");
    }
    if let Some(rate) = named("rate") {
        errors.at(
            rate,
            "`rate` is about single messages, and the method takes batches; remove one of `rate` and `batch`",
        );
    }
    if let Some((layers, arguments)) = called("layers")
        && !arguments.stream().is_empty()
    {
        errors.at(
            layers,
            "a layer is given one message, and the method takes batches; remove one of `layers` and `batch`",
        );
    }
    if let Some((idempotent, _)) = called("idempotent") {
        errors.at(idempotent, "`idempotent` settles single messages that were handled before, which a method that takes batches has no say in; remove one of `idempotent` and `batch`");
    }
}

fn check_loss(found: &Found, own: Loss, defaults: Loss, errors: &mut ErrorSink) {
    let place = |option: &str| found.named.iter().find(|(name, _)| name == option).map(|(_, value)| value);
    let skips = own.skips.or(defaults.skips);
    let accepted = own.accepted.or(defaults.accepted);
    if own.skips == Said::Yes
        && matches!(accepted, Said::Nothing | Said::No)
        && let Some(value) = place("on_failure")
    {
        errors.at(value, "`on_failure = \"skip\"` loses messages; say that this is wanted with `accept_loss = true`");
    }
    if own.accepted == Said::Yes
        && matches!(skips, Said::Nothing | Said::No)
        && let Some(value) = place("accept_loss")
    {
        errors.at(value, "`accept_loss = true` has no effect without `on_failure = \"skip\"`; remove it, or add that");
    }
}

#[cfg(test)]
#[path = "listener_options_tests.rs"]
mod tests;
