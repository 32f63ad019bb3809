//! What a child process can be told to play.

use crate::broker::BrokerTask;
use crate::contender::Task;
use crate::memory::MemoryTask;
use crate::starters::StartTask;
use crate::{broker, contender, memory, starters};
use anyhow::Result;
use serde::{Deserialize, Serialize};

/// The argument that makes a process a child.
pub(crate) const FLAG: &str = "--role";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Role {
    Broker(BrokerTask),
    Contender(Task),
    Starter(StartTask),
    Shelves(MemoryTask),
}

/// Plays a role that was given as JSON; the process ends with it, whatever threads are left.
pub(crate) fn play(role: &str) -> Result<()> {
    match serde_json::from_str(role)? {
        Role::Broker(task) => broker::play(&task)?,
        Role::Contender(task) => contender::play(&task)?,
        Role::Starter(task) => starters::play(&task)?,
        Role::Shelves(task) => memory::play(&task)?,
    }
    std::process::exit(0)
}
