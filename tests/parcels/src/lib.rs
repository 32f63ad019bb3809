//! A library with a consumer that programs find by linking it, or do not find.

use millstream::prelude::*;

/// Listens to a topic of its own.
#[consumer]
#[derive(Debug)]
pub struct Parcels {}

#[consumer]
impl Parcels {
    /// Does nothing.
    #[kafka_listener("parcels")]
    #[allow(clippy::unused_async)] // a listener is async
    pub async fn on_parcel(&self, _message: &Context) {}
}
