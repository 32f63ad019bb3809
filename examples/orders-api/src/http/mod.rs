//! The HTTP servers: one for customers, one for operators.

mod operator;
mod orders;
mod problem;

use crate::book::OrderBook;
use axum::Router;
use millstream::{Error, Handle, Producer, Result, component};
use orders::Shop;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Serves HTTP as long as the application runs.
///
/// Its ports are taken when it is built, so that one that is in use is a start error. It is told to end before anything
/// else, with the listeners: no new request is taken, those in flight are answered. The producer and the book that they
/// need outlive it, as components end in the reverse order of building, and producers after them.
pub struct HttpServer {
    shop: Shop,
    address: SocketAddr,
    operator_address: SocketAddr,
    state: Mutex<Serving>,
}

#[derive(Default)]
struct Serving {
    bound: Vec<TcpListener>,
    running: Vec<JoinHandle<std::io::Result<()>>>,
    /// Ends the servers of an application that did not come to run; dropped, it does so too.
    stop: watch::Sender<()>,
}

#[component]
impl HttpServer {
    async fn init(
        #[config("http.address")] address: SocketAddr,
        #[config("http.operator_address")] operator_address: SocketAddr,
        producer: Arc<Producer>,
        book: Arc<OrderBook>,
    ) -> Result<Self> {
        let customers = bind("http.address", address).await?;
        let operators = bind("http.operator_address", operator_address).await?;
        let (address, operator_address) = (customers.local_addr()?, operators.local_addr()?);
        let state = Serving { bound: vec![customers, operators], ..Serving::default() };
        Ok(Self { shop: Shop { producer, book }, address, operator_address, state: Mutex::new(state) })
    }

    async fn shutdown(&self) -> Result<()> {
        let Serving { running, .. } = std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        for server in running {
            server.await??;
        }
        Ok(())
    }
}

impl HttpServer {
    /// Begins to serve, until the application stops.
    ///
    /// # Errors
    /// It serves already.
    pub fn serve(&self, handle: &Handle) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let routers = [self.customer_routes(), self.operator_routes(handle)];
        let bound = std::mem::take(&mut state.bound);
        if bound.is_empty() {
            return Err(Error::new("the HTTP server serves already"));
        }
        for (listener, router) in bound.into_iter().zip(routers) {
            let (stopping, mut stop) = (handle.clone(), state.stop.subscribe());
            let ending = async move {
                tokio::select! {
                    () = stopping.stopping() => {}
                    _ = stop.changed() => {}
                }
            };
            let server = axum::serve(listener, router).with_graceful_shutdown(ending);
            state.running.push(tokio::spawn(server.into_future()));
        }
        let (address, operator_address) = (self.address, self.operator_address);
        tracing::info!(
            "listening on http://{address}/orders, for operators on http://{operator_address}/operator/listeners"
        );
        Ok(())
    }

    /// Where customers are served: with port 0 in the configuration, the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What customers may ask for.
    pub fn customer_routes(&self) -> Router {
        orders::routes(self.shop.clone())
    }

    /// What operators may ask for.
    pub fn operator_routes(&self, handle: &Handle) -> Router {
        operator::routes(handle.clone())
    }
}

async fn bind(key: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::new(format!("cannot listen on {address}: {error}; set `{key}`")))
}
