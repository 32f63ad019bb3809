//! Waits until prefetching has ended, seen from outside of librdkafka: memory no longer grows.
//!
//! The engine keeps its client to itself, so no queue can be asked for its length. Whether the guess was right shows
//! afterwards: the broker is frozen before the queues are drained, and what had not been fetched never arrives.

use anyhow::{Context, Result, bail};
use std::time::{Duration, Instant};

/// How long memory must stay as it is: longer than librdkafka may postpone a fetch.
const STILL: Duration = Duration::from_millis(1_200);
const LOOK: Duration = Duration::from_millis(50);
/// Growth that is no prefetch.
const NOISE: u64 = 64 * 1024;

/// The resident memory of this process in bytes.
pub(crate) fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("resident memory is read from /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).context("there is no VmRSS in /proc")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}

/// Waits until memory has grown by at least `least` since `base` and then no longer grows.
pub(crate) fn until_still(base: u64, least: u64, patience: Duration) -> Result<u64> {
    let end = Instant::now() + patience;
    let (mut seen, mut since) = (resident()?, Instant::now());
    loop {
        std::thread::sleep(LOOK);
        let now = resident()?;
        if now > seen + NOISE {
            (seen, since) = (now, Instant::now());
        } else if now >= base + least && since.elapsed() >= STILL {
            return Ok(now);
        }
        if Instant::now() > end {
            let (grown, least) = ((now.saturating_sub(base)) / 1024, least / 1024);
            bail!(
                "memory has grown by {grown} KiB and not by {least} KiB within {patience:?}: not everything was fetched"
            );
        }
    }
}
