//! An application with a consumer of its own, and with that of a library that it links by mentioning it.

use millstream::RunError;
use millstream::prelude::*;
use parcels as _;

#[consumer]
struct Letters {}

#[consumer]
impl Letters {
    #[kafka_listener("letters")]
    #[allow(clippy::unused_async)] // a listener is async
    async fn on_letter(&self, _message: &Context) {}
}

#[millstream::main]
async fn main() -> Result<(), RunError> {
    App::from_args()?.run().await
}
