//! librdkafka's configuration properties: which there are, and what they accept.

mod configuration;
mod nearest;
mod table;

use std::fmt;

pub(crate) use configuration::Configuration;

use crate::raw;

/// A property that librdkafka does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyError {
    /// The property's name.
    pub name: String,
    /// What is wrong.
    pub problem: PropertyProblem,
}

/// What is wrong with a property.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PropertyProblem {
    /// librdkafka has no property of this name.
    Unknown {
        /// The nearest name that it has.
        nearest: Option<String>,
    },
    /// The value is refused; librdkafka's own words, without the value where it could be secret.
    Refused(String),
    /// It must be given; the reason.
    Missing(String),
}

impl PropertyError {
    pub(crate) fn missing(name: &str, reason: &str) -> PropertyError {
        PropertyError { name: name.to_owned(), problem: PropertyProblem::Missing(reason.to_owned()) }
    }
}

impl fmt::Display for PropertyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.problem {
            PropertyProblem::Unknown { nearest: Some(nearest) } => {
                write!(formatter, "librdkafka has no property \"{name}\"; did you mean \"{nearest}\"?")
            }
            PropertyProblem::Unknown { nearest: None } => write!(
                formatter,
                "librdkafka has no property \"{name}\"; its CONFIGURATION.md lists those of version {}",
                version()
            ),
            PropertyProblem::Refused(reason) => write!(formatter, "property \"{name}\": {reason}"),
            PropertyProblem::Missing(reason) => write!(formatter, "property \"{name}\" is missing: {reason}"),
        }
    }
}

impl std::error::Error for PropertyError {}

/// Which clients a property is for. librdkafka warns about one that is set on the other kind, and ignores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyRole {
    /// Consumers and producers.
    Both,
    /// Consumers only.
    Consumer,
    /// Producers only.
    Producer,
}

/// Checks one property as librdkafka would; names of topic properties (`acks`, `auto.offset.reset`) included.
///
/// What properties mean together is only checked when a client is made.
///
/// ```
/// use millstream_native::properties::check;
///
/// assert!(check("session.timeout.ms", "6000").is_ok());
/// let error = check("sesion.timeout.ms", "6000").unwrap_err();
/// assert_eq!(error.to_string(), r#"librdkafka has no property "sesion.timeout.ms"; did you mean "session.timeout.ms"?"#);
/// ```
pub fn check(name: &str, value: &str) -> Result<(), PropertyError> {
    Configuration::new().set(name, value)
}

/// Every name that librdkafka accepts, aliases and topic properties included, sorted.
pub fn names() -> &'static [String] {
    table::names()
}

/// Which clients a property is for; `None` where librdkafka has no such property.
pub fn role(name: &str) -> Option<PropertyRole> {
    table::role(name)
}

/// The name that is most like this one, when one is like it at all.
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest::nearest(name, names())
}

/// The property that a segment of an environment variable names: case does not matter, and `_` stands for `.` or
/// itself.
///
/// ```
/// use millstream_native::properties::from_environment_segment;
///
/// assert_eq!(from_environment_segment("SESSION_TIMEOUT_MS"), Some("session.timeout.ms"));
/// assert_eq!(from_environment_segment("SESSION_TIMEOUT"), None);
/// ```
pub fn from_environment_segment(segment: &str) -> Option<&'static str> {
    table::from_environment_segment(segment)
}

/// Whether a property's value must never be shown: passwords, secrets, private keys, tokens, JAAS configuration.
///
/// Decides by the words in the name, so it serves for names outside librdkafka too. A location of a key file, or a
/// token endpoint's address, is not secret.
///
/// ```
/// use millstream_native::properties::is_secret;
///
/// assert!(is_secret("sasl.password"));
/// assert!(!is_secret("ssl.key.location"));
/// ```
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '-'], ".");
    let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if any(&["password", "passphrase", "passwd", "secret", "jaas", "credential"]) || name == "sasl.oauthbearer.config" {
        return true;
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if ["location", "url", "file"].contains(&last) {
        return false;
    }
    last == "token"
        || name.contains("private.key")
        || name.contains("api.key")
        || name.ends_with("key.pem")
        || name == "ssl.key"
}

/// The version of librdkafka: `2.12.1`.
pub fn version() -> String {
    // SAFETY: a static string.
    unsafe { raw::text(rdkafka_sys::bindings::rd_kafka_version_str()) }.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_topic_and_alias_names_are_known() {
        for name in
            ["bootstrap.servers", "session.timeout.ms", "acks", "auto.offset.reset", "sasl.password", "group.id"]
        {
            assert!(names().iter().any(|known| known == name), "{name}");
        }
        assert!(names().len() > 150, "{}", names().len());
    }

    #[test]
    fn every_name_in_the_table_is_accepted_as_a_name() {
        for name in names() {
            if let Err(PropertyError { problem: PropertyProblem::Unknown { .. }, .. }) = check(name, "") {
                panic!("{name} is in the table and unknown to librdkafka");
            }
        }
    }

    #[test]
    fn a_value_out_of_range_is_refused_in_librdkafkas_words() {
        let error = check("session.timeout.ms", "0").unwrap_err();
        assert!(matches!(&error.problem, PropertyProblem::Refused(reason) if reason.contains("range")), "{error}");
        assert!(check("isolation.level", "sometimes").is_err());
        assert!(check("auto.offset.reset", "sometimes").is_err());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        assert_eq!(nearest("sesion.timeout.ms"), Some("session.timeout.ms"));
        assert_eq!(nearest("bootstrap.server"), Some("bootstrap.servers"));
        assert_eq!(nearest("entirely.different.thing.altogether"), None);
    }

    #[test]
    fn a_name_or_value_with_a_zero_byte_is_an_error() {
        assert!(check("client\0id", "a").is_err());
        assert!(check("client.id", "a\0b").is_err());
    }

    #[test]
    fn environment_segments_find_their_property() {
        for (segment, name) in [
            ("SESSION_TIMEOUT_MS", "session.timeout.ms"),
            ("sasl_PASSWORD", "sasl.password"),
            ("SSL_CA", "ssl_ca"),
            ("ENABLE_SSL_CERTIFICATE_VERIFICATION", "enable.ssl.certificate.verification"),
        ] {
            assert_eq!(from_environment_segment(segment), Some(name), "{segment}");
        }
        assert_eq!(from_environment_segment("SESSION.TIMEOUT.MS"), Some("session.timeout.ms"));
        assert_eq!(from_environment_segment(""), None);
    }

    #[test]
    fn no_two_properties_share_an_environment_segment() {
        let mut segments: Vec<String> = names().iter().map(|name| name.replace('.', "_")).collect();
        segments.sort_unstable();
        let count = segments.len();
        segments.dedup();
        assert_eq!(segments.len(), count);
    }

    #[test]
    fn secrets_are_recognised_and_addresses_are_not_secret() {
        for name in [
            "sasl.password",
            "ssl.key.password",
            "ssl.keystore.password",
            "ssl.key.pem",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.config",
            "sasl.jaas.config",
            "billing.API_KEY",
            "database-token",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in
            ["ssl.key.location", "sasl.oauthbearer.token.endpoint.url", "sasl.username", "group.id", "order.key"]
        {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_shown() {
        let text = "swordfish\0";
        let error = check("sasl.password", text).unwrap_err();
        assert!(!error.to_string().contains("swordfish"), "{error}");
        assert!(!format!("{error:?}").contains("swordfish"), "{error:?}");
    }

    #[test]
    fn roles_are_those_of_librdkafkas_table() {
        assert_eq!(role("group.id"), Some(PropertyRole::Consumer));
        assert_eq!(role("linger.ms"), Some(PropertyRole::Producer));
        assert_eq!(role("client.id"), Some(PropertyRole::Both));
        assert_eq!(role("nothing.like.it"), None);
    }

    #[test]
    fn the_version_is_dotted() {
        assert!(version().split('.').count() >= 3, "{}", version());
    }
}
