//! One listener: its method as a type, so that the engine's loop is compiled for it.

use super::location::location;
use super::types::{explicit, placed_on, without_self};
use crate::model::{ArgumentSource, Calling, Listener, ListenerArgument, SelfType};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{ImplGenerics, Index, Type, TypeGenerics, WhereClause};

/// The impl block that a listener stands in.
pub(super) struct Owner<'a> {
    pub(super) consumer: &'a SelfType,
    pub(super) parameters: &'a ImplGenerics<'a>,
    pub(super) arguments: &'a TypeGenerics<'a>,
    pub(super) clause: Option<&'a WhereClause>,
}

/// What one argument adds to each of the functions.
#[derive(Default)]
struct Parts {
    prepared: Vec<TokenStream>,
    needs: TokenStream,
    prepare: TokenStream,
    prepared_values: Vec<TokenStream>,
    take: TokenStream,
    values: Vec<Ident>,
    bounds: Vec<TokenStream>,
}

pub(super) fn listener(one: &Listener, hidden: &Ident, owner: &Owner<'_>) -> TokenStream {
    let Owner { consumer, parameters, arguments, clause } = owner;
    let ty = &consumer.ty;
    let cfgs = &one.cfgs;
    let mut parts = Parts::default();
    for (index, argument) in one.arguments.iter().enumerate() {
        add(&mut parts, index, argument, one, owner);
    }
    let Parts { prepared, needs, prepare, prepared_values, take, values, bounds } = &parts;
    let asks = !prepared.is_empty();
    let name = |name: &str| if asks { format_ident!("__{name}") } else { format_ident!("_{name}") };
    let (needs_name, injector_name, prepared_name) = (name("needs"), name("injector"), name("prepared"));
    let marker = if is_generic(owner) {
        quote! { (::core::marker::PhantomData<fn() -> #ty>) }
    } else {
        TokenStream::new()
    };
    let bounded = bounded(owner, bounds);
    let method = match one.options.calling {
        Calling::Async => quote! { ListenerMethod },
        Calling::Blocking => quote! { BlockingMethod },
        Calling::Batch => quote! { BatchMethod },
    };
    let call = call(one, owner, take, values, &prepared_name);
    quote! {
        #(#cfgs)*
        struct #hidden #parameters #marker #clause;

        #(#cfgs)*
        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl #parameters __ms::#method for #hidden #arguments #bounded {
            type Consumer = #ty;
            type Prepared = (#(#prepared,)*);

            fn needs(#needs_name: &mut __ms::Needs) {
                #needs
            }

            fn prepare(#injector_name: &mut __ms::Injector<'_>) -> ::core::option::Option<Self::Prepared> {
                #prepare
                ::core::option::Option::Some((#(#prepared_values?,)*))
            }

            #call
        }
    }
}

/// The function that takes the arguments and calls the method.
fn call(one: &Listener, owner: &Owner<'_>, take: &TokenStream, values: &[Ident], prepared_name: &Ident) -> TokenStream {
    let ty = &owner.consumer.ty;
    let outcome = outcome(one, owner, values);
    // A future that is not `Send` is a mistake of the method: the error belongs on its name.
    let at = one.method.span();
    let unused = one.arguments.is_empty();
    let context_name =
        if unused && !one.options.answers { format_ident!("_context") } else { format_ident!("__context") };
    let (given, promised) = match one.options.calling {
        Calling::Async => (quote! { #context_name: &'m __ms::Context }, quote! { __ms::Outcome }),
        Calling::Batch => {
            let batch_name = if unused { format_ident!("_batch") } else { format_ident!("__batch") };
            (quote! { #batch_name: &'m __ms::BatchContext }, quote! { __ms::BatchOutcome })
        }
        Calling::Blocking => {
            return quote! {
                #[inline]
                fn call<'m>(
                    __consumer: &'m #ty,
                    #context_name: &'m __ms::Context,
                    #prepared_name: &'m Self::Prepared,
                ) -> __ms::Outcome {
                    #take #outcome
                }
            };
        }
    };
    let returned = quote_spanned! {at=> impl ::core::future::Future<Output = #promised> + ::core::marker::Send + 'm };
    let future = quote_spanned! {at=> async move { #take #outcome } };
    quote! {
        #[inline]
        fn call<'m>(
            __consumer: &'m #ty,
            #given,
            #prepared_name: &'m Self::Prepared,
        ) -> #returned {
            #future
        }
    }
}

fn is_generic(owner: &Owner<'_>) -> bool {
    !owner.consumer.generics.params.is_empty()
}

/// The where clause of the implementation: that of the block, and what the types of the listener must be.
///
/// What a concrete type must be is known without the clause; but one that is not is then told here, once,
/// and taken as given everywhere else. For a type that depends on parameters the same clause would hide
/// what the type really is, so there only the consumer is bounded.
fn bounded(owner: &Owner<'_>, bounds: &[TokenStream]) -> TokenStream {
    let ty = &owner.consumer.ty;
    let shared = placed_on(ty, quote! { ::core::marker::Send + ::core::marker::Sync + 'static });
    let given = owner.clause.map(|clause| &clause.predicates).into_iter().flatten();
    let bounds = if is_generic(owner) { &[] } else { bounds };
    quote! {
        where
            #(#given,)*
            #ty: #shared,
            #(#bounds,)*
    }
}

fn add(parts: &mut Parts, index: usize, argument: &ListenerArgument, one: &Listener, owner: &Owner<'_>) {
    let ListenerArgument { name, ty, source } = argument;
    let consumer = &owner.consumer.ty;
    let variable = format_ident!("__argument{index}");
    let called = explicit(ty, "'m", consumer);
    let forever = explicit(ty, "'static", consumer);
    let what = format!("argument `{name}` of `{}.{}`", owner.consumer.name, one.method.unraw());
    let location = location(ty.span());
    let slot = Index::from(parts.prepared.len());
    let mut prepare = |of_trait: TokenStream, key: Option<&TokenStream>| {
        let value = format_ident!("__prepared{index}");
        let key = key.map(|key| quote! { , #key });
        let bound = placed_on(ty, quote! { #of_trait });
        parts.bounds.push(quote! { #forever: #bound });
        parts.prepared.push(quote! { <#forever as #of_trait>::Prepared });
        parts.needs.extend(quote! { __needs.at(#what, #location); <#forever as #of_trait>::needs(__needs #key); });
        parts.prepare.extend(
            quote! { let #value = { __injector.at(#what, #location); <#forever as #of_trait>::prepare(__injector #key) }; },
        );
        parts.prepared_values.push(value.to_token_stream());
    };
    parts.take.extend(match source {
        ArgumentSource::Message if one.options.calling == Calling::Batch => {
            prepare(quote! { __ms::PreparesBatch }, None);
            let taken = placed_on(ty, quote! { __ms::Ask::<#called>::new().take_batch(__batch, &__prepared.#slot) });
            quote! {
                let #variable = loop {
                    match #taken {
                        ::core::result::Result::Ok(value) => break value,
                        ::core::result::Result::Err(error) => {
                            if let ::core::result::Result::Err(outcome) = __ms::wait_to_take(error, #name).await {
                                return outcome;
                            }
                        }
                    }
                };
            }
        }
        ArgumentSource::Message => {
            prepare(quote! { __ms::PreparesMessage }, None);
            let taken = placed_on(ty, quote! { __ms::Ask::<#called>::new().take_message(__context, &__prepared.#slot) });
            let waited = quote! { __ms::wait_to_extract(error, #name) };
            let waited = if one.options.calling == Calling::Blocking {
                quote! { __ms::wait_blocking(#waited) }
            } else {
                quote! { #waited.await }
            };
            quote! {
                let #variable = loop {
                    match #taken {
                        ::core::result::Result::Ok(value) => break value,
                        ::core::result::Result::Err(error) => {
                            if let ::core::result::Result::Err(failure) = #waited {
                                return ::core::result::Result::Err(failure);
                            }
                        }
                    }
                };
            }
        }
        ArgumentSource::Header(header) => {
            let header = without_self(header.clone(), consumer);
            quote! {
                let #variable = match <#called as __ms::FromHeader<'m>>::from_header(#header, __context.header(#header)) {
                    ::core::result::Result::Ok(value) => value,
                    ::core::result::Result::Err(error) => {
                        return ::core::result::Result::Err(__ms::not_extracted(error, #name));
                    }
                };
            }
        }
        ArgumentSource::Config(key) => {
            let key = without_self(key.clone(), consumer);
            prepare(quote! { __ms::PreparesConfig }, Some(&key));
            let taken = placed_on(ty, quote! { __ms::Ask::<#called>::new().take_config(&__prepared.#slot) });
            quote! { let #variable = #taken; }
        }
    });
    parts.values.push(variable);
}

/// The call, and what its result means.
fn outcome(one: &Listener, owner: &Owner<'_>, values: &[Ident]) -> TokenStream {
    let ty = &owner.consumer.ty;
    let method = &one.method;
    let awaited = if one.options.calling == Calling::Blocking {
        TokenStream::new()
    } else {
        quote! { .await }
    };
    let call = quote! { <#ty>::#method(__consumer, #(#values),*) #awaited };
    if one.options.answers {
        let returned = match &one.output {
            Some(output) if !is_unit(output) => {
                let output = explicit(output, "'m", ty);
                quote! { <#output as __ms::IntoAnswer>::into_answer(#call) }
            }
            _ => quote! { __ms::IntoAnswer::into_answer(::core::result::Result::<(), __ms::Error>::Ok(#call)) },
        };
        return quote! { __ms::leave_answer(__context, #returned) };
    }
    let (of_trait, function) = match one.options.calling {
        Calling::Batch => (quote! { IntoBatchOutcome }, quote! { into_batch_outcome }),
        Calling::Async | Calling::Blocking => (quote! { IntoOutcome }, quote! { into_outcome }),
    };
    match &one.output {
        None => quote! { __ms::#of_trait::#function(#call) },
        Some(output) => {
            // Named in full, so that an error underlines the whole of it.
            let output = explicit(output, "'m", ty);
            quote! { <#output as __ms::#of_trait>::#function(#call) }
        }
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}
