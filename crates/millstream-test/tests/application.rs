//! Applications under test, on a broker inside the process.

// A listener is async, whatever it does.
#![allow(clippy::unused_async)]

use millstream::prelude::*;
use millstream::{Event, OutgoingMessage, Producer};
use millstream_test::{PublishErrorKind, Published, ReadErrorKind, TestApp, TestAppBuilder, TestMessage};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What listeners saw, in order.
#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl Seen {
    fn push(&self, text: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[consumer]
struct Quick {
    seen: Arc<Seen>,
}

#[consumer]
impl Quick {
    #[kafka_listener("letters")]
    async fn on_letter(&self, text: &str, ctx: &Context, key: Option<Key<&str>>, #[header("hops")] hops: Option<u8>) {
        let key = key.map_or("none", Key::into_inner);
        self.seen.push(format!("{text} from {}, key {key}, hops {hops:?}", ctx.partition()));
    }
}

#[consumer]
struct Slow {
    seen: Arc<Seen>,
}

#[consumer]
impl Slow {
    #[kafka_listener("letters")]
    async fn on_letter(&self, text: &str) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.seen.push(format!("{text}, slowly"));
    }
}

#[consumer]
struct Failing {
    seen: Arc<Seen>,
}

#[consumer]
impl Failing {
    #[kafka_listener("doomed", retries = 0)]
    async fn on_doomed(&self, text: &str) -> Result<()> {
        self.seen.push(text);
        Err(Error::new("no luck"))
    }

    #[kafka_listener("fatal", retries = 0, on_failure = "stop", group_id = "fatal")]
    async fn on_fatal(&self) -> Result<()> {
        Err(Error::new("no luck at all"))
    }
}

#[consumer]
struct Forgetful;

#[consumer]
impl Forgetful {
    #[kafka_listener("unsettled", auto_commit = false)]
    async fn on_message(&self) {}
}

/// Sends on what it understands, and leaves the rest to the dead letters.
#[consumer]
struct Forwarding {
    producer: Arc<Producer>,
}

#[consumer]
impl Forwarding {
    #[kafka_listener("numbers", retries = 0, on_failure = "dead_letter")]
    async fn on_number(&self, text: &str, key: Option<Key<&str>>) -> Result<()> {
        let number: u64 = text.parse()?;
        let message = OutgoingMessage::new("doubled").payload(Json(number * 2)).header("from", text);
        let message = match key {
            Some(key) => message.key(key.into_inner()),
            None => message,
        };
        self.producer.send(message).await?;
        Ok(())
    }
}

fn app() -> TestAppBuilder {
    TestApp::builder().read_files(false).component(Seen::default())
}

#[tokio::test]
async fn publish_returns_when_every_listener_has_settled_the_message() {
    let app = app().consumers::<(Quick, Slow)>().start().await.unwrap();
    let message = TestMessage::text("a").partition(3).key("k").header("hops", "2");
    let published = app.publish("letters", message).await.unwrap();
    assert_eq!((published.partition, published.offset), (3, 0));

    let mut seen = app.component::<Seen>().unwrap().all();
    seen.sort_unstable();
    assert_eq!(seen, ["a from 3, key k, hops Some(2)", "a, slowly"]);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_message_that_holds_its_partition_is_an_error_that_says_why() {
    let app = app().consumers::<(Failing,)>().start().await.unwrap();
    let first = TestMessage::text("a").partition(0);
    let error = app.publish("doomed", first).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Held);
    let text = error.to_string();
    assert!(
        text.starts_with("doomed/0@0 was not settled: listener `Failing.on_doomed` is paused at this message"),
        "{text}"
    );
    assert!(text.contains("no luck"), "{text}");

    let second = TestMessage::text("b").partition(0);
    let error = app.publish("doomed", second).await.unwrap_err();
    assert!(error.to_string().contains("is paused at the earlier offset 0"), "{error}");

    let mut events = app.events();
    app.handle().skip("Failing.on_doomed", "doomed", 0, 0, "a test").unwrap();
    while !matches!(events.next().await, Some(Event::Skipped { .. })) {}
    let skipped = Published { topic: "doomed".into(), partition: 0, offset: 0 };
    app.settled(&skipped).await.unwrap();
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_application_that_ends_is_an_error_that_says_how() {
    let app = app().consumers::<(Failing,)>().start().await.unwrap();
    let error = app.publish("fatal", "a").await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Ended);
    assert!(error.to_string().contains("no luck at all"), "{error}");
    assert!(app.shutdown().await.is_err());
}

#[tokio::test]
async fn a_topic_that_nobody_reads_is_an_error_that_names_those_that_are_read() {
    let app = app().consumers::<(Quick,)>().start().await.unwrap();
    let error = app.publish("leters", "a").await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::NobodyListens);
    assert!(error.to_string().contains("the listeners of this application read `letters`"), "{error}");
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_never_committed_times_out_with_a_hint() {
    let app = app().consumers::<(Forgetful,)>().timeout(Duration::from_secs(2)).start().await.unwrap();
    let error = app.publish("unsettled", "a").await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::TimedOut);
    assert!(error.to_string().contains("`ctx.commit()`"), "{error}");
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn several_applications_run_side_by_side_and_share_nothing() {
    let one = app().consumers::<(Quick,)>().start().await.unwrap();
    let other = app().consumers::<(Quick,)>().start().await.unwrap();
    assert_ne!(one.bootstrap(), other.bootstrap());
    one.publish("letters", TestMessage::text("a").partition(0)).await.unwrap();
    assert_eq!(one.component::<Seen>().unwrap().all().len(), 1);
    assert_eq!(other.component::<Seen>().unwrap().all().len(), 0);
    one.shutdown().await.unwrap();
    other.shutdown().await.unwrap();
}

#[tokio::test]
async fn nothing_is_discovered_unless_told() {
    let error = app().start().await.unwrap_err();
    assert!(error.to_string().contains("no listener"), "{error}");
}

#[tokio::test]
async fn a_value_given_by_hand_is_the_consumer() {
    let seen = Arc::new(Seen::default());
    let app = TestApp::builder().read_files(false).consumer(Quick { seen: Arc::clone(&seen) }).start().await.unwrap();
    app.publish("letters", TestMessage::text("a").partition(1)).await.unwrap();
    assert_eq!(seen.all(), ["a from 1, key none, hops None"]);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_the_application_sends_is_read_by_partition_and_offset() {
    let app = app().consumers::<(Forwarding,)>().topic("doubled", 2).start().await.unwrap();
    for number in 0..300_u32 {
        let key = if number % 2 == 0 { "a" } else { "b" };
        app.send("numbers", TestMessage::text(number.to_string()).key(key).partition(0)).await.unwrap();
    }
    let doubled = app.read("doubled", 300).await.unwrap();
    assert_eq!(doubled.len(), 300);
    assert!(doubled.is_sorted_by_key(|message| (message.partition(), message.offset())), "{doubled:?}");
    let mut numbers: Vec<u32> = doubled.iter().map(|message| message.json().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..600).step_by(2).collect::<Vec<_>>());
    let first = doubled.iter().find(|message| message.text() == Some("10")).unwrap();
    assert_eq!((first.topic(), first.key()), ("doubled", Some(&b"b"[..])));
    assert_eq!((first.header_text("from"), first.header("other")), (Some("5"), None));
    assert!(first.timestamp().is_some());
    assert!(!format!("{first:?}").contains("10\""), "{first:?}");

    // Reading moves nothing: it finds the same again, and what was sent since.
    app.publish("numbers", TestMessage::text("300").partition(0)).await.unwrap();
    assert_eq!(app.read("doubled", 301).await.unwrap().len(), 301);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn dead_letters_are_read_with_their_headers() {
    let app = app().consumers::<(Forwarding,)>().topic("doubled", 1).start().await.unwrap();
    app.publish("numbers", TestMessage::text("seven").key("k").header("trace-id", "t-1")).await.unwrap();
    let dead = app.read("numbers.test.dead", 1).await.unwrap();
    let [dead] = &*dead else { panic!("{dead:?}") };
    assert_eq!((dead.text(), dead.key()), (Some("seven"), Some(&b"k"[..])));
    assert_eq!(dead.header_text("trace-id"), Some("t-1"));
    assert_eq!(app.read("doubled", 0).await.unwrap(), []);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_topic_with_too_few_messages_or_none_times_out_and_says_how_many_there_are() {
    let app = app().consumers::<(Quick,)>().timeout(Duration::from_secs(1)).start().await.unwrap();
    app.publish("letters", "a").await.unwrap();
    let error = app.read("letters", 2).await.unwrap_err();
    assert_eq!(error.kind(), ReadErrorKind::TooFew);
    assert_eq!(error.to_string(), "topic `letters` did not have 2 messages within 1s, but 1");
    let error = app.read("leters", 1).await.unwrap_err();
    assert_eq!(error.to_string(), "topic `leters` did not have 1 message within 1s, and does not exist");
    assert_eq!(app.read("leters", 0).await.unwrap(), []);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_wait_for_messages_ends_when_they_come() {
    let app = app().consumers::<(Quick,)>().start().await.unwrap();
    let (read, sent) = tokio::join!(app.read("later", 2), async {
        app.send("later", TestMessage::tombstone().key("k")).await?;
        app.send("later", TestMessage::bytes(vec![0xff])).await
    });
    sent.unwrap();
    let mut read = read.unwrap();
    read.sort_by_key(|message| message.payload().is_some());
    assert_eq!(read.iter().map(|message| message.payload()).collect::<Vec<_>>(), [None, Some(&[0xff][..])]);
    assert!(read.iter().all(|message| message.text().is_none() && message.json::<u8>().is_err()));
    app.shutdown().await.unwrap();
}

#[kafka_client]
trait Doubles {
    #[request("doubles.of")]
    async fn of(&self, number: u64) -> Result<u64, RequestError>;
}

#[consumer]
struct Doubling;

#[consumer]
impl Doubling {
    #[kafka_listener("doubles.of", reply)]
    async fn of(&self, Nest(number): Nest<u64>) -> Result<u64> {
        Ok(2 * number)
    }
}

#[consumer]
struct Quadrupling {
    doubles: Arc<dyn Doubles>,
}

#[consumer]
impl Quadrupling {
    #[kafka_listener("small", send_to = "large")]
    async fn on_number(&self, Nest(number): Nest<u64>) -> Result<u64> {
        Ok(self.doubles.of(self.doubles.of(number).await?).await?)
    }
}

/// The partitions show who created them: a broker that makes a topic because somebody asks for it gives it four.
#[tokio::test]
async fn an_application_that_asks_itself_needs_no_topic_made_by_hand() {
    let app = app().consumers::<(Doubling, Quadrupling)>().require::<millstream::Admin>().partitions(2);
    let app = app.set("kafka.requests.reply_partitions", 1).set("kafka.requests.timeout", "20s").start().await.unwrap();
    let partitions = async |topic: &str| {
        let described = app.component::<millstream::Admin>().unwrap().describe([topic]).await.remove(0);
        described.ok().map(|topic| topic.partitions)
    };
    assert_eq!((partitions("large").await, partitions("doubles.of.reply").await), (Some(2), None));
    app.publish("small", "21").await.unwrap();
    assert_eq!(app.read("large", 1).await.unwrap()[0].text(), Some("84"));
    assert_eq!(partitions("doubles.of.reply").await, Some(1));
    app.shutdown().await.unwrap();
}
