//! Ways in which other gates took red for green, each as evidence and policy with the answer that is right. What is
//! cited is the system and the file or issue in which the behaviour was seen.

use crate::support::shipworthy;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

/// A run of the gate in a folder of its own.
struct Run {
    code: i32,
    report: Value,
}

impl Run {
    fn low(&self) -> f64 {
        self.report["decision"]["score"]["low"]["display"].as_str().unwrap().parse().unwrap()
    }

    fn codes(&self) -> Vec<&str> {
        self.report["decision"]["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|r| r["code"].as_str())
            .collect()
    }
}

/// One trap.
struct Trap {
    cited: &'static str,
    files: Vec<(&'static str, String)>,
    policy: &'static str,
    args: &'static [&'static str],
    /// The exit code that is right.
    code: i32,
    /// A reason or remark that has to be given.
    says: &'static str,
}

fn run(files: &[(&str, String)], policy: &str, args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, content) in files {
        std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        std::fs::write(at(name), content).unwrap();
    }
    std::fs::write(at("policy.yml"), policy).unwrap();
    std::fs::create_dir_all(at("in")).unwrap();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut all = vec!["gate".to_owned(), text(&at("in")), "--out".to_owned(), text(&at("out"))];
    all.extend(["--formats", "json", "--as-of", "2026-06-01T00:00:00Z"].map(str::to_owned));
    if !policy.is_empty() {
        all.extend(["--policy".to_owned(), text(&at("policy.yml"))]);
    }
    all.extend(args.iter().map(|a| a.replace("$DIR", &text(folder.path()))));
    let output = shipworthy(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let report = std::fs::read_to_string(at("out/report.json")).unwrap();
    Run { code: output.status.code().unwrap(), report: serde_json::from_str(&report).unwrap() }
}

fn junit(passed: usize, failed: usize, skipped: usize) -> String {
    let total = passed + failed + skipped;
    let mut xml = format!(
        "<testsuites><testsuite name=\"s\" tests=\"{total}\" failures=\"{failed}\" skipped=\"{skipped}\">"
    );
    for n in 0..total {
        let body = if n < failed {
            "<failure message=\"no\"/>"
        } else if n < failed + skipped {
            "<skipped/>"
        } else {
            ""
        };
        write!(xml, "<testcase classname=\"C\" name=\"t{n}\" time=\"0.1\">{body}</testcase>").unwrap();
    }
    xml + "</testsuite></testsuites>"
}

fn lcov(file: &str, hit: usize, total: usize) -> String {
    let mut text = format!("SF:{file}\n");
    for line in 1..=total {
        writeln!(text, "DA:{line},{}", usize::from(line <= hit)).unwrap();
    }
    write!(text, "LF:{total}\nLH:{hit}\nend_of_record\n").unwrap();
    text
}

/// A CodeQL run with findings of a severity score, and how it says that it went.
fn sarif(findings: usize, score: &str, successful: bool) -> String {
    let result = serde_json::json!({ "ruleId": "r", "message": { "text": "m" }, "level": "error",
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "src/a.js" }, "region": { "startLine": 3 } } }] });
    serde_json::json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "CodeQL", "rules": [{ "id": "r", "properties": { "security-severity": score, "tags": ["security"] } }] } },
        "invocations": [{ "executionSuccessful": successful }],
        "results": vec![result; findings],
    }] })
    .to_string()
}

const TESTS: &str =
    "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: 0 } }\n";
const RATE: &str =
    "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 100% } }\n";
const COVERAGE: &str =
    "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: 80% } }\n";
const SECURITY: &str =
    "version: 1\ncategories:\n  security: { weight: 100%, criteria: { findings.high: 0 } }\n";
const BOTH: &str = "version: 1\ncategories:\n  unit_tests: { weight: 50%, criteria: { tests.pass_rate: 100% } }\n  security: { weight: 50%, criteria: { findings.high: 0 } }\n";

fn traps() -> Vec<Trap> {
    let trap = |cited, files, policy, code, says| Trap { cited, files, policy, args: &[], code, says };
    let with = |args, trap: Trap| Trap { args, ..trap };
    vec![
        with(&["--policy", "no/such/slo.yml"], trap("1 keptn lighthouse-service evaluate_sli_handler.go: the SLO file is absent, so the result is pass", vec![("in/j.xml", junit(3, 0, 0))], "", 2, "cannot be read")),
        trap("1 keptn: only informative objectives, maximum score 0, score 100", vec![("in/j.xml", junit(3, 0, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: { target: 0, advisory: true } } }\n", 3, "NOTHING_TO_JUDGE"),
        trap("1 keptn: no earlier result, so a comparison passes", vec![("in/l.info", lcov("src/a.js", 9, 10))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: { target: 0%, scope: delta } } }\n", 3, "there is no baseline"),
        trap("2 keptn#6639: the reason shown was the score, and the objective that failed was hidden", vec![("in/j.xml", junit(9, 1, 0)), ("in/l.info", lcov("src/a.js", 1, 10))], "version: 1\ndeploy_at: 10\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 100%, coverage.line: 80% } }\n", 1, "unit_tests/coverage.line"),
        trap("3 keptn common.go: weight 0 becomes 1, so nothing can be asked for without being scored", vec![("in/j.xml", junit(3, 0, 0)), ("in/s.sarif", sarif(1, "9.8", true))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: 0 } }\n  security: { weight: 0%, criteria: { findings.critical: 0 } }\n", 1, "security/findings.critical"),
        trap("4 keptn lifecycle-toolkit: a bound that is NaN compares false, which is full marks", vec![("in/j.xml", junit(3, 1, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: NaN } }\n", 2, "no finite number"),
        trap("4 keptn lifecycle-toolkit: an objective without a target scores in full", vec![("in/j.xml", junit(3, 1, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: {} } }\n", 2, "judge nothing"),
        trap("5 kayenta WeightedSumScorer.scala: a group without data scores 100", vec![("in/j.xml", junit(3, 0, 0))], BOTH, 3, "EVIDENCE_MISSING"),
        trap("5 kayenta: the score is rounded before it is compared", vec![("in/j.xml", junit(99_999, 1, 0))], "version: 1\ndeploy_at: 100\ncategories:\n  unit_tests: { weight: 100%, blocking: false, criteria: { tests.pass_rate: 100% } }\n", 1, "the score is 99.9"),
        trap("5 kayenta: weights need not sum to 100", vec![("in/j.xml", junit(3, 0, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 60%, criteria: { tests.failed: 0 } }\n  security: { weight: 30%, criteria: { findings.high: 0 } }\n", 2, "sum to 90"),
        trap("6 kayenta NetflixACAJudge.scala: a critical metric that throws is left out", vec![("in/s.sarif", sarif(0, "9.8", false))], SECURITY, 3, "EVIDENCE_CRASHED"),
        trap("7 argo-rollouts analysis.go: a later error overwrites a failure", vec![("in/a.xml", junit(3, 1, 0)), ("in/b.xml", junit(3, 0, 0)[..120].to_owned())], RATE, 1, "CRITERION_FAILED"),
        trap("7 argo-rollouts docs/features/analysis.md: an error rate that may be 95 %", vec![("in/s.sarif", sarif(1, "8.0", true))], "version: 1\ncategories:\n  security: { weight: 100%, criteria: { findings.high: \">= 0\" } }\n", 2, "does not fit"),
        trap("8 codecov status.py: no coverage for the head, if_not_found: success", vec![("in/j.xml", junit(3, 0, 0))], COVERAGE, 3, "EVIDENCE_MISSING"),
        trap("8 codecov numeric.py: a malformed threshold is 0", vec![("in/l.info", lcov("src/a.js", 1, 10))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: { target: 80%, limit: some } } }\n", 2, "no finite number"),
        trap("8 codecov adjust_base: within 0.005 below passes", vec![("in/l.info", lcov("src/a.js", 15_999, 20_000))], COVERAGE, 1, "BELOW_TARGET"),
        trap("8 codecov ratio(0, 0) = 100", vec![("in/l.info", "TN:\nSF:src/a.js\nLF:0\nLH:0\nend_of_record\n".to_owned())], COVERAGE, 3, "EVIDENCE_EMPTY"),
        trap("9 octocov report.go: without a previous report even absolute conditions are skipped", vec![("in/l.info", lcov("src/a.js", 1, 10))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: 80%, change: { measure: coverage.line, target: 0%, scope: delta } } }\n", 1, "unit_tests/coverage.line"),
        trap("10 lighthouse-ci assert.js: zero reports, \"All results processed\"", vec![], "version: 1\ncategories:\n  performance: { weight: 100%, criteria: { web.lcp: 2500ms } }\n", 3, "EVIDENCE_MISSING"),
        trap("11 allure3 qualityGate rules.ts: zero tests hold max failures 0", vec![("in/j.xml", junit(0, 0, 0))], TESTS, 3, "EVIDENCE_EMPTY"),
        trap("12 autograding-model TestScore: nothing executed is 100 %", vec![("in/j.xml", junit(0, 0, 5))], RATE, 3, "every test was skipped"),
        trap("13 conftest runner/test.go, #181: what matches nothing passes", vec![("in/unit/j.xml", junit(3, 0, 0))], "version: 1\ncategories:\n  unit_tests:\n    weight: 100%\n    evidence: [{ path: \"unti/**\" }]\n    criteria: { tests.failed: 0 }\n", 3, "0 of 1 files"),
        trap("15 datadog-ci deployment gate: an error is no failure", vec![("in/j.xml", "<testsuites><testsuite name=\"s\"><testcase".to_owned())], TESTS, 3, "EVIDENCE_TRUNCATED"),
        trap("16 trunk analytics-cli context_quarantine.rs: once all parsed failures are in quarantine the rest of the run does not matter", vec![("in/a.xml", junit(300, 1, 0)), ("in/b.xml", junit(3, 0, 0)[..120].to_owned()), ("w.yml", "version: 1\nquarantine: [{ test: t0, owner: o, reason: comes and goes, expires: 2026-12-31 }]".to_owned())], "version: 1\nquarantine_max: 5\nwaivers: w.yml\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 100% } }\n", 3, "EVIDENCE_TRUNCATED"),
        trap("17 jenkinsci coverage-plugin: a threshold of 0 is too small and inactive", vec![("in/s.sarif", sarif(1, "8.0", true))], SECURITY, 1, "ABOVE_TARGET"),
        with(&["--diff", "$DIR/c.diff"], trap("18 diff_cover: no measurable line is 100 %", vec![("in/l.info", lcov("src/a.js", 9, 10)), ("c.diff", "--- /dev/null\n+++ b/src/new.js\n@@ -0,0 +1,2 @@\n+a\n+b\n".to_owned())], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: { target: 80%, scope: changed } } }\n", 3, "src/new.js has changed, and no report measures it")),
        trap("18 coverage.py (distil#32): 94.9 passes 95", vec![("in/l.info", lcov("src/a.js", 949, 1_000))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: 95% } }\n", 1, "94.9"),
        trap("19 GitHub (actions/runner#3649): a job that was skipped counts as success", vec![("in/unit/j.xml", junit(3, 0, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: 0 } }\nevidence: [{ name: end-to-end tests, path: \"e2e/**\" }]\n", 3, "end-to-end tests: 0 of 1 files"),
        trap("20 fourkeys METRICS.md: rows that were joined twice count twice", vec![("in/a/j.xml", junit(1, 1, 0)), ("in/b/j.xml", junit(1, 1, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.failed: { target: 0, limit: 1 } } }\n", 1, "Failed tests 1,"),
        trap("shards are averaged: 990 of 1000 and 5 of 10 are 74.5", vec![("in/a/l.info", lcov("src/a.js", 990, 1_000)), ("in/b/l.info", lcov("src/b.js", 5, 10))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { coverage.line: 98.6% } }\n", 1, "98.5"),
        trap("a glob that swallows another job's artifact", vec![("in/unit/j.xml", junit(3, 0, 0)), ("in/e2e/j.xml", junit(4, 0, 0))], "version: 1\ncategories:\n  unit_tests: { weight: 50%, evidence: [{ path: \"**/*.xml\" }], criteria: { tests.failed: 0 } }\n  e2e: { weight: 50%, evidence: [{ path: \"e2e/**\" }], criteria: { tests.failed: 0 } }\n", 3, "policy.overlap"),
        trap("a shard that is not there", vec![("in/e2e-1/j.xml", junit(3, 0, 0)), ("in/e2e-3/j.xml", junit(4, 0, 0))], "version: 1\ncategories:\n  e2e:\n    weight: 100%\n    evidence: [{ name: e2e, path: \"e2e-{shard}/**\", shards: 3 }]\n    criteria: { tests.failed: 0 }\n", 3, "e2e (shard 2): 0 of 1 files"),
        trap("snyk/policy PR 203: a waiver whose date is invalid holds for ever", vec![("in/s.sarif", sarif(1, "8.0", true)), ("w.yml", "version: 1\nwaivers: [{ id: W, match: { rule: r }, owner: o, reason: x, expires: 2026-02-31 }]".to_owned())], "version: 1\nwaivers: w.yml\ncategories:\n  security: { weight: 100%, criteria: { findings.high: 0 } }\n", 2, "day of the calendar"),
        trap("a waiver that is over still holds", vec![("in/s.sarif", sarif(1, "8.0", true)), ("w.yml", "version: 1\nwaivers: [{ id: W, match: { rule: r }, owner: o, reason: x, expires: 2026-05-31 }]".to_owned())], "version: 1\nwaivers: w.yml\ncategories:\n  security: { weight: 100%, criteria: { findings.high: 0 } }\n", 1, "waiver.expired"),
        trap("evidence of last month", vec![("in/j.xml", junit(3, 0, 0).replace("name=\"s\"", "name=\"s\" timestamp=\"2026-05-01T00:00:00\""))], "version: 1\ncategories:\n  unit_tests: { weight: 100%, evidence: [{ kind: tests, max_age: 24h }], criteria: { tests.failed: 0 } }\n", 3, "EVIDENCE_STALE"),
        with(&["--force", "--reason", "urgent", "--actor", "mallory"], trap("an override without a reason", vec![("in/j.xml", junit(3, 1, 0))], TESTS, 4, "OVERRIDE_INVALID")),
        with(&["--skip", "unit_tests", "--reason", "no time for tests today"], trap("a category that blocks is skipped", vec![("in/j.xml", junit(3, 1, 0))], TESTS, 2, "cannot be skipped")),
    ]
}

#[test]
fn what_other_gates_took_for_green_is_not() {
    let traps = traps();
    for trap in &traps {
        let run = run(&trap.files, trap.policy, trap.args);
        assert_eq!(run.code, trap.code, "{}: {:#}", trap.cited, run.report["decision"]["reasons"]);
        let text = run.report.to_string();
        assert!(
            text.contains(trap.says),
            "{}: `{}` is not said: {:#}",
            trap.cited,
            trap.says,
            run.report["decision"]
        );
        assert_ne!(run.report["decision"]["deployment_action"], "deploy", "{}", trap.cited);
    }
    // Every row of the table of peers has its trap; row 14 is the test below.
    for row in (1..=20).filter(|row| *row != 14) {
        assert!(traps.iter().any(|t| t.cited.starts_with(&format!("{row} "))), "row {row}");
    }
}

/// 14 scorecard `scorecard_result.go`: checks that crash leave the denominator, so that a crash raises the score.
#[test]
fn a_crash_never_raises_the_score() {
    let failing = [("in/j.xml", junit(1, 1, 0)), ("in/s.sarif", sarif(1, "8.0", true))];
    let crashed = [("in/j.xml", junit(1, 1, 0)), ("in/s.sarif", sarif(1, "8.0", false))];
    let (before, after) = (run(&failing, BOTH, &[]), run(&crashed, BOTH, &[]));
    assert!(after.low() <= before.low(), "{} {}", before.low(), after.low());
    assert!(after.codes().contains(&"EVIDENCE_CRASHED"));
}

/// A baseline of a run that failed is told as such (keptn#2388: a baseline from any earlier result).
#[test]
fn a_baseline_that_was_no_deploy_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_string_lossy().into_owned();
    shipworthy(&["gate", "fixtures/demo/red", "--out", &out, "--formats", "json"]);
    let baseline = format!("{out}/report.json");
    let run = run(&[("in/j.xml", junit(3, 0, 0))], TESTS, &["--baseline", &baseline]);
    assert_eq!(run.code, 0);
    assert!(run.report["diagnostics"].to_string().contains("baseline.not_deployed"));
    assert_eq!(run.report["baseline"]["verdict"], "remediate");
}
