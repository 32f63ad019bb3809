//! Contenders beside each other in one run: what a message costs each, as a ratio to the first.

use crate::callgrind::{self, Profile};
use crate::contender::{Contender, Task};
use crate::field::Field;
use crate::statistics::Sample;
use anyhow::{Result, ensure};
use std::time::Duration;

/// Fewer would make a median of chance.
const LEAST_ROUNDS: usize = 3;
/// Valgrind runs everything some fifty times slower, also the looking.
const SLOW_PATIENCE: Duration = Duration::from_secs(300);
const SLOW_LOOK: Duration = Duration::from_millis(50);

/// What one contender cost, round by round.
#[derive(Default)]
pub(crate) struct Costs {
    cpu: Sample,
    wall: Sample,
    /// Of its CPU time to that of the first contender in the same round.
    pub(crate) ratio: Sample,
}

pub(crate) fn enough(rounds: usize) -> Result<()> {
    ensure!(rounds >= LEAST_ROUNDS, "{rounds} rounds make no median; take {LEAST_ROUNDS} or more");
    Ok(())
}

/// One after the other, round after round, so that what else the machine does meets all alike.
pub(crate) fn compare<const N: usize>(
    field: &Field,
    contenders: [Contender; N],
    rounds: usize,
    task: impl Fn(usize, Contender) -> Task,
) -> Result<[Costs; N]> {
    let mut costs = std::array::from_fn(|_| Costs::default());
    for round in 0..rounds {
        let mut first = None;
        for (contender, costs) in contenders.into_iter().zip(&mut costs) {
            let cost = field.run(&task(round, contender))?;
            costs.cpu.add(cost.cpu_per_message());
            costs.wall.add(cost.wall_per_message());
            costs.ratio.add(cost.cpu_per_message() / *first.get_or_insert(cost.cpu_per_message()));
        }
    }
    Ok(costs)
}

pub(crate) fn report<const N: usize>(what: &str, contenders: [Contender; N], costs: &[Costs; N]) {
    println!("{what}:");
    for (contender, Costs { cpu, wall, ratio }) in contenders.into_iter().zip(costs) {
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

pub(crate) fn allocations<const N: usize>(field: &Field, contenders: [Contender; N]) -> Result<()> {
    for contender in contenders {
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

pub(crate) fn instructions<const N: usize>(field: &Field, contenders: [Contender; N]) -> Result<()> {
    if !callgrind::is_installed() {
        println!("instructions: not counted, valgrind is not installed");
        return Ok(());
    }
    let mut counted = Vec::new();
    for contender in contenders {
        let profile = Profile::new(&format!("{contender:?}"))?;
        let task = Task { patience: SLOW_PATIENCE, look: SLOW_LOOK, ..field.drain(contender, "instructions") };
        let cost = field.run_under(&profile.wrapper(), &task, Profile::count)?;
        let each = profile.instructions()? as f64 / cost.messages as f64;
        counted.push(format!("{} {each:.0}", contender.name()));
        println!("profile of {}: {}", contender.name(), profile.file().display());
    }
    println!("instructions: {}", counted.join(", "));
    Ok(())
}
