//! The application: put together, checked, run, held by a handle.

mod application;
mod args;
mod args_help;
mod builder;
mod builtin;
mod check;
pub(crate) mod engine_port;
mod error_report;
mod event_stream;
mod exit;
mod exit_code;
#[cfg(test)]
pub(crate) mod fixture;
mod guarantee;
mod handle;
mod handle_error;
#[cfg(test)]
mod handle_tests;
mod hooks;
mod launch;
#[cfg(test)]
mod lifecycle_tests;
mod live_engine;
mod only;
mod partitions;
#[cfg(test)]
mod printing_tests;
mod report;
mod run_error;
#[cfg(test)]
mod scene;
mod schema;
mod setting;
mod shared;
mod signals;
mod start_error;
mod start_line;
mod start_table;
mod status;
mod supervisor;
mod surroundings;

pub use application::App;
pub use args::Args;
pub use builder::AppBuilder;
pub use event_stream::Events;
pub use exit::{IntoExit, RuntimeOptions, run_main, run_main_with};
pub use handle::Handle;
pub use handle_error::{HandleError, HandleErrorKind};
pub use partitions::Partitions;
pub use run_error::{RunError, RunErrorKind};
pub use setting::Setting;
pub use start_error::{StartError, StartErrorKind};
pub use status::{ListenerStatus, PartitionState, PartitionStatus};
