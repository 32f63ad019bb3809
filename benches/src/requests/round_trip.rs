//! One request at a time: how long it takes, beside what the clients and the broker need for it themselves.

use super::process::Place;
use super::task::{Asking, Pair};
use crate::statistics::Sample;
use anyhow::Result;

const ASKING: Asking = Asking { in_flight: 1, warm_up: 500, requests: 2_000, step: None };
/// Each pair, and whether both sides are in one process; what others are compared with comes before them.
const CONTENDERS: [(Pair, bool); 6] = [
    (Pair::BARE, false),
    (Pair::MILLSTREAM, false),
    (Pair::ASKING, false),
    (Pair::ANSWERING, false),
    (Pair::BARE, true),
    (Pair::MILLSTREAM, true),
];

#[derive(Default)]
struct Found {
    median: Sample,
    ninety_nine: Sample,
    cpu: Sample,
    /// Of its median to that of the bare pair in the same round.
    ratio: Sample,
}

pub(super) fn measure(place: &Place<'_>, rounds: usize, run: &str) -> Result<()> {
    println!("one request in flight, {} a run, real broker, {rounds} interleaved rounds:", ASKING.requests);
    let mut found: [Found; 6] = Default::default();
    for round in 0..rounds {
        let mut floor = f64::NAN;
        for (number, ((pair, together), found)) in CONTENDERS.into_iter().zip(&mut found).enumerate() {
            let group = format!("bench-requests-{run}-{round}-{number}");
            let outcome = place.run(pair, together, &group, ASKING)?;
            let times = outcome.asked.times;
            if pair == Pair::BARE {
                floor = times.median;
            }
            found.median.add(times.median / 1e3);
            found.ninety_nine.add(times.ninety_nine / 1e3);
            found.cpu.add(outcome.cpu() / 1e3);
            found.ratio.add(times.median / floor);
        }
    }
    for ((pair, together), Found { median, ninety_nine, cpu, ratio }) in CONTENDERS.into_iter().zip(&found) {
        println!(
            "  {:18} {:13} p50 {:5.0} us ({:.0} to {:.0}), p99 {:5.0} us, CPU {:4.0} us, ratio {:.2} ({:.2} to {:.2})",
            pair.name(),
            if together { "one process" } else { "two processes" },
            median.median(),
            median.min(),
            median.max(),
            ninety_nine.median(),
            cpu.median(),
            ratio.median(),
            ratio.min(),
            ratio.max()
        );
    }
    let [_, apart, _, _, _, together] = &found;
    let (apart, together) = (apart.ratio.median(), together.ratio.median());
    println!("requests: round trip {apart:.2} in two processes, {together:.2} in one");
    Ok(())
}
