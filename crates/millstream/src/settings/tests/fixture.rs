//! Listeners and configurations for these tests.

use crate::options::ListenerOptions;
use crate::registry::DeclaredListener;
use crate::registry::fixture::at;
use crate::settings::keys;
use millstream_config::{DirectoryChoice, Problems, Request, Tree, load_leniently};

/// Listeners as lines: `Billing.on_order topics=orders start=earliest`; a line `Billing group_id=a` holds the defaults
/// of the consumer. The line's number is where it stands in the source.
pub(super) fn declared(lines: &str) -> Vec<DeclaredListener> {
    let lines: Vec<(u32, &str)> = (1..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
    let mut consumers: Vec<(&str, ListenerOptions)> = Vec::new();
    let mut listeners: Vec<DeclaredListener> = Vec::new();
    for (number, line) in lines {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap();
        let options = words.map(|word| word.split_once('=').unwrap()).fold(ListenerOptions::new(), set);
        match name.split_once('.') {
            None => consumers.push((name, options)),
            Some((consumer, method)) => listeners.push(DeclaredListener {
                consumer: consumer.to_owned().into(),
                method: method.to_owned().leak(),
                location: at(number),
                consumer_options: ListenerOptions::new(),
                options,
            }),
        }
    }
    for listener in &mut listeners {
        if let Some((_, options)) = consumers.iter().find(|(name, _)| *name == listener.consumer) {
            listener.consumer_options = options.clone();
        }
    }
    listeners
}

fn set(options: ListenerOptions, (option, value): (&str, &str)) -> ListenerOptions {
    let text = || value.to_owned();
    let still = || -> &'static str { value.to_owned().leak() };
    match option {
        "topics" => value.split(',').fold(options, |options, topic| options.topic(topic.to_owned())),
        "pattern" => options.pattern(text()),
        "group_id" => options.group_id(text()),
        "cluster" => options.cluster(text()),
        "id" => options.id(text()),
        "enabled" => options.enabled(value == "true"),
        "start" => options.start(text()),
        "from_beginning" => options.from_beginning(value == "true"),
        "auto_commit" => options.auto_commit(value == "true"),
        "commit_interval" => options.commit_interval(still()),
        "concurrency" => options.concurrency(value.parse().unwrap()),
        "order_by" => options.order_by(text()),
        "timeout" => options.timeout(still()),
        "retries" => match value.parse::<u32>() {
            Ok(count) => options.retries(count),
            Err(_) => options.retries(still()),
        },
        "backoff" => options.backoff(still()),
        "on_failure" => options.on_failure(text()),
        "accept_loss" => options.accept_loss(value == "true"),
        "on_lost_position" => options.on_lost_position(text()),
        "window" => options.window(value.parse().unwrap()),
        other => panic!("no option {other}"),
    }
}

/// The tree of one text, in which nothing may be wrong yet.
pub(super) fn tree(base: &str, declared: &[DeclaredListener]) -> Tree {
    let mut request = Request::default();
    request.directory = DirectoryChoice::Nothing;
    request.base = Some(base.to_owned());
    let (loaded, problems) = load_leniently(&request, &keys(declared));
    assert_eq!(problems, Problems::default());
    loaded.tree
}
