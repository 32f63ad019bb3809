//! A listener that commits by hand and never does.

use std::sync::atomic::{AtomicU64, Ordering};

use harness::prelude::*;
use millstream::Setting;
use millstream::prelude::*;

use crate::running::Running;
use crate::stage::Stage;

const MESSAGES: u64 = 200_000;

#[derive(Default)]
struct Counted {
    messages: AtomicU64,
    first: [AtomicU64; PARTITIONS],
}

const PARTITIONS: usize = 8;

struct Forgetful(Arc<Counted>);

#[consumer]
impl Forgetful {
    #[kafka_listener("named-by-the-configuration", auto_commit = false)]
    async fn on_message(&self, payload: &[u8], ctx: &Context) {
        if ctx.offset() == 0 && !payload.is_empty() {
            let partition = usize::try_from(ctx.partition()).expect("a partition");
            self.0.first[partition].fetch_add(1, Ordering::Relaxed);
        }
        self.0.messages.fetch_add(1, Ordering::Relaxed);
    }
}

async fn start(stage: &Stage<'_>, counted: &Arc<Counted>) -> Running {
    let app = stage
        .app()
        .consumer(Forgetful(Arc::clone(counted)))
        .set("kafka.memory", "16MiB")
        .set("kafka.listeners.\"Forgetful.on_message\".topics", Setting::from([&*stage.topic]));
    stage.start(app).await
}

/// The memory of this process that is in use, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("linux tells it");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it is there");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

both_brokers! {
    /// It reads on through many times the memory that it may use, in bounded memory, and a restart brings all of it again.
    within(300) async fn a_listener_that_never_commits_reads_on_in_bounded_memory(broker: &Broker) {
        let stage = Stage::new(broker, i32::try_from(PARTITIONS).expect("a count")).await;
        // The embedded broker keeps 5 MiB of a partition, in this process.
        let size = if broker.kind() == BrokerKind::Embedded { 100 } else { 1000 };
        for chunk in 0..20 {
            let records = (0..MESSAGES / 20).map(|number| {
                let partition = i32::try_from((chunk + number) % 8).expect("a partition");
                Record::to(&stage.topic).partition(partition).payload(vec![b'x'; size])
            });
            broker.produce_many(records).await;
        }
        let counted = Arc::new(Counted::default());
        let before = resident();
        let running = start(&stage, &counted).await;
        let mut most = before;
        wait_until("all messages were read", async || {
            most = most.max(resident());
            counted.messages.load(Ordering::Relaxed) >= MESSAGES
        })
        .await;
        running.end().await;
        // Kept, the messages would take more than 80 MiB, on the real broker 250.
        let growth = most.saturating_sub(before) / 1024;
        assert!(growth < 56, "it grew by {growth} MiB");
        assert!(stage.positions().await.values().all(|position| *position == 0));

        let again = Arc::new(Counted::default());
        let running = start(&stage, &again).await;
        wait_until("all messages came again", async || again.messages.load(Ordering::Relaxed) == MESSAGES).await;
        running.end().await;
        assert!(again.first.iter().all(|first| first.load(Ordering::Relaxed) == 1));
    }
}
