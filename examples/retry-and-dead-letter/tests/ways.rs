//! The ways that a payment can take, on a broker inside the process.

use millstream::{Event, Events, PartitionState, PartitionStatus};
use millstream_test::{Published, TestApp, TestMessage};
use retry_and_dead_letter::{DeadLetter, DeadLetters, LostAndFound, Payment, Payments, Provider};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// The application as it is configured, with shorter waits.
async fn start() -> TestApp {
    let listener = "kafka.listeners.\"Payments.on_payment\"";
    TestApp::builder()
        .consumers::<(Payments, DeadLetters)>()
        .set(&format!("{listener}.backoff"), "1ms")
        .set(&format!("{listener}.timeout"), "50ms")
        .set(&format!("{listener}.retry_topics"), ["100ms", "200ms"])
        .start()
        .await
        .unwrap()
}

fn payment(order: u64, card: &str) -> TestMessage {
    TestMessage::json(&Payment { order, customer: "ada".into(), cents: 500, card: card.into() }).key("ada")
}

fn provider(app: &TestApp) -> Arc<Provider> {
    app.component::<Provider>().unwrap()
}

/// What each listener does with each of its partitions.
fn states(app: &TestApp) -> Vec<PartitionStatus> {
    app.handle().listeners().into_iter().flat_map(|listener| listener.partitions).collect()
}

async fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(what);
}

/// Waits for the next event of which `choose` makes something.
async fn next<T>(events: &mut Events, choose: impl Fn(Event) -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(chosen) = choose(events.next().await.expect("the application runs")) {
                return chosen;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the event comes")
}

/// Waits until the next dead letter has been written and read.
async fn next_dead_letter(app: &TestApp, events: &mut Events) -> DeadLetter {
    let (topic, partition, offset) = next(events, |event| match event {
        Event::DeadLettered { to, to_partition, to_offset, .. } => Some((to.to_string(), to_partition, to_offset)),
        _ => None,
    })
    .await;
    app.settled(&Published { topic, partition, offset }).await.unwrap();
    app.component::<LostAndFound>().unwrap().letters().pop().expect("it was read")
}

/// Waits until a message has gone to a retry topic, and tells which.
async fn next_retry_topic(events: &mut Events) -> String {
    next(events, |event| match event {
        Event::RetryScheduled { to, .. } => Some(to.to_string()),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_in_place_so_that_the_customers_order_is_kept() {
    let app = start().await;
    let first = app.send("payments", payment(1, "busy-2")).await.unwrap();
    app.publish("payments", payment(2, "good")).await.unwrap();

    app.settled(&first).await.unwrap();
    assert_eq!((provider(&app).charged(), provider(&app).calls(1)), (vec![1, 2], 3));
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_outlasts_the_retries_waits_in_a_retry_topic_while_the_customers_next_payment_goes_first() {
    let app = start().await;
    let mut events = app.events();
    app.send("payments", payment(1, "busy-3")).await.unwrap();
    app.publish("payments", payment(2, "good")).await.unwrap();

    let topic = next_retry_topic(&mut events).await;
    assert_eq!(topic, "payments.shop.retry.100ms");
    wait_until("the copy is settled", || states(&app).iter().any(|state| *state.topic == *topic && state.position > 0))
        .await;
    assert_eq!((provider(&app).charged(), provider(&app).calls(1)), (vec![2, 1], 4));
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_declined_card_is_a_dead_letter_at_once() {
    let app = start().await;
    let mut events = app.events();
    let published = app.publish("payments", payment(1, "stolen").header("trace-id", "t-1")).await.unwrap();

    let letter = next_dead_letter(&app, &mut events).await;
    assert_eq!(letter.origin, (published.topic, published.partition, published.offset));
    assert_eq!((letter.attempts, &*letter.error), (1, "the card was declined: it was reported stolen"));
    assert_eq!(provider(&app).calls(1), 1);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_payload_that_does_not_decode_is_a_dead_letter_at_once_as_it_was() {
    let app = start().await;
    let mut events = app.events();
    app.publish("payments", r#"{"order": "seven"}"#).await.unwrap();

    let letter = next_dead_letter(&app, &mut events).await;
    assert_eq!((&*letter.payload, &*letter.kind, letter.attempts), (r#"{"order": "seven"}"#, "extract", 1));
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_provider_that_never_answers_is_asked_in_place_and_from_each_retry_topic_before_the_payment_is_dead() {
    let app = start().await;
    let mut events = app.events();
    let published = app.publish("payments", payment(1, "silent")).await.unwrap();

    assert_eq!(next_retry_topic(&mut events).await, "payments.shop.retry.100ms");
    assert_eq!(next_retry_topic(&mut events).await, "payments.shop.retry.200ms");
    let letter = next_dead_letter(&app, &mut events).await;
    assert_eq!(letter.origin, (published.topic, published.partition, published.offset), "where it was first");
    assert_eq!((&*letter.kind, letter.attempts, provider(&app).calls(1)), ("timeout", 5, 5));
    wait_until("nothing is held", || states(&app).iter().all(|state| state.state == PartitionState::Running)).await;
    app.shutdown().await.unwrap();
}
