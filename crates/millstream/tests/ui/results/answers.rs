use millstream::prelude::*;

struct Opaque;

struct Pricing;

#[consumer]
impl Pricing {
    #[kafka_listener("a", reply)]
    async fn not_a_result(&self) -> u64 {
        1
    }

    #[kafka_listener("b", reply)]
    async fn not_serialisable(&self) -> Result<Opaque> {
        Ok(Opaque)
    }

    #[kafka_listener("c", reply)]
    async fn no_error(&self) -> Result<u64, u8> {
        Ok(1)
    }

    #[kafka_listener("d")]
    async fn plain_reply(&self) -> Reply<u64> {
        Reply::new(1)
    }
}

fn main() {}
