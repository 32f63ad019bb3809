//! The key of a message.

use super::field::field;
use crate::context::Context;
use crate::error::Error;
use crate::plan::IdempotencyKey;
use std::fmt::Write as _;

/// A key is held by every store; what is longer is no key but a document.
const LONGEST: usize = 1024;

/// The key of the message in hand.
///
/// # Errors
/// A terminal error where it is missing, malformed, empty or longer than 1,024 bytes: no retry mends that.
pub(super) fn key(source: &IdempotencyKey, context: &Context) -> Result<String, Error> {
    let (what, found) = match source {
        IdempotencyKey::Field(path) => {
            let what = format!("the field `{path}`");
            let found = match context.payload() {
                None => Ok(None),
                Some(payload) => {
                    // Its text may quote the payload.
                    field(payload, path).map_err(|error| {
                        let (line, column) = (error.line(), error.column());
                        refused(&what, &format!("cannot be read from the payload (line {line}, column {column})"))
                    })
                }
            };
            (what, found)
        }
        IdempotencyKey::Header(name) => (format!("the header `{name}`"), Ok(context.header(name).map(text))),
        IdempotencyKey::MessageKey => ("the message's key".to_owned(), Ok(context.key().map(text))),
        IdempotencyKey::Function(function) => ("the function's key".to_owned(), Ok(function(context))),
    };
    match found? {
        None => Err(refused(&what, "is missing")),
        Some(key) if key.is_empty() => Err(refused(&what, "is empty")),
        Some(key) if key.len() > LONGEST => Err(refused(&what, "is longer than 1,024 bytes")),
        Some(key) => Ok(key),
    }
}

fn refused(what: &str, why: &str) -> Error {
    Error::terminal(format!("{what}, by which the message is told from others (`idempotent`), {why}"))
}

/// The bytes as text, if they are; otherwise in hexadecimal.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().fold("0x".to_owned(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }),
    }
}

/// What stands before the keys of a listener in its store.
pub(super) fn scope(group_id: &str, listener: &str) -> String {
    // So that no two pairs of names make the same text.
    let escaped = |name: &str| name.replace('%', "%25").replace(':', "%3A");
    format!("{}:{}:", escaped(group_id), escaped(listener))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OwnedMessage;
    use crate::testing::{ContextFacts, context};

    fn message() -> OwnedMessage {
        OwnedMessage {
            payload: Some(br#"{"id":7}"#.to_vec().into()),
            key: Some(vec![0xff, 0x01].into()),
            ..OwnedMessage::new("orders", 0, 0)
        }
    }

    fn of(source: &IdempotencyKey, message: OwnedMessage) -> Result<String, String> {
        let (context, _) = context(message, ContextFacts::default());
        key(source, &context).map_err(|error| {
            assert!(error.is_terminal());
            error.to_string()
        })
    }

    #[test]
    fn every_source_gives_its_key() {
        assert_eq!(of(&IdempotencyKey::Field("id".into()), message()).unwrap(), "7");
        assert_eq!(of(&IdempotencyKey::MessageKey, message()).unwrap(), "0xff01");
        assert_eq!(
            of(&IdempotencyKey::Function(|context| Some(context.topic().to_owned())), message()).unwrap(),
            "orders"
        );
    }

    #[test]
    fn a_lack_fails_for_good_and_names_the_key_and_no_payload() {
        let malformed = OwnedMessage { payload: Some(b"secret".to_vec().into()), ..message() };
        let error = of(&IdempotencyKey::Field("id".into()), malformed).unwrap_err();
        assert!(error.starts_with("the field `id`") && !error.contains("secret"), "{error}");
        let error = of(&IdempotencyKey::Header("trace".into()), message()).unwrap_err();
        assert!(error.starts_with("the header `trace`") && error.ends_with("is missing"), "{error}");
        assert!(of(&IdempotencyKey::Function(|_| Some(String::new())), message()).unwrap_err().ends_with("is empty"));
        assert!(of(&IdempotencyKey::Function(|_| Some("k".repeat(1025))), message()).is_err());
    }

    #[test]
    fn no_two_listeners_share_keys() {
        assert_ne!(scope("a:b", "c"), scope("a", "b:c"));
        assert_ne!(scope("a%3Ab", "c"), scope("a:b", "c"));
    }
}
