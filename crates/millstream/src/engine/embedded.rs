//! The broker inside the process: started with the topics that listeners name, filled from files, and
//! reachable for others on a fixed port.

use crate::app::{StartError, StartErrorKind};
use crate::plan::{EmbeddedPlan, SeedPlan};
use millstream_native::NativeError;
use millstream_native::embedded::{EmbeddedCluster, EmbeddedOptions, EmbeddedRecord};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How long filling the topics may take.
const FILLING: Duration = Duration::from_secs(60);
/// What the embedded broker keeps of a partition, in bytes.
const KEPT: usize = 5 << 20;

/// A running embedded broker; dropping it ends it, unless it was given and others have it too.
pub(crate) struct Embedded {
    cluster: Option<Arc<EmbeddedCluster>>,
    /// Dropping it ends the forwarder and its connections.
    forwarder: Option<oneshot::Sender<()>>,
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.forwarder.take());
        drop(self.cluster.take());
    }
}

impl Embedded {
    pub(super) async fn start(
        name: &str,
        plan: EmbeddedPlan,
        topics: Vec<(Arc<str>, i32)>,
    ) -> Result<Self, StartError> {
        let failed = |what: String| {
            StartError::new(StartErrorKind::Cluster, format!("the embedded broker of cluster {name}: {what}"))
        };
        let listener = match plan.port {
            Some(port) => Some(std::net::TcpListener::bind(("127.0.0.1", port)).map_err(|error| {
                failed(format!(
                    "port {port} cannot be used: {error}; set `[kafka.embedded] port` to a free one, or leave it out"
                ))
            })?),
            None => None,
        };
        let port = plan.port;
        let started = tokio::task::spawn_blocking(move || start(&plan, &topics))
            .await
            .map_err(|error| failed(error.to_string()))?;
        let cluster = started.map_err(failed)?;
        let target = cluster.bootstrap();
        let mut forwarder = None;
        if let (Some(listener), Some(port)) = (listener, port) {
            forwarder = Some(forward_on_a_thread(listener, target.clone()).map_err(|error| failed(error.to_string()))?);
            cluster.advertise(1, "127.0.0.1", port).map_err(|error| failed(error.to_string()))?;
        }
        tracing::info!(
            cluster = name,
            brokers = port.map_or(target, |port| format!("127.0.0.1:{port}")),
            "an embedded broker runs in this process, for development: it keeps messages in memory, the last 5 MiB of each partition, and has no transactions"
        );
        Ok(Self { cluster: Some(Arc::new(cluster)), forwarder })
    }

    /// One that runs already.
    pub(super) fn given(cluster: Arc<EmbeddedCluster>) -> Self {
        Self { cluster: Some(cluster), forwarder: None }
    }

    /// Creates a topic.
    pub(crate) fn create_topic(&self, topic: &str, partitions: i32) -> Result<(), NativeError> {
        self.cluster.as_ref().map_or(Ok(()), |cluster| cluster.create_topic(topic, partitions))
    }

    /// Our own clients go to the broker itself; what it advertises may be the forwarder.
    pub(super) fn bootstrap(&self) -> String {
        self.cluster.as_ref().map(|cluster| cluster.bootstrap()).unwrap_or_default()
    }
}

fn start(plan: &EmbeddedPlan, topics: &[(Arc<str>, i32)]) -> Result<EmbeddedCluster, String> {
    let mut counts: BTreeMap<String, i32> =
        plan.seeds.iter().map(|seed| (seed.topic.clone(), plan.partitions)).collect();
    counts.extend(topics.iter().map(|(topic, partitions)| (topic.to_string(), *partitions)));
    let options = EmbeddedOptions {
        topics: counts.into_iter().collect(),
        default_partitions: plan.partitions,
        ..EmbeddedOptions::default()
    };
    let cluster = EmbeddedCluster::start(options).map_err(|error| error.to_string())?;
    for seed in &plan.seeds {
        fill(&cluster, seed, plan.partitions)?;
    }
    Ok(cluster)
}

/// Fills a topic: a line a message.
fn fill(cluster: &EmbeddedCluster, seed: &SeedPlan, partitions: i32) -> Result<(), String> {
    let file = seed.file.display();
    let text = std::fs::read_to_string(&seed.file).map_err(|error| {
        format!("topic {} cannot be filled from {file}: {error}; see `[kafka.embedded.seed]`", seed.topic)
    })?;
    let lines: Vec<(&str, Option<Vec<u8>>)> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            Ok((line, seed.key_field.as_deref().map(|field| key(line, field, index, seed)).transpose()?))
        })
        .collect::<Result<_, String>>()?;
    let bytes: usize = lines.iter().map(|(line, _)| line.len()).sum();
    if bytes / usize::try_from(partitions).unwrap_or(1).max(1) > KEPT {
        tracing::warn!(
            topic = seed.topic, %file,
            "more than the embedded broker keeps (5 MiB a partition): the first lines are lost; give it fewer lines, or more `[kafka.embedded] partitions`"
        );
    }
    let records: Vec<_> = lines
        .iter()
        .map(|(line, key)| EmbeddedRecord {
            payload: Some(line.as_bytes()),
            key: key.as_deref(),
            ..EmbeddedRecord::to(&seed.topic)
        })
        .collect();
    cluster
        .produce_all(records, FILLING)
        .map_err(|error| format!("topic {} cannot be filled from {file}: {error}", seed.topic))?;
    Ok(())
}

/// The text of a field of the line's JSON object.
fn key(line: &str, field: &str, index: usize, seed: &SeedPlan) -> Result<Vec<u8>, String> {
    let place = format!("{}:{}", seed.file.display(), index + 1);
    let value: serde_json::Value = serde_json::from_str(line)
        .map_err(|error| format!("{place}: not JSON, so that there is no field `{field}` for the key: {error}"))?;
    match value.get(field) {
        Some(serde_json::Value::String(text)) => Ok(text.clone().into_bytes()),
        Some(serde_json::Value::Null) | None => Err(format!("{place}: there is no field `{field}` for the key")),
        Some(other) => Ok(other.to_string().into_bytes()),
    }
}

/// Forwards on a thread of its own: the members' heartbeats go this way too, and no handler may delay them.
fn forward_on_a_thread(listener: std::net::TcpListener, target: String) -> std::io::Result<oneshot::Sender<()>> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (ends, ended) = oneshot::channel::<()>();
    std::thread::Builder::new().name("millstream-embedded-port".into()).spawn(move || {
        runtime.block_on(async move {
            tokio::select! {
                () = forward(listener, target) => {}
                _ = ended => {}
            }
        });
    })?;
    Ok(ends)
}

/// Copies bytes both ways between whoever connects and the broker: its own port cannot be chosen.
async fn forward(listener: std::net::TcpListener, target: String) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the embedded broker's port cannot be served"),
    };
    loop {
        match listener.accept().await {
            Ok((mut client, _)) => {
                let target = target.clone();
                // Ends with the thread's runtime.
                tokio::spawn(async move {
                    if let Ok(mut broker) = TcpStream::connect(&target).await {
                        // Either side may close at any time; there is nobody to tell.
                        drop(tokio::io::copy_bidirectional(&mut client, &mut broker).await);
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the embedded broker's port could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
