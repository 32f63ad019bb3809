//! The names of options: which exist, which were meant.

use super::nearest::{listed, nearest};
use crate::error_sink::ErrorSink;
use crate::parse::{Argument, Value};
use proc_macro2::Group;
use syn::Ident;
use syn::ext::IdentExt;

/// The options of one attribute.
pub(crate) struct Known {
    /// The attribute, as in messages: `#[kafka_listener]`.
    pub(crate) attribute: &'static str,
    /// Its options that are set to a value, and what each is set to in an example.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// Its options that are a word.
    pub(crate) words: &'static [&'static str],
    /// Its options with parentheses, and how each is written in an example.
    pub(crate) calls: &'static [(&'static str, &'static str)],
    /// Words that people will write, and what to write instead.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
    /// The options that may be given more than once.
    pub(crate) repeatable: &'static [&'static str],
}

/// How an option is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `name = value`.
    Value,
    /// `name`.
    Word,
    /// `name(..)`.
    Call,
}

/// What was found in the arguments of an attribute.
pub(crate) struct Found {
    /// Options that exist, each at most once unless repeatable.
    pub(crate) named: Vec<(Ident, Value)>,
    /// Options that are a word.
    pub(crate) words: Vec<Ident>,
    /// Options with parentheses.
    pub(crate) calls: Vec<(Ident, Group)>,
    /// Values without a name.
    pub(crate) positional: Vec<Value>,
    /// The names that were written but are not options, told already.
    pub(crate) unknown: Vec<String>,
}

impl Known {
    /// Sorts the arguments; what is no option is told.
    pub(crate) fn sort(&self, arguments: Vec<Argument>, errors: &mut ErrorSink) -> Found {
        let mut found = Found {
            named: Vec::new(),
            words: Vec::new(),
            calls: Vec::new(),
            positional: Vec::new(),
            unknown: Vec::new(),
        };
        for argument in arguments {
            match argument {
                Argument::Named { name, value } => {
                    if self.is_right(&name, Form::Value, &mut found, errors) {
                        found.named.push((name, value));
                    }
                }
                Argument::Call { name, arguments } => {
                    if self.is_right(&name, Form::Call, &mut found, errors) {
                        found.calls.push((name, arguments));
                    }
                }
                Argument::Positional(value) => match value.word() {
                    Some(word) if self.form(word).is_some() => {
                        if self.is_right(word, Form::Word, &mut found, errors) {
                            found.words.push(word.clone());
                        }
                    }
                    _ => found.positional.push(value),
                },
            }
        }
        found
    }

    /// How an option is written, and an example.
    fn form(&self, name: &Ident) -> Option<(Form, &'static str)> {
        let name = name.unraw();
        let value = self.names.iter().find(|(known, _)| name == known).map(|(_, example)| (Form::Value, *example));
        let word = || self.words.iter().find(|known| name == **known).map(|word| (Form::Word, *word));
        let call = || self.calls.iter().find(|(known, _)| name == known).map(|(_, example)| (Form::Call, *example));
        value.or_else(word).or_else(call)
    }

    /// Whether the name is that of an option which is written in this form, for the first time.
    fn is_right(&self, name: &Ident, written: Form, found: &mut Found, errors: &mut ErrorSink) -> bool {
        if !self.is_option(name, found, errors) {
            return false;
        }
        let Some((form, example)) = self.form(name) else { return false };
        if form != written {
            let message = match form {
                Form::Value => format!("option `{name}` needs a value, as in `{name} = {example}`"),
                Form::Word => format!("option `{name}` takes no value; write `{name}`, or leave it out"),
                Form::Call => format!("option `{name}` is written with parentheses, as in `{example}`"),
            };
            errors.at(name, message);
            return false;
        }
        let word = name.unraw().to_string();
        let mut names = found
            .named
            .iter()
            .map(|(name, _)| name)
            .chain(&found.words)
            .chain(found.calls.iter().map(|(name, _)| name));
        if names.any(|known| known.unraw() == word) && !self.repeatable.contains(&word.as_str()) {
            errors.at(name, format!("option `{word}` is given twice; keep one"));
            return false;
        }
        true
    }

    fn is_option(&self, name: &Ident, found: &mut Found, errors: &mut ErrorSink) -> bool {
        if self.form(name).is_some() {
            return true;
        }
        let written = name.unraw().to_string();
        let message = if let Some((_, instead)) = self.elsewhere.iter().find(|(word, _)| *word == written) {
            format!("`{written}` is not an option of `{}`; {instead}", self.attribute)
        } else {
            let first = |(name, _): &(&'static str, &'static str)| *name;
            let names = || {
                let valued = self.names.iter().map(first);
                valued.chain(self.words.iter().copied()).chain(self.calls.iter().map(first))
            };
            match nearest(&written, names()) {
                Some(near) => format!("unknown option `{written}`; did you mean `{near}`?"),
                None => {
                    format!("unknown option `{written}`; options of `{}` are {}", self.attribute, listed(names(), "`"))
                }
            }
        };
        errors.at(name, message);
        found.unknown.push(written);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse_arguments;
    use quote::quote;

    const KNOWN: Known = Known {
        attribute: "#[kafka_listener]",
        names: &[("auto_commit", "false"), ("window", "100")],
        words: &["blocking"],
        calls: &[("terminal", "terminal(Declined)")],
        elsewhere: &[("topic", "the topic stands first")],
        repeatable: &[],
    };

    fn messages(tokens: proc_macro2::TokenStream) -> Vec<String> {
        let mut errors = ErrorSink::new();
        let arguments = parse_arguments(tokens, &mut errors);
        KNOWN.sort(arguments, &mut errors);
        errors.into_messages()
    }

    #[test]
    fn each_wrong_name_is_told_in_its_own_way() {
        assert_eq!(
            messages(quote! { autocommit = false, colour = 1, topic = "a", window, window = 1, window = 2 }),
            [
                "unknown option `autocommit`; did you mean `auto_commit`?",
                "unknown option `colour`; options of `#[kafka_listener]` are `auto_commit`, `window`, `blocking` and `terminal`",
                "`topic` is not an option of `#[kafka_listener]`; the topic stands first",
                "option `window` needs a value, as in `window = 100`",
                "option `window` is given twice; keep one",
            ]
        );
    }

    #[test]
    fn each_option_has_one_form() {
        assert_eq!(
            messages(quote! { blocking = true, terminal = Declined, window(5), terminal, blocking() }),
            [
                "option `blocking` takes no value; write `blocking`, or leave it out",
                "option `terminal` is written with parentheses, as in `terminal(Declined)`",
                "option `window` needs a value, as in `window = 100`",
                "option `terminal` is written with parentheses, as in `terminal(Declined)`",
                "option `blocking` takes no value; write `blocking`, or leave it out",
            ]
        );
        assert_eq!(
            messages(quote! { blocking, terminal(A), window = 5, blocking, terminal(B) }),
            ["option `blocking` is given twice; keep one", "option `terminal` is given twice; keep one"]
        );
    }
}
