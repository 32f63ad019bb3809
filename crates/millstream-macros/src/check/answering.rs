//! Whether a listener answers, and what does not go together with it.

use super::options::Found;
use crate::error_sink::ErrorSink;
use crate::parse::Value;
use quote::ToTokens;
use syn::{GenericArgument, Ident, Lit, PathArguments, ReturnType, Type};

/// Whether what the method returns is sent: by `reply`, by `send_to`, or because it returns a `Reply`.
pub(crate) fn check(found: &Found, output: &ReturnType, errors: &mut ErrorSink) -> bool {
    let option = |wanted: &str| found.named.iter().find(|(name, _)| name == wanted);
    let reply = option("reply").map(|(name, value)| (name, value, said(value, errors)));
    let send_to = option("send_to").map(|(name, _)| name);
    let returned = returned_reply(output);
    if let Some((_, value, Some(false))) = &reply {
        if let Some(send_to) = send_to {
            errors.at(send_to, "`send_to` sends what the method returns, and `reply = false` says that nothing is sent; remove one of them");
        } else if returned.is_some() {
            errors.at(value, "the method returns a `Reply`, which is an answer; remove `reply = false`, or let it return `Result<()>`");
        }
    }
    let answers =
        send_to.is_some() || returned.is_some() || reply.as_ref().is_some_and(|(.., said)| *said == Some(true));
    if !answers {
        if let Some((wire, _)) = option("wire")
            && reply.as_ref().is_none_or(|(.., said)| said.is_some())
        {
            errors.at(
                wire,
                "`wire` says how answers look, and the method does not answer; add `reply`, or remove `wire`",
            );
        }
        return false;
    }
    if let Some(send_to) = send_to
        && returns_nothing(output)
    {
        errors.at(
            send_to,
            "the method returns nothing that `send_to` could send: each message would write a null, which deletes its key; return `Result<T>`, or `Result<Option<T>>` where null is meant",
        );
    }
    // The first of these that is there says that the method answers.
    let place = reply.map(|(name, ..)| name).or(send_to);
    let refuse = |message: &str, errors: &mut ErrorSink| match (place, returned) {
        (Some(name), _) => errors.at(name, message),
        (None, Some(returned)) => errors.at(returned, message),
        (None, None) => {}
    };
    if option("batch").is_some() {
        refuse(
            "every request has its own answer, and the method takes several messages at once: a listener that answers has no `batch`; remove one of them",
            errors,
        );
    }
    if found.calls.iter().any(|(name, _)| name == "idempotent") {
        refuse(
            "what was answered is not kept, so that a request which comes again would get no answer: a listener that answers has no `idempotent`; remove one of them",
            errors,
        );
    }
    true
}

/// What `reply = ..` says: the method's code depends on it, so that a constant is too late.
fn said(value: &Value, errors: &mut ErrorSink) -> Option<bool> {
    match value {
        Value::Literal(Lit::Bool(literal)) => return Some(literal.value()),
        Value::Literal(Lit::Str(topic)) => errors.at(
            value,
            format!(
                "`reply` is `true` or `false`; a topic that every result goes to is `send_to = {}`",
                topic.to_token_stream()
            ),
        ),
        _ => errors.at(value, "`reply` is `true` or `false`: the method is compiled for it; write `reply`"),
    }
    None
}

/// The `Reply<..>` that is the result, or the value of the `Result` that is.
fn returned_reply(output: &ReturnType) -> Option<&Ident> {
    let ReturnType::Type(_, ty) = output else { return None };
    let last = last_segment(ty)?;
    if last.ident == "Reply" {
        return Some(&last.ident);
    }
    last_segment(first_type(last)?).map(|segment| &segment.ident).filter(|ident| *ident == "Reply")
}

/// Whether the result is `()`, or a `Result` of it.
fn returns_nothing(output: &ReturnType) -> bool {
    let is_unit = |ty: &Type| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty());
    let ReturnType::Type(_, ty) = output else { return true };
    is_unit(ty) || last_segment(ty).and_then(first_type).is_some_and(is_unit)
}

/// The first type in the brackets of a path.
fn first_type(segment: &syn::PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn a_result_of_nothing_is_seen() {
        assert!(returns_nothing(&parse_quote! {}));
        assert!(returns_nothing(&parse_quote! { -> () }));
        assert!(returns_nothing(&parse_quote! { -> Result<(), Declined> }));
        assert!(!returns_nothing(&parse_quote! { -> Result<Option<()>> }));
        assert!(!returns_nothing(&parse_quote! { -> Result<Reply<()>> }));
    }

    #[test]
    fn a_reply_is_seen_by_its_name() {
        let seen = |output: ReturnType| returned_reply(&output).is_some();
        assert!(seen(parse_quote! { -> Result<Reply<u64>> }));
        assert!(seen(parse_quote! { -> Result<millstream::Reply<Vec<&str>>, Declined> }));
        assert!(seen(parse_quote! { -> anyhow::Result<(Reply<()>)> }));
        assert!(seen(parse_quote! { -> Reply<u64> }));
        for other in [
            parse_quote! {},
            parse_quote! { -> Result<()> },
            parse_quote! { -> Result<u64, Reply<u64>> },
            parse_quote! { -> Result<Vec<Reply<u64>>> },
            parse_quote! { -> impl Sized },
        ] {
            assert!(!seen(other));
        }
    }
}
