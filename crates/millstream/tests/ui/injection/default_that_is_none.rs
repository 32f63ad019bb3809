use millstream::prelude::*;

#[consumer]
struct Billing {
    #[default]
    file: std::fs::File,
}

fn main() {}
