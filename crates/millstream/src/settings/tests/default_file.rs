//! `config/default.toml` shows every key.

use super::fixture::{declared, tree};
use crate::log::{LogPlan, log_keys};
use crate::plan::Brokers;
use crate::settings::{idempotency, keys, layers, names, resolve, topics};
use millstream_config::{DirectoryChoice, KeyPath, Problems, Request, load_leniently};

const DEFAULT: &str = include_str!("../../../../../config/default.toml");

const LISTENERS: &str = "Totals.on_order topics=orders";

/// The file with every commented-out key and table in force; other comments are prose.
fn uncommented() -> String {
    let is_key = |line: &str| {
        line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| KeyPath::parse(key).is_ok())
    };
    let lines = DEFAULT.lines().map(|line| match line.strip_prefix("# ") {
        Some(commented) if is_key(commented) => commented,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn it_names_every_key_and_no_unknown_one() {
    let declared = declared(LISTENERS);
    let mut space = keys(&declared).key("log", log_keys());
    // Known where there is such a client.
    space.declare(["kafka", "clients", "Math"]);
    let mut request = Request::default();
    request.directory = DirectoryChoice::Nothing;
    request.base = Some(uncommented());
    request.variables =
        [("KAFKA_USER", "u"), ("KAFKA_PASSWORD", "p")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    let (loaded, problems) = load_leniently(&request, &space);
    assert_eq!(problems, Problems::default());
    assert_eq!(loaded.tree.unknown_keys(&space), Problems::default());
    let shown = |table: &str, names: &[&str]| {
        let section = loaded.tree.section(table).unwrap().unwrap();
        for name in names {
            assert!(section.node(name).is_some(), "[{table}] {name} is not in config/default.toml");
        }
    };
    shown("kafka", &names::KAFKA);
    shown("kafka", &names::GROUP_WIDE);
    shown("kafka", &["properties", "consumer", "producer"]);
    shown("kafka.producer", &["accept_loss", "properties"]);
    shown("kafka.requests", &names::REQUESTS);
    shown("kafka.requests", &["properties"]);
    shown("kafka.clients.Math", &["timeout", "reply_topic"]);
    shown("kafka.topics.orders", &topics::TOPIC);
    shown("kafka.topics.orders", &["config"]);
    shown("kafka.embedded", &names::EMBEDDED);
    shown("kafka.embedded.seed.refunds", &names::SEED);
    shown("kafka.listener_defaults", &names::DEFAULTS);
    shown("kafka.listener_defaults", &["layers"]);
    shown("kafka.listener_defaults.backoff", &names::BACKOFF);
    shown("kafka.listener_defaults.dead_letter", &names::DEAD_LETTER);
    shown("kafka.listeners.\"Totals.on_order\"", &names::LISTENER_ONLY);
    shown("kafka.consumers.Totals", &[]);
    shown("kafka.groups.quickstart", &names::GROUP_WIDE);
    shown("kafka.groups.quickstart.properties", &[]);
    shown("kafka.clusters.audit", &names::CLUSTER);
    shown("kafka.clusters.audit.properties", &[]);
    shown("kafka.clusters.audit.requests", &names::REQUESTS);
    shown("kafka.clusters.audit.requests.properties", &[]);
    shown("kafka.clusters.audit.embedded", &names::EMBEDDED);
    shown("kafka.clusters.audit.topics.audits", &topics::TOPIC);
    shown("kafka.clusters.audit.topics.audits", &["config"]);
    shown("kafka.layers.log-outcomes", &layers::LAYER);
    shown("kafka.idempotency.orders", &idempotency::STORE);
    shown("log", &["level", "format", "file", "targets"]);
}

#[test]
fn it_says_what_is_built_in() {
    let declared = declared(LISTENERS);
    let shown = resolve(&tree(DEFAULT, &declared), "development", &declared).unwrap();
    let least = "[kafka]\nbrokers = 'embedded'\nclient_id = 'quickstart'\ngroup_id = 'quickstart'\n\
        embedded.seed.orders = '../examples/quickstart/orders.jsonl'";
    let built_in = resolve(&tree(least, &declared), "development", &declared).unwrap();
    assert_eq!(format!("{shown:#?}"), format!("{built_in:#?}"));
    let logged = tree(DEFAULT, &declared);
    assert_eq!(LogPlan::read(&logged).unwrap(), LogPlan::default());
}

#[test]
fn it_serves_the_quickstart_with_and_without_a_broker() {
    let declared = declared(LISTENERS);
    let plan_with = |variable: Option<&str>| {
        let mut request = Request::default();
        request.directory = DirectoryChoice::Nothing;
        request.base = Some(DEFAULT.to_owned());
        request.variables = variable.map(|value| ("KAFKA_URL".to_owned(), value.to_owned())).into_iter().collect();
        let (loaded, problems) = load_leniently(&request, &keys(&declared));
        assert_eq!(problems, Problems::default());
        resolve(&loaded.tree, "development", &declared).unwrap()
    };
    let brokers = plan_with(None).clusters.remove(0).brokers;
    assert!(matches!(&brokers, Brokers::Embedded(plan) if plan.seeds.len() == 1), "{brokers:?}");
    let brokers = plan_with(Some("one:9092,two:9092")).clusters.remove(0).brokers;
    assert_eq!(brokers, Brokers::Addresses(vec!["one:9092".into(), "two:9092".into()]));
}
