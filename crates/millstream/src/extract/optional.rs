//! Arguments that may be absent, and arguments whose error the method wants to see.

use super::{ExtractError, FromMessage};
use crate::component::{Injector, Needs};
use crate::context::Context;

/// `None` for what is absent: a tombstone's payload, a message's key or timestamp, a component that nobody
/// provides, a key that the configuration does not have. What is there in a wrong form stays an error.
impl<'m, T: FromMessage<'m>> FromMessage<'m> for Option<T> {
    type Prepared = Option<T::Prepared>;

    fn needs(needs: &mut Needs) {
        T::needs_optionally(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        T::prepare_optionally(injector)
    }

    #[inline]
    fn from_message(context: &'m Context, prepared: &'m Self::Prepared) -> Result<Self, ExtractError> {
        let Some(prepared) = prepared else {
            return Ok(None);
        };
        match T::from_message(context, prepared) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The error reaches the method in place of failing the message: a payload that does not decode, or one
/// that is absent.
impl<'m, T: FromMessage<'m>> FromMessage<'m> for Result<T, ExtractError> {
    type Prepared = T::Prepared;

    fn needs(needs: &mut Needs) {
        T::needs(needs);
    }

    fn prepare(injector: &mut Injector<'_>) -> Option<Self::Prepared> {
        T::prepare(injector)
    }

    #[inline]
    fn from_message(context: &'m Context, prepared: &'m Self::Prepared) -> Result<Self, ExtractError> {
        match T::from_message(context, prepared) {
            Err(error) if error.is_wait() => Err(error),
            result => Ok(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, message};

    #[derive(Debug)]
    struct Waits;

    impl FromMessage<'_> for Waits {
        type Prepared = ();

        fn prepare(_: &mut Injector<'_>) -> Option<()> {
            Some(())
        }

        fn from_message(_: &Context, (): &()) -> Result<Self, ExtractError> {
            Err(ExtractError::wait(async { Ok::<(), crate::BoxError>(()) }))
        }
    }

    #[test]
    fn an_option_takes_what_is_absent_only() {
        assert_eq!(extract::<Option<&str>>(&message(Some(b"x"))).unwrap(), Some("x"));
        assert_eq!(extract::<Option<&str>>(&message(None)).unwrap(), None);
        assert!(extract::<Option<&str>>(&message(Some(&[0xff]))).is_err());
    }

    #[test]
    fn a_result_takes_what_is_absent_and_what_is_malformed() {
        type Text<'m> = Result<&'m str, ExtractError>;
        assert_eq!(extract::<Text<'_>>(&message(Some(b"x"))).unwrap().unwrap(), "x");
        assert!(extract::<Text<'_>>(&message(None)).unwrap().unwrap_err().is_missing());
        assert!(!extract::<Text<'_>>(&message(Some(&[0xff]))).unwrap().unwrap_err().is_missing());
    }

    #[test]
    fn they_nest() {
        type Nested<'m> = Result<Option<&'m str>, ExtractError>;
        assert_eq!(extract::<Nested<'_>>(&message(None)).unwrap().unwrap(), None);
        assert!(extract::<Nested<'_>>(&message(Some(&[0xff]))).unwrap().is_err());
    }

    #[test]
    fn what_must_wait_first_waits_inside_both() {
        let context = message(None);
        assert!(extract::<Option<Waits>>(&context).unwrap_err().is_wait());
        assert!(extract::<Result<Waits, ExtractError>>(&context).unwrap_err().is_wait());
    }
}
