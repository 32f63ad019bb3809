//! Values of options: literals are judged, paths to constants are passed on to the compiler.

use super::values::{self, Verdict};
use crate::error_sink::ErrorSink;
use crate::parse::Value;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Lit, LitBool, LitInt};

/// A text: a string literal that keeps the rule, or a path to a `&'static str`.
pub(crate) fn text(
    what: &str,
    value: &Value,
    rule: fn(&str) -> Verdict,
    errors: &mut ErrorSink,
) -> Option<TokenStream> {
    match value {
        Value::Literal(Lit::Str(literal)) => match rule(&literal.value()) {
            Ok(()) => Some(literal.to_token_stream()),
            Err(message) => {
                errors.at(literal, message);
                None
            }
        },
        Value::Path(path) => {
            // Without the annotation a constant of another type gives an error about conversions.
            let span = path.span();
            Some(quote_spanned! {span=> { let __text: &'static str = #path; __text } })
        }
        other => wrong(what, other, "a string literal or a path to a constant", errors),
    }
}

pub(crate) fn flag(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        Value::Literal(Lit::Bool(literal)) => Some(literal.to_token_stream()),
        Value::Path(path) => Some(path.to_token_stream()),
        other => wrong(&option(name), other, "`true`, `false` or a path to a constant", errors),
    }
}

/// A whole number from 0.
pub(crate) fn count(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        Value::Literal(Lit::Int(literal)) => whole_number(name, literal, errors).map(|count| suffixed(count, literal)),
        Value::Negative(tokens) => {
            errors.at(tokens, format!("`{name}` cannot be negative"));
            None
        }
        Value::Path(path) => Some(path.to_token_stream()),
        other => wrong(&option(name), other, "a whole number or a path to a constant", errors),
    }
}

/// A number of bytes.
pub(crate) fn size(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        // Either a text or a number of bytes: the conversion takes both.
        Value::Path(path) => Some(path.to_token_stream()),
        Value::Literal(Lit::Str(_)) => text(&option(name), value, values::size, errors),
        Value::Literal(Lit::Int(literal)) => {
            let digits = literal.base10_digits();
            errors.at(literal, format!("`{name}` is a size with its unit, as in \"{digits}KiB\" or \"{digits}MiB\""));
            None
        }
        other => wrong(&option(name), other, "a size with its unit, as in \"16MiB\", or a path to a constant", errors),
    }
}

/// A whole number from 1.
pub(crate) fn positive(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        Value::Literal(Lit::Int(literal)) => {
            let count = whole_number(name, literal, errors)?;
            if count == 0 {
                errors.at(literal, format!("`{name}` is at least 1"));
                return None;
            }
            Some(literal.to_token_stream())
        }
        Value::Negative(tokens) => {
            errors.at(tokens, format!("`{name}` is at least 1"));
            None
        }
        Value::Path(path) => Some(path.to_token_stream()),
        other => wrong(&option(name), other, "a whole number or a path to a constant", errors),
    }
}

pub(crate) fn duration(what: &str, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        // Either a text or a `Duration`: the conversion takes both.
        Value::Path(path) => Some(path.to_token_stream()),
        Value::Literal(Lit::Int(literal)) => {
            let digits = literal.base10_digits();
            errors.at(literal, format!("{what} is a duration with its unit, as in \"{digits}ms\" or \"{digits}s\""));
            None
        }
        Value::Literal(Lit::Str(_)) => text(what, value, values::duration, errors),
        other => wrong(what, other, "a duration with its unit, as in \"250ms\", or a path to a constant", errors),
    }
}

/// A duration that is known when the program is compiled: a literal becomes its value, a path is of a `Duration`.
pub(crate) fn fixed_duration(what: &str, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    if let Value::Path(path) = value {
        let span = path.span();
        return Some(quote_spanned! {span=> { let __duration: ::core::time::Duration = #path; __duration } });
    }
    duration(what, value, errors)?;
    let Value::Literal(Lit::Str(literal)) = value else { return None };
    let nanoseconds = values::nanoseconds(&literal.value());
    if nanoseconds.is_none() {
        errors.at(literal, format!("{what} is longer than a lifetime; write less"));
    }
    let nanoseconds = proc_macro2::Literal::u64_suffixed(nanoseconds?);
    Some(quote! { ::core::time::Duration::from_nanos(#nanoseconds) })
}

/// A duration that may be nothing.
pub(crate) fn wait(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        Value::Literal(Lit::Str(_)) => text(&option(name), value, values::wait, errors),
        other => duration(&option(name), other, errors),
    }
}

pub(crate) fn retries(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<TokenStream> {
    match value {
        Value::Literal(Lit::Int(literal)) => whole_number(name, literal, errors).map(|count| suffixed(count, literal)),
        Value::Literal(Lit::Str(_)) => text(&option(name), value, values::retries, errors),
        Value::Negative(tokens) => {
            errors.at(tokens, "`retries` cannot be negative; 0 means none, \"forever\" means no end");
            None
        }
        Value::Path(path) => Some(path.to_token_stream()),
        other => wrong(&option(name), other, "a count, \"forever\" or a path to a constant", errors),
    }
}

pub(super) fn number(
    name: &Ident,
    value: &Value,
    rule: fn(f64) -> bool,
    message: &str,
    errors: &mut ErrorSink,
) -> Option<TokenStream> {
    let (tokens, digits) = match value {
        Value::Literal(Lit::Float(literal)) => (literal.to_token_stream(), literal.base10_parse::<f64>()),
        Value::Literal(Lit::Int(literal)) => (literal.to_token_stream(), literal.base10_parse::<f64>()),
        Value::Negative(tokens) => {
            errors.at(tokens, message);
            return None;
        }
        Value::Path(path) => return Some(path.to_token_stream()),
        other => return wrong(&option(name), other, "a number or a path to a constant", errors),
    };
    match digits {
        Ok(digits) if rule(digits) => {
            let mut literal = proc_macro2::Literal::f64_suffixed(digits);
            literal.set_span(tokens.span());
            Some(literal.to_token_stream())
        }
        _ => {
            errors.at(tokens, message);
            None
        }
    }
}

/// The path in `crate = path`.
pub(crate) fn crate_path(value: &Value, errors: &mut ErrorSink) -> Option<syn::Path> {
    match value {
        Value::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        other => wrong("`crate`", other, "the path to millstream, as in `crate = toolbox::millstream`", errors),
    }
}

pub(crate) fn literal_bool(value: &Value) -> Option<&LitBool> {
    match value {
        Value::Literal(Lit::Bool(literal)) => Some(literal),
        _ => None,
    }
}

pub(super) fn whole_number(name: &Ident, literal: &LitInt, errors: &mut ErrorSink) -> Option<u32> {
    let number = literal.base10_parse::<u32>().ok();
    if number.is_none() {
        errors.at(literal, format!("`{name}` is a whole number up to {}", u32::MAX));
    }
    number
}

/// Without the suffix a conversion from several types could not choose one.
pub(super) fn suffixed(number: u32, at: &LitInt) -> TokenStream {
    let mut literal = proc_macro2::Literal::u32_suffixed(number);
    literal.set_span(at.span());
    literal.to_token_stream()
}

pub(super) fn option(name: &Ident) -> String {
    format!("`{name}`")
}

pub(super) fn wrong<T>(what: &str, value: &Value, rule: &str, errors: &mut ErrorSink) -> Option<T> {
    errors.at(value, format!("{what} is {rule}"));
    None
}
