use millstream::prelude::*;

#[consumer]
struct Projector<T> {
    store: Arc<T>,
}

fn main() {}
