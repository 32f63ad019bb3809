//! Decodes a type from a tree of JSON, as `serde_json` decodes it from text.

use super::key_deserializer::KeyDeserializer;
use super::node::Node;
use super::refusal::Refusal;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::fmt;
use std::vec;

/// What types of `serde_json` itself ask for when they want to be read in a way of their own.
const INTERNAL: &str = "$serde_json::private";

pub(super) struct NodeDeserializer<'de> {
    node: Node<'de>,
    /// The fields that the type declares: only their names may be shown.
    fields: &'static [&'static str],
}

impl<'de> NodeDeserializer<'de> {
    pub(super) fn new(node: Node<'de>) -> Self {
        Self { node, fields: &[] }
    }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Unsigned(value) => visitor.visit_u64(value),
            Node::Signed(value) => visitor.visit_i64(value),
            Node::Float(value) => visitor.visit_f64(value),
            Node::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Node::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Node::List(nodes) => visit_list(nodes, visitor),
            Node::Object(entries) => {
                visitor.visit_map(Entries { rest: entries.into_iter(), fields: self.fields, value: None })
            }
        }
    }

    // Integers beyond 64 bits are floats in the tree.
    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Float(_) => Err(Refusal::unexplained()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_i128(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Node::Text(Cow::Owned(text)) => visitor.visit_byte_buf(text.into_bytes()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        if name.starts_with(INTERNAL) {
            return Err(Refusal::unexplained());
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if name.starts_with(INTERNAL) {
            return Err(Refusal::unexplained());
        }
        self.fields = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let (variant, node) = match self.node {
            Node::Text(variant) => (variant, None),
            Node::Object(entries) => {
                let mut entries = entries.into_iter();
                match (entries.next(), entries.next()) {
                    (Some((variant, node)), None) => (variant, Some(node)),
                    _ => return Err(Error::invalid_value(Unexpected::Map, &OneEntry)),
                }
            }
            node => return Err(Error::invalid_type(kind(&node), &"string or map")),
        };
        visitor.visit_enum(Variant { declared: declared(variants, &variant), name: variant, node })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct OneEntry;

impl Expected for OneEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with the variant as its only key")
    }
}

fn kind<'a>(node: &Node<'_>) -> Unexpected<'a> {
    match node {
        Node::Null => Unexpected::Unit,
        Node::Bool(value) => Unexpected::Bool(*value),
        Node::Unsigned(value) => Unexpected::Unsigned(*value),
        Node::Signed(value) => Unexpected::Signed(*value),
        Node::Float(value) => Unexpected::Float(*value),
        Node::Text(_) => Unexpected::Str(""),
        Node::List(_) => Unexpected::Seq,
        Node::Object(_) => Unexpected::Map,
    }
}

/// The name as the type declares it.
fn declared(names: &'static [&'static str], name: &str) -> Option<&'static str> {
    names.iter().copied().find(|each| *each == name)
}

fn visit_list<'de, V: Visitor<'de>>(nodes: Vec<Node<'de>>, visitor: V) -> Result<V::Value, Refusal> {
    let length = nodes.len();
    let mut elements = Elements { nodes: nodes.into_iter(), index: 0 };
    let value = visitor.visit_seq(&mut elements)?;
    if elements.nodes.len() == 0 { Ok(value) } else { Err(Error::invalid_length(length, &"fewer elements")) }
}

struct Elements<'de> {
    nodes: vec::IntoIter<Node<'de>>,
    index: usize,
}

impl<'de> SeqAccess<'de> for &mut Elements<'de> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Some(node) = self.nodes.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(NodeDeserializer::new(node)).map(Some).map_err(|refusal| refusal.in_element(index))
    }
}

struct Entries<'de> {
    rest: vec::IntoIter<(Cow<'de, str>, Node<'de>)>,
    fields: &'static [&'static str],
    value: Option<(Option<&'static str>, Node<'de>)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        let Some((key, node)) = self.rest.next() else {
            return Ok(None);
        };
        let is_struct = !self.fields.is_empty();
        let name = declared(self.fields, &key);
        self.value = Some((name, node));
        // An unknown field is the struct's own problem; a bad key of a map stands in the map.
        seed.deserialize(KeyDeserializer::new(key))
            .map(Some)
            .map_err(|refusal| if is_struct { refusal } else { refusal.in_field(name) })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let (name, node) = self.value.take().ok_or_else(Refusal::unexplained)?;
        seed.deserialize(NodeDeserializer::new(node)).map_err(|refusal| refusal.in_field(name))
    }
}

struct Variant<'de> {
    declared: Option<&'static str>,
    name: Cow<'de, str>,
    node: Option<Node<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Refusal;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'de>), Refusal> {
        let variant = seed.deserialize(self.name.into_deserializer())?;
        Ok((variant, Content { name: self.declared, node: self.node }))
    }
}

/// What stands beside a variant's name.
struct Content<'de> {
    name: Option<&'static str>,
    node: Option<Node<'de>>,
}

impl<'de> Content<'de> {
    fn read<T>(
        self,
        expected: &str,
        read: impl FnOnce(NodeDeserializer<'de>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.node
            .ok_or_else(|| Error::invalid_type(Unexpected::UnitVariant, &expected))
            .and_then(|node| read(NodeDeserializer::new(node)))
            .map_err(|refusal| refusal.in_field(self.name))
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        match self.node {
            None => Ok(()),
            Some(_) => self.read("", serde::Deserialize::deserialize),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refusal> {
        self.read("the variant's value", |node| seed.deserialize(node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        let expected = Expectation(&visitor).to_string();
        self.read(&expected, |node| node.deserialize_any(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refusal> {
        let expected = Expectation(&visitor).to_string();
        self.read(&expected, |node| node.deserialize_struct("", fields, visitor))
    }
}

/// What a visitor says it wants.
struct Expectation<'a, V>(&'a V);

impl<'de, V: Visitor<'de>> fmt::Display for Expectation<'_, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }
}
