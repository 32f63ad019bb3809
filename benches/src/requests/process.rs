//! The processes of a pair, seen from the driver.

use super::task::{Asked, Asking, Half, Make, Pair, PairTask, Said};
use crate::child::Child;
use crate::roles::Role;
use crate::window::Cost;
use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Longer than a requester itself waits for a reply.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where everything happens.
pub(super) struct Place<'a> {
    pub(super) brokers: &'a str,
    /// Where `NestJS`'s program and its packages are.
    pub(super) nest: Option<&'a Path>,
}

impl Place<'_> {
    fn start(&self, pair: Pair, half: Half, group: &str, asking: Asking, wrapper: &[OsString]) -> Result<Child> {
        let task = PairTask {
            make: if half == Half::Service { pair.service } else { pair.requester },
            half,
            brokers: self.brokers.to_owned(),
            topic: pair.topic().to_owned(),
            group: group.to_owned(),
            asking,
        };
        if task.make != Make::Nest {
            return Child::start_under(wrapper, &Role::Pair(task));
        }
        let mut command = Command::new("node");
        command.arg("pair.mjs").arg(serde_json::to_string(&task)?).env("NODE_ENV", "production");
        command.current_dir(self.nest.context("NestJS is not installed")?);
        Child::start_program(command)
    }

    /// Both sides, in one process or in two, with whatever before their commands. The requester has warmed up.
    pub(super) fn open(
        &self,
        pair: Pair,
        together: bool,
        group: &str,
        asking: Asking,
        wrappers: [&[OsString]; 2],
    ) -> Result<Running> {
        let [of_service, of_requester] = wrappers;
        let half = if together { Half::Both } else { Half::Requester };
        let what = format!("{}, group {group}", pair.name());
        let start = || -> Result<Running> {
            let mut service = None;
            if !together {
                let mut child = self.start(pair, Half::Service, group, asking, of_service)?;
                child.expect("ready", PATIENCE).context("the service")?;
                service = Some(child);
            }
            let mut requester = self.start(pair, half, group, asking, of_requester)?;
            requester.expect("ready", PATIENCE).context("the requester")?;
            Ok(Running { service, requester })
        };
        start().context(what)
    }

    /// Opens, asks and ends.
    pub(super) fn run(&self, pair: Pair, together: bool, group: &str, asking: Asking) -> Result<Outcome> {
        let mut running = self.open(pair, together, group, asking, [&[], &[]])?;
        let outcome = running.ask(|_, _, _| Ok(())).with_context(|| format!("{}, group {group}", pair.name()))?;
        running.end()?;
        Ok(outcome)
    }
}

/// Two sides that are ready.
pub(super) struct Running {
    service: Option<Child>,
    requester: Child,
}

/// What asking came to.
pub(super) struct Outcome {
    pub(super) asked: Asked,
    /// Of the service's process, where it had one of its own.
    pub(super) service: Option<Cost>,
}

impl Outcome {
    /// CPU of both sides for a request, in nanoseconds.
    pub(super) fn cpu(&self) -> f64 {
        let service = self.service.map_or(0.0, |cost| cost.cpu_nanoseconds);
        (self.asked.cost.cpu_nanoseconds + service) / self.asked.cost.messages as f64
    }
}

impl Running {
    /// Asks everything; at each step the requester's and the service's memory are told.
    pub(super) fn ask(&mut self, mut step: impl FnMut(u64, u64, u64) -> Result<()>) -> Result<Outcome> {
        if let Some(service) = &mut self.service {
            service.tell("open")?;
            service.expect("open", PATIENCE)?;
        }
        self.requester.tell("go")?;
        let asked = loop {
            let (line, _) = self.requester.line(PATIENCE).context("the requester")?;
            match serde_json::from_str(&line).with_context(|| format!("a requester said {line:?}"))? {
                Said::Done(asked) => break asked,
                Said::Step { answered, resident } => step(answered, resident, self.service_says("resident")?)?,
            }
        };
        let service = if self.service.is_some() { Some(self.service_says("cost")?) } else { None };
        Ok(Outcome { asked, service })
    }

    fn service_says<T: serde::de::DeserializeOwned>(&mut self, word: &str) -> Result<T> {
        let Some(service) = &mut self.service else { bail!("the service has no process of its own") };
        service.tell(word)?;
        let (line, _) = service.line(PATIENCE).context("the service")?;
        serde_json::from_str(&line).with_context(|| format!("a service said {line:?}"))
    }

    /// The requester's process and the service's.
    pub(super) fn ids(&self) -> (u32, Option<u32>) {
        (self.requester.id(), self.service.as_ref().map(Child::id))
    }

    pub(super) fn end(mut self) -> Result<()> {
        self.requester.tell("end")?;
        self.requester.ended().context("the requester")?;
        if let Some(mut service) = self.service {
            service.tell("end")?;
            service.ended().context("the service")?;
        }
        Ok(())
    }
}
