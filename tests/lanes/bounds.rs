//! What a lane holds, what it does not, and who is served meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};

use harness::prelude::*;
use millstream::Carried;
use millstream::prelude::*;
use tokio::sync::Semaphore;

use crate::hands::{auto, manual};
use crate::stage::Stage;
use crate::witness::Witness;

both_brokers! {
    async fn open_messages_are_bounded_by_their_bytes(broker: &Broker) {
        const BYTES: usize = 10_000;
        let stage = Stage::new(broker, 1).await;
        let records = (0..60).map(|number| {
            let record = Record::to(&stage.topic).partition(0).key(format!("key {number}"));
            record.payload(vec![b'x'; BYTES])
        });
        broker.produce_many(records).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let at_gate = Arc::clone(&gate);
        let options = "order_by = \"key\"\nconcurrency = 50\nwindow_bytes = \"96KiB\"";
        let running = auto(options).seen_by(&witness).behaves(move |ctx| {
            let gate = Arc::clone(&at_gate);
            let waits = ctx.offset() == 0;
            Box::pin(async move {
                if waits {
                    gate.acquire().await?.forget();
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        let held = || running.handle.listeners()[0].partitions[0].clone();
        wait_until("the window is full", async || held().open_bytes >= 96 << 10).await;
        let full = held();
        assert_eq!((full.open_messages, full.position), (10, 0), "the tenth fills it");
        assert!(full.open_bytes < (96 << 10) + 10_100, "{full:?}");
        gate.add_permits(1);
        stage.wait_for_position(0, 60).await;
        running.end().await;
        assert_eq!(witness.offsets(), (0..60).collect::<Vec<_>>());
    }

    /// A long chain of one key gives others their turn as its messages end, not when the chain does.
    async fn a_hot_key_that_fills_the_window_lets_others_in_as_it_goes_on(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        // As many as are pulled at once fill the window; the others are there already and wait to be pulled.
        stage.produce_keys(0, vec!["hot"; 256].into_iter().chain(["b", "c"])).await;
        let (witness, gate) = (Witness::default(), Arc::new(Semaphore::new(0)));
        let at_gate = Arc::clone(&gate);
        let running = auto("order_by = \"key\"\nconcurrency = 4\nwindow = 256").seen_by(&witness).behaves(move |ctx| {
            let gate = Arc::clone(&at_gate);
            let waits = ctx.key() == Some(b"hot");
            Box::pin(async move {
                if waits {
                    gate.acquire().await?.forget();
                }
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("the window is full", async || running.handle.listeners()[0].partitions[0].open_messages == 256).await;
        gate.add_permits(2);
        wait_until("the others were handled", async || witness.times(256) + witness.times(257) == 2).await;
        assert_eq!(witness.times(255), 0, "the last of the hot key is far from its turn");
        gate.add_permits(300);
        stage.wait_for_position(0, 258).await;
        running.end().await;
    }

    /// Handlers that never wait are interrupted between two messages; nothing is lost or repeated by that.
    async fn requests_are_served_in_the_middle_of_quick_handlers(broker: &Broker) {
        const MESSAGES: usize = 20_000;
        let stage = Stage::new(broker, 2).await;
        stage.produce_keys(0, (0..MESSAGES).map(|number| format!("key {}", number % 100))).await;
        stage.produce_keys(1, (0..MESSAGES).map(|number| format!("key {}", number % 100))).await;
        let (witness, calls) = (Witness::default(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&calls);
        let running = auto("order_by = \"key\"\nconcurrency = 2").seen_by(&witness).behaves(move |ctx| {
            // From the handler itself, so that the request comes while messages wait.
            if counted.fetch_add(1, Ordering::SeqCst) % 500 == 499 {
                ctx.pause();
                ctx.resume();
            }
            Box::pin(async { Ok(()) })
        });
        let running = running.start(&stage).await;
        wait_until("a part was handled", async || calls.load(Ordering::SeqCst) > MESSAGES / 2).await;
        running.end().await;
        let running = auto("order_by = \"none\"").seen_by(&witness).start(&stage).await;
        stage.wait_for_position(0, i64::try_from(MESSAGES).expect("a count")).await;
        stage.wait_for_position(1, i64::try_from(MESSAGES).expect("a count")).await;
        running.end().await;
        assert_eq!(witness.begun().len(), 2 * MESSAGES, "each once");
    }

    /// `skip_offsets` names a message by its place; only it is passed over.
    async fn named_offsets_are_skipped_in_lanes_too(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce_keys(0, (0..20).map(|number| format!("key {}", number % 4))).await;
        let witness = Witness::default();
        let options = format!("order_by = \"key\"\nskip_offsets = [\"{0}/0@7\", \"{0}/0@900\"]", stage.topic);
        let running = auto(&options).seen_by(&witness).start(&stage).await;
        stage.wait_for_position(0, 20).await;
        running.end().await;
        assert_eq!(witness.offsets(), (0..20).filter(|offset| *offset != 7).collect::<Vec<_>>());
        witness.assert_order_by_key();
    }
}

real_broker! {
    /// The broker takes less text than we write: the position goes alone, and the answer says so.
    within(180) async fn metadata_that_the_broker_refuses_as_too_large_is_left_out() {
        let kafka = OwnKafka::start(1).await;
        kafka.configure(1, "offset.metadata.max.bytes", "16").await;
        let broker = kafka.broker();
        let stage = Stage::new(&broker, 1).await;
        stage.produce_keys(0, (0..50).map(|number| format!("key {number}"))).await;
        let answers = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (gate, noted) = (Arc::new(Semaphore::new(0)), Arc::clone(&answers));
        let at_gate = Arc::clone(&gate);
        let running = manual("order_by = \"key\"").behaves(move |ctx| {
            let (gate, noted) = (Arc::clone(&at_gate), Arc::clone(&noted));
            Box::pin(async move {
                if ctx.offset() == 10 {
                    gate.acquire().await?.forget();
                }
                let answer = ctx.commit().await;
                noted.lock().unwrap().push((ctx.offset(), answer));
                Ok(())
            })
        });
        let running = running.start(&stage).await;
        wait_until("all others have their answers", async || answers.lock().unwrap().len() == 49).await;
        let held = broker.committed(&stage.group, &stage.topic).await.remove(&0).expect("there is a position");
        assert_eq!((held.offset, &*held.metadata), (10, "ms1 n=1"));
        gate.add_permits(1);
        stage.wait_for_position(0, 50).await;
        running.end().await;
        for (offset, answer) in answers.lock().unwrap().iter() {
            let carried = answer.as_ref().expect("the broker takes the position").carried;
            match offset {
                ..=10 => assert_eq!(carried, Carried::Position, "offset {offset}"),
                _ => assert_eq!(carried, Carried::Memory, "offset {offset}"),
            }
        }
    }
}
