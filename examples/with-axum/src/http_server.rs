//! The server.

use crate::totals::Totals;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Json, Router, routing::get};
use millstream::component;
use millstream::{Error, Result};
use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Serves HTTP as long as the application runs.
///
/// As a component it starts before the first message is read, so that a port that is taken is a start error;
/// and it ends after the last one was handled, with the requests in flight answered. `eager`, as nothing
/// else needs it.
pub struct HttpServer {
    address: SocketAddr,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

#[component(eager = true)]
impl HttpServer {
    async fn init(#[config("http.address")] address: SocketAddr, totals: Arc<Totals>) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Error::new(format!("cannot listen on {address}: {error}; set `http.address`")))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let server = axum::serve(listener, router(totals)).with_graceful_shutdown(stopped);
        let serving = tokio::spawn(server.into_future());
        tracing::info!("listening on http://{address}/totals");
        Ok(Self { address, running: Mutex::new(Some(Running { stop, serving })) })
    }

    async fn shutdown(&self) -> Result<()> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { stop, serving }) = running {
            // The receiver is gone only when the server has ended already.
            let _ = stop.send(());
            serving.await??;
        }
        Ok(())
    }
}

impl HttpServer {
    /// Where it listens: with port 0 in the configuration, the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn router(totals: Arc<Totals>) -> Router {
    Router::new().route("/totals", get(all)).route("/totals/{customer}", get(of_customer)).with_state(totals)
}

async fn all(State(totals): State<Arc<Totals>>) -> Json<BTreeMap<String, u64>> {
    Json(totals.all())
}

async fn of_customer(
    State(totals): State<Arc<Totals>>,
    Path(customer): Path<String>,
) -> std::result::Result<Json<u64>, StatusCode> {
    totals.of(&customer).map(Json).ok_or(StatusCode::NOT_FOUND)
}
