//! The stretch of time that is measured, and what it cost.

use crate::allocations;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// What a window cost the whole process.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// User and system time of all threads.
    pub(crate) cpu_nanoseconds: f64,
    pub(crate) wall_nanoseconds: f64,
    /// Calls to Rust's allocator; 0 where they were not counted.
    pub(crate) allocations: u64,
    pub(crate) messages: u64,
}

impl Cost {
    pub(crate) fn cpu_per_message(&self) -> f64 {
        self.cpu_nanoseconds / self.messages as f64
    }

    pub(crate) fn messages_per_second(&self) -> f64 {
        self.messages as f64 / self.wall_nanoseconds * 1e9
    }

    pub(crate) fn wall_per_message(&self) -> f64 {
        self.wall_nanoseconds / self.messages as f64
    }
}

/// An open window.
pub(crate) struct Window {
    cpu: Duration,
    wall: Instant,
    allocations: u64,
}

impl Window {
    pub(crate) fn open() -> Self {
        Self { cpu: process_cpu(), wall: Instant::now(), allocations: allocations::so_far() }
    }

    /// The process's CPU time since it was opened.
    pub(crate) fn cpu(&self) -> Duration {
        process_cpu().saturating_sub(self.cpu)
    }

    /// What it has cost so far.
    pub(crate) fn cost(&self, messages: u64) -> Cost {
        Cost {
            cpu_nanoseconds: self.cpu().as_nanos() as f64,
            wall_nanoseconds: self.wall.elapsed().as_nanos() as f64,
            allocations: allocations::so_far() - self.allocations,
            messages,
        }
    }
}

fn process_cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}
