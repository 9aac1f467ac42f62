//! `shipworthy policy try`: what a policy would have decided.

use super::super::console::{Console, say};
use super::super::source::{Files, PolicyArgs, load_checked};
use super::super::{Exit, Failure, Outcome, read_report};
use super::named;
use crate::decide::replay::{Assumed, evidence_of, judge_assumed, judge_recorded};
use crate::decide::{Context, Judged, assign, tell};
use crate::evidence::Evidence;
use crate::evidence::exact::{Exact, decimal, whole};
use crate::policy::Policy;
use crate::render::hostile::{Encoded, Hostile, Log, encoded};
use crate::report::{Decision, Report, Verdict};
use num_traits::Signed as _;
use std::path::PathBuf;

/// Reasons that are told of each trial.
const MAX_REASONS: usize = 5;

/// Say what a policy would have decided on earlier reports, or on assumptions, without any artifact
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Reports of earlier runs: their report.json
    #[arg(value_name = "REPORT")]
    reports: Vec<PathBuf>,
    /// The policy to try: a file, or `preset:NAME`
    #[arg(long, value_name = "FILE|preset:NAME")]
    policy: Option<String>,
    /// Profile of the policy
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Assume a category to come out so: `unit_tests=pass`, `security=fail`, `quality=85`; `all` is every other one
    #[arg(long, value_name = "CATEGORY=pass|fail|SCORE", conflicts_with = "reports")]
    assume: Vec<String>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let name = PolicyArgs::find(args.policy.as_deref())?;
    let files = Files::of(Some(&name));
    let (_, policy) = load_checked(&name, &|path| files.read(path), &named(args.profile.as_ref()))?;
    if !args.assume.is_empty() {
        return assume(args, &policy, console);
    }
    if args.reports.is_empty() {
        return Err(Failure::Usage {
            message: "there is nothing to try the policy on".to_owned(),
            help: "name earlier reports, or assume something: --assume all=pass".to_owned(),
        });
    }
    let (mut same, mut flips) = (0_usize, 0_usize);
    for path in &args.reports {
        let report = read_report(path)?;
        let decision = replay(&policy, &report);
        let (before, after) = (report.decision.verdict, decision.verdict);
        let flipped = before != after;
        let arrow = if flipped {
            encoded!(Log, "{} → {}", before.name(), after.name())
        } else {
            encoded!(Log, "{}", after.name())
        };
        let score = &decision.score;
        let (score, earlier) = (span(score), span(&report.decision.score));
        let path = path.to_string_lossy();
        say!(console, "{}: {}, score {} (was {})", Hostile(&path), arrow, score, earlier)?;
        if flipped {
            flips = flips.saturating_add(1);
            reasons(&decision, console)?;
        } else {
            same = same.saturating_add(1);
        }
    }
    say!(console, "{} of {} decisions would have been others", flips, same.saturating_add(flips))?;
    Ok(Exit::Deploy)
}

fn span(score: &crate::report::Span) -> Encoded<Log> {
    let (low, high) = (Hostile(&score.low.display), Hostile(&score.high.display));
    if score.is_exact() { encoded!(Log, "{}", low) } else { encoded!(Log, "{} to {}", low, high) }
}

/// The decision of a policy on what a report recorded, as of the report's own time.
fn replay(policy: &Policy, report: &Report) -> Decision {
    let context = Context {
        as_of: report.timestamp.parse().unwrap_or_default(),
        branch: report.subject.branch.clone(),
        base: report.subject.base.clone(),
        event: report.subject.event.clone(),
        ..Context::default()
    };
    let mut evidence = evidence_of(report);
    assign(policy, &mut evidence, &context);
    tell::tell(&judge_recorded(policy, &evidence, report, &context))
}

fn assume(args: &Args, policy: &Policy, console: &mut Console<'_>) -> Outcome {
    let assumed = args.assume.iter().map(|text| assumption(policy, text)).collect::<Result<Vec<_>, _>>()?;
    let (evidence, context) = (Evidence::default(), Context::default());
    // The contract asks for files, and no file is looked at here.
    let bare = Policy { contract: Vec::new(), ..policy.clone() };
    let bare = Policy {
        categories: bare
            .categories
            .into_iter()
            .map(|c| crate::policy::CategoryPolicy { evidence: Vec::new(), ..c })
            .collect(),
        ..bare
    };
    let judged: Judged<'_> = judge_assumed(&bare, &evidence, &assumed, &context);
    let decision = tell::tell(&judged);
    say!(console, "{}, score {}", decision.verdict.name(), span(&decision.score))?;
    for category in &decision.categories {
        let points = category.contribution.as_ref().map_or_else(|| encoded!(Log, "-"), span);
        let (id, state) = (Hostile(&category.id), category.state.name());
        say!(console, "  {:<20} {:<16} {} points", id, state, points)?;
    }
    if decision.verdict != Verdict::Deploy {
        reasons(&decision, console)?;
    }
    Ok(Exit::Deploy)
}

fn assumption(policy: &Policy, text: &str) -> Result<Assumed, Failure> {
    let wrong = |message: String| Failure::Usage {
        message,
        help: "write CATEGORY=pass, CATEGORY=fail, or CATEGORY=85; `all` is every category that is not named"
            .to_owned(),
    };
    let (category, value) = text.split_once('=').ok_or_else(|| wrong(format!("`{text}` assumes nothing")))?;
    if category != "all" && policy.categories.iter().all(|c| c.id != category) {
        return Err(wrong(format!("the policy has no category `{category}`")));
    }
    let attainment: Option<Exact> = match value {
        "pass" => Some(whole(1)),
        "fail" => Some(whole(0)),
        score => decimal(score.trim_end_matches('%'))
            .filter(|s| !s.is_negative() && *s <= whole(100))
            .map(|s| s / whole(100)),
    };
    let attainment = attainment.ok_or_else(|| wrong(format!("`{value}` is no score from 0 to 100")))?;
    Ok(Assumed { category: category.to_owned(), attainment })
}

fn reasons(decision: &Decision, console: &mut Console<'_>) -> std::io::Result<()> {
    for reason in decision.reasons.iter().take(MAX_REASONS) {
        say!(console, "    {}: {}", Hostile(&reason.code), Hostile(&reason.text))?;
    }
    match decision.reasons.len().saturating_sub(MAX_REASONS) {
        0 => Ok(()),
        more => say!(console, "    and {} more", more),
    }
}
