//! A context without a client, and what a listener did with it.

use millstream::Context;
use millstream::testing::{Recorded, Recorder};
use std::ops::Deref;

/// A context without a client, for a listener that a test calls directly: pass `&ctx`, then ask what was
/// called.
///
/// Every commit succeeds, but for those that the engine would refuse without asking a broker.
///
/// ```
/// use millstream::Context;
/// use millstream_test::TestMessage;
///
/// struct Billing;
///
/// impl Billing {
///     async fn on_order(&self, text: &str, ctx: &Context) -> millstream::Result<()> {
///         match text.parse::<u64>() {
///             Ok(_) => ctx.commit().await?,
///             Err(_) => ctx.commit_offsets(ctx.offset()).await?,
///         };
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), millstream::Error> {
/// let ctx = TestMessage::text("12").offset(41).context();
/// Billing.on_order("12", &ctx).await?;
/// assert_eq!(ctx.commits(), [42]);
/// ctx.assert_committed();
///
/// let ctx = TestMessage::text("twelve").offset(41).context();
/// Billing.on_order("twelve", &ctx).await?;
/// ctx.assert_rewound_to(41);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestContext {
    context: Context,
    recorder: Recorder,
}

impl TestContext {
    pub(crate) fn new(context: Context, recorder: Recorder) -> Self {
        Self { context, recorder }
    }

    /// The positions that were asked for, in order: of `commit()` at offset 41 it is 42, of
    /// `commit_offsets(41)` it is 41. The last one counts.
    pub fn commits(&self) -> Vec<i64> {
        self.calls()
            .into_iter()
            .filter_map(|call| match call {
                Recorded::Commit(position) | Recorded::Rewind(position) => Some(position),
                _ => None,
            })
            .collect()
    }

    /// Every verb that was called, in order: commits, rewinds, seeks, pauses.
    pub fn calls(&self) -> Vec<Recorded> {
        self.recorder.recorded()
    }

    /// Cancels the context's token, as a partition that is taken away does.
    pub fn cancel(&self) {
        self.recorder.cancel();
    }

    /// Fails the test unless the last verb settled this message.
    ///
    /// # Panics
    ///
    /// If the message was not committed last.
    #[track_caller]
    pub fn assert_committed(&self) {
        let next = self.offset().saturating_add(1);
        self.assert_last(&format!("to be committed, position {next}"), Recorded::Commit(next));
    }

    /// Fails the test unless the last verb moved the position back to `offset`.
    ///
    /// # Panics
    ///
    /// If the listener was not moved there last.
    #[track_caller]
    pub fn assert_rewound_to(&self, offset: i64) {
        self.assert_last(&format!("to be rewound to {offset}"), Recorded::Rewind(offset));
    }

    /// Fails the test if any verb moved the position.
    ///
    /// # Panics
    ///
    /// If a commit or a rewind was called.
    #[track_caller]
    pub fn assert_not_committed(&self) {
        assert!(self.commits().is_empty(), "{}", self.failure("to be left alone"));
    }

    #[track_caller]
    fn assert_last(&self, expectation: &str, expected: Recorded) {
        let last = self.calls().into_iter().rfind(|call| matches!(call, Recorded::Commit(_) | Recorded::Rewind(_)));
        assert!(last == Some(expected), "{}", self.failure(expectation));
    }

    fn failure(&self, expectation: &str) -> String {
        let calls = self.calls();
        let called = if calls.is_empty() {
            "nothing".to_owned()
        } else {
            calls.into_iter().map(described).collect::<Vec<_>>().join(", then ")
        };
        format!(
            "expected {}/{}@{} {expectation}; the listener called: {called}",
            self.topic(),
            self.partition(),
            self.offset()
        )
    }
}

fn described(call: Recorded) -> String {
    match call {
        Recorded::Commit(position) => format!("commit to position {position}"),
        Recorded::Rewind(position) => format!("rewind to {position}"),
        Recorded::Seek(offset) => format!("seek to {offset}"),
        Recorded::Pause => "pause".to_owned(),
        Recorded::Resume => "resume".to_owned(),
        other => format!("{other:?}"),
    }
}

impl Deref for TestContext {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

#[cfg(test)]
mod tests {
    use crate::TestMessage;
    use millstream::testing::Recorded;
    use millstream::{Carried, CommitErrorKind};

    #[tokio::test]
    async fn a_commit_is_answered_and_recorded() {
        let ctx = TestMessage::text("x").offset(41).context();
        let receipt = ctx.commit().await.unwrap();
        assert_eq!((receipt.position, receipt.carried), (42, Carried::Position));
        assert_eq!(ctx.commits(), [42]);
        ctx.assert_committed();
    }

    #[tokio::test]
    async fn committing_the_next_offset_is_a_commit_and_an_earlier_one_a_rewind() {
        let ctx = TestMessage::text("x").offset(41).context();
        ctx.commit_offsets(42).await.unwrap();
        ctx.assert_committed();
        ctx.commit_offsets(40).await.unwrap();
        ctx.assert_rewound_to(40);
        assert_eq!(ctx.calls(), [Recorded::Commit(42), Recorded::Rewind(40)]);
    }

    #[tokio::test]
    async fn a_position_beyond_the_message_is_refused_and_not_recorded() {
        let ctx = TestMessage::text("x").offset(41).context();
        let error = ctx.commit_offsets(43).await.unwrap_err();
        assert_eq!(error.kind(), CommitErrorKind::NotHandled);
        ctx.assert_not_committed();
    }

    #[test]
    fn seeks_and_pauses_are_no_commits() {
        let ctx = TestMessage::text("x").offset(41).context();
        ctx.seek(100);
        ctx.pause();
        ctx.resume();
        assert_eq!(ctx.calls(), [Recorded::Seek(100), Recorded::Pause, Recorded::Resume]);
        ctx.assert_not_committed();
    }

    #[test]
    fn cancelling_reaches_the_listener() {
        let ctx = TestMessage::text("x").context();
        assert!(!ctx.cancellation().is_cancelled());
        ctx.cancel();
        assert!(ctx.cancellation().is_cancelled());
    }

    #[test]
    #[should_panic(expected = "expected orders/3@41 to be committed, position 42; the listener called: nothing")]
    fn a_missing_commit_is_said_in_words() {
        TestMessage::text("x").topic("orders").partition(3).offset(41).context().assert_committed();
    }

    #[test]
    #[should_panic(
        expected = "expected test/0@41 to be committed, position 42; the listener called: commit to position 42, then rewind to 41"
    )]
    fn only_the_last_verb_counts() {
        let ctx = TestMessage::text("x").offset(41).context();
        drop(ctx.commit());
        drop(ctx.commit_offsets(41));
        ctx.assert_committed();
    }
}
