//! What became of an artifact: the state of an evidence item, and the remarks made while it was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of one evidence item, separate from what stands in it.
///
/// Only [`State::Ok`] can support a pass. [`State::is_harmless`] states take nothing away; every other
/// state widens what the item could hide and is remediated by producing the evidence again.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Read to its end, with records.
    #[default]
    Ok,
    /// The same bytes were read from another path already.
    Duplicate,
    /// An older attempt of the same job.
    Superseded,
    /// Well-formed, of no known format.
    Unrecognised,
    /// Not evidence by its ending, or excluded.
    Ignored,
    /// More than one format claims it and nothing tells which is right.
    Ambiguous,
    /// Recorded for another commit than the one being judged.
    Foreign,
    /// Older than the policy allows.
    Stale,
    /// Parts are missing: shards, pages, files that the tool could not look at.
    Incomplete,
    /// The tool ran and examined nothing.
    Noop,
    /// Parsed, and there is no record in it.
    Empty,
    /// The tool itself says that it failed.
    Crashed,
    /// Ends in the middle; what came before the cut was read.
    Truncated,
    /// Could be evidence and is not opened: no reader, or an archive or link that is not followed.
    Unread,
    /// Malformed, or not what it claims to be.
    Unreadable,
    /// Expected and not there.
    Missing,
}

impl State {
    /// Every state, mildest first.
    pub const ALL: [Self; 16] = [
        Self::Ok,
        Self::Duplicate,
        Self::Superseded,
        Self::Unrecognised,
        Self::Ignored,
        Self::Ambiguous,
        Self::Foreign,
        Self::Stale,
        Self::Incomplete,
        Self::Noop,
        Self::Empty,
        Self::Crashed,
        Self::Truncated,
        Self::Unread,
        Self::Unreadable,
        Self::Missing,
    ];

    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Duplicate => "duplicate",
            Self::Superseded => "superseded",
            Self::Unrecognised => "unrecognised",
            Self::Ignored => "ignored",
            Self::Ambiguous => "ambiguous",
            Self::Foreign => "foreign",
            Self::Stale => "stale",
            Self::Incomplete => "incomplete",
            Self::Noop => "noop",
            Self::Empty => "empty",
            Self::Crashed => "crashed",
            Self::Truncated => "truncated",
            Self::Unread => "unread",
            Self::Unreadable => "unreadable",
            Self::Missing => "missing",
        }
    }

    /// States that neither support nor harm a decision: nothing is hidden by them.
    #[must_use]
    pub const fn is_harmless(self) -> bool {
        matches!(self, Self::Duplicate | Self::Superseded | Self::Unrecognised | Self::Ignored)
    }

    /// States in which the item hides something: it can never support a pass.
    #[must_use]
    pub const fn is_damaged(self) -> bool {
        !matches!(self, Self::Ok) && !self.is_harmless()
    }

    /// What each state means, in one sentence for the report.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "read to its end",
            Self::Duplicate => "the same bytes were read from another path already",
            Self::Superseded => "an older attempt of the same job",
            Self::Unrecognised => "well-formed, but of no format that is known here",
            Self::Ignored => "not evidence by its ending, or excluded",
            Self::Ambiguous => "more than one format claims it",
            Self::Foreign => "recorded for another commit",
            Self::Stale => "older than allowed",
            Self::Incomplete => "parts of it are missing",
            Self::Noop => "the tool ran and examined nothing",
            Self::Empty => "well-formed, with no record in it",
            Self::Crashed => "the tool itself says that it failed",
            Self::Truncated => "it ends in the middle",
            Self::Unread => "could be evidence and was not opened",
            Self::Unreadable => "malformed, or not what it claims to be",
            Self::Missing => "expected and not there",
        }
    }
}

/// How much a remark weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Info,
    /// A contradiction or oddity that was resolved; the file still counts.
    Warning,
    /// The file cannot be trusted as it is.
    Error,
}

/// A remark about an input: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// Stable code, `area.problem`.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Line in the file, counted from 1, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

impl Diagnostic {
    /// A warning: resolved here, worth the reader's attention.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// An error: what the file says cannot be relied on.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A note.
    pub fn info(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), severity, line: None, message: message.into(), help: String::new() }
    }

    /// The same remark with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same remark at a line of the file.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_ok_harmless_or_damaged_and_only_one_of_them() {
        for state in State::ALL {
            let kinds = [state == State::Ok, state.is_harmless(), state.is_damaged()];
            assert_eq!(kinds.iter().filter(|&&k| k).count(), 1, "{}", state.name());
        }
    }

    #[test]
    fn names_are_those_of_the_serialised_form() {
        for state in State::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
        }
    }
}
