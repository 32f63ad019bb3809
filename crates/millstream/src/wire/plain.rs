//! A payload that is not JSON, as a value: text, or bytes.

use crate::extract::Refusal;
use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

/// Reads what stands there as what the type asks for: a number from its digits, `true` and `false`, the name of a
/// variant, a text, bytes. A type that takes anything gets the text.
pub(super) struct Plain<'de>(pub(super) &'de [u8]);

/// What is shown of it in an error.
const TEXT: Unexpected<'static> = Unexpected::Str("");

impl<'de> Plain<'de> {
    fn text(&self) -> Result<&'de str, Refusal> {
        std::str::from_utf8(self.0).map_err(|_| Refusal::invalid_type(Unexpected::Bytes(&[]), &"text"))
    }

    fn parsed<T: std::str::FromStr>(&self, what: &'static str) -> Result<T, Refusal> {
        self.text()?.trim().parse().map_err(|_| Refusal::invalid_value(TEXT, &what))
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty: $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            visitor.$visit(self.parsed::<$type>($what)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Plain<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match std::str::from_utf8(self.0) {
            Ok(text) if self.0.first() != Some(&0) => visitor.visit_borrowed_str(text),
            _ => visitor.visit_borrowed_bytes(self.0),
        }
    }

    parsed! {
        deserialize_bool visit_bool bool: "`true` or `false`";
        deserialize_i8 visit_i8 i8: "a whole number of type i8";
        deserialize_i16 visit_i16 i16: "a whole number of type i16";
        deserialize_i32 visit_i32 i32: "a whole number of type i32";
        deserialize_i64 visit_i64 i64: "a whole number of type i64";
        deserialize_i128 visit_i128 i128: "a whole number of type i128";
        deserialize_u8 visit_u8 u8: "a whole number of type u8";
        deserialize_u16 visit_u16 u16: "a whole number of type u16";
        deserialize_u32 visit_u32 u32: "a whole number of type u32";
        deserialize_u64 visit_u64 u64: "a whole number of type u64";
        deserialize_u128 visit_u128 u128: "a whole number of type u128";
        deserialize_f32 visit_f32 f32: "a number";
        deserialize_f64 visit_f64 f64: "a number";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_borrowed_bytes(self.0)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_borrowed_bytes(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        BorrowedStrDeserializer::<Refusal>::new(self.text()?).deserialize_enum(name, variants, visitor)
    }

    /// A frame of a schema registry, or anything else that begins with a zero byte, is a list of bytes too: that is what
    /// `Vec<u8>` asks for.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.0.first() == Some(&0) || std::str::from_utf8(self.0).is_err() {
            return visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { char unit unit_struct tuple tuple_struct map struct identifier }
}
