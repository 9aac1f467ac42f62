//! What is kept on record beside the evidence: contract, waivers, statements, the baseline, components, and what a later
//! run compares with.

use super::{CoverageTally, Number, Span, is_zero};
use crate::evidence::State;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that the evidence contract asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractRow {
    /// Name.
    pub name: String,
    /// Id of the category that asks for it, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// The cell of a matrix, such as `browser` → `firefox`; empty for a plain requirement.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub cell: IndexMap<String, String>,
    /// Files that are there.
    pub found: u64,
    /// Files that must be there.
    pub wanted: u64,
    /// The worst state of the files that are there, `missing` where too few are.
    pub state: State,
    /// Tests that these files report, quarantined ones included.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tests: u64,
    /// Those of them that failed or broke.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failing: u64,
    /// Policy file and line.
    pub origin: String,
    /// Ids of the evidence.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// A waiver or a quarantine, with what it did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverRow {
    /// Id.
    pub id: String,
    /// `waiver` or `quarantine`.
    pub kind: String,
    /// `active`, `expiring` (14 days or less), `expired`, `unused`, or `over cap`.
    pub state: String,
    /// What it matches, in words.
    pub matches: String,
    /// Who answers for it.
    pub owner: String,
    /// Why, in words.
    pub reason: String,
    /// Why, by a fixed word such as `not_affected`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Last day, `YYYY-MM-DD`.
    pub expires: String,
    /// Days until then; below zero it is expired.
    pub days_left: i64,
    /// Ticket, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    /// Records that it matches.
    pub matched: u64,
    /// Of them, tests that failed and findings that would count.
    pub covered: u64,
    /// Points that the score would lose at its low end without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// File and line.
    pub origin: String,
}

/// What a person states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestationRow {
    /// The check that it is about.
    pub check: String,
    /// What is stated.
    pub statement: String,
    /// Who says so.
    pub by: String,
    /// When, `YYYY-MM-DD`.
    pub date: String,
    /// Last day that it counts, `YYYY-MM-DD`.
    pub expires: String,
    /// It holds, says the person.
    pub holds: bool,
    /// `counts`, `expired`, `future`, or `not asked for`.
    pub state: String,
    /// File and line.
    pub origin: String,
}

/// What this run was compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineInfo {
    /// `given`, `first run`, or `unreadable`.
    pub state: String,
    /// Path of the report, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Why it cannot be used, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// When it was judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub timestamp: String,
    /// Its commit, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// Its verdict, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub verdict: String,
    /// Its score, displayed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub score: String,
    /// This score less that one, at the low ends, with its sign.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub score_change: String,
    /// Findings that it did not have; absent where it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_findings: Option<u64>,
    /// Findings that are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_findings: Option<u64>,
    /// Tests that it had and that are gone; absent where it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished_tests: Option<u64>,
    /// Where they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished_groups: Vec<VanishedGroup>,
    /// Source files that it measured and that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished_files: Vec<String>,
}

/// A group of tests of which some are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VanishedGroup {
    /// Id of the category.
    pub category: String,
    /// Class or suite.
    pub group: String,
    /// Tests that are gone.
    pub gone: u64,
    /// Tests that it had.
    pub had: u64,
}

/// A component that the policy names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentRow {
    /// Name; empty for what belongs to none.
    pub name: String,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Tests.
    pub tests: u64,
    /// Failed and broken tests.
    pub failed: u64,
    /// Sum of the durations of its tests in milliseconds.
    pub duration_ms: u64,
    /// Lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Findings that count.
    pub findings: u64,
}

/// A measure that the evidence of a category gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureRow {
    /// Id of the category.
    pub category: String,
    /// The measure.
    pub measure: String,
    /// The value.
    pub value: Span,
    /// How many records it rests on.
    pub samples: u64,
}

/// Digests by which a later run tells what is new and what is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identities {
    /// Tests by class or suite, sorted.
    pub tests: Vec<TestGroup>,
    /// Findings that count, by category.
    pub findings: Vec<FindingGroup>,
}

/// Tests of a class or suite.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestGroup {
    /// Id of the category.
    pub category: String,
    /// Class or suite; empty where a category is one group.
    pub group: String,
    /// Tests.
    pub count: u64,
    /// Eight hex digits a test, sorted; empty in very large runs, where only the count is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digests: String,
}

/// Findings of a category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingGroup {
    /// Id of the category.
    pub category: String,
    /// Findings.
    pub count: u64,
    /// Sixteen hex digits a finding, sorted; empty in very large runs, where only the count is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digests: String,
}
