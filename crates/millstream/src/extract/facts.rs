//! The context itself, and the facts about a message that are not its content.

use super::{ExtractError, FromMessage};
use crate::component::Injector;
use crate::context::{Context, Timestamp};

/// The topic of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic<'m>(
    /// Its name.
    pub &'m str,
);

/// The partition of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(
    /// Its number, from 0.
    pub i32,
);

/// The offset of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(
    /// Its number, from 0.
    pub i64,
);

macro_rules! facts {
    ($($(#[$doc:meta])* $type:ty, |$context:ident| $value:expr;)*) => {$(
        $(#[$doc])*
        impl<'m> FromMessage<'m> for $type {
            type Prepared = ();

            fn prepare(_: &mut Injector<'_>) -> Option<()> {
                Some(())
            }

            #[inline]
            fn from_message($context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
                $value
            }
        }
    )*};
}

facts! {
    /// Everything about the message, and the verbs.
    &'m Context, |context| Ok(context);

    Topic<'m>, |context| Ok(Self(context.topic()));

    Partition, |context| Ok(Self(context.partition()));

    Offset, |context| Ok(Self(context.offset()));

    /// When the message was made, or when the broker stored it: the topic decides.
    Timestamp, |context| context.timestamp().ok_or_else(|| ExtractError::missing(
        "a timestamp; an argument of type `Option<Timestamp>` takes such messages as `None`",
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, message, timed};

    #[test]
    fn the_context_and_its_facts_are_arguments() {
        let context = message(Some(b"x"));
        assert!(std::ptr::eq(extract::<&Context>(&context).unwrap(), &raw const context));
        assert_eq!(extract::<Topic<'_>>(&context).unwrap(), Topic("orders"));
        assert_eq!(extract::<Partition>(&context).unwrap(), Partition(3));
        assert_eq!(extract::<Offset>(&context).unwrap(), Offset(41));
    }

    #[test]
    fn a_timestamp_may_be_absent() {
        assert_eq!(extract::<Timestamp>(&timed(Some(5))).unwrap().milliseconds, 5);
        assert!(extract::<Timestamp>(&timed(None)).unwrap_err().is_missing());
        assert!(extract::<Option<Timestamp>>(&timed(None)).unwrap().is_none());
    }
}
