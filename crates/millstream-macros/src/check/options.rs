//! The names of options: which exist, which come later, which were meant.

use super::nearest::{listed, nearest};
use crate::error_sink::ErrorSink;
use crate::parse::{Argument, Value};
use syn::Ident;
use syn::ext::IdentExt;

/// The options of one attribute.
pub(crate) struct Known {
    /// The attribute, as in messages: `#[kafka_listener]`.
    pub(crate) attribute: &'static str,
    /// Its options and what each is set to in an example.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// Words of later versions.
    pub(crate) later: &'static [&'static str],
    /// Words that people will write, and what to write instead.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
    /// The options that may be given more than once.
    pub(crate) repeatable: &'static [&'static str],
}

/// What was found in the arguments of an attribute.
pub(crate) struct Found {
    /// Options that exist, each at most once unless repeatable.
    pub(crate) named: Vec<(Ident, Value)>,
    /// Values without a name.
    pub(crate) positional: Vec<Value>,
    /// The names that were written but are not options, told already.
    pub(crate) unknown: Vec<String>,
}

impl Known {
    /// Sorts the arguments; what is no option is told.
    pub(crate) fn sort(&self, arguments: Vec<Argument>, errors: &mut ErrorSink) -> Found {
        let mut found = Found { named: Vec::new(), positional: Vec::new(), unknown: Vec::new() };
        for argument in arguments {
            match argument {
                Argument::Named { name, value } => {
                    if !self.is_option(&name, &mut found, errors) {
                        continue;
                    }
                    let written = name.unraw().to_string();
                    let again = found.named.iter().any(|(known, _)| known.unraw() == written);
                    if again && !self.repeatable.contains(&written.as_str()) {
                        errors.at(&name, format!("option `{written}` is given twice; keep one"));
                        continue;
                    }
                    found.named.push((name, value));
                }
                Argument::Call { name } => {
                    if self.is_option(&name, &mut found, errors) {
                        self.wants_value(&name, errors);
                    }
                }
                Argument::Positional(value) => match value.word() {
                    Some(word) if self.example(word).is_some() => self.wants_value(word, errors),
                    Some(word) if self.later.iter().any(|later| word == later) => {
                        self.is_option(word, &mut found, errors);
                    }
                    _ => found.positional.push(value),
                },
            }
        }
        found
    }

    fn example(&self, name: &Ident) -> Option<&'static str> {
        let name = name.unraw();
        self.names.iter().find(|(known, _)| name == known).map(|(_, example)| *example)
    }

    fn wants_value(&self, name: &Ident, errors: &mut ErrorSink) {
        let example = self.example(name).unwrap_or("..");
        errors.at(name, format!("option `{name}` needs a value, as in `{name} = {example}`"));
    }

    fn is_option(&self, name: &Ident, found: &mut Found, errors: &mut ErrorSink) -> bool {
        if self.example(name).is_some() {
            return true;
        }
        let written = name.unraw().to_string();
        let message = if self.later.contains(&written.as_str()) {
            format!("option `{written}` is not available in this version; remove it")
        } else if let Some((_, instead)) = self.elsewhere.iter().find(|(word, _)| *word == written) {
            format!("`{written}` is not an option of `{}`; {instead}", self.attribute)
        } else {
            let names = || self.names.iter().map(|(name, _)| *name);
            match nearest(&written, names().chain(self.later.iter().copied())) {
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
        later: &["blocking"],
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
            messages(quote! { autocommit = false, colour = 1, blocking, topic = "a", window, window = 1, window = 2 }),
            [
                "unknown option `autocommit`; did you mean `auto_commit`?",
                "unknown option `colour`; options of `#[kafka_listener]` are `auto_commit` and `window`",
                "option `blocking` is not available in this version; remove it",
                "`topic` is not an option of `#[kafka_listener]`; the topic stands first",
                "option `window` needs a value, as in `window = 100`",
                "option `window` is given twice; keep one",
            ]
        );
    }
}
