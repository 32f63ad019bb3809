//! Lengths of time with their unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration as StandardDuration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::quantity::{QuantityError, Unit, in_largest_unit, parse_quantity};

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;

const UNITS: [Unit; 7] = [
    Unit { name: "ns", factor: 1 },
    Unit { name: "us", factor: 1_000 },
    Unit { name: "ms", factor: 1_000_000 },
    Unit { name: "s", factor: NANOSECONDS_PER_SECOND },
    Unit { name: "m", factor: 60 * NANOSECONDS_PER_SECOND },
    Unit { name: "h", factor: 3_600 * NANOSECONDS_PER_SECOND },
    Unit { name: "d", factor: 86_400 * NANOSECONDS_PER_SECOND },
];

/// A length of time in a configuration: `"250ms"`. Units are `ns`, `us`, `ms`, `s`, `m`, `h` and `d`; numbers are whole.
///
/// ```
/// use millstream_config::Duration;
///
/// let timeout: Duration = "90s".parse()?;
/// assert_eq!(timeout.get(), std::time::Duration::from_secs(90));
/// assert!("90".parse::<Duration>().is_err());
/// # Ok::<(), millstream_config::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(StandardDuration);

impl Duration {
    /// The length of time.
    pub const fn get(self) -> StandardDuration {
        self.0
    }
}

/// Reads a length of time such as `250ms`.
///
/// # Errors
/// If the number is not whole, the unit is missing or unknown, or the time is longer than can be represented.
pub fn parse_duration(text: &str) -> Result<StandardDuration, QuantityError> {
    let nanoseconds = parse_quantity(text, "duration", &UNITS, ["ms", "s"])?;
    let seconds = u64::try_from(nanoseconds / NANOSECONDS_PER_SECOND)
        .map_err(|_| QuantityError::new("is too long a duration"))?;
    let rest = u32::try_from(nanoseconds % NANOSECONDS_PER_SECOND).unwrap_or_default();
    Ok(StandardDuration::new(seconds, rest))
}

impl FromStr for Duration {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        parse_duration(text).map(Self)
    }
}

impl From<StandardDuration> for Duration {
    fn from(duration: StandardDuration) -> Self {
        Self(duration)
    }
}

impl From<Duration> for StandardDuration {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

/// Writes the time in the largest unit that keeps the number whole, as it would be written in a file.
impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = in_largest_unit(self.0.as_nanos(), &UNITS);
        write!(formatter, "{number}{unit}")
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DurationVisitor;

        impl Visitor<'_> for DurationVisitor {
            type Value = Duration;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a duration such as \"250ms\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Duration, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Duration, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Duration, E> {
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(DurationVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, parse_duration};
    use std::time::Duration as StandardDuration;

    #[test]
    fn every_unit_counts() {
        for (text, nanoseconds) in [
            ("1ns", 1),
            ("1us", 1_000),
            ("1ms", 1_000_000),
            ("1s", 1_000_000_000),
            ("1m", 60_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1d", 86_400_000_000_000),
            (" 250 ms ", 250_000_000),
        ] {
            assert_eq!(parse_duration(text), Ok(StandardDuration::from_nanos(nanoseconds)), "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_told_its_unit() {
        let error = parse_duration("250").unwrap_err().to_string();
        assert_eq!(error, "a duration needs its unit: write \"250ms\" or \"250s\" (ns, us, ms, s, m, h, d)");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "ms",
            "-1s",
            "+1s",
            "1.5s",
            "1e3s",
            "1s500ms",
            "1min",
            "1S",
            "1_000s",
            "٣s",
            "999999999999999999999999d",
            "99999999999999999999d",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in ["0ns", "250ms", "90s", "2m", "1d", "36h"] {
            assert_eq!(text.parse::<Duration>().unwrap().to_string(), text);
        }
        assert_eq!("60000ms".parse::<Duration>().unwrap().to_string(), "1m");
    }

    #[test]
    fn the_longest_duration_survives() {
        let longest = Duration::from(StandardDuration::MAX);
        assert_eq!(longest.to_string().parse(), Ok(longest));
    }
}
