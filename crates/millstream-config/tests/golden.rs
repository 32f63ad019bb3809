//! Every file in `tests/cases` is one small configuration and what becomes of it.
//!
//! A case is a text of sections, each begun by a line `== NAME`:
//!
//! | section | holds |
//! |---|---|
//! | (before the first) | what the case shows |
//! | `file PATH` | a file, below the case's own working directory |
//! | `base` | the base text |
//! | `variables` | `NAME=value` lines |
//! | `unreadable` | names of variables that are not UTF-8 |
//! | `set` | `--set` arguments, one a line |
//! | `request` | `environment=NAME`, `config=DIR`, `nothing`, `local`, `in=DIR` (the working directory), `package=DIR` |
//! | `listeners` | the ids of the listeners, instead of `Billing.on_order` and `Billing.on_refund` |
//! | `declare` | keys that the application names |
//! | `read` | `TYPE KEY` lines |
//! | `expected` | what comes out |
//!
//! `MILLSTREAM_UPDATE_GOLDEN=1 cargo test -p millstream-config --test golden` writes what comes out into the cases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a case that is malformed should stop the test")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use millstream_config::{DirectoryChoice, Duration, KeyPath, KeySpace, Problems, Request, Size, Tree, load_leniently};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Default)]
struct Case {
    sections: Vec<(String, String)>,
}

impl Case {
    fn parse(text: &str) -> Self {
        let mut case = Self::default();
        case.sections.push((String::new(), String::new()));
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("== ") {
                case.sections.push((name.trim().to_owned(), String::new()));
            } else if let Some((_, body)) = case.sections.last_mut() {
                body.push_str(line);
            }
        }
        case
    }

    fn section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(known, _)| known == name).map(|(_, body)| body.as_str())
    }

    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.section(name).unwrap_or_default().lines().filter(|line| !line.trim().is_empty())
    }

    fn with_expected(mut self, expected: &str) -> String {
        self.sections.retain(|(name, _)| name != "expected");
        let mut text = String::new();
        for (name, body) in &self.sections {
            if !name.is_empty() {
                writeln!(text, "== {name}").unwrap();
            }
            text.push_str(body);
        }
        write!(text, "== expected\n{expected}").unwrap();
        text
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Billing {
    currency: String,
    limit: Option<u8>,
    #[serde(default)]
    steps: Vec<Step>,
    start: Option<Start>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Step {
    name: String,
    after: Option<Duration>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Strict {
    currency: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Start {
    Earliest,
    Latest,
    At { offset: u64 },
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Url(#[allow(dead_code)] String);

impl TryFrom<String> for Url {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with("http://") { Ok(Self(text)) } else { Err(format!("`{text}` is not an http url")) }
    }
}

fn known(case: &Case) -> KeySpace {
    const PROPERTIES: [&str; 4] = ["session.timeout.ms", "security.protocol", "sasl.password", "log_level"];
    let value = KeySpace::value;
    let properties = || {
        KeySpace::properties(PROPERTIES, |name| {
            let matches = |property: &&&str| property.replace('.', "_").eq_ignore_ascii_case(name);
            PROPERTIES.iter().find(matches).map(|property| (*property).to_owned())
        })
    };
    let listener = KeySpace::table()
        .key("concurrency", value())
        .key("order_by", value())
        .key("topics", value())
        .key("timeout", value())
        .key("dead_letter", KeySpace::table().key("topic", value()))
        .key("properties", properties());
    let listeners: Vec<&str> = match case.section("listeners") {
        Some(listeners) => listeners.lines().collect(),
        None => vec!["Billing.on_order", "Billing.on_refund"],
    };
    let kafka = KeySpace::table()
        .key("brokers", value())
        .key("client_id", value())
        .key("group_id", value())
        .key("properties", properties())
        .key("listener_defaults", listener.clone())
        .key("listeners", KeySpace::members("listener", listeners, &listener))
        .key("clusters", KeySpace::named(KeySpace::table().key("brokers", value()).key("properties", properties())));
    let mut known = KeySpace::table().key("kafka", kafka);
    for key in case.lines("declare") {
        let path = KeyPath::parse(key).unwrap();
        known.declare(path.segments());
    }
    known
}

fn request(case: &Case, directory: &Path) -> Request {
    let mut request = Request::default();
    request.working_directory = directory.to_path_buf();
    request.base = case.section("base").map(str::to_owned);
    request.overrides = case.lines("set").map(str::to_owned).collect();
    request.unreadable_variables = case.lines("unreadable").map(str::to_owned).collect();
    request.variables = case
        .section("variables")
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for line in case.lines("request") {
        match line.split_once('=').unwrap_or((line, "")) {
            ("environment", name) => request.environment = Some(name.to_owned()),
            ("config", path) => request.directory = DirectoryChoice::Named(path.into()),
            ("nothing", _) => request.directory = DirectoryChoice::Nothing,
            ("local", _) => request.read_local = true,
            ("in", path) => request.working_directory = directory.join(path),
            ("package", path) => {
                let path = directory.join(path).display().to_string();
                request.variables.push(("CARGO_MANIFEST_DIR".to_owned(), path));
            }
            (other, _) => panic!("unknown request `{other}`"),
        }
    }
    request
}

fn read(tree: &Tree, line: &str, problems: &mut Problems) -> String {
    fn shown<T: DeserializeOwned + Debug>(tree: &Tree, key: &str, problems: &mut Problems) -> String {
        problems.keep(tree.get::<T>(key)).map_or_else(|| "problem".to_owned(), |value| format!("{value:?}"))
    }
    let (name, key) = line.split_once(' ').unwrap();
    let read = match name {
        "string" => shown::<String>,
        "i64" => shown::<i64>,
        "u8" => shown::<u8>,
        "u64" => shown::<u64>,
        "f64" => shown::<f64>,
        "boolean" => shown::<bool>,
        "strings" => shown::<Vec<String>>,
        "integers" => shown::<Vec<i64>>,
        "duration" => shown::<Duration>,
        "size" => shown::<Size>,
        "map" => shown::<BTreeMap<String, String>>,
        "numbered" => shown::<BTreeMap<u16, String>>,
        "billing" => shown::<Billing>,
        "strict" => shown::<Strict>,
        "start" => shown::<Start>,
        "url" => shown::<Url>,
        other => panic!("unknown type `{other}`"),
    };
    let value = read(tree, key, problems);
    format!("{line} -> {value}\n")
}

fn outcome(case: &Case, directory: &Path) -> String {
    let known = known(case);
    let (loaded, mut problems) = load_leniently(&request(case, directory), &known);
    let relative = |path: &PathBuf| path.strip_prefix(directory).unwrap_or(path).display().to_string();
    let files: Vec<String> = loaded.files.iter().map(relative).collect();
    let found = loaded.directory.as_ref().map_or_else(|| "none".to_owned(), relative);
    let mut text = format!("environment {}, directory {found}, files: {}\n", loaded.environment, files.join(", "));
    for entry in loaded.tree.entries() {
        writeln!(text, "{} = {}  # {}: {}", entry.key, entry.value, entry.origin.layer, entry.origin).unwrap();
    }
    for line in case.lines("read") {
        text.push_str(&read(&loaded.tree, line, &mut problems));
    }
    problems.extend(loaded.tree.unknown_keys(&known));
    if !problems.is_empty() {
        writeln!(text, "{problems}").unwrap();
    }
    // Files outside the working directory are shown with their whole path, which is not the same everywhere.
    text.replace(&directory.display().to_string(), "ROOT")
}

fn write_files(case: &Case, directory: &Path) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    fs::create_dir_all(directory).unwrap();
    for (name, body) in &case.sections {
        if let Some(path) = name.strip_prefix("file ") {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, body).unwrap();
        }
    }
}

#[test]
fn every_case_comes_out_as_written() {
    let update = std::env::var_os("MILLSTREAM_UPDATE_GOLDEN").is_some();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<PathBuf> = fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut failures = String::new();
    for path in &paths {
        let case = Case::parse(&fs::read_to_string(path).unwrap());
        let name = path.file_stem().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden").join(name);
        write_files(&case, &directory);
        let outcome = outcome(&case, &directory);
        let expected = case.section("expected").unwrap_or_default();
        if outcome == expected {
            continue;
        }
        if update {
            fs::write(path, case.with_expected(&outcome)).unwrap();
        } else {
            writeln!(failures, "---- {} ----\nexpected:\n{expected}\nfound:\n{outcome}", name.display()).unwrap();
        }
    }
    assert!(failures.is_empty(), "MILLSTREAM_UPDATE_GOLDEN=1 accepts what was found\n{failures}");
}
