//! Mistakes are refused with their place; what is written means what it says.

use super::*;
use crate::evidence::exact::whole;

fn error(text: &str) -> String {
    let mistakes = Policy::parse("p.yml", text).unwrap_err();
    mistakes.all().iter().map(|e| format!("{} / {}\n", e.message, e.help)).collect()
}

fn with_criteria(criteria: &str) -> String {
    format!("version: 1\ncategories:\n  a:\n    weight: 100%\n    criteria:\n      {criteria}\n")
}

#[test]
fn the_presets_are_valid_and_the_matrix_sums_to_one() {
    for name in PRESETS {
        let policy = Policy::preset(name).unwrap();
        assert!(name == "minimal" || policy.categories.len() == 7, "{name}");
        assert_eq!(policy.categories.iter().fold(whole(0), |sum, c| sum + &c.weight), whole(1));
        assert_eq!(policy.deploy_at, whole(100));
    }
    assert!(Policy::preset("nope").is_err());
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, wants) in [
        (
            "version: 2\ncategories: {a: {weight: 100%, criteria: {tests.failed: {target: 0}}}}",
            &["version", "1"][..],
        ),
        ("version: 1\ncategores: {}", &["categores"]),
        ("version: 1", &["no category"]),
        (&with_criteria("test.failed: { target: 0 }"), &["test.failed", "tests.failed", "6"]),
        (&with_criteria("tests.failed: {}"), &["target"]),
        (&with_criteria("coverage.line: { target: 80 }"), &["80%"]),
        (&with_criteria("coverage.line: { target: 101% }"), &["range"]),
        (&with_criteria("coverage.line: { target: 80%, limit: 90% }"), &["limit"]),
        (&with_criteria("tests.failed: { target: .nan }"), &["finite"]),
        (
            "version: 1\ncategories:\n  a: { weight: 60%, criteria: { tests.failed: { target: 0 } } }",
            &["sum to 60"],
        ),
        ("version: 1\ncategories:\n  a: { weight: 100% }", &["no criterion"]),
        (
            "version: 1\ncategories:\n  a: { weight: -1, criteria: { tests.failed: { target: 0 } } }",
            &["weight"],
        ),
        (
            &format!("{}evidence: [{{ name: x }}]", with_criteria("tests.failed: { target: 0 }")),
            &["everything"],
        ),
        (&format!("{}deploy_at: 101", with_criteria("tests.failed: { target: 0 }")), &["deploy_at"]),
    ] {
        let got = error(text);
        for want in wants {
            assert!(got.contains(want), "{text}\n  gives: {got}\n  wanted: {want}");
        }
    }
}

#[test]
fn duplicate_keys_and_yaml_bombs_are_refused() {
    assert!(error("version: 1\nversion: 1").contains("uplicate"));
    let bomb = format!("version: 1\nx: {}", "[".repeat(100_000));
    assert!(Policy::parse("p.yml", &bomb).is_err());
}

#[test]
fn points_are_normalised() {
    let text = "version: 1\ncategories:\n  a: { weight: 1, criteria: { tests.failed: { target: 0 } } }\n  b: { weight: 3, criteria: { tests.failed: { target: 0 } } }";
    let policy = Policy::parse("p.yml", text).unwrap();
    assert_eq!(policy.categories[1].weight, crate::evidence::exact::ratio(3, 4).unwrap());
    assert!(policy.categories[0].criteria[0].origin.starts_with("p.yml:3"));
}
