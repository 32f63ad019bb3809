//! A later layer over an earlier one.

use std::collections::btree_map::Entry;

use crate::node::{Node, Table, Value};

/// Puts `later` over `earlier`: tables merge, anything else replaces what stood there, and what is unset stays to hide it.
pub(crate) fn merge(earlier: &mut Table, later: Table) {
    for (key, node) in later {
        match earlier.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(node);
            }
            Entry::Occupied(mut entry) => merge_node(entry.get_mut(), node),
        }
    }
}

fn merge_node(earlier: &mut Node, later: Node) {
    if let (Value::Table(earlier), Value::Table(_)) = (&mut earlier.value, &later.value) {
        if let Value::Table(later) = later.value {
            merge(earlier, later);
        }
    } else {
        *earlier = later;
    }
}
