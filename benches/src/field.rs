//! A filled broker, and contenders that take everything from it, one at a time.

use crate::broker::{Broker, BrokerTask};
use crate::child::Child;
use crate::contender::{Contender, PARTITIONS, TOPIC, Task};
use crate::fill::Filling;
use crate::roles::Role;
use crate::window::Cost;
use anyhow::{Context, Result};
use std::cell::Cell;
use std::ffi::OsString;
use std::time::Duration;

pub(crate) const PAYLOAD_BYTES: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_micros(500);
/// Of what the floor's full queue, which can be asked for its length, makes memory grow.
const FULL_PERCENT: u64 = 96;

pub(crate) struct Field {
    broker: Broker,
    depth: u64,
    /// What tells the others that their queues are full; known after the floor's first drain.
    full_growth: Cell<u64>,
}

impl Field {
    /// A broker whose partitions hold so many messages each, of so many keys.
    pub(crate) fn open(depth: u64, keys: u64) -> Result<Self> {
        let topics = vec![TOPIC.to_owned()];
        let partitions = (0..PARTITIONS).collect();
        let filling = Filling { topics, partitions, depth, keys, payload_bytes: PAYLOAD_BYTES };
        let broker = Broker::start(BrokerTask { partitions: PARTITIONS, filling, fill_later: false })?;
        Ok(Self { broker, depth, full_growth: Cell::new(0) })
    }

    /// From full queues. The floor must have run once.
    pub(crate) fn drain(&self, contender: Contender, run: &str) -> Task {
        Task {
            contender,
            brokers: self.broker.address.clone(),
            // A group of its own begins at the first message.
            group: format!("bench-{contender:?}-{run}"),
            depth: self.depth,
            from_full_queue: true,
            count_allocations: false,
            least_growth: self.full_growth.get() / 100 * FULL_PERCENT,
            patience: PATIENCE,
            look: LOOK,
        }
    }

    /// From nothing to the last message.
    pub(crate) fn pipeline(&self, contender: Contender, run: &str) -> Task {
        Task { from_full_queue: false, ..self.drain(contender, run) }
    }

    pub(crate) fn run(&self, task: &Task) -> Result<Cost> {
        self.run_under(&[], task, |_, _| Ok(()))
    }

    /// Runs it with a wrapper before its command. `around` is told its process and that the window is about to open,
    /// or has closed.
    pub(crate) fn run_under(
        &self,
        wrapper: &[OsString],
        task: &Task,
        around: impl Fn(u32, bool) -> Result<()>,
    ) -> Result<Cost> {
        let mut child = Child::start_under(wrapper, &Role::Contender(task.clone()))?;
        let measured = |child: &mut Child| -> Result<Cost> {
            let (line, _) = child.line(task.patience)?;
            serde_json::from_str(&line).with_context(|| format!("a contender said {line:?}"))
        };
        let mut run = || {
            if !task.from_full_queue {
                return measured(&mut child);
            }
            let (growth, _) = child.line(task.patience)?;
            if task.contender == Contender::Raw {
                self.full_growth.set(growth.parse().with_context(|| format!("not a size: {growth:?}"))?);
            }
            // What was not fetched until now never comes: the drain proves that the queues were full.
            self.broker.frozen(|| {
                around(child.id(), true)?;
                child.tell("go")?;
                let cost = measured(&mut child).context("not everything had been fetched before the drain")?;
                around(child.id(), false)?;
                Ok(cost)
            })
        };
        let cost = run().with_context(|| format!("{}, group {}", task.contender.name(), task.group))?;
        child.tell("end")?;
        child.ended()?;
        Ok(cost)
    }
}
