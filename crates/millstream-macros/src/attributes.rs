//! One function for each attribute: parse, check, expand, and every error at the end.

use crate::error_sink::ErrorSink;
use crate::parse::{ImplBlock, ItemKind, TraitBlock};
use crate::{check, expand};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, ItemStruct, Signature, Visibility};

pub(crate) fn consumer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorSink::new();
    let kind = ItemKind::of(&item);
    let output = match kind {
        ItemKind::Struct => {
            on_struct(item, &mut errors, |item, errors| match check::consumer::check_struct(arguments, item, errors) {
                Some(consumer) if item.generics.params.is_empty() => expand::consumer(&consumer),
                _ if item.generics.params.is_empty() => expand::consumer_fallback(&item.ident),
                _ => TokenStream::new(),
            })
        }
        ItemKind::Impl => on_impl(item, &mut errors, |block, errors| {
            check::consumer::check_impl(arguments, block, errors)
                .map(|block| expand::listeners(&block))
                .unwrap_or_default()
        }),
        ItemKind::Function => {
            errors.at_span(
                Span::call_site(),
                "`#[consumer]` stands on a struct or on an impl block; a method that listens takes `#[kafka_listener(\"topic\")]`",
            );
            item
        }
        ItemKind::Trait | ItemKind::Other(_) => {
            let what = kind.word();
            errors.at_span(
                Span::call_site(),
                format!("`#[consumer]` stands on a struct, which it tells how to build, or on an impl block, which it tells what to listen to; not on {what}"),
            );
            item
        }
    };
    with_errors(output, errors)
}

/// Reached only where no `#[consumer]` on the impl block has read and removed the attribute.
pub(crate) fn kafka_listener(item: TokenStream) -> TokenStream {
    let mut errors = ErrorSink::new();
    errors.at_span(
        Span::call_site(),
        match ItemKind::of(&item) {
            ItemKind::Function => "`#[kafka_listener]` stands on a method of an impl block that has `#[consumer]`; add `#[consumer]` to the impl block",
            _ => "`#[kafka_listener]` stands on an async method, in an impl block that has `#[consumer]`",
        },
    );
    with_errors(item, errors)
}

pub(crate) fn component(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorSink::new();
    let output = match ItemKind::of(&item) {
        ItemKind::Struct => on_struct(item, &mut errors, |item, errors| {
            check::component::check_struct(arguments, item, errors)
                .map(|found| expand::component(&found))
                .unwrap_or_default()
        }),
        ItemKind::Impl => on_impl(item, &mut errors, |block, errors| {
            check::component::check_impl(arguments, block, errors)
                .map(|found| expand::component(&found))
                .unwrap_or_default()
        }),
        ItemKind::Function | ItemKind::Trait | ItemKind::Other(_) => {
            errors.at_span(
                Span::call_site(),
                "`#[component]` stands on a struct whose fields are all injected, or on the impl block with its constructor `init`",
            );
            item
        }
    };
    with_errors(output, errors)
}

pub(crate) fn kafka_client(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorSink::new();
    let output = match ItemKind::of(&item) {
        ItemKind::Trait => match TraitBlock::parse(item.clone()) {
            Ok(block) => {
                let checked = check::client::check_trait(arguments.clone(), &block, &mut errors);
                let generated = if let Some(client) = checked {
                    expand::client(&client)
                } else {
                    let (name, crate_path) = check::client::name_of(arguments, &block);
                    expand::client_fallback(&block, &name, crate_path.as_ref())
                };
                let written = expand::of_trait(&block);
                quote! { #written #generated }
            }
            Err(error) => {
                errors.push(error);
                item
            }
        },
        ItemKind::Impl => match ImplBlock::parse(item.clone()) {
            Ok(block) => {
                check::client::check_impl(&arguments, &block, &mut errors);
                expand::fake(&block)
            }
            Err(error) => {
                errors.push(error);
                item
            }
        },
        ItemKind::Struct | ItemKind::Function | ItemKind::Other(_) => {
            errors.at_span(
                Span::call_site(),
                "`#[kafka_client]` stands on a trait, of which it makes a client, or on an impl block of such a trait",
            );
            item
        }
    };
    with_errors(output, errors)
}

pub(crate) fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorSink::new();
    let options = check::main_function::options(arguments, &mut errors);
    let output = if let Ok((attributes, visibility, signature, body)) = parse_function.parse2(item.clone()) {
        check::main_function::check_signature(&signature, &mut errors);
        match options {
            Some(options) if errors.count() == 0 => {
                expand::main_function(&attributes, &visibility, &signature, &body, &options)
            }
            _ if signature.ident == "main" && signature.asyncness.is_some() => {
                expand::main_fallback(&attributes, &visibility, &signature, &body)
            }
            _ => item,
        }
    } else {
        errors.at_span(Span::call_site(), "`#[millstream::main]` stands on the program's `async fn main`");
        item
    };
    with_errors(output, errors)
}

/// Gives the struct back without our attributes on its fields, and what `read` makes of it.
fn on_struct(
    item: TokenStream,
    errors: &mut ErrorSink,
    read: impl FnOnce(&ItemStruct, &mut ErrorSink) -> TokenStream,
) -> TokenStream {
    match syn::parse2::<ItemStruct>(item.clone()) {
        Ok(mut parsed) => {
            let generated = read(&parsed, errors);
            for field in &mut parsed.fields {
                field.attrs.retain(|attribute| !check::is_ours_on_field(attribute));
            }
            quote! { #parsed #generated }
        }
        Err(error) => {
            errors.push(error);
            item
        }
    }
}

/// Gives the block back without our attributes, and what `read` makes of it.
fn on_impl(
    item: TokenStream,
    errors: &mut ErrorSink,
    read: impl FnOnce(&ImplBlock, &mut ErrorSink) -> TokenStream,
) -> TokenStream {
    match ImplBlock::parse(item.clone()) {
        Ok(block) => {
            let generated = read(&block, errors);
            let written = block.without(check::is_ours);
            quote! { #written #generated }
        }
        Err(error) => {
            errors.push(error);
            item
        }
    }
}

fn parse_function(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Visibility, Signature, TokenTree)> {
    Ok((input.call(Attribute::parse_outer)?, input.parse()?, input.parse()?, input.parse()?))
}

fn with_errors(mut output: TokenStream, errors: ErrorSink) -> TokenStream {
    output.extend(errors.into_tokens());
    output
}
