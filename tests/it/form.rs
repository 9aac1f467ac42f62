//! A team's own form of the report: templates that replace the built-in ones file by file.

use crate::support::{files_below, shipworthy};
use serde_json::Value;
use std::path::Path;

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Judges the green demo with the templates of a folder.
fn gate(folder: &Path) -> (i32, String, std::path::PathBuf) {
    let (out, own) = (folder.join("out"), folder.join("ours"));
    let output = shipworthy(&[
        "gate",
        "fixtures/demo/green",
        "--as-of",
        "2026-01-31T12:00:00Z",
        "--out",
        out.to_str().unwrap(),
        "--templates",
        own.to_str().unwrap(),
    ]);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned(), out)
}

#[test]
fn the_templates_that_are_written_give_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("ours");
    std::fs::create_dir(&own).unwrap();
    let (code, _, out) = gate(folder.path());
    assert_eq!(code, 0);
    let built_in: Vec<String> = ["report.html", "report.md"].map(|f| text(&out.join(f))).to_vec();
    let written = shipworthy(&["templates", own.to_str().unwrap()]);
    assert!(written.status.success());
    assert_eq!(files_below(&own).len(), String::from_utf8_lossy(&written.stdout).lines().count());
    let (code, _, out) = gate(folder.path());
    assert_eq!(code, 0);
    assert!(built_in == ["report.html", "report.md"].map(|f| text(&out.join(f))));
    let again = shipworthy(&["templates", own.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2), "nothing is replaced unasked");
    assert!(shipworthy(&["templates", own.to_str().unwrap(), "--overwrite"]).status.success());
}

#[test]
fn one_file_of_ones_own_replaces_one_and_never_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("ours");
    std::fs::create_dir_all(own.join("html")).unwrap();
    std::fs::write(own.join("html/verdict.html"), "<h1>Meridian says {{ answer.word }}</h1>\n").unwrap();
    std::fs::write(own.join("report.css"), "h1 { color: rebeccapurple }").unwrap();
    let (code, _, out) = gate(folder.path());
    let html = text(&out.join("report.html"));
    assert_eq!(code, 0);
    assert!(html.contains("<h1>Meridian says Deploy</h1>") && html.contains("rebeccapurple"));
    assert!(html.contains("id=\"evidence\""), "all other parts are the built-in ones");
}

#[test]
fn a_slip_in_a_template_is_told_with_its_place() {
    for (name, source, want) in [
        ("html/verdikt.html", "x", "did you mean `html/verdict.html`?"),
        ("html/verdict.html", "<h1>\n{% if %}", "html/verdict.html:2"),
        ("html/verdict.html", "{{ no.such.thing }}", "html/verdict.html:1"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, source).unwrap();
        let (code, said, out) = gate(folder.path());
        assert_eq!(code, 2, "{name}: {said}");
        assert!(said.contains(want), "{name}: {said}");
        let report: Value = serde_json::from_str(&text(&out.join("report.json"))).unwrap();
        assert_eq!(report["decision"]["deployment_action"], "remediate");
    }
}
