//! Payloads by the rules of `NestJS`.

use super::plain::Plain;
use crate::component::Injector;
use crate::context::Context;
use crate::error::BoxError;
use crate::extract::{ExtractError, FromMessage, Refusal, explain};
use crate::producer::IntoPayload;
use bytes::Bytes;
use serde::de::value::UnitDeserializer;
use serde::{Deserialize, Serialize};
use std::ops::{Deref, DerefMut};

/// What an argument that needs a payload says of a message without one.
const TOMBSTONE: &str =
    "a payload: it is a tombstone, which an argument of type `Option<Nest<..>>` or `Nest<Option<..>>` takes as `None`";

/// A payload by the rules of `NestJS`, as an argument and for sending.
///
/// As an argument: a payload that begins with `{` or `[` and is JSON is decoded as such. Everything else is text, from
/// which numbers, booleans and names of variants are read where `T` asks for them: the number 12345 of a `NestJS` client
/// arrives as five digits. A payload that begins with a zero byte (the frame of a schema registry) is left alone: as
/// `Vec<u8>` or anything that takes bytes. A tombstone is `None` of an `Option`, and an error otherwise.
///
/// As a payload: text as it is, nothing (`None`, `()`) as null, everything else as JSON. Unlike there, an object that
/// happens to have a field `key` or `value` is an object like any other: the key of a message is set with
/// [`OutgoingMessage::key`](crate::OutgoingMessage::key), [`Reply::key`](crate::Reply::key) and
/// [`Request::key`](crate::Request::key).
///
/// ```
/// use millstream::{IntoPayload, Nest};
///
/// async fn on_sum(Nest(numbers): Nest<Vec<i64>>) {
///     println!("{}", numbers.iter().sum::<i64>());
/// }
/// # let _ = on_sum(Nest(vec![1, 2]));
/// assert_eq!(Nest("1,2").into_payload().unwrap().unwrap(), "1,2");
/// assert_eq!(Nest([1, 2]).into_payload().unwrap().unwrap(), "[1,2]");
/// assert_eq!(Nest(()).into_payload().unwrap(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nest<T>(
    /// The decoded payload.
    pub T,
);

impl<T> Nest<T> {
    /// The decoded payload itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Nest<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Nest<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Serialize> Nest<T> {
    pub(crate) fn encoded(&self) -> Result<Option<Bytes>, BoxError> {
        let json = serde_json::to_vec(&self.0)?;
        match json.first() {
            // Only a text begins so, and only null begins so.
            Some(b'"') => Ok(Some(serde_json::from_slice::<String>(&json)?.into())),
            Some(b'n') => Ok(None),
            _ => Ok(Some(json.into())),
        }
    }
}

impl<'m, T: Deserialize<'m>> Nest<T> {
    pub(crate) fn decoded(payload: Option<&'m [u8]>) -> Result<Self, BoxError> {
        let Some(payload) = payload else {
            return Ok(Self(T::deserialize(UnitDeserializer::<Refusal>::new())?));
        };
        if let Some(b'{' | b'[') = payload.first() {
            match serde_json::from_slice(payload) {
                Ok(value) => return Ok(Self(value)),
                // What only looks like JSON is text.
                Err(error) if error.is_data() => return Err(explain::<T>(payload, &error).into()),
                Err(_) => {}
            }
        }
        Ok(Self(T::deserialize(Plain(payload))?))
    }
}

impl<T: Serialize> IntoPayload for Nest<T> {
    fn into_payload(self) -> Result<Option<Bytes>, BoxError> {
        self.encoded()
    }
}

impl<'m, T: Deserialize<'m>> FromMessage<'m> for Nest<T> {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    #[inline]
    fn from_message(context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
        let payload = context.payload();
        Self::decoded(payload).map_err(|error| match payload {
            Some(_) => ExtractError::malformed("the payload", error),
            None => ExtractError::missing(TOMBSTONE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, message};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn decoded<T: for<'m> Deserialize<'m>>(payload: &str) -> Result<T, String> {
        Nest::decoded(Some(payload.as_bytes())).map(Nest::into_inner).map_err(|error| error.to_string())
    }

    #[derive(Deserialize, Serialize, Debug, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Id(u64);

    #[test]
    fn json_is_only_what_begins_with_a_bracket() {
        assert_eq!(decoded::<Value>(r#"{"a":[1]}"#), Ok(json!({"a": [1]})));
        assert_eq!(decoded::<Vec<i64>>("[1,2]"), Ok(vec![1, 2]));
        for text in ["12345", "true", "null", r#""quoted""#, " [1]", "", "1,2,3", "{broken", "[1,2"] {
            assert_eq!(decoded::<Value>(text), Ok(json!(text)), "{text}");
        }
    }

    #[test]
    fn a_text_is_read_as_what_the_type_asks_for() {
        assert_eq!(decoded::<i64>("12345"), Ok(12345));
        assert_eq!(decoded::<u8>("255"), Ok(255));
        assert_eq!(decoded::<f64>("1.5"), Ok(1.5));
        assert_eq!(decoded::<i128>("-7"), Ok(-7));
        assert_eq!(decoded::<bool>("true"), Ok(true));
        assert_eq!(decoded::<char>("x"), Ok('x'));
        assert_eq!(decoded::<String>("12345"), Ok("12345".to_owned()));
        assert_eq!(decoded::<Colour>("green"), Ok(Colour::Green));
        assert_eq!(decoded::<Id>("7"), Ok(Id(7)));
        assert_eq!(decoded::<Option<i64>>("7"), Ok(Some(7)));
        assert_eq!(decoded::<serde::de::IgnoredAny>("7").map(drop), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_explained_without_being_quoted() {
        for (told, expected) in [
            (decoded::<i64>("secret").unwrap_err(), "expected a whole number of type i64, found a string that is none"),
            (decoded::<u8>("256").unwrap_err(), "expected a whole number of type u8, found a string that is none"),
            (decoded::<bool>("secret").unwrap_err(), "expected `true` or `false`, found a string that is none"),
            (decoded::<Colour>("secret").unwrap_err(), "not one of `red`, `green`"),
            (decoded::<Vec<i64>>("secret").unwrap_err(), "expected a sequence, found a string"),
            (decoded::<BTreeMap<String, u8>>("secret").unwrap_err(), "expected a map, found a string"),
            (decoded::<()>("secret").unwrap_err(), "expected unit, found a string"),
        ] {
            assert_eq!(told, expected);
        }
        let told = decoded::<Vec<i64>>(r#"[1,"secret"]"#).unwrap_err();
        assert!(told.starts_with("`[1]`: expected i64, found a string"), "{told}");
    }

    #[test]
    fn a_payload_with_a_leading_zero_is_left_alone() {
        let frame = b"\0\0\0\0\x07{}";
        assert_eq!(Nest::<Vec<u8>>::decoded(Some(frame)).unwrap().0, frame);
        assert!(Nest::<String>::decoded(Some(b"\xff")).is_err());
        assert_eq!(Nest::<Vec<u8>>::decoded(Some(b"\xff\xfe")).unwrap().0, b"\xff\xfe");
    }

    #[test]
    fn null_is_nothing_and_an_error_where_something_is_needed() {
        assert_eq!(Nest::<Option<i64>>::decoded(None).unwrap().0, None);
        assert_eq!(Nest::<Value>::decoded(None).unwrap().0, Value::Null);
        Nest::<()>::decoded(None).unwrap();
        assert!(Nest::<i64>::decoded(None).unwrap_err().to_string().contains("found null"));
    }

    #[test]
    fn an_argument_is_read_by_the_same_rules() {
        assert_eq!(extract::<Nest<u32>>(&message(Some(b"7"))).unwrap(), Nest(7));
        assert_eq!(extract::<Nest<Option<u32>>>(&message(None)).unwrap(), Nest(None));
        assert_eq!(extract::<Option<Nest<u32>>>(&message(None)).unwrap(), None);
        let error = extract::<Nest<u32>>(&message(None)).unwrap_err();
        assert!(error.is_missing() && error.to_string().contains("`Option<Nest<..>>`"), "{error}");
        let error = extract::<Nest<u32>>(&message(Some(b"secret"))).unwrap_err().to_string();
        assert!(error.starts_with("the payload does not decode: expected a whole number"), "{error}");
    }

    #[test]
    fn text_is_sent_as_it_is_null_as_null_and_the_rest_as_json() {
        let sent =
            |value: Value| Nest(value).encoded().unwrap().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
        assert_eq!(sent(json!("a \"b\" \n ü")).as_deref(), Some("a \"b\" \n ü"));
        assert_eq!(sent(json!("")).as_deref(), Some(""));
        assert_eq!(sent(json!("null")).as_deref(), Some("null"));
        assert_eq!(sent(json!(15)).as_deref(), Some("15"));
        assert_eq!(sent(json!(true)).as_deref(), Some("true"));
        assert_eq!(sent(json!([1, "a"])).as_deref(), Some(r#"[1,"a"]"#));
        // No envelope: a field of this name is data.
        assert_eq!(sent(json!({"key": 1, "value": 2})).as_deref(), Some(r#"{"key":1,"value":2}"#));
        assert_eq!(sent(Value::Null), None);
        assert_eq!(Nest(()).encoded().unwrap(), None);
        assert_eq!(Nest(Colour::Red).encoded().unwrap().unwrap(), "red");
        assert!(Nest(BTreeMap::from([(vec![1], 2)])).encoded().is_err());
    }
}
