//! The arguments of an attribute: `"orders", auto_commit = false, backoff = { initial = "1s" }`.

use crate::error_sink::ErrorSink;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, Parser};
use syn::spanned::Spanned;
use syn::{ExprPath, Ident, Lit, LitBool};

/// One argument, as written.
pub(crate) enum Argument {
    /// A value without a name; a lone word is a path here.
    Positional(Value),
    /// `name = value`.
    Named { name: Ident, value: Value },
    /// `name(..)`, and what stands in the parentheses.
    Call { name: Ident, arguments: Group },
}

/// A value, as written.
pub(crate) enum Value {
    Literal(Lit),
    /// A number below zero.
    Negative(TokenStream),
    /// A path to a constant.
    Path(ExprPath),
    /// `{ name = value, .. }`, and what stands in it.
    Table(Group),
    /// `[..]`, and what stands in it.
    List(Group),
    /// Anything else.
    Other(TokenStream),
    /// `dyn Trait`, the one kind of type that is a value here.
    TraitObject(Box<syn::Type>),
}

impl Argument {
    /// The argument, where the word `name` alone means `name = true`.
    pub(crate) fn or_true(self, name: &str) -> Self {
        match self {
            Self::Positional(value) if value.word().is_some_and(|word| word == name) => {
                let name = Ident::new(name, value.span());
                let value = Value::Literal(Lit::Bool(LitBool::new(true, name.span())));
                Self::Named { name, value }
            }
            other => other,
        }
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(literal) => literal.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
            Self::Table(group) | Self::List(group) => group.to_tokens(tokens),
            Self::Negative(other) | Self::Other(other) => other.to_tokens(tokens),
            Self::TraitObject(trait_object) => trait_object.to_tokens(tokens),
        }
    }
}

impl Value {
    /// The name, if the value is a single word.
    pub(crate) fn word(&self) -> Option<&Ident> {
        match self {
            Self::Path(path) if path.qself.is_none() => path.path.get_ident(),
            _ => None,
        }
    }
}

/// Splits at the commas first, so that a mistake in one argument leaves the others readable.
pub(crate) fn parse_arguments(tokens: TokenStream, errors: &mut ErrorSink) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let mut piece = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                if piece.is_empty() {
                    errors.at(&comma, "there is nothing before this comma; remove it");
                } else {
                    arguments.extend(parse_argument(std::mem::take(&mut piece), errors));
                }
            }
            token => piece.extend([token]),
        }
    }
    if !piece.is_empty() {
        arguments.extend(parse_argument(piece, errors));
    }
    arguments
}

fn parse_argument(tokens: TokenStream, errors: &mut ErrorSink) -> Option<Argument> {
    let mut rest = tokens.clone().into_iter();
    if let (Some(TokenTree::Ident(name)), Some(second)) = (rest.next(), rest.next()) {
        // Without the raw prefix a keyword such as `crate` would not be found in the table of options.
        match second {
            TokenTree::Punct(equals) if equals.as_char() == '=' => {
                let value: TokenStream = rest.collect();
                if value.is_empty() {
                    errors.at(&tokens, format!("option `{}` has no value after the `=`", name.unraw()));
                    return None;
                }
                return Some(Argument::Named { name, value: parse_value(value) });
            }
            TokenTree::Group(arguments) if arguments.delimiter() == Delimiter::Parenthesis && rest.next().is_none() => {
                return Some(Argument::Call { name, arguments });
            }
            _ => {}
        }
    }
    Some(Argument::Positional(parse_value(tokens)))
}

/// Reads a value; what is none of the known forms is kept as it is.
pub(crate) fn parse_value(tokens: TokenStream) -> Value {
    if let Some(group) = lone_group(&tokens) {
        match group.delimiter() {
            Delimiter::Brace => return Value::Table(group),
            Delimiter::Bracket => return Value::List(group),
            // A value that a declarative macro passed on.
            Delimiter::None => return parse_value(group.stream()),
            Delimiter::Parenthesis => {}
        }
    }
    if let Ok(literal) = syn::parse2::<Lit>(tokens.clone()) {
        return if tokens.to_string().starts_with('-') { Value::Negative(tokens) } else { Value::Literal(literal) };
    }
    if let Ok(path) = syn::parse2::<ExprPath>(tokens.clone()) {
        return Value::Path(path);
    }
    match syn::Type::parse.parse2(tokens.clone()) {
        Ok(ty @ syn::Type::TraitObject(_)) => Value::TraitObject(Box::new(ty)),
        _ => Value::Other(tokens),
    }
}

fn lone_group(tokens: &TokenStream) -> Option<Group> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn parse(tokens: TokenStream) -> Vec<Argument> {
        let mut errors = ErrorSink::new();
        let arguments = parse_arguments(tokens, &mut errors);
        assert_eq!(errors.into_messages(), Vec::<String>::new());
        arguments
    }

    #[test]
    fn each_form_of_a_value_is_told_apart() {
        let arguments =
            parse(quote! { "orders", TOPIC, a = 1, b = -1, c = { d = 2 }, e = [f], g = dyn H, i = j!(), k(l), });
        let forms: Vec<_> = arguments
            .iter()
            .map(|argument| match argument {
                Argument::Positional(value) | Argument::Named { value, .. } => match value {
                    Value::Literal(_) => "literal",
                    Value::Negative(_) => "negative",
                    Value::Path(_) => "path",
                    Value::Table(_) => "table",
                    Value::List(_) => "list",
                    Value::Other(_) => "other",
                    Value::TraitObject(_) => "trait object",
                },
                Argument::Call { .. } => "call",
            })
            .collect();
        assert_eq!(forms, ["literal", "path", "literal", "negative", "table", "list", "trait object", "other", "call"]);
    }

    #[test]
    fn a_mistake_in_one_argument_leaves_the_others() {
        let mut errors = ErrorSink::new();
        let arguments = parse_arguments(quote! { "orders", group_id =, , window = 3 }, &mut errors);
        assert_eq!(arguments.len(), 2);
        assert_eq!(
            errors.into_messages(),
            ["option `group_id` has no value after the `=`", "there is nothing before this comma; remove it"]
        );
    }
}
