//! Whatever keeps them, the first decision about an order stands.

use super::{Ledger, LedgerConfig};
use crate::decision::{Decision, Verdict};
use std::env;
use uuid::Uuid;

fn charged(cents: u64) -> Decision {
    Decision { cents, verdict: Verdict::Charged(Uuid::new_v4()) }
}

/// With other connections, as of other processes, where that is possible.
async fn keeps_to_the_first_decision(ledgers: [&Ledger; 2]) {
    let [first, second] = [charged(500), Decision { cents: 500, verdict: Verdict::OverLimit(400) }];
    assert_eq!(ledgers[0].decide("a", first.clone()).await.unwrap(), first);
    assert_eq!(ledgers[1].decide("a", second.clone()).await.unwrap(), first, "the one that stands");
    assert_eq!(ledgers[1].decide("b", second.clone()).await.unwrap(), second, "another order");
    let decisions = ledgers[0].decisions().await.unwrap();
    assert_eq!(decisions, [("a".to_owned(), first), ("b".to_owned(), second)].into());
}

#[tokio::test]
async fn the_first_decision_stands_in_memory() {
    let ledger = Ledger::init(LedgerConfig::Memory {}).await.unwrap();
    keeps_to_the_first_decision([&ledger, &ledger]).await;
}

/// Named for the broker beside which `scripts/test` starts Redis.
#[tokio::test]
async fn the_first_decision_stands_in_redis_on_the_real_broker() {
    let Ok(url) = env::var("MILLSTREAM_TEST_REDIS") else {
        let required = env::var("MILLSTREAM_TEST_REQUIRE").is_ok_and(|required| required == "real");
        assert!(!required, "MILLSTREAM_TEST_REDIS is not set; start one with scripts/redis start");
        eprintln!("skipped: MILLSTREAM_TEST_REDIS names no Redis (scripts/redis start prints one)");
        return;
    };
    let key = format!("payments:test:{}", Uuid::new_v4());
    let config = LedgerConfig::Redis { url, key };
    let ledgers = [Ledger::init(config.clone()).await.unwrap(), Ledger::init(config).await.unwrap()];
    keeps_to_the_first_decision([&ledgers[0], &ledgers[1]]).await;
}

#[tokio::test]
async fn a_ledger_that_cannot_be_reached_is_an_error_worth_a_retry() {
    // The port of nobody: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = LedgerConfig::Redis { url: format!("redis://127.0.0.1:{port}"), key: "payments:test".into() };
    let error = Ledger::init(config).await.unwrap().decide("a", charged(500)).await.unwrap_err();
    assert!(!error.is_terminal());
}

#[tokio::test]
async fn an_address_that_is_none_is_a_start_error_that_does_not_repeat_it() {
    let config = LedgerConfig::Redis { url: "swordfish".into(), key: "payments:test".into() };
    let error = Ledger::init(config).await.err().unwrap().to_string();
    assert!(error.contains("payments.ledger.url") && !error.contains("swordfish"), "{error}");
}
