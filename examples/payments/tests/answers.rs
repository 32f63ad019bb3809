//! What who asks gets, on a broker inside the process.

use millstream::{RequestError, RequestErrorKind, Requests};
use millstream_test::TestApp;
use payments::{Charge, Decision, Ledger, Payments, Receipt, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(30);

struct Service {
    app: TestApp,
    requests: Arc<Requests>,
}

impl Service {
    async fn start() -> Self {
        let app = TestApp::builder()
            .consumers::<(Payments,)>()
            .require::<Requests>()
            .topic("payments.charge.reply", 1)
            .start()
            .await
            .unwrap();
        let requests = app.component::<Requests>().unwrap();
        Self { app, requests }
    }

    async fn ask(&self, charge: &Charge) -> Result<Receipt, RequestError> {
        self.requests.to("payments.charge").key(&charge.order).timeout(PATIENCE).body(charge).send().await
    }

    async fn decisions(&self) -> BTreeMap<String, Decision> {
        self.app.component::<Ledger>().unwrap().decisions().await.unwrap()
    }

    async fn end(self) {
        assert_eq!(self.requests.pending(), 0);
        self.app.shutdown().await.unwrap();
    }
}

fn charge(order: &str, cents: u64) -> Charge {
    Charge { order: order.into(), customer: "ada".into(), cents, card: "card_ada00001".into() }
}

#[tokio::test]
async fn a_charge_is_answered_with_its_receipt() {
    let service = Service::start().await;
    let receipt = service.ask(&charge("1", 1999)).await.unwrap();

    assert_eq!((&*receipt.order, receipt.cents), ("1", 1999));
    let decision = Decision { cents: 1999, verdict: Verdict::Charged(receipt.receipt) };
    assert_eq!(service.decisions().await, [("1".to_owned(), decision)].into());
    service.end().await;
}

#[tokio::test]
async fn an_order_that_is_asked_for_often_and_on_all_partitions_is_charged_once() {
    let service = Service::start().await;
    let mut asking = JoinSet::new();
    for number in 0..40 {
        let requests = Arc::clone(&service.requests);
        asking.spawn(async move {
            // Keys would put them one behind the other.
            let request = requests.to("payments.charge").partition(number % 4).timeout(PATIENCE);
            request.body(&charge("1", 1999)).send::<Receipt>().await.unwrap().receipt
        });
    }
    let receipts: BTreeSet<_> = asking.join_all().await.into_iter().collect();

    assert_eq!(receipts.len(), 1, "all have the same receipt");
    assert_eq!(service.decisions().await.len(), 1);
    service.end().await;
}

#[tokio::test]
async fn more_than_the_limit_is_refused_and_stays_refused() {
    let service = Service::start().await;
    for _ in 0..2 {
        let error = service.ask(&charge("1", 100_001)).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::Refused);
        let remote = error.remote().unwrap();
        assert_eq!((&*remote.status, remote.kind.as_deref()), ("insufficient_funds", None));
    }
    assert!(service.ask(&charge("2", 100_000)).await.is_ok(), "the limit itself may be spent");
    assert_eq!(service.decisions().await["1"].verdict, Verdict::OverLimit(100_000));
    service.end().await;
}

#[tokio::test]
async fn the_same_order_with_another_amount_is_refused_whatever_was_decided() {
    let service = Service::start().await;
    service.ask(&charge("1", 500)).await.unwrap();
    let error = service.ask(&charge("1", 501)).await.unwrap_err();

    assert_eq!(error.remote().unwrap().status, "order_differs");
    assert_eq!(service.decisions().await["1"].cents, 500);
    service.end().await;
}

#[tokio::test]
async fn a_malformed_card_is_a_terminal_error_that_does_not_tell_the_card() {
    let service = Service::start().await;
    let error = service.ask(&Charge { card: "swordfish".into(), ..charge("1", 500) }).await.unwrap_err();

    assert_eq!(error.kind(), RequestErrorKind::Refused);
    let remote = error.remote().unwrap();
    assert_eq!(remote.kind.as_deref(), Some("terminal"));
    assert!(remote.message.contains("`card`") && !error.to_string().contains("swordfish"), "{error}");
    assert!(service.decisions().await.is_empty());
    service.end().await;
}

#[tokio::test]
async fn what_is_no_charge_is_answered_too() {
    let service = Service::start().await;
    let request = service.requests.to("payments.charge").timeout(PATIENCE).payload(r#"{"order": 7}"#);
    let error = request.send::<Receipt>().await.unwrap_err();

    assert_eq!(error.remote().unwrap().kind.as_deref(), Some("extract"));
    service.end().await;
}
