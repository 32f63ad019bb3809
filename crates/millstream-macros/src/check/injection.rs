//! Fields and constructor arguments: what is injected, and from where.

use super::{literals, names, values};
use crate::error_sink::ErrorSink;
use crate::model::{InjectedStruct, Injection, InjectionSource, Shape};
use crate::parse::{Value, parse_arguments};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Fields, ItemStruct, Meta};

/// The struct's fields, each with its source.
pub(crate) fn fields_of(item: &ItemStruct, errors: &mut ErrorSink) -> Option<InjectedStruct> {
    let before = errors.count();
    let shape = match &item.fields {
        Fields::Named(_) => Shape::Named,
        Fields::Unnamed(_) => Shape::Tuple,
        Fields::Unit => Shape::Unit,
    };
    let mut fields = Vec::new();
    for (index, field) in item.fields.iter().enumerate() {
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), |name| name.unraw().to_string());
        for attribute in field.attrs.iter().filter(|attribute| names::is_header(attribute)) {
            errors.at(attribute, "`#[header]` belongs on an argument of a listener: a field outlives the message");
        }
        let Some(source) = source(&field.attrs, errors) else { continue };
        fields.push(Injection {
            what: format!("field `{name}`"),
            ty: field.ty.clone(),
            source,
            cfgs: field.attrs.iter().filter(|attribute| names::is_cfg(attribute)).cloned().collect(),
            field: field.ident.clone(),
        });
    }
    (errors.count() == before).then(|| InjectedStruct { name: item.ident.clone(), shape, fields })
}

/// Where the value comes from, by the attributes of its field or argument.
pub(crate) fn source(attributes: &[Attribute], errors: &mut ErrorSink) -> Option<InjectionSource> {
    let mut source = InjectionSource::Component;
    let mut given: Option<&Attribute> = None;
    let before = errors.count();
    for attribute in attributes {
        let is_config = names::is_config(attribute);
        let is_cluster = names::is_cluster(attribute);
        if !is_config && !is_cluster && !names::is_default(attribute) {
            continue;
        }
        if given.replace(attribute).is_some() {
            errors.at(
                attribute,
                "a value has one source: keep one of `#[config(..)]`, `#[cluster(..)]` and `#[default]`",
            );
            continue;
        }
        if is_config {
            source = InjectionSource::Config(config_key(attribute, errors)?);
        } else if is_cluster {
            source = InjectionSource::Cluster(cluster_name(attribute, errors)?);
        } else {
            if !matches!(attribute.meta, Meta::Path(_)) {
                errors.at(attribute, "`#[default]` takes no value: the field becomes what its type's `Default` says");
            }
            source = InjectionSource::Default;
        }
    }
    (errors.count() == before).then_some(source)
}

pub(crate) fn config_key(attribute: &Attribute, errors: &mut ErrorSink) -> Option<TokenStream> {
    lone_text(
        attribute,
        "`#[config]` needs one key, as in `#[config(\"billing.currency\")]`",
        values::config_key,
        errors,
    )
}

pub(crate) fn header_name(attribute: &Attribute, errors: &mut ErrorSink) -> Option<TokenStream> {
    lone_text(attribute, "`#[header]` needs one name, as in `#[header(\"trace-id\")]`", values::header, errors)
}

fn cluster_name(attribute: &Attribute, errors: &mut ErrorSink) -> Option<TokenStream> {
    lone_text(attribute, "`#[cluster]` needs one name, as in `#[cluster(\"audit\")]`", values::cluster, errors)
}

/// The one text in the parentheses of an attribute.
fn lone_text(
    attribute: &Attribute,
    rule: &str,
    judge: fn(&str) -> values::Verdict,
    errors: &mut ErrorSink,
) -> Option<TokenStream> {
    let Meta::List(list) = &attribute.meta else {
        errors.at(attribute, rule);
        return None;
    };
    let mut own = ErrorSink::new();
    let mut arguments = parse_arguments(list.tokens.clone(), &mut own);
    let malformed = own.count() > 0 || arguments.len() != 1;
    // Whatever else is wrong with the list, the rule says it better.
    drop(own.into_tokens());
    match arguments.pop() {
        Some(crate::parse::Argument::Positional(value @ (Value::Literal(syn::Lit::Str(_)) | Value::Path(_))))
            if !malformed =>
        {
            literals::text("the key", &value, judge, errors)
        }
        _ => {
            errors.at(attribute.to_token_stream(), rule);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn messages(item: &ItemStruct) -> Vec<String> {
        let mut errors = ErrorSink::new();
        fields_of(item, &mut errors);
        errors.into_messages()
    }

    #[test]
    fn each_field_has_one_source() {
        let right = parse_quote! {
            struct Billing { a: Arc<A>, #[config("a.b")] b: u8, #[config(KEY)] c: u8, #[default] d: u8, #[cluster("audit")] f: Arc<Producer>, #[serde(default)] e: Arc<E> }
        };
        assert_eq!(messages(&right), Vec::<String>::new());
        let wrong = parse_quote! {
            struct Billing(#[config] A, #[config("")] B, #[config("a", "b")] C, #[config("a")] #[default] D, #[header("e")] E, #[default = 3] F, #[cluster] G, #[cluster("")] H, #[cluster("a")] #[config("a")] I);
        };
        assert_eq!(messages(&wrong).len(), 9);
    }
}
