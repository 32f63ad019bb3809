//! Offsets that do not exist: no gap stops a lane, or counts as a message.

use std::collections::BTreeSet;
use std::time::Duration;

use harness::prelude::*;
use millstream::prelude::*;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use tokio::sync::Semaphore;

use crate::hands::auto;
use crate::stage::Stage;
use crate::witness::Witness;

/// How long a request of a transaction may take.
const REQUEST: Duration = Duration::from_secs(30);

/// Handles what the topic holds with its first message held back, restarts in the middle, and lets the rest follow.
async fn passes_gaps(stage: &Stage<'_>, exist: &BTreeSet<i64>) {
    let first = *exist.first().expect("there are messages");
    let last = *exist.last().expect("there are messages");
    let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
    let at_gate = Arc::clone(&gate);
    let running = auto("order_by = \"key\"").seen_by(&witness).behaves(move |ctx| {
        let gate = Arc::clone(&at_gate);
        let waits = ctx.offset() == first;
        Box::pin(async move {
            if waits {
                gate.acquire().await?.forget();
                return Err(Error::new("it ends in the middle of its work"));
            }
            Ok(())
        })
    });
    let running = running.start(stage).await;
    wait_until("all but the first were handled", async || witness.done().len() == exist.len() - 1).await;
    running.handle.request_shutdown();
    running.handle.stopping().await;
    gate.add_permits(1);
    running.end().await;
    assert_eq!(BTreeSet::from_iter(witness.offsets()), *exist);

    let again = Witness::default();
    let running = auto("order_by = \"key\"").seen_by(&again).start(stage).await;
    stage.wait_for_position(0, last + 1).await;
    running.end().await;
    assert_eq!(again.offsets(), [first], "a run of what was finished goes on over the gaps");
}

real_broker! {
    within(180) async fn a_compacted_topic_is_handled_to_its_end(broker: &Broker) {
        let stage = Stage { broker, topic: unique("topic"), group: unique("group") };
        let settings = [
            ("cleanup.policy", "compact"),
            ("segment.ms", "100"),
            ("min.cleanable.dirty.ratio", "0.01"),
            ("min.compaction.lag.ms", "0"),
        ];
        broker.create_topic_with(&stage.topic, 1, &settings).await;
        stage.produce_keys(0, (0..300).map(|number| format!("key {}", if number % 3 == 0 { number } else { 1 }))).await;
        // A segment ends with the next message, and only whole ones are compacted.
        let mut ends = 0;
        let exist = wait_until_within(Duration::from_secs(150), "the log has gaps", async || {
            stage.produce_keys(0, [format!("end {ends}")]).await;
            ends += 1;
            let offsets: BTreeSet<i64> = broker.read_all(&stage.topic).await.iter().map(|record| record.offset).collect();
            (offsets.range(..300).count() < 150).then_some(offsets)
        })
        .await;
        passes_gaps(&stage, &exist).await;
    }

    /// Aborted messages and the markers of transactions have offsets, and are not delivered.
    async fn aborted_transactions_are_passed_over(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let producer: BaseProducer = broker
            .client_config()
            .set("transactional.id", unique("transactions"))
            .create()
            .expect("a producer of transactions");
        let topic = stage.topic.clone();
        let sent = tokio::task::spawn_blocking(move || {
            producer.init_transactions(REQUEST).expect("transactions begin");
            for transaction in 0..20 {
                producer.begin_transaction().expect("a transaction begins");
                for number in 0..5 {
                    let key = format!("key {}", transaction * 5 + number);
                    let record = BaseRecord::to(&topic).partition(0).key(&key).payload("x");
                    producer.send(record).map_err(|(error, _)| error).expect("it is sent");
                }
                producer.flush(REQUEST).expect("all are acknowledged");
                if transaction % 2 == 0 {
                    producer.commit_transaction(REQUEST).expect("it is committed");
                } else {
                    producer.abort_transaction(REQUEST).expect("it is aborted");
                }
            }
        });
        sent.await.expect("the producer ends");
        stage.produce_keys(0, ["last"]).await;
        // The marker of the last transaction may come a little later, and nothing behind its messages is read before.
        let exist = wait_until("every message that was not aborted can be read", async || {
            let exist: BTreeSet<i64> = broker.read_all(&stage.topic).await.iter().map(|record| record.offset).collect();
            (exist.len() == 51).then_some(exist)
        })
        .await;
        passes_gaps(&stage, &exist).await;
    }
}
