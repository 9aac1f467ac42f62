//! Records of runs and packs: what broke off is told from what found nothing, and packs decide as their folders do.

use crate::support::{alone, files_below, root};
use proptest::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn shipworthy(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1");
    alone(&mut command);
    command.envs(env.iter().copied()).output().unwrap()
}

fn gate(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> (i32, Value) {
    let fixed = ["--out", "out", "--formats", "json", "--as-of", "2026-11-22T00:00:00Z"];
    let output = shipworthy(folder, env, &[&["gate"], args, &fixed[..]].concat());
    let report = std::fs::read_to_string(folder.join("out/report.json")).unwrap();
    (output.status.code().unwrap(), serde_json::from_str(&report).unwrap())
}

/// A command that leaves a report with so many failures and ends with a code.
fn tool(failures: u32, code: i32) -> String {
    let case = if failures > 0 { "<testcase name='a'><failure/></testcase>" } else { "<testcase name='a'/>" };
    format!("mkdir -p r; echo \"<testsuite name='s'>{case}</testsuite>\" > r/junit.xml; exit {code}")
}

const PIPELINE: [(&str, &str); 4] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_RUN_ID", "77"),
    ("GITHUB_RUN_ATTEMPT", "1"),
    ("GITHUB_JOB", "unit"),
];

fn run(folder: &Path, extra: &[&str], script: &str) -> i32 {
    run_in(folder, &PIPELINE, extra, script)
}

fn run_in(folder: &Path, env: &[(&str, &str)], extra: &[&str], script: &str) -> i32 {
    let args =
        [&["run", "--results", "r", "--category", "unit_tests"], extra, &["--", "sh", "-c", script]].concat();
    shipworthy(folder, env, &args).status.code().unwrap()
}

#[test]
fn a_run_keeps_its_exit_code_and_says_whether_it_is_explained() {
    for (failures, code, want) in [(0, 0, 0), (1, 1, 1), (0, 137, 3), (0, 1, 3)] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(run(folder.path(), &[], &tool(failures, code)), code);
        let (answer, report) = gate(folder.path(), &[], &["r"]);
        assert_eq!(answer, want, "{failures} failures, exit {code}: {:#}", report["decision"]["reasons"]);
    }
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[], &tool(0, 137));
    let (_, report) = gate(folder.path(), &[], &["r"]);
    assert!(
        report["decision"]["reasons"]
            .to_string()
            .contains("ended with exit code 137, and nothing that it left says why")
    );
    let missing = shipworthy(folder.path(), &[], &["run", "--", "no-such-program-anywhere"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn a_file_that_was_changed_is_a_matter_of_integrity_that_nobody_overrides() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[], &tool(1, 1));
    std::fs::write(folder.path().join("r/junit.xml"), "<testsuite name='s'><testcase name='a'/></testsuite>")
        .unwrap();
    let force =
        ["r", "--force", "--actor", "mallory", "--reason", "this really cannot wait any longer today"];
    for args in [&["r"][..], &force] {
        let (code, report) = gate(folder.path(), &[], args);
        assert_eq!((code, report["decision"]["basis"].as_str()), (4, Some("integrity")));
        assert_eq!(report["decision"]["reasons"][0]["code"], "EVIDENCE_TAMPERED");
        assert_eq!(report["decision"]["deployment_action"], "remediate");
    }
}

#[test]
fn what_a_run_left_must_be_there_and_be_of_this_commit() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[], &(tool(0, 0).replace("exit 0", "cp r/junit.xml r/more.xml")));
    assert_eq!(gate(folder.path(), &[], &["r"]).0, 0);
    std::fs::remove_file(folder.path().join("r/more.xml")).unwrap();
    let (code, report) = gate(folder.path(), &[], &["r"]);
    assert_eq!(code, 3, "{:#}", report["decision"]["reasons"]);

    let folder = tempfile::tempdir().unwrap();
    let at = |sha: &'static str| [PIPELINE[0], ("GITHUB_SHA", sha)];
    run_in(folder.path(), &at("1111111111111111"), &[], &tool(0, 0));
    assert_eq!(gate(folder.path(), &at("1111111111111111"), &["r"]).0, 0);
    let (code, report) = gate(folder.path(), &at("2222222222222222"), &["r"]);
    assert_eq!(code, 3);
    assert!(report["decision"]["reasons"].to_string().contains("EVIDENCE_FOREIGN"));
}

/// A slip of the pen in the name of a category must not lose what failed.
#[test]
fn a_category_that_the_policy_has_not_loses_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["run", "--results", "r", "--category", "unit", "--", "sh", "-c", &tool(1, 1)];
    shipworthy(folder.path(), &PIPELINE, &args);
    let (code, report) = gate(folder.path(), &[], &["r"]);
    assert_eq!(code, 1, "{:#}", report["decision"]["reasons"]);
    assert!(report["evidence"].to_string().contains("category.unknown"));
}

/// A later attempt of one tool of a job says nothing about the others.
#[test]
fn an_attempt_supersedes_its_own_tool_alone() {
    let all = tempfile::tempdir().unwrap();
    let attempt = |n: &'static str| [PIPELINE[0], PIPELINE[1], ("GITHUB_RUN_ATTEMPT", n), PIPELINE[3]];
    artifact(all.path(), "one", &attempt("1"), &["--name", "slow"], &tool(1, 1));
    artifact(all.path(), "two", &attempt("2"), &["--name", "fast"], &tool(0, 0));
    assert_eq!(gate(all.path(), &[], &["in"]).0, 1);
}

/// A folder for each artifact, as a pipeline downloads them.
fn artifact(all: &Path, name: &str, env: &[(&str, &str)], extra: &[&str], script: &str) {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), env, extra, script);
    for file in files_below(&folder.path().join("r")) {
        let target = all.join("in").join(name).join(file.file_name().unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(file, target).unwrap();
    }
}

#[test]
fn older_attempts_are_superseded_and_lost_shards_are_missed() {
    let all = tempfile::tempdir().unwrap();
    let attempt = |n: &'static str| [PIPELINE[0], PIPELINE[1], ("GITHUB_RUN_ATTEMPT", n), PIPELINE[3]];
    artifact(all.path(), "unit-1", &attempt("1"), &[], &tool(1, 1));
    assert_eq!(gate(all.path(), &[], &["in"]).0, 1);
    artifact(all.path(), "unit-2", &attempt("2"), &[], &tool(0, 0));
    let (code, report) = gate(all.path(), &[], &["in"]);
    assert_eq!(code, 0, "{:#}", report["decision"]["reasons"]);
    assert!(report["evidence"].to_string().contains("superseded"));

    let all = tempfile::tempdir().unwrap();
    for shard in ["1/3", "3/3"] {
        artifact(all.path(), &shard[..1], &PIPELINE, &["--shard", shard], &tool(0, 0));
    }
    let (code, report) = gate(all.path(), &[], &["in"]);
    assert_eq!(code, 3);
    assert!(report["decision"]["reasons"].to_string().contains("shard 2 of 3 of unit"));
}

#[test]
fn a_pack_that_was_changed_or_cut_never_deploys() {
    let folder = tempfile::tempdir().unwrap();
    let green = root().join("fixtures/demo/green/unit-admin");
    let packed = shipworthy(folder.path(), &[], &["pack", green.to_str().unwrap(), "--out", "unit.swz"]);
    assert_eq!(packed.status.code(), Some(0), "{}", String::from_utf8_lossy(&packed.stderr));
    assert_eq!(gate(folder.path(), &[], &["unit.swz"]).0, 0);
    let bytes = std::fs::read(folder.path().join("unit.swz")).unwrap();
    for cut in [10, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(folder.path().join("unit.swz"), &bytes[..cut]).unwrap();
        assert_eq!(gate(folder.path(), &[], &["unit.swz"]).0, 3, "{cut}");
    }
    let wrong = shipworthy(folder.path(), &[], &["pack", green.to_str().unwrap(), "--out", "unit.zip"]);
    assert_eq!(wrong.status.code(), Some(2));
}

/// The demo's files, each below a folder of its job.
fn demo() -> Vec<(PathBuf, PathBuf)> {
    let base = root().join("fixtures/demo/red");
    files_below(&base).into_iter().map(|f| (f.clone(), f.strip_prefix(&base).unwrap().to_owned())).collect()
}

fn place(files: &[(PathBuf, PathBuf)], folder: &Path) {
    for (from, to) in files {
        let target = folder.join(to);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(from, target).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the evidence of a pipeline is divided over packs, the report is that of reading it in one place, byte
    /// for byte.
    #[test]
    fn packs_decide_as_the_folder_does(shards in 1..6_usize, turns in prop::collection::vec(0..6_usize, 32)) {
        let folder = tempfile::tempdir().unwrap();
        let mut files = demo();
        let notes = folder.path().join("notes.md");
        std::fs::write(&notes, "no evidence").unwrap();
        files.push((notes, PathBuf::from("lint/notes.md")));
        place(&files, &folder.path().join("whole"));
        for shard in 0..shards {
            let own: Vec<_> = files.iter().zip(turns.iter().cycle()).filter(|(_, turn)| *turn % shards == shard).map(|(f, _)| f.clone()).collect();
            if own.is_empty() {
                continue;
            }
            let source = format!("source-{shard}");
            place(&own, &folder.path().join(&source));
            let out = format!("packs/{shard}.swz");
            std::fs::create_dir_all(folder.path().join("packs")).unwrap();
            let packed = shipworthy(folder.path(), &[], &["pack", &source, "--as", ".", "--out", &out]);
            prop_assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
        }
        let report = |input: &str| {
            gate(folder.path(), &[], &[input]);
            std::fs::read(folder.path().join("out/report.json")).unwrap()
        };
        prop_assert!(report("whole") == report("packs"));
    }
}

#[test]
fn a_decision_is_checked_against_its_evidence_and_its_policy() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    place(&demo(), &at("in"));
    let policy =
        "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 80% } }\n";
    std::fs::write(at("policy.yml"), policy).unwrap();
    let (code, _) = gate(folder.path(), &PIPELINE, &["in", "--policy", "policy.yml", "--branch", "main"]);
    assert_eq!(code, 0);
    std::fs::copy(at("out/report.json"), at("report.json")).unwrap();
    let verify = |report: &str| {
        let output = shipworthy(folder.path(), &[], &["verify", report, "in", "--policy", "policy.yml"]);
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for report in ["out/report.json", "report.json"] {
        assert_eq!(verify(report).0, 0, "{report}: {}", verify(report).1);
    }
    // The policy is that of whoever asks, whatever the report names.
    let asked = |options: &[&str]| {
        let args = [&["verify", "report.json", "in"][..], options].concat();
        let output = shipworthy(folder.path(), &[], &args);
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(asked(&[]).0, 4);
    for (options, difference) in [
        (["--commit", "abc"], "the commit differs"),
        (["--branch", "other"], "the branch differs"),
        (["--policy", "preset:minimal"], "is another: its digest differs"),
    ] {
        let policy = if options[0] == "--policy" { &[][..] } else { &["--policy", "policy.yml"] };
        let (code, told) = asked(&[policy, &options].concat());
        assert!(code == 4 && told.contains(difference), "{options:?}: {told}");
    }
    // A report that claims a forced deploy is not taken at its word.
    let mut forced: Value =
        serde_json::from_str(&std::fs::read_to_string(at("report.json")).unwrap()).unwrap();
    forced["decision"]["override"] = serde_json::json!({ "actor": "eve", "reason": "because I say so today", "instead_of": 1, "effective": true });
    std::fs::write(at("forced.json"), forced.to_string()).unwrap();
    assert_eq!(verify("forced.json").0, 4);
    // Lists are compared as lists.
    let mut twice: Value =
        serde_json::from_str(&std::fs::read_to_string(at("report.json")).unwrap()).unwrap();
    let first = twice["evidence"][0].clone();
    twice["evidence"].as_array_mut().unwrap().push(first);
    std::fs::write(at("twice.json"), twice.to_string()).unwrap();
    assert_eq!(verify("twice.json").0, 4);
    // An edited decision, an edited policy, an edited file, and a file more.
    let text = std::fs::read_to_string(at("report.json")).unwrap();
    std::fs::write(
        at("edited.json"),
        text.replacen("\"verdict\": \"deploy\"", "\"verdict\": \"remediate\"", 1),
    )
    .unwrap();
    assert!(verify("edited.json").1.contains("the decision differs"));
    std::fs::write(at("policy.yml"), policy.replace("80%", "79%")).unwrap();
    assert_eq!(verify("report.json").0, 4);
    assert!(verify("report.json").1.contains("the policy policy.yml is another"));
    std::fs::write(at("policy.yml"), policy).unwrap();
    std::fs::write(at("in/more.xml"), "<testsuite name='s'><testcase name='a'/></testsuite>").unwrap();
    assert!(
        verify("report.json").1.contains("in/more.xml: the report does not know it")
            || verify("report.json").1.contains("more.xml: the report does not know it")
    );
    std::fs::remove_file(at("in/more.xml")).unwrap();
    std::fs::write(at("in/lint/ruff.sarif"), "{}").unwrap();
    assert!(verify("report.json").1.contains("lint/ruff.sarif: its digest differs"));
}

/// What the pipeline said of the run is asked again from the report, at any desk.
#[test]
fn a_decision_that_depended_on_the_run_can_be_checked_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let at = |sha: &'static str| [PIPELINE[0], ("GITHUB_SHA", sha), ("GITHUB_BASE_REF", "main")];
    run_in(folder.path(), &at("1111111111111111"), &[], &tool(0, 0));
    let (code, report) = gate(folder.path(), &at("2222222222222222"), &["r"]);
    assert_eq!((code, report["subject"]["base"].as_str()), (3, Some("main")));
    let output = shipworthy(folder.path(), &[], &["verify", "out/report.json", "r"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Advice names files as the pipeline's machine had them; the decision does not depend on it.
#[test]
fn a_decision_on_absolute_paths_can_be_checked_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    let lcov = "TN:\nSF:/home/ci/shop/src/a.ts\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n";
    std::fs::write(folder.path().join("in/lcov.info"), lcov).unwrap();
    let policy = "version: 1\ncategories:\n  coverage: { weight: 100%, criteria: { coverage.line: 80% } }\n";
    std::fs::write(folder.path().join("policy.yml"), policy).unwrap();
    let env = [PIPELINE[0], ("GITHUB_WORKSPACE", "/home/ci/shop")];
    let (_, report) = gate(folder.path(), &env, &["in", "--policy", "policy.yml"]);
    assert!(report["decision"].to_string().contains("src/a.ts"), "the advice names the file");
    let output =
        shipworthy(folder.path(), &[], &["verify", "out/report.json", "in", "--policy", "policy.yml"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_statement_names_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let red = root().join("fixtures/demo/red");
    let env = [PIPELINE[0], ("GITHUB_SHA", "1111111111111111"), ("GITHUB_REPOSITORY", "meridian/shop")];
    gate(folder.path(), &env, &[red.to_str().unwrap()]);
    std::fs::write(folder.path().join("app.tar"), "the artifact").unwrap();
    let statement = |args: &[&str]| -> Value {
        let output = shipworthy(folder.path(), &[], &[&["attest", "out/report.json"], args].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let whole = statement(&["--subject", "app.tar"]);
    assert_eq!(whole["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(whole["subject"][0]["digest"]["gitCommit"], "1111111111111111");
    assert_eq!(whole["subject"][1]["name"], "app.tar");
    assert_eq!(whole["predicate"]["decision"]["verdict"], "remediate");
    assert_eq!(whole["predicate"]["evidence"].as_array().unwrap().len(), demo().len());
    assert_eq!(statement(&["--predicate"]), whole["predicate"]);
    gate(folder.path(), &[], &[red.to_str().unwrap()]);
    assert_eq!(shipworthy(folder.path(), &[], &["attest", "out/report.json"]).status.code(), Some(2));
}
