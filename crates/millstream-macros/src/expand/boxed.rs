//! Methods that a trait object can have: a future or a stream that is hidden behind a type is boxed.

use super::types::elided_as;
use crate::check::{impl_traits, stream_item};
use crate::parse::Method;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Lifetime, ReceiverKind, ReturnType, Signature, Type, TypeParamBound, parse_quote};

const CALL: &str = "'call";

/// The method as the trait has it, with its body boxed if it has one; what needs no box stays as it is.
pub(super) fn method(method: &Method, is_ours: impl Fn(&Attribute) -> bool) -> TokenStream {
    let Method { attributes, visibility, body, .. } = method;
    let attributes = attributes.iter().filter(|attribute| !is_ours(attribute));
    let mut plain = method.signature.clone();
    for input in &mut plain.inputs {
        let (FnArg::Receiver(syn::Receiver { attrs, .. }) | FnArg::Typed(syn::PatType { attrs, .. })) = input;
        attrs.retain(|attribute| !is_ours(attribute));
    }
    let Some(signature) = signature(&plain) else {
        return quote! { #(#attributes)* #visibility #plain #body };
    };
    let at = plain.ident.span();
    let body = match body {
        TokenTree::Group(body) if plain.asyncness.is_some() => {
            let future = quote_spanned! {at=> async move #body };
            quote_spanned! {at=> { ::std::boxed::Box::pin(#future) } }
        }
        TokenTree::Group(body) => {
            // Inside a closure, so that the body may return early.
            let stream = quote_spanned! {at=> (move || #body)() };
            quote_spanned! {at=> { ::std::boxed::Box::pin(#stream) } }
        }
        semicolon => quote! { #semicolon },
    };
    quote! {
        #(#attributes)*
        #[allow(clippy::type_complexity, clippy::needless_lifetimes, clippy::elidable_lifetime_names, clippy::redundant_closure_call)]
        #visibility #signature #body
    }
}

/// The signature with one lifetime for all that is borrowed and a boxed result; nothing for one that needs no box, or
/// that cannot have one.
pub(super) fn signature(written: &Signature) -> Option<Signature> {
    let boxed = boxed_output(written)?;
    let mut signature = written.clone();
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        return None;
    }
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(receiver) => match &mut receiver.kind {
                ReceiverKind::Reference(and, lifetime, None) => {
                    lifetime.get_or_insert_with(|| Lifetime::new(CALL, and.spans[0]));
                }
                _ => return None,
            },
            FnArg::Typed(argument) => *argument.ty = elided_as(&argument.ty, CALL),
        }
    }
    written.receiver()?;
    let call = Lifetime::new(CALL, Span::call_site());
    signature.generics.params.push(parse_quote! { #call });
    signature.asyncness = None;
    signature.output = boxed;
    Some(signature)
}

/// Whether nothing is hidden in the result but a stream, which can be boxed.
pub(super) fn has_named_result(signature: &Signature) -> bool {
    match &signature.output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => stream_item(ty).is_some() || impl_traits(ty).is_empty(),
    }
}

fn boxed_output(signature: &Signature) -> Option<ReturnType> {
    let written = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    if signature.asyncness.is_some() && has_named_result(signature) && written.and_then(stream_item).is_none() {
        let output = written.cloned().unwrap_or_else(|| parse_quote! { () });
        return Some(boxed(
            &quote! { ::core::future::Future<Output = #output> + ::core::marker::Send + 'call },
            &output,
        ));
    }
    let output = written?;
    stream_item(output)?;
    let Type::ImplTrait(stream) = output else { return None };
    let mut bounds: Vec<TokenStream> = vec![quote! { ::core::marker::Send }];
    let lives = stream.bounds.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_)));
    if !lives {
        bounds.push(quote! { 'call });
    }
    let kept = stream.bounds.iter().filter(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_none_or(|last| last.ident != "Send"),
        TypeParamBound::Lifetime(_) => true,
        _ => false,
    });
    Some(boxed(&quote! { #(#kept)+* #(+ #bounds)* }, output))
}

fn boxed(bounds: &TokenStream, written: &Type) -> ReturnType {
    let at = written.span();
    let boxed = quote_spanned! {at=> ::core::pin::Pin<::std::boxed::Box<dyn #bounds>> };
    parse_quote! { -> #boxed }
}
