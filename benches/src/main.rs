//! What millstream costs, measured beside librdkafka itself. `scripts/bench` builds and runs it; README.md beside this
//! package says how it measures and what came out.
//!
//! One program plays every part, each in a process of its own, so that the CPU and the memory of one are never
//! counted for another: the driver that prints the figures, the broker, and the contenders.

// Figures are its output, and none of them has sixteen digits.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::cast_precision_loss)]
// Listeners that do nothing wait for nothing.
#![allow(clippy::unused_async)]

mod allocations;
mod application;
mod broker;
mod callgrind;
mod child;
mod committing;
mod comparison;
mod contender;
mod field;
mod fill;
mod finish_line;
mod floor;
mod lanes;
mod memory;
mod quiet;
mod raw;
mod receive;
mod requests;
mod roles;
mod shelves;
mod sleeping;
mod start;
mod starters;
mod statistics;
mod stuck;
mod topics;
mod window;

use anyhow::{Result, bail};

const USAGE: &str = "\
millstream-bench floor [ROUNDS]             dispatch from a full queue beside librdkafka's own batch call
millstream-bench lanes PART [BROKERS [ROUNDS]]   many messages of a partition at once; PART is dispatch, sleeping, stuck,
                                            commits (on a real Kafka) or all
millstream-bench requests PART BROKERS [ROUNDS]   requests and replies, on a real Kafka; PART is round_trip, at_once,
                                            instructions, million or all
millstream-bench start BROKERS [ROUNDS]     process start to the first handled message, on a real Kafka
millstream-bench memory                     100 listeners and 1,000 partitions in one process";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["floor"] => floor::measure(floor::ROUNDS),
        ["floor", rounds] => floor::measure(rounds.parse()?),
        ["lanes", part] => lanes::measure(part, None, lanes::ROUNDS),
        ["lanes", part, brokers] => lanes::measure(part, Some(brokers), lanes::ROUNDS),
        ["lanes", part, brokers, rounds] => lanes::measure(part, Some(brokers), rounds.parse()?),
        ["requests", part, brokers] => requests::measure(part, brokers, requests::ROUNDS),
        ["requests", part, brokers, rounds] => requests::measure(part, brokers, rounds.parse()?),
        ["start", brokers] => start::measure(brokers, start::ROUNDS),
        ["start", brokers, rounds] => start::measure(brokers, rounds.parse()?),
        ["memory"] => memory::measure(),
        [roles::FLAG, role] => roles::play(role),
        ["help" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("not a way to call it:\n{USAGE}"),
    }
}
