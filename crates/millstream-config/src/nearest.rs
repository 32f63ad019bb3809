//! Finding what a misspelt name was meant to be.

/// The candidate that is closest to `name`, if one is close enough to be what was meant.
///
/// Upper and lower case, and `-`, `_` and `.`, count as the same, so that `groupId`'s suggestion is `group_id`.
/// Of equally close candidates the first wins. A candidate further away than a third of the name is no suggestion.
///
/// ```
/// use millstream_config::nearest;
///
/// assert_eq!(nearest("brokres", ["topics", "brokers"]), Some("brokers"));
/// assert_eq!(nearest("groupId", ["group_id"]), Some("group_id"));
/// assert_eq!(nearest("colour", ["brokers"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(name);
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::osa_distance(&wanted, &fold(candidate));
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '-' | '_' | '.' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn swapped_letters_are_one_mistake() {
        assert_eq!(nearest("toipc", ["topic", "tonic"]), Some("topic"));
    }

    #[test]
    fn a_short_name_may_have_one_mistake() {
        assert_eq!(nearest("ip", ["id"]), Some("id"));
        assert_eq!(nearest("xy", ["id"]), None);
    }

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(nearest("aac", ["aab", "aad"]), Some("aab"));
    }

    #[test]
    fn nothing_is_near_to_nothing() {
        assert_eq!(nearest("", ["brokers"]), None);
        assert_eq!(nearest("brokers", []), None);
    }
}
