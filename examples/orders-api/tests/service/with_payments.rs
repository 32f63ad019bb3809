//! Both services on one broker, as they are: what one asks the other answers.

use crate::support::{Shop, builder, id_of, order};
use millstream::Requests;
use payments::{Ledger, Verdict};
use serde_json::json;

async fn start() -> Shop {
    let config = "[payments]\nlimit_cents = 100_000\n[payments.ledger]\ntype = \"memory\"\n";
    let app = builder()
        .consumers::<(payments::Payments,)>()
        .require::<Requests>()
        .topic("payments.charge.reply", 1)
        .config_text(config);
    Shop::new(app.start().await.unwrap())
}

#[tokio::test]
async fn every_order_ends_once_as_payments_decides() {
    let shop = start().await;
    let mut paid = Vec::new();
    for number in 0..20 {
        let placed = shop.place(&format!("k-{number}"), &order("ada", 500 + number)).await;
        assert_eq!(id_of(&shop.place(&format!("k-{number}"), &order("ada", 500 + number)).await), id_of(&placed));
        paid.push(id_of(&placed));
    }
    let dear = id_of(&shop.place("dear", &order("ada", 100_001)).await);
    let malformed = json!({ "customer": "ada", "cents": 500, "card": "stolen" });
    let malformed = id_of(&shop.place("malformed", &malformed).await);

    for id in &paid {
        shop.wait_for(id, "paid").await;
    }
    assert_eq!(shop.wait_for(&dear, "refused").await["reason"], "insufficient_funds");
    assert_eq!(shop.wait_for(&malformed, "refused").await["reason"], "malformed");

    let decisions = shop.app.component::<Ledger>().unwrap().decisions().await.unwrap();
    assert_eq!(decisions.len(), 21, "each order but the malformed one");
    for id in &paid {
        let Verdict::Charged(receipt) = decisions[id].verdict else { panic!("{id} was not charged") };
        assert_eq!(shop.find(id).await.1["receipt"], json!(receipt));
    }
    assert_eq!(decisions[&dear].verdict, Verdict::OverLimit(100_000));
    assert_eq!(shop.app.component::<Requests>().unwrap().pending(), 0);
    shop.app.shutdown().await.unwrap();
}
