//! What a pipeline is told: outputs, annotations and the summary, whatever the artifacts hold.

use crate::support::root;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What the runner of a pipeline sees of a run of the gate.
struct Seen {
    code: i32,
    log: String,
    outputs: BTreeMap<String, String>,
    /// Lines of the outputs' file.
    lines: usize,
    summary: String,
    report: Value,
}

fn github(folder: &Path, args: &[&str]) -> Seen {
    let at = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command.arg("gate").args(args).args(["--out", &at("out")]).current_dir(root());
    crate::support::alone(&mut command);
    for (name, value) in [
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_OUTPUT", at("output")),
        ("GITHUB_STEP_SUMMARY", at("summary")),
        ("GITHUB_WORKSPACE", "/srv/meridian".to_owned()),
        ("GITHUB_REPOSITORY", "meridian/shop".to_owned()),
        ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567".to_owned()),
        ("GITHUB_REF_NAME", "main".to_owned()),
        ("GITHUB_EVENT_NAME", "push".to_owned()),
    ] {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    let text = std::fs::read_to_string(at("output")).unwrap_or_default();
    let outputs =
        text.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    Seen {
        code: output.status.code().unwrap(),
        log: String::from_utf8_lossy(&output.stdout).into_owned(),
        outputs,
        lines: text.lines().count(),
        summary: std::fs::read_to_string(at("summary")).unwrap_or_default(),
        report: serde_json::from_str(&std::fs::read_to_string(at("out/report.json")).unwrap()).unwrap(),
    }
}

fn commands(log: &str) -> Vec<&str> {
    log.lines().filter(|l| l.trim_start().starts_with("::") || l.contains("##[")).collect()
}

#[test]
fn a_pipeline_is_told_the_answer_in_its_own_way() {
    let folder = tempfile::tempdir().unwrap();
    let seen = github(folder.path(), &["fixtures/demo/red"]);
    assert_eq!(
        (seen.code, seen.outputs["decision"].as_str(), seen.outputs["exit-code"].as_str()),
        (1, "remediate", "1")
    );
    assert_eq!((seen.outputs["verdict"].as_str(), seen.outputs["score"].as_str()), ("remediate", "35.3"));
    assert!(Path::new(&seen.outputs["report-html"]).is_file());
    let categories: Value = serde_json::from_str(&seen.outputs["categories"]).unwrap();
    assert_eq!(categories["unit_tests"]["state"], "fail");
    assert!(seen.summary.starts_with("## ❌"), "{}", &seen.summary[..60]);
    assert_eq!(seen.report["subject"]["branch"], "main");
    let findings = seen.report["findings"]["list"].as_array().unwrap();
    assert!(
        findings.iter().all(|f| !f["path"].as_str().unwrap().starts_with('/')),
        "paths below the workspace are relative"
    );
    let commands = commands(&seen.log);
    for word in ["::error ", "::warning "] {
        let told = commands.iter().filter(|l| l.starts_with(word)).count();
        assert!((1..=10).contains(&told), "{word} {told}");
    }
    assert!(commands.iter().any(|l| l.contains("more: the report lists all of them")));
    assert!(
        commands.iter().any(|l| l.contains("file=admin-portal/src/bulk.ts")),
        "paths below the workspace: {commands:#?}"
    );

    let folder = tempfile::tempdir().unwrap();
    let seen = github(folder.path(), &["fixtures/demo/green", "--no-summary"]);
    assert_eq!((seen.code, seen.outputs["decision"].as_str(), seen.summary.as_str()), (0, "deploy", ""));
    assert_eq!(self::commands(&seen.log), Vec::<&str>::new());
}

#[test]
fn what_cannot_be_evaluated_is_told_too() {
    let folder = tempfile::tempdir().unwrap();
    let seen = github(folder.path(), &["fixtures/demo/green", "--policy", "no-such.yml"]);
    assert_eq!(
        (seen.code, seen.outputs["decision"].as_str(), seen.outputs["exit-code"].as_str()),
        (2, "remediate", "2")
    );
    assert!(seen.log.contains("::error title=Cannot evaluate::"));
    assert!(seen.summary.contains("no-such.yml"), "{}", seen.summary);
    assert!(Path::new(&seen.outputs["report-html"]).is_file());
}

#[test]
fn nothing_in_an_artifact_is_a_command_or_an_output() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "x&#10;decision=deploy&#10;::set-output name=decision::deploy&#10;##[add-mask]y ${{ secrets.A }} `|` @org/team &#x1b;[31m &#x202e;";
    let xml = format!(
        "<testsuites><testsuite name=\"{evil}\" tests=\"1\" failures=\"1\"><testcase classname=\"{evil}\" name=\"{evil}\" file=\"{evil}\"><failure message=\"{evil}\">::error::z\n##[group]q</failure></testcase></testsuite></testsuites>"
    );
    let input = folder.path().join("in/::error::.zip");
    std::fs::create_dir_all(&input).unwrap();
    std::fs::write(input.join("##[debug]a.xml"), xml).unwrap();
    let seen = github(folder.path(), &[folder.path().join("in").to_str().unwrap()]);
    assert_eq!((seen.code, seen.outputs["decision"].as_str(), seen.lines), (1, "remediate", 16));
    for command in commands(&seen.log) {
        assert!(command.starts_with("::error ") || command.starts_with("::warning "), "{command:?}");
        assert!(
            !command.contains("##[") && !command.contains('\u{1b}') && !command.contains('\u{202e}'),
            "{command:?}"
        );
    }
    // In code a mention notifies nobody; everywhere else it must not be one.
    let parser = pulldown_cmark::Parser::new_ext(&seen.summary, pulldown_cmark::Options::ENABLE_TABLES);
    for event in parser {
        if let pulldown_cmark::Event::Text(text) = event {
            assert!(!text.contains("@org/team") && !text.trim_start().starts_with("::"), "{text}");
        }
    }
}

#[test]
fn a_job_that_left_nothing_is_missed() {
    let needs =
        |result: &str| format!("{{\"unit\":{{\"result\":\"success\"}},\"e2e\":{{\"result\":\"{result}\"}}}}");
    for (result, paths, code) in [
        ("success", "fixtures/demo/green", 0),
        ("skipped", "fixtures/demo/green/unit-admin", 3),
        ("cancelled", "fixtures/demo/green", 3),
        ("failure", "fixtures/demo/green", 3),
        ("failure", "fixtures/demo/red", 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let seen = github(folder.path(), &[paths, "--jobs-result", &needs(result)]);
        assert_eq!(seen.code, code, "{result} {paths}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("needs.json");
    std::fs::write(&file, needs("skipped")).unwrap();
    let seen = github(
        folder.path(),
        &["fixtures/demo/green/lint", "--jobs-result", &format!("@{}", file.display())],
    );
    assert!(
        seen.report["decision"]["reasons"].to_string().contains("the job was skipped and left no evidence")
    );
    let seen = github(folder.path(), &["fixtures/demo/green", "--jobs-result", "{}"]);
    assert_eq!(seen.code, 2);
}
