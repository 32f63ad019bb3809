//! The engine as the application sees it; tests put another in its place.

use super::handle_error::HandleError;
use super::run_error::RunError;
use super::start_error::StartError;
use super::status::ListenerStatus;
use crate::context::Attributes;
use crate::engine::Clusters;
use crate::events::Event;
use crate::plan::Plan;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Some partitions of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartitionChoice<'a> {
    pub(crate) topic: Option<&'a str>,
    pub(crate) partition: Option<i32>,
}

/// A running engine.
pub(crate) trait EnginePort: Send + Sync + fmt::Debug + 'static {
    fn ready(&self) -> Answer<'_, Result<(), RunError>>;
    /// What has no partitions yet: `group billing on cluster default`.
    fn not_ready(&self) -> Vec<String>;
    fn failed(&self) -> Answer<'_, RunError>;
    fn listeners(&self) -> Vec<ListenerStatus>;
    fn events(&self) -> broadcast::Receiver<Event>;
    fn pause(&self, listener: &str, choice: PartitionChoice<'_>, reason: &str) -> Result<(), HandleError>;
    fn resume(&self, listener: &str, choice: PartitionChoice<'_>) -> Result<(), HandleError>;
    fn seek(&self, listener: &str, topic: &str, partition: i32, offset: i64) -> Result<(), HandleError>;
    fn skip(&self, listener: &str, topic: &str, partition: i32, offset: i64, reason: &str) -> Result<(), HandleError>;
    /// Whether everything was settled or given up in an orderly way within the deadline.
    fn shutdown(&self, deadline: Duration) -> Answer<'_, bool>;
}

/// Starts an engine.
pub(crate) type EngineStarter = Arc<
    dyn Fn(Plan, Arc<Attributes>, Arc<Clusters>) -> Answer<'static, Result<Arc<dyn EnginePort>, StartError>>
        + Send
        + Sync,
>;
