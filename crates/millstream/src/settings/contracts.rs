//! What the code says about how its method is called: batches and idempotent handling.

use super::from_code::Speaker;
use super::rules;
use super::said::{Refusal, Said};
use crate::options::{BatchOption, IdempotentOption, KeyOption};
use crate::plan::{BatchPlan, IdempotencyKey, IdempotentPlan};
use millstream_config::{Duration, Problems, Size, quote_string};
use std::sync::Arc;

const BATCH_MAX: u32 = 500;
const BATCH_WAIT: std::time::Duration = std::time::Duration::from_millis(200);
const BATCH_BYTES: u64 = 4 << 20;
const TTL: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
const LEASE: std::time::Duration = std::time::Duration::from_secs(5 * 60);
const STORE: &str = "memory";

/// Reads `batch = { max = 500, .. }`; `None` also where something of it was refused.
pub(super) fn batch(option: &BatchOption, speaker: &Speaker, problems: &mut Problems) -> Option<Said<BatchPlan>> {
    let before = problems.iter().count();
    let max = speaker.value("batch.max", option.max, problems, rules::batch_size);
    let min = speaker.value("batch.min", option.min, problems, rules::batch_size);
    let wait = speaker.duration("batch.wait", option.wait.as_ref(), problems, rules::batch_wait);
    let bytes = speaker.size("batch.bytes", option.bytes.as_ref(), problems, rules::batch_bytes);
    let plan = BatchPlan {
        max: max.map_or(BATCH_MAX, |said| said.value),
        min: min.as_ref().map_or(1, |said| said.value),
        wait: wait.map_or(BATCH_WAIT, |said| said.value),
        bytes: bytes.map_or(BATCH_BYTES, |said| said.value),
        across_partitions: option.across_partitions.unwrap_or(false),
    };
    if let Some(min) = min
        && min.value > plan.max
    {
        let refusal = Refusal::new(format!("a batch of at most {} messages never has {}", plan.max, min.value));
        problems.push(min.site.problem(refusal.fix("lower `min`, or raise `max`")));
    }
    if problems.iter().count() > before {
        return None;
    }
    let shown = format!(
        "{{ max = {}, wait = \"{}\", min = {}, bytes = \"{}\", across_partitions = {} }}",
        plan.max,
        Duration::from(plan.wait),
        plan.min,
        Size::from_bytes(plan.bytes),
        plan.across_partitions
    );
    Some(Said { value: plan, site: speaker.site("batch", shown) })
}

/// Reads `idempotent(key = "id", ..)`; `None` also where something of it was refused.
pub(super) fn idempotent(
    option: &IdempotentOption,
    speaker: &Speaker,
    problems: &mut Problems,
) -> Option<Said<IdempotentPlan>> {
    let before = problems.iter().count();
    let (key, shown) = match &option.key {
        KeyOption::Field(path) => {
            let path = speaker.text("idempotent.key", Some(path), problems, rules::field);
            let path: Arc<str> = path.map(|said| said.value).unwrap_or_default();
            (IdempotencyKey::Field(Arc::clone(&path)), quote_string(&path))
        }
        KeyOption::Header(name) => {
            let name = speaker.text("idempotent.key", Some(name), problems, rules::filled);
            let name: Arc<str> = name.map(|said| said.value).unwrap_or_default();
            (IdempotencyKey::Header(Arc::clone(&name)), format!("header({})", quote_string(&name)))
        }
        KeyOption::MessageKey => (IdempotencyKey::MessageKey, "message_key".to_owned()),
        KeyOption::Function(function) => (IdempotencyKey::Function(*function), "with(..)".to_owned()),
    };
    let ttl = speaker.duration("idempotent.ttl", option.ttl.as_ref(), problems, rules::ttl);
    let lease = speaker.duration("idempotent.lease", option.lease.as_ref(), problems, rules::lease);
    let store = speaker.text("idempotent.store", option.store.as_deref(), problems, rules::filled);
    let plan = IdempotentPlan {
        key,
        ttl: ttl.map_or(TTL, |said| said.value),
        lease: lease.map_or(LEASE, |said| said.value),
        store: store.map_or_else(|| STORE.into(), |said| said.value),
    };
    if problems.iter().count() > before {
        return None;
    }
    let shown = format!(
        "(key = {shown}, ttl = \"{}\", lease = \"{}\", store = {})",
        Duration::from(plan.ttl),
        Duration::from(plan.lease),
        quote_string(&plan.store)
    );
    Some(Said { value: plan, site: speaker.site("idempotent", shown) })
}
