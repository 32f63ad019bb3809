//! The program.

use billing::Billing;
use millstream::prelude::*;

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    // Naming the consumers links their crate, which is not sure when nothing else mentions it.
    let args = millstream::Args::from_process()?;
    App::builder().consumers::<(Billing,)>().args(args).build()?.run().await
}
