//! What a misspelt word was meant to be.

/// The candidate that is close enough to be what was meant; of equally close ones the first.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(name);
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `groupId`, `group-id` and `group_id` are the same word.
fn fold(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The words in backquotes, as a sentence lists them: `` `a`, `b` and `c` ``.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>, quote: &str) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("{quote}{word}{quote}")).collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        Some(only) => only,
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_underscores_do_not_count() {
        assert_eq!(nearest("autocommit", ["auto_commit"]), Some("auto_commit"));
        assert_eq!(nearest("groupId", ["group_id"]), Some("group_id"));
    }

    #[test]
    fn what_is_far_is_not_suggested() {
        assert_eq!(nearest("colour", ["window", "start"]), None);
    }

    #[test]
    fn words_are_listed_as_in_a_sentence() {
        assert_eq!(listed(["a", "b", "c"], "`"), "`a`, `b` and `c`");
        assert_eq!(listed(["a"], "`"), "`a`");
        assert_eq!(listed([], "`"), "");
    }
}
