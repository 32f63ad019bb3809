//! One listener: its signature and its arguments.

use super::{injection, listener_options, names};
use crate::error_sink::ErrorSink;
use crate::model::{ArgumentSource, Calling, Listener, ListenerArgument, Loss};
use crate::parse::{Argument, Method, parse_arguments};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Attribute, FnArg, Meta, Pat, ReceiverKind, ReturnType, Safety, Signature, Type};

/// Reads a method with `#[kafka_listener]`; everything that is wrong with it is told.
pub(crate) fn check(
    method: &Method,
    attribute: &Attribute,
    defaults: Loss,
    errors: &mut ErrorSink,
) -> Option<Listener> {
    let before = errors.count();
    let signature = &method.signature;
    let arguments = attribute_arguments(attribute, errors);
    let wants_blocking = mentions_blocking(&arguments);
    let options = listener_options::listener(attribute.path().span(), arguments, defaults, &signature.output, errors);
    check_receiver(signature, errors);
    check_qualifiers(signature, wants_blocking, errors);
    check_generics(signature, errors);
    check_output(signature, errors);
    let takes_batches = options.as_ref().is_some_and(|options| options.calling == Calling::Batch);
    let arguments: Vec<ListenerArgument> = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
        .enumerate()
        .filter_map(|(index, argument)| check_argument(index, argument, takes_batches, errors))
        .collect();
    let output = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some((**ty).clone()),
    };
    (errors.count() == before).then_some(())?;
    Some(Listener {
        method: signature.ident.clone(),
        cfgs: method.attributes.iter().filter(|attribute| names::is_cfg(attribute)).cloned().collect(),
        options: options?,
        arguments,
        output,
        span: attribute.pound_token.span,
    })
}

fn attribute_arguments(attribute: &Attribute, errors: &mut ErrorSink) -> Vec<Argument> {
    match &attribute.meta {
        Meta::List(list) => {
            parse_arguments(list.tokens.clone(), errors).into_iter().map(|argument| argument.or_true("reply")).collect()
        }
        // Without arguments the lack of a topic is told.
        Meta::Path(_) => Vec::new(),
        Meta::NameValue(_) => {
            errors.at(
                attribute,
                "`#[kafka_listener]` takes its topics in parentheses, as in `#[kafka_listener(\"orders\")]`",
            );
            Vec::new()
        }
    }
}

fn mentions_blocking(arguments: &[Argument]) -> bool {
    arguments.iter().any(|argument| match argument {
        Argument::Positional(value) => value.word().is_some_and(|word| word == "blocking"),
        Argument::Named { name, .. } | Argument::Call { name, .. } => name == "blocking",
    })
}

fn check_receiver(signature: &Signature, errors: &mut ErrorSink) {
    let name = signature.ident.unraw();
    let Some(receiver) = signature.receiver() else {
        errors.at(
            &signature.ident,
            format!("listener `{name}` must take `&self` first: it is called on the one instance of its consumer"),
        );
        return;
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => {}
        ReceiverKind::Reference(_, _, Some(_)) => errors.at(
            receiver,
            format!("listener `{name}` must take `&self`: one instance serves every message, so put mutable state behind a lock, an atomic or a channel"),
        ),
        _ => errors.at(
            receiver,
            format!("listener `{name}` must take `&self`: one instance serves every message, and stays with the application"),
        ),
    }
}

fn check_qualifiers(signature: &Signature, wants_blocking: bool, errors: &mut ErrorSink) {
    let name = signature.ident.unraw();
    if signature.asyncness.is_none() && !wants_blocking {
        errors.at(
            signature.fn_token,
            format!("listener `{name}` must be async: write `async fn`, or give a plain `fn` that may block the option `blocking`, as in `#[kafka_listener(\"orders\", blocking)]`"),
        );
    }
    if let Some(token) = &signature.asyncness
        && wants_blocking
    {
        errors.at(
            token,
            format!(
                "listener `{name}` is async, and `blocking` is for a plain `fn`; remove one of `async` and `blocking`"
            ),
        );
    }
    if let Some(constness) = &signature.constness {
        errors.at(constness, format!("listener `{name}` cannot be `const`; remove it"));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, format!("listener `{name}` cannot be `unsafe`: nobody could promise what it asks for; put the unsafe part in a block inside"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("listener `{name}` cannot be `extern`; remove it"));
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, format!("listener `{name}` cannot take a variable number of arguments"));
    }
}

fn check_generics(signature: &Signature, errors: &mut ErrorSink) {
    let name = signature.ident.unraw();
    let generics = &signature.generics;
    if generics.lifetimes().next().is_some()
        && generics.type_params().next().is_none()
        && generics.const_params().next().is_none()
    {
        errors.at(
            generics,
            format!("listener `{name}` cannot name lifetimes: every argument lives as long as the call; write `&str` or `Json<Order<'_>>` without a name"),
        );
    } else if !generics.params.is_empty() {
        errors.at(
            generics,
            format!("listener `{name}` cannot be generic: nobody could say for which types it listens; name the types, or make the consumer generic"),
        );
    } else if let Some(clause) = &generics.where_clause {
        errors.at(clause, format!("listener `{name}` cannot have a where clause; put it on the impl block"));
    }
}

fn check_output(signature: &Signature, errors: &mut ErrorSink) {
    let ReturnType::Type(_, ty) = &signature.output else { return };
    for found in impl_traits(ty) {
        errors.at(found, "a listener's result must be named: `()`, or a `Result<(), E>` whose error converts into `millstream::Error`; of one that answers, `Result<T, E>` or `Result<Reply<T>, E>`");
    }
}

fn check_argument(
    index: usize,
    argument: &syn::PatType,
    takes_batches: bool,
    errors: &mut ErrorSink,
) -> Option<ListenerArgument> {
    let before = errors.count();
    let mut source = ArgumentSource::Message;
    let mut given = false;
    for attribute in &argument.attrs {
        if matches!(attribute.path().get_ident(), Some(name) if name == "cfg" || name == "cfg_attr") {
            errors.at(
                attribute,
                "an argument of a listener cannot be conditional; put `#[cfg]` on the method, which may exist twice",
            );
        }
        if names::is_cluster(attribute) {
            errors.at(attribute, "`#[cluster]` stands on a field of the consumer or on an argument of `init`: what belongs to a cluster is injected once");
        }
        let is_header = names::is_header(attribute);
        if !is_header && !names::is_config(attribute) {
            continue;
        }
        if std::mem::replace(&mut given, true) {
            errors.at(attribute, "an argument has one source: keep one of `#[header(..)]` and `#[config(..)]`");
        } else if is_header && takes_batches {
            errors.at(attribute, "`#[header]` reads a header of one message: take `Batch<T>` and use `element.context().header(\"name\")`, or `Messages` and `message.header(\"name\")`");
        } else if is_header {
            source = ArgumentSource::Header(injection::header_name(attribute, errors)?);
        } else {
            source = ArgumentSource::Config(injection::config_key(attribute, errors)?);
        }
    }
    for found in impl_traits(&argument.ty) {
        errors.at(
            found,
            "an argument of a listener has a type with a name; `impl Trait` would make the listener generic",
        );
    }
    if let Some(reference) = static_reference(&argument.ty) {
        errors.at(
            reference,
            "an argument borrows from the message, which does not live for `'static`; leave the lifetime out, or take an owned type such as `String`",
        );
    }
    (errors.count() == before).then(|| ListenerArgument {
        name: argument_name(&argument.pat).unwrap_or_else(|| (index + 1).to_string()),
        ty: (*argument.ty).clone(),
        source,
    })
}

/// The `&'static T` that is taken from a message, by itself or inside what is absent or wrong.
fn static_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => {
            reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static").then_some(ty)
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let syn::PathArguments::AngleBracketed(inner) = &last.arguments else { return None };
            if !["Option", "Result", "Key"].iter().any(|name| last.ident == name) {
                return None;
            }
            inner.args.iter().find_map(|inner| match inner {
                syn::GenericArgument::Type(ty) => static_reference(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// The one name that the pattern binds; with none or several there is no such thing.
pub(crate) fn argument_name(pattern: &Pat) -> Option<String> {
    struct Names(Vec<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            self.0.push(pattern.ident.unraw().to_string());
            syn::visit::visit_pat_ident(self, pattern);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pattern);
    match names.0.as_slice() {
        [name] => Some(name.clone()),
        _ => None,
    }
}

pub(crate) fn impl_traits(ty: &Type) -> Vec<&syn::TypeImplTrait> {
    struct Found<'ast>(Vec<&'ast syn::TypeImplTrait>);
    impl<'ast> Visit<'ast> for Found<'ast> {
        fn visit_type_impl_trait(&mut self, found: &'ast syn::TypeImplTrait) {
            self.0.push(found);
        }
    }
    let mut found = Found(Vec::new());
    found.visit_type(ty);
    found.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse::Parser;

    #[test]
    fn an_argument_is_called_by_the_one_name_in_its_pattern() {
        let name = |pattern: &str| argument_name(&Pat::parse_single.parse_str(pattern).unwrap());
        assert_eq!(name("order").as_deref(), Some("order"));
        assert_eq!(name("Json(order)").as_deref(), Some("order"));
        assert_eq!(name("Json(Order { id, .. })").as_deref(), Some("id"));
        assert_eq!(name("r#type").as_deref(), Some("type"));
        assert_eq!(name("Json(Order { id, cents })"), None);
        assert_eq!(name("_"), None);
    }
}
