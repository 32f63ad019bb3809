//! The attribute macros of millstream. They are documented where users find them: on their re-exports in
//! the crate `millstream`.
//!
//! Each goes the same way: `parse` makes syntax of tokens and judges nothing, `check` makes a `model` of it
//! and tells every mistake, `expand` makes tokens of the model. The item itself is always given back, so
//! that a mistake in an attribute is not followed by errors about a type that is missing.

mod attributes;
mod check;
mod error_sink;
mod expand;
#[cfg(test)]
mod goldens;
mod model;
mod parse;

use proc_macro::TokenStream;

#[allow(missing_docs)] // documented on the re-export
#[proc_macro_attribute]
pub fn consumer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attributes::consumer(arguments.into(), item.into()).into()
}

#[allow(missing_docs)] // documented on the re-export
#[proc_macro_attribute]
pub fn kafka_listener(_: TokenStream, item: TokenStream) -> TokenStream {
    attributes::kafka_listener(item.into()).into()
}

#[allow(missing_docs)] // documented on the re-export
#[proc_macro_attribute]
pub fn component(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attributes::component(arguments.into(), item.into()).into()
}

#[allow(missing_docs)] // documented on the re-export
#[proc_macro_attribute]
pub fn kafka_client(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attributes::kafka_client(arguments.into(), item.into()).into()
}

#[allow(missing_docs)] // documented on the re-export
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attributes::main(arguments.into(), item.into()).into()
}
