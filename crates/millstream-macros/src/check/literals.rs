//! Values of options: literals are judged, paths to constants are passed on to the compiler.

use super::values::{self, Verdict};
use crate::error_sink::ErrorSink;
use crate::model::BackoffSetters;
use crate::parse::{Value, parse_arguments};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
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

/// A duration for the first wait, or a table.
pub(crate) fn backoff(name: &Ident, value: &Value, errors: &mut ErrorSink) -> Option<BackoffSetters> {
    let Value::Table(table) = value else {
        return match value {
            Value::Literal(_) | Value::Negative(_) | Value::Path(_) => {
                duration(&option(name), value, errors).map(BackoffSetters::Whole)
            }
            other => wrong(
                &option(name),
                other,
                "a duration as in \"1s\", or `{ initial = \"1s\", max = \"1m\", factor = 2.0, jitter = 0.2 }`",
                errors,
            ),
        };
    };
    let before = errors.count();
    let arguments = parse_arguments(table.stream(), errors);
    let known = super::options::Known {
        attribute: "backoff",
        names: &[("initial", "\"1s\""), ("max", "\"1m\""), ("factor", "2.0"), ("jitter", "0.2")],
        later: &[],
        elsewhere: &[],
        repeatable: &[],
    };
    let found = known.sort(arguments, errors);
    for value in &found.positional {
        errors.at(value, "every value of `backoff` has a name, as in `{ initial = \"1s\", max = \"1m\" }`");
    }
    if found.named.is_empty() && errors.count() == before {
        errors.at(
            table,
            "`backoff` is empty; write as in `{ initial = \"1s\", max = \"1m\", factor = 2.0, jitter = 0.2 }`",
        );
    }
    let setters: Vec<_> = found
        .named
        .iter()
        .filter_map(|(name, value)| {
            let value = match name.to_string().as_str() {
                "factor" => number(
                    name,
                    value,
                    |factor| (1.0..=1000.0).contains(&factor),
                    "`factor` is a number from 1 to 1000",
                    errors,
                ),
                "jitter" => number(
                    name,
                    value,
                    |jitter| (0.0..=1.0).contains(&jitter),
                    "`jitter` is a share from 0 to 1",
                    errors,
                ),
                _ => duration(&option(name), value, errors),
            };
            Some((name.clone(), value?))
        })
        .collect();
    (errors.count() == before).then_some(BackoffSetters::Each(setters))
}

fn number(
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

fn whole_number(name: &Ident, literal: &LitInt, errors: &mut ErrorSink) -> Option<u32> {
    let number = literal.base10_parse::<u32>().ok();
    if number.is_none() {
        errors.at(literal, format!("`{name}` is a whole number up to {}", u32::MAX));
    }
    number
}

/// Without the suffix a conversion from several types could not choose one.
fn suffixed(number: u32, at: &LitInt) -> TokenStream {
    let mut literal = proc_macro2::Literal::u32_suffixed(number);
    literal.set_span(at.span());
    literal.to_token_stream()
}

fn option(name: &Ident) -> String {
    format!("`{name}`")
}

fn wrong<T>(what: &str, value: &Value, rule: &str, errors: &mut ErrorSink) -> Option<T> {
    errors.at(value, format!("{what} is {rule}"));
    None
}
