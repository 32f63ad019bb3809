//! What customers send, and what becomes of it.

use crate::card::Card;
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

/// What the ids of orders are made in, so that they meet no ids that others make of the same texts.
const ORDERS: Uuid = uuid!("9d9d6c1e-3b57-4c36-8a5e-0a6b8e7b6f0d");

const LONGEST_NAME: usize = 100;
const LONGEST_KEY: usize = 255;

/// The body of `POST /orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// Who orders.
    pub customer: String,
    /// For how much.
    pub cents: u64,
    /// How it is paid.
    pub card: Card,
}

/// A message of topic `orders`; its key is the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Told from all others by this.
    pub id: Uuid,
    /// Who ordered.
    pub customer: String,
    /// For how much.
    pub cents: u64,
    /// How it is paid.
    pub card: Card,
}

/// The header `Idempotency-Key`: the customer's own name for the order, by which a request that is sent again is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads it from the header's value.
    ///
    /// # Errors
    /// It is empty, too long, or not made of visible ASCII.
    pub fn new(value: &[u8]) -> Result<Self, String> {
        let is_visible = value.iter().all(u8::is_ascii_graphic);
        match std::str::from_utf8(value) {
            Ok(text) if is_visible && (1..=LONGEST_KEY).contains(&text.len()) => Ok(Self(text.to_owned())),
            _ => Err(format!("`Idempotency-Key` is 1 to {LONGEST_KEY} visible ASCII characters without spaces")),
        }
    }
}

impl NewOrder {
    /// Everything that keeps it from being an order.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.customer.is_empty() || self.customer.len() > LONGEST_NAME {
            problems.push(format!("`customer` is 1 to {LONGEST_NAME} bytes"));
        }
        if self.cents == 0 {
            problems.push("`cents` is 1 or more".to_owned());
        }
        if self.card.0.is_empty() {
            problems.push("`card` is empty".to_owned());
        }
        problems
    }

    /// The order. Its id is made of the customer and the key alone: the same in every process and after every crash, with
    /// nothing to remember, and one customer's keys are nothing to another's.
    pub fn named(self, key: &IdempotencyKey) -> Order {
        let Self { customer, cents, card } = self;
        let name = format!("{}:{customer}:{}", customer.len(), key.0);
        Order { id: Uuid::new_v5(&ORDERS, name.as_bytes()), customer, cents, card }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_order(customer: &str) -> NewOrder {
        NewOrder { customer: customer.into(), cents: 500, card: Card("card_ada00001".into()) }
    }

    fn key(key: &str) -> IdempotencyKey {
        IdempotencyKey::new(key.as_bytes()).unwrap()
    }

    #[test]
    fn the_same_customer_and_key_make_the_same_id() {
        let first = new_order("ada").named(&key("k-1"));
        let other_content = NewOrder { cents: 1, ..new_order("ada") }.named(&key("k-1"));
        assert_eq!(first.id, other_content.id);
        assert_eq!(first.id.to_string(), "4cc59f46-9f47-52b2-aad4-196d68af22b5");
    }

    #[test]
    fn another_key_or_customer_makes_another_id_however_they_are_cut() {
        let ids = [("ada", "k-1"), ("ada", "k-2"), ("grace", "k-1"), ("ada:k", "-1"), ("ad", "a:k-1")];
        let mut ids: Vec<Uuid> = ids.iter().map(|(customer, text)| new_order(customer).named(&key(text)).id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5);
    }

    #[test]
    fn a_key_is_visible_and_not_too_long() {
        for refused in [&b""[..], b"two words", b"tab\t", "schlüssel".as_bytes(), &[b'k'; 256]] {
            assert!(IdempotencyKey::new(refused).is_err(), "{refused:?}");
        }
        assert!(IdempotencyKey::new(&[b'k'; 255]).is_ok());
    }

    #[test]
    fn every_problem_of_an_order_is_told() {
        let order = NewOrder { customer: String::new(), cents: 0, card: Card(String::new()) };
        assert_eq!(order.problems().len(), 3);
        assert_eq!(new_order("ada").problems(), Vec::<String>::new());
    }
}
