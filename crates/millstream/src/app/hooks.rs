//! What the application runs at the turns of its life.

use super::handle::Handle;
use crate::error::{Error, Result};
use futures_util::FutureExt;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

type HookFuture = Pin<Box<dyn Future<Output = Result<()>> + Send>>;
pub(crate) type Hook = Box<dyn FnOnce(Handle) -> HookFuture + Send>;

/// The hooks at each turn, each list in the order it was given.
#[derive(Default)]
#[allow(clippy::struct_field_names)] // the names that users know
pub(crate) struct Hooks {
    pub(crate) on_start: Vec<Hook>,
    pub(crate) on_ready: Vec<Hook>,
    pub(crate) on_stop: Vec<Hook>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Hooks")
            .field("on_start", &self.on_start.len())
            .field("on_ready", &self.on_ready.len())
            .field("on_stop", &self.on_stop.len())
            .finish()
    }
}

pub(crate) fn boxed<F, T>(hook: F) -> Hook
where
    F: FnOnce(Handle) -> T + Send + 'static,
    T: Future<Output = Result<()>> + Send + 'static,
{
    Box::new(move |handle| Box::pin(hook(handle)))
}

/// Runs one hook; a panic is an error.
pub(crate) async fn run(hook: Hook, handle: Handle) -> Result<()> {
    let outcome = AssertUnwindSafe(async move { hook(handle).await }).catch_unwind().await;
    outcome.unwrap_or_else(|panic| {
        let panic = crate::panic_text::panic_text(&*panic);
        Err(Error::new(format!("it panicked: {panic}")))
    })
}
