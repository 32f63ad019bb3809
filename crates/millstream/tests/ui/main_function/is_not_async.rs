#[millstream::main]
fn main() {}
