//! Processes that are killed: those that ask, and those that are asked.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use harness::prelude::*;
use millstream::RequestErrorKind;

use crate::asker::{Asker, LONG, app};
use crate::service::{Asked, Service};

/// How often a process asks.
const REQUESTS: usize = 100;

fn asker(broker: &Broker, service: &Service, name: &str) -> Process {
    let arguments = [broker.bootstrap(), service.topic.as_str(), name];
    let program = Process::program(env!("CARGO_BIN_EXE_asker"));
    arguments.into_iter().fold(program, harness::Program::argument).start()
}

/// The requests of one process, all of them.
async fn all_of(service: &mut Service, name: &str) -> Vec<Asked> {
    let mut all = Vec::new();
    while all.len() < REQUESTS {
        all.push(service.next().await);
    }
    let bodies: BTreeSet<_> = all.iter().map(|asked| asked.text().to_owned()).collect();
    assert_eq!(bodies, (0..REQUESTS).map(|number| format!("{name}-{number}")).collect());
    all
}

async fn answer(broker: &Broker, requests: &[Asked]) {
    broker.produce_many(requests.iter().map(|asked| asked.value(&asked.text().to_uppercase()))).await;
}

/// What a process printed of its answers.
fn answered(process: &Process) -> BTreeSet<String> {
    process.standard_output().into_iter().filter(|line| !line.starts_with("pending ")).collect()
}

fn line_of(asked: &Asked) -> String {
    format!("answered {} with {}", asked.text(), asked.text().to_uppercase())
}

/// The clerk, whose process waits for ever at a request.
fn clerk(broker: &Broker, topic: &str, group: &str, hangs_at: &str) -> Process {
    let arguments = [broker.bootstrap(), topic, group];
    let program = Process::program(env!("CARGO_BIN_EXE_clerk")).environment("CLERK_HANGS_AT", hangs_at);
    arguments.into_iter().fold(program, harness::Program::argument).start()
}

real_broker! {
    /// Both number their requests alike and read the same partition.
    async fn who_asks_again_after_a_kill_gets_its_own_replies_and_no_others(broker: &Broker) {
        let mut service = Service::start(broker, 3, 1).await;
        let mut first = asker(broker, &service, "first");
        let asked = all_of(&mut service, "first").await;
        let (early, in_hand) = asked.split_at(40);
        answer(broker, early).await;
        let early: BTreeSet<_> = early.iter().map(line_of).collect();
        wait_until("the first process has what it was answered", async || answered(&first) == early).await;
        first.kill_9().await;

        let mut second = asker(broker, &service, "second");
        let asked = all_of(&mut service, "second").await;
        // It reads by now, and what the first one waited for comes first.
        answer(broker, in_hand).await;
        answer(broker, &asked).await;
        let counts = second.wait_for_line("pending ").await;
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        assert_eq!(answered(&second), asked.iter().map(line_of).collect());
        assert_eq!(
            counts,
            format!(
                "pending 0 RequestCounts {{ sent: {REQUESTS}, answered: {REQUESTS}, timed_out: 0, cancelled: 0, failed: 0, late: 0, foreign: {} }}",
                in_hand.len()
            )
        );
        assert!(service.try_next().is_none(), "nothing was asked twice");
    }

    /// Patient ones are answered by its next process, hasty ones are told in their time, and what they did not wait for is
    /// late.
    async fn a_service_that_is_killed_leaves_no_request_without_an_end(broker: &Broker) {
        let (topic, idle, group) = (unique("sums"), unique("idle"), unique("math"));
        broker.create_topic(&topic, 1).await;
        broker.create_topic(&idle, 1).await;
        let asker = Asker::start(app(broker, &idle, "")).await;
        let asking = |body: &str, timeout: Duration| {
            let request = asker.requests.to(topic.as_str()).timeout(timeout).body(body);
            tokio::spawn(request.send::<String>())
        };
        let mut first = clerk(broker, &topic, &group, "stuck");
        assert_eq!(asking("one", LONG).await.unwrap().unwrap(), "ONE");
        // Else the next process answers it again.
        wait_until("that is settled", async || {
            broker.committed(&group, &topic).await.get(&0).is_some_and(|committed| committed.offset == 1)
        })
        .await;
        let stuck = asking("stuck", LONG);
        first.wait_for_line("handled stuck").await;
        // They lie behind it.
        let patient: Vec<_> = (0..10).map(|number| asking(&format!("patient-{number}"), LONG)).collect();
        let hasty: Vec<_> = (0..10).map(|number| asking(&format!("hasty-{number}"), Duration::from_secs(2))).collect();
        wait_until("all were sent", async || asker.requests.counts().sent == 22).await;
        first.kill_9().await;
        for error in join_all(hasty).await.into_iter().map(|ended| ended.unwrap().unwrap_err()) {
            assert_eq!(error.kind(), RequestErrorKind::TimedOut, "{error}");
            assert!(error.may_have_been_handled());
        }
        assert_eq!(asker.requests.pending(), 11);

        let mut second = clerk(broker, &topic, &group, "nothing");
        assert_eq!(stuck.await.unwrap().unwrap(), "STUCK");
        for (number, ended) in join_all(patient).await.into_iter().enumerate() {
            assert_eq!(ended.unwrap().unwrap(), format!("PATIENT-{number}"));
        }
        // All of them were handled, whoever waits.
        wait_until("the others' replies came late", async || asker.requests.counts().late == 10).await;
        second.terminate();
        assert_eq!(second.wait_exit().await, Ended::Code(0));
        let counts = asker.requests.counts();
        assert_eq!((counts.sent, counts.answered, counts.timed_out), (22, 12, 10));
        assert_eq!((counts.cancelled, counts.failed, counts.foreign), (0, 0, 0));
        asker.end().await;
    }
}
