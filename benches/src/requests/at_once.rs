//! A hundred requests in flight: how many a second, and what one costs both sides.

use super::process::Place;
use super::task::{Asking, Pair};
use crate::statistics::Sample;
use anyhow::Result;

const IN_FLIGHT: u64 = 100;

/// A few seconds of each.
fn asking(pair: Pair) -> Asking {
    let (warm_up, requests) = if pair == Pair::NEST { (4_000, 10_000) } else { (10_000, 100_000) };
    Asking { in_flight: IN_FLIGHT, warm_up, requests, step: None }
}

#[derive(Default)]
struct Found {
    rate: Sample,
    median: Sample,
    service_cpu: Sample,
    requester_cpu: Sample,
    /// Requests of a second of both sides' CPU time.
    efficiency: Sample,
}

pub(super) fn measure(place: &Place<'_>, rounds: usize, run: &str) -> Result<()> {
    let mut pairs = vec![Pair::BARE, Pair::MILLSTREAM];
    if place.nest.is_some() {
        pairs.push(Pair::NEST);
    } else {
        println!("NestJS is not beside: node or npm is missing");
    }
    let mut found: Vec<(Pair, Found)> = pairs.into_iter().map(|pair| (pair, Found::default())).collect();
    let mut times = Sample::default();
    for round in 0..rounds {
        let (mut ours, mut theirs) = (f64::NAN, f64::NAN);
        for (pair, found) in &mut found {
            // NestJS's clients find their place by what their group has committed.
            let group = if *pair == Pair::NEST {
                "bench-requests-nest".to_owned()
            } else {
                format!("bench-requests-{run}-{round}")
            };
            let outcome = place.run(*pair, false, &group, asking(*pair))?;
            let requester = &outcome.asked.cost;
            found.rate.add(requester.messages_per_second());
            found.median.add(outcome.asked.times.median / 1e6);
            found.requester_cpu.add(requester.cpu_per_message() / 1e3);
            found.service_cpu.add((outcome.cpu() - requester.cpu_per_message()) / 1e3);
            let efficiency = 1e9 / outcome.cpu();
            found.efficiency.add(efficiency);
            match *pair {
                Pair::MILLSTREAM => ours = efficiency,
                Pair::NEST => theirs = efficiency,
                _ => {}
            }
        }
        if theirs.is_finite() {
            times.add(ours / theirs);
        }
    }
    println!("{IN_FLIGHT} requests in flight, two processes, real broker, {rounds} interleaved rounds:");
    for (pair, Found { rate, median, service_cpu, requester_cpu, efficiency }) in &found {
        println!(
            "  {:12} {:6.0}/s ({:.0} to {:.0}), p50 {:5.2} ms, CPU {:6.1} us requester, {:6.1} us service, {:6.0} of a CPU second ({:.0} to {:.0})",
            pair.name(),
            rate.median(),
            rate.min(),
            rate.max(),
            median.median(),
            requester_cpu.median(),
            service_cpu.median(),
            efficiency.median(),
            efficiency.min(),
            efficiency.max()
        );
    }
    if times.median().is_finite() {
        println!(
            "requests: {:.1} times as many of a CPU second as NestJS ({:.1} to {:.1})",
            times.median(),
            times.min(),
            times.max()
        );
    }
    Ok(())
}
