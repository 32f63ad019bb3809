//! Options, as calls on `ListenerOptions`.

use super::types::without_self;
use crate::model::{Built, Options, SetTo};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::Type;

/// A function that makes the options. `self_type` is what `Self` means in paths to constants.
pub(super) fn options(options: &Options, self_type: &Type) -> TokenStream {
    let topics = &options.topics;
    let setters = options.setters.iter().map(|setter| {
        let name = &setter.name;
        match &setter.value {
            SetTo::Value(value) => quote! { .#name(#value) },
            SetTo::Built(Built { option, constructor, arguments, parts }) => {
                let (option, constructor) = (format_ident!("{option}"), format_ident!("{constructor}"));
                let parts = parts.iter().map(|(name, value)| quote! { .#name(#value) });
                quote! { .#name(__ms::#option::#constructor(#arguments) #(#parts)*) }
            }
            SetTo::Durations(durations) => quote! { .#name([#(__ms::DurationOption::from(#durations)),*]) },
            SetTo::Errors(types) => {
                let shown = types.iter().map(type_text).collect::<Vec<_>>().join(", ");
                quote! { .#name(__ms::ErrorTest::new(#shown, |error| #(error.is::<#types>())||*)) }
            }
            SetTo::Type(ty) => quote! { .#name::<#ty>() },
            SetTo::Nothing => quote! { .#name() },
        }
    });
    let calls = quote! { || __ms::ListenerOptions::new() #(.topic(#topics))* #(#setters)* };
    without_self(calls, self_type)
}

/// The type as a person writes it.
fn type_text(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, written) in [(" :: ", "::"), (" < ", "<"), (" >", ">"), (" ,", ","), ("& ", "&")] {
        text = text.replace(spaced, written);
    }
    text
}
