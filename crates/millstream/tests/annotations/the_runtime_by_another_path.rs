mod toolbox {
    pub use ::millstream as stream;
}

mod millstream {}

use std::sync::Arc;
use toolbox::stream::{Json, component, consumer};

#[component(crate = toolbox::stream)]
struct Ledger;

#[consumer(crate = crate::the_runtime_by_another_path::toolbox::stream)]
struct Billing(Arc<Ledger>);

#[consumer(crate = toolbox::stream)]
impl Billing {
    #[kafka_listener("orders")]
    async fn on_order(&self, _order: Json<u64>) {
        let _: &Arc<Ledger> = &self.0;
    }
}

#[consumer]
impl Ledger {
    #[kafka_listener("orders", crate = toolbox::stream)]
    async fn on_order(&self) {}
}

#[toolbox::stream::main(crate = toolbox::stream, flavor = "current_thread")]
async fn main() {}

#[test]
fn main_of_another_path_runs() {
    main();
}
