//! `#[component]`.

use super::in_scope;
use super::injection::{construct, injections};
use super::location::location;
use super::types::{placed_on, without_self};
use crate::model::{Component, Constructor, Init, Shutdown};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Type;

/// The registration, and the trait that makes a second one for the same type a compile error.
pub(crate) fn component(component: &Component) -> TokenStream {
    let Component { ty, name, options, constructor, shutdown, span } = component;
    let list = match constructor {
        Constructor::Fields(value) => &value.fields,
        Constructor::Init(init) => &init.arguments,
    };
    let parts = injections(list, name);
    let (needs, take, needs_name, injector_name) = (&parts.needs, &parts.take, &parts.needs_name, &parts.injector_name);
    let build = build(component, &parts.values);
    let provisions = options.provides.iter().map(|provided| provision(provided, ty));
    let eager = options.eager.clone().unwrap_or_else(|| quote! { false });
    let eager = without_self(eager, ty);
    let shutdown = match shutdown {
        None => quote! { ::core::option::Option::None },
        Some(shutdown) => self::shutdown(shutdown, ty),
    };
    let location = location(*span);
    let items = quote! {
        #[automatically_derived]
        impl __ms::Component for #ty {}

        fn __needs(#needs_name: &mut __ms::Needs) {
            #needs
        }

        fn __build(#injector_name: &mut __ms::Injector<'_>) -> ::core::option::Option<__ms::BuildFuture> {
            #take
            #build
        }

        __ms::submit! {
            __ms::ComponentSpec {
                type_id: __ms::TypeId::of::<#ty>,
                name: #name,
                location: #location,
                cast: __ms::component_cast::<#ty>(),
                eager: #eager,
                provides: &[#(#provisions),*],
                needs: __needs,
                build: __build,
                shutdown: #shutdown,
            }
        }
    };
    in_scope(options.crate_path.as_ref(), &without_self(items, ty))
}

fn build(component: &Component, values: &[TokenStream]) -> TokenStream {
    let ty = &component.ty;
    match &component.constructor {
        Constructor::Fields(value) => {
            let built = construct(value, values);
            quote! {
                let __component: #ty = #built;
                ::core::option::Option::Some(__ms::built_by(async move { ::core::result::Result::Ok(__component) }))
            }
        }
        Constructor::Init(Init { name, is_async, output, .. }) => {
            let variables: Vec<_> = (0..values.len()).map(|index| format_ident!("__given{index}")).collect();
            let wait = is_async.then(|| quote! { .await });
            // A constructor whose future is not `Send` is a mistake of the method.
            let future = quote_spanned! {name.span()=> async move {
                <#output as __ms::IntoComponent<#ty>>::into_component(<#ty>::#name(#(#variables),*)#wait)
            } };
            let finished = quote_spanned! {name.span()=> __ms::built_by(#future) };
            quote! {
                #(let #variables = #values;)*
                ::core::option::Option::Some(#finished)
            }
        }
    }
}

fn provision(provided: &Type, ty: &Type) -> TokenStream {
    let name = quote! { #provided }.to_string();
    // What is no such trait, or cannot be shared, is told at the trait.
    let cast = placed_on(
        provided,
        quote! {{
            let component: __ms::Arc<#provided> = __ms::component_of::<#ty>(component)?;
            __ms::provided(component)
        }},
    );
    quote! {
        __ms::Provision {
            type_id: __ms::TypeId::of::<#provided>,
            name: #name,
            cast: |component| #cast,
        }
    }
}

fn shutdown(shutdown: &Shutdown, ty: &Type) -> TokenStream {
    let Shutdown { name, is_async, output } = shutdown;
    let wait = is_async.then(|| quote! { .await });
    let returned = output.as_ref().map_or_else(|| quote! { () }, |ty| quote! { #ty });
    let future = quote_spanned! {name.span()=> async move {
        <#returned as __ms::IntoShutdown>::into_shutdown(<#ty>::#name(&__component)#wait)
    } };
    quote! {
        ::core::option::Option::Some(|component| match __ms::component_of::<#ty>(&component) {
            ::core::option::Option::Some(__component) => __ms::ended_by(#future),
            ::core::option::Option::None => __ms::ended_by(async { ::core::result::Result::Ok(()) }),
        })
    }
}
