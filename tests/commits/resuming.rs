//! Where a group goes on, seen by Kafka's own tool.

use harness::prelude::*;

use crate::probe::{Act, Ending, Probe};
use crate::stage::{Mode, READER, Stage};

real_broker! {
    /// Stopped and started again it resumes where Kafka's own `kafka-consumer-groups` says that it stopped.
    async fn a_group_resumes_where_kafkas_own_tool_says(broker: &Broker) {
        let stage = Stage::new(broker, 3).await;
        for (partition, count) in [(0, 40), (1, 700), (2, 5)] {
            stage.produce(partition, count).await;
        }
        // Each partition stops at another place: 2 has nothing more, 0 and 1 are held.
        let probe = Probe::new(|call| {
            let fails = matches!((call.partition, call.offset), (0, 17) | (1, 555));
            Act::only(if fails { Ending::Terminal } else { Ending::Ok })
        });
        let running = stage.reader(Mode::Auto, &probe, "").await;
        running.paused("Reader.on_message", 0).await;
        running.paused("Reader.on_message", 1).await;
        stage.wait_for_position(2, 5).await;
        running.end().await;

        let told = broker.committed_by_kafka_tool(&stage.group, &stage.topic).await;
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [(0, 17), (1, 555), (2, 5)]);

        stage.produce(2, 2).await;
        let probe = Probe::ok();
        let running = stage.reader(Mode::Auto, &probe, "").await;
        for (partition, position) in [(0, 40), (1, 700), (2, 7)] {
            stage.wait_for_position(partition, position).await;
        }
        running.end().await;
        assert_eq!(probe.offsets_of(READER, 0), (17..40).collect::<Vec<i64>>());
        assert_eq!(probe.offsets_of(READER, 1), (555..700).collect::<Vec<i64>>());
        assert_eq!(probe.offsets_of(READER, 2), [5, 6]);
        let told = broker.committed_by_kafka_tool(&stage.group, &stage.topic).await;
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [(0, 40), (1, 700), (2, 7)]);
    }
}
