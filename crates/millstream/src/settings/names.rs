//! The names of all keys of `[kafka]`.

/// Options that every scope of a listener takes.
pub(super) const DEFAULTS: [&str; 23] = [
    "group_id",
    "cluster",
    "enabled",
    "start",
    "from_beginning",
    "commit_interval",
    "concurrency",
    "order_by",
    "rate",
    "timeout",
    "retries",
    "backoff",
    "deadline",
    "retry_topics",
    "reorder",
    "on_failure",
    "dead_letter",
    "max_crashes",
    "accept_loss",
    "on_lost_position",
    "window",
    "window_bytes",
    "wire",
];

/// Options that only one listener can have.
pub(super) const LISTENER_ONLY: [&str; 4] = ["topics", "pattern", "skip_offsets", "send_to"];

/// The keys of a backoff that is a table.
pub(super) const BACKOFF: [&str; 4] = ["initial", "max", "factor", "jitter"];

/// The keys of a `dead_letter` that is a table.
pub(super) const DEAD_LETTER: [&str; 2] = ["topic", "spring_headers"];

/// Options that a group's scope does not take: those of one listener, and those that decide which group it is.
pub(super) const NOT_OF_A_GROUP: [&str; 6] = ["topics", "pattern", "skip_offsets", "send_to", "group_id", "cluster"];

/// What all members of a group have in common.
pub(super) const GROUP_WIDE: [&str; 5] =
    ["commit_interval", "revoke_timeout", "memory", "group_protocol", "group_instance_id"];

/// The values of `[kafka]` that no other list names.
pub(super) const KAFKA: [&str; 7] =
    ["brokers", "client_id", "group_id", "start_timeout", "drain_timeout", "missing_topics", "open_memory"];

/// The values of `[kafka.clusters.NAME]`.
pub(super) const CLUSTER: [&str; 3] = ["brokers", "client_id", "missing_topics"];

/// The values of `[kafka.requests]`.
pub(super) const REQUESTS: [&str; 2] = ["timeout", "reply_partitions"];

/// The values of `[kafka.embedded]`.
pub(super) const EMBEDDED: [&str; 3] = ["allow", "partitions", "port"];

/// The keys of a seed that is a table.
pub(super) const SEED: [&str; 2] = ["file", "key"];

/// What the method's code relies on: set there only. `id` is what configuration finds the listener by.
pub(super) const CODE_ONLY: [&str; 8] =
    ["auto_commit", "batch", "blocking", "idempotent", "reply", "retry_on", "terminal", "id"];
