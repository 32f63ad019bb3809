//! How many handlers of a listener run at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use harness::prelude::*;
use millstream::Setting;
use millstream::prelude::*;
use tokio::sync::Semaphore;

use crate::stage::Stage;

struct Crowd {
    running: AtomicUsize,
    most: AtomicUsize,
    handled: AtomicUsize,
    /// A handler ends when it gets a permit.
    gate: Semaphore,
}

impl Crowd {
    async fn join(&self) -> Result<()> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        self.gate.acquire().await?.forget();
        self.running.fetch_sub(1, Ordering::SeqCst);
        self.handled.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

const PARTITIONS: i32 = 6;
const EACH: usize = 5;

async fn most_at_once(broker: &Broker, concurrency: Option<i64>, expected: usize) {
    let stage = Stage::new(broker, PARTITIONS).await;
    for partition in 0..PARTITIONS {
        stage.produce(partition, EACH).await;
    }
    let crowd = Arc::new(Crowd {
        running: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        handled: AtomicUsize::new(0),
        gate: Semaphore::new(0),
    });
    let app = stage
        .app()
        .consumer(Shared(Arc::clone(&crowd)))
        .set("kafka.listeners.\"Shared.on_message\".topics", Setting::from([&*stage.topic]));
    let app = match concurrency {
        Some(limit) => app.set("kafka.listeners.\"Shared.on_message\".concurrency", limit),
        None => app,
    };
    let running = stage.start(app).await;
    wait_until("as many handlers run as may", async || crowd.running.load(Ordering::SeqCst) == expected).await;
    // One by one, so that each next one begins while the others still run.
    for done in 1..=EACH * 6 {
        crowd.gate.add_permits(1);
        wait_until("one more handler has ended", async || crowd.handled.load(Ordering::SeqCst) == done).await;
    }
    for partition in 0..PARTITIONS {
        stage.wait_for_position(partition, i64::try_from(EACH).expect("a count")).await;
    }
    running.end().await;
    assert_eq!(crowd.most.load(Ordering::SeqCst), expected);
}

/// The application owns its consumers; the test looks on through the inner `Arc`.
struct Shared(Arc<Crowd>);

#[consumer]
impl Shared {
    #[kafka_listener("named-by-the-configuration")]
    async fn on_message(&self) -> Result<()> {
        self.0.join().await
    }
}

both_brokers! {
    /// With `concurrency` that many, and every partition has its turn.
    async fn no_more_handlers_run_at_once_than_the_limit_says(broker: &Broker) {
        most_at_once(broker, Some(2), 2).await;
    }

    /// Without it one for each partition.
    async fn without_a_limit_one_handler_runs_for_each_partition(broker: &Broker) {
        most_at_once(broker, None, 6).await;
    }
}
