//! What the report keeps on record beside the evidence: the contract, waivers, statements of people, the comparison
//! with the baseline, components, and every measure that could be drawn.

use super::{millis, seen, tally_row};
use crate::decide::interval::Interval;
use crate::decide::lens::Look;
use crate::decide::measure::{Measured, draw};
use crate::decide::waive::{Effect, Standing, Waivers};
use crate::decide::{Baseline, Judged, judge_without};
use crate::evidence::coverage::{self, FileCoverage};
use crate::evidence::exact::{floor_decimal, signed_decimal};
use crate::evidence::time::day_of;
use crate::evidence::{Diagnostic, Kind, State};
use crate::policy::measures::MEASURES;
use crate::policy::{Attestation, Measure, Narrow, Scope, Waiver};
use crate::report::{
    AttestationRow, BaselineInfo, ComponentRow, ContractRow, MeasureRow, Number, Span, Verdict, WaiverRow,
};

/// Waivers whose worth in points is worked out, each by judging without it.
const MAX_WORTHS: usize = 50;

/// Every requirement that is asked for, met or not.
pub(super) fn contract(judged: &Judged<'_>) -> Vec<ContractRow> {
    let (evidence, context) = (judged.lens.evidence, judged.lens.context);
    let asked =
        crate::decide::requirements(judged.policy).filter(|(c, _)| crate::decide::is_asked(*c, context));
    let row =
        |(category, requirement): (Option<&crate::policy::CategoryPolicy>, &crate::policy::Requirement)| {
            let items: Vec<_> = crate::decide::meeting(requirement, evidence).collect();
            let worst = items.iter().map(|i| i.state).filter(|s| !s.is_harmless()).max().unwrap_or_default();
            let counts: Vec<_> =
                items.iter().filter_map(|i| Some(i.facts.tests.as_ref()?.counts())).collect();
            ContractRow {
                name: requirement.name.clone(),
                category: category.map(|c| c.id.clone()).unwrap_or_default(),
                cell: requirement.cell.clone(),
                found: items.len() as u64,
                wanted: requirement.min_files as u64,
                state: if items.len() < requirement.min_files { State::Missing } else { worst },
                tests: counts.iter().map(|c| c.total).sum(),
                failing: counts.iter().map(|c| c.bad()).sum(),
                origin: requirement.origin.clone(),
                evidence: items.iter().map(|i| i.id.clone()).collect(),
            }
        };
    asked.map(row).collect()
}

/// Waivers and quarantines in the order of their files.
pub(super) fn waivers(judged: &Judged<'_>) -> Vec<WaiverRow> {
    let effects = judged.policy.waivers.iter().zip(&judged.lens.waived.effects).enumerate();
    effects.map(|(at, (waiver, effect))| waiver_row(judged, at, waiver, *effect)).collect()
}

fn waiver_row(judged: &Judged<'_>, at: usize, waiver: &Waiver, effect: Effect) -> WaiverRow {
    WaiverRow {
        id: waiver.id.clone(),
        kind: waiver.kind.name().to_owned(),
        state: effect.standing.name().to_owned(),
        matches: waiver.matches.in_words(),
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        status: waiver.status.clone(),
        expires: waiver.expires.to_string(),
        days_left: effect.days_left,
        ticket: waiver.ticket.clone(),
        matched: effect.matched,
        covered: effect.covered,
        points: worth(judged, at, effect),
        origin: waiver.origin.clone(),
    }
}

/// Points that the score would lose at its low end without one waiver.
fn worth(judged: &Judged<'_>, at: usize, effect: Effect) -> Option<Number> {
    let works = matches!(effect.standing, Standing::Active | Standing::Expiring) && at < MAX_WORTHS;
    let with = judged.score.as_ref().filter(|_| works)?;
    let without = judge_without(judged, at)?;
    let lost = &with.low - &without.low;
    Some(Number::new(&lost, floor_decimal(&lost, 1)))
}

pub(super) fn attestations(judged: &Judged<'_>) -> Vec<AttestationRow> {
    let today = day_of(judged.lens.context.as_of);
    let criteria = || judged.policy.categories.iter().flat_map(|c| &c.criteria);
    let state = |a: &Attestation| {
        if a.date > today {
            "future"
        } else if a.expires < today {
            "expired"
        } else if criteria().any(|c| c.check == a.check) {
            "counts"
        } else {
            "not asked for"
        }
    };
    let row = |a: &Attestation| AttestationRow {
        check: a.check.clone(),
        statement: a.statement.clone(),
        by: a.by.clone(),
        date: a.date.to_string(),
        expires: a.expires.to_string(),
        holds: a.holds,
        state: state(a).to_owned(),
        origin: a.origin.clone(),
    };
    judged.policy.attestations.iter().map(row).collect()
}

pub(super) fn baseline(judged: &Judged<'_>) -> Option<BaselineInfo> {
    let (path, report) = match &judged.lens.context.baseline {
        Baseline::NotGiven => return None,
        Baseline::FirstRun => {
            return Some(BaselineInfo { state: "first run".to_owned(), ..BaselineInfo::default() });
        }
        Baseline::Unusable(path, cause) => {
            let (path, cause) = (path.clone(), cause.clone());
            return Some(BaselineInfo {
                state: "unreadable".to_owned(),
                path,
                cause,
                ..BaselineInfo::default()
            });
        }
        Baseline::Given(path, report) => (path, report),
    };
    let known = &judged.lens.known;
    let change =
        judged.score.as_ref().zip(report.decision.score.low.exact()).map(|(now, before)| &now.low - before);
    Some(BaselineInfo {
        state: "given".to_owned(),
        path: path.clone(),
        cause: String::new(),
        timestamp: report.timestamp.clone(),
        commit: report.subject.commit.clone(),
        verdict: report.decision.verdict.name().to_owned(),
        score: report.decision.score.low.display.clone(),
        score_change: change.map(|c| signed_decimal(&c, 1)).unwrap_or_default(),
        new_findings: known.new_findings(),
        gone_findings: known.new_findings().map(|_| known.gone_findings),
        vanished_tests: known.vanished.as_ref().map(|groups| groups.iter().map(|g| g.gone).sum()),
        vanished_groups: known.vanished.clone().unwrap_or_default(),
        vanished_files: known.vanished_files.clone().unwrap_or_default(),
    })
}

/// What was found in each component that the policy names, and outside of all of them.
pub(super) fn components(judged: &Judged<'_>) -> Vec<ComponentRow> {
    let (lens, components) = (&judged.lens, &judged.policy.components);
    if components.is_empty() {
        return Vec::new();
    }
    let all: Vec<_> = seen(lens.evidence).collect();
    let merged = lens.merged(&all);
    let everything = Narrow::default();
    let row = |(part, name, owner): (Option<usize>, &str, &str)| {
        let look =
            Look { narrow: &everything, part: Some(part), scope: Scope::Total, waivers: Waivers::Ignored };
        let mut row =
            ComponentRow { name: name.to_owned(), owner: owner.to_owned(), ..ComponentRow::default() };
        for seen in &all {
            if let Some(tests) = &seen.item.facts.tests {
                let counts = lens.counts(*seen, tests, look);
                row.tests = row.tests.saturating_add(counts.total);
                row.failed = row.failed.saturating_add(counts.bad());
                let micros =
                    lens.durations(*seen, tests, look).fold(0_u64, |sum, (_, t)| sum.saturating_add(t));
                row.duration_ms = row.duration_ms.saturating_add(millis(micros));
            }
            if let Some(findings) = &seen.item.facts.findings {
                row.findings =
                    row.findings.saturating_add(lens.findings(*seen, findings, look).count() as u64);
            }
        }
        let files = lens.files(&merged, look);
        row.lines = coverage::sum(&files, FileCoverage::line_tally).map(tally_row);
        row
    };
    let named = components.iter().enumerate().map(|(at, c)| (Some(at), c.name.as_str(), c.owner.as_str()));
    let mut rows: Vec<ComponentRow> = named.chain([(None, "", "")]).map(row).collect();
    rows.retain(|r| !r.name.is_empty() || r.tests > 0 || r.findings > 0 || r.lines.is_some());
    rows
}

/// Every measure that the evidence of each category gives.
pub(super) fn measures(judged: &Judged<'_>) -> Vec<MeasureRow> {
    let everything = Narrow::default();
    let look = Look { narrow: &everything, part: None, scope: Scope::Total, waivers: Waivers::Applied };
    let drawn = judged.policy.categories.iter().flat_map(|category| {
        let measures = MEASURES.iter().filter(|m| m.kind != Kind::Check && !m.needs_baseline());
        measures.filter_map(move |measure| {
            let reading = draw(&judged.lens, category, measure, look);
            let Measured::Value(value) = &reading.measured else { return None };
            Some(MeasureRow {
                category: category.id.clone(),
                measure: measure.id.to_owned(),
                value: span(measure, value),
                samples: reading.samples,
            })
        })
    });
    drawn.collect()
}

fn span(measure: &Measure, value: &Interval) -> Span {
    let number = |x| Number::new(x, measure.unit.show(x));
    Span { low: number(&value.low), high: number(&value.high) }
}

/// Remarks about waivers, the baseline and the policy, behind those of the evidence and of the outside.
pub(super) fn diagnostics(judged: &Judged<'_>, outside: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut all = judged.lens.evidence.diagnostics.clone();
    all.extend(outside);
    for (waiver, effect) in judged.policy.waivers.iter().zip(&judged.lens.waived.effects) {
        all.extend(waiver_remark(waiver, effect));
    }
    let (held, most) = judged.lens.waived.quarantine;
    if held > most {
        let message = format!(
            "{held} tests are in quarantine and {most} may be: none of it takes a test out of the count"
        );
        all.push(
            Diagnostic::error("quarantine.over_cap", message)
                .help("mend some of them, or raise `quarantine_max`"),
        );
    }
    all.extend(baseline_remark(judged));
    all
}

fn waiver_remark(waiver: &Waiver, effect: &Effect) -> Option<Diagnostic> {
    let what = format!("{} {} ({}, {})", waiver.kind.name(), waiver.id, waiver.owner, waiver.origin);
    Some(match effect.standing {
        Standing::Expired => {
            let days = effect.days_left.saturating_neg();
            Diagnostic::warning(
                "waiver.expired",
                format!("{what} expired {} ago: it takes nothing out", days_in_words(days)),
            )
            .help("mend what it covers, or renew it with a reason")
        }
        Standing::Expiring => Diagnostic::warning(
            "waiver.expiring",
            format!("{what} expires in {}", days_in_words(effect.days_left)),
        )
        .help("mend what it covers before, or renew it with a reason"),
        Standing::Unused => Diagnostic::warning(
            "waiver.unused",
            format!("{what} covers nothing that would count against a deploy"),
        )
        .help("take it out"),
        Standing::Active | Standing::OverCap => return None,
    })
}

fn days_in_words(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

fn baseline_remark(judged: &Judged<'_>) -> Option<Diagnostic> {
    let baseline = &judged.lens.context.baseline;
    match baseline {
        Baseline::Unusable(..) => Some(
            Diagnostic::error("baseline.unusable", baseline.why_not())
                .help("give a report.json that `shipworthy gate` wrote"),
        ),
        Baseline::Given(path, report) if report.decision.verdict != Verdict::Deploy => {
            let verdict = report.decision.verdict.name();
            Some(
                Diagnostic::warning(
                    "baseline.not_deployed",
                    format!("the baseline {path} was no deploy: its verdict is {verdict}"),
                )
                .help("compare with the last report that was deployed"),
            )
        }
        _ => None,
    }
}
