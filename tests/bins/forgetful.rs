//! An application that depends on a library with a consumer, mentions nothing of it, and has no consumer itself.

use millstream::{App, RunError};

#[millstream::main]
async fn main() -> Result<(), RunError> {
    App::from_args()?.run().await
}
