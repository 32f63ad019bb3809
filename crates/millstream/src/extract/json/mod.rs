//! The payload as JSON.

mod deserializer;
mod explain;
mod key_deserializer;
mod node;
mod refusal;

pub(crate) use explain::explain;
pub(crate) use refusal::Refusal;

use super::payload::{required, tombstone};
use super::{ExtractError, FromMessage};
use crate::component::Injector;
use crate::context::Context;
use serde::Deserialize;
use std::ops::{Deref, DerefMut};

/// The payload, decoded from JSON.
///
/// Fields may borrow from the message: with `struct Order<'m> { customer: &'m str }` the argument is
/// `Json<Order<'_>>`, and nothing is copied.
///
/// A payload that does not decode is an error that names the field, what was expected there, and the
/// position, but nothing of the payload itself: the text of an error ends up in logs. Hence the text of a
/// `Deserialize` written by hand is left out too. A tombstone is an error as well; `Option<Json<T>>` takes
/// it as `None`, and `Result<Json<T>, ExtractError>` takes everything.
///
/// ```
/// use millstream::Json;
///
/// #[derive(serde::Deserialize)]
/// struct Order<'m> {
///     customer: &'m str,
///     cents: u64,
/// }
///
/// async fn on_order(Json(order): Json<Order<'_>>) {
///     println!("{} owes {} cents", order.customer, order.cents);
/// }
/// # let _ = on_order(Json(Order { customer: "ada", cents: 5 }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Json<T>(
    /// The decoded payload.
    pub T,
);

impl<T> Json<T> {
    /// The decoded payload itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<'m, T: Deserialize<'m>> FromMessage<'m> for Json<T> {
    type Prepared = ();

    fn prepare(_: &mut Injector<'_>) -> Option<()> {
        Some(())
    }

    #[inline]
    fn from_message(context: &'m Context, (): &'m ()) -> Result<Self, ExtractError> {
        let payload = required(context, tombstone!("Json<..>"))?;
        match serde_json::from_slice(payload) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(ExtractError::malformed("the payload", explain::<T>(payload, &error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{extract, message};

    #[derive(Deserialize, Debug, PartialEq)]
    struct Order<'m> {
        customer: &'m str,
        cents: u64,
    }

    #[test]
    fn fields_are_borrowed_from_the_message() {
        let context = message(Some(br#"{"customer":"ada","cents":5}"#));
        let Json(order) = extract::<Json<Order<'_>>>(&context).unwrap();
        assert_eq!(order, Order { customer: "ada", cents: 5 });
        assert!(context.payload().unwrap().as_ptr_range().contains(&order.customer.as_ptr()));
    }

    #[test]
    fn a_tombstone_is_missing_and_the_error_suggests_an_option() {
        let context = message(None);
        let error = extract::<Json<Order<'_>>>(&context).unwrap_err();
        assert!(error.is_missing());
        assert!(error.to_string().contains("`Option<Json<..>>`"), "{error}");
        assert_eq!(extract::<Option<Json<Order<'_>>>>(&context).unwrap(), None);
    }

    #[test]
    fn a_wrong_field_is_malformed_with_its_path_and_position() {
        let context = message(Some(br#"{"customer":"ada","cents":"a lot"}"#));
        let error = extract::<Json<Order<'_>>>(&context).unwrap_err().for_argument("order");
        assert!(!error.is_missing());
        assert_eq!(
            error.to_string(),
            "argument `order`: the payload does not decode: `cents`: expected u64, found a string (line 1, column 33)"
        );
        assert!(extract::<Option<Json<Order<'_>>>>(&context).is_err());
        assert!(extract::<Result<Json<Order<'_>>, ExtractError>>(&context).unwrap().is_err());
    }

    #[test]
    fn an_empty_payload_is_no_tombstone() {
        let error = extract::<Json<Order<'_>>>(&message(Some(b""))).unwrap_err();
        assert!(!error.is_missing());
    }

    #[test]
    fn the_null_of_json_is_a_value() {
        let context = message(Some(b"null"));
        assert_eq!(extract::<Json<Option<u8>>>(&context).unwrap(), Json(None));
    }
}
