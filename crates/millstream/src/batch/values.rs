//! The messages of a batch, each as what an extractor takes from it.

use super::context::BatchContext;
use super::extract::{BatchExtractError, extract_each};
use crate::context::Context;
use crate::extract::FromMessage;
use std::fmt;
use std::ops::Deref;

/// The messages of a batch as an argument of a listener, each as `T`: any type that can be an argument of a listener
/// for one message, such as [`Json<Order>`](crate::Json), `&str`, [`Key<u64>`](crate::Key).
///
/// A message that does not decode is a failure of that message alone, without a retry: the method is called for the
/// messages before it, and for those behind it when the failure policy is done with it (with `order_by = "key"` or
/// `"none"`, for all others at once). `Batch<Result<Json<T>, ExtractError>>` hands such messages over as well.
///
/// ```
/// use millstream::prelude::*;
/// use millstream::{Batch, BatchOutcome, Json, consumer};
///
/// #[derive(serde::Deserialize)]
/// struct Order { id: u64 }
///
/// async fn on_orders(orders: Batch<'_, Json<Order>>) -> BatchOutcome {
///     for (index, order) in orders.iter().enumerate() {
///         if order.id == 0 {
///             let text = format!("the order at offset {} has no id", order.context().offset());
///             return BatchOutcome::failed_at(index, text);
///         }
///     }
///     BatchOutcome::done()
/// }
/// ```
pub struct Batch<'b, T> {
    batch: &'b BatchContext,
    elements: Vec<Element<'b, T>>,
}

/// One message of a [`Batch`].
pub struct Element<'b, T> {
    value: T,
    context: &'b Context,
}

impl<'b, T: FromMessage<'b>> Batch<'b, T> {
    pub(crate) fn extract(batch: &'b BatchContext, prepared: &'b T::Prepared) -> Result<Self, BatchExtractError> {
        let elements = extract_each(batch, prepared, |context, value| Element { value, context })?;
        Ok(Self { batch, elements })
    }
}

impl<'b, T> Batch<'b, T> {
    /// For tests that call a listener directly: one value for each message of the batch, in its order; `None` if
    /// there are not as many.
    pub fn new(batch: &'b BatchContext, values: impl IntoIterator<Item = T>) -> Option<Self> {
        let values: Vec<T> = values.into_iter().collect();
        let contexts = batch.contexts();
        if values.len() != contexts.len() {
            return None;
        }
        let elements = values.into_iter().zip(contexts).map(|(value, context)| Element { value, context }).collect();
        Some(Self { batch, elements })
    }

    /// What is known of the batch as a whole, and its verbs.
    pub fn context(&self) -> &'b BatchContext {
        self.batch
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none; never in a listener.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The message at this index, from 0.
    pub fn get(&self, index: usize) -> Option<&Element<'b, T>> {
        self.elements.get(index)
    }

    /// The messages in the order of the batch.
    pub fn iter(&self) -> std::slice::Iter<'_, Element<'b, T>> {
        self.elements.iter()
    }

    /// The values alone, in the order of the batch.
    pub fn into_values(self) -> impl ExactSizeIterator<Item = T> + use<'b, T> {
        self.elements.into_iter().map(|element| element.value)
    }
}

impl<'b, T> Element<'b, T> {
    /// What was taken from the message.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Everything about the message, and the verbs for it. Where the order of the partition is kept, a commit settles
    /// what stands before the message as well, and a rewind delivers again from there on.
    pub fn context(&self) -> &'b Context {
        self.context
    }
}

impl<T> Deref for Element<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'b, T> IntoIterator for Batch<'b, T> {
    type Item = Element<'b, T>;
    type IntoIter = std::vec::IntoIter<Element<'b, T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter()
    }
}

impl<'a, 'b, T> IntoIterator for &'a Batch<'b, T> {
    type Item = &'a Element<'b, T>;
    type IntoIter = std::slice::Iter<'a, Element<'b, T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

// Values may be secrets.
impl<T> fmt::Debug for Batch<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Batch<{}>({})", std::any::type_name::<T>(), self.len())
    }
}

impl<T> fmt::Debug for Element<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Element<{}>({:?})", std::any::type_name::<T>(), self.context)
    }
}
