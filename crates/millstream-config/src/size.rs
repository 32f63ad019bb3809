//! Numbers of bytes with their unit.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::quantity::{QuantityError, Unit, in_largest_unit, parse_quantity};

const UNITS: [Unit; 7] = [
    Unit { name: "B", factor: 1 },
    Unit { name: "kB", factor: 1_000 },
    Unit { name: "KiB", factor: 1 << 10 },
    Unit { name: "MB", factor: 1_000_000 },
    Unit { name: "MiB", factor: 1 << 20 },
    Unit { name: "GB", factor: 1_000_000_000 },
    Unit { name: "GiB", factor: 1 << 30 },
];

/// A number of bytes in a configuration: `"8MiB"`. Units are `B`, `KiB`, `MiB`, `GiB`, `kB`, `MB` and `GB`; numbers are whole.
///
/// ```
/// use millstream_config::Size;
///
/// let budget: Size = "8MiB".parse()?;
/// assert_eq!(budget.bytes(), 8 * 1024 * 1024);
/// assert!("8".parse::<Size>().is_err());
/// # Ok::<(), millstream_config::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

impl Size {
    /// A size of so many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// Reads a size such as `8MiB`, in bytes.
///
/// # Errors
/// If the number is not whole, the unit is missing or unknown, or the size does not fit in 64 bits.
pub fn parse_size(text: &str) -> Result<u64, QuantityError> {
    let bytes = parse_quantity(text, "size", &UNITS, ["KiB", "MiB"])?;
    u64::try_from(bytes).map_err(|_| QuantityError::new("is too large a size"))
}

impl FromStr for Size {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        parse_size(text).map(Self)
    }
}

/// Writes the size in the largest unit that keeps the number whole, as it would be written in a file.
impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = in_largest_unit(self.0.into(), &UNITS);
        write!(formatter, "{number}{unit}")
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeVisitor;

        impl Visitor<'_> for SizeVisitor {
            type Value = Size;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a size such as \"8MiB\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Size, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Size, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Size, E> {
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(SizeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, parse_size};

    #[test]
    fn every_unit_counts() {
        for (text, bytes) in [
            ("0B", 0),
            ("1B", 1),
            ("1kB", 1_000),
            ("1KiB", 1_024),
            ("1MB", 1_000_000),
            ("8 MiB", 8_388_608),
            ("1GB", 1_000_000_000),
            ("1GiB", 1_073_741_824),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_told_its_unit() {
        let error = parse_size("8").unwrap_err().to_string();
        assert_eq!(error, "a size needs its unit: write \"8KiB\" or \"8MiB\" (B, kB, KiB, MB, MiB, GB, GiB)");
    }

    #[test]
    fn a_unit_in_the_wrong_case_is_told_the_right_one() {
        let error = parse_size("8mib").unwrap_err().to_string();
        assert!(error.ends_with("did you mean `MiB`?"), "{error}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for text in [
            "18446744073709551616B",
            "17179869184GiB",
            "999999999999999999999999999999999999999GiB",
            "-1B",
            "1.5GiB",
            "",
        ] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        assert_eq!(parse_size("18446744073709551615B"), Ok(u64::MAX));
    }

    #[test]
    fn a_size_is_written_as_it_is_read() {
        for text in ["0B", "1B", "1KiB", "3GB", "8MiB", "1500B"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
    }
}
