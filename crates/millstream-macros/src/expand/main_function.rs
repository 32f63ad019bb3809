//! `#[millstream::main]`.

use super::runtime;
use crate::model::MainOptions;
use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, ReturnType, Signature, Visibility};

/// What stands in for a `main` with mistakes, so that the compiler does not tell of an `async fn main` as well.
pub(crate) fn main_fallback(
    attributes: &[Attribute],
    visibility: &Visibility,
    signature: &Signature,
    body: &TokenTree,
) -> TokenStream {
    let name = &signature.ident;
    quote! {
        #(#attributes)*
        #visibility fn #name() {
            #[allow(dead_code)]
            #signature #body
        }
    }
}

/// The program's function, with the one that was written inside it.
pub(crate) fn main_function(
    attributes: &[Attribute],
    visibility: &Visibility,
    signature: &Signature,
    body: &TokenTree,
    options: &MainOptions,
) -> TokenStream {
    let runtime = runtime(options.crate_path.as_ref());
    let name = &signature.ident;
    // An unfit result is a mistake of the signature.
    let at = match &signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => name.span(),
    };
    let future = quote_spanned! {at=> #name() };
    let call = match (&options.worker_threads, options.current_thread) {
        (None, false) => quote_spanned! {at=> #runtime::run_main(#future) },
        (None, true) => {
            quote_spanned! {at=> #runtime::run_main_with(#runtime::RuntimeOptions::new().current_thread(), #future) }
        }
        (Some(threads), _) => {
            quote_spanned! {at=> #runtime::run_main_with(#runtime::RuntimeOptions::new().worker_threads(#threads), #future) }
        }
    };
    quote! {
        #(#attributes)*
        #visibility fn #name() -> ::std::process::ExitCode {
            #signature #body
            #call
        }
    }
}
