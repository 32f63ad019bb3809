//! The schema of the configuration as the application sees it; tests put another in its place.

use crate::plan::Plan;
use crate::registry::DeclaredListener;
use crate::settings::{self, Effective};
use millstream_config::{KeySpace, Problems, Tree};

/// Which keys there are, and how they become a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    /// The keys of the framework, given the listeners of the application.
    pub(crate) keys: fn(&[DeclaredListener]) -> KeySpace,
    /// Decides everything that annotations and configuration leave open; the plan has no handlers yet.
    pub(crate) resolve: fn(&Tree, &str, &[DeclaredListener]) -> Result<Plan, Problems>,
    /// What holds in the end for each listener and group, and who said it where.
    pub(crate) effective: fn(&Tree, &str, &[DeclaredListener]) -> Vec<Effective>,
    /// What is no mistake, but perhaps not what was meant.
    pub(crate) notices: fn(&Tree, &str, &[DeclaredListener]) -> Vec<String>,
}

/// The schema of `[kafka]`.
pub(crate) fn kafka() -> Schema {
    Schema {
        keys: settings::keys,
        resolve: settings::resolve,
        effective: settings::effective,
        notices: settings::notices,
    }
}
