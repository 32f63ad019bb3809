//! Which environment and which directory a request means.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Problems};
use crate::request::{DirectoryChoice, Request};
use crate::variables::Variables;

/// The environment where nothing names one.
pub(crate) const DEVELOPMENT: &str = "development";

const DIRECTORY_VARIABLE: &str = "MILLSTREAM_CONFIG";
const ENVIRONMENT_VARIABLE: &str = "MILLSTREAM_ENV";
const PACKAGE_VARIABLE: &str = "CARGO_MANIFEST_DIR";
const DIRECTORY_NAME: &str = "config";

/// The environment's name and what named it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EnvironmentName {
    pub(crate) name: String,
    /// `--env` or the variable; nothing for the default.
    pub(crate) named_by: Option<&'static str>,
}

pub(crate) fn environment_name(request: &Request, variables: &Variables<'_>) -> Result<EnvironmentName, Problem> {
    let (name, named_by) = match (&request.environment, variables.get_filled(ENVIRONMENT_VARIABLE)) {
        (Some(name), _) => (name.as_str(), "--env"),
        (None, _) if variables.is_unreadable(ENVIRONMENT_VARIABLE) => {
            return Err(Problem::new(format!("the variable {ENVIRONMENT_VARIABLE} is not valid UTF-8")));
        }
        (None, Some(name)) => (name, ENVIRONMENT_VARIABLE),
        (None, None) => {
            return Ok(EnvironmentName { name: DEVELOPMENT.to_owned(), named_by: None });
        }
    };
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(Problem::new(format!(
            "the environment's name `{}` given by {named_by} may hold letters, digits, `-` and `_` only",
            name.escape_debug()
        )));
    }
    if matches!(name, "default" | "local") {
        return Err(Problem::new(format!(
            "`{name}`, given by {named_by}, cannot be an environment's name, because {name}.toml has a meaning of its own"
        )));
    }
    Ok(EnvironmentName { name: name.to_owned(), named_by: Some(named_by) })
}

/// The directory to read, or nothing where there is none to be read.
pub(crate) fn directory(request: &Request, variables: &Variables<'_>) -> Result<Option<PathBuf>, Problem> {
    let (path, named_by) = match &request.directory {
        DirectoryChoice::Nothing => return Ok(None),
        DirectoryChoice::Named(path) => (path.clone(), "--config"),
        DirectoryChoice::Search if variables.is_unreadable(DIRECTORY_VARIABLE) => {
            return Err(Problem::new(format!("the variable {DIRECTORY_VARIABLE} is not valid UTF-8")));
        }
        DirectoryChoice::Search => match variables.get_filled(DIRECTORY_VARIABLE) {
            Some(path) => (PathBuf::from(path), DIRECTORY_VARIABLE),
            None => return Ok(search(request, variables)),
        },
    };
    let path = request.working_directory.join(path);
    let shown = shown(&path, &request.working_directory);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Ok(Some(path)),
        Ok(_) => Err(Problem::new(format!("`{shown}`, given by {named_by}, is not a directory"))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Problem::new(format!("the configuration's directory `{shown}`, given by {named_by}, does not exist")))
        }
        Err(error) => Err(Problem::new(format!(
            "the configuration's directory `{shown}`, given by {named_by}, cannot be read: {error}"
        ))),
    }
}

fn search(request: &Request, variables: &Variables<'_>) -> Option<PathBuf> {
    let package = variables.get_filled(PACKAGE_VARIABLE).map(PathBuf::from);
    package
        .iter()
        .flat_map(|package| package_directories(package, read_manifest))
        .chain([request.working_directory.as_path()])
        .map(|directory| directory.join(DIRECTORY_NAME))
        .find(|directory| directory.is_dir())
}

/// The package's directory and those above it, up to its workspace's root: the first with `[workspace]` in its manifest, else
/// the topmost with a manifest.
fn package_directories(package: &Path, manifest_in: impl Fn(&Path) -> Option<String>) -> Vec<&Path> {
    let mut directories = Vec::new();
    let mut last_manifest = 0;
    for directory in package.ancestors() {
        directories.push(directory);
        let Some(manifest) = manifest_in(directory) else {
            continue;
        };
        last_manifest = directories.len();
        if has_workspace(&manifest) {
            break;
        }
    }
    directories.truncate(last_manifest);
    directories
}

fn read_manifest(directory: &Path) -> Option<String> {
    fs::read_to_string(directory.join("Cargo.toml")).ok()
}

fn has_workspace(manifest: &str) -> bool {
    let (document, _) = toml::de::DeTable::parse_recoverable(manifest);
    document.get_ref().iter().any(|(key, _)| key.get_ref() == "workspace")
}

/// A path as people see it: relative to the working directory where it lies below.
pub(crate) fn shown(path: &Path, working_directory: &Path) -> String {
    let relative = path.strip_prefix(working_directory).unwrap_or(path);
    relative.display().to_string()
}

/// A file's text; nothing if there is no such file.
pub(crate) fn read_file(path: &Path, shown: &str) -> Result<Option<String>, Problem> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Problem::new(format!("`{shown}` cannot be read: {error}"))),
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        Problem::new(format!("`{shown}` is not valid UTF-8 on line {line}"))
    })
}

/// The names of the files for environments in a directory.
pub(crate) fn environments_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| !matches!(name.as_str(), "default" | "local"))
        .collect();
    names.sort();
    names
}

/// The problem of an environment that was named but has no file.
pub(crate) fn missing_environment(
    environment: &EnvironmentName,
    named_by: &str,
    directory: Option<(&Path, &str)>,
    problems: &mut Problems,
) {
    let name = &environment.name;
    let Some((directory, shown)) = directory else {
        problems.push(
            Problem::new(format!(
                "the environment `{name}`, given by {named_by}, has no file, because there is no directory `config`"
            ))
            .with_suggestion("name the directory with --config or MILLSTREAM_CONFIG"),
        );
        return;
    };
    let known = environments_in(directory);
    let shown = if shown.is_empty() { "." } else { shown };
    let suggestion = match crate::nearest::nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => format!("create {name}.toml, which may be empty"),
        None => format!("create {name}.toml, which may be empty, or use one of: {}", known.join(", ")),
    };
    problems.push(
        Problem::new(format!("the environment `{name}`, given by {named_by}, has no file {name}.toml in `{shown}`"))
            .with_suggestion(suggestion),
    );
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::package_directories;

    fn searched(manifests: &[(&str, &str)]) -> Vec<String> {
        let manifest_in = |directory: &Path| {
            let found = manifests.iter().find(|(place, _)| Path::new(place) == directory);
            found.map(|(_, manifest)| (*manifest).to_owned())
        };
        package_directories(Path::new("/home/work/crates/app"), manifest_in)
            .iter()
            .map(|directory| directory.display().to_string())
            .collect()
    }

    #[test]
    fn the_search_ends_at_the_first_workspace() {
        let manifests = [
            ("/home/work/crates/app", "[package]"),
            ("/home/work", "[workspace]\nmembers = []"),
            ("/home", "[workspace]"),
        ];
        assert_eq!(searched(&manifests), ["/home/work/crates/app", "/home/work/crates", "/home/work"]);
    }

    #[test]
    fn without_a_workspace_the_search_ends_at_the_topmost_manifest() {
        let manifests = [("/home/work/crates/app", "[package]"), ("/home/work/crates", "[package]")];
        assert_eq!(searched(&manifests), ["/home/work/crates/app", "/home/work/crates"]);
    }

    #[test]
    fn a_package_without_a_manifest_is_not_searched() {
        assert!(searched(&[]).is_empty());
    }

    #[test]
    fn a_manifest_that_is_malformed_still_counts() {
        let manifests = [("/home/work/crates/app", "[package"), ("/home/work", "[workspace]\nbroken = = 1")];
        assert_eq!(searched(&manifests).len(), 3);
    }
}
