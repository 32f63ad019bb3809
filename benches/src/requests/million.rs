//! A million requests: what stays behind of them.

use super::process::Place;
use super::task::{Asking, Pair};
use crate::statistics::Sample;
use anyhow::{Context as _, Result, ensure};

const STEP: u64 = 50_000;
const ASKING: Asking = Asking { in_flight: 100, warm_up: 50_000, requests: 1_000_000, step: Some(STEP) };
const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub(super) fn measure(place: &Place<'_>, run: &str) -> Result<()> {
    let group = format!("bench-requests-{run}-million");
    println!("{} requests, {} in flight, two processes, real broker:", ASKING.requests, ASKING.in_flight);
    let mut running = place.open(Pair::MILLSTREAM, false, &group, ASKING, [&[], &[]])?;
    let (mut requester, mut service) = (Vec::new(), Vec::new());
    let outcome = running.ask(|answered, of_requester, of_service| {
        let (of_requester, of_service) = (of_requester as f64 / MEBIBYTE, of_service as f64 / MEBIBYTE);
        println!("  {answered:7} answered: requester {of_requester:.1} MiB, service {of_service:.1} MiB");
        requester.push(of_requester);
        service.push(of_service);
        Ok(())
    })?;
    running.end()?;
    let books = outcome.asked.books.context("the requester keeps no books")?;
    let asked = ASKING.warm_up + ASKING.requests;
    println!(
        "  {} sent, {} answered, {} timed out, cancelled, late or foreign; {} pending",
        books.sent, books.answered, books.astray, books.pending
    );
    ensure!(books.pending == 0, "{} requests are pending though all were answered", books.pending);
    ensure!(
        (books.sent, books.answered, books.astray) == (asked, asked, 0),
        "the counts do not add up to {asked} requests"
    );
    let growth = |steps: &[f64]| -> f64 {
        // The first half warms allocators and buffers up.
        let (first, second) = steps.split_at(steps.len() / 2);
        let median = |half: &[f64]| half.iter().copied().collect::<Sample>().median();
        median(second) - median(first)
    };
    println!(
        "requests: memory of the second half against the first {:+.1} MiB requester, {:+.1} MiB service",
        growth(&requester),
        growth(&service)
    );
    Ok(())
}
