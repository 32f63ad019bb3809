//! The waits between retries.

use super::DurationOption;

/// The wait before a retry: `initial`, then each time `factor` longer up to `max`, shortened or
/// lengthened by up to the share `jitter`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackoffOption {
    pub(crate) initial: Option<DurationOption>,
    pub(crate) max: Option<DurationOption>,
    pub(crate) factor: Option<f64>,
    pub(crate) jitter: Option<f64>,
}

impl BackoffOption {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The wait before the first retry.
    #[must_use]
    pub fn initial(mut self, initial: impl Into<DurationOption>) -> Self {
        self.initial = Some(initial.into());
        self
    }

    /// The longest wait.
    #[must_use]
    pub fn max(mut self, max: impl Into<DurationOption>) -> Self {
        self.max = Some(max.into());
        self
    }

    /// How much longer each wait is than the one before; at least 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = Some(factor);
        self
    }

    /// The share by which a wait is varied, from 0 to 1.
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = Some(jitter);
        self
    }
}

impl From<&'static str> for BackoffOption {
    fn from(initial: &'static str) -> Self {
        Self::new().initial(initial)
    }
}
