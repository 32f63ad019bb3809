use millstream::prelude::*;

trait Clock: Send + Sync {}
trait Local {}

#[component(provides = dyn Clock)]
struct Ledger;

#[component(provides = dyn Local)]
struct Sundial;

impl Local for Sundial {}

fn main() {}
