//! What follows the last retry, and how a held partition goes on.

use harness::prelude::*;
use millstream::{Event, HandleErrorKind, RunErrorKind};

use crate::probe::{Act, Ending, Probe};
use crate::stage::{Mode, READER_ID, Stage};

fn failing_at(offset: i64) -> Probe {
    Probe::new(move |call| Act::only(if call.offset == offset { Ending::Err } else { Ending::Ok }))
}

both_brokers! {
    /// `on_failure = "stop"`: the application ends with an error that says where, and a restart begins with the message.
    async fn stop_ends_the_application_with_the_reason(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 4).await;
        let probe = failing_at(2);
        let running = stage.reader(Mode::Auto, &probe, "retries = 1\non_failure = \"stop\"").await;
        let error = running.failed().await;
        assert_eq!((error.kind(), error.exit_code()), (RunErrorKind::Listener, 1));
        let text = error.to_string();
        for part in [READER_ID, &stage.topic, "offset 2", "as the test wants it"] {
            assert!(text.contains(part), "`{part}` is not in: {text}");
        }
        assert_eq!(probe.offsets(), [0, 1, 2, 2]);
        assert_eq!(stage.position(0).await, Some(2));
        assert_eq!(stage.restart_delivers(Mode::Auto).await, [2, 3]);
    }

    /// `on_failure = "skip"` with `accept_loss`: the message is passed, and told.
    async fn skip_passes_the_message_and_tells_it(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 4).await;
        let probe = failing_at(2);
        let options = "retries = 1\non_failure = \"skip\"\naccept_loss = true";
        let running = stage.reader(Mode::Auto, &probe, options).await;
        stage.wait_for_position(0, 4).await;
        let event = running.event("a message was skipped", |event| matches!(event, Event::Skipped { .. })).await;
        let Event::Skipped { listener, offset, reason, .. } = event else { unreachable!() };
        assert_eq!((&*listener, offset), (READER_ID, 2));
        assert!(reason.contains("as the test wants it"), "{reason}");
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2, 2, 3]);
    }

    /// `on_failure = "pause"`: told as an event, and the handle's `resume` gives the message its retries anew.
    async fn a_resumed_message_has_its_retries_anew(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 4).await;
        let probe = Probe::new(|call| {
            let fails = call.offset == 2 && call.delivery <= 5;
            Act::only(if fails { Ending::Err } else { Ending::Ok })
        });
        let running = stage.reader(Mode::Auto, &probe, "retries = 1").await;
        for failures in [2, 4] {
            wait_until("the message failed for good", async || probe.attempts_at(2).len() == failures).await;
            let (offset, reason) = running.paused(READER_ID, 0).await;
            assert_eq!(offset, 2);
            assert!(reason.contains("as the test wants it"), "{reason}");
            running.handle.resume(READER_ID, (&*stage.topic, 0)).expect("it can be resumed");
        }
        stage.wait_for_position(0, 4).await;
        let is_pause = |event: &&Event| matches!(event, Event::Paused { offset: 2, .. });
        let is_resume = |event: &&Event| matches!(event, Event::Resumed { .. });
        wait_until("two pauses and two resumes were told", async || {
            let events = running.events();
            (events.iter().filter(is_pause).count(), events.iter().filter(is_resume).count()) == (2, 2)
        })
        .await;
        running.end().await;
        assert_eq!(probe.attempts_at(2), [1, 2, 1, 2, 1, 2]);
        assert_eq!(probe.offsets(), [0, 1, 2, 2, 2, 2, 2, 2, 3]);
    }

    /// The handle's `skip` settles exactly the message, for a restart too.
    async fn a_skipped_message_is_settled_and_the_partition_goes_on(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 4).await;
        let probe = failing_at(2);
        let running = stage.reader(Mode::Auto, &probe, "retries = 0").await;
        running.paused(READER_ID, 0).await;
        running.handle.skip(READER_ID, &stage.topic, 0, 2, "bad customer").expect("it can be skipped");
        stage.wait_for_position(0, 4).await;
        let event = running.event("a message was skipped", |event| matches!(event, Event::Skipped { .. })).await;
        let Event::Skipped { offset, reason, .. } = event else { unreachable!() };
        assert_eq!(offset, 2);
        assert!(reason.contains("bad customer"), "{reason}");

        let again = running.handle.skip(READER_ID, &stage.topic, 0, 2, "again").expect_err("it is settled");
        assert_eq!(again.kind(), HandleErrorKind::Refused);
        let unknown = running.handle.skip("Reeder.on_message", &stage.topic, 0, 4, "x").expect_err("a wrong name");
        assert_eq!(unknown.kind(), HandleErrorKind::UnknownListener);
        let elsewhere = running.handle.skip(READER_ID, &stage.topic, 7, 4, "x").expect_err("no such partition");
        assert_eq!(elsewhere.kind(), HandleErrorKind::NotAssigned);
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2, 3]);
    }

    /// `skip` of a message that has not come yet.
    async fn a_message_that_is_still_to_come_can_be_skipped(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        let probe = Probe::ok();
        let running = stage.reader(Mode::Auto, &probe, "").await;
        running.handle.skip(READER_ID, &stage.topic, 0, 2, "known to be bad").expect("it can be skipped");
        stage.produce(0, 4).await;
        stage.wait_for_position(0, 4).await;
        let event = running.event("a message was skipped", |event| matches!(event, Event::Skipped { .. })).await;
        let Event::Skipped { offset, reason, .. } = event else { unreachable!() };
        assert_eq!((offset, &*reason), (2, "known to be bad"));
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 3]);
    }

    /// `skip` while the message waits for a retry: no further attempt.
    async fn a_message_that_waits_for_a_retry_can_be_skipped(broker: &Broker) {
        let stage = Stage::new(broker, 1).await;
        stage.produce(0, 3).await;
        let probe = failing_at(1);
        let options = "retries = \"forever\"\nbackoff = { initial = \"1h\", max = \"1h\" }";
        let running = stage.reader(Mode::Auto, &probe, options).await;
        wait_until("the message waits for its retry", async || {
            matches!(running.state(READER_ID, 0), Some(millstream::PartitionState::Retrying { offset: 1, .. }))
        })
        .await;
        running.handle.skip(READER_ID, &stage.topic, 0, 1, "the test").expect("it can be skipped");
        stage.wait_for_position(0, 3).await;
        running.end().await;
        assert_eq!(probe.offsets(), [0, 1, 2]);
    }
}
