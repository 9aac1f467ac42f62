//! `gl-code-quality-report.json`: the findings that count, as GitLab's code quality shows them in a merge request.
//!
//! GitLab places every entry at a file, and stops reading at the first entry without one. A finding that has no path
//! is therefore left out here; the report itself has it.

use super::{escape, fingerprint, json};
use crate::evidence::text::shorten;
use crate::report::{FindingRow, Report};
use serde_json::{Value, json};

/// Bytes of a description.
const MAX_DESCRIPTION: usize = 1_000;

/// The findings that have a place.
pub(super) fn render(report: &Report) -> Result<Vec<u8>, serde_json::Error> {
    let rows: Vec<&FindingRow> =
        report.findings.iter().flat_map(|f| &f.list).filter(|row| !row.path.is_empty()).collect();
    let fingerprints = fingerprint::of(rows.iter().copied());
    let entries: Vec<Value> =
        rows.iter().zip(fingerprints).map(|(row, fingerprint)| entry(row, &fingerprint)).collect();
    json::document(&entries)
}

fn entry(row: &FindingRow, fingerprint: &str) -> Value {
    let name: Vec<String> = [&row.tool, &row.rule].map(|text| escape::one_line(text)).into();
    json!({
        "description": shorten(&escape::one_line(&row.message), MAX_DESCRIPTION),
        "check_name": name.join("/").trim_matches('/'),
        "fingerprint": fingerprint,
        "severity": severity(row),
        // A finding about a whole file stands at its first line.
        "location": { "path": escape::one_line(&row.path), "lines": { "begin": row.line.max(1) } },
    })
}

/// One of GitLab's five words. Where a tool names no severity its level decides.
fn severity(row: &FindingRow) -> &'static str {
    match (row.severity.as_str(), row.level.as_str()) {
        ("critical", _) => "blocker",
        ("high", _) => "critical",
        ("medium", _) | ("unknown", "error") => "major",
        ("low", _) | ("unknown", "warning") => "minor",
        _ => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use std::collections::BTreeSet;

    fn entries(report: &Report) -> Vec<Value> {
        serde_json::from_slice(&render(report).unwrap()).unwrap()
    }

    #[test]
    fn every_finding_with_a_path_is_an_entry_that_gitlab_takes() {
        let all = entries(&sample::report());
        assert_eq!(
            all.first(),
            Some(&json!({
                "description": "Possible SQL injection vector through string-based query construction.",
                "check_name": "bandit/B602",
                "fingerprint": "8fabb7a2f375d60b",
                "severity": "blocker",
                "location": { "path": "billing-service/billing/store.py", "lines": { "begin": 12 } },
            }))
        );
        let words: Vec<&str> = all.iter().map(|e| e["severity"].as_str().unwrap()).collect();
        assert_eq!(words, ["blocker", "critical", "major", "minor"]);
        assert_eq!(all.last().unwrap()["location"]["lines"]["begin"], 1);
        let prints: BTreeSet<&str> = all.iter().map(|e| e["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), all.len());
    }

    #[test]
    fn a_finding_without_a_path_does_not_end_the_list() {
        let mut report = sample::report();
        report.findings.as_mut().unwrap().list[1].path.clear();
        assert_eq!(entries(&report).len(), 3);
        assert_eq!(entries(&sample::green()), Vec::<Value>::new());
    }

    #[test]
    fn hostile_text_changes_no_key() {
        let words = ["info", "minor", "major", "critical", "blocker"];
        for entry in entries(&sample::hostile()) {
            assert_eq!(entry.as_object().unwrap().len(), 5);
            assert!(words.contains(&entry["severity"].as_str().unwrap()));
            assert!(entry["location"]["lines"]["begin"].is_u64() && entry["location"]["path"].is_string());
        }
    }
}
