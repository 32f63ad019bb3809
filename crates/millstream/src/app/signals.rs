//! The signals that end an application.

use std::future::Future;
use std::io;
#[cfg(unix)]
use std::time::{Duration, Instant};

/// One key press can arrive twice: from the terminal, and once more from a wrapper that passes signals on. The
/// same signal again within this time is that echo.
#[cfg(unix)]
const ECHO: Duration = Duration::from_millis(200);

/// Where signals come from.
pub(super) trait SignalSource: Send {
    /// Waits for the next one and tells its name.
    fn next(&mut self) -> impl Future<Output = &'static str> + Send;
}

/// Listens to SIGTERM and SIGINT (Ctrl-C on other systems) from its creation on.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    last: Option<(&'static str, Instant)>,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            last: None,
        })
    }

    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }
}

impl SignalSource for Signals {
    #[cfg(unix)]
    async fn next(&mut self) -> &'static str {
        loop {
            let signal = tokio::select! {
                Some(()) = self.terminate.recv() => "SIGTERM",
                Some(()) = self.interrupt.recv() => "SIGINT",
                else => std::future::pending().await,
            };
            let echo = self.last.is_some_and(|(last, at)| last == signal && at.elapsed() < ECHO);
            if !echo {
                self.last = Some((signal, Instant::now()));
                return signal;
            }
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => std::future::pending().await,
        }
    }
}
