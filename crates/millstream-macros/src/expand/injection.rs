//! Fields and constructor arguments: what they need, and how they are taken.

use super::location::location;
use crate::model::{InjectedStruct, Injection, InjectionSource, Shape};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::spanned::Spanned;

/// Injections, as statements of the functions of a specification.
pub(super) struct Injections {
    /// Declares on `needs` what each needs.
    pub(super) needs: TokenStream,
    /// Takes each from `injector`, as an option; all are asked, so that every lack is told.
    pub(super) take: TokenStream,
    /// The values, in order, each leaving the function when it is lacking.
    pub(super) values: Vec<TokenStream>,
    pub(super) needs_name: Ident,
    pub(super) injector_name: Ident,
}

/// `owner` is the type's name, for messages.
pub(super) fn injections(list: &[Injection], owner: &str) -> Injections {
    let mut needs = TokenStream::new();
    let mut take = TokenStream::new();
    let mut values = Vec::new();
    let mut asks = false;
    for (index, injection) in list.iter().enumerate() {
        let Injection { what, ty, source, cfgs, .. } = injection;
        let variable = format_ident!("__value{index}");
        let what = format!("{what} of `{owner}`");
        let location = location(ty.span());
        let (need, taken) = match source {
            InjectionSource::Component => (
                quote! { <#ty as __ms::Injected>::needs(__needs); },
                quote! { <#ty as __ms::Injected>::inject(__injector) },
            ),
            InjectionSource::Cluster(name) => (
                quote! { <#ty as __ms::OfCluster>::needs(__needs, #name); },
                quote! { <#ty as __ms::OfCluster>::inject(__injector, #name) },
            ),
            InjectionSource::Config(key) => (
                quote! { <#ty as __ms::ConfigValue>::needs(__needs, #key); },
                quote! { <#ty as __ms::ConfigValue>::inject(__injector, #key) },
            ),
            InjectionSource::Default => {
                take.extend(quote! {
                    #(#cfgs)*
                    let #variable = ::core::option::Option::Some(<#ty as ::core::default::Default>::default());
                });
                values.push(quote! { #variable? });
                continue;
            }
        };
        asks = true;
        needs.extend(quote! {
            #(#cfgs)*
            { __needs.at(#what, #location); #need }
        });
        take.extend(quote! {
            #(#cfgs)*
            let #variable = { __injector.at(#what, #location); #taken };
        });
        values.push(quote! { #variable? });
    }
    // A parameter that nothing uses must say so.
    let name = |name: &str| if asks { format_ident!("__{name}") } else { format_ident!("_{name}") };
    Injections { needs, take, values, needs_name: name("needs"), injector_name: name("injector") }
}

/// The struct's value from the values of its fields.
pub(super) fn construct(value: &InjectedStruct, values: &[TokenStream]) -> TokenStream {
    let name = &value.name;
    let cfgs = value.fields.iter().map(|field| {
        let cfgs = &field.cfgs;
        quote! { #(#cfgs)* }
    });
    match value.shape {
        Shape::Named => {
            let fields = value.fields.iter().map(|field| &field.field);
            quote! { #name { #(#cfgs #fields: #values),* } }
        }
        Shape::Tuple => quote! { #name(#(#cfgs #values),*) },
        Shape::Unit => quote! { #name },
    }
}
