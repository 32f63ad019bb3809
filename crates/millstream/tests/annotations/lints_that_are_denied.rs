//! Nothing that an expansion adds may trip a user's lints.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]
#![deny(rust_2018_idioms, single_use_lifetimes, unused_lifetimes, unused_results, trivial_casts)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, let_underscore_drop, redundant_lifetimes)]
#![deny(absolute_paths_not_starting_with_crate, unit_bindings, variant_size_differences, unused_import_braces)]
#![forbid(unsafe_code)]

use millstream::prelude::*;

/// A payload.
#[derive(serde::Deserialize, Debug)]
pub struct Order<'a> {
    /// Who.
    pub name: &'a str,
}

/// Time.
pub trait Clock: Send + Sync {}

/// A component.
#[component(provides = dyn Clock, eager = true)]
#[derive(Debug)]
pub struct Sundial;

impl Clock for Sundial {}

/// Another.
#[derive(Debug)]
pub struct Ledger(String);

#[component]
impl Ledger {
    /// Opens it.
    pub async fn init(#[config("ledger.url")] url: String, _clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self(url))
    }

    /// Closes it.
    pub async fn shutdown(&self) -> Result<()> {
        println!("{}", self.0);
        Ok(())
    }
}

/// A consumer.
#[consumer(group_id = "billing")]
#[derive(Debug)]
pub struct Billing {
    ledger: Arc<Ledger>,
    #[config("billing.currency")]
    currency: String,
    #[default]
    seen: u64,
}

#[consumer]
impl Billing {
    /// Listens.
    #[kafka_listener("orders", auto_commit = false, retries = 2, backoff = { initial = "1s", factor = 2 })]
    pub async fn on_order(
        &self,
        Json(order): Json<Order<'_>>,
        ctx: &Context,
        #[header("trace-id")] trace: Option<&str>,
        #[config("billing.limit")] limit: Config<u32>,
    ) -> Result<()> {
        println!("{} {trace:?} {} {:?} {} {}", order.name, limit.0, self.ledger, self.currency, self.seen);
        drop(ctx.commit().await?);
        Ok(())
    }

    /// Listens no more.
    #[deprecated]
    #[kafka_listener("refunds")]
    pub async fn on_refund(&self) {}
}

/// A generic consumer.
#[derive(Debug)]
pub struct Projector<T>(T);

#[consumer]
impl<T: Send + Sync + 'static> Projector<T> {
    /// Listens.
    #[kafka_listener("orders")]
    pub async fn on_order(&self, _payload: &str) {
        let _ = &self.0;
    }
}

#[millstream::main(worker_threads = 1)]
async fn main() {
    drop(Projector(1_u8));
}

#[test]
fn a_main_without_a_result_runs() {
    assert_eq!(main(), std::process::ExitCode::SUCCESS);
}
