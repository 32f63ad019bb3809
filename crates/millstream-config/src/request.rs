//! What to load, and from where.

use std::ffi::OsString;
use std::path::PathBuf;

/// How the directory of the configuration files is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DirectoryChoice {
    /// By `MILLSTREAM_CONFIG`; else, under cargo, the first `config/` from the running package up to its workspace's root;
    /// else `./config`. The last two may be missing: then no file is read.
    #[default]
    Search,
    /// This one (`--config`). It is a problem if it is missing.
    Named(PathBuf),
    /// No file is read at all.
    Nothing,
}

/// Everything a load depends on, so that a load is a function of its request and of the files alone.
///
/// ```
/// use millstream_config::{DirectoryChoice, KeySpace, Request, load};
///
/// let mut request = Request::default();
/// request.directory = DirectoryChoice::Nothing;
/// request.base = Some("billing.currency = 'EUR'".to_owned());
/// request.overrides = vec!["billing.limit=5".to_owned()];
///
/// let keys = KeySpace::table().key("billing", KeySpace::free());
/// let loaded = load(&request, &keys)?;
/// assert_eq!(loaded.tree.get::<String>("billing.currency")?.as_deref(), Some("EUR"));
/// assert_eq!(loaded.tree.get::<u32>("billing.limit")?, Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Request {
    /// Where the files are.
    pub directory: DirectoryChoice,
    /// The environment's name, where the command line gives one (`--env`). Else `MILLSTREAM_ENV` does, else it is `development`.
    pub environment: Option<String>,
    /// The environment's variables, name and value.
    pub variables: Vec<(String, String)>,
    /// The names of variables whose value is not UTF-8. It is a problem if one of them is needed.
    pub unreadable_variables: Vec<String>,
    /// The arguments of `--set`, in order.
    pub overrides: Vec<String>,
    /// Whether `local.toml` is read in `development`. A test wants the same values on every machine, hence not this file.
    pub read_local: bool,
    /// A TOML text that lies below every file: values given by the program.
    pub base: Option<String>,
    /// What relative paths are relative to; empty means the process's own working directory.
    pub working_directory: PathBuf,
}

impl Request {
    /// A request with the variables and the working directory of this process, that reads `local.toml` too.
    ///
    /// Later changes of either do not matter to the request. Reads no command line.
    pub fn from_process() -> Self {
        let mut request = Self {
            read_local: true,
            working_directory: std::env::current_dir().unwrap_or_default(),
            ..Self::default()
        };
        for (name, value) in std::env::vars_os() {
            request.add_variable(name, value);
        }
        request
    }

    fn add_variable(&mut self, name: OsString, value: OsString) {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => self.variables.push((name, value)),
            (Ok(name), Err(_)) => self.unreadable_variables.push(name),
            (Err(name), _) => self.unreadable_variables.push(name.to_string_lossy().into_owned()),
        }
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables, overrides and base values may be secrets.
        formatter
            .debug_struct("Request")
            .field("directory", &self.directory)
            .field("environment", &self.environment)
            .field("read_local", &self.read_local)
            .field("working_directory", &self.working_directory)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn debug_shows_no_value_of_a_variable() {
        let request = Request {
            variables: vec![("A".into(), "hunter2".into())],
            overrides: vec!["password=hunter2".into()],
            ..Request::default()
        };
        assert!(!format!("{request:?}").contains("hunter2"));
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf_8_is_kept_by_name() {
        use std::os::unix::ffi::OsStringExt as _;

        let mut request = Request::default();
        request.add_variable("MILLSTREAM__A".into(), std::ffi::OsString::from_vec(vec![0xff]));
        assert_eq!(request.unreadable_variables, ["MILLSTREAM__A"]);
    }
}
