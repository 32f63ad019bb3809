use millstream::prelude::*;

struct Projector<T>(T);

#[consumer]
impl<T> Projector<T> {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: Json<T>) {}
}

fn main() {}
