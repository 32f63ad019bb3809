//! The key.

use super::text::{for_text_types, parse, utf8};
use super::{ExtractError, FromMessage};
use crate::component::Injector;
use crate::context::Context;
use bytes::Bytes;

const NAME: &str = "the key";

/// The message's key, as a `T`.
///
/// `T` can be `&str`, `String`, `&[u8]`, `Bytes` or `Vec<u8>`; a number, a `bool` or a `char` that the key
/// holds as text (`"42"`, as `FromStr` reads it: binary numbers of Kafka's own serializers are taken as
/// `&[u8]`); and every type that implements [`FromKey`].
///
/// A message without a key is an error; `Option<Key<T>>` takes it as `None`. A key that is no such `T`
/// always is one.
///
/// ```
/// use millstream::Key;
///
/// async fn on_refund(Key(customer): Key<&str>) {
///     println!("a refund of {customer}");
/// }
/// # let _ = on_refund(Key("ada"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key<T>(
    /// The key.
    pub T,
);

impl<T> Key<T> {
    /// The key itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Key<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A type that a [`Key`] can be read as.
#[diagnostic::on_unimplemented(
    message = "a key cannot be read as `{Self}`",
    label = "does not implement `FromKey`",
    note = "possible are `&str`, `String`, `&[u8]`, `Bytes`, `Vec<u8>`, numbers, `bool` and `char` written as text, and every type that implements `FromKey`; a message without a key is taken by `Option<Key<T>>`"
)]
pub trait FromKey<'m>: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When the key is not in this form. The error must not quote it.
    fn from_key(key: &'m [u8]) -> Result<Self, ExtractError>;
}

impl<'m, T: FromKey<'m>> FromMessage<'m> for Key<T> {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    #[inline]
    fn from_message(context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
        let key = context.key().ok_or_else(|| {
            ExtractError::missing("a key; an argument of type `Option<Key<T>>` takes such messages as `None`")
        })?;
        T::from_key(key).map(Self)
    }
}

impl<'m> FromKey<'m> for &'m [u8] {
    #[inline]
    fn from_key(key: &'m [u8]) -> Result<Self, ExtractError> {
        Ok(key)
    }
}

impl<'m> FromKey<'m> for &'m str {
    #[inline]
    fn from_key(key: &'m [u8]) -> Result<Self, ExtractError> {
        utf8(key, || NAME.into())
    }
}

impl FromKey<'_> for String {
    fn from_key(key: &[u8]) -> Result<Self, ExtractError> {
        utf8(key, || NAME.into()).map(str::to_owned)
    }
}

impl FromKey<'_> for Bytes {
    fn from_key(key: &[u8]) -> Result<Self, ExtractError> {
        Ok(Self::copy_from_slice(key))
    }
}

impl FromKey<'_> for Vec<u8> {
    fn from_key(key: &[u8]) -> Result<Self, ExtractError> {
        Ok(key.to_vec())
    }
}

macro_rules! text_keys {
    ($($type:ty)*) => {$(
        impl FromKey<'_> for $type {
            #[inline]
            fn from_key(key: &[u8]) -> Result<Self, ExtractError> {
                parse(key, || NAME.into())
            }
        }
    )*};
}
for_text_types!(text_keys);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, keyed};

    #[test]
    fn a_key_is_borrowed_from_the_message() {
        let context = keyed(Some(b"ada"));
        let Key(key) = extract::<Key<&str>>(&context).unwrap();
        assert_eq!(key, "ada");
        assert_eq!(key.as_ptr(), context.key().unwrap().as_ptr());
        assert_eq!(extract::<Key<&[u8]>>(&context).unwrap().0, b"ada");
        assert_eq!(*extract::<Key<String>>(&context).unwrap(), "ada");
        assert_eq!(extract::<Key<Bytes>>(&context).unwrap().into_inner(), "ada");
        assert_eq!(extract::<Key<Vec<u8>>>(&context).unwrap().0, b"ada");
    }

    #[test]
    fn a_number_is_read_from_its_text() {
        assert_eq!(extract::<Key<u64>>(&keyed(Some(b"42"))).unwrap(), Key(42));
        assert_eq!(extract::<Key<i32>>(&keyed(Some(b"-7"))).unwrap(), Key(-7));
        assert_eq!(extract::<Key<bool>>(&keyed(Some(b"true"))).unwrap(), Key(true));
    }

    #[test]
    fn a_key_in_another_form_is_malformed_and_not_quoted() {
        let context = keyed(Some(b"4 pounds"));
        let error = extract::<Key<u64>>(&context).unwrap_err();
        assert!(!error.is_missing());
        assert_eq!(error.to_string(), "the key does not decode: invalid digit found in string");
        assert!(extract::<Option<Key<u64>>>(&context).is_err());
        assert!(extract::<Key<&str>>(&keyed(Some(&[0xff]))).is_err());
        assert!(extract::<Key<u64>>(&keyed(Some(b""))).is_err());
    }

    #[test]
    fn a_message_without_a_key_is_missing_it_but_an_empty_key_is_one() {
        let error = extract::<Key<&str>>(&keyed(None)).unwrap_err();
        assert!(error.is_missing());
        assert!(error.to_string().contains("`Option<Key<T>>`"), "{error}");
        assert_eq!(extract::<Option<Key<&str>>>(&keyed(None)).unwrap(), None);
        assert_eq!(extract::<Option<Key<&str>>>(&keyed(Some(b""))).unwrap(), Some(Key("")));
    }

    #[test]
    fn a_type_of_the_user_can_be_a_key() {
        struct Tenant<'m>(&'m str);
        impl<'m> FromKey<'m> for Tenant<'m> {
            fn from_key(key: &'m [u8]) -> Result<Self, ExtractError> {
                <&str>::from_key(key).map(|key| Self(key.split('/').next().unwrap_or(key)))
            }
        }
        assert_eq!(extract::<Key<Tenant<'_>>>(&keyed(Some(b"acme/7"))).unwrap().0.0, "acme");
    }
}
