//! One method of a client: what it sends, and what its arguments are.

use super::client::{check_given, wire};
use super::nearest::nearest;
use super::options::{Found, Known};
use super::{injection, listener, literals, names, values};
use crate::error_sink::ErrorSink;
use crate::model::{ClientMethod, Sends, Sent};
use crate::parse::{Argument, Method, Value, parse_arguments};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Meta, PatType, PathArguments, ReceiverKind, ReturnType, Safety,
    Signature, Type, TypeParamBound,
};

const REQUEST: Known = Known {
    attribute: "#[request]",
    names: &[("key", "id"), ("wire", "\"nest\""), ("timeout", "\"5s\""), ("reply_topic", "\"math.replies\"")],
    words: &["stream"],
    calls: &[],
    elsewhere: &[("topic", TOPIC_FIRST), ("header", ON_ARGUMENT), ("cluster", ON_TRAIT)],
    repeatable: &[],
};

const EMIT: Known = Known {
    attribute: "#[emit]",
    names: &[("key", "id")],
    words: &[],
    calls: &[],
    elsewhere: &[
        ("topic", TOPIC_FIRST),
        ("header", ON_ARGUMENT),
        ("cluster", ON_TRAIT),
        ("stream", NO_REPLY),
        ("timeout", NO_REPLY),
        ("wire", NO_REPLY),
        ("reply_topic", NO_REPLY),
    ],
    repeatable: &[],
};

const TOPIC_FIRST: &str = "the topic stands first and has no name, as in `#[request(\"math.sum\")]`";
const ON_ARGUMENT: &str = "`#[header(\"name\")]` stands on the argument that is sent as a header";
const ON_TRAIT: &str = "the whole client has one: give it to `#[kafka_client]`";
const NO_REPLY: &str = "nothing is waited for after an event is written; a request is `#[request(..)]`";

/// Whether the method says that it sends something.
pub(super) fn is_marked(method: &Method) -> bool {
    method.attributes.iter().any(|attribute| names::is_request(attribute) || names::is_emit(attribute))
}

/// Reads a method of the trait; nothing for one that has a body of its own, and after a mistake was told.
pub(super) fn check(method: &Method, errors: &mut ErrorSink) -> Option<ClientMethod> {
    let before = errors.count();
    let signature = &method.signature;
    let name = signature.ident.unraw();
    let mut marks =
        method.attributes.iter().filter(|attribute| names::is_request(attribute) || names::is_emit(attribute));
    let Some(mark) = marks.next() else {
        if method.has_body() {
            check_given(method, errors);
        } else {
            errors.at(
                &signature.ident,
                format!("method `{name}` says neither what it sends nor what it does; add `#[request(\"topic\")]`, `#[emit(\"topic\")]`, or a body"),
            );
        }
        return None;
    };
    for again in marks {
        errors.at(again, "a method sends one message; keep one of its `#[request(..)]` and `#[emit(..)]`");
    }
    if method.has_body() {
        errors.at(
            &method.body,
            format!("method `{name}` is written by `#[kafka_client]`; remove the body, or what it sends"),
        );
    }
    check_callable(signature, errors);
    let is_event = names::is_emit(mark);
    let known = if is_event { &EMIT } else { &REQUEST };
    let found = known.sort(attribute_arguments(mark, errors), errors);
    let topic = topic(&found, mark, errors);
    let streams = found.words.iter().any(|word| word == "stream");
    let sends = sends(&found, signature, is_event, streams, errors);
    let places = places(&found, signature, errors);
    (errors.count() == before).then_some(())?;
    let (key, headers, body) = places;
    Some(ClientMethod {
        signature: signature.clone(),
        cfgs: method.attributes.iter().filter(|attribute| names::is_cfg(attribute)).cloned().collect(),
        sends: sends?,
        sent: Sent { topic: topic?, key, headers, body },
    })
}

fn attribute_arguments(attribute: &Attribute, errors: &mut ErrorSink) -> Vec<Argument> {
    match &attribute.meta {
        Meta::List(list) => parse_arguments(list.tokens.clone(), errors),
        // The lack of a topic is told.
        Meta::Path(_) | Meta::NameValue(_) => Vec::new(),
    }
}

fn topic(found: &Found, mark: &Attribute, errors: &mut ErrorSink) -> Option<TokenStream> {
    match found.positional.as_slice() {
        [topic] => literals::text("a topic", topic, values::topic, errors),
        [_, again, ..] => {
            errors.at(again, "a message goes to one topic; remove this one");
            None
        }
        [] if found.unknown.iter().any(|name| nearest(name, ["topic"]).is_some()) => None,
        [] => {
            let word = if names::is_emit(mark) { "emit" } else { "request" };
            errors.at(mark, format!("`#[{word}]` needs a topic, as in `#[{word}(\"math.sum\")]`"));
            None
        }
    }
}

/// What holds for every method whose result is boxed.
pub(super) fn check_callable(signature: &Signature, errors: &mut ErrorSink) {
    let name = signature.ident.unraw();
    match signature.receiver() {
        None => errors.at(
            &signature.ident,
            format!("method `{name}` must take `&self` first: it is called on the one client that is shared"),
        ),
        Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => {
            errors.at(receiver, format!("method `{name}` must take `&self`: everybody shares the one client"));
        }
        Some(_) => {}
    }
    let generics = &signature.generics;
    if generics.lifetimes().next().is_some()
        && generics.type_params().next().is_none()
        && generics.const_params().next().is_none()
    {
        errors.at(
            generics,
            format!("method `{name}` cannot name lifetimes: every argument lives as long as the call; leave them out"),
        );
    } else if !generics.params.is_empty() {
        errors.at(
            generics,
            format!("method `{name}` cannot be generic, so that the trait can be used as `dyn`; name the types"),
        );
    } else if let Some(clause) = &generics.where_clause {
        errors
            .at(clause, format!("method `{name}` cannot have a where clause, so that the trait can be used as `dyn`"));
    }
    for found in signature.inputs.iter().filter_map(typed).flat_map(|argument| listener::impl_traits(&argument.ty)) {
        errors.at(
            found,
            "an argument of a client's method has a type with a name; `impl Trait` would make the method generic",
        );
    }
    if let Some(constness) = &signature.constness {
        errors.at(constness, format!("method `{name}` cannot be `const`; remove it"));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, format!("method `{name}` cannot be `unsafe`; remove it"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("method `{name}` cannot be `extern`; remove it"));
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, format!("method `{name}` cannot take a variable number of arguments"));
    }
}

fn typed(input: &FnArg) -> Option<&PatType> {
    match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    }
}

/// What the method sends and returns, and how the request differs from the client's others.
fn sends(found: &Found, signature: &Signature, is_event: bool, streams: bool, errors: &mut ErrorSink) -> Option<Sends> {
    let name = signature.ident.unraw();
    if !streams && signature.asyncness.is_none() {
        errors
            .at(signature.fn_token, format!("method `{name}` waits for what becomes of the message: write `async fn`"));
    }
    let output = match &signature.output {
        ReturnType::Type(_, ty) => Some(&**ty),
        ReturnType::Default => {
            let rule = match (is_event, streams) {
                (true, _) => "`Result<(), SendError>`",
                (false, false) => "`Result<T, RequestError>`",
                (false, true) => "`impl Stream<Item = Result<T, RequestError>>`",
            };
            errors.at(&signature.ident, format!("method `{name}` can fail, and has to say so: it returns {rule}"));
            None
        }
    };
    let (mut of_wire, mut timeout, mut reply_topic) = (None, None, None);
    for (name, value) in &found.named {
        match name.unraw().to_string().as_str() {
            "wire" => of_wire = wire(value, errors),
            "timeout" => timeout = literals::fixed_duration("`timeout`", value, errors),
            "reply_topic" => reply_topic = literals::text("`reply_topic`", value, values::topic, errors),
            _ => {}
        }
    }
    let output = output?;
    if streams {
        let Some(item) = stream_item(output) else {
            errors
                .at(output, format!("method `{name}` returns a stream: `impl Stream<Item = Result<T, RequestError>>`"));
            return None;
        };
        refuse_async_stream(signature, errors);
        return Some(Sends::Stream { wire: of_wire, timeout, reply_topic, item: Box::new(item.clone()) });
    }
    if stream_item(output).is_some() && !is_event {
        errors.at(
            output,
            format!("method `{name}` returns a stream: say so in `#[request(\"topic\", stream)]`, and remove `async`"),
        );
        return None;
    }
    refuse_impl_trait(output, errors);
    let output = Box::new(output.clone());
    Some(if is_event {
        Sends::Event { output }
    } else {
        Sends::Request { wire: of_wire, timeout, reply_topic, output }
    })
}

/// A stream waits when it is polled.
pub(super) fn refuse_async_stream(signature: &Signature, errors: &mut ErrorSink) {
    if let Some(token) = &signature.asyncness {
        let name = signature.ident.unraw();
        errors.at(token, format!("method `{name}` returns a stream, which is there at once; remove `async`"));
    }
}

pub(super) fn refuse_impl_trait(output: &Type, errors: &mut ErrorSink) {
    for found in listener::impl_traits(output) {
        errors.at(found, "the result of a client's method has a type with a name, or is an `impl Stream<Item = ..>`, so that the trait can be used as `dyn`");
    }
}

/// What the stream yields, for a type that is `impl Stream<Item = ..>`.
pub(crate) fn stream_item(ty: &Type) -> Option<&Type> {
    let Type::ImplTrait(of) = ty else { return None };
    of.bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last().filter(|segment| segment.ident == "Stream")?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(binding) if binding.ident == "Item" => Some(&binding.ty),
            _ => None,
        })
    })
}

/// Which arguments are the key, headers and the body.
fn places(
    found: &Found,
    signature: &Signature,
    errors: &mut ErrorSink,
) -> (Option<usize>, Vec<(TokenStream, usize)>, Option<usize>) {
    let arguments: Vec<&PatType> = signature.inputs.iter().filter_map(typed).collect();
    let named: Vec<Option<String>> = arguments.iter().map(|argument| listener::argument_name(&argument.pat)).collect();
    let before = errors.count();
    let key = found.named.iter().find(|(name, _)| name == "key").and_then(|(_, value)| key(value, &named, errors));
    let key_is_wrong = errors.count() > before;
    let mut headers = Vec::new();
    let mut body = None;
    for (index, argument) in arguments.into_iter().enumerate() {
        let is_header = header(argument, errors);
        match is_header {
            Some(name) => {
                headers.extend(name.map(|name| (name, index)));
                if key == Some(index) {
                    errors.at(&argument.pat, "this argument is the key and a header; take it twice, or let it be one of them");
                }
            }
            None if key == Some(index) => {}
            None if body.is_none() => body = Some(index),
            // The one that was to be the key may be this one.
            None if key_is_wrong => {}
            None => errors.at(
                argument,
                "a message has one body, and another argument is it already; take one struct or a tuple, or say what this is: `#[header(\"name\")]`, or `key = ..` in the attribute",
            ),
        }
    }
    (key, headers, body)
}

fn key(value: &Value, names: &[Option<String>], errors: &mut ErrorSink) -> Option<usize> {
    let Some(word) = value.word() else {
        return literals::wrong("`key`", value, "the name of an argument, as in `key = id`", errors);
    };
    let wanted = Ident::unraw(word).to_string();
    let place = names.iter().position(|name| name.as_deref() == Some(&wanted));
    if place.is_none() {
        let known = names.iter().flatten().map(String::as_str);
        let hint = nearest(&wanted, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        errors.at(word, format!("`key` names an argument of the method, and none is called `{wanted}`{hint}"));
    }
    place
}

/// Whether an argument is a header, and which.
#[allow(clippy::option_option)] // the inner one says whether the name is right
fn header(argument: &PatType, errors: &mut ErrorSink) -> Option<Option<TokenStream>> {
    let mut found = None;
    for attribute in &argument.attrs {
        if names::is_header(attribute) {
            if found.is_some() {
                errors.at(attribute, "an argument is one header; keep one `#[header(..)]`");
                continue;
            }
            found = Some(injection::header_name(attribute, errors));
        } else if names::is_config(attribute) || names::is_cluster(attribute) {
            errors
                .at(attribute, "an argument of a client's method is sent; what is injected is a field of who calls it");
        } else if matches!(attribute.path().get_ident(), Some(name) if name == "cfg" || name == "cfg_attr") {
            errors.at(attribute, "an argument of a client's method cannot be conditional; put `#[cfg]` on the method, which may exist twice");
        }
    }
    found
}
