//! An application under test.

mod broker;
mod builder;
mod publish_error;
mod read_error;
mod reading;
mod settling;
mod stored;

pub use builder::TestAppBuilder;
pub use publish_error::{PublishError, PublishErrorKind};
pub use read_error::{ReadError, ReadErrorKind};
pub use stored::StoredMessage;

use crate::TestMessage;
use broker::Broker;
use millstream::{Events, Handle, RunError};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// An application under test: exactly the given consumers, on a broker inside the process.
///
/// It reads the configuration files of the package, but no `local.toml`, no environment variables and no
/// command line, and it discovers no consumers unless told to. Every test has its own broker, so that tests
/// run side by side. What starts at the end of a topic (`start = "latest"`) sees everything that is
/// published after [`start`](TestAppBuilder::start) returned.
///
/// ```
/// use millstream::prelude::*;
/// use millstream_test::TestApp;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Order {
///     cents: u64,
/// }
///
/// #[derive(Default)]
/// struct Totals {
///     cents: AtomicU64,
/// }
///
/// #[consumer]
/// struct Billing {
///     totals: Arc<Totals>,
/// }
///
/// #[consumer]
/// impl Billing {
///     #[kafka_listener("orders")]
///     async fn on_order(&self, Json(order): Json<Order>) {
///         self.totals.cents.fetch_add(order.cents, Ordering::Relaxed);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = TestApp::builder()
///     .consumers::<(Billing,)>()
///     .component(Totals::default())
///     .start()
///     .await?;
///
/// app.publish_json("orders", &Order { cents: 500 }).await?;
///
/// let totals = app.component::<Totals>().ok_or("no totals")?;
/// assert_eq!(totals.cents.load(Ordering::Relaxed), 500);
/// app.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestApp {
    handle: Handle,
    broker: Arc<Broker>,
    timeout: Duration,
}

/// Where a message was stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Published {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl TestApp {
    /// An application to be put together.
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::new()
    }

    pub(crate) fn new(handle: Handle, broker: Arc<Broker>, timeout: Duration) -> Self {
        Self { handle, broker, timeout }
    }

    /// Publishes a message and waits until every listener of the topic has settled it.
    ///
    /// A text or bytes are a payload; [`TestMessage`] says everything else. The topic is the one named here.
    /// A topic that does not exist is created.
    ///
    /// # Errors
    ///
    /// Nobody listens to the topic; a listener holds its partition at this message or an earlier one; the
    /// application ended; or the timeout is over, which is also what a listener with `auto_commit = false`
    /// comes to that does not commit.
    pub async fn publish(&self, topic: &str, message: impl Into<TestMessage>) -> Result<Published, PublishError> {
        let published = self.send(topic, message).await?;
        self.settled(&published).await?;
        Ok(published)
    }

    /// Like [`publish`](Self::publish), with a payload in JSON.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    ///
    /// # Panics
    ///
    /// If the value cannot be written as JSON.
    pub async fn publish_json<T: Serialize + ?Sized>(
        &self,
        topic: &str,
        payload: &T,
    ) -> Result<Published, PublishError> {
        self.publish(topic, TestMessage::json(payload)).await
    }

    /// Publishes a message without waiting for the listeners.
    ///
    /// # Errors
    ///
    /// The broker refused it.
    pub async fn send(&self, topic: &str, message: impl Into<TestMessage>) -> Result<Published, PublishError> {
        Broker::produce(&self.broker, topic, message.into()).await
    }

    /// Waits until every listener of the topic has settled a message that was [sent](Self::send).
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    pub async fn settled(&self, published: &Published) -> Result<(), PublishError> {
        settling::settled(&self.handle, published, self.timeout).await
    }

    /// Waits until a topic has at least so many messages, and reads all that it has then, ordered by partition and
    /// offset: what the application sent, its dead letters, and what the test published there itself. With 0 it
    /// does not wait; a topic that does not exist has none.
    ///
    /// The test's broker keeps the last 5 MiB of each partition. Reading is done by a client in no group of the
    /// application, and moves no position. Cancel safe.
    ///
    /// ```
    /// use millstream::prelude::*;
    /// use millstream::{OutgoingMessage, Producer};
    /// use millstream_test::TestApp;
    ///
    /// #[consumer]
    /// struct Billing {
    ///     producer: Arc<Producer>,
    /// }
    ///
    /// #[consumer]
    /// impl Billing {
    ///     #[kafka_listener("orders", retries = 0, on_failure = "dead_letter", dead_letter = "orders.dead")]
    ///     async fn on_order(&self, cents: &str) -> Result<()> {
    ///         let cents: u64 = cents.parse()?;
    ///         let invoice = OutgoingMessage::new("invoices").payload(format!("{cents} cents"));
    ///         self.producer.send(invoice).await?;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = TestApp::builder().consumers::<(Billing,)>().topic("invoices", 1).start().await?;
    /// app.publish("orders", "500").await?;
    /// app.publish("orders", "none").await?;
    ///
    /// let invoices = app.read("invoices", 1).await?;
    /// assert_eq!(invoices[0].text(), Some("500 cents"));
    /// let dead = app.read("orders.dead", 1).await?;
    /// assert_eq!(dead[0].text(), Some("none"));
    /// # app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The topic does not have as many messages within the [timeout](TestAppBuilder::timeout), or the broker does
    /// not answer.
    pub async fn read(&self, topic: &str, at_least: usize) -> Result<Vec<StoredMessage>, ReadError> {
        reading::read(self.broker.bootstrap(), topic, at_least, self.timeout).await
    }

    /// Creates a topic; 0 partitions means as many as topics of this application have.
    ///
    /// # Errors
    ///
    /// It exists, or its name cannot be one.
    pub fn create_topic(&self, topic: &str, partitions: i32) -> Result<(), PublishError> {
        self.broker.create_topic(topic, partitions)
    }

    /// The broker's address, for other clients of the test: `127.0.0.1:41234`.
    pub fn bootstrap(&self) -> String {
        self.broker.bootstrap()
    }

    /// The handle of the application: pause, resume, seek, skip.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// What happens from now on.
    pub fn events(&self) -> Events {
        self.handle.events()
    }

    /// The component of type `T`, as it is injected.
    pub fn component<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.handle.component::<T>()
    }

    /// Stops the application and waits until it has ended. A test that does not call it leaves that to the
    /// background, where failures to stop go unseen.
    ///
    /// # Errors
    ///
    /// Not everything ended in time, or the application had failed before.
    pub async fn shutdown(self) -> Result<(), RunError> {
        self.handle.shutdown().await
    }
}
