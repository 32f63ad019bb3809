//! The whole application on a broker inside the process: configuration, injection, retries, commits.

use billing::{Billing, Clock, Ledger, Order, Refund};
use millstream::prelude::*;
use millstream_test::{PublishErrorKind, TestApp, TestMessage};
use std::time::{Duration, SystemTime};

/// Always the same time.
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }
}

async fn start() -> TestApp {
    TestApp::builder()
        .consumers::<(Billing,)>()
        .provide::<dyn Clock>(Arc::new(StoppedClock))
        .set("billing.currency", "CHF")
        .set("kafka.listeners.\"Billing.on_order\".backoff", "1ms")
        .start()
        .await
        .unwrap()
}

fn order(id: u64) -> Order {
    Order { id, customer: "ada".into(), cents: 500 }
}

#[tokio::test]
async fn an_order_is_charged_in_the_configured_currency() {
    let app = start().await;
    app.publish_json("orders", &order(7)).await.unwrap();

    let entry = app.component::<Ledger>().unwrap().entry(7).unwrap();
    assert_eq!((entry.cents, entry.currency.as_str()), (500, "CHF"));
    assert_eq!(entry.at, StoppedClock.now());
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_order_comes_again_until_the_ledger_is_back() {
    let app = start().await;
    let ledger = app.component::<Ledger>().unwrap();
    ledger.be_away_for(3);

    app.publish_json("orders", &order(7)).await.unwrap();

    assert_eq!(ledger.entry(7).unwrap().cents, 500);
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_refund_of_an_unknown_order_holds_its_partition_until_it_is_resumed() {
    let app = start().await;
    let message = || TestMessage::json(&Refund { order: 7, cents: 100 }).key("ada").header("trace-id", "t-1");

    let held = app.publish("refunds", message()).await.unwrap_err();
    assert_eq!(held.kind(), PublishErrorKind::Held);
    assert!(held.to_string().contains("order 7 was never charged"), "{held}");

    app.publish_json("orders", &order(7)).await.unwrap();
    app.handle().resume("Billing.on_refund", "refunds").unwrap();
    app.publish("refunds", message()).await.unwrap();
    assert_eq!(app.component::<Ledger>().unwrap().entry(7).unwrap().cents, 300);
    app.shutdown().await.unwrap();
}
