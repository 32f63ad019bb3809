//! The names of our attributes.

use syn::Attribute;

/// The attributes that the outer macro reads and removes.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    is_listener(attribute)
        || is_config(attribute)
        || is_cluster(attribute)
        || is_header(attribute)
        || hides_listener(attribute)
}

/// The attributes of fields that the outer macro reads and removes.
pub(crate) fn is_ours_on_field(attribute: &Attribute) -> bool {
    is_config(attribute) || is_cluster(attribute) || is_default(attribute) || is_header(attribute)
}

/// Whatever path leads to it.
pub(crate) fn is_listener(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "kafka_listener")
}

/// An attribute of a client's method or of one of its arguments, which the outer macro reads and removes.
pub(crate) fn is_ours_in_client(attribute: &Attribute) -> bool {
    is_request(attribute) || is_emit(attribute) || is_header(attribute) || is_config(attribute) || is_cluster(attribute)
}

pub(crate) fn is_request(attribute: &Attribute) -> bool {
    attribute.path().is_ident("request")
}

pub(crate) fn is_emit(attribute: &Attribute) -> bool {
    attribute.path().is_ident("emit")
}

pub(crate) fn is_config(attribute: &Attribute) -> bool {
    attribute.path().is_ident("config")
}

pub(crate) fn is_cluster(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cluster")
}

pub(crate) fn is_header(attribute: &Attribute) -> bool {
    attribute.path().is_ident("header")
}

pub(crate) fn is_default(attribute: &Attribute) -> bool {
    attribute.path().is_ident("default")
}

pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// An attribute that hides a listener from us until it is too late.
pub(crate) fn hides_listener(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg_attr")
        && attribute.meta.require_list().is_ok_and(|list| mentions(list.tokens.clone(), "kafka_listener"))
}

fn mentions(tokens: proc_macro2::TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == word,
        proc_macro2::TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}
