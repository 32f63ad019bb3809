//! Where something was declared, as the runtime's `Location`.

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// `line!()` would give the line of the outermost attribute for everything inside.
pub(super) fn location(span: Span) -> TokenStream {
    let start = span.start();
    let line = u32::try_from(start.line).unwrap_or(u32::MAX);
    let column = u32::try_from(start.column).unwrap_or(u32::MAX).saturating_add(1);
    quote! {
        __ms::Location {
            crate_name: ::core::env!("CARGO_PKG_NAME"),
            file: ::core::file!(),
            line: #line,
            column: #column,
        }
    }
}
