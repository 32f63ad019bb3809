//! `#[consumer]`: on a struct, and on an impl block.

use super::{injection, listener, listener_options, names};
use crate::error_sink::ErrorSink;
use crate::model::{ConsumerStruct, Listener, ListenersBlock, SelfType};
use crate::parse::{ImplBlock, Method, parse_arguments};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{GenericParam, ItemStruct, Type};

/// Reads a struct.
pub(crate) fn check_struct(
    arguments: TokenStream,
    item: &ItemStruct,
    errors: &mut ErrorSink,
) -> Option<ConsumerStruct> {
    let arguments = parse_arguments(arguments, errors);
    let options = listener_options::consumer(arguments, errors);
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics,
            format!(
                "the framework cannot build `{0}`: a generic consumer is bound by hand with a concrete type; remove `#[consumer]` here and keep it on the impl block of `{0}`",
                item.ident
            ),
        );
    }
    let value = injection::fields_of(item, errors);
    Some(ConsumerStruct { value: value?, options: options? })
}

/// Reads an impl block. What is right about it is kept even when something else is wrong, so that mistakes
/// which only the compiler sees are told in the same run.
pub(crate) fn check_impl(arguments: TokenStream, block: &ImplBlock, errors: &mut ErrorSink) -> Option<ListenersBlock> {
    let arguments = parse_arguments(arguments, errors);
    let options = listener_options::consumer(arguments, errors);
    let defaults = options.as_ref().map(|options| options.loss).unwrap_or_default();
    let consumer = check_self_type(block, errors);
    let mut marked = false;
    let mut listeners = Vec::new();
    for method in block.methods() {
        for attribute in method.attributes.iter().filter(|attribute| names::hides_listener(attribute)) {
            marked = true;
            errors.at(attribute, "`#[consumer]` cannot see a listener inside `cfg_attr`; put `#[cfg(..)]` on the method, beside a plain `#[kafka_listener(..)]`");
        }
        let mut attributes = method.attributes.iter().filter(|attribute| names::is_listener(attribute));
        let Some(first) = attributes.next() else {
            misplaced(method, errors);
            continue;
        };
        marked = true;
        for again in attributes {
            errors.at(again, "a method has one `#[kafka_listener]`; several topics stand in one, as in `#[kafka_listener(\"orders\", \"refunds\")]`");
        }
        listeners.extend(listener::check(method, first, defaults, errors));
    }
    if !marked {
        errors.at_span(
            block.self_type.span(),
            "no method of this impl block has `#[kafka_listener(\"topic\")]`; add it to a method, or remove `#[consumer]`",
        );
    }
    let consumer = consumer?;
    check_ids(&consumer.name, &listeners, errors);
    let listeners = without_twins(listeners);
    Some(ListenersBlock { consumer, options: options.unwrap_or_default(), listeners, span: Span::call_site() })
}

/// The type, if listeners can be called on it.
fn check_self_type(block: &ImplBlock, errors: &mut ErrorSink) -> Option<SelfType> {
    if let Some(of_trait) = &block.of_trait {
        errors.at(
            of_trait,
            "`#[consumer]` stands on a type's own impl block, not on a trait's; listeners are found by their type",
        );
        return None;
    }
    let before = errors.count();
    for parameter in &block.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            errors.at(
                lifetime,
                "a consumer cannot borrow: it lives as long as the application; own the value, or share it as `Arc<T>`",
            );
        }
    }
    let name = type_name(&block.self_type);
    if name.is_none() {
        errors.at(&block.self_type, "a consumer is a struct or an enum of your own");
    }
    let name = name?;
    (errors.count() == before).then(|| SelfType { ty: block.self_type.clone(), name, generics: block.generics.clone() })
}

/// The last word of a type's path.
pub(crate) fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.unraw().to_string()),
        Type::Group(group) => type_name(&group.elem),
        Type::Paren(paren) => type_name(&paren.elem),
        _ => None,
    }
}

/// Argument attributes on a method that does not listen would go to the compiler, which knows none of them.
fn misplaced(method: &Method, errors: &mut ErrorSink) {
    if method.attributes.iter().any(names::hides_listener) {
        return;
    }
    for input in &method.signature.inputs {
        let syn::FnArg::Typed(argument) = input else { continue };
        for attribute in &argument.attrs {
            if names::is_header(attribute) || names::is_config(attribute) || names::is_cluster(attribute) {
                errors.at(
                    attribute,
                    format!(
                        "method `{}` is no listener: only one with `#[kafka_listener(..)]` can take this",
                        method.signature.ident.unraw()
                    ),
                );
            }
        }
    }
}

/// Two listeners with one id would be told apart by nobody. Methods that depend on a `cfg` are left to the start.
fn check_ids(type_name: &str, listeners: &[Listener], errors: &mut ErrorSink) {
    let mut seen: Vec<(String, &Listener)> = Vec::new();
    for listener in listeners {
        let is_renamed = |listener: &Listener| listener.options.id.is_some();
        let id = listener
            .options
            .id
            .as_ref()
            .map_or_else(|| format!("{type_name}.{}", listener.method.unraw()), syn::LitStr::value);
        let twin = seen.iter().find(|(known, _)| *known == id).map(|(_, twin)| *twin);
        if let Some(twin) = twin
            && listener.cfgs.is_empty()
            && twin.cfgs.is_empty()
            && (is_renamed(listener) || is_renamed(twin))
        {
            let message = format!(
                "id \"{id}\" is that of listener `{}` too; every listener has its own, by which the configuration names it",
                if is_renamed(listener) { &twin.method } else { &listener.method }
            );
            match listener.options.id.as_ref().or(twin.options.id.as_ref()) {
                Some(literal) => errors.at(literal, message),
                None => errors.at(&listener.method, message),
            }
        }
        seen.push((id, listener));
    }
}

/// Two methods of one name are the compiler's error to tell; calling one of them would add a second.
fn without_twins(listeners: Vec<Listener>) -> Vec<Listener> {
    let methods: Vec<_> =
        listeners.iter().filter(|listener| listener.cfgs.is_empty()).map(|listener| listener.method.clone()).collect();
    listeners
        .into_iter()
        .filter(|listener| methods.iter().filter(|method| **method == listener.method).count() < 2)
        .collect()
}
