//! What a child process can be told to play.

use crate::broker::BrokerTask;
use crate::committing::CommitTask;
use crate::contender::Task;
use crate::memory::MemoryTask;
use crate::requests::PairTask;
use crate::sleeping::SleepTask;
use crate::starters::StartTask;
use crate::stuck::StuckTask;
use crate::{broker, committing, contender, memory, requests, sleeping, starters, stuck};
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
    Sleeper(SleepTask),
    Committer(CommitTask),
    Stuck(StuckTask),
    Pair(PairTask),
}

/// Plays a role that was given as JSON; the process ends with it, whatever threads are left.
pub(crate) fn play(role: &str) -> Result<()> {
    match serde_json::from_str(role)? {
        Role::Broker(task) => broker::play(&task)?,
        Role::Contender(task) => contender::play(&task)?,
        Role::Starter(task) => starters::play(&task)?,
        Role::Shelves(task) => memory::play(&task)?,
        Role::Sleeper(task) => sleeping::play(&task)?,
        Role::Committer(task) => committing::play(&task)?,
        Role::Stuck(task) => stuck::play(&task)?,
        Role::Pair(task) => requests::play(&task)?,
    }
    std::process::exit(0)
}
