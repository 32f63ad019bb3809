//! A running application, and everything it has told since its start.

use std::sync::{Arc, Mutex, PoisonError};

use harness::prelude::*;
use millstream::{AppBuilder, Event, Handle};

use tracing_subscriber::EnvFilter;

pub(crate) struct Running {
    pub(crate) handle: Handle,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Running {
    /// Starts without waiting until it reads.
    pub(crate) async fn start(app: AppBuilder) -> Self {
        show_log();
        let events = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&events);
        let app = app.on_start(move |handle| {
            let mut coming = handle.events();
            drop(handle);
            tokio::spawn(async move {
                while let Some(event) = coming.next().await {
                    noted.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                }
            });
            async { Ok(()) }
        });
        let app = app.build().unwrap_or_else(|error| panic!("the application is refused: {error:?}"));
        let handle = app.start().await.unwrap_or_else(|error| panic!("the application does not start: {error:?}"));
        Self { handle, events }
    }

    /// Starts, and waits until it reads.
    pub(crate) async fn start_reading(app: AppBuilder) -> Self {
        let running = Self::start(app).await;
        running.handle.ready().await.unwrap_or_else(|error| panic!("the application is not ready: {error}"));
        running
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for an event, also one that came already.
    pub(crate) async fn event(&self, what: &str, wanted: impl Fn(&Event) -> bool) -> Event {
        wait_until(&format!("the application tells that {what}"), async || self.events().into_iter().find(&wanted))
            .await
    }

    /// Stops it cleanly.
    pub(crate) async fn end(self) {
        self.handle.shutdown().await.unwrap_or_else(|error| panic!("the application does not end cleanly: {error}"));
    }
}

/// With `RUST_LOG` set the log is shown with the output of a failed test.
fn show_log() {
    if std::env::var_os("RUST_LOG").is_some() {
        // The first test of the program sets it up for all.
        drop(tracing_subscriber::fmt().with_test_writer().with_env_filter(EnvFilter::from_default_env()).try_init());
    }
}
