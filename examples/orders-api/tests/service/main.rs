//! The service, on a broker inside the process.

mod http;
mod operator;
mod order_flow;
mod support;
mod with_payments;
