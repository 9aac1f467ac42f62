//! Earlier runs, as a report keeps them for charts over time. No decision rests on them.

use super::{CoverageTally, Report, Span, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most runs that a report keeps, and that a chart draws: the newest.
pub const MAX_HISTORY: usize = 60;

/// One earlier run; what it did not measure is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryPoint {
    /// When it was judged, RFC 3339 in UTC.
    pub timestamp: String,
    /// Its commit, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// Its branch, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// A person forced a deploy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// Its score, 0 to 100; absent where nothing could be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Span>,
    /// Its tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<HistoryTests>,
    /// Its covered lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Its findings that count; absent where no scanner ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<u64>,
    /// Files of evidence.
    #[serde(default)]
    pub evidence: u64,
}

/// Tests of an earlier run, over all its categories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryTests {
    /// All, with those that were skipped.
    pub total: u64,
    /// Those that passed, failed or broke.
    pub executed: u64,
    /// Those that passed.
    pub passed: u64,
    /// Sum of their durations in milliseconds; absent where no file tells one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

impl HistoryPoint {
    /// What is kept of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let decision = &report.decision;
        Self {
            timestamp: report.timestamp.clone(),
            commit: report.subject.commit.clone(),
            branch: report.subject.branch.clone(),
            verdict: decision.verdict,
            forced: decision.overridden.as_ref().is_some_and(|o| o.effective),
            score: report.error.is_none().then(|| decision.score.clone()),
            tests: report.tests.as_ref().map(|tests| HistoryTests::of(&tests.by_category)),
            lines: report.coverage.as_ref().and_then(|coverage| coverage.lines),
            findings: report.findings.as_ref().map(|findings| findings.counted),
            evidence: report.evidence.len() as u64,
        }
    }
}

impl HistoryTests {
    fn of(counts: &[super::TestCounts]) -> Self {
        let sum =
            |part: fn(&super::TestCounts) -> u64| counts.iter().map(part).fold(0_u64, u64::saturating_add);
        let duration = sum(|c| c.duration_ms);
        Self {
            total: sum(|c| c.total),
            executed: sum(|c| c.passed.saturating_add(c.failed).saturating_add(c.errors)),
            passed: sum(|c| c.passed),
            duration_ms: (duration > 0).then_some(duration),
        }
    }
}
