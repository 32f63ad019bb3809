//! From a request to the merged values.

use std::path::{Path, PathBuf};

use crate::environment_source::read_environment;
use crate::key_space::KeySpace;
use crate::locate::{self, DEVELOPMENT, EnvironmentName};
use crate::merge::merge;
use crate::node::Table;
use crate::origin::Layer;
use crate::override_source::read_override;
use crate::problem::Problems;
use crate::request::{DirectoryChoice, Request};
use crate::toml_source::read_toml;
use crate::tree::Tree;
use crate::variables::Variables;

/// What a load found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The merged values.
    pub tree: Tree,
    /// The environment's name.
    pub environment: String,
    /// The directory of the files; nothing if there is none.
    pub directory: Option<PathBuf>,
    /// The files that were read, in the order of their layers.
    pub files: Vec<PathBuf>,
}

/// Reads and merges every layer.
///
/// `known` resolves the names of environment variables. Keys that it does not know are no problem of the load: ask
/// [`Tree::unknown_keys`] once everything was read.
///
/// # Errors
/// All problems of all sources. To go on and find those of the values too, use [`load_leniently`].
pub fn load(request: &Request, known: &KeySpace) -> Result<Loaded, Problems> {
    let (loaded, problems) = load_leniently(request, known);
    problems.into_result(loaded)
}

/// Reads and merges what can be read, and tells the problems of the rest.
///
/// A value that could not be read is still there: reading it gives the same problem again, which [`Problems`] keeps once. So
/// a check can report the problems of the sources and of the values together:
///
/// ```
/// use millstream_config::{DirectoryChoice, KeySpace, Request, load_leniently};
///
/// let mut request = Request::default();
/// request.directory = DirectoryChoice::Nothing;
/// request.base = Some("billing = { url = '${BILLING_URL}', limit = 'many' }".to_owned());
///
/// let (loaded, mut problems) = load_leniently(&request, &KeySpace::table().key("billing", KeySpace::free()));
/// problems.keep(loaded.tree.get::<String>("billing.url"));
/// problems.keep(loaded.tree.get::<u32>("billing.limit"));
/// assert_eq!(problems.len(), 2);
/// ```
pub fn load_leniently(request: &Request, known: &KeySpace) -> (Loaded, Problems) {
    let variables = Variables::new(&request.variables, &request.unreadable_variables);
    let mut problems = known.collisions();
    let environment = locate::environment_name(request, &variables);
    let directory = problems.keep(locate::directory(request, &variables));
    let mut loading = Loading { request, variables: &variables, table: Table::new(), files: Vec::new(), problems };
    if let Some(base) = &request.base {
        loading.text(base, "base", Layer::Base);
    }
    let environment = loading.problems.keep(environment);
    // A directory that was named and is missing is one problem; that its files are missing too is no news.
    if let Some(directory) = &directory {
        loading.files(directory.as_deref(), environment.as_ref());
    }
    loading.environment(known);
    loading.overrides();
    let loaded = Loaded {
        tree: Tree::new(loading.table),
        environment: environment.map_or_else(|| DEVELOPMENT.to_owned(), |environment| environment.name),
        directory: directory.flatten(),
        files: loading.files,
    };
    (loaded, loading.problems)
}

struct Loading<'r> {
    request: &'r Request,
    variables: &'r Variables<'r>,
    table: Table,
    files: Vec<PathBuf>,
    problems: Problems,
}

impl Loading<'_> {
    fn text(&mut self, text: &str, file: &str, layer: Layer) {
        let table = read_toml(text, file, layer, self.variables, &mut self.problems);
        merge(&mut self.table, table);
    }

    fn files(&mut self, directory: Option<&Path>, environment: Option<&EnvironmentName>) {
        if let Some(directory) = directory {
            self.file(directory, "default", Layer::DefaultFile);
        }
        let Some(environment) = environment else {
            return;
        };
        let found = directory.is_some_and(|directory| self.file(directory, &environment.name, Layer::EnvironmentFile));
        if let Some(named_by) = environment.named_by
            && !found
            && self.request.directory != DirectoryChoice::Nothing
        {
            let shown = directory.map(|directory| locate::shown(directory, &self.request.working_directory));
            let directory = directory.zip(shown.as_deref());
            locate::missing_environment(environment, named_by, directory, &mut self.problems);
        }
        if let Some(directory) = directory
            && self.request.read_local
            && environment.name == DEVELOPMENT
        {
            self.file(directory, "local", Layer::LocalFile);
        }
    }

    /// Whether the file is there.
    fn file(&mut self, directory: &Path, name: &str, layer: Layer) -> bool {
        let path = directory.join(format!("{name}.toml"));
        let shown = locate::shown(&path, &self.request.working_directory);
        match locate::read_file(&path, &shown) {
            Ok(None) => false,
            Ok(Some(text)) => {
                self.text(&text, &shown, layer);
                self.files.push(path);
                true
            }
            Err(problem) => {
                self.problems.push(problem);
                true
            }
        }
    }

    fn environment(&mut self, known: &KeySpace) {
        let table = read_environment(self.variables, known, &self.table, &mut self.problems);
        merge(&mut self.table, table);
    }

    fn overrides(&mut self) {
        for argument in &self.request.overrides {
            match read_override(argument) {
                Ok(table) => merge(&mut self.table, table),
                Err(problem) => self.problems.push(problem),
            }
        }
    }
}
