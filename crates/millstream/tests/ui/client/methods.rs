use millstream::prelude::*;

#[kafka_client(wire = "auto", timeout = 5, tiemout = "5s")]
trait Math {
    async fn unmarked(&self) -> Result<i64, RequestError>;

    #[request]
    async fn no_topic(&self) -> Result<i64, RequestError>;

    #[request("or ders", key = od)]
    async fn wrong_names(&self, id: &str) -> Result<i64, RequestError>;

    #[request("a", stream)]
    async fn no_stream(&self) -> Result<i64, RequestError>;

    #[request("b")]
    async fn hidden_stream(&self) -> impl Stream<Item = Result<i64, RequestError>>;

    #[request("c")]
    fn not_async(&self);

    #[emit("d", timeout = "5s")]
    async fn event(&mut self) -> Result<(), SendError>;

    #[emit("e")]
    async fn generic<T>(&self, body: T) -> Result<(), SendError>;

    #[request("f")]
    async fn two_bodies(&self, one: &str, two: &str) -> Result<i64, RequestError>;

    #[request("g")]
    #[emit("h")]
    async fn twice(&self) -> Result<i64, RequestError>;

    #[request("i")]
    async fn with_a_body(&self) -> Result<i64, RequestError> {
        Ok(1)
    }

    #[request("j")]
    async fn injected(&self, #[config("a")] a: &str) -> Result<i64, RequestError>;
}

/// That the client has mistakes is not told again where it is used.
#[component]
struct Invoices {
    math: Arc<MathClient>,
}

fn is_math(client: &MathClient) -> &impl Math {
    client
}

fn main() {
    let _ = is_math;
}
