//! `#[millstream::main]`.

use super::options::Known;
use super::{literals, values};
use crate::error_sink::ErrorSink;
use crate::model::MainOptions;
use crate::parse::{Value, parse_arguments};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Lit, Safety, Signature};

const MAIN: Known = Known {
    attribute: "#[millstream::main]",
    names: &[("worker_threads", "4"), ("flavor", "\"current_thread\""), ("crate", "toolbox::millstream")],
    words: &[],
    calls: &[],
    elsewhere: &[],
    repeatable: &[],
};

/// What the attribute says.
pub(crate) fn options(arguments: TokenStream, errors: &mut ErrorSink) -> Option<MainOptions> {
    let before = errors.count();
    let arguments = parse_arguments(arguments, errors);
    let found = MAIN.sort(arguments, errors);
    for value in &found.positional {
        errors.at(value, "every option of `#[millstream::main]` has a name, as in `worker_threads = 4`");
    }
    let mut options = MainOptions::default();
    let mut threads_at = None;
    for (name, value) in &found.named {
        match name.unraw().to_string().as_str() {
            "worker_threads" => {
                options.worker_threads = literals::positive(name, value, errors);
                threads_at = Some(name);
            }
            "flavor" => options.current_thread = flavor(value, errors),
            _ => options.crate_path = literals::crate_path(value, errors),
        }
    }
    if let Some(name) = threads_at
        && options.current_thread
    {
        errors.at(name, "`worker_threads` has no effect with `flavor = \"current_thread\"`; remove one");
    }
    (errors.count() == before).then_some(options)
}

fn flavor(value: &Value, errors: &mut ErrorSink) -> bool {
    match value {
        Value::Literal(Lit::Str(literal)) => {
            if let Err(message) = values::flavor(&literal.value()) {
                errors.at(literal, message);
            }
            literal.value() == "current_thread"
        }
        other => {
            errors.at(other.to_token_stream(), "`flavor` is \"multi_thread\" or \"current_thread\"");
            false
        }
    }
}

/// Whether the function can be the program's.
pub(crate) fn check_signature(signature: &Signature, errors: &mut ErrorSink) {
    if signature.ident != "main" {
        errors.at(
            &signature.ident,
            format!("`#[millstream::main]` stands on the program's `async fn main`, not on `{}`", signature.ident),
        );
    }
    if signature.asyncness.is_none() {
        errors.at(signature.fn_token, "`main` must be async: write `async fn main`");
    }
    if !signature.generics.params.is_empty() {
        errors.at(&signature.generics, "`main` cannot be generic");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, "`main` cannot be `unsafe`; put the unsafe part in a block inside");
    }
    if !signature.inputs.is_empty() {
        errors.at(
            &signature.inputs,
            "`main` takes no arguments; the command line is read by `App::from_args()`, or by your own parser",
        );
    }
}
