//! Collects every mistake of one item.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::fmt::Display;

/// The mistakes found so far, so that all of one item are told at once.
///
/// Whoever makes a sink must turn it into tokens: in debug builds, dropping mistakes that nobody was told
/// of panics.
#[derive(Default)]
pub(crate) struct ErrorSink {
    errors: Vec<syn::Error>,
}

impl ErrorSink {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A mistake that underlines all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.errors.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at a single place.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.errors.push(syn::Error::new(span, message));
    }

    /// What the parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// How many mistakes there are; a stage that compares it before and after knows whether it found any.
    pub(crate) fn count(&self) -> usize {
        self.errors.len()
    }

    /// The compile errors.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        std::mem::take(&mut self.errors).iter().map(syn::Error::to_compile_error).collect()
    }

    #[cfg(test)]
    pub(crate) fn into_messages(mut self) -> Vec<String> {
        std::mem::take(&mut self.errors).iter().map(ToString::to_string).collect()
    }
}

impl Drop for ErrorSink {
    fn drop(&mut self) {
        debug_assert!(self.errors.is_empty() || std::thread::panicking(), "mistakes were found but not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_becomes_a_compile_error() {
        let mut errors = ErrorSink::new();
        errors.at_span(Span::call_site(), "one");
        errors.at_span(Span::call_site(), "two");
        let tokens = errors.into_tokens().to_string();
        assert!(tokens.contains("\"one\"") && tokens.contains("\"two\""), "{tokens}");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "mistakes were found but not told")]
    fn dropping_untold_mistakes_panics() {
        let mut errors = ErrorSink::new();
        errors.at_span(Span::call_site(), "lost");
    }
}
