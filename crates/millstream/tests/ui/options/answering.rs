use millstream::prelude::*;

struct Pricing;

#[consumer(reply = true, send_to = "priced")]
impl Pricing {
    #[kafka_listener("a", reply, batch = 5)]
    async fn in_batches(&self, _: Messages<'_>) {}

    #[kafka_listener("b", send_to = "", idempotent(key = "id"))]
    async fn once(&self) -> Result<u64> {
        Ok(1)
    }

    #[kafka_listener("i", send_to = "deleted")]
    async fn nothing(&self) -> Result<()> {
        Ok(())
    }

    #[kafka_listener("c", wire = "nest")]
    async fn silent(&self) {}

    #[kafka_listener("d", reply, wire = "nset")]
    async fn misspelt(&self) {}

    #[kafka_listener("e", reply = false)]
    async fn returns_a_reply(&self) -> Result<Reply<u64>> {
        Ok(Reply::new(1))
    }

    #[kafka_listener("f", reply = "priced")]
    async fn by_topic(&self) -> Result<u64> {
        Ok(1)
    }

    #[kafka_listener("g", batch = 5)]
    async fn replies_in_batches(&self, _: Messages<'_>) -> Result<Reply<u64>> {
        Ok(Reply::new(1))
    }

    #[kafka_listener("h", reply = false, send_to = "priced")]
    async fn both(&self) -> Result<u64> {
        Ok(1)
    }
}

fn main() {}
