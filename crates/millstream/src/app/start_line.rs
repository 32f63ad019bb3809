//! The line that says what an application starts with.

use millstream_config::Loaded;

/// `12 listeners from crates a, b; configuration from config, environment development`.
pub(crate) fn start_line(loaded: &Loaded, summary: &str) -> String {
    format!("{summary}; {}", source(loaded))
}

/// Where configuration was read, and the environment's name.
pub(crate) fn source(loaded: &Loaded) -> String {
    let environment = &loaded.environment;
    match &loaded.directory {
        Some(directory) if !loaded.files.is_empty() => {
            format!("configuration from {}, environment {environment}", directory.display())
        }
        Some(directory) => format!("no configuration file in {}, environment {environment}", directory.display()),
        None => format!("no configuration directory, environment {environment}"),
    }
}
