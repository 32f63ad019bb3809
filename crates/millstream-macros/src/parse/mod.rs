//! Tokens to syntax: nothing is judged here.

mod arguments;
mod impl_block;
mod item_kind;

pub(crate) use arguments::{Argument, Value, parse_arguments};
pub(crate) use impl_block::{ImplBlock, Method};
pub(crate) use item_kind::ItemKind;
