//! The report's schema is generated from its types, committed, and holds for real reports.

use crate::support::{root, same_as_committed, shipworthy};
use serde_json::Value;

fn schema() -> Value {
    serde_json::to_value(schemars::schema_for!(shipworthy::report::Report)).unwrap()
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    same_as_committed(&root().join("schemas/report.v1.json"), &text);
}

#[test]
fn reports_of_every_outcome_hold_to_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for args in [
        &["fixtures/demo/red"][..],
        &["fixtures/demo/green"],
        &["fixtures/demo/green", "--policy", "preset:seven-stage"],
        &["no/such/folder"],
        &["fixtures/tests/junit/pytest-truncated"],
        &["fixtures/demo/green", "--policy", "no-such-policy.yml"],
    ] {
        shipworthy(&[&["gate", "--out", out, "--formats", "json"], args].concat());
        let text = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
        let report: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|e| format!("{} at {}", e, e.instance_path())).collect();
        assert!(errors.is_empty(), "{args:?}: {errors:?}");
    }
}
