//! What an application prints: what the command line asks for, and reports of what is wrong.

use super::scene::Scene;
use super::{Args, RunErrorKind, StartErrorKind};

#[tokio::test]
async fn what_the_command_line_asks_to_print_does_not_start() {
    let scene = Scene::new();
    let app = scene.builder().args(Args::parse(["--listeners", "--check"]).unwrap()).build().unwrap();
    let printout = app.printout().unwrap().to_owned();
    assert!(printout.contains("Billing.on_order  orders  shop"), "{printout}");
    assert!(printout.contains("all is well: 1 listener from crate shop"), "{printout}");
    assert_eq!(app.start().await.unwrap_err().kind(), StartErrorKind::Arguments);
    assert!(scene.entries().is_empty());
}

#[test]
fn help_is_printed_however_broken_the_configuration_is() {
    let scene = Scene::new();
    let app = scene.builder().config_text("not toml").args(Args::parse(["--help"]).unwrap()).build().unwrap();
    assert_eq!(app.printout(), Some(Args::help_text()));
}

#[tokio::test]
async fn the_configuration_is_printed_with_its_problems_after_it() {
    let scene = Scene::new();
    let args =
        Args::parse(["--print-config", "--set", "kafka.client_id=shop", "--set", "kafka.start_timeout='x'"]).unwrap();
    let app = scene.builder().args(args).build().unwrap();
    let printout = app.printout().unwrap().to_owned();
    assert!(printout.contains("kafka.client_id = \"shop\""), "{printout}");
    assert!(printout.contains("# --set, --set kafka.client_id"), "{printout}");
    assert_eq!(app.run().await.unwrap_err().kind(), RunErrorKind::Start);
}

#[test]
fn the_report_of_a_start_error_counts_its_problems_and_tells_each() {
    let scene = Scene::new();
    let error = scene.builder().config_text("kafka.clientid = 1\nlog.levle = 2").build().unwrap_err();
    let report = format!("{error:?}");
    assert!(report.starts_with("the application cannot start: 2 problems\n\n  1. "), "{report}");
    assert_eq!(report, error.to_string());
    assert_eq!(error.problems().count(), 2);
}

#[test]
fn what_is_set_by_the_program_keeps_its_type() {
    let set = |value: crate::Setting| value.as_toml().to_owned();
    assert_eq!(set("007".into()), "\"007\"");
    assert_eq!(set(7_u32.into()), "7");
    assert_eq!(set(true.into()), "true");
    assert_eq!(set(1.0.into()), "1.0");
    assert_eq!(set(["a", "b"].into()), "[\"a\", \"b\"]");
}
