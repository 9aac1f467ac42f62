//! From the report to the source: links, and what is shown beside them.

use crate::support::{alone, root};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Runs the gate over the red fixture in a pipeline of GitHub.
fn gate(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command.args(["gate", "fixtures/demo/red", "--as-of", "2026-01-31T12:00:00Z", "--out"]);
    command.arg(folder).args(args).current_dir(root());
    alone(&mut command);
    for (name, value) in [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "meridian/shop"),
        ("GITHUB_SHA", COMMIT),
        ("GITHUB_WORKSPACE", "/srv/meridian"),
    ] {
        command.env(name, value);
    }
    command.output().unwrap()
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn json(folder: &Path) -> Value {
    serde_json::from_str(&text(folder, "report.json")).unwrap()
}

#[test]
fn places_link_to_the_source_at_the_commit_that_the_pipeline_tells() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &[]);
    let base = format!("https://github.com/meridian/shop/blob/{COMMIT}/");
    let report = json(folder.path());
    assert_eq!(report["source_url"], format!("{base}{{path}}#L{{line}}"));
    let html = text(folder.path(), "report.html");
    let finding = &report["findings"]["list"][0];
    let (path, line) = (finding["path"].as_str().unwrap(), finding["line"].as_u64().unwrap());
    let file = report["coverage"]["files"][0]["path"].as_str().unwrap();
    for address in [format!("{base}{path}#L{line}"), format!("{base}{file}")] {
        assert!(html.contains(&format!("href=\"{address}\" rel=\"noopener noreferrer\"")), "{address}");
    }
    let test = report["tests"]["failures"].as_array().unwrap().iter().find(|t| t["line"].is_u64()).unwrap();
    let address = format!("{base}{}#L{}", test["file"].as_str().unwrap(), test["line"]);
    assert!(html.contains(&address), "{address}");
    assert!(text(folder.path(), "report.md").contains(&format!("]({base}")));
}

#[test]
fn an_option_says_where_the_source_is_and_what_is_no_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &["--source-url", "https://git.example/{path}?l={line}"]);
    assert!(text(folder.path(), "report.html").contains("href=\"https://git.example/"));
    assert!(!text(folder.path(), "report.html").contains("https://github.com/meridian"));
    for (template, why) in [
        ("javascript:alert('{path}')", "does not begin with"),
        ("https://git.example/shop", "`{path}` is missing"),
        ("https://git.example{path}", "no `/` behind the server's name"),
    ] {
        let output = gate(folder.path(), &["--source-url", template]);
        assert_eq!(output.status.code(), Some(2), "{template}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(why), "{template}: {said}");
    }
    let output = gate(folder.path(), &["--ci", "none"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(folder.path()).get("source_url"), None);
    assert!(!text(folder.path(), "report.html").contains("https://github.com/meridian"));
}

#[test]
fn pages_say_what_their_numbers_mean_and_which_criteria_are_violated() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &[]);
    let report = json(folder.path());
    let pages = report["pages"].as_array().unwrap();
    let values = pages.iter().flat_map(|p| p["metrics"].as_array().unwrap()).map(|m| &m["value"]["num"]);
    assert!(values.clone().count() > 0 && values.clone().all(Value::is_string));
    let html = text(folder.path(), "report.html");
    for said in [
        "good up to 2500 ms, poor beyond 4000 ms",
        "policy: at most 2500 ms (fail over all pages)",
        "Violated success criteria of WCAG 2.2",
        "1.4.3 Contrast (Minimum)",
        "Automatic checks find only a part of what keeps people out",
    ] {
        assert!(html.contains(said), "{said}");
    }
}

#[test]
fn coverage_stands_by_folder_and_leads_to_the_rows_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &[]);
    let report = json(folder.path());
    let files = report["coverage"]["files"].as_array().unwrap();
    let html = text(folder.path(), "report.html");
    let sum = |key: &str| files.iter().filter_map(|f| f["lines"][key].as_u64()).sum::<u64>();
    assert!(html.contains("By folder, the most uncovered lines first"));
    let all = format!("{} of {} lines, {} files", sum("covered"), sum("total"), files.len());
    assert!(html.contains(&all), "{all}");
    let rows: Vec<&str> =
        html.split("id=\"file-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(rows.len(), files.len());
    for row in &rows {
        assert_eq!(rows.iter().filter(|r| r == &row).count(), 1, "{row}");
    }
    assert!(html.contains(&format!("href=\"#file-{}\"", rows[0])), "the worst file is named in its folder");
    for file in files {
        let uncovered = !file["uncovered"].as_array().unwrap().is_empty();
        assert!(!uncovered || file["last_line"].as_u64().unwrap() > 0, "{file}");
    }
}

/// Source for every covered file, as long as what was measured of it.
fn write_sources(report: &Value, folder: &Path) {
    for file in report["coverage"]["files"].as_array().unwrap() {
        let path = folder.join(file["path"].as_str().unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines = file["last_line"].as_u64().unwrap_or(0);
        std::fs::write(path, (1..=lines).map(|n| format!("<b>line {n}</b>\n")).collect::<String>()).unwrap();
    }
}

#[test]
fn the_source_of_uncovered_lines_is_shown_and_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (out, sources) = (folder.path().join("out"), folder.path().join("sources"));
    let plain = gate(&out, &[]);
    let without = json(&out);
    write_sources(&without, &sources);
    let shown = gate(&out, &["--sources", sources.to_str().unwrap()]);
    let report = json(&out);
    assert_eq!((plain.status.code(), &without["decision"]), (shown.status.code(), &report["decision"]));
    let first = &report["coverage"]["files"][0];
    let line = first["excerpts"][0]["uncovered"][0].as_u64().unwrap();
    let from = first["uncovered"][0].as_str().unwrap().split('-').next().unwrap();
    assert_eq!(from, line.to_string());
    let html = text(&out, "report.html");
    assert!(html.contains(&format!("&lt;b&gt;line {line}&lt;/b&gt;")) && html.contains("id=\"source-"));
    assert!(!report["diagnostics"].to_string().contains("sources.unreadable"));
    let mut verify = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    alone(&mut verify);
    let verify = verify
        .args(["verify", out.join("report.json").to_str().unwrap(), "fixtures/demo/red"])
        .args(["--base-path", "/srv/meridian"])
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(verify.status.code(), Some(0), "{}", String::from_utf8_lossy(&verify.stdout));
}

#[test]
fn no_path_of_an_artifact_leads_out_of_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("sources/src")).unwrap();
    std::fs::create_dir_all(at("evidence")).unwrap();
    std::fs::write(at("secret.rs"), "the secret\n").unwrap();
    std::fs::write(at("sources/src/a.rs"), "not covered\n").unwrap();
    std::fs::write(at("sources/src/latin.rs"), b"gr\xfc\xdfe\n").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("secret.rs"), at("sources/src/link.rs")).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("sources/up")).unwrap();
    }
    let absolute = at("secret.rs").to_string_lossy().into_owned();
    let paths = [
        "src/a.rs",
        "src/latin.rs",
        "src/link.rs",
        "up/secret.rs",
        "../secret.rs",
        absolute.as_str(),
        "src",
        "none.rs",
    ];
    let lcov: String =
        paths.iter().map(|p| format!("TN:\nSF:{p}\nDA:1,0\nLF:1\nLH:0\nend_of_record\n")).collect();
    std::fs::write(at("evidence/lcov.info"), lcov).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command.args(["gate", at("evidence").to_str().unwrap(), "--out", at("out").to_str().unwrap()]);
    command.args(["--sources", at("sources").to_str().unwrap()]).current_dir(root());
    alone(&mut command);
    command.output().unwrap();
    let report = text(&at("out"), "report.json");
    assert!(report.contains("not covered") && !report.contains("the secret"), "{report}");
    let remark = json(&at("out"))["diagnostics"].to_string();
    assert!(remark.contains("sources.unreadable"), "{remark}");
    for why in ["leads out of the folder", "it is no UTF-8 text", "it is no file"] {
        assert!(remark.contains(why), "{why}: {remark}");
    }
}

#[test]
fn a_folder_of_sources_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = gate(folder.path(), &["--sources", "no/such/folder"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/folder is no folder with source"));
}

#[test]
fn findings_are_counted_by_tool_severity_and_owner() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &[]);
    let report = json(folder.path());
    let findings = &report["findings"];
    let counted = findings["counted"].as_u64().unwrap();
    let sum =
        |rows: &Value| rows.as_array().unwrap().iter().map(|r| r["count"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum(&findings["by_tool"]), counted);
    assert!(findings.get("by_owner").is_none_or(|rows| sum(rows) == counted));
    for row in findings["by_tool"].as_array().unwrap() {
        let same = |f: &&Value| f["tool"] == row["tool"] && f["severity"] == row["severity"];
        let listed = findings["list"].as_array().unwrap().iter().filter(same).count();
        assert_eq!(listed as u64, row["count"].as_u64().unwrap(), "{row}");
    }
    assert!(text(folder.path(), "report.html").contains("By tool and severity"));
}
