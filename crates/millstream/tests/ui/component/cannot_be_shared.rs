use millstream::prelude::*;

struct Ledger(std::rc::Rc<u64>);

#[component(eager = true)]
impl Ledger {
    fn init() -> Self {
        Self(std::rc::Rc::new(1))
    }

    async fn shutdown(&self) {
        let _ = &self.0;
    }
}

fn main() {}
