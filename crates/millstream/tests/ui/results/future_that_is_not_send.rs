use millstream::prelude::*;

async fn pause() {}

struct Billing;

#[consumer]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {
        let shared = std::rc::Rc::new(1);
        pause().await;
        drop(shared);
    }
}

fn main() {}
