//! librdkafka's log lines, in ours.

use millstream_native::LogLevel;

/// A line of librdkafka's log, as an event of ours.
pub(crate) fn log_native(level: LogLevel, facility: &str, message: &str) {
    match level {
        LogLevel::Emergency | LogLevel::Alert | LogLevel::Critical | LogLevel::Error => {
            tracing::error!(target: "rdkafka", facility, "{message}");
        }
        LogLevel::Warning => tracing::warn!(target: "rdkafka", facility, "{message}"),
        LogLevel::Notice | LogLevel::Info => tracing::info!(target: "rdkafka", facility, "{message}"),
        LogLevel::Debug => tracing::debug!(target: "rdkafka", facility, "{message}"),
    }
}
