//! A policy on what an earlier report recorded, or on what somebody assumes: no artifact is read.

use super::context::Context;
use super::interval::Interval;
use super::lens::Lens;
use super::measure::{Measured, Reading, attested};
use super::{Judged, baseline, conclude, judge_categories};
use crate::evidence::category::Assigned;
use crate::evidence::exact::{Exact, whole};
use crate::evidence::{Breach, Evidence, Facts, Item, Kind, Producer};
use crate::policy::{CriterionPolicy, Direction, Policy};
use crate::report::{EvidenceItem, Report};
use num_traits::{One as _, Zero as _};

/// What is assumed of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// Id of the category, or `all`.
    pub category: String,
    /// What its criteria attain, 0 to 1.
    pub attainment: Exact,
}

/// The evidence of a report, by what it recorded: paths and states, no records.
#[must_use]
pub fn evidence_of(report: &Report) -> Evidence {
    // What was tampered with then is so now, whatever policy asks.
    let tampered = report.decision.reasons.iter().filter(|r| r.code == "EVIDENCE_TAMPERED");
    let breaches = tampered.map(|r| Breach { path: String::new(), text: r.text.clone() });
    Evidence {
        items: report.evidence.iter().map(item).collect(),
        diagnostics: report.diagnostics.clone(),
        breaches: breaches.collect(),
    }
}

fn item(row: &EvidenceItem) -> Item {
    let (name, version) = row.producer.split_once(' ').unwrap_or((&row.producer, ""));
    Item {
        id: row.id.clone(),
        path: row.path.clone(),
        sha256: row.sha256.clone(),
        bytes: row.bytes,
        format: None,
        kind: Kind::ALL.into_iter().find(|k| k.name() == row.kind),
        producer: Producer { name: name.to_owned(), version: version.to_owned() },
        category: (!row.category.is_empty()).then(|| Assigned::new(&row.category, &row.category_reason)),
        state: row.state,
        cause: row.cause.clone(),
        timestamp: row.timestamp.clone(),
        diagnostics: row.diagnostics.clone(),
        facts: Facts::default(),
    }
}

/// What a report recorded, judged by a policy. Evidence comes from [`evidence_of`] and was assigned under the policy.
#[must_use]
pub fn judge_recorded<'a>(
    policy: &'a Policy,
    evidence: &'a Evidence,
    report: &Report,
    context: &'a Context,
) -> Judged<'a> {
    let lens = Lens::new(policy, evidence, context).recorded();
    let categories = judge_categories(&lens, &|category, criterion, part, _| {
        if criterion.measure.kind == Kind::Check {
            return attested(&lens, &criterion.check);
        }
        let component =
            part.map(|p| p.and_then(|p| policy.components.get(p)).map_or("", |c| c.name.as_str()));
        let (measured, samples) = match baseline::recorded(report, category, criterion, component) {
            Some((value, samples)) => (Measured::Value(value), samples),
            None if criterion.required => (Measured::Unknown("the report did not record it".to_owned()), 0),
            None => (Measured::Absent, 0),
        };
        Reading { measured, samples, items: Vec::new() }
    });
    conclude(lens, categories)
}

/// A policy on assumptions alone. What nothing is assumed of is unknown.
#[must_use]
pub fn judge_assumed<'a>(
    policy: &'a Policy,
    evidence: &'a Evidence,
    assumed: &[Assumed],
    context: &'a Context,
) -> Judged<'a> {
    let lens = Lens::new(policy, evidence, context).recorded();
    let categories = judge_categories(&lens, &|category, criterion, _, _| {
        let of = |id: &str| assumed.iter().find(|a| a.category == id);
        let found = of(&category.id).or_else(|| of("all"));
        let measured = match found {
            Some(assumed) => Measured::Value(Interval::exact(value_of(criterion, &assumed.attainment))),
            None => Measured::Unknown("nothing is assumed of it".to_owned()),
        };
        Reading { measured, samples: u64::MAX, items: Vec::new() }
    });
    conclude(lens, categories)
}

/// A value that attains a share of the target, the other way round from `attainment`.
fn value_of(criterion: &CriterionPolicy, attained: &Exact) -> Exact {
    let target = &criterion.target;
    if attained.is_one() {
        return target.clone();
    }
    match criterion.measure.direction {
        Direction::Higher => target * attained,
        Direction::Lower if attained.is_zero() || target.is_zero() => target + whole(1_000_000),
        Direction::Lower => target / attained,
    }
}
