//! Why reading a file stopped.

/// What kind of end reading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The text ends in the middle of something.
    Truncated,
    /// The text is not well-formed.
    Malformed,
    /// The file asks for something that is never done: external entities, nested entities.
    Refused,
    /// A limit was reached: depth, size.
    Limit,
}

/// The place and cause of the end of reading. What was read before it stays read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of end.
    pub kind: FaultKind,
    /// Byte offset in the decoded text.
    pub at: usize,
    /// Cause: a lower-case fragment.
    pub message: String,
    /// What to do about it, or empty.
    pub help: &'static str,
}

impl Fault {
    /// The text ends in the middle of `what`.
    pub fn truncated(at: usize, what: impl Into<String>) -> Self {
        let help =
            "the writer was stopped or the copy is incomplete: run the job again and keep its exit code";
        Self { kind: FaultKind::Truncated, at, message: what.into(), help }
    }

    /// The text is not well-formed.
    pub fn malformed(at: usize, what: impl Into<String>) -> Self {
        let help = "have the tool write the file itself; output of two programs in one file, or hand edits, break it";
        Self { kind: FaultKind::Malformed, at, message: what.into(), help }
    }

    /// The file asks for something that is never done.
    pub fn refused(at: usize, what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Refused,
            at,
            message: what.into(),
            help: "no test tool needs this: look where the file comes from",
        }
    }

    /// A limit was reached.
    pub fn limit(at: usize, what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Limit,
            at,
            message: what.into(),
            help: "no real report goes this far: look where the file comes from",
        }
    }
}

/// The result of every reading step.
pub type Read<T> = Result<T, Fault>;

/// Line and column (both from 1, column in characters) of a byte offset.
#[must_use]
pub fn line_and_column(text: &str, at: usize) -> (u64, u64) {
    let bytes = text.as_bytes();
    let before = bytes.get(..at.min(bytes.len())).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count() as u64;
    let start = memchr::memrchr(b'\n', before).map_or(0, |n| n.saturating_add(1));
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() as u64;
    (line.saturating_add(1), column.saturating_add(1))
}
