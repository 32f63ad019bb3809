//! How the errors of an application are shown to whoever started it.

use std::error::Error;
use std::fmt;

/// The error and the chain of its causes.
pub(super) fn with_causes(error: &dyn Error, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(formatter, "{error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(formatter, ": {error}")?;
        cause = error.source();
    }
    Ok(())
}
