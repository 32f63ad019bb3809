//! What holds in the end, and who said it where: for `--print-config` and for the log.

use super::resolve::Resolution;
use super::said::Site;
use crate::registry::DeclaredListener;
use millstream_config::Tree;
use std::fmt;

/// One value that holds for a listener or a group.
///
/// Shown as `retries = 5  # built-in`, or
/// `start = "earliest"  # attribute, code, src/billing.rs:12:5`, where the first word is the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    /// `listener Billing.on_order` or `group billing of cluster default`.
    pub(crate) of: String,
    /// The option.
    pub(crate) option: &'static str,
    /// Who said it where.
    pub(crate) site: Site,
}

impl fmt::Display for Effective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site { scope, value, origin, .. } = &self.site;
        write!(formatter, "{} = {value}  # {scope}", self.option)?;
        match origin {
            Some(origin) => write!(formatter, ", {}, {origin}", origin.layer),
            None => Ok(()),
        }
    }
}

/// Every value that holds for a listener or a group, disabled listeners included.
pub(crate) fn effective(tree: &Tree, environment: &str, declared: &[DeclaredListener]) -> Vec<Effective> {
    let resolution = Resolution::new(tree, environment, declared);
    let listeners = resolution.decided.iter().flat_map(|listener| {
        let of = format!("listener {}", listener.id);
        let sites = listener.sites();
        sites.into_iter().map(move |(option, site)| Effective { of: of.clone(), option, site: site.clone() })
    });
    let groups = resolution.plan.subscriptions.iter().zip(&resolution.group_sites).flat_map(|(subscription, sites)| {
        let of = format!("group {} of cluster {}", subscription.group_id, subscription.cluster);
        sites.iter().map(move |(option, site)| Effective { of: of.clone(), option, site: site.clone() })
    });
    listeners.chain(groups).collect()
}

/// What is no mistake, but perhaps not what was meant: a line each.
pub(crate) fn notices(tree: &Tree, environment: &str, declared: &[DeclaredListener]) -> Vec<String> {
    Resolution::new(tree, environment, declared).notices
}
