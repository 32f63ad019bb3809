use millstream::prelude::*;

struct Cache<T>(Vec<T>);

#[component]
impl<T> Cache<T> {
    fn init() -> Self {
        Self(Vec::new())
    }
}

#[component]
struct Store<T> {
    cache: Arc<T>,
}

fn main() {}
