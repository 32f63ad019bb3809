//! Tokens to syntax: nothing is judged here.

mod arguments;
mod impl_block;
mod item_kind;
mod trait_block;

pub(crate) use arguments::{Argument, Value, parse_arguments};
pub(crate) use impl_block::{ImplBlock, ImplItem, Method};
pub(crate) use item_kind::ItemKind;
pub(crate) use trait_block::TraitBlock;
