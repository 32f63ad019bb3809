//! `#[consumer]` on an impl block: the table of its listeners.

use super::listener::{Owner, listener};
use super::location::location;
use super::{in_scope, options};
use crate::model::{Calling, Listener, ListenersBlock};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

/// The listeners' methods as types, and their registration: at link time for a concrete type, as a constant
/// of the type for a generic one.
pub(crate) fn listeners(block: &ListenersBlock) -> TokenStream {
    let ListenersBlock { consumer, options, listeners: list, span } = block;
    let ty = &consumer.ty;
    let name = &consumer.name;
    let (parameters, arguments, clause) = consumer.generics.split_for_impl();
    let given = clause.map(|clause| &clause.predicates).into_iter().flatten();
    let owner = Owner { consumer, parameters: &parameters, arguments: &arguments, clause };
    let mut items = TokenStream::new();
    let mut entries = Vec::new();
    for (index, one) in list.iter().enumerate() {
        let hidden = format_ident!("__Listener{index}");
        items.extend(listener(one, &hidden, &owner));
        entries.push(entry(one, &hidden, &owner));
    }
    let location = location(*span);
    let defaults = options::options(options, ty);
    let table = quote! {
        __ms::ListenersSpec {
            type_id: __ms::TypeId::of::<#ty>,
            name: #name,
            location: #location,
            options: #defaults,
            listeners: &[#(#entries),*],
        }
    };
    items.extend(if consumer.generics.params.is_empty() {
        quote! { __ms::submit! { #table } }
    } else {
        quote! {
            #[automatically_derived]
            impl #parameters __ms::GenericConsumer for #ty
            where
                #(#given,)*
                #ty: ::core::marker::Send + ::core::marker::Sync + 'static,
            {
                const LISTENERS: &'static __ms::ListenersSpec = &#table;
            }
        }
    });
    // A listener may say in place of its block where the runtime is.
    let crate_path =
        options.crate_path.as_ref().or_else(|| list.iter().find_map(|one| one.options.crate_path.as_ref()));
    let calls = |calling| list.iter().any(|one| one.options.calling == calling);
    let blocking = calls(Calling::Blocking).then(|| quote! { ListensBlocking as _, });
    let batch = calls(Calling::Batch).then(|| quote! { ListensBatch as _, TakesBatch as _, });
    in_scope(
        crate_path,
        &quote! {
            #[allow(unused_imports)]
            use __ms::{
                CannotListen as _, CannotTake as _, Listens as _, #batch #blocking Takes as _, TakesConfig as _,
            };
            #items
        },
    )
}

fn entry(one: &Listener, hidden: &Ident, owner: &Owner<'_>) -> TokenStream {
    let cfgs = &one.cfgs;
    let method = one.method.unraw().to_string();
    let location = location(one.span);
    let options = options::options(&one.options, &owner.consumer.ty);
    let arguments = owner.arguments;
    let (needs, bind) = match one.options.calling {
        Calling::Async => (quote! { needs }, quote! { bind }),
        Calling::Blocking => (quote! { needs_blocking }, quote! { bind_blocking }),
        Calling::Batch => (quote! { needs_batch }, quote! { bind_batch }),
    };
    quote! {
        #(#cfgs)*
        __ms::ListenerSpec {
            method: #method,
            location: #location,
            options: #options,
            needs: |needs| __ms::Ask::<#hidden #arguments>::new().#needs(needs),
            bind: |consumer, injector| __ms::Ask::<#hidden #arguments>::new().#bind(consumer, injector),
        }
    }
}
