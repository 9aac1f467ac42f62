//! Charts over earlier runs: every run once and in order, nothing lost in silence, and no word in the decision.

use crate::support::{root, shipworthy};
use serde_json::Value;
use std::path::Path;

/// Judges a demo as of a day of January 2026 and answers the report.
fn gate(colour: &str, day: u32, out: &Path, more: &[&str]) -> Value {
    let (folder, time) = (format!("fixtures/demo/{colour}"), format!("2026-01-{day:02}T12:00:00Z"));
    let commit = format!("{day:040}");
    let out_name = out.to_str().unwrap();
    let fixed =
        ["gate", &folder, "--out", out_name, "--as-of", &time, "--commit", &commit, "--branch", "main"];
    let output = shipworthy(&[&fixed[..], more].concat());
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&read(out, "report.json")).unwrap()
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// The texts between `open` and the next `close`.
fn all<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).map(|rest| rest.split(close).next().unwrap()).collect()
}

fn days(report: &Value) -> Vec<&str> {
    let points = report["history"].as_array().map(Vec::as_slice).unwrap_or_default();
    points.iter().map(|p| &p["timestamp"].as_str().unwrap()[8..10]).collect()
}

fn codes(report: &Value) -> Vec<&str> {
    let remarks = report["diagnostics"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap());
    remarks.filter(|code| code.starts_with("history.")).collect()
}

/// Three earlier runs in folders whose names are in another order than their times.
fn past(folder: &Path) -> String {
    for (name, colour, day) in [("c/deep/er", "red", 3), ("a", "green", 5), ("b", "red", 4)] {
        gate(colour, day, &folder.join(name), &[]);
    }
    folder.to_str().unwrap().to_owned()
}

#[test]
fn earlier_runs_stand_in_the_report_and_in_the_page_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (past, out) = (past(&folder.path().join("past")), folder.path().join("report"));
    let report = gate("green", 6, &out, &["--history", &past]);
    assert_eq!(days(&report), ["03", "04", "05"]);
    assert_eq!(codes(&report), Vec::<&str>::new());
    let point = &report["history"][0];
    assert_eq!((&point["verdict"], &point["branch"]), (&"remediate".into(), &"main".into()));
    for key in ["score", "tests", "lines", "findings", "evidence"] {
        assert!(!point[key].is_null(), "{key} of {point}");
    }
    let page = read(&out, "report.html");
    let rows = page.split_once("<table class=\"runs\">").unwrap().1.split("</table>").next().unwrap();
    let told: Vec<&str> = all(rows, "<time datetime=\"2026-01-", "T").into_iter().collect();
    assert_eq!(told, ["06", "05", "04", "03"], "the newest first");
    assert_eq!(rows.matches("this run").count(), 1);
    let charts = all(&page, "<div class=\"card course\">", "</svg>");
    assert_eq!(charts.len(), 5);
    for chart in charts {
        let dots: Vec<&str> = all(chart, "<title>2026-01-", "T");
        assert_eq!(dots, ["03", "04", "05", "06"]);
        assert_eq!(all(chart, "points=\"", "\"").concat().split(' ').count(), 4, "{chart}");
    }
    assert!(page.contains(">target 100<") && page.contains("href=\"#history\""));
    assert!(page.contains("<p class=\"aside\">no change since the last run (2026-01-05, deploy)</p>"));
    let summary = read(&out, "report.md");
    assert!(
        summary.contains("no change since the last run (2026-01-05, deploy): `▁▁██` score over 4 runs"),
        "{summary}"
    );
}

#[test]
fn the_last_report_alone_tells_the_whole_course_and_no_run_counts_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (past, out) = (past(&folder.path().join("past")), folder.path().join("report"));
    gate("green", 6, &out, &["--history", &past]);
    // The report of the last run is read before that of this one takes its place.
    let report = gate("red", 7, &out, &["--history", out.to_str().unwrap(), "--history", &past]);
    assert_eq!(days(&report), ["03", "04", "05", "06"]);
    let again = gate("red", 7, &out, &["--history", out.to_str().unwrap()]);
    assert_eq!(days(&again), ["03", "04", "05", "06"], "the run itself is no earlier run");
}

#[test]
fn what_cannot_be_used_is_told_and_changes_no_decision() {
    let folder = tempfile::tempdir().unwrap();
    let (root_of_past, out) = (folder.path().join("past"), folder.path().join("report"));
    let past = past(&root_of_past);
    std::fs::write(root_of_past.join("a/report.json"), "{\"schema_version\": 1").unwrap();
    std::fs::create_dir_all(root_of_past.join("other")).unwrap();
    std::fs::write(root_of_past.join("other/report.json"), "{\"violations\": []}").unwrap();
    let (empty, gone) = (folder.path().join("empty"), folder.path().join("gone"));
    std::fs::create_dir_all(&empty).unwrap();
    let given =
        ["--history", &past, "--history", empty.to_str().unwrap(), "--history", gone.to_str().unwrap()];
    let report = gate("red", 4, &out, &given);
    assert_eq!(days(&report), ["03"], "the run of the 4th is this one");
    let mut told = codes(&report);
    told.sort_unstable();
    assert_eq!(told, ["history.empty", "history.unreadable", "history.unreadable", "history.unreadable"]);
    let text = report["diagnostics"].to_string();
    for file in ["a/report.json", "other/report.json", "gone", "empty"] {
        assert!(text.contains(file), "{file} is named in {text}");
    }
    let plain = gate("red", 4, &folder.path().join("plain"), &[]);
    assert_eq!(plain["decision"], report["decision"]);
    let later = gate("red", 3, &folder.path().join("later"), &["--history", out.to_str().unwrap()]);
    assert_eq!((days(&later), codes(&later)), (vec![], vec!["history.later"]));
}

#[test]
fn a_decision_with_a_history_is_verified_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let (past, out) = (past(&folder.path().join("past")), folder.path().join("report"));
    gate("red", 6, &out, &["--history", &past]);
    std::fs::remove_dir_all(&past).unwrap();
    let path = out.join("report.json");
    let output = shipworthy(&["verify", path.to_str().unwrap(), "fixtures/demo/red"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_report_with_a_history_holds_to_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let past = past(&folder.path().join("past"));
    let report = gate("red", 6, &folder.path().join("report"), &["--history", &past]);
    let schema = std::fs::read_to_string(root().join("schemas/report.v1.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|e| format!("{e} at {}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(report["history"].as_array().map(Vec::len), Some(3));
}
