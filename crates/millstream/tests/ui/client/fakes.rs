use millstream::prelude::*;

#[kafka_client]
trait Math {
    #[request("a")]
    async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;
}

struct Marked;

#[kafka_client(wire = "nest")]
impl Math for Marked {
    #[request("a")]
    async fn sum(&self, #[header("a")] numbers: &[i64]) -> Result<i64, RequestError> {
        Ok(numbers.iter().sum())
    }
}

struct NotSend;

#[kafka_client]
impl Math for NotSend {
    async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError> {
        let held = std::rc::Rc::new(1);
        std::future::ready(()).await;
        Ok(numbers.iter().sum::<i64>() + *held)
    }
}

struct Different;

#[kafka_client]
impl Math for Different {
    async fn sum(&self, numbers: Vec<i64>) -> Result<i64, RequestError> {
        Ok(numbers.iter().sum())
    }
}

#[kafka_client]
impl Different {}

fn main() {}
