//! A listener is a method: make a message, call it, look at what it did.

use billing::{Billing, Ledger, Order, Refund, SystemClock};
use millstream::prelude::*;
use millstream_test::TestMessage;

fn order() -> Order {
    Order { id: 7, customer: "ada".into(), cents: 500 }
}

fn ledger() -> Arc<Ledger> {
    Arc::new(Ledger::new(Arc::new(SystemClock)))
}

#[tokio::test]
async fn a_charged_order_is_committed() {
    let ledger = ledger();
    let billing = Billing::new(Arc::clone(&ledger), "EUR");
    let ctx = TestMessage::json(&order()).topic("orders").offset(41).context();

    billing.on_order(Json(order()), &ctx).await.unwrap();

    ctx.assert_committed();
    assert_eq!(ctx.commits(), [42]);
    let entry = ledger.entry(7).unwrap();
    assert_eq!((entry.cents, entry.currency.as_str()), (500, "EUR"));
}

#[tokio::test]
async fn an_order_that_cannot_be_charged_sets_the_position_back_to_itself() {
    let ledger = ledger();
    ledger.be_away_for(1);
    let billing = Billing::new(Arc::clone(&ledger), "EUR");
    let ctx = TestMessage::json(&order()).topic("orders").offset(41).context();

    billing.on_order(Json(order()), &ctx).await.unwrap();

    ctx.assert_rewound_to(41);
    assert_eq!(ledger.entry(7), None);
}

#[tokio::test]
async fn a_refund_of_an_unknown_order_is_not_worth_a_retry() {
    let billing = Billing::new(ledger(), "EUR");
    let refund = Refund { order: 7, cents: 100 };

    let error = billing.on_refund(Json(refund), Key("ada"), Some("t-1")).await.unwrap_err();

    assert!(error.is_terminal());
    assert_eq!(error.to_string(), "order 7 was never charged");
}
