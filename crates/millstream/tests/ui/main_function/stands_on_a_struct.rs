#[millstream::main]
struct Billing;

fn main() {}
