use millstream::prelude::*;

#[consumer]
struct Billing;

#[consumer(group_id = "orders")]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self) {}
}

mod refunds {
    use millstream::prelude::*;

    #[consumer(on_failure = "skip", accept_loss = true)]
    impl super::Billing {
        #[kafka_listener("refunds", on_failure = "skip")]
        async fn on_refund(&self, ctx: &Context) {
            self.log(ctx.offset());
        }

        fn log(&self, offset: i64) {
            println!("{offset}");
        }
    }
}
