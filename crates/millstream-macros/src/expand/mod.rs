//! Model to tokens. Nothing can be wrong here any more.

mod boxed;
mod client;
mod component;
mod consumer;
mod injection;
mod listener;
mod listeners;
mod location;
mod main_function;
mod options;
mod types;

pub(crate) use client::{client, client_fallback, fake, of_trait};
pub(crate) use component::component;
pub(crate) use consumer::{consumer, consumer_fallback};
pub(crate) use listeners::listeners;
pub(crate) use main_function::{main_fallback, main_function};

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

/// Wraps generated items so that no name of theirs is visible outside, with the runtime as `__ms`.
fn in_scope(crate_path: Option<&Path>, items: &TokenStream) -> TokenStream {
    let runtime = runtime(crate_path);
    quote! {
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
        const _: () = {
            use #runtime as __ms;
            #items
        };
    }
}

fn runtime(crate_path: Option<&Path>) -> TokenStream {
    crate_path.map_or_else(|| quote! { ::millstream::__private }, |path| quote! { #path::__private })
}
