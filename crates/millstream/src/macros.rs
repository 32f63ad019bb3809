//! The attributes, and what they mean. The code behind them is in the crate `millstream-macros`; its pages
//! show what stands here.

/// Says how a consumer is built, or what it listens to.
///
/// # On a struct
///
/// The framework builds the one value of the struct when the application starts. Every field is injected:
///
/// | field | value |
/// |---|---|
/// | `ledger: Arc<Ledger>` | the component of that type; `Arc<dyn Trait>` one that is provided as the trait; `Option<Arc<T>>` for one that may be absent |
/// | `#[config("billing.currency")] currency: String` | the configuration's value at that key, any type that `serde` can deserialise; `Option<T>` for a key that may be absent |
/// | `#[default] seen: AtomicU64` | what the type's `Default` says |
///
/// What is lacking is a start error on the field's line. A generic struct cannot be built by the framework:
/// bind a value with [`AppBuilder::generic_consumer`](crate::AppBuilder::generic_consumer), and put
/// `#[consumer]` on the impl block only.
///
/// # On an impl block
///
/// The methods with [`#[kafka_listener]`](macro@kafka_listener) become listeners. A type may have any number of such blocks; a
/// generic type may have one. With the impl block alone, the value is bound by hand with
/// [`AppBuilder::consumer`](crate::AppBuilder::consumer). The value is shared by all its listeners and all
/// threads, so it must be `Send + Sync + 'static`, and the listeners take `&self`.
///
/// # Options
///
/// All but `crate` are defaults for the listeners: of the type if given on the struct, of the block if given
/// on the impl block. Those of [`#[kafka_listener]`](macro@kafka_listener) are all possible, but for topics,
/// `pattern`, `id`, `batch`, `blocking`, `idempotent`, `reply` and `send_to`.
/// `crate = toolbox::millstream` says where the runtime is found when it comes by a re-export.
///
/// # Example
///
/// ```
/// use millstream::{Context, Json, consumer};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// #[derive(serde::Deserialize)]
/// struct Order { cents: u64 }
///
/// /// Sums up what was ordered.
/// #[consumer(group_id = "turnover")]
/// struct Turnover {
///     #[config("turnover.currency")]
///     currency: String,
///     #[default]
///     cents: AtomicU64,
/// }
///
/// #[consumer]
/// impl Turnover {
///     #[kafka_listener("orders", from_beginning = true)]
///     async fn on_order(&self, Json(order): Json<Order>) {
///         let cents = self.cents.fetch_add(order.cents, Ordering::Relaxed) + order.cents;
///         println!("{cents} {}", self.currency);
///     }
/// }
/// # fn main() {}
/// ```
pub use millstream_macros::consumer;

/// Makes a method a listener: it is called for every message of its topics.
///
/// It stands on an `async fn` that takes `&self`, or with the option `blocking` on a plain one, in an impl block with [`#[consumer]`](macro@consumer).
/// `#[kafka_listener("orders", "refunds", option = value)]`: topics first, then options. Every string is a
/// literal or a path to a `&'static str`, every number or truth a literal or a path to a constant; literals
/// are checked by the compiler, constants at start.
///
/// # Arguments
///
/// They are extractors, in any order: [`&Context`](crate::Context), [`Json<T>`](crate::Json), `&str`,
/// `String`, `&[u8]`, [`Bytes`](crate::Bytes), [`Key<T>`](crate::Key), [`Headers`](crate::Headers),
/// [`Inject<T>`](crate::Inject) and more, `Option` and `Result` of each, and every type that implements
/// [`FromMessage`](crate::FromMessage). `#[header("trace-id")] id: Option<&str>` reads one header (the type
/// implements [`FromHeader`](crate::FromHeader)), `#[config("billing.limit")] limit: Config<u32>` a value of
/// the configuration. What cannot be taken from a message is a failure of that message, without a retry.
///
/// # Result
///
/// `()`, or a `Result<(), E>` whose error converts into [`millstream::Error`](crate::Error), as every error
/// does. The method stays what it is and can be called directly, for instance in a test. When it is stopped
/// by its `timeout` or because the partition was taken away, its future is dropped at an `.await`.
///
/// # Answers
///
/// With `reply` the method's result is sent to who asked: a request names a topic and a correlation id in its headers. What
/// has none is an event, and its result is dropped. With `send_to` every result goes to that topic, and there has to be one.
/// Such a method returns a `Result<T, E>` whose value is written as [`IntoBody`](crate::IntoBody) says, or a
/// `Result<Reply<T>, E>` for a key, headers, several values or a refusal; a [`Reply`](crate::Reply) says by itself that the
/// method answers. A message is settled once the broker has its last answer; an error is answered where the failure policy
/// ends.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `pattern = "orders-.*"` | a regular expression in place of topics: it must match the whole name |
/// | `group_id = "billing"` | the consumer group |
/// | `id = "orders"` | the listener's id in configuration and logs, in place of `Type.method` |
/// | `cluster = "audit"` | one of `[kafka.clusters]` |
/// | `enabled = false` | it does not listen, unless the configuration says so |
/// | `start = "latest"` | where a group without a position starts: `"latest"` (default), `"earliest"` or a timestamp |
/// | `from_beginning = true` | the same as `start = "earliest"` |
/// | `auto_commit = false` | nothing is committed but by [`Context::commit`](crate::Context::commit) |
/// | `commit_interval = "1s"` | the longest time between commits |
/// | `concurrency = 8` | how many of its handlers run at once in this process |
/// | `order_by = "partition"` | what is handled one after the other: messages of a `"partition"` (default), of a `"key"`, or `"none"` |
/// | `rate = "500/s"` | how many messages begin in a time, at most, in this process; also `"100/m"`, `"20/250ms"` |
/// | `batch = { max = 500, wait = "200ms", min = 1, bytes = "4MiB", across_partitions = true }` | the method takes several messages at once; `batch = 500` is short for the largest number |
/// | `blocking` | the method is a plain `fn` that may block; it runs on threads for that, and nothing can stop it |
/// | `idempotent(key = "order.id", ttl = "24h", lease = "5m", store = "orders")` | messages whose key was handled before are settled without being handled; the key is a field of the JSON payload, `header("x-id")`, `message_key`, or what a function makes of the [`Context`](crate::Context): `with(order_key)` |
/// | `layers(Audit, "log-outcomes")` | what goes around the method, by type or by name, the first outermost; `layers()` for none |
/// | `timeout = "30s"` | after how long a handler is stopped; the message has then failed |
/// | `retries = 3` | how often a failed message is tried again; `"forever"` |
/// | `backoff = "1s"` | the wait before a retry, or all about it: `{ initial = "1s", max = "1m", factor = 2.0, jitter = 0.2 }` |
/// | `deadline = "10m"` | after how long since the first attempt no other begins |
/// | `retry_on(std::io::Error, Timeout)` | only errors of these types, or with such a cause, are tried again |
/// | `terminal(Declined)` | errors of these types, or with such a cause, are not tried again |
/// | `retry_topics = ["5s", "1m", "10m"]` | topics in which a message that still fails waits for its next attempts, one for each delay |
/// | `reorder = true` | needed for `retry_topics` where `order_by` keeps an order: others overtake what waits there |
/// | `on_failure = "pause"` | what follows the last retry: `"pause"` (default), `"stop"`, `"skip"` or `"dead_letter"` |
/// | `dead_letter = { topic = "orders.dead", spring_headers = true }` | where dead letters go; `{topic}`, `{group_id}` and `{listener}` in the name are replaced; a text alone is the topic |
/// | `max_crashes = 3` | after how many deaths of the process a message that was in hand counts as failed; 0 counts none |
/// | `accept_loss = true` | needed for `on_failure = "skip"`: the message is lost |
/// | `on_lost_position = "nearest"` | where to go when the position no longer exists: `"nearest"` (default), `"latest"` or `"pause"` |
/// | `window = 1000` | how many messages of a partition it may have under way, and others of its group be ahead of it |
/// | `window_bytes = "16MiB"` | the same in bytes |
/// | `reply` or `reply = true` | what the method returns is sent to who asked |
/// | `send_to = "orders.priced"` | what it returns goes to this topic, whatever the message's headers say |
/// | `wire = "auto"` | whose conventions answers follow: `"nest"`, `"spring"`, or `"auto"` (default), by the headers of each request |
/// | `crate = path` | where the runtime is found; usually given to `#[consumer]` |
///
/// The configuration wins over all of them but those that are a contract with the method's code: `auto_commit`,
/// `batch`, `blocking`, `idempotent`, `reply`, `retry_on` and `terminal`. Durations have a unit: `ns`, `us`, `ms`, `s`, `m`,
/// `h`, `d`; sizes too: `B`, `KiB`, `MiB`, `GiB`, `kB`, `MB`, `GB`.
///
/// # Conditions
///
/// `#[cfg(..)]` on the method holds for its registration too, so that one name may exist twice under
/// different conditions. A `#[cfg_attr(.., kafka_listener(..))]` is an error: `#[consumer]` cannot see it.
///
/// # Example
///
/// ```
/// use millstream::{Context, Json, Key, Result, consumer};
///
/// mod topics {
///     pub const REFUNDS: &str = "refunds";
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Refund<'a> { reason: &'a str, cents: u64 }
///
/// struct Billing;
///
/// #[consumer]
/// impl Billing {
///     #[kafka_listener(topics::REFUNDS, auto_commit = false, retries = 5, backoff = "1s")]
///     async fn on_refund(
///         &self,
///         Json(refund): Json<Refund<'_>>,
///         key: Option<Key<&str>>,
///         #[header("trace-id")] trace: Option<&str>,
///         ctx: &Context,
///     ) -> Result<()> {
///         println!("{trace:?} {}: {} ({})", ctx.offset(), refund.cents, refund.reason);
///         ctx.commit().await?;
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
pub use millstream_macros::kafka_listener;

/// Makes a type a component: the application builds one value of it and injects it by its type.
///
/// # On a struct
///
/// When the value is made of injected fields only: they are those of a [`#[consumer]`](macro@consumer) struct.
///
/// # On an impl block
///
/// The constructor is `init`, async or not, returning `Self` or a `Result<Self, E>` whose error converts
/// into [`millstream::Error`](crate::Error); an error ends the start. Its arguments are injected:
/// `clock: Arc<dyn Clock>` another component, `#[config("billing.database")] url: String` a value of the
/// configuration. If there is a method `shutdown(&self)`, returning `()` or a `Result<(), E>`, it is called at
/// the end of the application, in the reverse order of building. Other methods are left alone.
///
/// A component is built only if something reaches it, and after everything that it needs; a cycle, or a lack,
/// is a start error that names the places.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `provides = dyn Clock` | it is injected as `Arc<dyn Clock>` too; repeatable, also `provides = [dyn Clock, dyn Calendar]` |
/// | `eager` or `eager = true` | it is built although nothing reaches it |
/// | `crate = path` | where the runtime is found |
///
/// # Example
///
/// ```
/// use millstream::{Result, component};
/// use std::sync::Arc;
///
/// trait Clock: Send + Sync {
///     fn now(&self) -> u64;
/// }
///
/// #[component(provides = dyn Clock)]
/// struct Stopped {
///     #[config("clock.stopped_at")]
///     at: u64,
/// }
///
/// impl Clock for Stopped {
///     fn now(&self) -> u64 {
///         self.at
///     }
/// }
///
/// struct Ledger {
///     url: String,
///     clock: Arc<dyn Clock>,
/// }
///
/// #[component]
/// impl Ledger {
///     async fn init(#[config("billing.database")] url: String, clock: Arc<dyn Clock>) -> Result<Self> {
///         Ok(Self { url, clock })
///     }
///
///     async fn shutdown(&self) -> Result<()> {
///         println!("{} closed at {}", self.url, self.clock.now());
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
pub use millstream_macros::component;

/// Makes a client of a trait: its methods ask other services through Kafka, or send events.
///
/// # On a trait
///
/// Beside the trait `Math` there is a type `MathClient` that implements it. It is a component: injected as
/// `Arc<MathClient>`, and as `Arc<dyn Math>`, in whose place a test gives a fake with
/// [`AppBuilder::provide`](crate::AppBuilder::provide). By hand it is made with `MathClient::new(requests, producer)`.
///
/// The trait itself stays usable behind a pointer: an `async fn` becomes one that returns a boxed `Send` future, an
/// `impl Stream<Item = ..>` a boxed `Send` stream, both living as long as what the method borrows; `Send + Sync +
/// 'static` are required of who implements it. Dropping the future, or the stream, forgets the request; the service
/// may handle it all the same.
///
/// # Methods
///
/// | method | sends |
/// |---|---|
/// | `#[request("math.sum")] async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>` | a request, and waits for its reply |
/// | `#[request("math.steps", stream)] fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>>` | a request with any number of replies; it is sent when the stream is first polled |
/// | `#[emit("user.created", key = id)] async fn user_created(&self, id: &str, user: &User) -> Result<(), SendError>` | an event, and waits until it is written |
/// | `async fn average(&self, numbers: &[i64]) -> Result<i64, RequestError> { .. }` | what its body says |
///
/// Topics are literals or paths to constants. Replies are read as [`FromBody`](crate::FromBody) says, or taken whole as
/// a [`Response`](crate::Response); an event may return its [`Delivery`](crate::Delivery). In place of
/// [`RequestError`](crate::RequestError) and [`SendError`](crate::SendError) every error can stand that is made of them
/// by `From`.
///
/// # Arguments
///
/// By reference or by value; they are written when the method is called, and nothing of them is kept.
///
/// | argument | becomes |
/// |---|---|
/// | the one that `key = id` names | the key; anything that implements [`IntoPayload`](crate::IntoPayload) |
/// | `#[header("trace-id")] trace: &str` | a header, with such a value too; a `None` is left out |
/// | one other | the body, written as [`IntoBody`](crate::IntoBody) says; without one the payload is null |
///
/// # Options
///
/// | option | of | meaning |
/// |---|---|---|
/// | `wire = "nest"` | trait, request | whose conventions requests follow: `"nest"` (default) or `"spring"`; a constant is a [`Wire`](crate::Wire) |
/// | `timeout = "5s"` | trait, request | how long a reply may take, and of a stream each value; a constant is a [`Duration`](std::time::Duration). Without it `[kafka.requests] timeout` holds |
/// | `reply_topic = "math.replies"` | trait, request | where replies are read, in place of the request's topic with `.reply` behind it |
/// | `key = id` | request, event | the argument that is the key |
/// | `stream` | request | there are several replies |
/// | `cluster = "audit"` | trait | one of `[kafka.clusters]` |
/// | `name = Calculator` | trait | what the client is called, in place of the trait's name with `Client` behind it |
/// | `crate = path` | trait | where the runtime is found |
///
/// `[kafka.clients.Math]` takes `timeout` and `reply_topic`; they go before those of the trait's attribute, and those of
/// a method's go before them.
///
/// # On an impl block
///
/// `#[kafka_client] impl Math for FakeMath` lets methods be written as in the trait, `async fn` and `impl Stream`.
///
/// # Example
///
/// ```
/// use millstream::prelude::*;
///
/// #[derive(serde::Serialize)]
/// struct User { name: String }
///
/// #[kafka_client(wire = "nest", timeout = "5s")]
/// trait Math {
///     #[request("math.sum")]
///     async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError>;
///
///     #[request("math.steps", stream)]
///     fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>>;
///
///     #[emit("user.created", key = id)]
///     async fn user_created(&self, id: &str, user: &User) -> Result<(), SendError>;
/// }
///
/// /// Asks for what it cannot do itself.
/// #[component]
/// struct Invoices { math: Arc<dyn Math> }
///
/// impl Invoices {
///     async fn total(&self, cents: &[i64]) -> Result<i64, RequestError> {
///         self.math.sum(cents).await
///     }
/// }
///
/// /// What a test gives in place of the client.
/// struct FakeMath;
///
/// #[kafka_client]
/// impl Math for FakeMath {
///     async fn sum(&self, numbers: &[i64]) -> Result<i64, RequestError> {
///         Ok(numbers.iter().sum())
///     }
///
///     fn steps(&self, n: u32) -> impl Stream<Item = Result<i64, RequestError>> {
///         futures_util::stream::iter((0..i64::from(n)).map(Ok))
///     }
///
///     async fn user_created(&self, _id: &str, _user: &User) -> Result<(), SendError> {
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let invoices = Invoices { math: Arc::new(FakeMath) };
/// assert_eq!(invoices.total(&[1, 2, 3]).await.unwrap(), 6);
/// # }
/// ```
pub use millstream_macros::kafka_client;

/// Runs `async fn main` on a tokio runtime, and turns its result into the exit code of the process.
///
/// 0 after a clean end, 1 for a failure while running, 2 for a mistake in the configuration or the start, 3
/// when the drain deadline or a second signal ended it. The error's report goes to the standard error output.
/// `main` takes no arguments and returns `()`, `Result<(), RunError>`, `Result<(), StartError>` or another
/// result that can be reported.
///
/// | option | meaning |
/// |---|---|
/// | `worker_threads = 4` | threads of the runtime; as many as cores by default |
/// | `flavor = "current_thread"` | everything on one thread; `"multi_thread"` is the default |
/// | `crate = path` | where the runtime is found |
///
/// ```no_run
/// use millstream::{App, RunError};
///
/// #[millstream::main]
/// async fn main() -> Result<(), RunError> {
///     App::from_args()?.run().await
/// }
/// ```
pub use millstream_macros::main;
