//! The program.

use millstream::prelude::*;
use orders_api::application;

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    let args = millstream::Args::from_process()?;
    application(App::builder()).args(args).build()?.run().await
}
