//! What was read, as it is shown: evidence, tests, coverage, findings and pages.

use super::{Number, is_zero};
use crate::evidence::{Diagnostic, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One artifact file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceItem {
    /// Stable id.
    pub id: String,
    /// Path below the root.
    pub path: String,
    /// SHA-256 in hex; empty where it could not be read.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Id of the format, or empty.
    pub format: String,
    /// `tests`, `coverage`, `findings`, `web`, `load`, or empty.
    pub kind: String,
    /// Tool and version, or empty.
    pub producer: String,
    /// Id of the category that it speaks for, or empty.
    pub category: String,
    /// Why that category.
    pub category_reason: String,
    /// What became of it.
    pub state: State,
    /// One line: why the state is not `ok`, or empty.
    pub cause: String,
    /// When it was made, as the file tells it, or empty.
    pub timestamp: String,
    /// What was read, in a few words.
    pub summary: String,
    /// Remarks.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
}

/// Test results over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestsSection {
    /// Counts by category id.
    pub by_category: Vec<TestCounts>,
    /// Failed and broken tests, first the broken, in a stable order.
    pub failures: Vec<TestRow>,
    /// Failures that are counted and not listed.
    pub failures_left_out: u64,
    /// Tests that passed after a failed attempt.
    pub flaky: Vec<TestRow>,
    /// Quarantined tests with their outcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<TestRow>,
    /// Skipped tests with their reasons; the first few hundred.
    pub skipped: Vec<TestRow>,
    /// The slowest tests.
    pub slowest: Vec<TestRow>,
}

/// Counts of tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestCounts {
    /// Id of the category.
    pub category: String,
    /// All.
    pub total: u64,
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Broken.
    pub errors: u64,
    /// Skipped.
    pub skipped: u64,
    /// Flaky.
    pub flaky: u64,
    /// Declared and not reported.
    pub not_run: u64,
    /// Sum of durations in milliseconds.
    pub duration_ms: u64,
}

/// One test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestRow {
    /// Id of the category.
    pub category: String,
    /// Component: what its path or suite calls the part of the product.
    pub component: String,
    /// Suite path.
    pub suite: String,
    /// Class, or empty.
    pub class: String,
    /// Name.
    pub name: String,
    /// `passed`, `failed`, `error` or `skipped`.
    pub status: String,
    /// Duration in milliseconds, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Failure type.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Trace, head and tail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace: String,
    /// Further messages: other failures of the case, earlier attempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// How often it ran.
    pub attempts: u32,
    /// Source file, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Id of the waiver or quarantine that takes it out, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub waiver: String,
    /// Id of the evidence.
    pub evidence: String,
}

/// Coverage over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageSection {
    /// Lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<CoverageTally>,
    /// Functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<CoverageTally>,
    /// Statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<CoverageTally>,
    /// By source file, the most uncovered lines first.
    pub files: Vec<CoverageFile>,
    /// Files that are counted and not listed.
    pub files_left_out: u64,
}

/// Covered of total, open where reports do not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageTally {
    /// Covered for certain.
    pub covered: u64,
    /// Covered at best.
    pub covered_high: u64,
    /// All.
    pub total: u64,
}

/// One source file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageFile {
    /// Path.
    pub path: String,
    /// Lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<CoverageTally>,
    /// The last line that is measured, from 1; 0 where no lines are told.
    #[serde(default, skip_serializing_if = "is_no_line")]
    pub last_line: u32,
    /// Ranges of uncovered lines, such as `12-15`, the first few dozen.
    pub uncovered: Vec<String>,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Source around the first uncovered lines, where the gate was given the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excerpts: Vec<Excerpt>,
}

impl CoverageFile {
    /// The listed ranges of uncovered lines: first and last line of each. A text that is no range is left out.
    pub fn ranges(&self) -> impl Iterator<Item = (u64, u64)> {
        self.uncovered.iter().filter_map(|range| {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            let (from, to) = (from.parse().ok()?, to.parse().ok()?);
            (1 <= from && from <= to).then_some((from, to))
        })
    }
}

/// Neighbouring lines of a source file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// Number of the first line, from 1.
    pub first: u64,
    /// The lines; long ones are cut.
    pub lines: Vec<String>,
    /// Numbers of the lines among them that did not run.
    pub uncovered: Vec<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over by reference")]
const fn is_no_line(line: &u32) -> bool {
    *line == 0
}

/// Findings over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingsSection {
    /// Results read.
    pub read: u64,
    /// Results that count.
    pub counted: u64,
    /// Results that a suppression in the file accepts.
    pub suppressed: u64,
    /// Results whose kind says that nothing failed.
    pub not_failing: u64,
    /// Results that the baseline comparison says are gone.
    pub absent: u64,
    /// Results that count in their file and that a waiver takes out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: u64,
    /// Results that count by tool and severity, by the name of the tool and from the worst severity on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_tool: Vec<ToolCount>,
    /// Results that count by owner, the most first; absent where no owner is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_owner: Vec<OwnerCount>,
    /// Rules with results that count, worst first.
    pub rules: Vec<RuleRow>,
    /// Results that count, worst first.
    pub list: Vec<FindingRow>,
    /// Results that count and are not listed.
    pub left_out: u64,
    /// Suppressed results with their justifications; the first few hundred.
    pub suppressions: Vec<FindingRow>,
}

/// Results of one tool and severity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCount {
    /// Tool, or empty.
    pub tool: String,
    /// Severity.
    pub severity: String,
    /// Results that count.
    pub count: u64,
}

/// Results of one owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerCount {
    /// Owner; empty for results that nobody owns.
    pub owner: String,
    /// The worst severity.
    pub severity: String,
    /// Results that count.
    pub count: u64,
}

/// A rule and how often it was hit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleRow {
    /// Tool.
    pub tool: String,
    /// Rule id.
    pub rule: String,
    /// Worst severity of its results.
    pub severity: String,
    /// Worst level of its results.
    pub level: String,
    /// Results that count.
    pub count: u64,
    /// Short description.
    pub title: String,
    /// Help, Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Documentation, `http` or `https`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uri: String,
}

/// One finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingRow {
    /// Id of the category.
    pub category: String,
    /// Tool.
    pub tool: String,
    /// Rule id.
    pub rule: String,
    /// `critical`, `high`, `medium`, `low`, `info` or `unknown`.
    pub severity: String,
    /// `error`, `warning`, `note` or `none`.
    pub level: String,
    /// Where severity and level come from.
    pub basis: String,
    /// Message.
    pub message: String,
    /// Path, or empty.
    pub path: String,
    /// Line, 0 where unknown.
    pub line: u32,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Why it is suppressed, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub justification: String,
    /// Component, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub component: String,
    /// Id of the waiver that takes it out, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub waiver: String,
    /// The baseline did not have it; absent without a baseline that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// Id of the evidence.
    pub evidence: String,
}

/// One audited page: runs of one page by one engine and form factor together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageRow {
    /// `Lighthouse` or `axe-core`.
    pub engine: String,
    /// Version of the engine.
    pub version: String,
    /// URL that was asked for, else reached.
    pub url: String,
    /// Step of a user flow, or empty.
    pub step: String,
    /// `mobile`, `desktop` or empty.
    pub form_factor: String,
    /// Number of runs; values are medians over them.
    pub runs: u64,
    /// `ok`, or why the page is not measured.
    pub state: State,
    /// Why, or empty.
    pub cause: String,
    /// Category scores in percent: median, lowest and highest run; empty where the engine gives none.
    pub scores: Vec<PageScore>,
    /// Page metrics.
    pub metrics: Vec<PageMetric>,
    /// Violated rules.
    pub violations: Vec<ViolationRow>,
    /// Rules that need a person.
    pub incomplete: u64,
    /// Ids of the evidence.
    pub evidence: Vec<String>,
}

/// The score of a page in a category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageScore {
    /// Category of the engine, such as `performance`.
    pub category: String,
    /// Median in percent, or `not measured`.
    pub display: String,
    /// The median, exact, between 0 and 1; absent where it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// Lowest and highest run in percent, where there are several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spread: String,
}

/// A metric of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageMetric {
    /// Measure id, such as `web.lcp`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Median with its unit.
    pub display: String,
    /// The median, exact, in the unit of the measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
}

/// A violated accessibility rule on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ViolationRow {
    /// Rule id.
    pub rule: String,
    /// `critical`, `serious`, `moderate`, `minor` or empty.
    pub impact: String,
    /// What the rule asks for.
    pub title: String,
    /// Documentation, `http` or `https`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// WCAG criteria, such as `1.4.3`.
    pub criteria: Vec<String>,
    /// Elements concerned.
    pub nodes: u32,
    /// The first few selectors.
    pub targets: Vec<String>,
}
