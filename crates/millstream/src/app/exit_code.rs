//! What the end of a process says about it.

/// How an application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// It was asked to stop and did so cleanly.
    Clean,
    /// It failed while running.
    Failed,
    /// It did not start: its configuration, a component or a cluster was not as it must be.
    Start,
    /// It was cut short: by the deadline of the drain, or by a second signal.
    CutShort,
}

impl ExitStatus {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Failed => 1,
            Self::Start => 2,
            Self::CutShort => 3,
        }
    }
}
