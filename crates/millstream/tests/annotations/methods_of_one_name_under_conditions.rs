use millstream::prelude::*;

struct Billing;

#[consumer]
impl Billing {
    #[cfg(debug_assertions)]
    #[kafka_listener("orders")]
    async fn on_order(&self, _payload: &str) {}

    #[cfg(not(debug_assertions))]
    #[kafka_listener("orders")]
    async fn on_order(&self, _payload: &[u8]) {}

    #[cfg(any())]
    #[kafka_listener("never")]
    async fn never(&self, _payload: DoesNotExist) {}
}
