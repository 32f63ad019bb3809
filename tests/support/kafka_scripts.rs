//! Running `scripts/kafka`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The top of the project.
pub(crate) fn project() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Runs `scripts/kafka` to its end and returns its standard output; panics with its error output when it fails.
pub(crate) fn run(home: Option<&Path>, environment: &[(&str, &str)], arguments: &[&str]) -> String {
    let mut command = Command::new(project().join("scripts/kafka"));
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    if let Some(home) = home {
        command.env("KAFKA_HOME_DIR", home);
    }
    let said = arguments.join(" ");
    let output = command.output().unwrap_or_else(|error| panic!("scripts/kafka {said} cannot be run: {error}"));
    assert!(
        output.status.success(),
        "scripts/kafka {said} failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
