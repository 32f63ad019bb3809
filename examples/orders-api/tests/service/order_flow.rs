//! The way of an order, with payments that do as they are told.

use crate::support::{FakePayments, PATIENCE, Plan, id_of, order, receipt, start, wait_until};
use axum::http::StatusCode;
use millstream::Event;
use millstream_test::TestMessage;
use orders_api::{OrderPaid, OrderRefused};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn an_order_is_accepted_charged_and_served_as_paid() {
    let payments = FakePayments::planned([]);
    let shop = start(&payments).await;
    let accepted = shop.place("k-1", &order("ada", 1999)).await;
    let id = id_of(&accepted);
    assert_eq!((accepted.0, &accepted.1["state"]), (StatusCode::ACCEPTED, &json!("accepted")));

    let served = shop.wait_for(&id, "paid").await;
    let order_id: Uuid = id.parse().unwrap();
    let expected = json!({
        "id": id, "customer": "ada", "cents": 1999, "state": "paid", "receipt": receipt(order_id),
    });
    assert_eq!(served, expected);
    assert_eq!(payments.asked(), [order_id]);

    let told = shop.app.read("orders.paid", 1).await.unwrap();
    assert_eq!((told.len(), told[0].key()), (1, Some(id.as_bytes())));
    let paid: OrderPaid = told[0].json().unwrap();
    assert_eq!((paid.order, paid.cents), (order_id, 1999));
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_order_that_payments_refuses_is_served_as_refused_with_the_reason() {
    let shop = start(&FakePayments::planned([Plan::Refuse("insufficient_funds")])).await;
    let id = id_of(&shop.place("k-1", &order("ada", 1999)).await);

    let served = shop.wait_for(&id, "refused").await;
    assert_eq!((&served["reason"], &served["message"]), (&json!("insufficient_funds"), &json!("no")));
    let refused: OrderRefused = shop.app.read("orders.refused", 1).await.unwrap()[0].json().unwrap();
    assert_eq!(refused.order.to_string(), id);
    assert!(shop.app.read("orders.paid", 0).await.unwrap().is_empty());
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn while_payments_is_silent_it_is_asked_again() {
    let payments = FakePayments::planned([Plan::Silence, Plan::Silence, Plan::Silence]);
    let shop = start(&payments).await;
    let id = id_of(&shop.place("k-1", &order("ada", 1999)).await);

    shop.wait_for(&id, "paid").await;
    assert_eq!(payments.asked().len(), 4);
    assert_eq!(shop.app.read("orders.paid", 1).await.unwrap().len(), 1);
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_order_that_stands_in_the_topic_twice_is_charged_once() {
    let payments = FakePayments::planned([]);
    let shop = start(&payments).await;
    let id: Uuid = id_of(&shop.place("k-1", &order("ada", 1999)).await).parse().unwrap();
    let first = shop.app.read("orders", 1).await.unwrap().remove(0);
    let copy = TestMessage::bytes(first.payload().unwrap().to_vec()).key(first.key().unwrap());
    // The book never commits; what is awaited is that it was handled before.
    let mut events = shop.app.events();
    shop.app.send("orders", copy.partition(first.partition())).await.unwrap();

    let handled_before = async {
        while !matches!(events.next().await.unwrap(), Event::HandledBefore { offset, .. } if offset == first.offset() + 1)
        {
        }
    };
    tokio::time::timeout(PATIENCE, handled_before).await.expect("the copy is settled");
    assert_eq!(payments.asked(), [id]);
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_is_no_order_is_a_dead_letter_and_holds_nobody() {
    let shop = start(&FakePayments::planned([])).await;
    shop.app.send("orders", TestMessage::text("no order").key("x").partition(0)).await.unwrap();
    let letters = shop.app.read("orders.dead", 1).await.unwrap();
    assert_eq!(letters[0].text(), Some("no order"));
    assert_eq!(letters[0].header_text("millstream-origin-listener"), Some("Orders.on_order"));

    for key in 0..8 {
        let id = id_of(&shop.place(&format!("k-{key}"), &order("ada", 1999)).await);
        shop.wait_for(&id, "paid").await;
    }
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_order_whose_id_payments_knows_from_another_one_is_a_dead_letter_and_no_event() {
    let payments = FakePayments::planned([Plan::AnotherOrder]);
    let shop = start(&payments).await;
    let id = id_of(&shop.place("k-1", &order("ada", 1999)).await);

    let letters = shop.app.read("orders.dead", 1).await.unwrap();
    assert_eq!(letters[0].header_text("millstream-error-kind"), Some("terminal"));
    assert_eq!((payments.asked().len(), letters[0].key()), (1, Some(id.as_bytes())));
    assert!(shop.app.read("orders.paid", 0).await.unwrap().is_empty());
    assert!(shop.app.read("orders.refused", 0).await.unwrap().is_empty());
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_book_that_hears_what_it_cannot_read_goes_on() {
    let shop = start(&FakePayments::planned([])).await;
    for topic in ["orders.paid", "orders.refused"] {
        shop.app.send(topic, TestMessage::text("{").partition(0)).await.unwrap();
    }
    for key in 0..8 {
        shop.place(&format!("k-{key}"), &order("ada", 1999)).await;
    }
    let book = shop.book();
    wait_until("the book has every order", async || (book.count() == 8).then_some(())).await;
    shop.app.shutdown().await.unwrap();
}
