//! `lanes`: what handling many messages of a partition at once costs, and brings.

use crate::comparison::{allocations, compare, enough, instructions, report};
use crate::contender::{Contender, PARTITIONS};
use crate::field::{Field, PAYLOAD_BYTES};
use crate::floor::{DRAIN_DEPTH, KEYS};
use crate::{committing, sleeping, stuck};
use anyhow::{Result, bail};

pub(crate) const ROUNDS: usize = 9;
const CONTENDERS: [Contender; 4] = Contender::LANES;

/// One part, or all; commits are left out where no broker is named.
pub(crate) fn measure(part: &str, brokers: Option<&str>, rounds: usize) -> Result<()> {
    enough(rounds)?;
    match part {
        "dispatch" => dispatch(rounds),
        "sleeping" => sleeping::measure(rounds),
        "stuck" => stuck::measure(),
        "commits" => match brokers {
            Some(brokers) => committing::measure(brokers, rounds),
            None => bail!("commits are measured on a real broker: name one"),
        },
        "all" => {
            dispatch(rounds)?;
            sleeping::measure(rounds)?;
            stuck::measure()?;
            brokers.map_or(Ok(()), |brokers| committing::measure(brokers, rounds))
        }
        other => bail!("no part is called {other:?}: there are dispatch, sleeping, stuck, commits and all"),
    }
}

/// Handlers that are ready at once.
fn dispatch(rounds: usize) -> Result<()> {
    println!("{PARTITIONS} partitions, {PAYLOAD_BYTES} bytes a message, {KEYS} keys each, {rounds} interleaved rounds");
    let field = Field::open(DRAIN_DEPTH, KEYS)?;
    let drained = compare(&field, CONTENDERS, rounds, |round, contender| field.drain(contender, &round.to_string()))?;
    report(&format!("from queues that hold {DRAIN_DEPTH} messages a partition (drain)"), CONTENDERS, &drained);
    allocations(&field, CONTENDERS)?;
    instructions(&field, CONTENDERS)?;
    let [_, _, by_key, batches] = drained;
    println!("lanes: ratio {:.2}", by_key.ratio.median());
    println!("lanes: batch ratio {:.2}", batches.ratio.median());
    Ok(())
}
