//! Listeners and configurations for these tests.

use crate::options::{BatchOption, ErrorTest, IdempotentOption, ListenerOptions};
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
        "window_bytes" => options.window_bytes(still()),
        "rate" => options.rate(text()),
        "deadline" => options.deadline(still()),
        "retry_on" => options.retry_on(ErrorTest::new(text(), |_| true)),
        "terminal" => options.terminal(ErrorTest::new(text(), |_| true)),
        "retry_topics" => options.retry_topics(still().split(',')),
        "reorder" => options.reorder(value == "true"),
        "dead_letter" => options.dead_letter(still()),
        "max_crashes" => options.max_crashes(value.parse().unwrap()),
        "blocking" => options.blocking(value == "true"),
        "batch" => options.batch(batch(value)),
        "reply" => options.reply(value == "true"),
        "send_to" => options.send_to(text()),
        "wire" => options.wire(text()),
        "idempotent" => options.idempotent(idempotent(value)),
        other => panic!("no option {other}"),
    }
}

/// `max:500,min:2,wait:1s`.
fn batch(value: &str) -> BatchOption {
    value.split(',').fold(BatchOption::new(), |batch, part| {
        let (name, value) = part.split_once(':').unwrap();
        let still = || -> &'static str { value.to_owned().leak() };
        match name {
            "max" => batch.max(value.parse().unwrap()),
            "min" => batch.min(value.parse().unwrap()),
            "wait" => batch.wait(still()),
            "bytes" => batch.bytes(still()),
            "across_partitions" => batch.across_partitions(value == "true"),
            other => panic!("no option {other} of a batch"),
        }
    })
}

/// `field:order.id,ttl:1h`; what comes first says where the key is.
fn idempotent(value: &str) -> IdempotentOption {
    let mut parts = value.split(',').map(|part| part.split_once(':').unwrap());
    let key = match parts.next().unwrap() {
        ("field", path) => IdempotentOption::by_field(path.to_owned()),
        ("header", name) => IdempotentOption::by_header(name.to_owned()),
        ("message_key", _) => IdempotentOption::by_message_key(),
        ("function", _) => IdempotentOption::by_function(|_| None),
        (other, _) => panic!("no key by {other}"),
    };
    parts.fold(key, |option, (name, value)| {
        let still: &'static str = value.to_owned().leak();
        match name {
            "ttl" => option.ttl(still),
            "lease" => option.lease(still),
            "store" => option.store(still),
            other => panic!("no option {other} of idempotent handling"),
        }
    })
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
