//! The line that says what an application starts with.

use millstream_config::Loaded;
use std::path::Path;

/// `12 listeners from crates a, b; configuration from config, environment development`.
pub(crate) fn start_line(loaded: &Loaded, summary: &str) -> String {
    format!("{summary}; {}", source(loaded))
}

/// Where configuration was read, and the environment's name.
pub(crate) fn source(loaded: &Loaded) -> String {
    let environment = &loaded.environment;
    let here = std::env::current_dir().unwrap_or_default();
    match &loaded.directory {
        Some(directory) if !loaded.files.is_empty() => {
            format!("configuration from {}, environment {environment}", shown(directory, &here).display())
        }
        Some(directory) => {
            format!("no configuration file in {}, environment {environment}", shown(directory, &here).display())
        }
        None => format!("no configuration directory, environment {environment}"),
    }
}

/// Relative to the working directory where that is shorter.
fn shown<'a>(directory: &'a Path, here: &Path) -> &'a Path {
    directory.strip_prefix(here).ok().filter(|below| !below.as_os_str().is_empty()).unwrap_or(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_below_the_working_directory_is_shown_without_it() {
        assert_eq!(shown(Path::new("/shop/config"), Path::new("/shop")), Path::new("config"));
        assert_eq!(shown(Path::new("/etc/shop"), Path::new("/shop")), Path::new("/etc/shop"));
        assert_eq!(shown(Path::new("/shop"), Path::new("/shop")), Path::new("/shop"));
    }
}
