//! `#[kafka_client]`: the trait as it can be used behind a pointer, and the client that is a component.

use super::types::placed_on;
use super::{boxed, component, in_scope, runtime};
use crate::check::is_ours_in_client;
use crate::model::{
    Client, ClientMethod, ClientWire, Component, ComponentOptions, Constructor, Init, Injection, InjectionSource,
    Sends, Sent,
};
use crate::parse::{ImplBlock, ImplItem, Method, TraitBlock};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{
    FnArg, GenericArgument, Lifetime, Path, PathArguments, Signature, Type, TypeParamBound, Visibility, parse_quote,
};

/// The trait, with futures and streams in boxes, and what shared clients have to be.
pub(crate) fn of_trait(block: &TraitBlock) -> TokenStream {
    let mut header = block.header.clone();
    let named = |bound: &TypeParamBound, name: &str| matches!(bound, TypeParamBound::Trait(bound) if bound.path.segments.last().is_some_and(|last| last.ident == name));
    for (name, path) in [("Send", quote! { ::core::marker::Send }), ("Sync", quote! { ::core::marker::Sync })] {
        if !header.supertraits.iter().any(|bound| named(bound, name)) {
            header.supertraits.push(parse_quote! { #path });
        }
    }
    let is_static = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Lifetime(of) if of.ident == "static");
    if !header.supertraits.iter().any(is_static) {
        header.supertraits.push(TypeParamBound::Lifetime(Lifetime::new("'static", Span::call_site())));
    }
    let syn::ItemTrait { attrs, vis, modifiers: _, unsafety, trait_token, ident, generics, supertraits, .. } = &header;
    let clause = &generics.where_clause;
    let items = block.items.iter().map(|item| match item {
        ImplItem::Method(method) => boxed::method(method, is_ours_in_client),
        ImplItem::Other(tokens) => tokens.clone(),
    });
    quote! {
        #(#attrs)*
        #vis #unsafety #trait_token #ident #generics: #supertraits #clause {
            #(#items)*
        }
    }
}

/// An impl block of such a trait.
pub(crate) fn fake(block: &ImplBlock) -> TokenStream {
    block.with_methods(|method| boxed::method(method, is_ours_in_client))
}

/// The client: its type, the trait for it, and the component that it is.
pub(crate) fn client(client: &Client) -> TokenStream {
    let Client { of_trait, visibility, options, methods, span } = client;
    let name = options.name_for(of_trait);
    let crate_path = options.crate_path.as_ref();
    let written = written(&name, of_trait, visibility, crate_path);
    let timeout = options.timeout.as_ref().map(|timeout| quote! { .timeout(#timeout) });
    let wire = options.wire.as_ref().map(|wire| {
        let wire = self::wire(wire);
        quote! { .wire(#wire) }
    });
    let reply_topic = options.reply_topic.as_ref().map(|topic| quote! { .reply_topic(#topic) });
    let methods = methods.iter().map(method);
    let new_doc = format!(
        "A client of `{of_trait}` that asks with these; the application makes one by itself where `Arc<{name}>` or `Arc<dyn {of_trait}>` is injected."
    );
    let items = quote! {
        impl #name {
            #[doc = #new_doc]
            #[allow(dead_code)]
            #visibility fn new(requests: __ms::Arc<__ms::Requests>, producer: __ms::Arc<__ms::Producer>) -> Self {
                Self { __client: __ms::TypedClient::new(requests, producer) #timeout #wire #reply_topic }
            }

            fn __injected(
                requests: __ms::Arc<__ms::Requests>,
                producer: __ms::Arc<__ms::Producer>,
                settings: ::core::option::Option<__ms::ClientSettings>,
            ) -> Self {
                let Self { __client } = Self::new(requests, producer);
                Self { __client: __client.configured(settings) }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.__client, formatter)
            }
        }

        #[automatically_derived]
        impl #of_trait for #name {
            #(#methods)*
        }
    };
    let implemented = in_scope(crate_path, &items);
    let registered = component(&as_component(client, &name, *span));
    quote! { #written #implemented #registered }
}

/// What stands in for a client with mistakes, so that they are not told again wherever it is named.
pub(crate) fn client_fallback(block: &TraitBlock, name: &Ident, crate_path: Option<&Path>) -> TokenStream {
    let of_trait = &block.header.ident;
    let visibility = &block.header.vis;
    let written = written(name, of_trait, visibility, crate_path);
    let items = quote! {
        impl #name {
            #[allow(dead_code)]
            #visibility fn new(requests: __ms::Arc<__ms::Requests>, producer: __ms::Arc<__ms::Producer>) -> Self {
                Self { __client: __ms::TypedClient::new(requests, producer) }
            }
        }
    };
    let implemented = in_scope(crate_path, &items);
    let can_be_implemented = block.header.generics.params.is_empty()
        && block.items.iter().all(|item| matches!(item, ImplItem::Method(_)))
        && block.methods().all(|method| boxed::has_named_result(&method.signature));
    let stubs = can_be_implemented.then(|| {
        let stubs = block.methods().filter(|method| !method.has_body()).map(stub);
        let unsafety = &block.header.unsafety;
        quote! {
            #[allow(clippy::all, clippy::pedantic)]
            #unsafety impl #of_trait for #name {
                #(#stubs)*
            }
        }
    });
    quote! { #written #implemented #stubs }
}

/// A method that is never called: the program does not compile.
fn stub(method: &Method) -> TokenStream {
    let mut plain = method.signature.clone();
    for input in &mut plain.inputs {
        let (FnArg::Receiver(syn::Receiver { attrs, .. }) | FnArg::Typed(syn::PatType { attrs, .. })) = input;
        attrs.clear();
    }
    let signature = boxed::signature(&plain).unwrap_or(plain);
    let cfgs = method.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    quote! {
        #(#cfgs)*
        #[allow(unused_variables)]
        #signature { loop { ::std::thread::park(); } }
    }
}

fn written(name: &Ident, of_trait: &Ident, visibility: &Visibility, crate_path: Option<&Path>) -> TokenStream {
    let runtime = runtime(crate_path);
    let doc = format!(
        "Sends what [`{of_trait}`] says through Kafka.\n\nA component: it is injected as `Arc<{name}>` and as `Arc<dyn {of_trait}>`."
    );
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone)]
        #visibility struct #name {
            __client: #runtime::TypedClient,
        }
    }
}

/// How the application makes it: of what asks in its cluster, and of its table in the configuration.
fn as_component(client: &Client, name: &Ident, span: Span) -> Component {
    let of_trait = &client.of_trait;
    let key = format!("kafka.clients.{}", of_trait.unraw());
    let of_cluster = || match &client.options.cluster {
        Some(cluster) => InjectionSource::Cluster(cluster.clone()),
        None => InjectionSource::Component,
    };
    let argument = |what: &str, ty: Type, source: InjectionSource| Injection {
        what: what.to_owned(),
        ty,
        source,
        cfgs: Vec::new(),
        field: None,
    };
    Component {
        ty: parse_quote! { #name },
        name: name.unraw().to_string(),
        options: ComponentOptions {
            provides: vec![parse_quote! { dyn #of_trait }],
            eager: None,
            crate_path: client.options.crate_path.clone(),
        },
        constructor: Constructor::Init(Init {
            name: format_ident!("__injected"),
            arguments: vec![
                argument("requests", parse_quote! { __ms::Arc<__ms::Requests> }, of_cluster()),
                argument("producer", parse_quote! { __ms::Arc<__ms::Producer> }, of_cluster()),
                argument(
                    "settings",
                    parse_quote! { ::core::option::Option<__ms::ClientSettings> },
                    InjectionSource::Config(quote! { #key }),
                ),
            ],
            is_async: false,
            output: Box::new(parse_quote! { #name }),
        }),
        shutdown: None,
        span,
    }
}

fn wire(wire: &ClientWire) -> TokenStream {
    match wire {
        ClientWire::Nest => quote! { __ms::Wire::Nest },
        ClientWire::Spring => quote! { __ms::Wire::Spring },
        ClientWire::Constant(path) => quote! { { let __wire: __ms::Wire = #path; __wire } },
    }
}

/// One method, which sends.
fn method(one: &ClientMethod) -> TokenStream {
    let ClientMethod { signature: written, cfgs, sends, sent } = one;
    let mut plain = written.clone();
    let types = renamed(&mut plain);
    let Some(signature) = boxed::signature(&plain) else { return TokenStream::new() };
    let topic = &sent.topic;
    let option = |name: &str, value: &Option<TokenStream>| {
        let name = format_ident!("{name}");
        value.as_ref().map(|value| quote! { .#name(#value) })
    };
    let (message, result, function) = match sends {
        Sends::Request { wire, timeout, reply_topic, output: result }
        | Sends::Stream { wire, timeout, reply_topic, item: result } => {
            let wire = option("wire", &wire.as_ref().map(self::wire));
            let (timeout, reply_topic) = (option("timeout", timeout), option("reply_topic", reply_topic));
            let message = quote! { self.__client.request(#topic) #wire #timeout #reply_topic };
            let function = if matches!(sends, Sends::Stream { .. }) { "ask_for_several" } else { "ask" };
            (message, result, format_ident!("{function}"))
        }
        Sends::Event { output } => (quote! { self.__client.event(#topic) }, output, format_ident!("emit")),
    };
    let filled = filled(sent, &types);
    // What cannot be returned is told at its type.
    let finished = placed_on(result, quote! { __ms::#function::<#result>(__message) });
    quote! {
        #(#cfgs)*
        #signature {
            let __message = #message;
            #filled
            #finished
        }
    }
}

/// Gives the arguments names that collide with nothing, and says their types.
fn renamed(signature: &mut Signature) -> Vec<Type> {
    let mut types = Vec::new();
    for input in &mut signature.inputs {
        if let FnArg::Typed(argument) = input {
            let name = variable(types.len());
            argument.attrs.clear();
            *argument.pat = parse_quote! { #name };
            types.push((*argument.ty).clone());
        }
    }
    types
}

fn variable(index: usize) -> Ident {
    format_ident!("__argument{index}")
}

/// Statements that put the arguments into the message. What an argument cannot be is told at its type.
fn filled(sent: &Sent, types: &[Type]) -> TokenStream {
    let mut statements = TokenStream::new();
    let of = |index: usize| types.get(index).map(|ty| (variable(index), ty));
    if let Some((value, ty)) = sent.key.and_then(of) {
        let call = placed_on(ty, quote! { __message.key(#value) });
        statements.extend(quote! { let __message = #call; });
    }
    for (name, index) in &sent.headers {
        let Some((value, ty)) = of(*index) else { continue };
        statements.extend(if let Some(inside) = inside_option(ty) {
            // A header that is not there is left out, and not null.
            let call = placed_on(inside, quote! { __message.header(#name, __value) });
            quote! {
                let __message = match #value {
                    ::core::option::Option::Some(__value) => #call,
                    ::core::option::Option::None => __message,
                };
            }
        } else {
            let call = placed_on(ty, quote! { __message.header(#name, #value) });
            quote! { let __message = #call; }
        });
    }
    if let Some((value, ty)) = sent.body.and_then(of) {
        let borrow = (!matches!(ty, Type::Reference(_))).then(|| quote! { & });
        let call = placed_on(ty, quote! { __message.body(#borrow #value) });
        statements.extend(quote! { let __message = #call; });
    }
    statements
}

/// What an `Option` may hold.
fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inside) => Some(inside),
        _ => None,
    })
}
