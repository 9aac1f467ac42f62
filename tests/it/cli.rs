//! The command line as people use it.

use crate::support::{root, shipworthy};
use rayon::prelude::*;
use serde_json::Value;
use shipworthy::render::Output as Rendered;
use std::path::{Path, PathBuf};
use std::process::Output;

fn gate(out: &Path, args: &[&str]) -> Output {
    let fixed = ["gate", "--out", out.to_str().unwrap(), "--as-of", "2026-01-31T12:00:00Z"];
    shipworthy(&[&fixed[..], args].concat())
}

fn report(out: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(out.join("report.json")).unwrap()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Every output, as `--formats` takes them.
fn every_format() -> String {
    Rendered::ALL.map(Rendered::name).join(",")
}

#[test]
fn the_demo_in_red_and_in_green() {
    let folder = tempfile::tempdir().unwrap();
    let red = gate(folder.path(), &["fixtures/demo/red"]);
    assert_eq!(code(&red), 1);
    let told = String::from_utf8_lossy(&red.stdout).into_owned();
    assert!(told.trim_end().lines().last().unwrap().starts_with("exit 1: remediate"), "{told}");
    let decision = report(folder.path())["decision"].clone();
    assert_eq!(
        decision["blocking_failures"],
        serde_json::json!(["quality", "security", "unit_tests", "integration", "e2e"])
    );

    let green = gate(folder.path(), &["fixtures/demo/green"]);
    assert_eq!(code(&green), 0);
    let decision = report(folder.path())["decision"].clone();
    assert_eq!(
        (decision["verdict"].as_str(), decision["score"]["low"]["num"].as_str()),
        (Some("deploy"), Some("100"))
    );
    for output in ["report.html", "report.md", "report.yaml", "report.json"] {
        assert!(folder.path().join(output).metadata().unwrap().len() > 500, "{output}");
    }
}

#[test]
fn every_exit_code_has_its_cause_and_leaves_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let bad_policy = folder.path().join("bad.yml");
    std::fs::write(&bad_policy, "version: 1\ncategories: {}\n").unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let out = folder.path().join("out");
    for (args, want) in [
        (vec!["no/such/place"], 3),
        (vec![empty.to_str().unwrap()], 3),
        (vec!["fixtures/tests/junit/pytest-empty"], 3),
        (vec!["fixtures/tests/junit/pytest-truncated"], 1),
        (vec!["fixtures/tests/junit/hand-94-suite-tests-5-cases-2"], 3),
        (vec!["fixtures/demo/green", "--policy", bad_policy.to_str().unwrap()], 2),
        (vec!["fixtures/demo/green", "--as-of", "yesterday"], 2),
        (vec!["fixtures/demo/green", "--formats", "pdf"], 2),
        (vec!["fixtures/demo/red", "--advisory"], 0),
    ] {
        let _nothing_there_the_first_time = std::fs::remove_dir_all(&out);
        let fixed = ["gate", "--out", out.to_str().unwrap()];
        let output = shipworthy(&[&fixed[..], &args].concat());
        assert_eq!(code(&output), want, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        let told = report(&out)["decision"]["exit_code"].as_i64().unwrap();
        assert!(told == i64::from(want) || args.contains(&"--advisory"), "{args:?}");
    }
    assert_eq!(code(&shipworthy(&["gate"])), 2);
    assert_eq!(code(&shipworthy(&["--version"])), 0);
}

#[test]
fn the_order_of_inputs_and_the_number_of_threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let red = [
        "unit-customer",
        "unit-admin",
        "unit-billing",
        "lint",
        "security",
        "lighthouse",
        "axe",
        "e2e",
        "integration",
    ];
    let mut paths: Vec<String> = red.iter().map(|p| format!("fixtures/demo/red/{p}")).collect();
    let mut first = None;
    for jobs in ["1", "2", "4"] {
        paths.rotate_left(2);
        paths.swap(0, 4);
        let formats = every_format();
        let options = ["--jobs", jobs, "--formats", &formats];
        let args: Vec<&str> = paths.iter().map(String::as_str).chain(options).collect();
        gate(folder.path(), &args);
        let outputs: Vec<Vec<u8>> =
            Rendered::ALL.map(|o| std::fs::read(folder.path().join(o.file_name())).unwrap()).into();
        assert!(*first.get_or_insert(outputs.clone()) == outputs, "differs with {jobs} threads");
    }
}

#[test]
fn every_output_comes_again_from_the_json() {
    let folder = tempfile::tempdir().unwrap();
    let formats = every_format();
    gate(folder.path(), &["fixtures/demo/red", "--formats", &formats]);
    let again = folder.path().join("again");
    let json = folder.path().join("report.json");
    let args = ["render", json.to_str().unwrap(), "--out", again.to_str().unwrap(), "--formats", &formats];
    let output = shipworthy(&args);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    for name in Rendered::ALL.map(Rendered::file_name) {
        assert!(
            std::fs::read(folder.path().join(name)).unwrap() == std::fs::read(again.join(name)).unwrap(),
            "{name}"
        );
    }
}

/// What is written for pipelines is evidence that our own readers take: nothing of the demo is lost on the way.
#[test]
fn what_pipelines_get_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &["fixtures/demo/red", "--formats", "junit,sarif"]);
    let out = report(folder.path());
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let facts = shipworthy::formats::read(name, &text).1.facts;
        (facts.tests.map(|t| t.counts()), facts.findings.map(|f| f.counted().count()))
    };
    let failing = out["tests"]["failures"].as_array().unwrap().len() as u64;
    let states = |state: &str| {
        let categories = out["decision"]["categories"].as_array().unwrap();
        let criteria = categories.iter().flat_map(|c| c["criteria"].as_array().unwrap());
        criteria.filter(|c| c["state"] == state).count() as u64
    };
    let counts = read("junit.xml").0.unwrap();
    // One more for the decision itself.
    assert_eq!(counts.bad(), failing + states("fail") + states("unknown") + 1);
    assert_eq!(counts.skipped, states("not-applicable") + states("info"));
    let counted = out["findings"]["counted"].as_u64().unwrap();
    assert_eq!(read("report.sarif").1.unwrap() as u64, counted);
    assert!(failing > 10 && counted > 10, "{failing} and {counted}");
}

#[test]
fn archives_are_read_in_place_and_give_the_same_decision() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("artifacts.zip");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
    let red = root().join("fixtures/demo/red");
    for file in crate::support::files_below(&red) {
        let name = file.strip_prefix(&red).unwrap().to_string_lossy().into_owned();
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, &std::fs::read(&file).unwrap()).unwrap();
    }
    writer.finish().unwrap();
    gate(folder.path(), &["fixtures/demo/red"]);
    let plain = report(folder.path());
    gate(folder.path(), &[zip.to_str().unwrap()]);
    let packed = report(folder.path());
    assert_eq!(plain["decision"]["score"], packed["decision"]["score"]);
    assert_eq!(plain["coverage"]["lines"], packed["coverage"]["lines"]);
    assert_eq!(plain["decision"]["blocking_failures"], packed["decision"]["blocking_failures"]);
}

/// Damage never helps: every artifact of the green demo, cut at many places, keeps the gate closed.
/// The files of a demo, copied.
fn copy_of(demo: &Path, to: &Path) -> Vec<PathBuf> {
    let copy = |file: PathBuf| {
        let target = to.join(file.strip_prefix(demo).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(file, &target).unwrap();
        target
    };
    crate::support::files_below(demo).into_iter().map(copy).collect()
}

#[test]
fn a_damaged_artifact_never_deploys() {
    let green = root().join("fixtures/demo/green");
    let files = crate::support::files_below(&green).len();
    // Each file is damaged in a copy of its own, so that several are judged at a time.
    (0..files).into_par_iter().with_max_len(1).for_each(|number| {
        let folder = tempfile::tempdir().unwrap();
        let (copy, out) = (folder.path().join("green"), folder.path().join("out"));
        let target = &copy_of(&green, &copy)[number];
        let whole = std::fs::read(target).unwrap();
        for percent in [0, 1, 35, 70, 99] {
            std::fs::write(target, &whole[..whole.len() * percent / 100]).unwrap();
            let code = code(&gate(&out, &[copy.to_str().unwrap(), "--formats", "json"]));
            assert!([1, 3].contains(&code), "{} cut to {percent} %: exit {code}", target.display());
        }
    });
    let out = tempfile::tempdir().unwrap();
    assert_eq!(code(&gate(out.path(), &["fixtures/demo/green"])), 0);
}

#[test]
fn explain_answers_from_the_report_alone() {
    let folder = tempfile::tempdir().unwrap();
    gate(folder.path(), &["fixtures/demo/red"]);
    let json = folder.path().join("report.json");
    let json = json.to_str().unwrap();
    let told =
        |args: &[&str]| String::from_utf8(shipworthy(&[&["explain", json], args].concat()).stdout).unwrap();
    assert!(told(&[]).contains("CRITERION_FAILED"));
    assert!(told(&["unit_tests"]).contains("unit_tests/coverage.line: fail"));
    assert!(told(&["unit_tests/coverage.line"]).contains("386/531"));
    assert_eq!(code(&shipworthy(&["explain", json, "nope"])), 2);
}

#[test]
fn a_missing_category_holds_under_the_preset() {
    let folder = tempfile::tempdir().unwrap();
    let output = gate(folder.path(), &["fixtures/demo/green/unit-billing", "--policy", "preset:seven-stage"]);
    assert_eq!(code(&output), 3);
    let reasons = report(folder.path())["decision"]["reasons"].clone();
    let codes: Vec<&str> = reasons.as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"EVIDENCE_MISSING"), "{codes:?}");
}

#[test]
fn a_stream_is_written_to_and_never_replaced() {
    let output = shipworthy(&["gate", "fixtures/demo/green", "--formats", "json", "--out", "-"]);
    let report: Value =
        serde_json::from_slice(&output.stdout).expect("standard output holds the report alone");
    assert_eq!((code(&output), report["decision"]["verdict"].as_str()), (0, Some("deploy")));
    assert!(String::from_utf8_lossy(&output.stderr).contains("exit 0"));
    assert_eq!(code(&shipworthy(&["gate", "fixtures/demo/green", "--out", "-"])), 2);
    if cfg!(unix) {
        let null = shipworthy(&["gate", "fixtures/demo/green", "--formats", "json", "--out", "/dev/null"]);
        assert_eq!(code(&null), 0);
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    }
}
