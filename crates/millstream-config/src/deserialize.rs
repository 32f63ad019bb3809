//! serde reads a node.

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::fault::Fault;
use crate::key_path::KeyPath;
use crate::node::{Node, Value};
use crate::problem::Problem;
use crate::reader::Reader;
use crate::usage::Usage;

/// Reads a value of type `T` and marks what went into it.
pub(crate) fn read_node<T: DeserializeOwned>(node: &Node, path: &KeyPath, usage: &Usage) -> Result<T, Problem> {
    let reader = Reader { node, path: path.clone(), usage: Some(usage) };
    T::deserialize(reader).map_err(|fault| fault.at(node, path).into_problem())
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.visit(|reader| visitor.$visit(reader.integer::<$type>(<$type>::MIN, <$type>::MAX)?))
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    integers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| visitor.visit_u128(reader.integer::<u128>(0, i128::MAX)?))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| reader.any(visitor))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| visitor.visit_bool(reader.boolean()?))
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| {
            let float = reader.float()?;
            if float.is_finite() && float.abs() > f64::from(f32::MAX) {
                return Err(Fault::rule("expects a number that fits in 32 bits"));
            }
            // Fewer digits are what a reader that asks for 32 bits wants.
            #[allow(clippy::cast_possible_truncation)]
            visitor.visit_f32(float as f32)
        })
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| visitor.visit_f64(reader.float()?))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| visitor.visit_str(reader.text()?))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| match &reader.node.value {
            Value::Array(_) => reader.list(visitor),
            _ => visitor.visit_bytes(reader.text()?.as_bytes()),
        })
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.node.is_unset() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        let (node, path) = (self.node, self.path.clone());
        visitor.visit_newtype_struct(self).map_err(|fault| fault.at(node, &path))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| reader.list(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(|reader| reader.table(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Some(usage) = self.usage {
            usage.marks().add_fields(&self.path, fields);
        }
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.visit(|reader| match &reader.node.value {
            Value::String(text) | Value::Untyped(text) => visitor.visit_enum(StrDeserializer::new(text)),
            Value::Table(table) if table.values().filter(|node| !node.is_unset()).count() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(reader.entries(table)))
            }
            _ => {
                let names: Vec<String> = variants.iter().map(|name| format!("\"{name}\"")).collect();
                Err(reader.found(&format!("one of {}", names.join(", "))))
            }
        })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        // Not a read: what is ignored is unknown.
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { unit unit_struct }
}
