//! Exit codes: the answer of the gate to scripts.

use std::process::ExitCode;

/// What the process answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: deploy; for other commands, success.
    Deploy,
    /// 1: remediate.
    Remediate,
    /// 2: usage, policy or configuration error.
    CannotEvaluate,
    /// 3: evidence is missing, damaged, stale or partial.
    Inconclusive,
    /// 4: a digest does not match, or an override is invalid.
    Integrity,
    /// 70: a bug in Shipworthy.
    Internal,
    /// What a tool ended with that was run.
    Tool(u8),
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Deploy => 0,
            Self::Remediate => 1,
            Self::CannotEvaluate => 2,
            Self::Inconclusive => 3,
            Self::Integrity => 4,
            Self::Internal => 70,
            Self::Tool(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
