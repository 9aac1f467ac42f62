//! `shipworthy verify`: is a decision that of its evidence and its policy?

use super::console::{Console, say};
use super::context::ContextArgs;
use super::question::Question;
use super::source::PolicyArgs;
use super::{Exit, Failure, Outcome, guard, read_report};
use crate::render::hostile::Hostile;
use crate::report::Report;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Check a decision against its evidence: the same files, the same policy, and the same answer when it is asked again
///
/// Exit 0 where everything holds, 4 where something does not, 2 where it cannot be checked. The policy is the one that is
/// named here, or found as the gate finds it, and never the one that the report names; a forced deploy, a skipped category
/// and a first run count where they are asked for again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The report.json
    report: PathBuf,
    /// The evidence: files, folders or globs as the gate was given them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    context: ContextArgs,
    /// Results of the jobs, where the gate was given them
    #[arg(long, value_name = "JSON|@FILE")]
    jobs_result: Option<String>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let report = read_report(&args.report)?;
    if let Some(error) = &report.error {
        return Err(Failure::Usage {
            message: format!("that run could not judge: {}", error.message),
            help: "there is no decision to check".to_owned(),
        });
    }
    guard::use_threads(None);
    let context = args.context.again(&report);
    let folder = args.report.parent().map(PathBuf::from).unwrap_or_default();
    let again = Question {
        paths: &args.paths,
        exclude: &folder,
        policy: &args.policy,
        context: &context,
        // What is drawn over time is no part of a decision.
        history: &[],
        jobs_result: args.jobs_result.as_deref(),
        begin: &|| Ok(()),
    }
    .report()?;
    let differences = differences(&report, &again).map_err(|error| Failure::Internal {
        message: format!("the reports cannot be compared: {error}"),
        help: "please report it".to_owned(),
    })?;
    if differences.is_empty() {
        let files = report.evidence.len();
        say!(console, "verified: {} pieces of evidence, the policy and the decision are as reported", files)?;
        return Ok(Exit::Deploy);
    }
    for difference in &differences {
        say!(console, "{}", Hostile(difference))?;
    }
    say!(console, "not verified: {} differences", differences.len())?;
    Ok(Exit::Integrity)
}

/// What of a report depends on the machine that judged, and on nothing that was judged: advice names owners and paths.
const ADVICE: [&str; 9] = [
    "fix",
    "way_to_green",
    "manual_steps",
    "owner",
    "team",
    "excerpts",
    "help",
    "cheapest_loss",
    "estimated_fix_time",
];
/// The parts of a report that are compared, and what they are called.
const PARTS: [(&str, &str); 12] = [
    ("evidence", "the list of evidence"),
    ("contract", "the list of required evidence"),
    ("waivers", "the list of waivers"),
    ("attestations", "the list of statements"),
    ("components", "the list of components"),
    ("measures", "the list of measures"),
    ("failures", "the list of failures"),
    ("tests", "the tests"),
    ("coverage", "the coverage"),
    ("findings", "the findings"),
    ("pages", "the pages"),
    ("load", "the load tests"),
];

/// True where two values say the same. A path may be told from the root of one machine and below the checkout of another.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b || ends(a, b) || ends(b, a),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys()).filter(|key| !ADVICE.contains(&key.as_str()));
            keys.into_iter().all(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => same(a, b),
                _ => false,
            })
        }
        (a, b) => a == b,
    }
}

/// True for a path and its end below some folder.
fn ends(whole: &str, below: &str) -> bool {
    let below = below.strip_prefix("./").unwrap_or(below);
    whole.strip_suffix(below).is_some_and(|before| before.ends_with('/') && !below.is_empty())
}

/// What is not as the report says.
fn differences(report: &Report, again: &Report) -> Result<Vec<String>, serde_json::Error> {
    let mut all = evidence_differences(report, again);
    let subjects = [
        ("commit", &report.subject.commit, &again.subject.commit),
        ("branch", &report.subject.branch, &again.subject.branch),
    ];
    let other = subjects.into_iter().filter(|(_, said, asked)| said != asked);
    all.extend(
        other.map(|(what, said, asked)| {
            format!("the {what} differs: `{said}` is reported, and it is `{asked}`")
        }),
    );
    let digests = |r: &Report| match r.policy.files.as_slice() {
        [] => vec![r.policy.digest.clone()],
        files => files.iter().map(|f| f.sha256.clone()).collect(),
    };
    if digests(report) != digests(again) {
        all.push(format!("the policy {} is another: its digest differs", report.policy.name));
    }
    let (said, asked) = (serde_json::to_value(report)?, serde_json::to_value(again)?);
    let part = |of: &Value, key: &str| of.get(key).cloned().unwrap_or_default();
    let (old, new) = (&report.decision, &again.decision);
    if !same(&part(&said, "decision"), &part(&asked, "decision")) {
        all.push(format!(
            "the decision differs: {} with score {} is reported, and it is {} with score {}",
            old.verdict.name(),
            old.score.low.display,
            new.verdict.name(),
            new.score.low.display
        ));
    }
    let differing = PARTS.into_iter().filter(|(key, _)| !same(&part(&said, key), &part(&asked, key)));
    all.extend(differing.map(|(_, name)| format!("{name} differs")));
    if report.tool.version != again.tool.version {
        all.push(format!("version {} wrote it, and this is {}", report.tool.version, again.tool.version));
    }
    Ok(all)
}

/// Files that are not there, that nobody knows, and those with other bytes.
fn evidence_differences(report: &Report, again: &Report) -> Vec<String> {
    let digests = |r: &Report| -> BTreeMap<String, Vec<String>> {
        let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in &r.evidence {
            of.entry(item.path.clone()).or_default().push(item.sha256.clone());
        }
        of
    };
    let (before, now) = (digests(report), digests(again));
    let mut all = Vec::new();
    for (path, digest) in &before {
        match now.get(path) {
            None => all.push(format!("{path}: it is not there")),
            Some(other) if other != digest => all.push(format!("{path}: its digest differs")),
            Some(_) => {}
        }
    }
    let unknown = now.keys().filter(|p| !before.contains_key(*p));
    all.extend(unknown.map(|path| format!("{path}: the report does not know it")));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_the_same_below_another_checkout_and_nothing_else_is() {
        let said = json!({ "path": "/home/ci/shop/src/a.py", "lines": [1, 2], "fix": "now" });
        assert!(same(&said, &json!({ "path": "src/a.py", "lines": [1, 2] })));
        for other in [
            json!({ "path": "rc/a.py", "lines": [1, 2] }),
            json!({ "path": "src/b.py", "lines": [1, 2] }),
            json!({ "path": "src/a.py", "lines": [1] }),
            json!({ "path": "", "lines": [1, 2] }),
            json!({ "path": "src/a.py" }),
        ] {
            assert!(!same(&said, &other) && !same(&other, &said), "{other}");
        }
    }
}
