use millstream::prelude::*;

macro_rules! listens {
    ($name:ident, $method:ident, $topic:literal, $payload:ty, $interval:expr) => {
        #[consumer]
        struct $name;

        #[consumer]
        impl $name {
            #[kafka_listener($topic, commit_interval = $interval)]
            async fn $method(&self, payload: $payload, ctx: &Context) -> Result<()> {
                println!("{payload:?} {}", ctx.offset());
                Ok(())
            }
        }
    };
}

listens!(Billing, on_order, "orders", &str, "1s");
listens!(Shipping, on_order, "orders", Option<&[u8]>, "2s");
