//! Fingerprints: by what a finding is known again in the next report, where its line may be another.

use crate::evidence::text::stable_hash;
use crate::report::FindingRow;
use std::collections::HashMap;

/// Sixteen hex digits for each finding in the order of `rows`: tool, rule, path and message, and which one of several
/// that have all of them in common. Systems that get one fingerprint twice show one finding.
pub(super) fn of<'a>(rows: impl Iterator<Item = &'a FindingRow>) -> Vec<String> {
    let mut seen: HashMap<u64, u64> = HashMap::new();
    rows.map(|row| {
        let parts = [&row.tool, &row.rule, &row.path, &row.message].map(String::as_str);
        let nth = seen.entry(stable_hash(&parts)).or_default();
        *nth = nth.saturating_add(1);
        let [tool, rule, path, message] = parts;
        format!("{:016x}", stable_hash(&[tool, rule, path, message, &nth.to_string()]))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rule: &str, line: u32) -> FindingRow {
        FindingRow { rule: rule.to_owned(), path: "a.rs".to_owned(), line, ..FindingRow::default() }
    }

    #[test]
    fn a_finding_keeps_its_fingerprint_on_another_line_and_shares_it_with_none() {
        let before = of([row("A", 3), row("B", 4), row("B", 9)].iter());
        let after = of([row("A", 30), row("B", 40), row("B", 90)].iter());
        assert_eq!(before, after);
        assert!(before[1] != before[2] && before[0] != before[1], "{before:?}");
    }
}
