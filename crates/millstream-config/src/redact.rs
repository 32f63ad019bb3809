//! Keeping secrets out of what is printed.

use std::borrow::Cow;

/// What stands where a secret was.
pub const REDACTED: &str = "***";

const SECRET_NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "keypem",
    "privatekey",
    "apikey",
    "sasljaas",
    "sasloauthbearerconfig",
];

/// Whether a key, or one segment of it, names something secret.
///
/// Looks for words such as `password`, `secret`, `token`, `key.pem` and `sasl.jaas`, whatever the case, and with or without
/// the `.`, `_` and `-` between words.
///
/// ```
/// use millstream_config::is_secret_key;
///
/// assert!(is_secret_key("kafka.properties.\"ssl.key.pem\""));
/// assert!(is_secret_key("billing.apiToken"));
/// assert!(!is_secret_key("billing.currency"));
/// ```
pub fn is_secret_key(key: &str) -> bool {
    let folded: String =
        key.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET_NAMES.iter().any(|name| folded.contains(name))
}

/// The text with the password of every URL in it (`scheme://user:password@host`) replaced by `***`.
///
/// Rather hides too much than too little: everything between the first `:` and the last `@` of a word with `://` goes.
///
/// ```
/// use millstream_config::redact_urls;
///
/// assert_eq!(redact_urls("postgres://me:hunter2@db/orders"), "postgres://me:***@db/orders");
/// assert_eq!(redact_urls("http://localhost:8080"), "http://localhost:8080");
/// ```
pub fn redact_urls(text: &str) -> Cow<'_, str> {
    if !(text.contains("://") && text.contains('@')) {
        return Cow::Borrowed(text);
    }
    let words = text.split_inclusive(char::is_whitespace).map(redact_word).collect::<String>();
    Cow::Owned(words)
}

fn redact_word(word: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = word.split_once("://") else {
        return Cow::Borrowed(word);
    };
    let Some((user_information, host)) = rest.rsplit_once('@') else {
        return Cow::Borrowed(word);
    };
    match user_information.split_once(':') {
        Some((user, _)) => Cow::Owned(format!("{scheme}://{user}:{REDACTED}@{host}")),
        None => Cow::Borrowed(word),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_secret_key, redact_urls};

    #[test]
    fn the_key_names_of_librdkafka_that_hold_secrets_are_secret() {
        for key in [
            "sasl.password",
            "ssl.key.password",
            "ssl.keystore.password",
            "ssl.key.pem",
            "sasl.jaas.config",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.config",
            "SASL_PASSWORD",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn ordinary_keys_are_not_secret() {
        for key in ["kafka.brokers", "group_id", "sasl.username", "ssl.ca.location", "order_by = key"] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn a_password_with_separators_in_it_is_hidden_whole() {
        assert_eq!(redact_urls("amqp://u:a/b@c:d@host/x and ftp://h"), "amqp://u:***@host/x and ftp://h");
    }

    #[test]
    fn every_url_of_a_list_is_hidden() {
        let shown = redact_urls("a://u:one@h,b://u:two@h");
        assert!(!shown.contains("one") && !shown.contains("two"), "{shown}");
    }
}
