//! `#[kafka_client]`: on a trait, and on an impl block that stands in for the client.

use super::options::Known;
use super::{client_method, literals, names, values};
use crate::error_sink::ErrorSink;
use crate::model::{Client, ClientOptions, ClientWire};
use crate::parse::{ImplBlock, ImplItem, Method, TraitBlock, Value, parse_arguments};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{FnArg, ItemTrait, ReturnType};

const CLIENT: Known = Known {
    attribute: "#[kafka_client]",
    names: &[
        ("wire", "\"nest\""),
        ("timeout", "\"5s\""),
        ("reply_topic", "\"math.replies\""),
        ("cluster", "\"audit\""),
        ("name", "MathClient"),
        ("crate", "toolbox::millstream"),
    ],
    words: &[],
    calls: &[],
    elsewhere: &[
        ("topic", "each method has its own, as in `#[request(\"math.sum\")]`"),
        ("key", "each method has its own, as in `#[request(\"math.sum\", key = id)]`"),
        ("group_id", "replies are read by no group"),
    ],
    repeatable: &[],
};

/// Reads a trait.
pub(crate) fn check_trait(arguments: TokenStream, block: &TraitBlock, errors: &mut ErrorSink) -> Option<Client> {
    let before = errors.count();
    let options = options(arguments, errors);
    check_header(&block.header, errors);
    let mut methods = Vec::new();
    let mut sends = false;
    for item in &block.items {
        match item {
            ImplItem::Method(method) => {
                sends |= client_method::is_marked(method);
                methods.extend(client_method::check(method, errors));
            }
            ImplItem::Other(tokens) => errors.at(
                tokens,
                format!(
                    "the trait of a client has methods only, so that it can be used as `dyn {}`; move this elsewhere",
                    block.header.ident
                ),
            ),
        }
    }
    if !sends && errors.count() == before {
        errors.at(
            &block.header.ident,
            "no method of this trait sends anything; add `#[request(\"topic\")]` or `#[emit(\"topic\")]` to a method, or remove `#[kafka_client]`",
        );
    }
    (errors.count() == before).then_some(())?;
    Some(Client {
        of_trait: block.header.ident.clone(),
        visibility: block.header.vis.clone(),
        options,
        methods,
        span: Span::call_site(),
    })
}

/// What the client is called although something is wrong, so that this is not told again where it is named.
pub(crate) fn name_of(arguments: TokenStream, block: &TraitBlock) -> (syn::Ident, Option<syn::Path>) {
    let mut ignored = ErrorSink::new();
    let options = options(arguments, &mut ignored);
    drop(ignored.into_tokens());
    (options.name_for(&block.header.ident), options.crate_path)
}

/// Reads an impl block, whose methods are written as those of the trait.
pub(crate) fn check_impl(arguments: &TokenStream, block: &ImplBlock, errors: &mut ErrorSink) {
    if !arguments.is_empty() {
        errors.at(
            arguments,
            "`#[kafka_client]` takes options on the trait only; an impl block has nothing to say about requests",
        );
    }
    if block.of_trait.is_none() {
        errors.at(
            &block.self_type,
            "`#[kafka_client]` stands on a trait, or on an impl block of such a trait, as in `impl Math for FakeMath`",
        );
    }
    for method in block.methods() {
        for attribute in &method.attributes {
            if names::is_request(attribute) || names::is_emit(attribute) {
                errors.at(
                    attribute,
                    "this stands on the method in the trait; an impl block gives the method a body instead",
                );
            }
        }
        check_given(method, errors);
    }
}

/// A method that has a body: of what is ours, its arguments can have nothing.
pub(super) fn check_given(method: &Method, errors: &mut ErrorSink) {
    let signature = &method.signature;
    for input in &signature.inputs {
        let (FnArg::Typed(syn::PatType { attrs, .. }) | FnArg::Receiver(syn::Receiver { attrs, .. })) = input;
        for attribute in attrs.iter().filter(|attribute| names::is_ours_in_client(attribute)) {
            errors.at(
                attribute,
                "only an argument of a method with `#[request(..)]` or `#[emit(..)]` in the trait can take this",
            );
        }
    }
    if !is_boxed(method) {
        return;
    }
    client_method::check_callable(signature, errors);
    match &signature.output {
        ReturnType::Type(_, ty) if client_method::stream_item(ty).is_some() => {
            client_method::refuse_async_stream(signature, errors);
        }
        ReturnType::Type(_, ty) => client_method::refuse_impl_trait(ty, errors),
        ReturnType::Default => {}
    }
}

/// Whether a method's result has to be boxed for the trait to be used as `dyn`.
fn is_boxed(method: &Method) -> bool {
    let signature = &method.signature;
    let hidden = matches!(&signature.output, ReturnType::Type(_, ty) if client_method::stream_item(ty).is_some());
    signature.asyncness.is_some() || hidden
}

fn check_header(header: &ItemTrait, errors: &mut ErrorSink) {
    let name = &header.ident;
    if !header.generics.params.is_empty() {
        errors.at(
            &header.generics,
            format!("the trait of a client cannot be generic: `{name}` is found as the one type `dyn {name}`; name the types in its methods"),
        );
    }
    if let Some(clause) = &header.generics.where_clause {
        errors.at(
            clause,
            "the trait of a client cannot have a where clause; write what it requires as in `trait Math: Clock`",
        );
    }
    if let Some(token) = &header.unsafety {
        errors.at(
            token,
            format!("the trait of a client cannot be `unsafe`: nobody could promise for `{name}` what it asks for"),
        );
    }
}

fn options(arguments: TokenStream, errors: &mut ErrorSink) -> ClientOptions {
    let found = CLIENT.sort(parse_arguments(arguments, errors), errors);
    for value in &found.positional {
        errors.at(
            value,
            "every option of `#[kafka_client]` has a name, as in `timeout = \"5s\"`; topics stand on the methods",
        );
    }
    let mut options = ClientOptions::default();
    for (name, value) in &found.named {
        match name.unraw().to_string().as_str() {
            "wire" => options.wire = wire(value, errors),
            "timeout" => options.timeout = literals::fixed_duration("`timeout`", value, errors),
            "reply_topic" => options.reply_topic = literals::text("`reply_topic`", value, values::topic, errors),
            "cluster" => options.cluster = literals::text("`cluster`", value, values::cluster, errors),
            "name" => {
                let wanted = "the name of the client's type, as in `name = MathClient`";
                options.name = value.word().cloned().or_else(|| literals::wrong("`name`", value, wanted, errors));
            }
            _ => options.crate_path = literals::crate_path(value, errors),
        }
    }
    options
}

/// Whose conventions a request follows.
pub(super) fn wire(value: &Value, errors: &mut ErrorSink) -> Option<ClientWire> {
    if let Value::Path(path) = value {
        return Some(ClientWire::Constant(path.to_token_stream()));
    }
    let text = literals::text("`wire`", value, values::asking_wire, errors)?;
    let spring = quote! { "spring" }.to_string();
    Some(if text.to_string() == spring { ClientWire::Spring } else { ClientWire::Nest })
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
