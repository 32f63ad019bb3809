//! A trait whose method bodies stay tokens, as in an impl block.

use super::impl_block::{ImplItem, Method, parse_items};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::ItemTrait;
use syn::parse::Parser;

/// A trait.
pub(crate) struct TraitBlock {
    /// Everything before the braces, as of a trait without items.
    pub(crate) header: ItemTrait,
    pub(crate) items: Vec<ImplItem>,
}

impl TraitBlock {
    pub(crate) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut header: Vec<TokenTree> = tokens.into_iter().collect();
        let braces = match header.pop() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
            Some(other) => return Err(syn::Error::new_spanned(other, "expected the braces of a trait")),
            None => return Err(syn::Error::new(proc_macro2::Span::call_site(), "expected a trait")),
        };
        let header: TokenStream = header.into_iter().collect();
        Ok(Self { header: syn::parse2(quote! { #header {} })?, items: parse_items.parse2(braces.stream())? })
    }

    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            ImplItem::Method(method) => Some(&**method),
            ImplItem::Other(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_does_not_parse_is_kept_as_written() {
        let tokens = quote! {
            /// Adds.
            pub(crate) trait Math: Clone where Self: Sized {
                const LIMIT: u8;
                #[request("sum")]
                async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;
                fn half(&self) { self. }
            }
        };
        let block = TraitBlock::parse(tokens).unwrap();
        assert_eq!(block.header.ident, "Math");
        assert_eq!(block.header.supertraits.len(), 1);
        let bodies: Vec<bool> = block.methods().map(Method::has_body).collect();
        assert_eq!(bodies, [false, true]);
        assert_eq!(block.items.len(), 3);
    }

    #[test]
    fn what_is_no_trait_is_an_error() {
        assert!(TraitBlock::parse(quote! { trait Math; }).is_err());
        assert!(TraitBlock::parse(quote! {}).is_err());
    }
}
