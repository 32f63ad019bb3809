//! What customers may send, and what they get.

use crate::support::{Answer, FakePayments, PATIENCE, Plan, Shop, builder, id_of, order, start};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn post(shop: &Shop, key: Option<&str>, body: &str) -> Answer {
    let mut request = Request::post("/orders").header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    shop.customer(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn errors(answer: &Answer) -> Vec<&str> {
    answer.1["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn the_same_key_is_the_same_order_before_and_after_it_was_handled() {
    let payments = FakePayments::planned([]);
    let shop = start(&payments).await;
    // None of them has to wait for another, nor for the book.
    let order_of_ada = order("ada", 500);
    let (one, two) = tokio::join!(shop.place("k-1", &order_of_ada), shop.place("k-1", &order_of_ada));
    let id = id_of(&one);
    assert_eq!(id_of(&two), id);

    shop.wait_for(&id, "paid").await;
    let again = shop.place("k-1", &order("ada", 500)).await;
    assert_eq!((again.0, id_of(&again)), (StatusCode::ACCEPTED, id));
    assert_eq!(again.1["state"], "paid", "what is known is told at once");
    assert_eq!(payments.asked().len(), 1);
    assert_ne!(id_of(&shop.place("k-2", &order("ada", 500)).await), id_of(&one), "another key");
    assert_ne!(id_of(&shop.place("k-1", &order("grace", 500)).await), id_of(&one), "another customer's key");
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_key_that_was_used_for_another_order_is_refused() {
    let payments = FakePayments::planned([]);
    let shop = start(&payments).await;
    let id = id_of(&shop.place("k-1", &order("ada", 500)).await);
    shop.wait_for(&id, "paid").await;

    let refused = shop.place("k-1", &order("ada", 501)).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(errors(&refused)[0].contains("another order"), "{refused:?}");
    assert_eq!((payments.asked().len(), shop.app.read("orders", 0).await.unwrap().len()), (1, 1));
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_at_once_and_nothing_is_written() {
    let shop = start(&FakePayments::planned([])).await;
    let good = order("ada", 500).to_string();
    let bad = json!({ "customer": "", "cents": 0, "card": "" }).to_string();

    let refused = post(&shop, None, &good).await;
    assert_eq!((refused.0, errors(&refused).len()), (StatusCode::BAD_REQUEST, 1), "{refused:?}");
    assert!(errors(&refused)[0].contains("Idempotency-Key"));
    assert_eq!(post(&shop, Some("two words"), &good).await.0, StatusCode::BAD_REQUEST);
    let refused = post(&shop, None, &bad).await;
    assert_eq!((refused.0, errors(&refused).len()), (StatusCode::BAD_REQUEST, 4), "{refused:?}");
    assert_eq!(post(&shop, Some("k"), "{").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(post(&shop, Some("k"), r#"{"customer":"ada"}"#).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let long = order(&"a".repeat(20_000), 500).to_string();
    assert_eq!(post(&shop, Some("k"), &long).await.0, StatusCode::PAYLOAD_TOO_LARGE);

    assert!(shop.app.read("orders", 0).await.unwrap().is_empty());
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_order_that_nobody_placed_is_not_found() {
    let shop = start(&FakePayments::planned([])).await;
    for id in ["9d9d6c1e-3b57-4c36-8a5e-0a6b8e7b6f0d", "no-id"] {
        assert_eq!(shop.find(id).await.0, StatusCode::NOT_FOUND);
    }
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_servers_take_requests_while_the_application_runs_and_end_with_it() {
    let shop = start(&FakePayments::planned([Plan::Silence])).await;
    let address = shop.app.component::<orders_api::HttpServer>().unwrap().address();
    let body = order("ada", 500).to_string();
    let request = format!(
        "POST /orders HTTP/1.1\r\nhost: test\r\nidempotency-key: k-1\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 202"), "{response}");
    assert!(response.contains("location: /orders/"), "{response}");

    shop.app.shutdown().await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// A connection that is idle must not hold the end, and a request that is under way is answered.
#[tokio::test]
async fn a_request_that_came_before_the_stop_is_answered() {
    let shop = start(&FakePayments::planned([])).await;
    let address = shop.app.component::<orders_api::HttpServer>().unwrap().address();
    let _idle = TcpStream::connect(address).await.unwrap();
    let body = order("ada", 500).to_string();
    let head = format!(
        "POST /orders HTTP/1.1\r\nhost: test\r\nidempotency-key: k-1\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: it has the request in hand.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked[..], b"HTTP/1.1 100 Continue\r\n\r\n");

    shop.app.handle().request_shutdown();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 202"), "{response}");
    shop.app.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_application_that_fails_to_start_takes_its_servers_along() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let payments = FakePayments::planned([]);
    let starting = builder()
        .provide::<dyn orders_api::Payments>(payments)
        .set("http.address", address.to_string())
        // After the hook that serves.
        .with(|app| app.on_start(|_| async { Err("as the test wants it".into()) }))
        .start();
    let error = tokio::time::timeout(PATIENCE, starting).await.expect("the servers end").unwrap_err();
    assert!(format!("{error:?}").contains("as the test wants it"), "{error:?}");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
}
