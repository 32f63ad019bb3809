//! Processes with a name of their own that were killed and start again at once.

use harness::prelude::*;

use crate::load::produce_to_each;
use crate::member::process;

fn named(broker: &Broker, group: &str, topic: &str, protocol: &str, session: Option<&str>) -> Process {
    let mut settings = vec![
        "kafka.listener_defaults.start=\"earliest\"".to_owned(),
        "kafka.group_instance_id=\"a\"".to_owned(),
        format!("kafka.group_protocol={protocol:?}"),
    ];
    settings.extend(session.map(|session| format!("kafka.consumer.properties.\"session.timeout.ms\"={session}")));
    let program = process(broker, group, topic, "handle");
    settings.into_iter().fold(program, |program, setting| program.argument("--set").argument(setting)).start()
}

real_broker! {
    async fn a_killed_static_process_goes_on_at_once_without_waiting_for_its_session(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        let mut sent = produce_to_each(broker, &topic, 2, 20).await;
        // The session outlasts the test: whoever waited for its end would never handle anything.
        let session = Some("300000");
        let mut first = named(broker, &group, &topic, "cooperative", session);
        first.wait_for_handled(40).await;
        first.kill_9().await;
        sent.extend(produce_to_each(broker, &topic, 2, 20).await);

        let mut second = named(broker, &group, &topic, "cooperative", session);
        wait_until("both have handled everything", async || {
            Ledger::of([&first, &second]).times().len() >= sent.len()
        })
        .await;

        second.terminate();
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        Ledger::of([&first, &second]).assert_every_message_handled(&sent);
    }

    async fn a_killed_static_process_of_the_consumer_protocol_tries_until_the_broker_lets_its_name_go(broker: &Broker) {
        let (topic, group) = (unique("orders"), unique("billing"));
        broker.create_topic(&topic, 2).await;
        let mut sent = produce_to_each(broker, &topic, 2, 20).await;
        let mut first = named(broker, &group, &topic, "consumer", None);
        first.wait_for_handled(40).await;
        first.kill_9().await;
        sent.extend(produce_to_each(broker, &topic, 2, 20).await);

        let mut second = named(broker, &group, &topic, "consumer", None);
        second.wait_for_line("rebuilding").await;
        wait_until("both have handled everything", async || {
            Ledger::of([&first, &second]).times().len() >= sent.len()
        })
        .await;

        second.terminate();
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        Ledger::of([&first, &second]).assert_every_message_handled(&sent);
    }
}
