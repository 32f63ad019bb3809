//! How a test is written once and run on both brokers, never longer than its deadline.

use std::any::Any;
use std::env;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt as _;

use crate::Broker;
use crate::waiting::{CURRENT_WAIT, CurrentWait, lock};

/// How long a test may take unless it says `within(seconds)`.
pub const DEFAULT_DEADLINE_SECONDS: u64 = 120;

/// How long a test that was told to end may take for it, before its thread is given up.
const FAREWELL: Duration = Duration::from_secs(15);

type Ending = Result<(), Box<dyn Any + Send>>;

/// Runs a test on a new embedded broker; used by [`both_brokers!`](crate::both_brokers).
pub fn run_on_embedded<Test>(seconds: u64, test: Test)
where
    Test: AsyncFnOnce(&Broker) + Send + 'static,
{
    run(seconds, async move || {
        let broker = Broker::embedded();
        test(&broker).await;
    });
}

/// Runs a test on the broker of `MILLSTREAM_TEST_BROKERS`. Without one the test is skipped and says so, unless
/// `MILLSTREAM_TEST_REQUIRE=real`, which makes the lack a failure.
pub fn run_on_real<Test>(seconds: u64, test: Test)
where
    Test: AsyncFnOnce(&Broker) + Send + 'static,
{
    let Some(broker) = Broker::real() else {
        assert!(
            !real_is_required(),
            "MILLSTREAM_TEST_BROKERS is not set, and MILLSTREAM_TEST_REQUIRE=real asks for a real broker; \
             start one with scripts/kafka start"
        );
        eprintln!("skipped: MILLSTREAM_TEST_BROKERS names no real broker (scripts/kafka start prints one)");
        return;
    };
    run(seconds, async move || test(&broker).await);
}

/// Runs a test that starts clusters of its own ([`OwnKafka`](crate::OwnKafka)). It is skipped, and says so, where real
/// brokers are not wanted: neither `MILLSTREAM_TEST_BROKERS` nor `MILLSTREAM_TEST_REQUIRE=real` is set.
pub fn run_on_own_kafka<Test>(seconds: u64, test: Test)
where
    Test: AsyncFnOnce() + Send + 'static,
{
    if Broker::real().is_none() && !real_is_required() {
        eprintln!("skipped: MILLSTREAM_TEST_REQUIRE=real asks for tests that start a real broker");
        return;
    }
    run(seconds, test);
}

fn real_is_required() -> bool {
    env::var("MILLSTREAM_TEST_REQUIRE").is_ok_and(|required| required == "real")
}

/// Runs a test that needs no broker.
pub fn run_without_broker<Test>(seconds: u64, test: Test)
where
    Test: AsyncFnOnce() + Send + 'static,
{
    run(seconds, test);
}

/// Runs a test on a thread and a runtime of its own. At the deadline its future is dropped, which ends its child
/// processes; a test that blocks its thread does not notice and is given up a little later.
fn run<Test>(seconds: u64, test: Test)
where
    Test: AsyncFnOnce() + Send + 'static,
{
    let deadline = Duration::from_secs(seconds);
    let waits = CurrentWait::default();
    let (sender, receiver) = mpsc::channel::<Ending>();
    let name = thread::current().name().unwrap_or("test").to_owned();
    let waits_of_test = Arc::clone(&waits);
    let spawned = thread::Builder::new().name(name).spawn(move || {
        let ending = std::panic::catch_unwind(AssertUnwindSafe(|| run_here(deadline, &waits_of_test, test)));
        // Nobody listens any more once the test was given up.
        drop(sender.send(ending.and_then(|ending| ending)));
    });
    spawned.unwrap_or_else(|error| panic!("no thread for the test: {error}"));
    match receiver.recv_timeout(deadline + FAREWELL) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => resume_unwind(panic),
        Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => panic!(
            "the test blocks its thread and did not end after {} s; {}",
            (deadline + FAREWELL).as_secs(),
            describe(&waits)
        ),
    }
}

fn run_here<Test>(deadline: Duration, waits: &CurrentWait, test: Test) -> Ending
where
    Test: AsyncFnOnce(),
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap_or_else(|error| panic!("no runtime for the test: {error}"));
    let ending = runtime.block_on(async {
        let body = CURRENT_WAIT.scope(Arc::clone(waits), test());
        let body = AssertUnwindSafe(body).catch_unwind();
        tokio::pin!(body);
        let ending = tokio::time::timeout(deadline, &mut body).await;
        ending.unwrap_or_else(|_elapsed| {
            panic!("the test did not end after {} s; {}", deadline.as_secs(), describe(waits))
        })
    });
    runtime.shutdown_timeout(Duration::from_secs(5));
    ending
}

fn describe(waits: &CurrentWait) -> String {
    let waits = lock(waits);
    if waits.is_empty() {
        "it waits for nothing that the harness knows of".to_owned()
    } else {
        format!("it waits until {}", waits.join(", within which it waits until "))
    }
}

/// Writes tests once and runs each on the embedded broker and on a real one.
///
/// Every `async fn name(broker: &Broker) { .. }` becomes two tests, `name::on_the_embedded_broker` and
/// `name::on_the_real_broker`. `within(seconds)` before `async` allows more or less than the two minutes that a test
/// may take.
#[macro_export]
macro_rules! both_brokers {
    ($($(#[$meta:meta])* $(within($seconds:literal))? async fn $name:ident($broker:ident: &Broker) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn behaviour($broker: &$crate::Broker) $body

            #[test]
            fn on_the_embedded_broker() {
                $crate::run_on_embedded($crate::deadline!($($seconds)?), behaviour);
            }

            #[test]
            fn on_the_real_broker() {
                $crate::run_on_real($crate::deadline!($($seconds)?), behaviour);
            }
        }
    )*};
}

/// Writes tests that only a real broker can pass; each `async fn name(broker: &Broker)` becomes
/// `name::on_the_real_broker`. A test that starts a cluster of its own takes no argument.
#[macro_export]
macro_rules! real_broker {
    () => {};
    ($(#[$meta:meta])* $(within($seconds:literal))? async fn $name:ident() $body:block $($rest:tt)*) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn on_the_real_broker() {
                $crate::run_on_own_kafka($crate::deadline!($($seconds)?), async || $body);
            }
        }
        $crate::real_broker! { $($rest)* }
    };
    ($(#[$meta:meta])* $(within($seconds:literal))? async fn $name:ident($broker:ident: &Broker) $body:block $($rest:tt)*) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn behaviour($broker: &$crate::Broker) $body

            #[test]
            fn on_the_real_broker() {
                $crate::run_on_real($crate::deadline!($($seconds)?), behaviour);
            }
        }
        $crate::real_broker! { $($rest)* }
    };
}

/// Writes tests for the embedded broker alone; each `async fn name(broker: &Broker)` becomes
/// `name::on_the_embedded_broker`.
#[macro_export]
macro_rules! embedded_broker {
    ($($(#[$meta:meta])* $(within($seconds:literal))? async fn $name:ident($broker:ident: &Broker) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn behaviour($broker: &$crate::Broker) $body

            #[test]
            fn on_the_embedded_broker() {
                $crate::run_on_embedded($crate::deadline!($($seconds)?), behaviour);
            }
        }
    )*};
}

#[doc(hidden)]
#[macro_export]
macro_rules! deadline {
    () => {
        $crate::DEFAULT_DEADLINE_SECONDS
    };
    ($seconds:literal) => {
        $seconds
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait_until;

    #[test]
    #[should_panic(expected = "it waits until pigs fly")]
    fn a_test_past_its_deadline_says_what_it_waits_for() {
        run_without_broker(0, async || wait_until("pigs fly", async || false).await);
    }

    #[test]
    #[should_panic(expected = "two are not three")]
    fn a_failed_assertion_of_the_body_fails_the_test() {
        run_without_broker(5, async || panic!("two are not three"));
    }
}
