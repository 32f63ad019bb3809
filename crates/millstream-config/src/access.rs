//! serde walks lists and tables.

use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use crate::fault::Fault;
use crate::key_path::KeyPath;
use crate::node::{Node, Value};
use crate::reader::Reader;
use crate::usage::Usage;

/// The elements of a list.
pub(crate) struct Elements<'n> {
    pub(crate) nodes: std::slice::Iter<'n, Node>,
    pub(crate) next: usize,
    pub(crate) path: KeyPath,
    pub(crate) usage: Option<&'n Usage>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.nodes.next() else {
            return Ok(None);
        };
        let path = self.path.index(self.next);
        self.next += 1;
        let reader = Reader { node, path: path.clone(), usage: self.usage };
        seed.deserialize(reader).map(Some).map_err(|fault| fault.at(node, &path))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.nodes.len())
    }
}

/// The entries of a table that are set.
pub(crate) struct Entries<'n> {
    pub(crate) nodes: std::collections::btree_map::Iter<'n, String, Node>,
    pub(crate) value: Option<(KeyPath, &'n Node)>,
    pub(crate) path: KeyPath,
    pub(crate) usage: Option<&'n Usage>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, node)) = self.nodes.by_ref().find(|(_, node)| !node.is_unset()) else {
            return Ok(None);
        };
        let path = self.path.key(name);
        self.value = Some((path.clone(), node));
        let key = Node::new(Value::Untyped(name.clone()), node.origin.clone());
        let reader = Reader { node: &key, path: path.clone(), usage: None };
        seed.deserialize(reader).map(Some).map_err(|fault| fault.at(&key, &path))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let Some((path, node)) = self.value.take() else {
            return Err(Fault::rule("a value was asked for before its key"));
        };
        let reader = Reader { node, path: path.clone(), usage: self.usage };
        seed.deserialize(reader).map_err(|fault| fault.at(node, &path))
    }
}
