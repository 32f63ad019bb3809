//! Whole numbers with a unit behind them.

use std::error::Error;
use std::fmt;

use crate::nearest::nearest;

/// A unit and how many of the smallest unit it is worth.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) factor: u128,
}

/// Why a text is no duration or no size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError(String);

impl QuantityError {
    pub(crate) fn new(rule: impl Into<String>) -> Self {
        Self(rule.into())
    }
}

impl fmt::Display for QuantityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for QuantityError {}

/// The quantity in its smallest unit. `usual` are two units that a bare number probably meant.
pub(crate) fn parse_quantity(text: &str, noun: &str, units: &[Unit], usual: [&str; 2]) -> Result<u128, QuantityError> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let names: Vec<&str> = units.iter().map(|unit| unit.name).collect();
    let all = names.join(", ");
    if number.is_empty() || unit.starts_with(['.', ',', '_']) {
        let [first, _] = usual;
        return Err(QuantityError(format!(
            "a {noun} is a whole number, not negative, and its unit, such as \"250{first}\" ({all})"
        )));
    }
    if unit.is_empty() {
        let [first, second] = usual;
        return Err(QuantityError(format!(
            "a {noun} needs its unit: write \"{number}{first}\" or \"{number}{second}\" ({all})"
        )));
    }
    let Some(known) = units.iter().find(|known| known.name == unit) else {
        let near = nearest(unit, names).map(|near| format!("; did you mean `{near}`?"));
        let unit = unit.escape_debug();
        return Err(QuantityError(format!("`{unit}` is not a unit of a {noun} ({all}){}", near.unwrap_or_default())));
    };
    number
        .parse::<u128>()
        .ok()
        .and_then(|number| number.checked_mul(known.factor))
        .ok_or_else(|| QuantityError(format!("is too large a {noun}")))
}

/// The number in the largest unit that keeps it whole.
pub(crate) fn in_largest_unit(smallest: u128, units: &[Unit]) -> (u128, &'static str) {
    units
        .iter()
        .filter(|unit| unit.factor == 1 || (smallest > 0 && smallest.is_multiple_of(unit.factor)))
        .max_by_key(|unit| unit.factor)
        .map_or((smallest, ""), |unit| (smallest / unit.factor, unit.name))
}
