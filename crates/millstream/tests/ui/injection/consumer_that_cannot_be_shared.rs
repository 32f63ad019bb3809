use millstream::prelude::*;

#[consumer]
struct Billing {
    #[default]
    seen: std::rc::Rc<u64>,
}

fn main() {}
