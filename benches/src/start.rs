//! `start`: from before the process exists to its first handled message, on a real Kafka.

use crate::child::Child;
use crate::comparison::enough;
use crate::fill::Filling;
use crate::roles::Role;
use crate::starters::{FIVE, ONE, StartTask, Starter};
use crate::statistics::Sample;
use crate::topics::make;
use anyhow::{Context, Result, ensure};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) const ROUNDS: usize = 21;
const PARTITIONS: i32 = 8;
/// The partition that has the one message.
const FILLED: i32 = 3;
/// What the share of slow starts is counted against.
const BOUND_MILLISECONDS: f64 = 180.0;
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn measure(brokers: &str, rounds: usize) -> Result<()> {
    enough(rounds)?;
    make_topics(brokers)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let mut samples: [Sample; 3] = Default::default();
    for round in 0..rounds {
        for (starter, sample) in Starter::ALL.into_iter().zip(&mut samples) {
            let group = format!("bench-start-{starter:?}-{now}-{round}");
            sample.add(first_message(StartTask { starter, brokers: brokers.to_owned(), group })?);
        }
    }
    println!("process start to first handled message, {rounds} interleaved rounds, a fresh group each:");
    for (starter, sample) in Starter::ALL.into_iter().zip(&samples) {
        println!("  {}: {}", starter.name(), figures(sample));
    }
    let [_, one, _] = &samples;
    println!("start: {}", figures(one));
    Ok(())
}

fn figures(sample: &Sample) -> String {
    format!(
        "median {:.0} ms ({:.0}..{:.0}), share above {BOUND_MILLISECONDS:.0} ms {:.0} %",
        sample.median(),
        sample.min(),
        sample.max(),
        sample.percent_above(BOUND_MILLISECONDS)
    )
}

/// Milliseconds.
fn first_message(task: StartTask) -> Result<f64> {
    let what = format!("{}, group {}", task.starter.name(), task.group);
    let mut child = Child::start(&Role::Starter(task))?;
    let began = child.began;
    let (line, at) = child.line(PATIENCE).context(what.clone())?;
    ensure!(line == "handled", "{what}: said {line:?}");
    child.tell("end")?;
    child.ended().context(what)?;
    Ok(at.duration_since(began).as_secs_f64() * 1e3)
}

/// Makes and fills the topics where they do not exist yet.
fn make_topics(brokers: &str) -> Result<()> {
    let wanted = FIVE.map(|topic| (topic, 1, 0)).into_iter().chain([(ONE, PARTITIONS, FILLED)]);
    for (topic, partitions, filled) in wanted {
        let topics = vec![topic.to_owned()];
        make(
            brokers,
            partitions,
            &Filling { topics, partitions: vec![filled], depth: 1, keys: 1, payload_bytes: 100 },
        )?;
    }
    Ok(())
}
