#![deny(warnings, missing_docs, single_use_lifetimes, unused_qualifications)]
//! Clients of every form.
use millstream::prelude::*;
use millstream::{Delivery, Response, Wire};
use std::time::Duration;

mod topics {
    pub const SUM: &str = "math.sum";
    pub const REPLIES: &str = "math.replies";
    pub const TRACE: &str = "trace-id";
}

const LIMIT: Duration = Duration::from_secs(1);
const SPRING: Wire = Wire::Spring;

/// Somebody.
#[derive(serde::Serialize, Debug)]
pub struct User {
    name: String,
}

#[kafka_client(wire = "nest", timeout = "5s")]
trait Math {
    #[request("math.sum")]
    async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;
    #[request("math.steps", stream)]
    fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>>;
    #[emit("user.created", key = id)]
    async fn user_created(&self, id: &str, user: &User) -> Result<(), SendError>;
}

/// An error of one's own.
#[derive(Debug)]
pub struct Failed(String);

impl From<RequestError> for Failed {
    fn from(error: RequestError) -> Self {
        Self(error.to_string())
    }
}

impl From<SendError> for Failed {
    fn from(error: SendError) -> Self {
        Self(error.to_string())
    }
}

/// Its documentation.
#[kafka_client(
    wire = SPRING,
    timeout = LIMIT,
    reply_topic = "others.replies",
    cluster = "audit",
    name = OtherClient,
    crate = millstream
)]
pub trait Other: std::fmt::Debug + Send {
    /// With every option.
    #[request(topics::SUM, key = r#type, wire = "spring", timeout = "250ms", reply_topic = topics::REPLIES)]
    async fn sum(
        &self,
        numbers: (u32, &str),
        r#type: String,
        #[header("a")] a: &str,
        #[header(topics::TRACE)] trace: Option<&str>,
    ) -> std::result::Result<Vec<User2>, Failed>;

    /// Nothing is sent with it.
    #[request("ping")]
    async fn ping(&self) -> Result<(), Error>;

    /// The whole reply.
    #[request("whole", timeout = LIMIT)]
    async fn whole(&self, __message: Json<&str>) -> Result<Response, RequestError>;

    /// With another error.
    #[request("stream", stream, key = __argument0)]
    fn stream(&self, __argument0: Vec<u8>) -> impl Stream<Item = Result<String, Failed>> + Send + 'static;

    /// A tombstone.
    #[emit("users", key = id)]
    async fn gone(&self, id: &str) -> Result<Delivery, Failed>;

    /// Under a condition.
    #[cfg(any())]
    #[emit("never")]
    async fn never(&self, _: Missing) -> Result<(), SendError>;

    /// Written here.
    async fn twice(&self, numbers: &[u32]) -> Result<usize, Failed> {
        if numbers.is_empty() {
            return Ok(0);
        }
        let users = self.sum((1, "a"), "b".to_owned(), "c", None).await?;
        Ok(users.len() * 2 + numbers.len())
    }

    /// Written here as well.
    fn counted(&self, until: u8) -> impl Stream<Item = u8> {
        if until == 0 {
            return futures_util::stream::iter(0..1);
        }
        futures_util::stream::iter(0..until)
    }

    /// Neither a future nor a stream.
    fn name(&self) -> &str {
        "other"
    }
}

/// Read from a reply.
#[derive(serde::Deserialize, Debug)]
pub struct User2 {
    /// What it is called.
    pub name: String,
}

struct FakeMath {
    sums: std::sync::Mutex<Vec<i64>>,
}

#[kafka_client]
impl Math for FakeMath {
    async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError> {
        tokio::task::yield_now().await;
        let sum = numbers.iter().sum();
        self.sums.lock().unwrap().push(sum);
        Ok(sum)
    }

    fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>> {
        let added = self.sums.lock().unwrap().len() as i64;
        futures_util::stream::iter((0..i64::from(n)).map(move |step| Ok(step + added)))
    }

    async fn user_created(&self, _: &str, User { name }: &User) -> Result<(), SendError> {
        assert!(!name.is_empty());
        Ok(())
    }
}

/// Takes both.
#[component]
pub struct Invoices {
    math: Arc<dyn Math>,
    other: Arc<OtherClient>,
}

impl Invoices {
    /// Calls them.
    pub async fn total(&self) -> Result<i64> {
        let _ = self.other.name();
        let user = User { name: "Ada".to_owned() };
        self.math.user_created("1", &user).await?;
        Ok(self.math.sum(&[1, 2]).await?)
    }

    /// As they are made by hand.
    pub fn by_hand(requests: Arc<Requests>, producer: Arc<Producer>) -> (Self, impl std::fmt::Debug) {
        let math = MathClient::new(Arc::clone(&requests), Arc::clone(&producer));
        let shown = math.clone();
        (Self { math: Arc::new(math), other: Arc::new(OtherClient::new(requests, producer)) }, shown)
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn a_fake_answers_what_its_methods_return() {
    let fake: Arc<dyn Math> = Arc::new(FakeMath { sums: Default::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let numbers = vec![1, 2, 3];
        assert_eq!(is_send(fake.sum(&numbers)).await.unwrap(), 6);
        let steps: Vec<_> = futures_util::StreamExt::collect(is_send(fake.steps(2))).await;
        assert_eq!(steps.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
    });
}
