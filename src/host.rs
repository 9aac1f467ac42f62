//! The outside: clock, environment, the user's own files. Nothing else reads them, but for discover and emit.

use jiff::Timestamp;
use std::path::Path;

/// Places where code hosts look for CODEOWNERS.
const CODEOWNERS: [&str; 4] = ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Now, to the second, RFC 3339 in UTC.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "host is the module that reads the clock")]
pub fn now() -> String {
    Timestamp::from_second(Timestamp::now().as_second()).map(|t| t.to_string()).unwrap_or_default()
}

/// A time as the user gives it, brought to RFC 3339 in UTC.
///
/// # Errors
/// In words, where it is no time.
pub fn parse_time(text: &str) -> Result<String, String> {
    text.parse::<Timestamp>().map(|t| t.to_string()).map_err(|e| format!("`{text}` is no time: {e}"))
}

/// The value of an environment variable; empty where it is not set.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "host is the module that reads the environment")]
pub fn environment(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Reads a file that the user names or keeps at a known place: policy, report, CODEOWNERS.
///
/// # Errors
/// In words, where it cannot be read as UTF-8 text.
#[expect(clippy::disallowed_methods, reason = "host reads the user's own files")]
pub fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// The text of the first CODEOWNERS file at one of the usual places below the working folder; empty where there is none.
#[must_use]
pub fn codeowners() -> String {
    CODEOWNERS.iter().find_map(|path| read_text(Path::new(path)).ok()).unwrap_or_default()
}
