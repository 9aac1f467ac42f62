//! The policy that judged: where it came from, and how another differs from it.

use super::Number;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The policy that judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInfo {
    /// `automatic`, `preset:seven-stage`, or the file's path.
    pub name: String,
    /// Nobody wrote a policy: what was found was judged.
    pub automatic: bool,
    /// SHA-256 of the policy's text.
    pub digest: String,
    /// Score that a deploy needs, 0 to 100.
    pub deploy_at: Number,
    /// What was judged of the matrix, and that nothing is pinned; empty with a policy file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Profile that was applied, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// Why that profile: `--profile`, or the rule that chose it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile_reason: String,
    /// Git ref that policy and waivers were read from; empty where they are those of the working folder.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub git_ref: String,
    /// Every file that the policy was read from, with its SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PolicyFile>,
    /// Where policy and waivers were read from a git ref: how the working folder's differ from them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PolicyChange>,
}

/// A file that the policy was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyFile {
    /// Path, or `preset:NAME`.
    pub path: String,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// How much one policy asks for beside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strictness {
    /// Whatever it lets deploy, the other does too.
    Tighter,
    /// The other way round.
    Looser,
    /// Neither can be said.
    Other,
}

impl Strictness {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tighter => "tighter",
            Self::Looser => "looser",
            Self::Other => "other",
        }
    }
}

/// One difference between two policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyChange {
    /// What it concerns: `deploy_at`, `unit_tests`, `unit_tests/coverage.line`, `waiver W-1`.
    pub subject: String,
    /// Which way it goes.
    pub strictness: Strictness,
    /// In words: `target 80 % → 75 %`.
    pub text: String,
}
