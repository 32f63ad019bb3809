use millstream::prelude::*;

struct Ledger;

/// Bills.
#[derive(Clone)]
#[consumer]
pub(crate) struct Billing {
    ledger: Arc<Ledger>,
    clock: Option<Arc<dyn Clock>>,
    #[config("billing.currency")]
    currency: String,
    #[config("billing.limit")]
    limit: Option<u32>,
    #[default]
    seen: Vec<u64>,
    #[cfg(any())]
    never: DoesNotExist,
}

pub trait Clock: Send + Sync {}

#[consumer]
struct Tuple(Arc<Ledger>, #[config("billing.currency")] String, #[default] u32);

#[consumer]
struct Unit;

#[test]
fn a_consumer_is_derived_for_and_made_like_any_struct() {
    let billing =
        Billing { ledger: Arc::new(Ledger), clock: None, currency: String::new(), limit: None, seen: Vec::new() };
    let _ = (billing.clone().ledger, billing.clock.is_some(), billing.currency, billing.limit, billing.seen);
    let tuple = Tuple(Arc::new(Ledger), String::new(), 1);
    let _ = (tuple.0, tuple.1, tuple.2, Unit);
    let _ = App::builder().consumers::<(Billing, Tuple, Unit)>();
}
