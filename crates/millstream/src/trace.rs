//! W3C trace context: what ties a message to the request or message that caused it.
//!
//! The trace that a handler runs in is kept with its task: [`scope`] enters it, [`current`] reads it, and a
//! [`Producer`](crate::Producer) writes it into the headers `traceparent` and `tracestate` of what is sent inside, as
//! a child with an id of its own. A task that is spawned does not inherit it; wrap it in [`scope`] too.

use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

/// The name of the header that carries a [`TraceParent`].
pub const TRACEPARENT: &str = "traceparent";
/// The name of the header that carries what vendors add.
pub const TRACESTATE: &str = "tracestate";

/// The bit that says that the caller records the trace.
const SAMPLED: u8 = 1;
/// The flags that version 00 knows: sampled, and that the trace id is random.
const KNOWN_FLAGS: u8 = 0b11;

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// The trace that the current task runs in, if there is one.
pub fn current() -> Option<TraceContext> {
    CURRENT.try_with(TraceContext::clone).ok()
}

/// Runs a future inside a trace.
///
/// ```
/// use millstream::trace::{self, TraceContext};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
/// trace::scope(TraceContext::new(parent), async {
///     assert_eq!(trace::current().map(|context| context.parent().to_string()), Some(parent.to_string()));
/// })
/// .await;
/// assert!(trace::current().is_none());
/// # Ok(())
/// # }
/// ```
pub fn scope<F: Future>(context: TraceContext, future: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(context, future)
}

/// Calls a function inside a trace, if there is one.
pub(crate) fn scope_sync<T>(context: Option<TraceContext>, call: impl FnOnce() -> T) -> T {
    match context {
        Some(context) => CURRENT.sync_scope(context, call),
        None => call(),
    }
}

/// A position in a trace, and what vendors add to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    parent: TraceParent,
    state: Option<Arc<str>>,
}

impl TraceContext {
    /// A position without additions.
    pub fn new(parent: TraceParent) -> Self {
        Self { parent, state: None }
    }

    /// Reads the values of the headers `traceparent` and `tracestate`; nothing where the first is absent or malformed,
    /// as the specification wants it. The second is passed on unread.
    pub fn from_headers(traceparent: Option<&str>, tracestate: Option<&str>) -> Option<Self> {
        let parent = traceparent?.parse().ok()?;
        let state = tracestate.map(str::trim).filter(|state| !state.is_empty()).map(Arc::from);
        Some(Self { parent, state })
    }

    /// The position.
    pub fn parent(&self) -> TraceParent {
        self.parent
    }

    /// What vendors add, as it stands in `tracestate`.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The same trace, one step further down, with a new random id.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { parent: self.parent.child(), state: self.state.clone() }
    }
}

/// The value of the header `traceparent`: `00-<trace id>-<parent id>-<flags>`.
///
/// `Display` writes it in version 00, which every reader knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

impl TraceParent {
    /// A position from its parts; nothing where an id is zero, which means that there is none.
    pub fn from_parts(trace_id: u128, parent_id: u64, sampled: bool) -> Option<Self> {
        (trace_id != 0 && parent_id != 0).then_some(Self { trace_id, parent_id, flags: u8::from(sampled) })
    }

    /// The beginning of a new trace, with random ids.
    pub fn random(sampled: bool) -> Self {
        // Bit 1 tells that the id is random.
        Self { trace_id: fastrand::u128(1..), parent_id: fastrand::u64(1..), flags: u8::from(sampled) | 0b10 }
    }

    /// The id of the whole trace.
    pub fn trace_id(self) -> u128 {
        self.trace_id
    }

    /// The id of the step that caused what carries this value.
    pub fn parent_id(self) -> u64 {
        self.parent_id
    }

    /// Whether the caller records the trace.
    pub fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The same trace, one step further down, with a new random id.
    #[must_use]
    pub fn child(self) -> Self {
        Self { parent_id: fastrand::u64(1..), ..self }
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, self.flags)
    }
}

impl fmt::Debug for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TraceParent({self})")
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParentError;

impl fmt::Display for TraceParentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "a traceparent is `00-<32 hexadecimal digits>-<16>-<2>` in lower case, and neither id is zero; see the W3C's Trace Context",
        )
    }
}

impl std::error::Error for TraceParentError {}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        let mut parts = text.trim().splitn(5, '-');
        let mut part = |digits: usize| parts.next().and_then(|part| hexadecimal(part, digits));
        let (Some(version), Some(trace_id), Some(parent_id), Some(flags)) = (part(2), part(32), part(16), part(2))
        else {
            return Err(TraceParentError);
        };
        // Version ff is forbidden; later versions may add parts, version 00 has none.
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return Err(TraceParentError);
        }
        let (Ok(parent_id), Ok(flags)) = (u64::try_from(parent_id), u8::try_from(flags)) else {
            return Err(TraceParentError);
        };
        if trace_id == 0 || parent_id == 0 {
            return Err(TraceParentError);
        }
        Ok(Self { trace_id, parent_id, flags: flags & KNOWN_FLAGS })
    }
}

fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let proper = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if proper { u128::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written_as_it_was() {
        let parent: TraceParent = GIVEN.parse().unwrap();
        assert_eq!(parent.to_string(), GIVEN);
        assert!(parent.is_sampled());
        assert_eq!(parent.parent_id(), 0x00f0_67aa_0ba9_02b7);
    }

    #[test]
    fn what_the_specification_forbids_is_refused() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        ] {
            assert_eq!(text.parse::<TraceParent>(), Err(TraceParentError), "{text}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-09-what-ever";
        assert_eq!(later.parse::<TraceParent>().unwrap().to_string(), GIVEN);
    }

    #[test]
    fn a_child_has_the_trace_and_an_id_of_its_own() {
        let context = TraceContext::from_headers(Some(GIVEN), Some(" a=1 ")).unwrap();
        let child = context.child();
        assert_eq!(child.parent().trace_id(), context.parent().trace_id());
        assert_ne!(child.parent().parent_id(), context.parent().parent_id());
        assert!(child.parent().is_sampled());
        assert_eq!(child.state(), Some("a=1"));
    }

    #[test]
    fn the_state_alone_is_no_context() {
        assert_eq!(TraceContext::from_headers(None, Some("a=1")), None);
        assert_eq!(TraceContext::from_headers(Some("no"), Some("a=1")), None);
    }

    #[tokio::test]
    async fn a_scope_ends_with_its_future() {
        let context = TraceContext::new(TraceParent::random(true));
        let inside = scope(context.clone(), async { current() }).await;
        assert_eq!(inside, Some(context));
        assert_eq!(current(), None);
    }
}
