//! Decisions in Redis.

use crate::decision::Decision;
use millstream::{Error, Result, TerminalExt as _};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use std::collections::BTreeMap;
use std::time::Duration;

/// Less than a request may take: who asks is told that the ledger is away.
const PATIENCE: Duration = Duration::from_millis(500);

/// One hash: the orders are its fields.
pub(super) struct InRedis {
    connection: ConnectionManager,
    key: String,
}

impl InRedis {
    /// It connects when it is first asked, and again whenever the connection is lost.
    pub(super) fn new(url: &str, key: String) -> Result<Self> {
        // The address may hold a password, and is not repeated.
        let refused = |error| Error::new(format!("`payments.ledger.url` is no address of Redis: {error}"));
        let client = redis::Client::open(url).map_err(refused)?;
        let config = ConnectionManagerConfig::new()
            .set_max_delay(PATIENCE)
            .set_number_of_retries(1)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        Ok(Self { connection: ConnectionManager::new_lazy_with_config(client, config).map_err(refused)?, key })
    }

    pub(super) async fn decide(&self, order: &str, decision: &Decision) -> Result<Decision> {
        let mut once = redis::pipe();
        once.atomic().hset_nx(&self.key, order, serde_json::to_string(decision)?).ignore().hget(&self.key, order);
        let (standing,): (String,) = once.query_async(&mut self.connection.clone()).await?;
        // What is there and cannot be read will not get better.
        serde_json::from_str(&standing).terminal()
    }

    pub(super) async fn all(&self) -> Result<BTreeMap<String, Decision>> {
        let mut all = redis::cmd("HGETALL");
        let all: BTreeMap<String, String> = all.arg(&self.key).query_async(&mut self.connection.clone()).await?;
        all.into_iter().map(|(order, decision)| Ok((order, serde_json::from_str(&decision).terminal()?))).collect()
    }
}
