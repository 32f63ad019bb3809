use millstream::prelude::*;

#[kafka_client]
trait Generic<T> {
    #[emit("a")]
    async fn a(&self) -> Result<(), SendError>;
}

#[kafka_client]
trait Clause
where
    Self: Clone,
{
    #[emit("a")]
    async fn a(&self) -> Result<(), SendError>;
}

#[kafka_client(name = "Other")]
unsafe trait Unsafe {
    #[emit("a")]
    async fn a(&self) -> Result<(), SendError>;
}

#[kafka_client]
trait WithOthers {
    const LIMIT: u8;
    type Number;

    #[emit("a")]
    async fn a(&self) -> Result<(), SendError>;
}

#[kafka_client]
trait Nothing {
    fn a(&self) {}
}

#[kafka_client]
struct Client;

fn main() {}
