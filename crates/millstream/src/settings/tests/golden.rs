//! Every file in `tests/cases` is one configuration with its listeners, and what becomes of it.
//!
//! A case is a text of sections, each begun by a line `== NAME`: before the first, what the case shows; `listeners` (see
//! the fixture), `base`, `file NAME`, `environment`, `variables`, `set`, and `expected`.
//!
//! `MILLSTREAM_UPDATE_GOLDEN=1 cargo test -p millstream settings` writes what comes out into the cases.

use super::fixture::declared;
use crate::plan::{FailurePlan, IdempotencyKey, ListenerPlan, RequestsPlan, SubscriptionPlan};
use crate::settings::resolve::Resolution;
use crate::settings::said::Scope;
use crate::settings::{effective, keys};
use millstream_config::{DirectoryChoice, Request, load_leniently};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

struct Case {
    sections: Vec<(String, String)>,
}

impl Case {
    fn parse(text: &str) -> Self {
        let mut sections = vec![(String::new(), String::new())];
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("== ") {
                sections.push((name.trim().to_owned(), String::new()));
            } else if let Some((_, body)) = sections.last_mut() {
                body.push_str(line);
            }
        }
        Self { sections }
    }

    fn section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(known, _)| known == name).map(|(_, body)| body.as_str())
    }

    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.section(name).unwrap_or_default().lines().filter(|line| !line.trim().is_empty())
    }

    fn with_expected(&self, expected: &str) -> String {
        let mut text = String::new();
        for (name, body) in self.sections.iter().filter(|(name, _)| name != "expected") {
            if !name.is_empty() {
                writeln!(text, "== {name}").unwrap();
            }
            text.push_str(body);
        }
        write!(text, "== expected\n{expected}").unwrap();
        text
    }
}

fn outcome(case: &Case, directory: &Path) -> String {
    let declared = declared(case.section("listeners").unwrap_or_default());
    let keys = keys(&declared);
    let mut request = Request::default();
    request.working_directory = directory.to_path_buf();
    request.directory = DirectoryChoice::Nothing;
    request.base = case.section("base").map(str::to_owned);
    request.environment = case.lines("environment").next().map(str::to_owned);
    request.overrides = case.lines("set").map(str::to_owned).collect();
    request.read_local = true;
    request.variables = case
        .lines("variables")
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (name, body) in &case.sections {
        if let Some(name) = name.strip_prefix("file ") {
            request.directory = DirectoryChoice::Named("config".into());
            fs::create_dir_all(directory.join("config")).unwrap();
            fs::write(directory.join("config").join(name), body).unwrap();
        }
    }
    let (loaded, mut problems) = load_leniently(&request, &keys);
    let resolution = Resolution::new(&loaded.tree, &loaded.environment, &declared);
    problems.extend(resolution.problems);
    problems.extend(loaded.tree.unknown_keys(&keys));
    let mut text = String::new();
    for notice in &resolution.notices {
        writeln!(text, "notice: {notice}").unwrap();
    }
    if !problems.is_empty() {
        writeln!(text, "{problems}").unwrap();
        return text;
    }
    writeln!(text, "{:?}", resolution.plan.application).unwrap();
    for cluster in &resolution.plan.clusters {
        let (name, brokers, missing) = (&cluster.name, &cluster.brokers, cluster.missing_topics);
        writeln!(text, "cluster {name}: {brokers:?}, {missing:?}, {:?}", cluster.properties).unwrap();
        if cluster.requests != RequestsPlan::default() {
            writeln!(text, "  {:?}", cluster.requests).unwrap();
        }
    }
    for subscription in &resolution.plan.subscriptions {
        subscription_lines(&mut text, subscription);
    }
    for value in effective(&loaded.tree, &loaded.environment, &declared) {
        if value.site.scope != Scope::BuiltIn {
            writeln!(text, "{}: {value}", value.of).unwrap();
        }
    }
    text.replace(&directory.display().to_string(), "ROOT")
}

fn subscription_lines(text: &mut String, subscription: &SubscriptionPlan) {
    let SubscriptionPlan { cluster, group_id, protocol, properties, .. } = subscription;
    writeln!(
        text,
        "subscription {cluster}/{group_id}: {protocol:?}, instance {:?}, commit {:?}, revoke {:?}, memory {}, {properties:?}",
        subscription.group_instance_id, subscription.commit_interval, subscription.revoke_timeout, subscription.memory
    )
    .unwrap();
    for listener in &subscription.listeners {
        let ListenerPlan { id, topics, pattern, start, auto_commit, concurrency, timeout, .. } = listener;
        let ListenerPlan { failure, on_lost_position, window, skip_offsets, .. } = listener;
        writeln!(text, "  {id}: {topics:?} {pattern:?}, start {start:?}, auto_commit {auto_commit}").unwrap();
        writeln!(
            text,
            "    concurrency {concurrency:?}, timeout {timeout:?}, window {window}, lost {on_lost_position:?}, skip {skip_offsets:?}"
        )
        .unwrap();
        let ListenerPlan { order_by, blocking, batch, rate, idempotent, window_bytes, .. } = listener;
        let FailurePlan { retries, backoff, deadline, classification, retry_topics, .. } = failure;
        let FailurePlan { on_failure, dead_letter, max_crashes, .. } = failure;
        writeln!(text, "    order {order_by:?}, rate {rate:?}, window bytes {window_bytes}").unwrap();
        if *blocking || batch.is_some() || idempotent.is_some() {
            // Addresses of functions differ from run to run.
            let idempotent = idempotent.as_ref().map(|plan| match plan.key {
                IdempotencyKey::Function(_) => format!("a function, {:?}, {:?}, {}", plan.ttl, plan.lease, plan.store),
                _ => format!("{plan:?}"),
            });
            writeln!(text, "    blocking {blocking}, batch {batch:?}, idempotent {idempotent:?}").unwrap();
        }
        if let Some(answer) = &listener.answer {
            writeln!(text, "    {answer:?}").unwrap();
        }
        let (only, never) = (classification.retry_on.is_some(), classification.terminal.is_some());
        writeln!(
            text,
            "    {retries:?}, {backoff:?}, deadline {deadline:?}, retry on some {only}, terminal some {never}"
        )
        .unwrap();
        writeln!(text, "    retry topics {retry_topics:?}, {on_failure:?}, {dead_letter:?}, crashes {max_crashes}")
            .unwrap();
    }
}

#[test]
fn every_case_comes_out_as_written() {
    let update = std::env::var_os("MILLSTREAM_UPDATE_GOLDEN").is_some();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/settings/tests/cases");
    let mut paths: Vec<PathBuf> = fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let root = std::env::temp_dir().join(format!("millstream-settings-{}", std::process::id()));
    let mut failures = String::new();
    for path in &paths {
        let case = Case::parse(&fs::read_to_string(path).unwrap());
        let name = path.file_stem().unwrap();
        let directory = root.join(name);
        fs::create_dir_all(&directory).unwrap();
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
    fs::remove_dir_all(&root).unwrap();
    assert!(failures.is_empty(), "MILLSTREAM_UPDATE_GOLDEN=1 accepts what was found\n{failures}");
}
