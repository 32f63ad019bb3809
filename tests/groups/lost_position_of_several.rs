//! A position that no longer exists, where several listeners of the group read the partition.

use std::sync::{Arc, Mutex};

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Event, Handle};
use tokio::sync::Semaphore;

use crate::load::produce_to_each;
use crate::member::client_config;
use crate::witness::lock;

#[derive(Default)]
struct Books {
    billed: Mutex<Vec<i64>>,
    shipped: Mutex<Vec<i64>>,
}

struct Both {
    books: Arc<Books>,
    /// Billing waits for it at offset 5.
    permission: Arc<Semaphore>,
}

#[consumer]
impl Both {
    #[kafka_listener("orders", id = "billing", from_beginning = true)]
    async fn bill(&self, ctx: &Context) {
        if ctx.offset() == 5 {
            drop(self.permission.acquire().await);
        }
        lock(&self.books.billed).push(ctx.offset());
    }

    #[kafka_listener("orders", id = "shipping", from_beginning = true)]
    async fn ship(&self, ctx: &Context) {
        lock(&self.books.shipped).push(ctx.offset());
    }
}

async fn start(broker: &Broker, group: &str, topic: &str, both: Both) -> Handle {
    let app = App::builder()
        .read_files(false)
        .read_environment(false)
        .discover(false)
        .config_text(client_config(broker, group))
        .set("kafka.drain_timeout", "1s")
        .set("kafka.listeners.billing.topics", [topic])
        .set("kafka.listeners.shipping.topics", [topic])
        .consumer(both);
    app.build().unwrap().start().await.unwrap()
}

real_broker! {
    async fn every_listener_goes_on_at_the_nearest_record(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 1).await;
        produce_to_each(broker, &topic, 1, 20).await;
        let books = Arc::new(Books::default());
        // The one stands at 5, the other has handled everything.
        let closed = Arc::new(Semaphore::new(0));
        let first = start(broker, &group, &topic, Both { books: Arc::clone(&books), permission: closed }).await;
        wait_until("shipping is far ahead", async || lock(&books.shipped).len() == 20).await;
        wait_until("the position is that of billing", async || {
            broker.committed(&group, &topic).await.get(&0).is_some_and(|position| position.offset == 5)
        })
        .await;
        drop(first.shutdown().await);
        broker.delete_records(&topic, 0, 12).await;

        let books = Arc::new(Books::default());
        let open = Arc::new(Semaphore::new(1));
        let second = start(broker, &group, &topic, Both { books: Arc::clone(&books), permission: open }).await;
        let mut events = second.events();
        let lost = async {
            loop {
                if let Event::PositionLost { position, resumed_at, .. } = events.next().await.unwrap() {
                    return (position, resumed_at);
                }
            }
        };
        assert_eq!(lost.await, (5, Some(12)));
        wait_until("billing has handled what is left", async || {
            *lock(&books.billed) == (12..20).collect::<Vec<_>>()
        })
        .await;
        produce_to_each(broker, &topic, 1, 2).await;
        wait_until("both have handled what is new", async || {
            lock(&books.billed).last() == Some(&21) && lock(&books.shipped).last() == Some(&21)
        })
        .await;
        second.shutdown().await.unwrap();
        assert_eq!(broker.committed(&group, &topic).await[&0].offset, 22);
    }
}
