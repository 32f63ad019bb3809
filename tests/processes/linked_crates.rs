//! Consumers of libraries: found where the library is linked, and missed aloud where it is not.

use harness::prelude::*;

use crate::directory::Directory;
use crate::worker::{Worker, report};

async fn check(program: &str) -> (Ended, Process) {
    let directory = Directory::new();
    directory.write("default.toml", "[kafka]\nbrokers = ['nowhere:9092']\ngroup_id = 'post'\n");
    let mut process =
        Process::program(program).argument("--config").argument(directory.path()).argument("--check").start();
    (process.wait_exit().await, process)
}

#[test]
fn the_start_line_names_the_crates_of_all_listeners() {
    harness::run_without_broker(60, async || {
        let (ended, process) = check(env!("CARGO_BIN_EXE_mentioning")).await;

        assert_eq!(ended, Ended::Code(0));
        let line = process.standard_output().join("\n");
        assert!(line.contains("2 listeners from crates millstream-tests, millstream-tests-parcels;"), "{line}");
    });
}

#[test]
fn a_library_that_nothing_mentions_is_missing_from_the_start_line() {
    harness::run_without_broker(60, async || {
        // The package of the worker depends on the library as well.
        let worker = Worker::at("nowhere:9092").topic("orders").argument("--check");
        let mut process = worker.start();

        assert_eq!(process.wait_exit().await, Ended::Code(0));
        let line = process.standard_output().join("\n");
        assert!(line.contains("1 listener from crate millstream-tests;"), "{line}");
    });
}

#[test]
fn an_application_without_any_listener_does_not_start_and_explains_linking() {
    harness::run_without_broker(60, async || {
        let (ended, process) = check(env!("CARGO_BIN_EXE_forgetful")).await;

        assert_eq!(ended, Ended::Code(2));
        let report = report(&process);
        assert!(report.contains("the application has no listener"), "{report}");
        assert!(report.contains("a library crate that nothing mentions is not linked"), "{report}");
        assert!(report.contains("`use that_crate as _;`") && report.contains(".consumers::<("), "{report}");
    });
}
