//! The options of `#[kafka_listener(..)]` and of `#[consumer(..)]`.

use super::options::{Found, Known};
use super::{literals, nearest::nearest, values};
use crate::error_sink::ErrorSink;
use crate::model::{Loss, Options, Said, SetTo, Setter};
use crate::parse::{Argument, Value};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Ident, Lit};

/// The options and an example of each; the first two belong to one listener and cannot be defaults.
const NAMES: &[(&str, &str)] = &[
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
    ("order_by", "\"partition\""),
    ("timeout", "\"30s\""),
    ("retries", "3"),
    ("backoff", "\"1s\""),
    ("on_failure", "\"stop\""),
    ("accept_loss", "true"),
    ("on_lost_position", "\"nearest\""),
    ("window", "1000"),
    ("crate", "toolbox::millstream"),
];

const LISTENER: Known = Known {
    attribute: "#[kafka_listener]",
    names: NAMES,
    later: LATER,
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
    names: NAMES.split_at(2).1,
    later: LATER,
    elsewhere: &[
        ("topic", ON_THE_METHOD),
        ("topics", ON_THE_METHOD),
        ("pattern", ON_THE_METHOD),
        ("id", ON_THE_METHOD),
        ("group", "write `group_id`"),
        ("retry", "write `retries`"),
    ],
    repeatable: &[],
};

const LATER: &[&str] = &[
    "batch",
    "blocking",
    "idempotent",
    "retry_topics",
    "dead_letter",
    "retry_on",
    "deadline",
    "reply",
    "wire",
    "send_to",
    "layers",
    "rate",
    "reorder",
    "max_crashes",
];
const TOPICS_FIRST: &str = "topics stand first and have no name, as in `#[kafka_listener(\"orders\", \"refunds\")]`";
const ON_THE_METHOD: &str = "it differs from listener to listener: give it to `#[kafka_listener]` on the method";

/// The options of one listener. `defaults` is what its block's `#[consumer(..)]` says.
pub(crate) fn listener(
    attribute: Span,
    arguments: Vec<Argument>,
    defaults: Loss,
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
            "from_beginning" if given("start") => {
                errors.at(name, "`from_beginning` and `start` say the same thing; keep one");
                continue;
            }
            "backoff" => literals::backoff(name, value, errors).map(SetTo::Backoff),
            word => {
                note(word, value, options);
                simple(word, name, value, errors).map(SetTo::Value)
            }
        };
        options.setters.extend(value.map(|value| Setter { name: name.clone(), value }));
    }
}

fn simple(word: &str, name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<proc_macro2::TokenStream> {
    let rule = match word {
        "enabled" | "from_beginning" | "auto_commit" | "accept_loss" => return literals::flag(name, value, errors),
        "concurrency" | "window" => return literals::positive(name, value, errors),
        "commit_interval" | "timeout" => return literals::duration(&format!("`{name}`"), value, errors),
        "retries" => return literals::retries(name, value, errors),
        "pattern" => values::pattern,
        "group_id" => values::group_id,
        "cluster" => values::cluster,
        "start" => values::start,
        "order_by" => values::order_by,
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
mod tests {
    use super::*;
    use crate::parse::parse_arguments;
    use proc_macro2::TokenStream;
    use quote::quote;

    fn messages(tokens: TokenStream) -> Vec<String> {
        with_defaults(tokens, Loss::default())
    }

    fn with_defaults(tokens: TokenStream, defaults: Loss) -> Vec<String> {
        let mut errors = ErrorSink::new();
        let arguments = parse_arguments(tokens, &mut errors);
        listener(Span::call_site(), arguments, defaults, &mut errors);
        errors.into_messages()
    }

    #[test]
    fn every_option_of_this_version_is_accepted() {
        let every = quote! {
            "orders", topics::REFUNDS, group_id = "g", id = "i", cluster = "c", enabled = true, start = "earliest",
            auto_commit = false, commit_interval = "1s", concurrency = 8, order_by = "partition", timeout = LIMIT,
            retries = 3, backoff = { initial = "1s", max = "1m", factor = 2.0, jitter = 0.2 }, on_failure = "skip",
            accept_loss = true, on_lost_position = "pause", window = 10, crate = toolbox::millstream,
        };
        assert_eq!(messages(every), Vec::<String>::new());
        assert_eq!(
            messages(quote! { pattern = "orders-.*", from_beginning = true, retries = "forever", backoff = "1s" }),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_misspelt_pattern_is_not_also_a_missing_topic() {
        assert_eq!(messages(quote! { patern = "a.*" }), ["unknown option `patern`; did you mean `pattern`?"]);
        assert_eq!(messages(quote! { topics = "a" }).len(), 1);
        assert_eq!(messages(quote! { autocommit = false }).len(), 2);
    }

    #[test]
    fn losing_messages_needs_both_words() {
        assert_eq!(messages(quote! { "a", on_failure = "skip" }).len(), 1);
        assert_eq!(messages(quote! { "a", on_failure = "skip", accept_loss = false }).len(), 1);
        assert_eq!(messages(quote! { "a", accept_loss = true }).len(), 1);
        assert_eq!(messages(quote! { "a", on_failure = WHAT, accept_loss = true }).len(), 0);
        let both = Loss { skips: Said::Yes, accepted: Said::Yes };
        assert_eq!(with_defaults(quote! { "a", on_failure = "skip" }, both).len(), 0);
        assert_eq!(with_defaults(quote! { "a" }, both).len(), 0);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let wrong = quote! {
            "", "a", "a", group_id = "", window = 0, concurrency = -1, retries = -2, timeout = 5, commit_interval = "5",
            backoff = { factor = 0.5, jitter = 2, max = 3, speed = 1 }, enabled = "yes", start = "now",
            from_beginning = true, batch = { max = 5 }, idempotent(key = "id"), blocking, accept_loss
        };
        assert_eq!(messages(wrong).len(), 19);
    }
}
