//! How many listeners there are, and from where: a crate that was not linked shows by its absence.

use super::Location;
use std::collections::BTreeSet;

/// `12 listeners from crates a, b`.
pub(crate) fn summary<'a>(listeners: impl IntoIterator<Item = &'a Location>) -> String {
    let mut count = 0_usize;
    let mut crates = BTreeSet::new();
    for location in listeners {
        count += 1;
        crates.insert(location.crate_name);
    }
    let noun = if count == 1 { "listener" } else { "listeners" };
    let from = if crates.len() == 1 { "crate" } else { "crates" };
    let crates: Vec<_> = crates.into_iter().collect();
    if crates.is_empty() {
        format!("{count} {noun}")
    } else {
        format!("{count} {noun} from {from} {}", crates.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::fixture::at;

    #[test]
    fn the_summary_counts_listeners_and_names_crates_once() {
        let other = Location { crate_name: "audit", ..at(1) };
        assert_eq!(summary(&[at(1), other, at(2)]), "3 listeners from crates audit, shop");
        assert_eq!(summary(&[at(1)]), "1 listener from crate shop");
        assert_eq!(summary(&[]), "0 listeners");
    }
}
