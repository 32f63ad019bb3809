//! `floor`: what taking a message costs, beside librdkafka's own batch call in the same run.

use crate::callgrind::{self, Profile};
use crate::contender::{Contender, PARTITIONS, Task};
use crate::field::{Field, PAYLOAD_BYTES};
use crate::statistics::Sample;
use anyhow::{Result, ensure};
use std::time::Duration;

pub(crate) const ROUNDS: usize = 15;
/// Fewer would make a median of chance.
const LEAST_ROUNDS: usize = 3;
/// Millstream never prefetches more than this many messages of a partition, whatever its budget.
const DRAIN_DEPTH: u64 = 20_000;
/// The embedded cluster keeps 5 MiB a partition.
const PIPELINE_DEPTH: u64 = 40_000;
/// Valgrind runs everything some fifty times slower, also the looking.
const SLOW_PATIENCE: Duration = Duration::from_secs(300);
const SLOW_LOOK: Duration = Duration::from_millis(50);

/// What one contender cost, round by round.
#[derive(Default)]
struct Costs {
    cpu: Sample,
    wall: Sample,
    ratio: Sample,
}

pub(crate) fn measure(rounds: usize) -> Result<()> {
    ensure!(rounds >= LEAST_ROUNDS, "{rounds} rounds make no median; take {LEAST_ROUNDS} or more");
    println!("{PARTITIONS} partitions, {PAYLOAD_BYTES} bytes a message, {rounds} interleaved rounds");

    let field = Field::open(PIPELINE_DEPTH)?;
    let pipeline = compare(&field, rounds, |round, contender| field.pipeline(contender, &round.to_string()))?;
    report(&format!("from nothing to the last of {PIPELINE_DEPTH} messages a partition (pipeline)"), &pipeline);
    drop(field);

    let field = Field::open(DRAIN_DEPTH)?;
    let drained = compare(&field, rounds, |round, contender| field.drain(contender, &round.to_string()))?;
    report(&format!("from queues that hold {DRAIN_DEPTH} messages a partition (drain)"), &drained);
    allocations(&field)?;
    instructions(&field)?;
    let [_, millstream, _] = drained;
    println!("floor: ratio {:.2}", millstream.ratio.median());
    Ok(())
}

/// One after the other, round after round, so that what else the machine does meets all alike.
fn compare(field: &Field, rounds: usize, task: impl Fn(usize, Contender) -> Task) -> Result<[Costs; 3]> {
    let mut costs: [Costs; 3] = Default::default();
    for round in 0..rounds {
        let mut floor = f64::NAN;
        for (contender, costs) in Contender::ALL.into_iter().zip(&mut costs) {
            let cost = field.run(&task(round, contender))?;
            if contender == Contender::Raw {
                floor = cost.cpu_per_message();
            }
            costs.cpu.add(cost.cpu_per_message());
            costs.wall.add(cost.wall_per_message());
            costs.ratio.add(cost.cpu_per_message() / floor);
        }
    }
    Ok(costs)
}

fn report(what: &str, costs: &[Costs; 3]) {
    println!("{what}:");
    for (contender, Costs { cpu, wall, ratio }) in Contender::ALL.into_iter().zip(costs) {
        println!(
            "  {:30} CPU {:6.1} ns/message ({:.1} to {:.1}), wall {:6.1} ns, ratio {:.2} ({:.2} to {:.2})",
            contender.name(),
            cpu.median(),
            cpu.min(),
            cpu.max(),
            wall.median(),
            ratio.median(),
            ratio.min(),
            ratio.max()
        );
    }
}

fn allocations(field: &Field) -> Result<()> {
    for contender in Contender::ALL {
        let task = Task { count_allocations: true, ..field.drain(contender, "allocations") };
        let cost = field.run(&task)?;
        let each = cost.allocations as f64 / cost.messages as f64;
        println!(
            "allocations: {} {each:.4} a message ({} for {} messages)",
            contender.name(),
            cost.allocations,
            cost.messages
        );
    }
    Ok(())
}

fn instructions(field: &Field) -> Result<()> {
    if !callgrind::is_installed() {
        println!("instructions: not counted, valgrind is not installed");
        return Ok(());
    }
    let mut each = Vec::new();
    for contender in Contender::ALL {
        let profile = Profile::new(&format!("{contender:?}"))?;
        let task = Task { patience: SLOW_PATIENCE, look: SLOW_LOOK, ..field.drain(contender, "instructions") };
        let cost = field.run_under(&profile.wrapper(), &task, Profile::count)?;
        each.push(profile.instructions()? as f64 / cost.messages as f64);
        println!("profile of {}: {}", contender.name(), profile.file().display());
    }
    if let [raw, millstream, receive] = each.as_slice() {
        println!("instructions: raw {raw:.0}, millstream {millstream:.0}, StreamConsumer::recv {receive:.0}");
    }
    Ok(())
}
