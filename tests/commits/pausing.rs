//! Holding and resuming partitions of a listener.

use harness::prelude::*;
use millstream::PartitionState;

use crate::probe::{Act, Ending, Probe, Verb};
use crate::stage::{Mode, READER, READER_ID, Stage};

both_brokers! {
    /// By the context: the message in hand is done, the next one waits for the handle.
    async fn a_handler_pauses_its_partition_until_the_handle_resumes_it(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        stage.produce(0, 5).await;
        let probe = Probe::new(|call| {
            let pauses = (call.partition, call.offset) == (0, 1);
            if pauses { Act::verb(Verb::Pause) } else { Act::only(Ending::Ok) }
        });
        let running = stage.reader(Mode::Auto, &probe, "").await;
        let (offset, reason) = running.paused(READER_ID, 0).await;
        assert_eq!(offset, 2);
        assert!(reason.contains("the handler"), "{reason}");
        stage.wait_for_position(0, 2).await;
        // Other partitions go on.
        stage.produce(1, 3).await;
        stage.wait_for_position(1, 3).await;
        assert_eq!(probe.offsets_of(READER, 0), [0, 1]);

        running.handle.resume(READER_ID, (&*stage.topic, 0)).expect("it can be resumed");
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(probe.offsets_of(READER, 0), [0, 1, 2, 3, 4]);
        assert!(probe.calls().iter().all(|call| call.attempt == 1), "a pause is no failure");
    }

    /// By the handle, one partition of two.
    async fn the_handle_pauses_one_partition_and_others_go_on(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        let probe = Probe::ok();
        let running = stage.reader(Mode::Auto, &probe, "").await;
        running.handle.pause(READER_ID, (&*stage.topic, 0), "a customer is being moved").expect("it can be paused");
        let (offset, reason) = running.paused(READER_ID, 0).await;
        assert_eq!((offset, &*reason), (0, "a customer is being moved"));
        stage.produce(0, 3).await;
        stage.produce(1, 3).await;
        stage.wait_for_position(1, 3).await;
        assert_eq!(running.state(READER_ID, 1), Some(PartitionState::Running));
        assert_eq!(probe.offsets_of(READER, 0), [0; 0]);
        running.handle.resume(READER_ID, &*stage.topic).expect("it can be resumed");
        stage.wait_for_position(0, 3).await;
        running.end().await;
    }

    /// With `..` partitions that are assigned later are held too: those of a member that leaves.
    async fn a_paused_listener_holds_partitions_that_are_assigned_later(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        let staying = Probe::ok();
        let running = stage.reader(Mode::Auto, &staying, "").await;
        let leaving = Probe::ok();
        let other = stage.reader(Mode::Auto, &leaving, "").await;
        wait_until("each member has a partition", async || {
            let count = |handle: &millstream::Handle| handle.listeners()[0].partitions.len();
            (count(&running.handle), count(&other.handle)) == (1, 1)
        })
        .await;
        running.handle.pause(READER_ID, .., "the database is being moved").expect("it can be paused");
        other.end().await;
        running.paused(READER_ID, 0).await;
        let (_, reason) = running.paused(READER_ID, 1).await;
        assert_eq!(reason, "the database is being moved");
        stage.produce(0, 3).await;
        stage.produce(1, 3).await;
        assert_eq!(staying.count(), 0);

        running.handle.resume(READER_ID, ..).expect("it can be resumed");
        stage.wait_for_position(0, 3).await;
        stage.wait_for_position(1, 3).await;
        running.end().await;
        assert_eq!((staying.count(), leaving.count()), (6, 0));
    }

    /// A pause by the handle while a message waits for its retry: resumed, the message goes on with its attempts.
    async fn a_pause_does_not_forget_the_attempts_of_a_failing_message(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 2).await;
        let probe = Probe::new(|call| {
            let fails = call.offset == 0 && call.delivery == 1;
            Act::only(if fails { Ending::Err } else { Ending::Ok })
        });
        let options = "retries = \"forever\"\nbackoff = { initial = \"1h\", max = \"1h\" }";
        let running = stage.reader(Mode::Auto, &probe, options).await;
        wait_until("the message waits for its retry", async || {
            matches!(running.state(READER_ID, 0), Some(PartitionState::Retrying { offset: 0, .. }))
        })
        .await;
        running.handle.pause(READER_ID, .., "the test").expect("it can be paused");
        running.paused(READER_ID, 0).await;
        running.handle.resume(READER_ID, ..).expect("it can be resumed");
        stage.wait_for_position(0, 2).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 0, 1]);
        assert_eq!(probe.attempts_at(0), [1, 2]);
    }

    /// A seek says where, not when: what was paused by hand stays paused, and goes on there.
    async fn a_seek_does_not_resume_what_was_paused_by_hand(broker: &Broker) {
        let stage = Stage::new(broker, 2).await;
        stage.produce(0, 5).await;
        let probe = Probe::ok();
        let running = stage.reader(Mode::Auto, &probe, "").await;
        stage.wait_for_position(0, 5).await;
        running.handle.pause(READER_ID, (&*stage.topic, 0), "the test").expect("it can be paused");
        running.paused(READER_ID, 0).await;
        running.handle.seek(READER_ID, &stage.topic, 0, 3).expect("it can be moved");
        stage.wait_for_position(0, 3).await;
        // Others go on, which is time enough for this one to do so by mistake.
        stage.produce(1, 50).await;
        stage.wait_for_position(1, 50).await;
        assert_eq!(running.paused(READER_ID, 0).await, (3, "the test".to_owned()));
        assert_eq!(probe.offsets_of(READER, 0), [0, 1, 2, 3, 4]);
        running.handle.resume(READER_ID, ..).expect("it can be resumed");
        stage.wait_for_position(0, 5).await;
        running.end().await;
        assert_eq!(probe.offsets_of(READER, 0), [0, 1, 2, 3, 4, 3, 4]);
    }
}
