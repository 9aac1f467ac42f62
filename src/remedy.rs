//! What to do: failures in words, owners, minutes with their basis, and the shortest way to a deploy. Pure.
//!
//! Every number of minutes is an estimate by a stated rule; nothing here is measured.

mod cluster;
mod green;
mod load;
mod words;

use crate::decide::lens::{Lens, Look, Seen};
use crate::decide::waive::Waivers;
use crate::decide::{Judged, JudgedCategory, JudgedCriterion};
use crate::evidence::Kind;
use crate::policy::{Owners, Scope};
use crate::report::{CategoryState, CriterionState, FailureAnalysis, Fix, Step};
use std::borrow::Cow;
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
            .map(|criterion| (criterion, remedy(&Broken { lens: &judged.lens, owners, category, criterion })))
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

/// A criterion that does not hold, with what it was drawn from.
struct Broken<'j, 'a> {
    lens: &'j Lens<'a>,
    owners: &'j Owners,
    category: &'j JudgedCategory<'a>,
    criterion: &'j JudgedCriterion<'a>,
}

impl<'j, 'a> Broken<'j, 'a> {
    /// The look at the evidence that the criterion takes, over all components.
    const fn look(&self) -> Look<'j> {
        Look::of(self.criterion.policy, Waivers::Applied)
    }

    fn items(&self) -> Vec<Seen<'a>> {
        self.lens.items(self.category.policy, self.criterion.policy)
    }

    /// The first owner that a path has by CODEOWNERS, else by its component.
    fn owner<'p>(&self, places: impl Iterator<Item = (Cow<'p, str>, Option<usize>)>) -> String {
        let of = |(path, part): (Cow<'p, str>, Option<usize>)| match self.owners.of(&path) {
            "" => part.and_then(|p| self.lens.policy.components.get(p)).map(|c| c.owner.clone()),
            owner => Some(owner.to_owned()),
        };
        places.filter_map(of).find(|owner| !owner.is_empty()).unwrap_or_default()
    }
}

fn remedy(broken: &Broken<'_, '_>) -> Remedy {
    let criterion = broken.criterion;
    let delta = criterion.policy.scope == Scope::Delta;
    let mut remedy = match (criterion.state, criterion.policy.measure.kind, criterion.policy.measure.id) {
        (CriterionState::Unknown, ..) => words::produce_evidence(broken),
        (_, _, id) if delta || id.ends_with(".vanished") => words::plain(criterion),
        (_, Kind::Tests, "tests.pass_rate" | "tests.failed") => words::failing_tests(broken),
        (_, Kind::Coverage, id) if id != "complexity.max" => words::uncovered(broken),
        (_, Kind::Findings, _) => words::findings(broken),
        (_, Kind::Web, id) if id.starts_with("a11y.") => words::violations(broken),
        (_, Kind::Web, _) => words::slow_pages(broken),
        (_, Kind::Load, id) if !matches!(id, "load.requests" | "load.throughput") => load::load(broken),
        _ => words::plain(criterion),
    };
    if !broken.category.policy.owner.is_empty() {
        remedy.fix.owner.clone_from(&broken.category.policy.owner);
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
