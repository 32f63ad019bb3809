//! Syntax to model: everything that can be judged without types is judged here, all of it at once.

mod calls;
mod injection;
mod listener;
mod listener_options;
mod literals;
mod names;
mod nearest;
mod options;
mod tables;
mod values;

pub(crate) mod component;
pub(crate) mod consumer;
pub(crate) mod main_function;

pub(crate) use names::{is_ours, is_ours_on_field};
