//! What awaiting a commit means.

use std::sync::Mutex;
use std::time::Duration;

use harness::prelude::*;
use millstream::prelude::*;
use millstream::{Carried, CommitError, CommitReceipt, Event, Setting};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use tokio::sync::Semaphore;

use crate::stage::Stage;

/// The answer to a commit, and the position that the broker held then.
type Told = Arc<Mutex<Vec<(CommitReceipt, Option<i64>)>>>;

/// Commits, and asks an independent client as soon as the answer is there.
struct Asking {
    observer: Arc<BaseConsumer>,
    told: Told,
}

#[consumer]
impl Asking {
    #[kafka_listener("named-by-the-configuration", auto_commit = false)]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        let receipt = ctx.commit().await?;
        let observer = Arc::clone(&self.observer);
        let topic = ctx.topic().to_owned();
        let held = tokio::task::spawn_blocking(move || held(&observer, &topic)).await?;
        self.told.lock().unwrap().push((receipt, held));
        Ok(())
    }
}

/// Begins a message before the application is asked to stop, and ends it afterwards.
struct Late {
    here: Semaphore,
    gate: Semaphore,
    answer: Mutex<Option<Result<CommitReceipt, CommitError>>>,
}

struct Finishing(Arc<Late>);

#[consumer]
impl Finishing {
    #[kafka_listener("named-by-the-configuration", auto_commit = false)]
    async fn on_message(&self, ctx: &Context) -> Result<()> {
        let Late { here, gate, answer } = &*self.0;
        here.add_permits(1);
        gate.acquire().await?.forget();
        let told = ctx.commit().await;
        *answer.lock().unwrap() = Some(told);
        Ok(())
    }
}

/// The position of partition 0, as the broker tells it to a client that is no member.
fn held(observer: &BaseConsumer, topic: &str) -> Option<i64> {
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition(topic, 0);
    let found = observer.committed_offsets(wanted, Duration::from_secs(30)).expect("the broker answers");
    found.elements().first()?.offset().to_raw()
}

both_brokers! {
    /// When a commit was awaited, the broker holds the position.
    async fn an_awaited_commit_is_held_by_the_broker(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 20).await;
        let told = Told::default();
        let asking = Asking {
            observer: Arc::new(broker.consumer_config(&stage.group).create().expect("an observer")),
            told: Arc::clone(&told),
        };
        let table = format!("[kafka.listeners.\"Asking.on_message\"]\ntopics = [\"{}\"]", stage.topic);
        // Nothing is sent because time has passed.
        let app = stage.app().config_text(table).set("kafka.commit_interval", "1h").consumer(asking);
        let running = stage.start(app).await;
        wait_until("all commits were answered", async || told.lock().unwrap().len() == 20).await;
        running.end().await;
        let expected: Vec<_> = (1..=20)
            .map(|position| (CommitReceipt { position, carried: Carried::Position }, Some(position)))
            .collect();
        assert_eq!(*told.lock().unwrap(), expected);
    }

    /// A handler that is in the middle of a message when the application stops may end it, commit it and get the answer.
    async fn a_commit_is_answered_while_the_application_stops(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let late = Arc::new(Late { here: Semaphore::new(0), gate: Semaphore::new(0), answer: Mutex::default() });
        let app = stage
            .app()
            .consumer(Finishing(Arc::clone(&late)))
            .set("kafka.commit_interval", "1h")
            .set("kafka.listeners.\"Finishing.on_message\".topics", Setting::from([&*stage.topic]));
        let running = stage.start(app).await;
        late.here.acquire().await.expect("it is never closed").forget();
        running.handle.request_shutdown();
        running.event("no message is begun any more", |event| matches!(event, Event::Draining { .. })).await;
        late.gate.add_permits(2);
        running.end().await;
        let answer = late.answer.lock().unwrap().take().expect("the handler had its answer");
        assert_eq!(answer.expect("the broker took it").position, 1);
        assert_eq!(stage.position(0).await, Some(1));
        assert_eq!(late.here.available_permits(), 0, "no further message was begun");
    }
}
