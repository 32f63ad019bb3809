//! The program.

use millstream::prelude::*;
use payments::Payments;

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    let args = millstream::Args::from_process()?;
    App::builder().consumers::<(Payments,)>().args(args).build()?.run().await
}
