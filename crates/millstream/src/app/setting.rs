//! A value that the program sets in its configuration.

use millstream_config::quote_string;
use std::fmt;

/// A value for [`AppBuilder::set`](crate::AppBuilder::set): a text, a number, a boolean or a list of texts.
#[derive(Clone, PartialEq)]
pub struct Setting {
    toml: String,
}

impl fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key decides whether it is a secret, and is not known here.
        formatter.write_str("Setting")
    }
}

impl Setting {
    /// The value as TOML.
    pub(crate) fn as_toml(&self) -> &str {
        &self.toml
    }
}

impl From<&str> for Setting {
    fn from(text: &str) -> Self {
        Self { toml: quote_string(text) }
    }
}

impl From<String> for Setting {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl<T: AsRef<str>, const N: usize> From<[T; N]> for Setting {
    fn from(texts: [T; N]) -> Self {
        let texts: Vec<_> = texts.iter().map(|text| quote_string(text.as_ref())).collect();
        Self { toml: format!("[{}]", texts.join(", ")) }
    }
}

macro_rules! plain_settings {
    ($($plain:ty)*) => {
        $(impl From<$plain> for Setting {
            fn from(value: $plain) -> Self {
                Self { toml: value.to_string() }
            }
        })*
    };
}
plain_settings!(bool i8 i16 i32 i64 u8 u16 u32);

impl From<f64> for Setting {
    fn from(value: f64) -> Self {
        // Its debug form always has a point or an exponent, so that it stays a float.
        Self { toml: format!("{value:?}").to_lowercase() }
    }
}
