//! What the attributes register is what they say.

#![allow(clippy::expect_used)] // helpers of tests are tests
#![allow(clippy::unused_async, clippy::unused_self)] // a listener takes `&self`, and is async, whatever it does

use millstream::component::{ComponentSpec, Needs};
use millstream::prelude::*;
use millstream::registry::{Consumer, ConsumerSpec, GenericConsumer, ListenerSpec, ListenersSpec};
use millstream::{
    BackoffOption, DeadLetterOption, DurationOption, Error, ErrorTest, IdempotentOption, ListenerOptions,
};
use std::any::TypeId;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);
const STRUCT_LINE: u32 = line!() + 4;

#[consumer(group_id = "billing", retries = "forever")]
#[allow(dead_code)] // only its description is of interest
struct Billing {
    ledger: Arc<Ledger>,
    #[config("billing.currency")]
    currency: String,
    #[config("billing.limit")]
    limit: Option<u32>,
    #[default]
    seen: u64,
}

const LISTENER_LINE: u32 = line!() + 4;

#[consumer(window = 7)]
impl Billing {
    #[kafka_listener("orders", "refunds", auto_commit = false, from_beginning = true, retries = 3, timeout = LIMIT)]
    async fn on_order(
        &self,
        Json(_order): Json<u64>,
        Inject(_ledger): Inject<Ledger>,
        #[config("billing.rate")] _rate: Config<f64>,
        #[header("trace-id")] _trace: Option<&str>,
    ) {
    }

    #[kafka_listener(pattern = "audit-.*", id = "audit", backoff = { initial = "1s", factor = 2, jitter = 0.5 })]
    async fn r#match(&self) {}

    #[kafka_listener(
        "returns",
        blocking,
        order_by = "key",
        retry_on(std::io::Error, std::num::ParseIntError),
        retry_topics = ["5s", LIMIT],
        dead_letter = { topic = "{topic}.dead", spring_headers = true },
        max_crashes = 0,
        idempotent(key = header("x-id"), ttl = "1h"),
    )]
    fn on_return(&self, Inject(_ledger): Inject<Ledger>) {}

    #[cfg(any())]
    #[kafka_listener("never")]
    async fn never(&self) {}
}

struct Pricing;

#[consumer(wire = "spring")]
impl Pricing {
    #[kafka_listener("prices", reply, wire = "nest")]
    async fn price(&self) -> Result<u64> {
        Ok(5)
    }

    #[kafka_listener("stock")]
    async fn stock(&self) -> Result<Reply<u64>> {
        Ok(Reply::new(5))
    }

    #[kafka_listener("orders", send_to = "orders.priced", blocking)]
    fn priced(&self) -> Result<u64> {
        Ok("5".parse()?)
    }

    #[kafka_listener("events", reply = false)]
    async fn silent(&self) {}
}

const CLIENT_LINE: u32 = line!() + 2;

#[kafka_client(cluster = "audit", name = Calculator)]
#[allow(dead_code)] // only its description is of interest
trait Math {
    #[request("math.sum")]
    async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;
}

struct Projector<T>(T);

#[consumer]
impl<T: Send + Sync + 'static> Projector<T> {
    #[kafka_listener(Self::TOPIC)]
    async fn on_event(&self) {
        let _ = &self.0;
    }

    const TOPIC: &str = "events";
}

trait Clock: Send + Sync {
    fn now(&self) -> u64;
}

struct Ledger;

impl Clock for Ledger {
    fn now(&self) -> u64 {
        7
    }
}

#[component(provides = dyn Clock, eager = true)]
impl Ledger {
    async fn init(#[config("ledger.url")] _url: String, _shelf: Arc<Shelf>) -> Result<Self> {
        Ok(Self)
    }

    async fn shutdown(&self) -> Result<()> {
        Err(Error::new("it was open"))
    }
}

#[component]
struct Shelf;

fn block_of_billing() -> &'static ListenersSpec {
    inventory::iter::<ListenersSpec>
        .into_iter()
        .find(|block| (block.type_id)() == TypeId::of::<Billing>())
        .expect("the block is registered")
}

fn listener(method: &str) -> &'static ListenerSpec {
    block_of_billing().listeners.iter().find(|listener| listener.method == method).expect("the listener is registered")
}

fn component<T: 'static>() -> &'static ComponentSpec {
    inventory::iter::<ComponentSpec>
        .into_iter()
        .find(|component| (component.type_id)() == TypeId::of::<T>())
        .expect("the component is registered")
}

fn needs(declare: fn(&mut Needs)) -> Vec<(String, u32)> {
    let mut needs = Needs::new();
    declare(&mut needs);
    needs.list().iter().map(|need| (format!("{need:?}"), need.location.map_or(0, |location| location.line))).collect()
}

#[test]
fn a_struct_is_registered_with_its_defaults_and_needs() {
    let spec = Billing::SPEC;
    assert_eq!(spec.name, "Billing");
    assert_eq!((spec.options)(), ListenerOptions::new().group_id("billing").retries("forever"));
    assert_eq!(
        (spec.location.crate_name, spec.location.file, spec.location.line, spec.location.column),
        ("millstream", file!(), STRUCT_LINE, 8)
    );
    let needs = needs(spec.needs);
    let texts: Vec<_> = needs.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "field `ledger` of `Billing` needs expansion::Ledger",
            "field `currency` of `Billing` needs key billing.currency",
            "field `limit` of `Billing` needs key billing.limit",
        ]
    );
    let lines: Vec<_> = needs.iter().map(|(_, line)| *line).collect();
    assert_eq!(lines, [STRUCT_LINE + 1, STRUCT_LINE + 3, STRUCT_LINE + 5]);
    let registered =
        inventory::iter::<ConsumerSpec>.into_iter().any(|spec| (spec.type_id)() == TypeId::of::<Billing>());
    assert!(registered);
}

#[test]
fn a_block_registers_its_listeners_in_the_order_of_the_source() {
    let block = block_of_billing();
    assert_eq!(block.name, "Billing");
    assert_eq!((block.options)(), ListenerOptions::new().window(7));
    let methods: Vec<_> = block.listeners.iter().map(|listener| listener.method).collect();
    assert_eq!(methods, ["on_order", "match", "on_return"]);
    assert_eq!(listener("on_order").location.line, LISTENER_LINE);
    assert_eq!(listener("on_order").location.column, 5);
}

#[test]
fn options_are_what_the_attribute_says() {
    let expected = ListenerOptions::new()
        .topic("orders")
        .topic("refunds")
        .auto_commit(false)
        .from_beginning(true)
        .retries(3)
        .timeout(LIMIT);
    assert_eq!((listener("on_order").options)(), expected);
    let expected = ListenerOptions::new()
        .pattern("audit-.*")
        .id("audit")
        .backoff(BackoffOption::new().initial("1s").factor(2.0).jitter(0.5));
    assert_eq!((listener("match").options)(), expected);
}

#[test]
fn a_plain_function_is_registered_like_any_listener() {
    let listener = listener("on_return");
    let expected = ListenerOptions::new()
        .topic("returns")
        .blocking(true)
        .order_by("key")
        .retry_on(ErrorTest::new("std::io::Error, std::num::ParseIntError", |_| false))
        .retry_topics([DurationOption::from("5s"), LIMIT.into()])
        .dead_letter(DeadLetterOption::new().topic("{topic}.dead").spring_headers(true))
        .max_crashes(0)
        .idempotent(IdempotentOption::by_header("x-id").ttl("1h"));
    assert_eq!((listener.options)(), expected);
    let needs = needs(listener.needs);
    assert_eq!(needs[0].0, "argument `_ledger` of `Billing.on_return` needs expansion::Ledger");
}

#[test]
fn a_method_answers_by_its_options_or_by_what_it_returns() {
    let block = inventory::iter::<ListenersSpec>
        .into_iter()
        .find(|block| (block.type_id)() == TypeId::of::<Pricing>())
        .expect("the block is registered");
    assert_eq!((block.options)(), ListenerOptions::new().wire("spring"));
    let options: Vec<_> = block.listeners.iter().map(|listener| (listener.options)()).collect();
    assert_eq!(
        options,
        [
            ListenerOptions::new().topic("prices").wire("nest").reply(true),
            ListenerOptions::new().topic("stock").reply(true),
            ListenerOptions::new().topic("orders").send_to("orders.priced").blocking(true).reply(true),
            ListenerOptions::new().topic("events"),
        ]
    );
}

#[test]
fn a_client_is_a_component_that_provides_its_trait() {
    let spec = component::<Calculator>();
    assert_eq!((spec.name, spec.eager, spec.location.line), ("Calculator", false, CLIENT_LINE));
    let [provision] = spec.provides else { panic!("one provision") };
    assert_eq!((provision.type_id)(), TypeId::of::<dyn Math>());
    let needs = needs(spec.needs);
    let texts: Vec<_> = needs.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "requests of `Calculator` needs millstream::requests::clusters::ClusterRequests",
            "requests of `Calculator` needs cluster audit",
            "producer of `Calculator` needs millstream::producer::producers::Producers",
            "producer of `Calculator` needs cluster audit",
            "settings of `Calculator` needs key kafka.clients.Math",
        ]
    );
    assert!(needs.iter().all(|(_, line)| *line == CLIENT_LINE));
}

#[test]
fn a_listener_needs_what_its_arguments_need() {
    let needs = needs(listener("on_order").needs);
    assert_eq!(
        needs,
        [
            ("argument `_ledger` of `Billing.on_order` needs expansion::Ledger".to_owned(), LISTENER_LINE + 4),
            ("argument `_rate` of `Billing.on_order` needs key billing.rate".to_owned(), LISTENER_LINE + 5),
        ]
    );
}

#[test]
fn a_generic_type_carries_its_listeners() {
    let block = Projector::<u64>::LISTENERS;
    assert_eq!((block.type_id)(), TypeId::of::<Projector<u64>>());
    assert_eq!(block.name, "Projector");
    let [listener] = block.listeners else { panic!("one listener") };
    assert_eq!((listener.options)(), ListenerOptions::new().topic("events"));
    assert_eq!(Projector(1_u8).0, 1);
}

#[test]
fn a_component_is_registered_with_what_it_provides() {
    let spec = component::<Ledger>();
    assert_eq!((spec.name, spec.eager), ("Ledger", true));
    let [provision] = spec.provides else { panic!("one provision") };
    assert_eq!((provision.type_id)(), TypeId::of::<dyn Clock>());
    assert_eq!(provision.name, "dyn Clock");
    let ledger: Arc<dyn std::any::Any + Send + Sync> = Arc::new(Ledger);
    let cast = (provision.cast)(&ledger).expect("it is a ledger");
    assert_eq!(cast.downcast_ref::<Arc<dyn Clock>>().expect("it is a clock").now(), 7);
    let own = (spec.cast)(&ledger).expect("it is a ledger");
    assert!(own.is::<Arc<Ledger>>());
    let other: Arc<dyn std::any::Any + Send + Sync> = Arc::new(Shelf);
    assert!((provision.cast)(&other).is_none());
    let texts: Vec<_> = needs(spec.needs).into_iter().map(|(text, _)| text).collect();
    assert_eq!(
        texts,
        ["argument `_url` of `Ledger` needs key ledger.url", "argument `_shelf` of `Ledger` needs expansion::Shelf",]
    );
    assert!(component::<Shelf>().shutdown.is_none());
}

#[tokio::test]
async fn shutdown_of_a_component_is_the_method() {
    let shutdown = component::<Ledger>().shutdown.expect("it has one");
    let error = shutdown(Arc::new(Ledger)).await.expect_err("it fails");
    assert_eq!(error.to_string(), "it was open");
}
