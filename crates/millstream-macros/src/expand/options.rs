//! Options, as calls on `ListenerOptions`.

use super::types::without_self;
use crate::model::{BackoffSetters, Options, SetTo};
use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

/// A function that makes the options. `self_type` is what `Self` means in paths to constants.
pub(super) fn options(options: &Options, self_type: &Type) -> TokenStream {
    let topics = &options.topics;
    let setters = options.setters.iter().map(|setter| {
        let name = &setter.name;
        let value = match &setter.value {
            SetTo::Value(value) | SetTo::Backoff(BackoffSetters::Whole(value)) => value.clone(),
            SetTo::Backoff(BackoffSetters::Each(fields)) => {
                let fields = fields.iter().map(|(name, value)| quote! { .#name(#value) });
                quote! { __ms::BackoffOption::new() #(#fields)* }
            }
        };
        quote! { .#name(#value) }
    });
    let calls = quote! { || __ms::ListenerOptions::new() #(.topic(#topics))* #(#setters)* };
    without_self(calls, self_type)
}
