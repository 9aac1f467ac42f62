//! What to do: failures in words, owners, minutes with their basis, and the shortest way to a deploy. Pure.
//!
//! Every number of minutes is an estimate by a stated rule; nothing here is measured.

mod cluster;
mod green;
mod words;

use crate::decide::{Judged, JudgedCategory, JudgedCriterion};
use crate::evidence::Kind;
use crate::policy::owners::Owners;
use crate::report::{CategoryState, CriterionState, FailureAnalysis, Fix, Step};
pub use words::component;

/// What the remedy stage adds to a decision.
#[derive(Debug, Default)]
pub struct Plan {
    /// By failing or unknown category, in the order of the policy.
    pub failures: Vec<FailureAnalysis>,
    /// Fixes by category and measure id.
    pub fixes: Vec<(String, Fix)>,
    /// The shortest way to a deploy, cheapest first.
    pub steps: Vec<Step>,
}

/// Minutes to produce one piece of evidence again.
const MINUTES_RERUN: u64 = 10;

/// Plans the way from a judgement to a deploy.
#[must_use]
pub fn plan(judged: &Judged<'_>, owners: &Owners) -> Plan {
    let mut plan = Plan::default();
    for category in &judged.categories {
        if matches!(category.state, CategoryState::Pass | CategoryState::NotApplicable) {
            continue;
        }
        let fixes: Vec<(&JudgedCriterion<'_>, Remedy)> = category
            .criteria
            .iter()
            .filter(|c| needs_fix(c))
            .map(|c| (c, remedy(owners, category, c)))
            .collect();
        plan.failures.push(analysis(category, &fixes));
        plan.fixes.extend(fixes.into_iter().map(|(c, r)| (green::id(category, c), r.fix)));
    }
    plan.steps = green::steps(judged, &plan.fixes);
    plan
}

fn needs_fix(criterion: &JudgedCriterion<'_>) -> bool {
    matches!(criterion.state, CriterionState::Fail | CriterionState::Warn | CriterionState::Unknown)
}

/// What is known about one criterion's failure.
struct Remedy {
    fix: Fix,
    issues: Vec<String>,
    steps: Vec<String>,
    clusters: Vec<crate::report::Cluster>,
}

fn remedy(owners: &Owners, category: &JudgedCategory<'_>, criterion: &JudgedCriterion<'_>) -> Remedy {
    let mut remedy = match (criterion.state, criterion.policy.measure.kind, criterion.policy.measure.id) {
        (CriterionState::Unknown, ..) => words::produce_evidence(criterion),
        (_, Kind::Tests, "tests.pass_rate" | "tests.failed") => {
            words::failing_tests(owners, category, criterion)
        }
        (_, Kind::Coverage, id) if id != "complexity.max" => words::uncovered(owners, criterion),
        (_, Kind::Findings, _) => words::findings(owners, criterion),
        (_, Kind::Web, id) if id.starts_with("a11y.") => words::violations(criterion),
        (_, Kind::Web, _) => words::slow_pages(criterion),
        _ => words::plain(criterion),
    };
    if !category.policy.owner.is_empty() {
        remedy.fix.owner.clone_from(&category.policy.owner);
    }
    remedy
}

fn analysis(category: &JudgedCategory<'_>, fixes: &[(&JudgedCriterion<'_>, Remedy)]) -> FailureAnalysis {
    let severity = match (category.state, category.policy.blocking) {
        (CategoryState::Fail, true) => "CRITICAL",
        (CategoryState::Unknown, true) => "HIGH",
        (CategoryState::Fail, false) => "MEDIUM",
        _ => "LOW",
    };
    let runbook = category.policy.runbook.iter().cloned();
    let mut bases: Vec<&str> = fixes.iter().map(|(_, r)| r.fix.basis.as_str()).collect();
    bases.dedup();
    FailureAnalysis {
        category: category.policy.id.clone(),
        severity: severity.to_owned(),
        issues: distinct(fixes.iter().flat_map(|(_, r)| r.issues.clone())),
        estimated_fix_time: fixes.iter().map(|(_, r)| r.fix.minutes).sum(),
        basis: bases.join("; "),
        team: fixes
            .iter()
            .map(|(_, r)| r.fix.owner.as_str())
            .find(|o| !o.is_empty())
            .unwrap_or_default()
            .to_owned(),
        manual_steps: distinct(runbook.chain(fixes.iter().flat_map(|(_, r)| r.steps.clone()))),
        clusters: fixes.iter().flat_map(|(_, r)| r.clusters.clone()).collect(),
    }
}

fn distinct(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for line in lines {
        if !seen.contains(&line) {
            seen.push(line);
        }
    }
    seen
}
