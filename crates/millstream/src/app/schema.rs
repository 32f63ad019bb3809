//! The schema of the configuration as the application sees it; tests put another in its place.

use crate::plan::Plan;
use crate::registry::DeclaredListener;
use millstream_config::{KeySpace, Problems, Tree};

/// Which keys there are, and how they become a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    /// The keys of the framework, given the listeners of the application.
    pub(crate) keys: fn(&[DeclaredListener]) -> KeySpace,
    /// Decides everything that annotations and configuration leave open; the plan has no handlers yet.
    pub(crate) resolve: fn(&Tree, &str, &[DeclaredListener]) -> Result<Plan, Problems>,
}

/// The schema of `[kafka]`.
pub(crate) fn kafka() -> Schema {
    Schema { keys: crate::settings::keys, resolve: crate::settings::resolve }
}
