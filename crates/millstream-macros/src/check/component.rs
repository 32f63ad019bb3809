//! `#[component]`: on a struct, and on an impl block with `init`.

use super::consumer::type_name;
use super::options::Known;
use super::{injection, listener, literals, names};
use crate::error_sink::ErrorSink;
use crate::model::{Component, ComponentOptions, Constructor, Init, Injection, Shutdown};
use crate::parse::{Argument, ImplBlock, Method, Value, parse_arguments};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Generics, ItemStruct, ReceiverKind, ReturnType, Safety, Signature, Type};

const COMPONENT: Known = Known {
    attribute: "#[component]",
    names: &[("provides", "dyn Clock"), ("eager", "true"), ("crate", "toolbox::millstream")],
    words: &[],
    calls: &[],
    elsewhere: &[("name", "a component is found by its type"), ("id", "a component is found by its type")],
    repeatable: &["provides"],
};

/// Reads a struct whose fields are all injected.
pub(crate) fn check_struct(arguments: TokenStream, item: &ItemStruct, errors: &mut ErrorSink) -> Option<Component> {
    let before = errors.count();
    let options = options(arguments, errors);
    check_generics(&item.generics, errors);
    let fields = injection::fields_of(item, errors);
    (errors.count() == before).then_some(())?;
    let name = &item.ident;
    Some(Component {
        ty: syn::parse_quote! { #name },
        name: name.unraw().to_string(),
        options: options?,
        constructor: Constructor::Fields(fields?),
        shutdown: None,
        span: Span::call_site(),
    })
}

/// Reads an impl block with its constructor `init` and, if there is one, `shutdown`.
pub(crate) fn check_impl(arguments: TokenStream, block: &ImplBlock, errors: &mut ErrorSink) -> Option<Component> {
    let before = errors.count();
    let options = options(arguments, errors);
    if let Some(of_trait) = &block.of_trait {
        errors.at(of_trait, "`#[component]` stands on a type's own impl block, not on a trait's; say `provides = dyn Trait` there to inject it as the trait");
        return None;
    }
    check_generics(&block.generics, errors);
    let name = type_name(&block.self_type);
    if name.is_none() {
        errors.at(&block.self_type, "a component is a struct or an enum of your own");
    }
    let constructor = match named(block, "init").as_slice() {
        [] => {
            errors.at_span(
                block.self_type.span(),
                "a component's impl block has its constructor, `async fn init(..) -> Result<Self>`; add it, or put `#[component]` on the struct when every field is injected",
            );
            None
        }
        [init] => constructor(init, errors),
        // Without a `cfg` the compiler tells of the two.
        [_, again, ..] => {
            if again.attributes.iter().any(names::is_cfg) {
                errors
                    .at(&again.signature.ident, "a component has one `init`; put what depends on the `cfg` inside it");
            }
            None
        }
    };
    let shutdown = match named(block, "shutdown").as_slice() {
        [] => Some(None),
        [method] => shutdown(&method.signature, errors).map(Some),
        [_, again, ..] => {
            if again.attributes.iter().any(names::is_cfg) {
                errors.at(
                    &again.signature.ident,
                    "a component has one `shutdown`; put what depends on the `cfg` inside it",
                );
            }
            None
        }
    };
    for method in block.methods() {
        for attribute in method.attributes.iter().filter(|attribute| names::is_listener(attribute)) {
            errors.at(attribute, "a component does not listen: put the listener into an impl block with `#[consumer]`");
        }
    }
    (errors.count() == before).then_some(())?;
    Some(Component {
        ty: block.self_type.clone(),
        name: name?,
        options: options?,
        constructor: constructor?,
        shutdown: shutdown?,
        span: Span::call_site(),
    })
}

fn named<'block>(block: &'block ImplBlock, name: &str) -> Vec<&'block Method> {
    block.methods().filter(|method| method.signature.ident == name).collect()
}

fn options(arguments: TokenStream, errors: &mut ErrorSink) -> Option<ComponentOptions> {
    let before = errors.count();
    let arguments = parse_arguments(arguments, errors).into_iter().map(|argument| argument.or_true("eager")).collect();
    let found = COMPONENT.sort(arguments, errors);
    for value in &found.positional {
        errors.at(value, "every option of `#[component]` has a name, as in `provides = dyn Clock`");
    }
    let mut options = ComponentOptions::default();
    for (name, value) in &found.named {
        match name.unraw().to_string().as_str() {
            "provides" => provides(value, &mut options.provides, errors),
            "eager" => options.eager = literals::flag(name, value, errors),
            _ => options.crate_path = literals::crate_path(value, errors),
        }
    }
    (errors.count() == before).then_some(options)
}

fn provides(value: &Value, traits: &mut Vec<Type>, errors: &mut ErrorSink) {
    match value {
        Value::TraitObject(ty) => {
            let written = quote! { #ty }.to_string();
            if traits.iter().any(|known| quote! { #known }.to_string() == written) {
                errors.at(ty, "this trait is provided already; keep one");
            } else {
                traits.push((**ty).clone());
            }
        }
        Value::List(list) => {
            let arguments = parse_arguments(list.stream(), errors);
            for argument in arguments {
                match argument {
                    Argument::Positional(value @ Value::TraitObject(_)) => {
                        provides(&value, traits, errors);
                    }
                    Argument::Positional(value) => not_a_trait(&value, errors),
                    Argument::Named { name, .. } | Argument::Call { name, .. } => {
                        errors.at(&name, "`provides` lists traits, as in `provides = [dyn Clock, dyn Calendar]`");
                    }
                }
            }
        }
        other => not_a_trait(other, errors),
    }
}

fn not_a_trait(value: &Value, errors: &mut ErrorSink) {
    let hint = match value {
        Value::Path(path) => format!("; write `dyn {}`", quote! { #path }.to_string().replace(' ', "")),
        _ => String::new(),
    };
    errors.at(value, format!("`provides` is a trait object, as in `provides = dyn Clock`{hint}"));
}

fn check_generics(generics: &Generics, errors: &mut ErrorSink) {
    if !generics.params.is_empty() {
        errors.at(
            generics,
            "a component cannot be generic: it is found by its one type; give a concrete value with `App::builder().component(value)`",
        );
    }
}

fn constructor(method: &Method, errors: &mut ErrorSink) -> Option<Constructor> {
    let before = errors.count();
    let signature = &method.signature;
    check_plain(signature, errors);
    let mut arguments = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        let argument = match input {
            FnArg::Typed(argument) => argument,
            FnArg::Receiver(receiver) => {
                errors.at(receiver, "`init` makes the value, so there is no `self` yet; remove it");
                continue;
            }
        };
        for attribute in &argument.attrs {
            if names::is_header(attribute) {
                errors.at(attribute, "`#[header]` belongs on an argument of a listener: there is no message yet");
            } else if names::is_default(attribute) {
                errors.at(attribute, "`#[default]` belongs on a field; make the value inside `init`");
            } else if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                errors.at(
                    attribute,
                    "an argument of `init` cannot be conditional; put what depends on the `cfg` inside it",
                );
            }
        }
        for found in listener::impl_traits(&argument.ty) {
            errors.at(
                found,
                "an argument of `init` has a type with a name, by which it is found, as in `Arc<dyn Clock>`",
            );
        }
        let name = listener::argument_name(&argument.pat).unwrap_or_else(|| (index + 1).to_string());
        let attributes: Vec<_> = argument
            .attrs
            .iter()
            .filter(|attribute| names::is_config(attribute) || names::is_cluster(attribute))
            .cloned()
            .collect();
        let Some(source) = injection::source(&attributes, errors) else { continue };
        arguments.push(Injection {
            what: format!("argument `{name}`"),
            ty: (*argument.ty).clone(),
            source,
            cfgs: Vec::new(),
            field: None,
        });
    }
    if matches!(signature.output, ReturnType::Default) {
        errors.at(&signature.ident, "`init` returns the component: `Self`, or a `Result<Self, E>` whose error converts into `millstream::Error`");
    }
    let output = output(signature)?;
    (errors.count() == before).then(|| {
        Constructor::Init(Init {
            name: signature.ident.clone(),
            arguments,
            is_async: signature.asyncness.is_some(),
            output: Box::new(output),
        })
    })
}

fn shutdown(signature: &Signature, errors: &mut ErrorSink) -> Option<Shutdown> {
    let before = errors.count();
    check_plain(signature, errors);
    match signature.receiver() {
        Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => {
            errors.at(receiver, "`shutdown` must take `&self`: others may still hold the component");
        }
        Some(_) => {}
        None => errors.at(&signature.ident, "`shutdown` must take `&self`"),
    }
    for input in &signature.inputs {
        if let FnArg::Typed(argument) = input {
            errors.at(argument, "`shutdown` takes nothing but `&self`; keep what it needs in the component");
        }
    }
    (errors.count() == before).then(|| Shutdown {
        name: signature.ident.clone(),
        is_async: signature.asyncness.is_some(),
        output: output(signature),
    })
}

fn check_plain(signature: &Signature, errors: &mut ErrorSink) {
    let name = &signature.ident;
    if !signature.generics.params.is_empty() {
        errors.at(
            &signature.generics,
            format!("`{name}` cannot be generic: the framework calls it and could not choose the types"),
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, format!("`{name}` cannot be `unsafe`; put the unsafe part in a block inside"));
    }
}

fn output(signature: &Signature) -> Option<Type> {
    match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some((**ty).clone()),
    }
}
