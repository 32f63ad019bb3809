//! What operators see and do.

use crate::support::{FakePayments, PATIENCE, Plan, Shop, id_of, order, start, wait_until};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

const LISTENER: &str = "Orders.on_order";

async fn is_ready(shop: &Shop) -> bool {
    shop.operator_sees("/health/ready").await.0 == StatusCode::OK
}

/// The partitions of the listener, as operators see them.
async fn partitions(shop: &Shop) -> Vec<Value> {
    let (_, listeners) = shop.operator_sees("/operator/listeners").await;
    let listener = listeners.as_array().unwrap().iter().find(|listener| listener["id"] == LISTENER).unwrap();
    listener["partitions"].as_array().unwrap().clone()
}

async fn wait_for_state(shop: &Shop, state: &str) {
    wait_until(&format!("every partition is {state}"), async || {
        let partitions = partitions(shop).await;
        partitions.iter().all(|partition| partition["state"] == state).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_paused_listener_leaves_orders_accepted_until_it_is_resumed() {
    let payments = FakePayments::planned([]);
    let shop = start(&payments).await;
    assert!(is_ready(&shop).await);
    let (status, _) = shop.operator_does("pause", LISTENER, json!({ "reason": "the bank is closed" })).await;
    assert_eq!(status, StatusCode::OK);
    wait_for_state(&shop, "paused").await;
    let (status, seen) = shop.operator_sees("/health/ready").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(seen["held"][0]["partitions"][0]["reason"].as_str().unwrap().contains("the bank is closed"), "{seen}");
    assert_eq!(shop.operator_sees("/health/live").await.0, StatusCode::OK, "held is not dead");

    let id = id_of(&shop.place("k-1", &order("ada", 500)).await);
    shop.wait_for(&id, "accepted").await;
    assert!(payments.asked().is_empty());

    assert_eq!(shop.operator_does("resume", LISTENER, json!({})).await.0, StatusCode::OK);
    shop.wait_for(&id, "paid").await;
    wait_until("it is ready again", async || is_ready(&shop).await.then_some(())).await;
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn orders_that_are_read_again_after_a_seek_are_not_charged_again() {
    let payments = FakePayments::planned([]);
    let shop = start(&payments).await;
    let id = id_of(&shop.place("k-1", &order("ada", 500)).await);
    shop.wait_for(&id, "paid").await;
    let first = shop.app.read("orders", 1).await.unwrap().remove(0);
    let mut events = shop.app.events();

    let place = json!({ "topic": "orders", "partition": first.partition(), "offset": first.offset() });
    assert_eq!(shop.operator_does("seek", LISTENER, place).await.0, StatusCode::OK);
    let read_again =
        async { while !matches!(events.next().await.unwrap(), millstream::Event::HandledBefore { .. }) {} };
    tokio::time::timeout(PATIENCE, read_again).await.expect("the order is read again");
    assert_eq!((payments.asked().len(), shop.app.read("orders.paid", 0).await.unwrap().len()), (1, 1));
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn one_partition_can_be_paused_alone() {
    let shop = start(&FakePayments::planned([])).await;
    let one = json!({ "topic": "orders", "partition": 2 });
    assert_eq!(shop.operator_does("pause", LISTENER, one).await.0, StatusCode::OK);
    let paused = wait_until("one is paused", async || {
        let partitions = partitions(&shop).await;
        let paused: Vec<Value> = partitions.into_iter().filter(|partition| partition["state"] == "paused").collect();
        (!paused.is_empty()).then_some(paused)
    })
    .await;
    assert_eq!((paused.len(), &paused[0]["partition"]), (1, &json!(2)));
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_done_is_told_apart() {
    let shop = start(&FakePayments::planned([])).await;
    let refused = shop.operator_does("pause", "Orders.on_ordr", json!({})).await;
    assert_eq!(refused.0, StatusCode::NOT_FOUND);
    assert!(refused.1["errors"][0].as_str().unwrap().contains("did you mean `Orders.on_order`"), "{refused:?}");
    let other = json!({ "topic": "orders", "partition": 99 });
    assert_eq!(shop.operator_does("pause", LISTENER, other).await.0, StatusCode::CONFLICT);
    assert_eq!(shop.operator_does("pause", LISTENER, json!({ "partition": 1 })).await.0, StatusCode::BAD_REQUEST);
    let negative = json!({ "topic": "orders", "partition": 0, "offset": -1 });
    assert_eq!(shop.operator_does("seek", LISTENER, negative).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = json!({ "topics": "orders" });
    assert_eq!(shop.operator_does("resume", LISTENER, unknown).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_order_that_waits_for_payments_is_seen_by_operators() {
    let go = Arc::new(Notify::new());
    let shop = start(&FakePayments::planned([Plan::Wait(Arc::clone(&go))])).await;
    let id = id_of(&shop.place("k-1", &order("ada", 500)).await);
    wait_until("it is open", async || {
        let partitions = partitions(&shop).await;
        partitions.iter().any(|partition| partition["open"] == 1).then_some(())
    })
    .await;
    assert!(is_ready(&shop).await, "waiting is not being held");
    go.notify_one();
    shop.wait_for(&id, "paid").await;
    shop.app.shutdown().await.unwrap();
}
