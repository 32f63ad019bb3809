//! The name of a layer, from its type.

/// `RateLimited` of `billing::RateLimited<'_, T>`.
pub(crate) fn short_name(type_name: &str) -> &str {
    let plain = type_name.split('<').next().unwrap_or(type_name);
    plain.rsplit("::").next().unwrap_or(plain)
}

/// `rate-limited` of `billing::RateLimited`, `http2-guard` of `HTTP2Guard`.
pub(crate) fn name_of<L: ?Sized>() -> String {
    kebab_case(short_name(std::any::type_name::<L>()))
}

fn kebab_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut kebab = String::with_capacity(name.len() + 4);
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || before.is_ascii_digit() || after.is_some_and(|after| after.is_lowercase())
            });
        if *letter == '_' {
            kebab.push('-');
            continue;
        }
        if starts_word && !kebab.ends_with('-') {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_in_kebab_case() {
        for (name, kebab) in [
            ("Audit", "audit"),
            ("RateLimited", "rate-limited"),
            ("HTTPGuard", "http-guard"),
            ("Http2Guard", "http2-guard"),
            ("W3cTrace", "w3c-trace"),
            ("snake_case", "snake-case"),
        ] {
            assert_eq!(kebab_case(name), kebab, "{name}");
        }
    }

    #[test]
    fn path_and_parameters_are_left_out() {
        assert_eq!(short_name("billing::guards::Limited<alloc::string::String>"), "Limited");
        assert_eq!(name_of::<Option<String>>(), "option");
    }
}
