//! Counts instructions of a stretch of a child's life with valgrind.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a profile goes.
pub(crate) struct Profile {
    file: PathBuf,
}

impl Profile {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let program = std::env::current_exe()?;
        let directory = program.parent().context("this program stands nowhere")?.join("callgrind");
        std::fs::create_dir_all(&directory)?;
        Ok(Self { file: directory.join(format!("{name}.out")) })
    }

    /// What a command is started with to be counted; nothing is counted yet.
    pub(crate) fn wrapper(&self) -> Vec<OsString> {
        let mut out = OsString::from("--callgrind-out-file=");
        out.push(&self.file);
        ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", "--dump-instr=no"]
            .into_iter()
            .map(OsString::from)
            .chain([out])
            .collect()
    }

    /// Counts from now on, or no longer.
    pub(crate) fn count(pid: u32, on: bool) -> Result<()> {
        let state = if on { "--instr=on" } else { "--instr=off" };
        let output = Command::new("callgrind_control").arg(state).arg(pid.to_string()).output()?;
        if output.status.success() {
            return Ok(());
        }
        bail!("callgrind_control {state} {pid}: {}", String::from_utf8_lossy(&output.stderr))
    }

    /// The instructions counted, known when the child has ended.
    pub(crate) fn instructions(&self) -> Result<u64> {
        let profile = std::fs::read_to_string(&self.file)
            .with_context(|| format!("callgrind has left no {}", self.file.display()))?;
        total(&profile).with_context(|| format!("there are no totals in {}", self.file.display()))
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }
}

/// Whether the tools are there.
pub(crate) fn is_installed() -> bool {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok();
    runs("valgrind") && runs("callgrind_control")
}

fn total(profile: &str) -> Option<u64> {
    let totals = profile.lines().filter_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    totals.filter_map(|line| line.split_whitespace().next()?.parse().ok()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_a_profile() {
        assert_eq!(total("version: 1\nevents: Ir\nfn=(1)\n0 12\n\ntotals: 6000681\n"), Some(6_000_681));
        assert_eq!(total("events: Ir\n"), None);
    }
}
