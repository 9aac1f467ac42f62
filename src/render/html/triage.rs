//! Findings that count, by tool and severity, and by owner: where to begin, and who does.

use crate::report::{FindingsSection, OwnerCount, Report};
use serde::Serialize;

/// The severities, worst first; words of other scales stand behind them.
const SEVERITIES: [&str; 6] = ["critical", "high", "medium", "low", "info", "unknown"];

/// A table of tools and severities, and the owners.
#[derive(Debug, Serialize)]
pub(super) struct Triage<'a> {
    severities: Vec<&'a str>,
    tools: Vec<Tool<'a>>,
    owners: &'a [OwnerCount],
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    name: &'a str,
    /// In the order of the severities.
    counts: Vec<u64>,
    all: u64,
}

/// The counts; nothing where no finding counts.
pub(super) fn triage(report: &Report) -> Option<Triage<'_>> {
    let findings = report.findings.as_ref()?;
    let severities = severities(findings);
    let mut names: Vec<&str> = findings.by_tool.iter().map(|c| c.tool.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut tools: Vec<Tool<'_>> = names.into_iter().map(|name| tool(findings, name, &severities)).collect();
    // The tool with the most of the worst comes first.
    tools.sort_by(|a, b| b.counts.cmp(&a.counts).then_with(|| a.name.cmp(b.name)));
    (!tools.is_empty()).then_some(Triage { severities, tools, owners: &findings.by_owner })
}

fn severities(findings: &FindingsSection) -> Vec<&str> {
    let rank = |name: &str| SEVERITIES.iter().position(|s| *s == name).unwrap_or(SEVERITIES.len());
    let mut there: Vec<&str> = findings.by_tool.iter().map(|c| c.severity.as_str()).collect();
    there.sort_unstable_by_key(|name| (rank(name), *name));
    there.dedup();
    there
}

fn tool<'a>(findings: &FindingsSection, name: &'a str, severities: &[&str]) -> Tool<'a> {
    let of = |severity: &&str| {
        let rows = findings.by_tool.iter().filter(|c| c.tool == name && c.severity == *severity);
        rows.fold(0_u64, |sum, row| sum.saturating_add(row.count))
    };
    let counts: Vec<u64> = severities.iter().map(of).collect();
    Tool { name, all: counts.iter().fold(0, |sum, n| sum.saturating_add(*n)), counts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use crate::report::ToolCount;

    #[test]
    fn tools_stand_by_what_is_worst_and_severities_from_the_worst_on() {
        let mut report = sample::report();
        let row = |tool: &str, severity: &str, count| ToolCount {
            tool: tool.to_owned(),
            severity: severity.to_owned(),
            count,
        };
        report.findings.as_mut().unwrap().by_tool = vec![
            row("ruff", "low", 90),
            row("bandit", "low", 1),
            row("bandit", "critical", 1),
            row("trivy", "high", 3),
            row("trivy", "odd", 2),
        ];
        let triage = triage(&report).unwrap();
        assert_eq!(triage.severities, ["critical", "high", "low", "odd"]);
        let rows: Vec<_> = triage.tools.iter().map(|t| (t.name, t.counts.clone(), t.all)).collect();
        assert_eq!(
            rows,
            [
                ("bandit", vec![1, 0, 1, 0], 2),
                ("trivy", vec![0, 3, 0, 2], 5),
                ("ruff", vec![0, 0, 90, 0], 90),
            ]
        );
    }

    #[test]
    fn without_findings_there_is_nothing_to_begin_with() {
        assert!(triage(&sample::green()).is_none());
    }
}
