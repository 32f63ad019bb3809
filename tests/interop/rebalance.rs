//! Members of a group come and go while requests wait: every one of them is answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use harness::prelude::*;
use millstream::Handle;
use millstream::prelude::*;
use serde_json::json;
use tokio::sync::watch;

use crate::nest_client::NestClient;
use crate::nest_events::SERVED;
use crate::program::Program;
use crate::stage::{Stage, Witness, start, with_foreign_programs};

/// Adds, once it is let.
struct Patient {
    gate: watch::Receiver<bool>,
    asked: Arc<AtomicUsize>,
}

#[consumer]
impl Patient {
    #[kafka_listener("replaced", reply)]
    async fn sum(&self, Nest(numbers): Nest<Vec<i64>>) -> Result<i64> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.gate.clone().wait_for(|is_open| *is_open).await.map_err(Error::new)?;
        Ok(numbers.iter().sum())
    }
}

/// A member of the group, and how often it was asked.
async fn join(stage: &Stage<'_>, gate: &watch::Sender<bool>) -> (Handle, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let patient = Patient { gate: gate.subscribe(), asked: Arc::clone(&asked) };
    let app = stage.app("patient", &[("Patient.sum", "sum")]).consumer(patient);
    (start(app).await, asked)
}

/// Asks for thirty sums at once, with keys of all partitions, while `meanwhile` happens.
async fn ask_while<T>(client: &NestClient, meanwhile: impl Future<Output = T>) -> T {
    let asked =
        (0..30).map(|number| client.ask_one("sum", json!({ "key": format!("key-{number}"), "value": [number, 1000] })));
    let (sums, result) = tokio::join!(join_all(asked), meanwhile);
    for (number, sum) in sums.into_iter().enumerate() {
        assert_eq!(sum, (number + 1000).to_string());
    }
    result
}

async fn is_asked(asked: &AtomicUsize) {
    wait_until("a member is asked", async || asked.load(Ordering::SeqCst) > 0).await;
}

with_foreign_programs! {
    async fn requests_that_wait_while_a_member_joins_and_leaves_are_all_answered(broker: &Broker) {
        let stage = Stage::new(broker, &["sum"]).await;
        let (gate, _) = watch::channel(false);
        let (first, first_asked) = join(&stage, &gate).await;
        let client = NestClient::connect(&stage, &["sum"]).await;
        let (second, second_asked) = ask_while(&client, async {
            is_asked(&first_asked).await;
            let (second, second_asked) = join(&stage, &gate).await;
            is_asked(&second_asked).await;
            gate.send_replace(true);
            (second, second_asked)
        })
        .await;

        gate.send_replace(false);
        first_asked.store(0, Ordering::SeqCst);
        second_asked.store(0, Ordering::SeqCst);
        ask_while(&client, async {
            is_asked(&first_asked).await;
            is_asked(&second_asked).await;
            second.request_shutdown();
            gate.send_replace(true);
        })
        .await;
        second.shutdown().await.unwrap();
        client.disconnect().await;
        first.shutdown().await.unwrap();
    }

    async fn requests_that_wait_while_a_nest_client_of_their_group_leaves_are_all_answered(broker: &Broker) {
        let stage = Stage::new(broker, &["sum"]).await;
        let (gate, _) = watch::channel(true);
        let (service, asked) = join(&stage, &gate).await;
        // Each owns one of the three partitions for replies.
        let leaving = NestClient::connect(&stage, &["sum"]).await;
        let staying = NestClient::join(&stage, &leaving, &["sum"]).await;
        let last = NestClient::join(&stage, &leaving, &["sum"]).await;
        // A client of Nest that has no position yet begins after a rebalance with what is sent then: it would miss
        // what it was answered meanwhile.
        wait_until("each client has a position", async || {
            for client in [&leaving, &staying, &last] {
                assert_eq!(client.ask_one("sum", json!([1, 2])).await, "3");
            }
            broker.committed(&leaving.reader_group(), &stage.topic("sum.reply")).await.len() == 3
        })
        .await;
        gate.send_replace(false);
        asked.store(0, Ordering::SeqCst);
        tokio::join!(
            ask_while(&staying, async {
                is_asked(&asked).await;
                leaving.disconnect().await;
                gate.send_replace(true);
            }),
            ask_while(&last, async {}),
        );
        staying.disconnect().await;
        last.disconnect().await;
        service.shutdown().await.unwrap();
    }

    async fn requests_of_ours_are_all_answered_while_nest_services_join_and_leave(broker: &Broker) {
        let stage = Stage::new(broker, &[&SERVED[..], &["unused"]].concat()).await;
        let nest = Program::nest(broker).await;
        let group = stage.group("services");
        let serve = async |name: &str| {
            let command = json!({ "service": stage.group(name), "group": group, "prefix": stage.prefix });
            nest.tell("serve", command).await;
        };
        let app = stage.app("asking", &[("Witness.on_message", "unused")]).consumer(Witness::default());
        let handle = start(app.require::<Requests>()).await;
        let requests = handle.component::<Requests>().unwrap();
        serve("one").await;
        let ask = |number: i64| {
            requests
                .to(stage.topic("sum"))
                .key(format!("key-{number}"))
                .timeout(Duration::from_secs(60))
                .body(&[number, 1000])
                .send::<i64>()
        };
        let asking = async {
            for first in (0..300).step_by(30) {
                let asked = (first..first + 30).map(ask);
                for (number, sum) in (first..).zip(join_all(asked).await) {
                    assert_eq!(sum.unwrap(), number + 1000);
                }
            }
        };
        let moving = async {
            serve("two").await;
            nest.tell("stop", json!({ "service": stage.group("one") })).await;
        };
        tokio::join!(asking, moving);
        assert_eq!(requests.pending(), 0);
        handle.shutdown().await.unwrap();
        nest.tell("stop", json!({ "service": stage.group("two") })).await;
    }
}
