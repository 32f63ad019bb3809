//! The program.

use millstream::prelude::*;
use retry_and_dead_letter::{DeadLetters, Payments};

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    let args = millstream::Args::from_process()?;
    App::builder().consumers::<(Payments, DeadLetters)>().args(args).build()?.run().await
}
