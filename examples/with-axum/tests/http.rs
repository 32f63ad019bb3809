//! A message goes in through Kafka and comes out through HTTP.

use millstream_test::TestApp;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use with_axum::{HttpServer, Order, OrderTotals};

async fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response)
}

async fn start() -> (TestApp, SocketAddr) {
    let app = TestApp::builder()
        .consumers::<(OrderTotals,)>()
        .require::<HttpServer>()
        .set("http.address", "127.0.0.1:0")
        .start()
        .await
        .unwrap();
    let address = app.component::<HttpServer>().unwrap().address();
    (app, address)
}

#[tokio::test]
async fn what_was_published_is_served() {
    let (app, address) = start().await;
    app.publish_json("orders", &Order { customer: "ada", cents: 500 }).await.unwrap();
    app.publish_json("orders", &Order { customer: "ada", cents: 250 }).await.unwrap();

    let response = get(address, "/totals").await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.ends_with(r#"{"ada":750}"#), "{response}");
    assert!(get(address, "/totals/grace").await.unwrap().starts_with("HTTP/1.1 404"));
    app.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_server_ends_with_the_application() {
    let (app, address) = start().await;
    app.shutdown().await.unwrap();
    assert!(get(address, "/totals").await.is_err(), "nobody listens any more");
}
