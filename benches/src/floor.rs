//! `floor`: what taking a message costs, beside librdkafka's own batch call in the same run.

use crate::comparison::{allocations, compare, enough, instructions, report};
use crate::contender::{Contender, PARTITIONS};
use crate::field::{Field, PAYLOAD_BYTES};
use anyhow::Result;

pub(crate) const ROUNDS: usize = 15;
/// Millstream never prefetches more than this many messages of a partition, whatever its budget.
pub(crate) const DRAIN_DEPTH: u64 = 20_000;
/// The embedded cluster keeps 5 MiB a partition.
const PIPELINE_DEPTH: u64 = 40_000;
/// Of each partition.
pub(crate) const KEYS: u64 = 10_000;
const CONTENDERS: [Contender; 3] = Contender::FLOOR;

pub(crate) fn measure(rounds: usize) -> Result<()> {
    enough(rounds)?;
    println!("{PARTITIONS} partitions, {PAYLOAD_BYTES} bytes a message, {rounds} interleaved rounds");

    let field = Field::open(PIPELINE_DEPTH, KEYS)?;
    let pipeline =
        compare(&field, CONTENDERS, rounds, |round, contender| field.pipeline(contender, &round.to_string()))?;
    report(
        &format!("from nothing to the last of {PIPELINE_DEPTH} messages a partition (pipeline)"),
        CONTENDERS,
        &pipeline,
    );
    drop(field);

    let field = Field::open(DRAIN_DEPTH, KEYS)?;
    let drained = compare(&field, CONTENDERS, rounds, |round, contender| field.drain(contender, &round.to_string()))?;
    report(&format!("from queues that hold {DRAIN_DEPTH} messages a partition (drain)"), CONTENDERS, &drained);
    allocations(&field, CONTENDERS)?;
    instructions(&field, CONTENDERS)?;
    let [_, millstream, _] = drained;
    println!("floor: ratio {:.2}", millstream.ratio.median());
    Ok(())
}
