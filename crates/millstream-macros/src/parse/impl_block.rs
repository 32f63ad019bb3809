//! An impl block whose method bodies stay tokens.
//!
//! Parsing bodies would turn a half-typed one into an error of ours, where the compiler's own is better;
//! and what is written there is none of our business.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Generics, ItemImpl, Signature, Token, Type, Visibility};

/// An impl block.
pub(crate) struct ImplBlock {
    /// Everything before the braces, as written.
    header: TokenStream,
    braces: Group,
    pub(crate) generics: Generics,
    pub(crate) self_type: Type,
    /// The trait, if it is a trait's impl.
    pub(crate) of_trait: Option<syn::Path>,
    pub(crate) items: Vec<ImplItem>,
}

/// An item of an impl block.
pub(crate) enum ImplItem {
    Method(Box<Method>),
    /// A constant, a type, a macro: as written.
    Other(TokenStream),
}

/// A method, or an associated function.
pub(crate) struct Method {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The braces and what stands in them, or a semicolon.
    pub(crate) body: TokenTree,
}

impl ImplBlock {
    pub(crate) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut header: Vec<TokenTree> = tokens.into_iter().collect();
        let braces = match header.pop() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
            Some(other) => return Err(syn::Error::new_spanned(other, "expected the braces of an impl block")),
            None => return Err(syn::Error::new(proc_macro2::Span::call_site(), "expected an impl block")),
        };
        let header: TokenStream = header.into_iter().collect();
        let empty: ItemImpl = syn::parse2(quote! { #header {} })?;
        let items = parse_items.parse2(braces.stream())?;
        Ok(Self {
            header,
            braces,
            generics: empty.generics,
            self_type: *empty.self_ty,
            of_trait: empty.trait_.map(|(path, _)| path),
            items,
        })
    }

    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            ImplItem::Method(method) => Some(&**method),
            ImplItem::Other(_) => None,
        })
    }

    /// The block without the attributes that `is_ours` knows.
    pub(crate) fn without(&self, is_ours: impl Fn(&Attribute) -> bool) -> TokenStream {
        self.with_methods(|method| method.without(&is_ours))
    }

    /// The block with its methods as `written` writes them.
    pub(crate) fn with_methods(&self, written: impl Fn(&Method) -> TokenStream) -> TokenStream {
        let header = &self.header;
        let items: TokenStream = self
            .items
            .iter()
            .map(|item| match item {
                ImplItem::Method(method) => written(method),
                ImplItem::Other(tokens) => tokens.clone(),
            })
            .collect();
        let mut braces = Group::new(Delimiter::Brace, items);
        braces.set_span(self.braces.span());
        quote! { #header #braces }
    }
}

impl Method {
    /// Whether it is given here and not elsewhere.
    pub(crate) fn has_body(&self) -> bool {
        matches!(self.body, TokenTree::Group(_))
    }

    fn without(&self, is_ours: impl Fn(&Attribute) -> bool) -> TokenStream {
        let Self { attributes, visibility, signature, body } = self;
        // A listener is async because it has to be, not because it awaits.
        let listens = signature.asyncness.is_some() && attributes.iter().any(&is_ours);
        let allowed = listens.then(|| quote! { #[allow(clippy::unused_async)] });
        let attributes = attributes.iter().filter(|attribute| !is_ours(attribute));
        let mut signature = signature.clone();
        for input in &mut signature.inputs {
            let (syn::FnArg::Receiver(syn::Receiver { attrs, .. }) | syn::FnArg::Typed(syn::PatType { attrs, .. })) =
                input;
            attrs.retain(|attribute| !is_ours(attribute));
        }
        quote! { #(#attributes)* #allowed #visibility #signature #body }
    }
}

pub(super) fn parse_items(input: ParseStream<'_>) -> syn::Result<Vec<ImplItem>> {
    let mut items = Vec::new();
    // Inner attributes belong to the block and stand first.
    let inner = input.call(Attribute::parse_inner)?;
    if !inner.is_empty() {
        items.push(ImplItem::Other(quote! { #(#inner)* }));
    }
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

impl Parse for ImplItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        if starts_function(input) {
            let signature = input.parse()?;
            let body = input.parse()?;
            return Ok(Self::Method(Box::new(Method { attributes, visibility, signature, body })));
        }
        let mut tokens = quote! { #(#attributes)* #visibility };
        while !input.is_empty() {
            let ends = input.peek(Token![;]);
            let invoked = input.peek(Token![!]) && input.peek2(syn::token::Brace);
            let token: TokenTree = input.parse()?;
            token.to_tokens(&mut tokens);
            if ends {
                break;
            }
            if invoked {
                input.parse::<TokenTree>()?.to_tokens(&mut tokens);
                break;
            }
        }
        Ok(Self::Other(tokens))
    }
}

fn starts_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let words = || -> syn::Result<bool> {
        ahead.parse::<Option<Token![const]>>()?;
        ahead.parse::<Option<Token![async]>>()?;
        ahead.parse::<Option<Token![unsafe]>>()?;
        ahead.parse::<Option<syn::Abi>>()?;
        Ok(ahead.peek(Token![fn]))
    };
    words().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_does_not_parse_is_kept_as_written() {
        let tokens = quote! {
            impl Billing {
                const RATE: u8 = { 1 };
                helper! { fn not_a_method() {} }
                #[kafka_listener("a")]
                pub(crate) async fn on_order(&self, #[header("id")] id: &str) { self. }
                type Row = u8;
            }
        };
        let block = ImplBlock::parse(tokens).unwrap();
        assert_eq!(block.methods().count(), 1);
        let written = block.without(|attribute| !attribute.path().is_ident("doc"));
        let expected = quote! {
            impl Billing {
                const RATE: u8 = { 1 };
                helper! { fn not_a_method() {} }
                #[allow(clippy::unused_async)]
                pub(crate) async fn on_order(&self, id: &str) { self. }
                type Row = u8;
            }
        };
        assert_eq!(written.to_string(), expected.to_string());
    }

    #[test]
    fn a_trait_impl_says_its_trait() {
        let block = ImplBlock::parse(quote! { impl Clone for Billing {} }).unwrap();
        assert!(block.of_trait.is_some());
    }

    #[test]
    fn what_is_no_block_is_an_error() {
        assert!(ImplBlock::parse(quote! { impl Billing; }).is_err());
        assert!(ImplBlock::parse(quote! {}).is_err());
    }
}
