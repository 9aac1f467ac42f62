//! `shipworthy verify`: is a decision that of its evidence and its policy?

use super::context::ContextArgs;
use super::question::Question;
use super::source::PolicyArgs;
use super::{Exit, Failure, Outcome, read_report};
use crate::report::{Decision, Report};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Check a decision against its evidence: the same files, the same policy, and the same answer when it is asked again
///
/// Exit 0 where everything holds, 4 where something does not, 2 where it cannot be checked.
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

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let report = read_report(&args.report)?;
    if let Some(error) = &report.error {
        return Err(Failure::Usage {
            message: format!("that run could not judge: {}", error.message),
            help: "there is no decision to check".to_owned(),
        });
    }
    let named =
        if report.policy.automatic { "preset:automatic".to_owned() } else { report.policy.name.clone() };
    let policy = PolicyArgs {
        policy: args.policy.policy.clone().or(Some(named)),
        profile: args
            .policy
            .profile
            .clone()
            .or_else(|| Some(report.policy.profile.clone()).filter(|p| !p.is_empty())),
        ..args.policy.clone()
    };
    let context = args.context.again(&report);
    let folder = args.report.parent().map(PathBuf::from).unwrap_or_default();
    let again = Question {
        paths: &args.paths,
        exclude: &folder,
        policy: &policy,
        context: &context,
        // What is drawn over time is no part of a decision.
        history: &[],
        jobs_result: args.jobs_result.as_deref(),
    }
    .report()?;
    let differences = differences(&report, &again);
    if differences.is_empty() {
        writeln!(
            out,
            "verified: {} pieces of evidence, the policy and the decision are as reported",
            report.evidence.len()
        )?;
        return Ok(Exit::Deploy);
    }
    for difference in &differences {
        writeln!(out, "{difference}")?;
    }
    writeln!(out, "not verified: {} differences", differences.len())?;
    Ok(Exit::Integrity)
}

/// A decision without its advice: hints name paths as the machine had them that judged.
fn judged(decision: &Decision) -> Decision {
    let mut plain = Decision { way_to_green: Vec::new(), ..decision.clone() };
    for criterion in plain.categories.iter_mut().flat_map(|c| &mut c.criteria) {
        criterion.fix = None;
    }
    plain
}

/// What is not as the report says.
fn differences(report: &Report, again: &Report) -> Vec<String> {
    let digests = |r: &Report| -> BTreeMap<String, String> {
        r.evidence.iter().map(|e| (e.path.clone(), e.sha256.clone())).collect()
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
    all.extend(
        now.keys()
            .filter(|p| !before.contains_key(*p))
            .map(|path| format!("{path}: the report does not know it")),
    );
    if report.policy.digest != again.policy.digest {
        all.push(format!("the policy {} is another: its digest differs", report.policy.name));
    }
    let (old, new) = (&report.decision, &again.decision);
    if judged(old) != judged(new) {
        all.push(format!(
            "the decision differs: {} with score {} is reported, and it is {} with score {}",
            old.verdict.name(),
            old.score.low.display,
            new.verdict.name(),
            new.score.low.display
        ));
    }
    if report.tool.version != again.tool.version {
        all.push(format!("version {} wrote it, and this is {}", report.tool.version, again.tool.version));
    }
    all
}
