//! What operators see and do: listeners, and health.

use super::problem::Problem;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::FutureExt as _;
use millstream::{Handle, HandleError, HandleErrorKind, ListenerStatus, PartitionState, PartitionStatus, Partitions};
use serde::{Deserialize, Serialize};

type Answer = Result<Json<Vec<Listener>>, Problem>;
type Body<T> = Result<Json<T>, JsonRejection>;

pub(super) fn routes(handle: Handle) -> Router {
    Router::new()
        .route("/operator/listeners", get(listeners))
        .route("/operator/listeners/{id}/pause", post(pause))
        .route("/operator/listeners/{id}/resume", post(resume))
        .route("/operator/listeners/{id}/seek", post(seek))
        .route("/health/live", get(async || "alive"))
        .route("/health/ready", get(ready))
        .with_state(handle)
}

/// Which partitions: all, those of a topic, or one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    topic: Option<String>,
    partition: Option<i32>,
    /// Kept with the partition, for whoever finds it paused.
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    topic: String,
    partition: i32,
    offset: i64,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// What does not go on.
    held: Vec<Listener>,
}

async fn listeners(State(handle): State<Handle>) -> Json<Vec<Listener>> {
    Json(handle.listeners().iter().map(Listener::from).collect())
}

async fn pause(State(handle): State<Handle>, Path(id): Path<String>, body: Body<Chosen>) -> Answer {
    let chosen = read(body)?;
    let reason = chosen.reason.as_deref().unwrap_or("an operator asked for it");
    handle.pause(&id, chosen.partitions()?, reason).map_err(refused)?;
    changed(&handle, &id)
}

async fn resume(State(handle): State<Handle>, Path(id): Path<String>, body: Body<Chosen>) -> Answer {
    let chosen = read(body)?;
    handle.resume(&id, chosen.partitions()?).map_err(refused)?;
    changed(&handle, &id)
}

async fn seek(State(handle): State<Handle>, Path(id): Path<String>, body: Body<Place>) -> Answer {
    let Place { topic, partition, offset } = read(body)?;
    handle.seek(&id, &topic, partition, offset).map_err(refused)?;
    changed(&handle, &id)
}

/// Whether every listener has its partitions and goes on; what does not is named.
async fn ready(State(handle): State<Handle>) -> (StatusCode, Json<Readiness>) {
    let has_partitions = matches!(handle.ready().now_or_never(), Some(Ok(())));
    let held: Vec<Listener> =
        handle.listeners().iter().filter(|listener| listener.is_held()).map(Listener::from).collect();
    let ready = has_partitions && held.is_empty() && !handle.is_stopping();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, held }))
}

impl Chosen {
    fn partitions(&self) -> Result<Partitions<'_>, Problem> {
        match (&self.topic, self.partition) {
            (None, None) => Ok(Partitions::All),
            (Some(topic), None) => Ok(Partitions::Topic(topic)),
            (Some(topic), Some(partition)) => Ok(Partitions::One(topic, partition)),
            (None, Some(_)) => Err(Problem::new(StatusCode::BAD_REQUEST, "`partition` needs its `topic`")),
        }
    }
}

fn read<T>(body: Body<T>) -> Result<T, Problem> {
    body.map(|Json(value)| value).map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))
}

fn refused(error: HandleError) -> Problem {
    let status = match error.kind() {
        HandleErrorKind::UnknownListener => StatusCode::NOT_FOUND,
        // Another process may read it.
        HandleErrorKind::NotAssigned => StatusCode::CONFLICT,
        HandleErrorKind::NotRunning => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, error)
}

fn changed(handle: &Handle, id: &str) -> Answer {
    Ok(Json(handle.listeners().iter().filter(|listener| *listener.id == *id).map(Listener::from).collect()))
}

/// A listener as operators see it.
#[derive(Serialize)]
struct Listener {
    id: String,
    group_id: String,
    held: bool,
    partitions: Vec<Partition>,
}

/// One of its partitions.
#[derive(Serialize)]
struct Partition {
    topic: String,
    partition: i32,
    /// The lowest offset that is not settled.
    position: i64,
    /// How many messages are in hand.
    open: usize,
    state: &'static str,
    reason: Option<String>,
}

impl From<&ListenerStatus> for Listener {
    fn from(listener: &ListenerStatus) -> Self {
        let ListenerStatus { id, group_id, partitions, .. } = listener;
        let partitions = partitions.iter().map(Partition::from).collect();
        Self { id: id.to_string(), group_id: group_id.to_string(), held: listener.is_held(), partitions }
    }
}

impl From<&PartitionStatus> for Partition {
    fn from(status: &PartitionStatus) -> Self {
        let (state, reason) = match &status.state {
            PartitionState::Running => ("running", None),
            PartitionState::Retrying { reason, .. } => ("retrying", Some(reason.clone())),
            PartitionState::Writing { error, .. } => ("writing", Some(error.clone())),
            PartitionState::Paused { reason, .. } => ("paused", Some(reason.clone())),
            _ => ("other", None),
        };
        let PartitionStatus { topic, partition, position, open_messages, .. } = status;
        let (topic, partition, position, open) = (topic.to_string(), *partition, *position, *open_messages);
        Self { topic, partition, position, open, state, reason }
    }
}
