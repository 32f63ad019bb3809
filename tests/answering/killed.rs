//! A process that is killed between handling a request and answering it.

use harness::prelude::*;

fn clerk(broker: &Broker, topic: &str, group: &str) -> Process {
    let arguments = [broker.bootstrap(), topic, group];
    let program = Process::program(env!("CARGO_BIN_EXE_clerk"));
    arguments.into_iter().fold(program, harness::Program::argument).start()
}

real_broker! {
    async fn a_request_that_was_handled_and_not_answered_is_answered_by_the_next_process(broker: &Broker) {
        let (topic, group) = (unique("sums"), unique("math"));
        let replies = format!("{topic}.reply");
        broker.create_topic(&topic, 1).await;
        let request = Record::to(&topic).partition(0).payload("one").header("kafka_correlationId", "a");
        broker.produce(request.header("kafka_replyTopic", &*replies).header("kafka_replyPartition", "0")).await;
        let mut first = clerk(broker, &topic, &group);
        first.wait_for_line("handled one").await;
        // Nobody can have answered it yet.
        first.wait_for_line("cannot write").await;
        first.kill_9().await;
        broker.create_topic(&replies, 1).await;
        let mut second = clerk(broker, &topic, &group);
        second.wait_for_line("handled one").await;
        let records = wait_until("the request is answered", async || {
            let records = broker.read_all(&replies).await;
            (!records.is_empty()).then_some(records)
        })
        .await;
        second.terminate();
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        assert_eq!((records.len(), records[0].text()), (1, "ONE"));
        assert_eq!(broker.committed(&group, &topic).await[&0].offset, 1);
    }
}
