use millstream::prelude::*;

trait Clock: Send + Sync {}

#[component(Clock, provide = dyn Clock, provides = Clock, eager = 1, provides = [dyn Clock, dyn Clock])]
struct Ledger;

impl Clock for Ledger {}

fn main() {}
