//! Which kind of item an attribute stands on.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Visibility};

/// The kind of an item, from its first keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Struct,
    Impl,
    Function,
    Trait,
    /// Anything else, by the word for it with its article.
    Other(&'static str),
}

impl ItemKind {
    /// The word for it, with its article.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Struct => "a struct",
            Self::Impl => "an impl block",
            Self::Function => "a function",
            Self::Trait => "a trait",
            Self::Other(word) => word,
        }
    }

    pub(crate) fn of(item: &TokenStream) -> Self {
        let kind = |input: ParseStream<'_>| {
            input.call(Attribute::parse_outer)?;
            input.parse::<Visibility>()?;
            let mut kind = Self::Other("something else");
            while !input.is_empty() {
                let Ok(word) = input.call(Ident::parse_any) else {
                    // The ABI of `extern "C" fn`.
                    if input.parse::<syn::LitStr>().is_ok() {
                        continue;
                    }
                    break;
                };
                kind = match word.to_string().as_str() {
                    "struct" => Self::Struct,
                    "impl" => Self::Impl,
                    "fn" => Self::Function,
                    "enum" => Self::Other("an enum"),
                    "union" => Self::Other("a union"),
                    "trait" => Self::Trait,
                    "mod" => Self::Other("a module"),
                    "type" => Self::Other("a type alias"),
                    "static" => Self::Other("a static"),
                    "use" => Self::Other("an import"),
                    "const" => {
                        kind = Self::Other("a constant");
                        continue;
                    }
                    "async" | "unsafe" | "extern" | "default" | "safe" | "auto" => continue,
                    _ => kind,
                };
                break;
            }
            // What follows is of no interest, but the parser insists on an end.
            input.step(|cursor| {
                let mut rest = *cursor;
                while let Some((_, next)) = rest.token_tree() {
                    rest = next;
                }
                Ok(((), rest))
            })?;
            Ok(kind)
        };
        kind.parse2(item.clone()).unwrap_or(Self::Other("something else"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn the_first_keyword_tells_the_kind() {
        assert_eq!(ItemKind::of(&quote! { #[a] pub(crate) struct S; }), ItemKind::Struct);
        assert_eq!(ItemKind::of(&quote! { #[a] impl<T> S<T> {} }), ItemKind::Impl);
        assert_eq!(ItemKind::of(&quote! { unsafe impl S {} }), ItemKind::Impl);
        assert_eq!(ItemKind::of(&quote! { pub async fn f() {} }), ItemKind::Function);
        assert_eq!(ItemKind::of(&quote! { pub const unsafe extern "C" fn f() {} }), ItemKind::Function);
        assert_eq!(ItemKind::of(&quote! { const X: u8 = 1; }), ItemKind::Other("a constant"));
        assert_eq!(ItemKind::of(&quote! { enum E {} }), ItemKind::Other("an enum"));
        assert_eq!(ItemKind::of(&quote! { pub trait T {} }), ItemKind::Trait);
        assert_eq!(ItemKind::of(&quote! {}), ItemKind::Other("something else"));
    }
}
