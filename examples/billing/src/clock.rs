//! The time, as a component that tests can replace.

use millstream::prelude::*;
use std::time::SystemTime;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> SystemTime;
}

/// The machine's clock; who asks for `Arc<dyn Clock>` gets it.
#[component(provides = dyn Clock)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
