//! An application: made, checked, run.

use super::args::Args;
use super::builder::AppBuilder;
use super::handle::Handle;
use super::launch::Launch;
use super::run_error::RunError;
use super::signals::{SignalSource, Signals};
use super::start_error::{StartError, StartErrorKind};
use super::status::ListenerStatus;
use crate::engine;
use millstream_native::embedded::EmbeddedCluster;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// An application that was read and checked, and can be run.
///
/// ```no_run
/// use millstream::App;
///
/// # async fn example() -> Result<(), millstream::RunError> {
/// App::from_args()?.run().await
/// # }
/// ```
pub struct App {
    work: Work,
}

enum Work {
    Launch(Box<Launch>),
    Report { text: String, outcome: Result<(), StartError> },
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.work {
            Work::Launch(launch) => write!(formatter, "App({})", launch.checked.summary()),
            Work::Report { text, .. } => write!(formatter, "App(prints {text:?})"),
        }
    }
}

impl App {
    /// Every consumer of the program, configured by files and environment. It reads no command line and never
    /// ends the process.
    ///
    /// # Errors
    /// Everything that is wrong with configuration, annotations and components, at once.
    pub fn new() -> Result<Self, StartError> {
        Self::builder().build()
    }

    /// Like [`new`](Self::new), and understands the command line: `--check`, `--print-config`, `--listeners`,
    /// `--only ID,..`, `--set key=value`, `--env NAME`, `--config DIR`, `--help`.
    ///
    /// Those that print something change what [`run`](Self::run) does: it prints and returns. Logging is set
    /// up as `[log]` says, unless the program did so before.
    ///
    /// # Errors
    /// Everything that is wrong with the command line, or with configuration, annotations and components, at
    /// once.
    pub fn from_args() -> Result<Self, StartError> {
        let app = Self::builder().args(Args::from_process()?).build()?;
        app.install_log()?;
        Ok(app)
    }

    /// An application put together by hand.
    pub fn builder() -> AppBuilder {
        AppBuilder::new(super::schema::kafka(), super::live_engine::starter())
    }

    pub(crate) fn launch(launch: Launch) -> Self {
        Self { work: Work::Launch(Box::new(launch)) }
    }

    pub(crate) fn report(text: String, outcome: Result<(), StartError>) -> Self {
        Self { work: Work::Report { text, outcome } }
    }

    /// What the command line asks to print instead of running, if it does.
    pub fn printout(&self) -> Option<&str> {
        match &self.work {
            Work::Launch(_) => None,
            Work::Report { text, .. } => Some(text),
        }
    }

    /// The listeners that it will run, in the order of their source; none of them has a partition yet. Empty
    /// where the command line asks to print something instead.
    pub fn listeners(&self) -> Vec<ListenerStatus> {
        match &self.work {
            Work::Launch(launch) => {
                let subscriptions = launch.checked.plan.subscriptions.iter();
                subscriptions
                    .flat_map(|subscription| {
                        subscription.listeners.iter().map(move |listener| (subscription, listener))
                    })
                    .map(|(subscription, listener)| ListenerStatus {
                        unasked_results: 0,
                        id: Arc::clone(&listener.id),
                        cluster: Arc::clone(&subscription.cluster),
                        group_id: Arc::clone(&subscription.group_id),
                        topics: listener.topics.clone(),
                        pattern: listener.pattern.clone(),
                        partitions: Vec::new(),
                    })
                    .collect()
            }
            Work::Report { .. } => Vec::new(),
        }
    }

    /// The topics that an embedded broker gets for this application, where a topic has so many partitions unless
    /// something else is declared: those that listeners name, to read or for their results, their retry topics, those that are declared. For the test kit.
    #[doc(hidden)]
    pub fn topics(&self, partitions: i32) -> BTreeMap<Arc<str>, i32> {
        match &self.work {
            Work::Launch(launch) => {
                let plan = &launch.checked.plan;
                plan.clusters.iter().flat_map(|cluster| engine::topics(plan, cluster, partitions)).collect()
            }
            Work::Report { .. } => BTreeMap::new(),
        }
    }

    /// Says that a broker whose address the configuration names runs in this process, so that topics can be created there:
    /// over the network it creates none. For the test kit.
    #[doc(hidden)]
    #[must_use]
    pub fn with_broker(mut self, broker: Arc<EmbeddedCluster>) -> Self {
        if let Work::Launch(launch) = &mut self.work {
            launch.broker = Some(broker);
        }
        self
    }

    /// Starts the application in the background of the current tokio runtime: builds components and
    /// consumers one after the other, runs `on_start` hooks, and begins to join its groups. It does not wait
    /// until they gave it partitions: [`Handle::ready`] does. It listens to no signals and sets up no log.
    ///
    /// Dropping the future midway leaves components unended; stop by the handle instead.
    ///
    /// # Errors
    /// A component or a hook failed, a cluster refused, there is no tokio runtime, or the command line asks
    /// to print something instead.
    pub async fn start(self) -> Result<Handle, StartError> {
        let stopped = || StartError::new(StartErrorKind::Process, "the application was stopped while it started");
        self.start_until(CancellationToken::new()).await?.ok_or_else(stopped)
    }

    async fn start_until(self, stop: CancellationToken) -> Result<Option<Handle>, StartError> {
        match self.work {
            Work::Launch(launch) => launch.start(stop).await,
            Work::Report { .. } => Err(StartError::new(
                StartErrorKind::Arguments,
                "the command line asks to print something, so that there is nothing to start; `App::run` prints it",
            )),
        }
    }

    /// Runs until SIGTERM or SIGINT (Ctrl-C), or until the application stops by itself, and ends it in order:
    /// see [`Handle::shutdown`]. A second signal ends it at once.
    ///
    /// Where the command line asks to print something, that is printed on the standard output instead.
    /// Logging is set up as `[log]` says, unless the program did so before.
    ///
    /// # Errors
    /// It did not start, failed, or did not end in time; [`RunError::exit_code`] tells which.
    pub async fn run(self) -> Result<(), RunError> {
        if matches!(self.work, Work::Report { .. }) {
            return self.print();
        }
        self.install_log()?;
        let mut signals = Signals::listen().map_err(|error| {
            StartError::with_source(StartErrorKind::Process, "signals cannot be listened to", error)
        })?;
        self.run_until_signals(&mut signals).await
    }

    pub(super) async fn run_until_signals(self, signals: &mut impl SignalSource) -> Result<(), RunError> {
        let stop = CancellationToken::new();
        let running = self.run_with(stop.clone());
        tokio::pin!(running);
        let signal = tokio::select! {
            biased;
            ended = &mut running => return ended,
            signal = signals.next() => signal,
        };
        tracing::info!(signal, "stopping after a signal; a second one ends the process at once");
        stop.cancel();
        tokio::select! {
            biased;
            ended = &mut running => ended,
            signal = signals.next() => {
                tracing::error!(signal, "ended by a second signal");
                Err(RunError::second_signal())
            }
        }
    }

    /// Runs until `stop` is done, or until the application stops by itself, and ends it in order. It listens
    /// to no signals; logging is set up as [`run`](Self::run) does.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), RunError> {
        if matches!(self.work, Work::Report { .. }) {
            return self.print();
        }
        self.install_log()?;
        let token = CancellationToken::new();
        let running = self.run_with(token.clone());
        tokio::pin!(running);
        tokio::select! {
            biased;
            ended = &mut running => return ended,
            () = stop => token.cancel(),
        }
        running.await
    }

    async fn run_with(self, stop: CancellationToken) -> Result<(), RunError> {
        match self.start_until(stop).await? {
            Some(handle) => handle.ended().await,
            None => Ok(()),
        }
    }

    fn print(self) -> Result<(), RunError> {
        let Work::Report { text, outcome } = self.work else { return Ok(()) };
        // A reader that has gone away, as `head` does, is no failure of ours.
        drop(writeln!(std::io::stdout(), "{text}"));
        outcome.map_err(RunError::from)
    }

    fn install_log(&self) -> Result<(), StartError> {
        match &self.work {
            Work::Launch(launch) => {
                launch.checked.log.install().map_err(|problem| StartError::configuration([problem]))
            }
            Work::Report { .. } => Ok(()),
        }
    }
}
