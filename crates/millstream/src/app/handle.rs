//! The handle of a running application.

use super::engine_port::{EnginePort, PartitionChoice};
use super::event_stream::Events;
use super::handle_error::HandleError;
use super::partitions::Partitions;
use super::run_error::RunError;
use super::shared::{Guard, Phase, Shared};
use super::status::ListenerStatus;
use std::any::TypeId;
use std::sync::Arc;

/// A running application: ask it how it is, hold and move its listeners, stop it.
///
/// Clones are the same application. Dropping the last one asks the application to stop, as
/// [`shutdown`](Self::shutdown) does, without waiting for it: keep a handle as long as the application is to
/// run. Several applications in one process know nothing of each other.
///
/// ```no_run
/// # async fn example() -> Result<(), millstream::RunError> {
/// let handle = millstream::App::new()?.start().await?;
/// handle.ready().await?;
/// for listener in handle.listeners() {
///     println!("{} reads {} partitions", listener.id, listener.partitions.len());
/// }
/// handle.shutdown().await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    _guard: Arc<Guard>,
}

impl Handle {
    pub(crate) fn new(shared: Arc<Shared>, guard: Arc<Guard>) -> Self {
        Self { shared, _guard: guard }
    }

    /// Waits until every subscription has been given its partitions (none is fine, when the group has more
    /// members than partitions) and reads them.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// The error with which the application ended before that; [`RunErrorKind::Ended`](crate::RunErrorKind)
    /// if it was stopped.
    pub async fn ready(&self) -> Result<(), RunError> {
        match self.wait_for(|phase| matches!(phase, Phase::Ready | Phase::Ended(_))).await {
            Phase::Ready => Ok(()),
            Phase::Ended(Err(error)) => Err(error),
            Phase::Ended(Ok(())) | Phase::Starting | Phase::Running => Err(RunError::ended()),
        }
    }

    /// Waits until the application has ended, whoever asked for it, and tells how.
    ///
    /// Cancel safe; it does not stop the application.
    pub async fn ended(&self) -> Result<(), RunError> {
        match self.wait_for(|phase| matches!(phase, Phase::Ended(_))).await {
            Phase::Ended(outcome) => outcome,
            Phase::Starting | Phase::Running | Phase::Ready => Err(RunError::ended()),
        }
    }

    /// Stops the application and waits until it has ended: no message is pulled any more, running handlers
    /// get `drain_timeout` to end, what they settled is committed, groups are left, `on_stop` hooks run,
    /// components are ended in the reverse order of building.
    ///
    /// Asking twice is the same as asking once. Cancel safe: dropping the future does not take the request
    /// back.
    ///
    /// # Errors
    /// [`RunErrorKind::DrainDeadline`](crate::RunErrorKind) if not everything ended in time, or the error with
    /// which the application had ended before.
    pub async fn shutdown(&self) -> Result<(), RunError> {
        self.request_shutdown();
        self.ended().await
    }

    /// Asks the application to stop, without waiting.
    pub fn request_shutdown(&self) {
        self.shared.stop.cancel();
    }

    /// Whether the application was asked to stop, or stops by itself.
    pub fn is_stopping(&self) -> bool {
        self.shared.stop.is_cancelled()
    }

    /// Waits until the application was asked to stop, or stops by itself: for servers beside the listeners.
    ///
    /// Cancel safe.
    pub async fn stopping(&self) {
        self.shared.stop.cancelled().await;
    }

    /// The listeners and what each reads in this process now, in the order of their source; empty before they
    /// start.
    pub fn listeners(&self) -> Vec<ListenerStatus> {
        self.shared.engine.get().map(|engine| engine.listeners()).unwrap_or_default()
    }

    /// What happens from now on. In an `on_start` hook: what happens from the start on.
    pub fn events(&self) -> Events {
        Events::new(Arc::clone(&self.shared))
    }

    /// The component of type `T`, as it is injected: `handle.component::<Ledger>()`,
    /// `handle.component::<dyn Clock>()`.
    ///
    /// `None` if there is none, or if nothing reaches it, so that it was not built;
    /// [`AppBuilder::require`](crate::AppBuilder::require) reaches it.
    pub fn component<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.shared.components.get()?.get(&TypeId::of::<T>())?.downcast_ref::<Arc<T>>().cloned()
    }

    /// Holds partitions of a listener: running handlers end, nothing new is handled, other listeners go on.
    /// The listener is not ready until they are resumed. With `..` the partitions that are assigned later are
    /// held as well.
    ///
    /// ```no_run
    /// # fn example(handle: &millstream::Handle) -> Result<(), millstream::HandleError> {
    /// handle.pause("Billing.on_order", .., "the database is being moved")?;
    /// handle.pause("Billing.on_order", "orders", "the database is being moved")?;
    /// handle.pause("Billing.on_order", ("orders", 3), "a customer is being moved")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no such listener, or it does not read such a partition in this process.
    pub fn pause<'a>(
        &self,
        listener: &str,
        partitions: impl Into<Partitions<'a>>,
        reason: &str,
    ) -> Result<(), HandleError> {
        self.engine()?.pause(listener, choice(partitions.into()), reason)
    }

    /// Lets held partitions of a listener go on, with the message they stand at.
    ///
    /// # Errors
    /// There is no such listener, or it does not read such a partition in this process.
    pub fn resume<'a>(&self, listener: &str, partitions: impl Into<Partitions<'a>>) -> Result<(), HandleError> {
        self.engine()?.resume(listener, choice(partitions.into()))
    }

    /// Makes the listener go on with another offset of a partition, earlier or later. Messages in between
    /// are handled again, or never.
    ///
    /// # Errors
    /// There is no such listener, it does not read the partition in this process, or the offset is negative.
    pub fn seek(&self, listener: &str, topic: &str, partition: i32, offset: i64) -> Result<(), HandleError> {
        self.engine()?.seek(listener, topic, partition, offset)
    }

    /// Settles one message without handling it, and resumes its partition if it stood there. Who did it and
    /// why, as `reason` says it, is logged.
    ///
    /// # Errors
    /// There is no such listener, it does not read the partition in this process, or the message was settled
    /// before.
    pub fn skip(
        &self,
        listener: &str,
        topic: &str,
        partition: i32,
        offset: i64,
        reason: &str,
    ) -> Result<(), HandleError> {
        self.engine()?.skip(listener, topic, partition, offset, reason)
    }

    fn engine(&self) -> Result<&Arc<dyn EnginePort>, HandleError> {
        if matches!(&*self.shared.phase.borrow(), Phase::Ended(_)) {
            return Err(HandleError::not_running());
        }
        self.shared.engine.get().ok_or_else(HandleError::not_running)
    }

    async fn wait_for(&self, reached: impl FnMut(&Phase) -> bool) -> Phase {
        let mut phases = self.shared.phase.subscribe();
        match phases.wait_for(reached).await {
            Ok(phase) => phase.clone(),
            Err(_) => Phase::Ended(Err(RunError::ended())),
        }
    }
}

fn choice(partitions: Partitions<'_>) -> PartitionChoice<'_> {
    match partitions {
        Partitions::All => PartitionChoice { topic: None, partition: None },
        Partitions::Topic(topic) => PartitionChoice { topic: Some(topic), partition: None },
        Partitions::One(topic, partition) => PartitionChoice { topic: Some(topic), partition: Some(partition) },
    }
}
