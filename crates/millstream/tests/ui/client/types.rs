use millstream::prelude::*;

struct Opaque;

#[kafka_client]
trait Math {
    #[request("a")]
    async fn no_result(&self) -> i64;

    #[request("b")]
    async fn no_error(&self) -> Result<i64, String>;

    #[request("c")]
    async fn not_deserialisable(&self) -> Result<Opaque, RequestError>;

    #[request("d", stream)]
    fn no_item(&self) -> impl Stream<Item = i64>;

    #[emit("e")]
    async fn a_value(&self) -> Result<i64, SendError>;

    #[request("f")]
    async fn body(&self, body: &Opaque) -> Result<i64, RequestError>;

    #[emit("g", key = key)]
    async fn key_and_header(&self, key: Opaque, #[header("a")] header: Option<Opaque>) -> Result<(), SendError>;
}

fn main() {}
