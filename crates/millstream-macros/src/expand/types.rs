//! Types of arguments, as they are written elsewhere than in the method's signature.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Lifetime, Type};

/// The type with `lifetime` for every lifetime that is not named, and `self_type` for `Self`.
///
/// A signature may leave lifetimes out; an associated type may not.
pub(super) fn explicit(ty: &Type, lifetime: &str, self_type: &Type) -> TokenStream {
    without_self(elided_as(ty, lifetime).to_token_stream(), self_type)
}

/// The type with `lifetime` for every lifetime that is not named.
pub(super) fn elided_as(ty: &Type, lifetime: &str) -> Type {
    let mut ty = ty.clone();
    Elided { lifetime }.visit_type_mut(&mut ty);
    ty
}

/// The tokens with `self_type` for `Self`.
pub(super) fn without_self(tokens: TokenStream, self_type: &Type) -> TokenStream {
    let mut result = TokenStream::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let is_prefix = matches!(rest.peek(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
                result.extend(if is_prefix {
                    quote! { <#self_type> }
                } else {
                    quote! { #self_type }
                });
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_self(group.stream(), self_type));
                inner.set_span(group.span());
                result.extend([TokenTree::Group(inner)]);
            }
            token => result.extend([token]),
        }
    }
    result
}

/// The tokens as if they stood where `ty` does, from its first to its last token: an error about them
/// underlines the type, and one that is found twice is told once.
pub(super) fn placed_on(ty: &Type, tokens: TokenStream) -> TokenStream {
    let written: Vec<_> = ty.to_token_stream().into_iter().collect();
    let (Some(first), Some(last)) = (written.first(), written.last()) else { return tokens };
    let (first, last) = (first.span(), last.span());
    let mut placed: Vec<_> = tokens.into_iter().map(|token| spanned(token, first)).collect();
    if let Some(end) = placed.pop() {
        placed.push(spanned(end, last));
    }
    placed.into_iter().collect()
}

fn spanned(mut token: TokenTree, span: Span) -> TokenTree {
    if let TokenTree::Group(group) = &token {
        let inner = group.stream().into_iter().map(|token| spanned(token, span)).collect();
        token = TokenTree::Group(Group::new(group.delimiter(), inner));
    }
    token.set_span(span);
    token
}

struct Elided<'a> {
    lifetime: &'a str,
}

impl Elided<'_> {
    fn at(&self, span: Span) -> Lifetime {
        Lifetime::new(self.lifetime, span)
    }
}

impl VisitMut for Elided<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(self.at(reference.and_token.span));
        }
        syn::visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.at(lifetime.span());
        }
    }

    // What is left out in these means every lifetime, not the call's.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[allow(clippy::needless_pass_by_value)] // what `parse_quote!` gives
    fn check(written: Type, expected: Type) {
        let consumer = parse_quote! { Billing<T> };
        assert_eq!(explicit(&written, "'m", &consumer).to_string(), expected.to_token_stream().to_string());
    }

    #[test]
    fn lifetimes_that_are_left_out_become_the_calls() {
        check(parse_quote! { &Context }, parse_quote! { &'m Context });
        check(parse_quote! { Option<Json<Order<'_>>> }, parse_quote! { Option<Json<Order<'m>>> });
        check(parse_quote! { Key<&[u8]> }, parse_quote! { Key<&'m [u8]> });
        check(parse_quote! { (&str, &'static str) }, parse_quote! { (&'m str, &'static str) });
    }

    #[test]
    fn lifetimes_of_functions_stay_their_own() {
        check(parse_quote! { Inject<dyn Fn(&str) -> &str> }, parse_quote! { Inject<dyn Fn(&str) -> &str> });
        check(parse_quote! { Inject<fn(&str)> }, parse_quote! { Inject<fn(&str)> });
    }

    #[test]
    fn self_becomes_the_consumer() {
        check(parse_quote! { Inject<Self> }, parse_quote! { Inject<Billing<T>> });
        check(parse_quote! { [u8; Self::SIZE] }, parse_quote! { [u8; <Billing<T>>::SIZE] });
    }
}
