//! From the result of `main` to the exit code of the process: what `#[millstream::main]` leans on.

use super::exit_code::ExitStatus;
use super::run_error::RunError;
use super::start_error::{StartError, StartErrorKind};
use crate::error::{BoxError, Error};
use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::io::Write as _;
use std::process::ExitCode;

/// How the runtime of `#[millstream::main]` is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuntimeOptions {
    worker_threads: Option<usize>,
    current_thread: bool,
}

impl RuntimeOptions {
    /// As many worker threads as the machine has cores.
    pub fn new() -> Self {
        Self::default()
    }

    /// This many worker threads; none is taken as one.
    #[must_use]
    pub fn worker_threads(mut self, count: usize) -> Self {
        self.worker_threads = Some(count.max(1));
        self
    }

    /// No worker threads: everything runs on the main thread.
    #[must_use]
    pub fn current_thread(mut self) -> Self {
        self.current_thread = true;
        self
    }

    fn build(self) -> std::io::Result<tokio::runtime::Runtime> {
        let mut builder = if self.current_thread {
            tokio::runtime::Builder::new_current_thread()
        } else {
            tokio::runtime::Builder::new_multi_thread()
        };
        if let Some(count) = self.worker_threads.filter(|_| !self.current_thread) {
            builder.worker_threads(count);
        }
        builder.enable_all().build()
    }
}

/// What `main` may return.
#[diagnostic::on_unimplemented(
    message = "`main` cannot return `{Self}`",
    label = "not `()` or a `Result<(), E>`",
    note = "return `Result<(), millstream::RunError>`; any other error that implements `Debug` is possible too"
)]
pub trait IntoExit {
    /// The exit code, and the report for the standard error output.
    fn into_exit(self) -> (u8, Option<String>);
}

impl IntoExit for () {
    fn into_exit(self) -> (u8, Option<String>) {
        (ExitStatus::Clean.code(), None)
    }
}

impl<E: Debug + 'static> IntoExit for Result<(), E> {
    fn into_exit(self) -> (u8, Option<String>) {
        match self {
            Ok(()) => (ExitStatus::Clean.code(), None),
            Err(error) => (code_of(&error), Some(format!("error: {error:?}"))),
        }
    }
}

/// The code of the application's error, also where it was boxed on its way; 1 for an error of another kind.
fn code_of(error: &dyn Any) -> u8 {
    let boxed = if let Some(error) = error.downcast_ref::<Error>() {
        Some(error.as_source() as &(dyn std::error::Error + 'static))
    } else if let Some(error) = error.downcast_ref::<BoxError>() {
        Some(&**error as _)
    } else {
        error.downcast_ref::<Box<dyn std::error::Error>>().map(|error| &**error)
    };
    if let Some(error) = error.downcast_ref::<RunError>() {
        return error.exit_code();
    }
    if let Some(error) = error.downcast_ref::<StartError>() {
        return error.exit_code();
    }
    #[cfg(feature = "anyhow")]
    let boxed = boxed.or_else(|| error.downcast_ref::<anyhow::Error>().map(|error| &**error as _));
    code_in_chain(boxed)
}

fn code_in_chain(mut error: Option<&(dyn std::error::Error + 'static)>) -> u8 {
    while let Some(current) = error {
        if let Some(error) = current.downcast_ref::<RunError>() {
            return error.exit_code();
        }
        if let Some(error) = current.downcast_ref::<StartError>() {
            return error.exit_code();
        }
        error = current.source();
    }
    ExitStatus::Failed.code()
}

/// Runs `main` on a runtime with a worker thread for each core.
pub fn run_main<F>(future: F) -> ExitCode
where
    F: Future,
    F::Output: IntoExit,
{
    run_main_with(RuntimeOptions::new(), future)
}

/// Runs `main`; what it returns is reported on the standard error output and becomes the exit code.
pub fn run_main_with<F>(options: RuntimeOptions, future: F) -> ExitCode
where
    F: Future,
    F::Output: IntoExit,
{
    let (code, report) = match options.build() {
        Ok(runtime) => {
            let result = runtime.block_on(future);
            // A second signal must end the process although blocking tasks still run.
            runtime.shutdown_background();
            result.into_exit()
        }
        Err(error) => {
            let error = StartError::with_source(StartErrorKind::Process, "the tokio runtime could not be made", error);
            Err::<(), _>(error).into_exit()
        }
    };
    if let Some(report) = report {
        // Nobody is left to be told that the report could not be written.
        drop(writeln!(std::io::stderr(), "{report}"));
    }
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::run_error::RunErrorKind;

    fn start_error() -> StartError {
        StartError::new(StartErrorKind::Configuration, "no topic")
    }

    #[test]
    fn the_exit_code_tells_how_the_application_ended() {
        let run = |kind| Err::<(), _>(RunError::new(kind, "x")).into_exit().0;
        assert_eq!(().into_exit(), (0, None));
        assert_eq!(Ok::<(), RunError>(()).into_exit(), (0, None));
        assert_eq!(run(RunErrorKind::Listener), 1);
        assert_eq!(run(RunErrorKind::Cluster), 2);
        assert_eq!(run(RunErrorKind::StartTimeout), 2);
        assert_eq!(run(RunErrorKind::DrainDeadline), 3);
        assert_eq!(run(RunErrorKind::SecondSignal), 3);
        assert_eq!(Err::<(), _>(start_error()).into_exit(), (2, Some("error: no topic".to_owned())));
    }

    #[test]
    fn an_error_that_was_boxed_on_its_way_keeps_its_code() {
        let boxed: BoxError = Box::new(RunError::second_signal());
        assert_eq!(Err::<(), _>(boxed).into_exit().0, 3);
        assert_eq!(Err::<(), _>(Error::from(start_error())).into_exit().0, 2);
        assert_eq!(Err::<(), _>(Box::<dyn std::error::Error>::from(RunError::from(start_error()))).into_exit().0, 2);
    }

    #[test]
    fn an_error_of_another_kind_is_one_with_its_debug_text() {
        assert_eq!(Err::<(), _>("broken").into_exit(), (1, Some("error: \"broken\"".to_owned())));
    }

    #[cfg(feature = "anyhow")]
    #[test]
    fn an_anyhow_error_keeps_the_code_under_its_context() {
        let error = anyhow::Error::from(RunError::second_signal());
        assert_eq!(Err::<(), _>(error).into_exit().0, 3);
        let error = anyhow::Error::from(start_error()).context("while starting");
        assert_eq!(Err::<(), _>(error).into_exit().0, 2);
    }

    #[test]
    fn main_runs_on_the_runtime_that_was_asked_for() {
        let flavor = || async { tokio::runtime::Handle::current().runtime_flavor() };
        let mut seen = None;
        let code = run_main_with(RuntimeOptions::new().current_thread(), async { seen = Some(flavor().await) });
        assert_eq!(seen, Some(tokio::runtime::RuntimeFlavor::CurrentThread));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
        let mut workers = 0;
        run_main_with(RuntimeOptions::new().worker_threads(0), async {
            workers = tokio::runtime::Handle::current().metrics().num_workers();
        });
        assert_eq!(workers, 1);
    }
}
