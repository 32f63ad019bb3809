//! The consumer that keeps the book.

use crate::book::OrderBook;
use crate::order::Order;
use crate::order_events::{OrderPaid, OrderRefused};
use millstream::ExtractError;
use millstream::prelude::*;

/// Tells the book what the topics say.
///
/// The book is in memory, and so nothing is ever committed: the group's position stays at the beginning, and every start
/// reads everything again. What does not decode is passed over, for the same reason; those whose business it is see to
/// it. A process that dies takes no message along, so that deaths are not counted.
#[consumer(auto_commit = false, from_beginning = true, max_crashes = 0)]
pub struct Bookkeeper {
    book: Arc<OrderBook>,
}

#[consumer]
impl Bookkeeper {
    /// An order was accepted.
    #[kafka_listener("orders")]
    pub async fn on_order(&self, order: Result<Json<Order>, ExtractError>, ctx: &Context) {
        if let Some(order) = readable(order, ctx) {
            self.book.accepted(order);
        }
    }

    /// An order was paid.
    #[kafka_listener("orders.paid")]
    pub async fn on_paid(&self, paid: Result<Json<OrderPaid>, ExtractError>, ctx: &Context) {
        if let Some(paid) = readable(paid, ctx) {
            self.book.paid(paid);
        }
    }

    /// An order was refused.
    #[kafka_listener("orders.refused")]
    pub async fn on_refused(&self, refused: Result<Json<OrderRefused>, ExtractError>, ctx: &Context) {
        if let Some(refused) = readable(refused, ctx) {
            self.book.refused(refused);
        }
    }
}

fn readable<T>(read: Result<Json<T>, ExtractError>, ctx: &Context) -> Option<T> {
    match read {
        Ok(Json(value)) => Some(value),
        Err(error) => {
            let (topic, partition, offset) = (ctx.topic(), ctx.partition(), ctx.offset());
            tracing::warn!(topic, partition, offset, %error, "not in the book");
            None
        }
    }
}
