//! `requests`: what asking another service through Kafka takes, and costs, on a real broker.

mod at_once;
mod bare;
mod instructions;
mod million;
mod ours;
mod play;
mod process;
mod round_trip;
mod task;

pub(crate) use play::play;
pub(crate) use task::PairTask;

use crate::comparison::enough;
use crate::topics::make_empty;
use anyhow::{Result, bail};
use process::Place;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use task::{PARTITIONS, Pair};

pub(crate) const ROUNDS: usize = 9;

/// One part, or all. `MILLSTREAM_BENCH_NEST` says where the program of `NestJS` is installed; without it there is none
/// beside.
pub(crate) fn measure(part: &str, brokers: &str, rounds: usize) -> Result<()> {
    enough(rounds)?;
    for pair in [Pair::BARE, Pair::MILLSTREAM, Pair::NEST] {
        make_empty(brokers, pair.topic(), PARTITIONS)?;
        make_empty(brokers, &format!("{}.reply", pair.topic()), PARTITIONS)?;
    }
    make_empty(brokers, "bench-requests-idle", 1)?;
    let nest = std::env::var_os("MILLSTREAM_BENCH_NEST").map(PathBuf::from);
    let place = Place { brokers, nest: nest.as_deref().filter(|place: &&Path| place.is_dir()) };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis().to_string();
    match part {
        "round_trip" => round_trip::measure(&place, rounds, &now),
        "at_once" => at_once::measure(&place, rounds, &now),
        "million" => million::measure(&place, &now),
        "instructions" => instructions::measure(&place, &now),
        "all" => {
            round_trip::measure(&place, rounds, &now)?;
            at_once::measure(&place, rounds, &now)?;
            instructions::measure(&place, &now)?;
            million::measure(&place, &now)
        }
        other => bail!("no part is called {other:?}: there are round_trip, at_once, million, instructions and all"),
    }
}
