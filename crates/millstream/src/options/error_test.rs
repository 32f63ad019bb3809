//! Which errors something holds for.

use super::Text;
use std::error::Error;
use std::fmt;

/// Which errors of a handler something holds for: a function over an error, asked for the error that the method
/// returned and for each of its causes.
///
/// ```
/// use millstream::{ErrorTest, ListenerOptions};
/// use std::num::ParseIntError;
///
/// let options = ListenerOptions::new()
///     .topic("orders")
///     .terminal(ErrorTest::new("ParseIntError", |error| error.is::<ParseIntError>()));
/// ```
#[derive(Clone)]
pub struct ErrorTest {
    pub(crate) name: Text,
    pub(crate) test: fn(&(dyn Error + 'static)) -> bool,
}

impl ErrorTest {
    /// A test, and what it is called where the options are shown.
    pub fn new(name: impl Into<Text>, test: fn(&(dyn Error + 'static)) -> bool) -> Self {
        Self { name: name.into(), test }
    }
}

impl fmt::Debug for ErrorTest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ErrorTest({})", self.name)
    }
}

impl PartialEq for ErrorTest {
    /// Tests of one name count as the same: the addresses of functions tell nothing.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
