//! Options with parentheses: `idempotent(..)`, `retry_on(..)`, `terminal(..)`, `layers(..)`.

use super::literals::{self, option};
use super::options::Known;
use super::values;
use crate::error_sink::ErrorSink;
use crate::model::{Built, SetTo, Setter};
use crate::parse::{Argument, Value, parse_arguments};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, LitStr, Token, Type};

const IDEMPOTENT: Known = Known {
    attribute: "idempotent",
    names: &[("key", "\"id\""), ("ttl", "\"24h\""), ("lease", "\"5m\""), ("store", "\"orders\"")],
    words: &[],
    calls: &[],
    elsewhere: &[
        ("header", "write `key = header(\"x-id\")`"),
        ("message_key", "write `key = message_key`"),
        ("with", "write `key = with(path::to::function)`"),
    ],
    repeatable: &[],
};

const KEYS: &str = "the path of a field as in `key = \"order.id\"`, `key = header(\"x-id\")`, `key = message_key`, or a function as in `key = with(order_key)`";

/// `idempotent(key = "id", ttl = "24h")`.
pub(crate) fn idempotent(name: &Ident, arguments: &Group, errors: &mut ErrorSink) -> Option<Setter> {
    let before = errors.count();
    let found = IDEMPOTENT.sort(parse_arguments(arguments.stream(), errors), errors);
    for value in &found.positional {
        errors.at(value, "every value of `idempotent` has a name, as in `idempotent(key = \"id\", ttl = \"24h\")`");
    }
    let mut key = None;
    let mut parts = Vec::new();
    for (name, value) in &found.named {
        match name.unraw().to_string().as_str() {
            "key" => key = self::key(value, errors),
            "store" => {
                parts.extend(literals::text(&option(name), value, values::store, errors).map(|of| (name.clone(), of)));
            }
            _ => parts.extend(literals::duration(&option(name), value, errors).map(|of| (name.clone(), of))),
        }
    }
    if errors.count() > before {
        return None;
    }
    let Some((constructor, arguments)) = key else {
        errors.at(name, format!("`idempotent` needs to know what tells messages apart: {KEYS}"));
        return None;
    };
    let built = Built { option: "IdempotentOption", constructor, arguments, parts };
    Some(Setter { name: name.clone(), value: SetTo::Built(built) })
}

/// Where the key comes from: a constructor and its argument.
fn key(value: &Value, errors: &mut ErrorSink) -> Option<(&'static str, Option<TokenStream>)> {
    match value {
        Value::Literal(Lit::Str(_)) => {
            literals::text("`key`", value, values::field, errors).map(|path| ("by_field", Some(path)))
        }
        Value::Path(_) if value.word().is_some_and(|word| word == "message_key") => Some(("by_message_key", None)),
        Value::Path(_) => literals::text("`key`", value, values::field, errors).map(|path| ("by_field", Some(path))),
        Value::Other(tokens) => match call(tokens).as_ref().map(|(name, inner)| (name.to_string(), inner)) {
            Some((word, Value::Literal(Lit::Str(_)) | Value::Path(_))) if word == "header" => {
                let (_, inner) = call(tokens)?;
                literals::text("`key`", &inner, values::header, errors).map(|name| ("by_header", Some(name)))
            }
            Some((word, Value::Path(function))) if word == "with" => {
                Some(("by_function", Some(function.to_token_stream())))
            }
            _ => literals::wrong("`key`", value, KEYS, errors),
        },
        other => literals::wrong("`key`", other, KEYS, errors),
    }
}

/// `name(value)`.
fn call(tokens: &TokenStream) -> Option<(Ident, Value)> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(inner)), None)
            if inner.delimiter() == Delimiter::Parenthesis =>
        {
            let mut own = ErrorSink::new();
            let mut arguments = parse_arguments(inner.stream(), &mut own);
            drop(own.into_tokens());
            match (arguments.pop(), arguments.pop()) {
                (Some(Argument::Positional(value)), None) => Some((name, value)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `retry_on(TypeA, TypeB)`, `terminal(TypeC)`.
pub(crate) fn error_types(name: &Ident, arguments: &Group, errors: &mut ErrorSink) -> Option<Setter> {
    let parser = Punctuated::<Type, Token![,]>::parse_terminated;
    let types: Vec<Type> = match parser.parse2(arguments.stream()) {
        Ok(types) => types.into_iter().collect(),
        Err(error) => {
            errors.at_span(
                error.span(),
                format!("`{name}` names types of errors, as in `{name}(std::io::Error, Declined)`"),
            );
            return None;
        }
    };
    if types.is_empty() {
        errors.at(name, format!("`{name}` is empty; name types of errors, as in `{name}(std::io::Error)`"));
        return None;
    }
    let mut seen: Vec<String> = Vec::new();
    let before = errors.count();
    for ty in &types {
        let written = quote! { #ty }.to_string();
        if seen.contains(&written) {
            errors.at(ty, format!("this type is in `{name}` twice; keep one"));
        }
        seen.push(written);
    }
    (errors.count() == before).then(|| Setter { name: name.clone(), value: SetTo::Errors(types) })
}

/// A layer by its type or its name.
enum Layer {
    Type(Box<Type>),
    Name(LitStr),
}

impl Parse for Layer {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) { input.parse().map(Self::Name) } else { input.parse().map(Self::Type) }
    }
}

/// `layers(Audit, "log-outcomes")`: a setter for each; none for an empty list, which says that there are none.
pub(crate) fn layers(name: &Ident, arguments: &Group, errors: &mut ErrorSink) -> Vec<Setter> {
    let parser = Punctuated::<Layer, Token![,]>::parse_terminated;
    let layers = match parser.parse2(arguments.stream()) {
        Ok(layers) => layers,
        Err(error) => {
            errors.at_span(
                error.span(),
                "`layers` names layers by their types, or by names in quotes, as in `layers(Audit, \"log-outcomes\")`",
            );
            return Vec::new();
        }
    };
    let at = |word: &str| Ident::new(word, name.span());
    if layers.is_empty() {
        return vec![Setter { name: at("no_layers"), value: SetTo::Nothing }];
    }
    let mut seen: Vec<String> = Vec::new();
    let mut setters = Vec::new();
    for layer in layers {
        let (written, setter) = match layer {
            Layer::Type(ty) => (quote! { #ty }, Some(Setter { name: at("layer"), value: SetTo::Type(ty) })),
            Layer::Name(literal) => {
                let value = Value::Literal(Lit::Str(literal.clone()));
                let value = literals::text("a layer", &value, values::layer, errors);
                let set = |value| Setter { name: at("layer_named"), value: SetTo::Value(value) };
                (literal.to_token_stream(), value.map(set))
            }
        };
        if seen.contains(&written.to_string()) {
            errors.at(&written, "this layer is named twice; keep one");
        }
        seen.push(written.to_string());
        setters.extend(setter);
    }
    setters
}
