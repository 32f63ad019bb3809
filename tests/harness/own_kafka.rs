//! Clusters that a test starts for itself and damages.

use harness::prelude::*;

real_broker! {
    within(180)
    async fn records_survive_the_crash_of_a_single_node() {
        let kafka = OwnKafka::start(1).await;
        let broker = kafka.broker();
        let topic = unique("orders");
        broker.create_topic(&topic, 1).await;
        broker.produce(Record::to(&topic).payload("before")).await;

        kafka.kill(1).await;
        kafka.restart(1).await;

        broker.produce(Record::to(&topic).payload("after")).await;
        let texts: Vec<String> = broker.read_all(&topic).await.iter().map(|record| record.text().to_owned()).collect();
        assert_eq!(texts, ["before", "after"]);
    }

    within(180)
    async fn a_cluster_of_three_goes_on_without_one_node() {
        let kafka = OwnKafka::start(3).await;
        let broker = kafka.broker();
        let topic = unique("orders");
        broker.create_topic(&topic, 3).await;

        kafka.kill(2).await;
        for partition in 0..3 {
            broker.produce(Record::to(&topic).partition(partition).payload("x")).await;
        }
        kafka.restart(2).await;

        assert_eq!(broker.read_all(&topic).await.len(), 3);
    }
}
