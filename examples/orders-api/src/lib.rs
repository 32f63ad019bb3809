//! Orders by HTTP, handled through Kafka.
//!
//! `POST /orders` writes to the topic `orders`; a listener asks another service to charge the order and tells the topics
//! `orders.paid` and `orders.refused`; further listeners keep the book that `GET /orders/{id}` reads. The README draws
//! the way of an order.

mod book;
mod bookkeeper;
mod card;
mod http;
mod order;
mod order_events;
mod orders;
mod payments;

pub use book::{Known, OrderBook, State};
pub use bookkeeper::Bookkeeper;
pub use card::Card;
pub use http::HttpServer;
pub use order::{IdempotencyKey, NewOrder, Order};
pub use order_events::{OrderEvents, OrderPaid, OrderRefused};
pub use orders::Orders;
pub use payments::{Charge, ChargeError, Payments, Receipt};

use millstream::{AppBuilder, Error, Handle};

/// The whole application, on top of what the builder says already.
pub fn application(app: AppBuilder) -> AppBuilder {
    app.consumers::<(Orders, Bookkeeper)>().require::<HttpServer>().on_start(|handle: Handle| async move {
        let server = handle.component::<HttpServer>().ok_or_else(|| Error::new("the HTTP server was not built"))?;
        server.serve(&handle)
    })
}
