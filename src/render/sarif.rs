//! `report.sarif`: the findings that count as one SARIF 2.1.0 run, for systems that collect findings.
//!
//! Only what counts is in it: suppressed results, waived ones and those that a baseline says are gone are not. An empty
//! list closes alerts elsewhere, so that a run whose scanners failed or that could not judge says so.

use super::{escape, fingerprint, json, prose, words};
use crate::evidence::text::shorten;
use crate::report::{EvidenceItem, FindingRow, Report, RuleRow};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Results of a file: what code scanning shows of a run.
const MAX_RESULTS: usize = 5_000;
/// Bytes of a message.
const MAX_MESSAGE: usize = 4_000;
/// Damaged files that are named one by one.
const MAX_DAMAGED: usize = 20;

/// The findings as SARIF.
pub(super) fn render(report: &Report) -> Result<Vec<u8>, serde_json::Error> {
    let list = report.findings.as_ref().map_or(&[][..], |f| f.list.as_slice());
    let rows: Vec<&FindingRow> = list.iter().take(MAX_RESULTS).collect();
    let rules = rules(report, &rows);
    let place: HashMap<&str, usize> =
        rules.iter().enumerate().map(|(at, (id, _))| (id.as_str(), at)).collect();
    let paths: HashMap<&str, &str> =
        report.evidence.iter().map(|e| (e.id.as_str(), e.path.as_str())).collect();
    let prints = fingerprint::of(rows.iter().copied());
    let results = rows.iter().zip(&prints).map(|(row, print)| {
        let id = rule_id(&row.tool, &row.rule);
        let index = place.get(id.as_str()).copied();
        let read_from = paths.get(row.evidence.as_str()).copied().unwrap_or_default();
        result(row, &id, index, read_from, print)
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Shipworthy",
                "semanticVersion": escape::one_line(&report.tool.version),
                "rules": rules.iter().map(|(id, row)| rule(id, *row)).collect::<Vec<_>>(),
            } },
            "invocations": [invocation(report, list.len().saturating_sub(rows.len()))],
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    json::document(&log)
}

/// `tool/rule`: rules of two tools may have one name.
fn rule_id(tool: &str, rule: &str) -> String {
    match (escape::one_line(tool), escape::one_line(rule)) {
        (tool, rule) if tool.is_empty() && rule.is_empty() => "unnamed".to_owned(),
        (tool, rule) if tool.is_empty() => rule,
        (tool, rule) if rule.is_empty() => tool,
        (tool, rule) => format!("{tool}/{rule}"),
    }
}

/// The rules that the results name, each once, in the order of the results.
fn rules<'a>(report: &'a Report, rows: &[&FindingRow]) -> Vec<(String, Option<&'a RuleRow>)> {
    let known: HashMap<String, &RuleRow> =
        report.findings.iter().flat_map(|f| &f.rules).map(|r| (rule_id(&r.tool, &r.rule), r)).collect();
    let mut rules: indexmap::IndexMap<String, Option<&RuleRow>> = indexmap::IndexMap::new();
    for row in rows {
        let id = rule_id(&row.tool, &row.rule);
        let rule = known.get(&id).copied();
        rules.entry(id).or_insert(rule);
    }
    rules.into_iter().collect()
}

fn rule(id: &str, row: Option<&RuleRow>) -> Value {
    let mut rule = json!({ "id": id });
    let Some(row) = row else { return rule };
    let mut put = |key: &str, value: Value| {
        if let Some(map) = rule.as_object_mut() {
            map.insert(key.to_owned(), value);
        }
    };
    if !row.title.is_empty() {
        put("shortDescription", text(&row.title));
    }
    if !row.help.is_empty() {
        put("help", text(&prose::to_text(&row.help)));
    }
    if escape::is_link(&row.uri) {
        put("helpUri", json!(row.uri));
    }
    rule
}

fn result(row: &FindingRow, id: &str, index: Option<usize>, read_from: &str, print: &str) -> Value {
    let level = match row.level.as_str() {
        level @ ("error" | "warning" | "note" | "none") => level,
        _ => "warning",
    };
    // Code scanning refuses a whole file for one result without a place: such a result stands at the file that reports it.
    let path = if row.path.is_empty() { read_from } else { &row.path };
    let mut physical = json!({ "artifactLocation": { "uri": uri(path) } });
    if let (Some(map), false) = (physical.as_object_mut(), row.line == 0) {
        map.insert("region".to_owned(), json!({ "startLine": row.line }));
    }
    json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": level,
        "message": text(if row.message.trim().is_empty() { id } else { &row.message }),
        "locations": [{ "physicalLocation": physical }],
        "partialFingerprints": { "shipworthy/v1": print },
        "properties": { "category": escape::one_line(&row.category), "severity": escape::one_line(&row.severity) },
    })
}

/// A message. `[text](target)` would be a link in it, and no text of a finding may be one.
fn text(text: &str) -> Value {
    json!({ "text": shorten(escape::visible(text).trim(), MAX_MESSAGE).replace("](", "] (") })
}

/// A path as a reference below the repository's root; an address stays one.
fn uri(path: &str) -> String {
    let (scheme, rest) = match path.split_once("://") {
        Some((scheme, rest)) if matches!(scheme, "http" | "https" | "file") => (format!("{scheme}://"), rest),
        _ => (String::new(), path),
    };
    let encoded = rest.bytes().map(|b| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' | b'@' | b'+' | b'=' => {
            char::from(b).to_string()
        }
        _ => format!("%{b:02X}"),
    });
    scheme + &encoded.collect::<String>()
}

/// How the run went, and what is not in the list.
fn invocation(report: &Report, cut: usize) -> Value {
    let damaged: Vec<&EvidenceItem> =
        report.evidence.iter().filter(|e| e.kind == "findings" && e.state.is_damaged()).collect();
    let note = |level: &str, said: &str| json!({ "level": level, "message": text(said) });
    let errors = report.error.iter().map(|e| note("error", &format!("{}: {}", e.message, e.help)));
    let broken = damaged
        .iter()
        .take(MAX_DAMAGED)
        .map(|e| note("error", &format!("{} is {}: {}", e.path, e.state.name(), e.cause)));
    let mut notes: Vec<Value> = errors.chain(broken).collect();
    let unnamed = damaged.len().saturating_sub(MAX_DAMAGED);
    if unnamed > 0 {
        notes.push(note("error", &format!("{unnamed} more files with findings are damaged")));
    }
    let left_out = report.findings.as_ref().map_or(0, |f| f.left_out).saturating_add(cut as u64);
    if left_out > 0 {
        let said =
            words::plural(left_out, "finding counts and is not listed", "findings count and are not listed");
        notes.push(note("warning", &said));
    }
    if report.findings.is_none() && report.error.is_none() {
        notes.push(note("note", "no results of a scanner were read"));
    }
    let successful = report.error.is_none() && damaged.is_empty();
    json!({ "executionSuccessful": successful, "toolExecutionNotifications": notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::State;
    use crate::formats::{Reading, read};
    use crate::render::sample;

    fn written(report: &Report) -> String {
        String::from_utf8(render(report).unwrap()).unwrap()
    }

    /// The file as serde-sarif's types have it, and how many results our own reader counts.
    fn read_back(text: &str) -> (serde_sarif::sarif::Sarif, Reading<'_>) {
        let (format, reading) = read("report.sarif", text);
        assert_eq!(format.map(|f| f.id), Some("sarif"));
        (serde_json::from_str(text).unwrap(), reading)
    }

    #[test]
    fn two_readers_find_every_finding_at_its_place() {
        let report = sample::report();
        let text = written(&report);
        let (sarif, reading) = read_back(&text);
        assert_eq!((reading.state, reading.cause.as_str()), (State::Ok, ""));
        let findings = reading.facts.findings.unwrap();
        let ours: Vec<_> = findings
            .counted()
            .map(|f| (findings.text.get(f.rule), findings.text.get(f.path), f.line, f.level.name()))
            .collect();
        let path = "billing-service/billing/store.py";
        assert_eq!(
            ours,
            [
                ("bandit/B602", path, 12, "error"),
                ("bandit/B608", path, 31, "error"),
                ("bandit/B608", path, 44, "error"),
                ("bandit/B608", path, 0, "error")
            ]
        );
        let run = &sarif.runs[0];
        let rules = run.tool.driver.rules.as_ref().unwrap();
        let results = run.results.as_ref().unwrap();
        assert_eq!((rules.len(), results.len()), (2, 4));
        for result in results {
            let rule = usize::try_from(result.rule_index.unwrap()).unwrap();
            assert_eq!(Some(&rules[rule].id), result.rule_id.as_ref());
        }
        assert!(text.contains("2 findings count and are not listed"), "{text}");
    }

    #[test]
    fn hostile_text_changes_no_count_and_makes_no_link() {
        let text = written(&sample::hostile());
        let (sarif, reading) = read_back(&text);
        assert_eq!(sarif.runs[0].results.as_ref().unwrap().len(), 4);
        assert_eq!(reading.facts.findings.unwrap().counted().count(), 4);
        assert!(!text.contains("\"helpUri\""), "{text}");
        for line in text.lines().filter(|line| line.trim_start().starts_with("\"text\"")) {
            assert!(!line.contains("]("), "{line}");
        }
    }

    #[test]
    fn a_list_that_is_cut_says_so() {
        let mut report = sample::report();
        let findings = report.findings.as_mut().unwrap();
        findings.list = vec![findings.list[0].clone(); MAX_RESULTS + 7];
        let text = written(&report);
        assert_eq!(read_back(&text).0.runs[0].results.as_ref().unwrap().len(), MAX_RESULTS);
        assert!(text.contains("9 findings count and are not listed"), "{text}");
    }

    #[test]
    fn a_run_that_did_not_see_everything_is_no_clean_scan() {
        let mut report = sample::report();
        (report.evidence[1].state, report.evidence[1].cause) = (State::Truncated, "line 9".to_owned());
        for report in [report, sample::error()] {
            let text = written(&report);
            let (sarif, reading) = read_back(&text);
            assert!(!sarif.runs[0].invocations.as_ref().unwrap()[0].execution_successful);
            assert_eq!(reading.state, State::Crashed);
        }
        assert!(written(&sample::green()).contains("no results of a scanner were read"));
    }

    #[test]
    fn a_finding_without_a_path_stands_at_the_file_that_reports_it() {
        let mut report = sample::report();
        report.findings.as_mut().unwrap().list[0].path.clear();
        let text = written(&report);
        assert!(text.contains("\"uri\": \"security/bandit.sarif\""), "{text}");
        assert_eq!(uri("a b/c%d:é.rs"), "a%20b/c%25d%3A%C3%A9.rs");
        assert_eq!(uri("https://e.org/a b"), "https://e.org/a%20b");
    }
}
