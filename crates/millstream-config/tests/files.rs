//! Files that cannot be read, and the request of a real process.

#![allow(clippy::unwrap_used, reason = "a failed preparation should stop the test")]

use std::fs;
use std::path::PathBuf;

use millstream_config::{DirectoryChoice, KeySpace, Problems, Request, load};

fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("files").join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    fs::create_dir_all(&directory).unwrap();
    directory
}

fn problems_of(directory: PathBuf) -> Problems {
    let mut request = Request::default();
    request.working_directory.clone_from(&directory);
    request.directory = DirectoryChoice::Named(directory);
    load(&request, &KeySpace::table()).unwrap_err()
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_its_line() {
    let directory = directory("not_utf_8");
    fs::write(directory.join("default.toml"), b"a = 1\nb = \"\xff\"\n").unwrap();
    let problems = problems_of(directory);
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`default.toml` is not valid UTF-8 on line 2"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_along_with_the_others() {
    let directory = directory("unreadable");
    fs::create_dir(directory.join("default.toml")).unwrap();
    fs::write(directory.join("development.toml"), "a = ").unwrap();
    let problems = problems_of(directory);
    assert_eq!(problems.len(), 2, "{problems}");
    assert!(problems.to_string().contains("`default.toml` cannot be read: "), "{problems}");
}

#[test]
fn the_request_of_a_process_has_its_variables_and_reads_local_values() {
    let request = Request::from_process();
    let names: Vec<&str> = request.variables.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"CARGO_MANIFEST_DIR"));
    assert!(request.read_local);
    assert_eq!(request.working_directory, std::env::current_dir().unwrap());
    assert_eq!(request.directory, DirectoryChoice::Search);
}
