//! The name that was probably meant.

/// The candidate with the fewest edits, when few enough: a third of the name, and at most five.
pub(super) fn nearest<'a>(name: &str, candidates: &'a [String]) -> Option<&'a str> {
    let name: Vec<char> = name.chars().map(|letter| letter.to_ascii_lowercase()).collect();
    let most = (name.len() / 3).min(5);
    candidates
        .iter()
        .map(|candidate| (edits(&name, candidate), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate.as_str())
}

/// Insertions, deletions and replacements from one to the other (Levenshtein), with one row of memory.
fn edits(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (line, letter) in to.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(from) {
            let replaced = diagonal + usize::from(*other != letter);
            diagonal = *cell;
            left = replaced.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(from: &str, to: &str) -> usize {
        edits(&from.chars().collect::<Vec<_>>(), to)
    }

    #[test]
    fn edits_are_counted_both_ways() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
            assert_eq!(distance(to, from), expected, "{to} {from}");
        }
    }

    #[test]
    fn a_name_like_no_other_has_no_neighbour() {
        let names = ["client.id".to_owned(), "group.id".to_owned()];
        assert_eq!(nearest("clientid", &names), Some("client.id"));
        assert_eq!(nearest("", &names), None);
        assert_eq!(nearest("zzzzzzzzz", &names), None);
    }
}
