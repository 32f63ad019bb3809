//! Medians and spreads.

/// Several measurements of one thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    values: Vec<f64>,
}

impl Sample {
    pub(crate) fn add(&mut self, value: f64) {
        let at = self.values.partition_point(|other| *other < value);
        self.values.insert(at, value);
    }

    /// The middle value, or the mean of the two in the middle; not a number where there is none.
    pub(crate) fn median(&self) -> f64 {
        let count = self.values.len();
        let at = |index: usize| self.values.get(index).copied().unwrap_or(f64::NAN);
        if count % 2 == 1 { at(count / 2) } else { f64::midpoint(at((count / 2).wrapping_sub(1)), at(count / 2)) }
    }

    pub(crate) fn min(&self) -> f64 {
        self.values.first().copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn max(&self) -> f64 {
        self.values.last().copied().unwrap_or(f64::NAN)
    }

    /// How many of a hundred are above a bound.
    pub(crate) fn percent_above(&self, bound: f64) -> f64 {
        let above = self.values.iter().filter(|value| **value > bound).count();
        100.0 * above as f64 / self.values.len() as f64
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sample = Self::default();
        values.into_iter().for_each(|value| sample.add(value));
        sample
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exact in binary
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_depend_on_the_order_of_measurements() {
        assert_eq!(Sample::from_iter([9.0, 1.0, 5.0]).median(), 5.0);
        assert_eq!(Sample::from_iter([9.0, 1.0, 5.0, 3.0]).median(), 4.0);
    }

    #[test]
    fn a_share_counts_only_what_is_above_the_bound() {
        assert_eq!(Sample::from_iter([1.0, 2.0, 3.0, 4.0]).percent_above(3.0), 25.0);
    }

    #[test]
    fn nothing_measured_has_no_median() {
        assert!(Sample::default().median().is_nan());
    }
}
