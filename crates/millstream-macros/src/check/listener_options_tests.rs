//! What the checks of listener options accept and refuse.

use super::*;
use crate::parse::parse_arguments;
use proc_macro2::TokenStream;
use quote::quote;

fn messages(tokens: TokenStream) -> Vec<String> {
    with_defaults(tokens, Loss::default())
}

fn with_defaults(tokens: TokenStream, defaults: Loss) -> Vec<String> {
    all(tokens, defaults, &ReturnType::Default)
}

fn returning(output: &ReturnType, tokens: TokenStream) -> Vec<String> {
    all(tokens, Loss::default(), output)
}

fn all(tokens: TokenStream, defaults: Loss, output: &ReturnType) -> Vec<String> {
    let mut errors = ErrorSink::new();
    let arguments = parse_arguments(tokens, &mut errors).into_iter().map(|argument| argument.or_true("reply"));
    listener(Span::call_site(), arguments.collect(), defaults, output, &mut errors);
    errors.into_messages()
}

#[test]
fn every_option_of_this_version_is_accepted() {
    let every = quote! {
        "orders", topics::REFUNDS, group_id = "g", id = "i", cluster = "c", enabled = true, start = "earliest",
        auto_commit = false, commit_interval = "1s", concurrency = 8, order_by = "partition", timeout = LIMIT,
        retries = 3, backoff = { initial = "1s", max = "1m", factor = 2.0, jitter = 0.2 }, on_failure = "skip",
        accept_loss = true, on_lost_position = "pause", window = 10, crate = toolbox::millstream, rate = "500/s",
        window_bytes = "8MiB", deadline = "10m", retry_on(std::io::Error, Wrapped<A, B>), terminal(Declined),
        retry_topics = ["5s", ONE_MINUTE], reorder = true, dead_letter = { topic = "{topic}.dead", spring_headers = true },
        max_crashes = 0, idempotent(key = "order.id", ttl = "24h", lease = "5m", store = "orders"),
        layers(Audit, my::RateLimited, "log-outcomes"),
    };
    assert_eq!(messages(every), Vec::<String>::new());
    assert_eq!(
        messages(quote! { pattern = "orders-.*", from_beginning = true, retries = "forever", backoff = "1s" }),
        Vec::<String>::new()
    );
    for right in [
        quote! { "a", blocking, dead_letter = "a.dead", order_by = "key", idempotent(key = header("x-id")), layers() },
        quote! { "a", blocking, dead_letter = DEAD, order_by = "none", idempotent(key = message_key), max_crashes = 3 },
        quote! { "a", retry_topics = DELAYS, on_failure = "dead_letter", idempotent(key = with(order::key_of)) },
        quote! { "a", batch = 500, window_bytes = BYTES, layers() },
        quote! { "a", window_bytes = BYTES, rate = RATE },
        quote! { "a", reply, wire = "spring" },
        quote! { "a", reply = true, blocking },
        quote! { "a", reply = false, batch = 5 },
        quote! { "a", batch = { max = 5, min = 1, wait = "0ms", bytes = "4MiB", across_partitions = true } },
    ] {
        assert_eq!(messages(right), Vec::<String>::new());
    }
}

#[test]
fn a_misspelt_pattern_is_not_also_a_missing_topic() {
    assert_eq!(messages(quote! { patern = "a.*" }), ["unknown option `patern`; did you mean `pattern`?"]);
    assert_eq!(messages(quote! { topics = "a" }).len(), 1);
    assert_eq!(messages(quote! { autocommit = false }).len(), 2);
}

#[test]
fn losing_messages_needs_both_words() {
    assert_eq!(messages(quote! { "a", on_failure = "skip" }).len(), 1);
    assert_eq!(messages(quote! { "a", on_failure = "skip", accept_loss = false }).len(), 1);
    assert_eq!(messages(quote! { "a", accept_loss = true }).len(), 1);
    assert_eq!(messages(quote! { "a", on_failure = WHAT, accept_loss = true }).len(), 0);
    let both = Loss { skips: Said::Yes, accepted: Said::Yes };
    assert_eq!(with_defaults(quote! { "a", on_failure = "skip" }, both).len(), 0);
    assert_eq!(with_defaults(quote! { "a" }, both).len(), 0);
}

#[test]
fn every_mistake_is_told_at_once() {
    let wrong = quote! {
        "", "a", "a", group_id = "", window = 0, concurrency = -1, retries = -2, timeout = 5, commit_interval = "5",
        backoff = { factor = 0.5, jitter = 2, max = 3, speed = 1 }, enabled = "yes", start = "now",
        from_beginning = true, reply, wire = "avro", accept_loss
    };
    assert_eq!(messages(wrong).len(), 17);
}

#[test]
fn every_mistake_about_failing_is_told_at_once() {
    let wrong = quote! {
        "a", deadline = 5, retry_on, terminal(), retry_topics = [], reorder = 1, on_failure = "dead",
        dead_letter = { topic = "{tpoic}", headers = true }, max_crashes = -1, rate = "fast", window_bytes = 5
    };
    assert_eq!(messages(wrong).len(), 11);
    assert_eq!(messages(quote! { "a", retry_topics = ["5s", "5s", 1, "x"] }).len(), 3);
    assert_eq!(messages(quote! { "a", retry_topics = "5s" }).len(), 1);
    assert_eq!(messages(quote! { "a", retry_on(A, A) }).len(), 1);
    assert_eq!(messages(quote! { "a", retry_on("A") }).len(), 1);
    assert_eq!(messages(quote! { "a", dead_letter = {} }).len(), 1);
    assert_eq!(messages(quote! { "a", layers(A, A, "") }).len(), 2);
}

#[test]
fn an_idempotent_listener_says_where_its_key_is() {
    for wrong in [
        quote! { "a", idempotent },
        quote! { "a", idempotent() },
        quote! { "a", idempotent = "id" },
        quote! { "a", idempotent(ttl = "24h") },
        quote! { "a", idempotent(key = "a..b") },
        quote! { "a", idempotent(key = heeder("x")) },
        quote! { "a", idempotent(key = header("")) },
        quote! { "a", idempotent(key = with("f")) },
        quote! { "a", idempotent(key = "id", ttl = "1") },
        quote! { "a", idempotent(key = "id", store = "") },
    ] {
        assert_eq!(messages(wrong.clone()).len(), 1, "{wrong}");
    }
}

#[test]
fn what_a_plain_function_or_a_batch_cannot_have_is_told() {
    assert_eq!(messages(quote! { "a", blocking, timeout = "5s" }).len(), 1);
    assert_eq!(messages(quote! { "a", blocking, batch = 5 }).len(), 1);
    assert_eq!(messages(quote! { "a", batch = 5, idempotent(key = "id") }).len(), 1);
    assert_eq!(messages(quote! { "a", batch = 5, rate = "5/s" }).len(), 1);
    assert_eq!(messages(quote! { "a", batch = 5, layers(Audit) }).len(), 1);
    assert_eq!(messages(quote! { "a", batch = 5, layers(Audit), rate = RATE, idempotent(key = "id") }).len(), 3);
    assert_eq!(messages(quote! { "a", batch = { max = 0, sizes = 1 } }).len(), 2);
    assert_eq!(messages(quote! { "a", batch = {} }).len(), 1);
}

#[test]
fn what_does_not_go_with_answering_is_told() {
    let reply: ReturnType = syn::parse_quote! { -> Result<Reply<u64>> };
    let value: ReturnType = syn::parse_quote! { -> Result<u64> };
    for wrong in [
        quote! { "a", reply, batch = 5 },
        quote! { "a", reply, idempotent(key = "id") },
        quote! { "a", send_to = "b", batch = 5 },
        quote! { "a", send_to = "" },
        quote! { "a", send_to = "b", reply = false },
        quote! { "a", wire = "nest" },
        quote! { "a", reply = false, wire = "nest" },
        quote! { "a", reply, wire = "nset" },
        quote! { "a", reply = "b", wire = "nest" },
        quote! { "a", reply = ANSWERS, wire = "nest" },
    ] {
        assert_eq!(returning(&value, wrong.clone()).len(), 1, "{wrong}");
    }
    assert_eq!(messages(quote! { "a", send_to = "b" }).len(), 1);
    assert_eq!(returning(&value, quote! { "a", send_to = RESULTS, wire = WIRE }), Vec::<String>::new());
    assert_eq!(returning(&value, quote! { "a", reply, batch = 5, idempotent(key = "id") }).len(), 3);
    for right in [quote! { "a" }, quote! { "a", wire = "nest" }, quote! { "a", reply, send_to = "b" }] {
        assert_eq!(returning(&reply, right), Vec::<String>::new());
    }
    for wrong in [quote! { "a", reply = false }, quote! { "a", batch = 5 }, quote! { "a", idempotent(key = "id") }] {
        assert_eq!(returning(&reply, wrong.clone()).len(), 1, "{wrong}");
    }
}

#[test]
fn a_contract_with_one_method_is_no_default_of_a_consumer() {
    let mut errors = ErrorSink::new();
    let tokens = quote! { batch = 5, idempotent(key = "id"), blocking = true, retry_on(A), max_crashes = 0, wire = "nest", reply = true, send_to = "b" };
    let arguments = parse_arguments(tokens, &mut errors);
    consumer(arguments, &mut errors);
    assert_eq!(errors.into_messages().len(), 5);
}
