//! What people put on record: waivers, quarantines, statements, overrides, and policies tried on what was recorded.

use crate::support::shipworthy;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A folder with a policy and what else a run needs.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            std::fs::write(desk.0.path().join(name), content).unwrap();
        }
        desk
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn gate(&self, paths: &[&str], args: &[&str]) -> (i32, Value) {
        let (out, policy) = (self.at("out"), self.at("policy.yml"));
        let fixed =
            ["--policy", &policy, "--out", &out, "--formats", "json", "--as-of", "2026-11-22T00:00:00Z"];
        let output = shipworthy(&[&["gate"], paths, &fixed[..], args].concat());
        let report = std::fs::read_to_string(Path::new(&out).join("report.json")).unwrap();
        (output.status.code().unwrap(), serde_json::from_str(&report).unwrap())
    }
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const SECURITY: &str =
    "version: 1\nwaivers: w.yml\ncategories:\n  security: { weight: 100%, criteria: { findings.high: 0 } }\n";

fn waiver(id: &str, rule: &str, expires: &str) -> String {
    format!(
        "  - {{ id: {id}, match: {{ rule: {rule} }}, owner: \"@sec\", reason: looked at, expires: {expires} }}\n"
    )
}

#[test]
fn a_waiver_is_announced_before_it_ends_and_named_where_it_covers_nothing() {
    let waivers = "version: 1\nwaivers:\n".to_owned()
        + &waiver("soon", "B602", "2026-12-01")
        + &waiver("idle", "B999", "2027-12-01")
        + &waiver("late", "B608", "2026-11-21");
    let desk = Desk::new(&[("policy.yml", SECURITY), ("w.yml", &waivers)]);
    let (code, report) = desk.gate(&["fixtures/demo/red"], &[]);
    assert_eq!(code, 0);
    let states: Vec<(&str, &str)> = report["waivers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (w["id"].as_str().unwrap(), w["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("soon", "expiring"), ("idle", "unused"), ("late", "expired")]);
    for code in ["waiver.expiring", "waiver.unused", "waiver.expired"] {
        assert!(report["diagnostics"].to_string().contains(code), "{code}");
    }
    let criterion = &report["decision"]["categories"][0]["criteria"][0];
    assert_eq!(
        (criterion["state"].as_str(), criterion["raw_state"].as_str()),
        (Some("waived"), Some("fail"))
    );
    assert_eq!(criterion["waivers"], serde_json::json!(["soon"]));
    assert_eq!(report["decision"]["points_bought"]["display"], "100");
    assert_eq!(report["waivers"][0]["points"]["display"], "100");
    assert_eq!(report["findings"]["waived"], 1);
    // The last day itself still counts; the day after does not.
    let on = |time: &str| {
        let (policy, out) = (desk.at("policy.yml"), desk.at("o"));
        shipworthy(&["gate", "fixtures/demo/red", "--policy", &policy, "--out", &out, "--as-of", time])
            .status
            .code()
    };
    assert_eq!((on("2026-12-01T23:59:59Z"), on("2026-12-02T00:00:00Z")), (Some(0), Some(1)));
}

/// Waivers take findings away, never the state of the evidence.
#[test]
fn no_waiver_mends_a_damaged_file() {
    let desk = Desk::new(&[
        ("policy.yml", SECURITY),
        ("w.yml", &("version: 1\nwaivers:\n".to_owned() + &waiver("all", "B*", "2027-01-01"))),
    ]);
    let (code, report) = desk.gate(&["fixtures/findings/sarif/bandit-truncated"], &[]);
    assert_eq!((code, report["decision"]["verdict"].as_str()), (3, Some("inconclusive")));
}

#[test]
fn an_accessibility_rule_can_be_waived_for_a_page() {
    let policy = "version: 1\nwaivers: w.yml\ncategories:\n  accessibility: { weight: 100%, criteria: { a11y.critical: 0 } }\n";
    let waivers = "version: 1\nwaivers:\n".to_owned()
        + &waiver("a", "button-name", "2027-01-01")
        + &waiver("b", "image-alt", "2027-01-01");
    let desk = Desk::new(&[("policy.yml", policy), ("w.yml", &waivers)]);
    let (code, report) = desk.gate(&["fixtures/demo/red"], &[]);
    assert_eq!(code, 0, "{:#}", report["decision"]["categories"]);
    assert_eq!(report["decision"]["categories"][0]["criteria"][0]["state"], "waived");
}

#[test]
fn waiving_every_test_leaves_nothing_to_pass() {
    let policy = "version: 1\nwaivers: w.yml\ncategories:\n  integration: { weight: 100%, criteria: { tests.pass_rate: 100% } }\n";
    let waivers = "version: 1\nwaivers:\n  - { id: a, match: { test: \"tests.integration.* › *\" }, owner: o, reason: r, expires: 2027-01-01 }\n";
    let desk = Desk::new(&[("policy.yml", policy), ("w.yml", waivers)]);
    let (code, report) = desk.gate(&["fixtures/demo/red"], &[]);
    assert_eq!(code, 3);
    assert!(report["decision"]["reasons"].to_string().contains("every test is waived: none is left"));
}

#[test]
fn beyond_its_cap_no_quarantine_holds() {
    let policy = "version: 1\nwaivers: w.yml\nCAPcategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 100% } }\n";
    let waivers = "version: 1\nquarantine:\n  - { test: \"test_checkout*\", owner: o, reason: r, expires: 2027-01-01 }\n";
    let run = |cap: &str| {
        let desk = Desk::new(&[("policy.yml", &policy.replace("CAP", cap)), ("w.yml", waivers)]);
        desk.gate(&["fixtures/demo/red"], &[]).1
    };
    let (capped, free) = (run(""), run("quarantine_max: 100\n"));
    let failed = |r: &Value| {
        r["decision"]["categories"][0]["criteria"][0]["value"]["low"]["display"].as_str().unwrap().to_owned()
    };
    assert_ne!(failed(&capped), failed(&free));
    assert_eq!(capped["waivers"][0]["state"], "over cap");
    assert!(capped["diagnostics"].to_string().contains("quarantine.over_cap"));
    assert!(free["tests"]["quarantined"].as_array().unwrap().len() > 1, "they ran and are shown");
}

#[test]
fn a_skipped_category_is_out_with_its_damage_and_stays_on_record() {
    let policy = "version: 1\ncategories:\n  unit_tests: { weight: 90%, criteria: { tests.executed: 1 } }\n  performance: { weight: 10%, blocking: false, criteria: { web.lcp: 2500ms } }\n";
    let desk = Desk::new(&[
        ("policy.yml", policy),
        ("lh.json", "{\"lighthouseVersion\": \"12.0.0\", \"audits\": {"),
    ]);
    let paths = ["fixtures/demo/red/unit-billing", &desk.at("lh.json")];
    assert_eq!(desk.gate(&paths, &[]).0, 3);
    let skip = ["--skip", "performance", "--reason", "the machine is down", "--actor", "ada"];
    let (code, report) = desk.gate(&paths, &skip);
    assert_eq!((code, report["decision"]["skipped"][0]["actor"].as_str()), (0, Some("ada")));
    let lighthouse = ["fixtures/demo/red/unit-billing", "fixtures/demo/red/lighthouse"];
    assert_eq!(desk.gate(&lighthouse, &[]).0, 1);
    let (code, report) = desk
        .gate(&lighthouse, &["--skip", "performance", "--reason", "the machine is down", "--actor", "ada"]);
    assert_eq!((code, report["decision"]["categories"][1]["state"].as_str()), (0, Some("not-applicable")));
}

#[test]
fn a_profile_can_be_chosen_by_the_environment() {
    let policy = "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 100% } }\nprofiles:\n  lenient: { categories: { unit_tests: { criteria: { tests.pass_rate: 50% } } } }\n";
    let desk = Desk::new(&[("policy.yml", policy)]);
    let run = |profile: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
        command.args([
            "gate",
            "fixtures/demo/red/unit-customer",
            "--policy",
            &desk.at("policy.yml"),
            "--out",
            &desk.at("o"),
        ]);
        command.current_dir(crate::support::root()).env("SHIPWORTHY_PROFILE", profile).output().unwrap()
    };
    assert_eq!(run("").status.code(), Some(1));
    assert_eq!(run("lenient").status.code(), Some(0));
    let wrong = run("lenent");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(printed(&wrong).contains("did you mean `lenient`?"), "{}", printed(&wrong));
}

#[test]
fn a_policy_is_tried_on_what_earlier_runs_recorded() {
    let desk = Desk::new(&[]);
    for colour in ["red", "green"] {
        shipworthy(&[
            "gate",
            &format!("fixtures/demo/{colour}"),
            "--policy",
            "preset:seven-stage",
            "--out",
            &desk.at(colour),
        ]);
    }
    let (red, green) = (desk.at("red/report.json"), desk.at("green/report.json"));
    let same = printed(&shipworthy(&["policy", "try", &red, &green, "--policy", "preset:seven-stage"]));
    assert!(same.contains("0 of 2 decisions would have been others"), "{same}");
    let minimal = printed(&shipworthy(&["policy", "try", &red, &green, "--policy", "preset:minimal"]));
    assert!(minimal.contains("0 of 2"), "{minimal}");
    let strict = printed(&shipworthy(&["policy", "try", &green, "--policy", "preset:strict"]));
    assert!(strict.contains("deploy →"), "{strict}");
}

/// What a policy decides on a report's record is what it decides on the artifacts.
#[test]
fn a_trial_decides_as_the_gate_does() {
    let desk = Desk::new(&[]);
    for colour in ["red", "green"] {
        let folder = format!("fixtures/demo/{colour}");
        shipworthy(&["gate", &folder, "--out", &desk.at("recorded"), "--formats", "json"]);
        for preset in ["preset:seven-stage", "preset:minimal", "preset:strict"] {
            shipworthy(&[
                "gate",
                &folder,
                "--policy",
                preset,
                "--out",
                &desk.at("judged"),
                "--formats",
                "json",
            ]);
            let judged: Value =
                serde_json::from_str(&std::fs::read_to_string(desk.at("judged/report.json")).unwrap())
                    .unwrap();
            let tried = printed(&shipworthy(&[
                "policy",
                "try",
                &desk.at("recorded/report.json"),
                "--policy",
                preset,
            ]));
            let (verdict, score) =
                (&judged["decision"]["verdict"], &judged["decision"]["score"]["low"]["display"]);
            assert!(tried.contains(verdict.as_str().unwrap()), "{colour} {preset}: {verdict} {tried}");
            assert!(
                tried.contains(&format!("score {}", score.as_str().unwrap())),
                "{colour} {preset}: {score} {tried}"
            );
        }
    }
}

/// A category named after a kind of evidence takes what no other category is for; where none is, the way out is told.
#[test]
fn a_category_named_after_a_kind_takes_its_evidence() {
    let lcov = "TN:\nSF:src/a.ts\nDA:1,1\nLF:1\nLH:1\nend_of_record\n";
    let policy = |id: &str| {
        format!("version: 1\ncategories:\n  {id}: {{ weight: 100%, criteria: {{ coverage.line: 80% }} }}\n")
    };
    let desk = Desk::new(&[("policy.yml", &policy("coverage")), ("lcov.info", lcov)]);
    let evidence = desk.at("lcov.info");
    let (code, report) = desk.gate(&[&evidence], &[]);
    assert_eq!((code, report["evidence"][0]["category"].as_str()), (0, Some("coverage")));
    std::fs::write(desk.at("policy.yml"), policy("backend")).unwrap();
    let (code, report) = desk.gate(&[&evidence], &[]);
    assert_eq!(code, 3);
    let way = report["decision"]["way_to_green"][0]["text"].as_str().unwrap();
    assert!(way.starts_with("name ") && way.contains("under `evidence:` of `backend`"), "{way}");
}

const CHECKED: &str = "version: 1
categories:
  release:
    weight: 100%
    criteria:
      rollback plan: { check: rollback }
      tests.pass_rate: { target: 80%, min_samples: 5 }
";

/// Runs `policy try` with the desk's policy and answers what it prints.
fn tried(desk: &Desk, args: &[&str]) -> String {
    printed(&shipworthy(&[&["policy", "try", "--policy", &desk.at("policy.yml")], args].concat()))
}

#[test]
fn what_is_assumed_of_a_category_covers_its_checks() {
    let desk = Desk::new(&[("policy.yml", CHECKED)]);
    let all = tried(&desk, &["--assume", "all=pass"]);
    assert!(all.contains("deploy") && !all.contains("inconclusive"), "{all}");
    assert!(tried(&desk, &["--assume", "release=70"]).contains("remediate"));
    assert!(tried(&desk, &["--assume", "all=fail"]).contains("remediate"));
}

#[test]
fn a_trial_counts_records_and_asks_for_statements() {
    let desk =
        Desk::new(&[("policy.yml", CHECKED), ("t.xml", "<testsuite><testcase name='a'/></testsuite>")]);
    shipworthy(&[
        "gate",
        &desk.at("t.xml"),
        "--out",
        &desk.at("one"),
        "--formats",
        "json",
        "--policy",
        "preset:automatic",
    ]);
    let few = "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: { target: 80%, min_samples: 5 } } }\n";
    std::fs::write(desk.at("policy.yml"), few).unwrap();
    let out = tried(&desk, &[&desk.at("one/report.json")]);
    assert!(out.contains("→ inconclusive"), "{out}");
    std::fs::write(desk.at("policy.yml"), few.replace("min_samples: 5", "min_samples: 1")).unwrap();
    let out = tried(&desk, &[&desk.at("one/report.json")]);
    assert!(out.contains("0 of 1"), "{out}");
}

/// No policy makes good what was changed after its run.
#[test]
fn a_trial_on_a_tampered_run_never_deploys() {
    let desk = Desk::new(&[(
        "policy.yml",
        "version: 1\ncategories:\n  unit_tests: { weight: 100%, criteria: { tests.pass_rate: 80% } }\n",
    )]);
    std::fs::create_dir(desk.at("in")).unwrap();
    let (folder, file) = (desk.at("in"), desk.at("in/t.xml"));
    let script = format!("echo \"<testsuite><testcase name='a'/></testsuite>\" > {file}");
    let ran =
        shipworthy(&["run", "--results", &folder, "--category", "unit_tests", "--", "sh", "-c", &script]);
    assert!(ran.status.success(), "{}", printed(&ran));
    std::fs::write(&file, "<testsuite><testcase name='b'/></testsuite>").unwrap();
    let (code, report) = desk.gate(&[&desk.at("in")], &[]);
    assert_eq!(code, 4, "{}", report["decision"]["headline"]);
    let out = tried(&desk, &[&desk.at("out/report.json")]);
    assert!(!out.contains("deploy"), "{out}");
}

#[test]
fn init_writes_a_policy_that_holds_and_replaces_none_unasked() {
    let desk = Desk::new(&[]);
    let file = desk.at("first.yml");
    let first = shipworthy(&["init", "fixtures/demo/green", "--out", &file]);
    assert_eq!(first.status.code(), Some(0), "{}", printed(&first));
    assert_eq!(
        shipworthy(&["gate", "fixtures/demo/green", "--policy", &file, "--out", &desk.at("o")]).status.code(),
        Some(0)
    );
    // Everything that it pins is missed when it is gone.
    assert_eq!(
        shipworthy(&["gate", "fixtures/demo/green/unit-admin", "--policy", &file, "--out", &desk.at("o")])
            .status
            .code(),
        Some(3)
    );
    assert_eq!(shipworthy(&["init", "fixtures/demo/green", "--out", &file]).status.code(), Some(2));
    assert_eq!(
        shipworthy(&["init", "fixtures/demo/red", "--out", &file, "--overwrite"]).status.code(),
        Some(0)
    );
    assert_eq!(
        shipworthy(&["init", "fixtures/tests/junit/pytest-truncated", "--out", &desk.at("x.yml")])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn shells_and_the_manual_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = printed(&shipworthy(&["completions", shell]));
        assert!(output.contains("policy") && output.contains("baseline"), "{shell}");
    }
    assert!(printed(&shipworthy(&["man"])).contains(".TH shipworthy"));
    assert!(printed(&shipworthy(&["man", "gate"])).contains("policy\\-ref"));
    assert_eq!(shipworthy(&["man", "nope"]).status.code(), Some(2));
}
