//! The read model: what is known of each order.

use crate::card::Card;
use crate::order::{NewOrder, Order};
use crate::order_events::{OrderPaid, OrderRefused};
use millstream::prelude::*;
use serde::Serialize;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// What is known of each order, told by the topics alone.
///
/// They come in any order among each other, and again after every start: whatever is told twice, or late, changes
/// nothing.
#[component]
pub struct OrderBook {
    #[default]
    orders: RwLock<HashMap<Uuid, Known>>,
}

/// What is known of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Who ordered.
    pub customer: String,
    /// For how much.
    pub cents: u64,
    /// How it is paid; not known before the order itself was read.
    #[serde(skip)]
    pub card: Option<Card>,
    /// What became of it so far.
    #[serde(flatten)]
    pub state: State,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It will be handled.
    Accepted,
    /// It was charged.
    Paid {
        /// The receipt's name.
        receipt: Uuid,
    },
    /// It will not be charged.
    Refused {
        /// In one word.
        reason: String,
        /// For people.
        message: String,
    },
}

impl OrderBook {
    /// What is known of an order.
    pub fn find(&self, id: Uuid) -> Option<Known> {
        self.orders.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// How many orders are known.
    pub fn count(&self) -> usize {
        self.orders.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// An order was read.
    pub fn accepted(&self, order: Order) {
        let Order { id, customer, cents, card } = order;
        self.tell(Known { id, customer, cents, card: Some(card), state: State::Accepted });
    }

    /// An order was paid.
    pub fn paid(&self, paid: OrderPaid) {
        let OrderPaid { order: id, customer, cents, receipt } = paid;
        self.tell(Known { id, customer, cents, card: None, state: State::Paid { receipt } });
    }

    /// An order was refused.
    pub fn refused(&self, refused: OrderRefused) {
        let OrderRefused { order: id, customer, cents, reason, message } = refused;
        self.tell(Known { id, customer, cents, card: None, state: State::Refused { reason, message } });
    }

    fn tell(&self, news: Known) {
        match self.orders.write().unwrap_or_else(PoisonError::into_inner).entry(news.id) {
            Entry::Occupied(mut known) => known.get_mut().learn(news),
            Entry::Vacant(unknown) => drop(unknown.insert(news)),
        }
    }
}

impl Known {
    /// Whether a customer means this order by what they sent.
    pub fn is_of(&self, order: &NewOrder) -> bool {
        self.customer == order.customer
            && self.cents == order.cents
            && self.card.as_ref().is_none_or(|card| *card == order.card)
    }

    fn learn(&mut self, news: Self) {
        // The first order of a key is the one that is handled; what came under its key later is not.
        if self.card.is_none() {
            self.card = news.card;
        }
        match (&self.state, news.state) {
            (_, State::Accepted) => {}
            (State::Accepted, ended) => self.state = ended,
            (ended, other) if *ended == other => {}
            (ended, other) => {
                // It cannot be, as payments keeps to its first decision: somebody must look.
                tracing::error!(order = %self.id, ?ended, ?other, "an order ended twice, differently");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        Order { id: Uuid::from_u128(7), customer: "ada".into(), cents: 500, card: Card("card_ada00001".into()) }
    }

    fn paid() -> OrderPaid {
        OrderPaid { order: Uuid::from_u128(7), customer: "ada".into(), cents: 500, receipt: Uuid::from_u128(1) }
    }

    fn refused() -> OrderRefused {
        let (reason, message) = ("insufficient_funds".to_owned(), "too much".to_owned());
        OrderRefused { order: Uuid::from_u128(7), customer: "ada".into(), cents: 500, reason, message }
    }

    fn book(told: impl IntoIterator<Item = fn(&OrderBook)>) -> Known {
        let book = OrderBook { orders: RwLock::default() };
        told.into_iter().for_each(|tell| tell(&book));
        assert_eq!(book.count(), 1);
        book.find(Uuid::from_u128(7)).unwrap()
    }

    const ACCEPTED: fn(&OrderBook) = |book| book.accepted(order());
    const PAID: fn(&OrderBook) = |book| book.paid(paid());
    const REFUSED: fn(&OrderBook) = |book| book.refused(refused());

    #[test]
    fn an_order_is_the_same_in_whatever_order_and_however_often_it_is_told() {
        let known = book([ACCEPTED, PAID]);
        assert_eq!(known.state, State::Paid { receipt: Uuid::from_u128(1) });
        assert_eq!(book([PAID, ACCEPTED]), known);
        assert_eq!(book([ACCEPTED, PAID, ACCEPTED, PAID]), known);
        assert_eq!(book([ACCEPTED]).state, State::Accepted);
        assert!(matches!(book([REFUSED, ACCEPTED]).state, State::Refused { .. }));
    }

    #[test]
    fn the_first_end_of_an_order_stays() {
        assert!(matches!(book([PAID, REFUSED]).state, State::Paid { .. }));
        assert!(matches!(book([REFUSED, PAID]).state, State::Refused { .. }));
    }

    #[test]
    fn a_request_with_other_content_does_not_mean_the_order() {
        let same = NewOrder { customer: "ada".into(), cents: 500, card: Card("card_ada00001".into()) };
        assert!(book([ACCEPTED]).is_of(&same) && book([PAID]).is_of(&same));
        assert!(!book([PAID]).is_of(&NewOrder { cents: 501, ..same.clone() }));
        assert!(!book([PAID, ACCEPTED]).is_of(&NewOrder { card: Card("card_other000".into()), ..same }));
    }

    #[test]
    fn what_is_served_shows_the_state_and_no_card() {
        let served = serde_json::to_value(book([ACCEPTED, REFUSED])).unwrap();
        let expected = serde_json::json!({
            "id": Uuid::from_u128(7), "customer": "ada", "cents": 500,
            "state": "refused", "reason": "insufficient_funds", "message": "too much",
        });
        assert_eq!(served, expected);
    }
}
