//! What templates see of a report. They get a copy of all that they name, and a large run has lists that are too long
//! to be copied: those are handed to them piece by piece.

use crate::report::{CoverageSection, FindingsSection, Report, TestsSection};

/// A copy of a report without its long lists.
pub(super) fn outline(report: &Report) -> Report {
    let tests = report.tests.as_ref().map(|t| TestsSection {
        by_category: t.by_category.clone(),
        failures_left_out: t.failures_left_out,
        ..TestsSection::default()
    });
    let coverage = report.coverage.as_ref().map(|c| CoverageSection { files: Vec::new(), ..*c });
    let findings = report.findings.as_ref().map(|f| FindingsSection {
        rules: Vec::new(),
        list: Vec::new(),
        suppressions: f.suppressions.clone(),
        by_tool: f.by_tool.clone(),
        by_owner: f.by_owner.clone(),
        ..*f
    });
    Report {
        schema_version: report.schema_version,
        tool: report.tool.clone(),
        timestamp: report.timestamp.clone(),
        subject: report.subject.clone(),
        url: report.url.clone(),
        source_url: report.source_url.clone(),
        policy: report.policy.clone(),
        decision: report.decision.clone(),
        failures: Vec::new(),
        evidence: Vec::new(),
        diagnostics: report.diagnostics.clone(),
        contract: report.contract.clone(),
        waivers: report.waivers.clone(),
        attestations: report.attestations.clone(),
        baseline: report.baseline.clone(),
        components: report.components.clone(),
        measures: Vec::new(),
        history: report.history.clone(),
        identities: None,
        tests,
        coverage,
        findings,
        pages: report.pages.clone(),
        load: report.load.clone(),
        error: report.error.clone(),
    }
}
