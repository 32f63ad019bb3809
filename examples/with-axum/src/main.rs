//! The program.

use millstream::prelude::*;
use with_axum::OrderTotals;

#[millstream::main]
async fn main() -> Result<(), millstream::RunError> {
    let args = millstream::Args::from_process()?;
    App::builder().consumers::<(OrderTotals,)>().args(args).build()?.run().await
}
