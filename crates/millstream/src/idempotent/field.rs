//! One field of a JSON payload, without reading the rest into memory.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The text of the value at `path` (`id`, `order.id`); `None` where it is absent or null.
///
/// # Errors
/// The payload is no JSON, or the value is not a text, a number or a truth value.
pub(super) fn field(payload: &[u8], path: &str) -> Result<Option<String>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(payload);
    let found = At { path: Some(path) }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

/// What is wanted of a value: what is below it at this path, or itself.
struct At<'p> {
    path: Option<&'p str>,
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl At<'_> {
    fn scalar<E: Error>(&self, text: impl Into<String>) -> Result<Option<String>, E> {
        match self.path {
            None => Ok(Some(text.into())),
            Some(_) => Err(E::custom("something on the way to the key is no object")),
        }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.path.is_some() { "an object" } else { "a text, a number or a truth value" })
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.scalar(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.scalar(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.scalar(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.scalar(value.to_string())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        self.scalar(value)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(path) = self.path else { return Err(A::Error::custom("the key is an object")) };
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let mut found = None;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if key == name {
                found = map.next_value_seed(At { path: rest })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(payload: &str, path: &str) -> Result<Option<String>, String> {
        field(payload.as_bytes(), path).map_err(|error| error.to_string())
    }

    #[test]
    fn texts_numbers_and_truth_values_are_keys() {
        assert_eq!(of(r#"{"id":"a\nb"}"#, "id").unwrap().unwrap(), "a\nb");
        assert_eq!(of(r#"{"x":[{}],"id":18446744073709551615}"#, "id").unwrap().unwrap(), "18446744073709551615");
        assert_eq!(of(r#"{"id":-7}"#, "id").unwrap().unwrap(), "-7");
        assert_eq!(of(r#"{"id":true}"#, "id").unwrap().unwrap(), "true");
    }

    #[test]
    fn a_path_goes_through_objects() {
        assert_eq!(of(r#"{"order":{"x":1,"id":5},"id":6}"#, "order.id").unwrap().unwrap(), "5");
        assert!(of(r#"{"order":5}"#, "order.id").is_err());
    }

    #[test]
    fn absent_and_null_are_no_key() {
        for payload in ["{}", r#"{"id":null}"#, r#"{"order":null}"#, "null"] {
            assert_eq!(of(payload, if payload.contains("order") { "order.id" } else { "id" }), Ok(None), "{payload}");
        }
    }

    #[test]
    fn what_is_no_key_is_an_error_and_nothing_panics() {
        for payload in ["", "{", "[]", r#"{"id":{}}"#, r#"{"id":[1]}"#, r#"{"id":1} x"#, "\u{0}", "5"] {
            assert!(of(payload, "id").is_err(), "{payload}");
        }
    }
}
