//! `#[consumer]` on a struct.

use super::injection::{construct, injections};
use super::location::location;
use super::{in_scope, options};
use crate::model::ConsumerStruct;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Type};

/// The registration, and the trait by which the compiler knows that the framework can build the type.
pub(crate) fn consumer(consumer: &ConsumerStruct) -> TokenStream {
    let ConsumerStruct { value, options } = consumer;
    let ident = &value.name;
    let name = ident.unraw().to_string();
    let ty: Type = syn::parse_quote! { #ident };
    let parts = injections(&value.fields, &name);
    let (needs, take, needs_name, injector_name) = (&parts.needs, &parts.take, &parts.needs_name, &parts.injector_name);
    let built = construct(value, &parts.values);
    let location = location(ident.span());
    let defaults = options::options(options, &ty);
    let items = quote! {
        fn __needs(#needs_name: &mut __ms::Needs) {
            #needs
        }

        fn __build(#injector_name: &mut __ms::Injector<'_>) -> ::core::option::Option<__ms::SharedValue> {
            #take
            ::core::option::Option::Some(__ms::shared::<#ident>(#built))
        }

        const __SPEC: __ms::ConsumerSpec = __ms::ConsumerSpec {
            type_id: __ms::TypeId::of::<#ident>,
            name: #name,
            location: #location,
            options: #defaults,
            needs: __needs,
            build: __build,
        };

        #[automatically_derived]
        impl __ms::Consumer for #ident {
            const SPEC: &'static __ms::ConsumerSpec = &__SPEC;
        }

        __ms::submit! { __SPEC }
    };
    in_scope(options.crate_path.as_ref(), &items)
}

/// What stands in for a consumer with mistakes, so that they are not told again wherever it is named.
pub(crate) fn consumer_fallback(ident: &Ident) -> TokenStream {
    let name = ident.unraw().to_string();
    let location = location(ident.span());
    let items = quote! {
        #[automatically_derived]
        impl __ms::Consumer for #ident {
            const SPEC: &'static __ms::ConsumerSpec = &__ms::ConsumerSpec {
                type_id: __ms::TypeId::of::<#ident>,
                name: #name,
                location: #location,
                options: __ms::ListenerOptions::new,
                needs: |_| {},
                build: |_| ::core::option::Option::None,
            };
        }
    };
    in_scope(None, &items)
}
