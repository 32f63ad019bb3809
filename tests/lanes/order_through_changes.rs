//! The order of each key while members come and go.

use harness::prelude::*;

use crate::order::{PARTITIONS, all, assert_all_handled_in_order, load, trying, wait_for_all_positions};
use crate::stage::Stage;
use crate::witness::Witness;

both_brokers! {
    /// One witness sees both members: no key runs two handlers, on whichever member.
    async fn each_key_keeps_its_order_while_a_second_member_joins_and_leaves(broker: &Broker) {
        let stage = Stage::new(broker, PARTITIONS).await;
        load(&stage).await;
        let witness = Witness::default();
        let first = trying(&witness).start(&stage).await;
        wait_until("a tenth was handled", async || witness.done().len() > all() / 10).await;
        let second = trying(&witness).start(&stage).await;
        wait_until("half was handled", async || witness.done().len() > all() / 2).await;
        second.end().await;
        wait_for_all_positions(&stage).await;
        first.end().await;
        assert_all_handled_in_order(&witness);
        assert_eq!(witness.done().len(), all(), "what was settled did not come again");
    }

    async fn nothing_is_lost_or_repeated_by_shutdowns_in_the_middle(broker: &Broker) {
        let stage = Stage::new(broker, PARTITIONS).await;
        load(&stage).await;
        let witness = Witness::default();
        for part in 1..=4 {
            let running = trying(&witness).start(&stage).await;
            wait_until("some more was handled", async || witness.done().len() >= all() * part / 6).await;
            running.end().await;
            assert_eq!(witness.running(), 0, "handlers end before the application does");
        }
        let running = trying(&witness).start(&stage).await;
        wait_for_all_positions(&stage).await;
        running.end().await;
        assert_all_handled_in_order(&witness);
        assert_eq!(witness.done().len(), all(), "what was finished beyond the gaps did not come again");
    }
}
