//! Listeners of several groups in one application.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::prelude::*;
use tokio::sync::Semaphore;

use crate::load::produce_to_each;
use crate::member::client_config;
use crate::witness::lock;

#[derive(Default)]
struct Books {
    billed: Mutex<Vec<(i32, i64)>>,
    audited: Mutex<Vec<(i32, i64)>>,
}

struct Departments {
    books: Arc<Books>,
    /// Auditors wait for it.
    permission: Arc<Semaphore>,
}

#[consumer]
impl Departments {
    #[kafka_listener("orders", id = "billing")]
    async fn bill(&self, ctx: &Context) {
        lock(&self.books.billed).push((ctx.partition(), ctx.offset()));
    }

    #[kafka_listener("orders", id = "audit")]
    async fn audit(&self, ctx: &Context) {
        drop(self.permission.acquire().await);
        lock(&self.books.audited).push((ctx.partition(), ctx.offset()));
    }
}

both_brokers! {
    async fn each_group_sees_every_message_and_holds_its_own_position(broker: &Broker) {
        let (topic, billing, auditing) = (unique("orders"), unique("billing"), unique("auditing"));
        broker.create_topic(&topic, 2).await;
        let sent = produce_to_each(broker, &topic, 2, 10).await;
        let (books, permission) = (Arc::new(Books::default()), Arc::new(Semaphore::new(0)));
        let builder = App::builder()
            .read_files(false)
            .read_environment(false)
            .discover(false)
            .config_text(client_config(broker, &billing))
            .consumer(Departments { books: Arc::clone(&books), permission: Arc::clone(&permission) })
            .set("kafka.listener_defaults.start", "earliest")
            .set("kafka.listeners.billing.topics", [&topic])
            .set("kafka.listeners.audit.topics", [&topic])
            .set("kafka.listeners.audit.group_id", auditing.as_str());
        let handle = builder.build().unwrap().start().await.unwrap();
        handle.ready().await.unwrap();

        // A group that stands still does not hold the other.
        wait_until("billing has seen everything", async || lock(&books.billed).len() == sent.len()).await;
        wait_until("billing holds its position", async || {
            broker.committed(&billing, &topic).await.values().filter(|position| position.offset == 10).count() == 2
        })
        .await;
        assert!(lock(&books.audited).is_empty());
        let audited = broker.committed(&auditing, &topic).await;
        assert!(audited.values().all(|position| position.offset == 0), "{audited:?}");

        permission.add_permits(1000);
        wait_until("the auditors have seen everything", async || lock(&books.audited).len() == sent.len()).await;
        handle.shutdown().await.unwrap();
        for group in [&billing, &auditing] {
            let positions = broker.committed(group, &topic).await;
            assert!(positions.len() == 2 && positions.values().all(|position| position.offset == 10), "{positions:?}");
        }
    }
}
