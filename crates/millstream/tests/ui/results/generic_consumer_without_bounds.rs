use millstream::prelude::*;

// One lack, told where each part of the registration meets it: what a parameter cannot do is known only there.
struct Projector<T>(T);

#[consumer]
impl<T> Projector<T> {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: Json<T>) {}
}

fn main() {}
