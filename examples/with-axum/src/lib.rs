//! An HTTP server beside listeners: both share a component, and both end together.
//!
//! `cargo run -p with-axum`, then `curl http://127.0.0.1:8080/totals`.

mod http_server;
mod order_totals;
mod totals;

pub use http_server::HttpServer;
pub use order_totals::{Order, OrderTotals};
pub use totals::Totals;
