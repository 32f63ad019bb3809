//! A client that is made of a trait, and the service that it asks.

use std::sync::Mutex;

use futures_util::StreamExt as _;
use harness::prelude::*;
use millstream::prelude::*;
use millstream::{AppBuilder, RequestErrorKind};
use serde::{Deserialize, Serialize};

use crate::asker::show_log;

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct User {
    name: String,
}

#[kafka_client(timeout = "60s")]
trait Calculator {
    #[request("typed.sum", key = owner)]
    async fn sum(
        &self,
        owner: &str,
        numbers: &[i64],
        #[header("scale")] scale: Option<&str>,
    ) -> Result<String, RequestError>;

    #[request("typed.steps", stream)]
    fn steps(&self, until: u32) -> impl Stream<Item = Result<u32, RequestError>>;

    #[request("typed.refused")]
    async fn refused(&self) -> Result<(), RequestError>;

    #[request("typed.nobody")]
    async fn nobody(&self) -> Result<(), RequestError>;

    #[emit("typed.seen", key = id)]
    async fn seen(&self, id: &str, user: &User) -> Result<(), SendError>;

    async fn twice(&self, number: i64) -> Result<String, RequestError> {
        self.sum("twice", &[number, number], None).await
    }
}

#[derive(Clone, Default)]
struct Service {
    seen: Arc<Mutex<Vec<(String, User)>>>,
}

#[consumer(start = "earliest")]
impl Service {
    #[kafka_listener("typed.sum", reply)]
    async fn sum(
        &self,
        Nest(numbers): Nest<Vec<i64>>,
        Key(owner): Key<&str>,
        #[header("scale")] scale: Option<&str>,
    ) -> Result<String> {
        Ok(format!("{owner} {} {scale:?}", numbers.iter().sum::<i64>()))
    }

    #[kafka_listener("typed.steps")]
    async fn steps(&self, Nest(until): Nest<u32>) -> Result<Reply<u32>> {
        Ok(Reply::stream(futures_util::stream::iter((0..until).map(Ok::<_, Error>))))
    }

    #[kafka_listener("typed.refused")]
    async fn refused(&self) -> Result<Reply<()>> {
        Ok(Reply::refuse("closed", "come back tomorrow"))
    }

    #[kafka_listener("typed.seen")]
    async fn seen(&self, Key(id): Key<&str>, Nest(user): Nest<User>) {
        self.seen.lock().unwrap().push((id.to_owned(), user));
    }
}

const TOPICS: [&str; 5] = ["typed.sum", "typed.steps", "typed.refused", "typed.nobody", "typed.seen"];

async fn app(broker: &Broker, more: &str) -> AppBuilder {
    for topic in TOPICS {
        broker.create_topic(topic, 2).await;
        broker.create_topic(&format!("{topic}.reply"), 1).await;
    }
    show_log();
    let text = format!(
        "[kafka]\nbrokers = [\"{}\"]\ngroup_id = \"typed\"\ngroup_protocol = \"consumer\"\n{more}",
        broker.bootstrap(),
    );
    App::builder().discover(false).read_files(false).read_environment(false).config_text(text)
}

// The names of topics are constants of the program: on a broker that keeps them, one run would read another's requests.
embedded_broker! {
    async fn a_client_asks_and_tells_what_its_trait_says(broker: &Broker) {
        let service = Service::default();
        let app = app(broker, "").await.consumer(service.clone()).require::<dyn Calculator>();
        let handle = app.build().unwrap().start().await.unwrap();
        let calculator = handle.component::<dyn Calculator>().unwrap();
        assert_eq!(calculator.sum("Ada", &[1, 2, 3], Some("k")).await.unwrap(), "Ada 6 Some(\"k\")");
        assert_eq!(calculator.twice(4).await.unwrap(), "twice 8 None");
        let steps: Vec<u32> = calculator.steps(3).map(Result::unwrap).collect().await;
        assert_eq!(steps, [0, 1, 2]);
        let refused = calculator.refused().await.unwrap_err();
        assert_eq!(refused.kind(), RequestErrorKind::Refused);
        assert_eq!(refused.remote().unwrap().status, "closed");
        let user = User { name: "Ada".to_owned() };
        calculator.seen("1", &user).await.unwrap();
        wait_until("the event is handled", async || !service.seen.lock().unwrap().is_empty()).await;
        assert_eq!(*service.seen.lock().unwrap(), [("1".to_owned(), user)]);
        handle.shutdown().await.unwrap();
    }

    async fn the_configuration_shortens_the_time_of_a_client(broker: &Broker) {
        let more = "[kafka.clients.Calculator]\ntimeout = \"200ms\"";
        let app = app(broker, more).await.consumer(Service::default()).require::<CalculatorClient>();
        let handle = app.build().unwrap().start().await.unwrap();
        let calculator = handle.component::<CalculatorClient>().unwrap();
        assert_eq!(calculator.nobody().await.unwrap_err().kind(), RequestErrorKind::TimedOut);
        handle.shutdown().await.unwrap();
    }
}
