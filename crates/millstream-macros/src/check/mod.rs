//! Syntax to model: everything that can be judged without types is judged here, all of it at once.

mod answering;
mod calls;
mod client_method;
mod injection;
mod listener;
mod listener_options;
mod literals;
mod names;
mod nearest;
mod options;
mod tables;
mod values;

pub(crate) mod client;
pub(crate) mod component;
pub(crate) mod consumer;
pub(crate) mod main_function;

pub(crate) use client_method::stream_item;
pub(crate) use listener::impl_traits;
pub(crate) use names::{is_ours, is_ours_in_client, is_ours_on_field};
