//! From the judgement to the report's tree: displays, reasons in a fixed order, texts.

use super::context::Force;
use super::interval::{HIDDEN, Interval};
use super::measure::Measured;
use super::waive::Waivers;
use super::{Judged, JudgedCategory, JudgedCriterion, JudgedPart};
use crate::evidence::exact::{Exact, floor_decimal, percent_display, whole};
use crate::evidence::{Breach, Item, State};
use crate::policy::{Direction, Scope, Unit};
use crate::report::{
    Basis, Category, CategoryState, Criterion, CriterionState, Decision, Number, Override, Part, Reason,
    Span, Verdict,
};
use num_traits::{Signed as _, Zero as _};

/// The decision as it stands in the report. The way to green and the fixes come later, from the remedy stage.
#[must_use]
pub fn tell(judged: &Judged<'_>) -> Decision {
    let blocking_failures: Vec<String> = judged
        .categories
        .iter()
        .filter(|c| c.policy.blocking && c.state == CategoryState::Fail)
        .map(|c| c.policy.id.clone())
        .collect();
    let verdict = judged.verdict;
    let exit_code = match verdict {
        Verdict::Deploy => 0,
        Verdict::Remediate => 1,
        Verdict::Inconclusive => 3,
    };
    let decision = Decision {
        verdict,
        basis: if verdict == Verdict::Inconclusive { Basis::Evidence } else { Basis::Policy },
        deployment_action: if verdict == Verdict::Deploy { "deploy" } else { "remediate" }.to_owned(),
        exit_code,
        headline: headline(judged, &blocking_failures),
        score: score_span(judged.score.as_ref().unwrap_or(&Interval::exact(Exact::zero()))),
        blocking_failures,
        reasons: reasons(judged),
        categories: judged.categories.iter().map(|c| category(judged, c)).collect(),
        way_to_green: Vec::new(),
        cheapest_loss: cheapest_loss(judged),
        raw_score: judged
            .raw_score
            .as_ref()
            .filter(|raw| Some(*raw) != judged.score.as_ref())
            .map(score_span),
        points_bought: points_bought(judged),
        overridden: None,
        skipped: judged.lens.context.skips.clone(),
    };
    let breaches = &judged.lens.evidence.breaches;
    match &judged.lens.context.force {
        Some(force) if breaches.is_empty() => forced(decision, force),
        _ if breaches.is_empty() => decision,
        force => tampered(decision, breaches, force.as_ref()),
    }
}

/// What waivers and quarantines add at the low end of the score.
fn points_bought(judged: &Judged<'_>) -> Option<Number> {
    let bought = &judged.score.as_ref()?.low - &judged.raw_score.as_ref()?.low;
    bought.is_positive().then(|| Number::new(&bought, floor_decimal(&bought, 1)))
}

/// Files that are not what was recorded of them: no verdict can rest on them, and nobody can force one.
fn tampered(decision: Decision, breaches: &[Breach], force: Option<&Force>) -> Decision {
    let reason = |breach: &Breach| Reason {
        code: "EVIDENCE_TAMPERED".to_owned(),
        blocking: true,
        category: String::new(),
        criterion: String::new(),
        text: breach.text.clone(),
        evidence: Vec::new(),
    };
    let overridden = force.map(|force| Override {
        actor: force.actor.clone(),
        reason: force.reason.clone(),
        instead_of: 4,
        effective: false,
        problem: "what was recorded of the evidence does not hold, and that cannot be overridden".to_owned(),
    });
    Decision {
        basis: Basis::Integrity,
        deployment_action: "remediate".to_owned(),
        exit_code: 4,
        headline: "Evidence is not what was recorded of it".to_owned(),
        reasons: breaches.iter().map(reason).chain(decision.reasons).collect(),
        overridden,
        ..decision
    }
}

/// A deploy that a person forces: the verdict stays what it is, and an override that does not hold is worse than none.
fn forced(decision: Decision, force: &Force) -> Decision {
    let problem = force.problem();
    let overridden = Override {
        actor: force.actor.clone(),
        reason: force.reason.clone(),
        instead_of: decision.exit_code,
        effective: problem.is_none(),
        problem: problem.clone().unwrap_or_default(),
    };
    let decision = Decision { overridden: Some(overridden), ..decision };
    let Some(problem) = problem else {
        return Decision {
            basis: Basis::Override,
            deployment_action: "deploy".to_owned(),
            exit_code: 0,

            ..decision
        };
    };
    let mut reasons = decision.reasons;
    reasons.insert(
        0,
        Reason {
            code: "OVERRIDE_INVALID".to_owned(),
            blocking: true,
            category: String::new(),
            criterion: String::new(),
            text: format!("the override does not hold: {problem}"),
            evidence: Vec::new(),
        },
    );
    Decision {
        basis: Basis::Integrity,
        deployment_action: "remediate".to_owned(),
        exit_code: 4,
        headline: format!("The override does not hold: {problem}"),
        reasons,
        ..decision
    }
}

/// 0 to 100, shown without a percent sign.
fn score_span(score: &Interval) -> Span {
    let number = |value: &Exact| Number::new(value, percent_display(&(value / whole(100))));
    Span { low: number(&score.low), high: number(&score.high) }
}

fn headline(judged: &Judged<'_>, blocking: &[String]) -> String {
    let titles: Vec<&str> = judged
        .categories
        .iter()
        .filter(|c| blocking.contains(&c.policy.id))
        .map(|c| c.policy.title.as_str())
        .collect();
    let broken = judged.damaged.len().saturating_add(judged.lacks.len());
    match judged.verdict {
        Verdict::Deploy => deploy_headline(judged),
        Verdict::Remediate if titles.is_empty() => "The score is below what a deploy needs".to_owned(),
        Verdict::Remediate => {
            format!("{} {} a deploy", list(&titles), if titles.len() == 1 { "blocks" } else { "block" })
        }
        Verdict::Inconclusive if judged.score.is_none() && broken == 0 => {
            "There is no evidence to judge".to_owned()
        }
        Verdict::Inconclusive if broken == 1 => "One piece of evidence is missing or damaged".to_owned(),
        Verdict::Inconclusive if broken > 1 => format!("{broken} pieces of evidence are missing or damaged"),
        Verdict::Inconclusive => "The evidence does not tell".to_owned(),
    }
}

/// A deploy need not mean that everything holds: what does not block may fall short.
fn deploy_headline(judged: &Judged<'_>) -> String {
    let short = |c: &&JudgedCategory<'_>| {
        matches!(c.state, CategoryState::Fail | CategoryState::Warn | CategoryState::Unknown)
    };
    let titles: Vec<&str> = judged.categories.iter().filter(short).map(|c| c.policy.title.as_str()).collect();
    let waived =
        judged.categories.iter().flat_map(|c| &c.criteria).any(|c| c.state == CriterionState::Waived);
    match titles.as_slice() {
        [] if waived => "Every criterion holds or is waived: ready to deploy".to_owned(),
        [] => "Every criterion holds: ready to deploy".to_owned(),
        [one] => format!("Ready to deploy: {one} falls short and does not block"),
        _ => format!("Ready to deploy: {} fall short and do not block", list(&titles)),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn category(judged: &Judged<'_>, category: &JudgedCategory<'_>) -> Category {
    let policy = category.policy;
    let contribution = |score: &Interval| {
        let part = |s: &Exact| {
            if judged.weight.is_zero() {
                Exact::zero()
            } else {
                whole(100) * &policy.weight * s / &judged.weight
            }
        };
        let number = |s: &Exact| Number::new(&part(s), floor_decimal(&part(s), 1));
        Span { low: number(&score.low), high: number(&score.high) }
    };
    let percent =
        |s: &Interval| score_span(&Interval { low: &s.low * whole(100), high: &s.high * whole(100) });
    let mut evidence: Vec<String> =
        category.criteria.iter().flat_map(|c| &c.reading.items).map(|i| i.id.clone()).collect();
    evidence.sort();
    evidence.dedup();
    let rule =
        category.criteria.iter().find(|c| c.state == CriterionState::NotApplicable).map(|c| c.why.clone());
    Category {
        id: policy.id.clone(),
        title: policy.title.clone(),
        weight: Number::new(&policy.weight, floor_decimal(&(&policy.weight * whole(100)), 1)),
        blocking: policy.blocking,
        state: category.state,
        score: category.score.as_ref().map(percent),
        contribution: category.score.as_ref().map(contribution),
        raw_score: category
            .raw_score
            .as_ref()
            .filter(|raw| Some(*raw) != category.score.as_ref())
            .map(percent),
        rule: if category.state == CategoryState::NotApplicable {
            rule.unwrap_or_default()
        } else {
            String::new()
        },
        summary: summary(category),
        criteria: category.criteria.iter().map(|c| criterion(judged, policy, c)).collect(),
        evidence,
        notes: policy.notes.clone(),
        owner: policy.owner.clone(),
    }
}

/// The worst criterion in words.
fn summary(category: &JudgedCategory<'_>) -> String {
    let worst =
        category.criteria.iter().filter(|c| c.state == crit_of(category.state)).map(text).collect::<Vec<_>>();
    match category.state {
        CategoryState::NotApplicable => "nothing to judge".to_owned(),
        CategoryState::Pass => category
            .criteria
            .iter()
            .filter(|c| matches!(c.state, CriterionState::Pass | CriterionState::Waived))
            .map(value_text)
            .collect::<Vec<_>>()
            .join("; "),
        _ => worst.join("; "),
    }
}

const fn crit_of(state: CategoryState) -> CriterionState {
    match state {
        CategoryState::NotApplicable => CriterionState::NotApplicable,
        CategoryState::Pass => CriterionState::Pass,
        CategoryState::Warn => CriterionState::Warn,
        CategoryState::Unknown => CriterionState::Unknown,
        CategoryState::Fail => CriterionState::Fail,
    }
}

fn criterion(
    judged: &Judged<'_>,
    category: &crate::policy::CategoryPolicy,
    criterion: &JudgedCriterion<'_>,
) -> Criterion {
    let policy = criterion.policy;
    let unit = policy.measure.unit;
    let value = match &criterion.reading.measured {
        Measured::Value(value) => Some(value),
        _ => None,
    };
    let span = |v: &Interval| shown(v, unit, &policy.target);
    let (waived, waivers) = taken_out(judged, category, criterion);
    let raw_value = criterion.raw.as_ref().and_then(|raw| match &raw.reading.measured {
        Measured::Value(value) => Some(span(value)),
        _ => None,
    });
    let margin = value.map(|v| match policy.measure.direction {
        Direction::Higher => &v.low - &policy.target,
        Direction::Lower => &policy.target - &v.high,
    });
    let points_lost =
        criterion.attainment.as_ref().filter(|_| !policy.advisory && !judged.weight.is_zero()).map(|a| {
            let lost = whole(100) * &category.weight * (whole(1) - &a.low) / &judged.weight;
            Number::new(&lost, floor_decimal(&lost, 1))
        });
    Criterion {
        id: format!("{}/{}", category.id, policy.key),
        measure: policy.measure.id.to_owned(),
        title: policy.title.clone(),
        state: criterion.state,
        value: value.map(span),
        unit: unit.name().to_owned(),
        direction: if policy.measure.direction == Direction::Higher { ">=" } else { "<=" }.to_owned(),
        scope: if policy.scope == Scope::Total { String::new() } else { policy.scope.name().to_owned() },
        narrowed: policy.narrow.in_words(),
        now: criterion.now.as_ref().map(span),
        before: criterion.before.as_ref().map(span),
        parts: criterion.parts.iter().map(|p| part(p, unit, &policy.target)).collect(),
        waivers,
        waived,
        raw_state: criterion.raw.as_ref().map(|raw| raw.state).filter(|raw| *raw != criterion.state),
        raw_value,
        target: Number::new(&policy.target, unit.show(&policy.target)),
        limit: policy.has_limit.then(|| Number::new(&policy.limit, unit.show(&policy.limit))),
        margin: margin.map(|m| Number::new(&m, margin_display(unit, &m))),
        attainment: criterion.attainment.as_ref().map(|a| Span {
            low: Number::new(&a.low, percent_display(&a.low)),
            high: Number::new(&a.high, percent_display(&a.high)),
        }),
        blocking: policy.blocking && !policy.advisory,
        advisory: policy.advisory,
        required: policy.required,
        samples: criterion.reading.samples,
        points_lost,
        origin: policy.origin.clone(),
        evidence: criterion.reading.items.iter().map(|i| i.id.clone()).collect(),
        reason_code: reason_code(criterion).to_owned(),
        text: text(criterion),
        fix: None,
    }
}

/// A value with as many digits as it takes to tell it from the target.
fn shown(value: &Interval, unit: Unit, target: &Exact) -> Span {
    let number = |x: &Exact| Number::new(x, unit.show_apart(x, target));
    Span { low: number(&value.low), high: number(&value.high) }
}

fn part(part: &JudgedPart<'_>, unit: Unit, target: &Exact) -> Part {
    let value = match &part.outcome.reading.measured {
        Measured::Value(value) => Some(shown(value, unit, target)),
        _ => None,
    };
    Part {
        component: part.component.clone(),
        state: part.outcome.state,
        value,
        samples: part.outcome.reading.samples,
        why: part.outcome.why.clone(),
    }
}

/// How many records of a criterion waivers take out, and which waivers.
fn taken_out(
    judged: &Judged<'_>,
    category: &crate::policy::CategoryPolicy,
    criterion: &JudgedCriterion<'_>,
) -> (u64, Vec<String>) {
    let lens = &judged.lens;
    if criterion.raw.is_none() {
        return (0, Vec::new());
    }
    let mut taken = Vec::new();
    for seen in lens.items(category, criterion.policy) {
        taken.extend(lens.waived.of_item(seen.at));
        for page in &seen.item.facts.pages {
            let rules = page.rules.iter();
            taken.extend(rules.filter_map(|r| lens.waived.rule(judged.policy, page, r, Waivers::Applied)));
        }
    }
    let count = taken.len() as u64;
    taken.sort_unstable();
    taken.dedup();
    let ids = taken.into_iter().filter_map(|w| judged.policy.waivers.get(w)).map(|w| w.id.clone());
    (count, ids.collect())
}

fn margin_display(unit: Unit, margin: &Exact) -> String {
    match unit {
        Unit::Ratio => floor_decimal(&(margin * whole(100)), 1),
        _ => floor_decimal(margin, 3),
    }
}

const fn reason_code(criterion: &JudgedCriterion<'_>) -> &'static str {
    match (criterion.state, criterion.policy.measure.direction, &criterion.reading.measured) {
        (CriterionState::Fail, Direction::Higher, _) => "BELOW_TARGET",
        (CriterionState::Fail, Direction::Lower, _) => "ABOVE_TARGET",
        (CriterionState::Warn, ..) => "IN_WARN_BAND",
        (CriterionState::Unknown, _, Measured::Absent) => "EVIDENCE_MISSING",
        (CriterionState::Unknown, _, Measured::Unknown(_) | Measured::NotApplicable(_)) => "NOT_MEASURED",
        (CriterionState::Unknown, _, Measured::Value(_)) => "OPEN_INTERVAL",
        (CriterionState::NotApplicable, ..) => "NOT_APPLICABLE",
        _ => "",
    }
}

/// `Line coverage 72.6 %`.
fn value_text(criterion: &JudgedCriterion<'_>) -> String {
    let (title, unit) = (&criterion.policy.title, criterion.policy.measure.unit);
    let Measured::Value(value) = &criterion.reading.measured else { return format!("{title}: not measured") };
    let show = |x: &Exact| unit.show_apart(x, &criterion.policy.target);
    let shown = if value.is_exact() {
        show(&value.low)
    } else {
        format!("{} to {}", show(&value.low), open_end(criterion, value, show(&value.high)))
    };
    let place = match criterion.parts.as_slice() {
        [] | [_] => String::new(),
        [worst, ..] if worst.component.is_empty() => " outside of every component".to_owned(),
        [worst, ..] => format!(" in {}", worst.component),
    };
    format!("{title} {shown}{}{place}", suffix(unit))
}

/// Damaged evidence may hide any number: no reader is helped by a billion.
fn open_end(criterion: &JudgedCriterion<'_>, value: &Interval, high: String) -> String {
    let hidden = &value.high - &value.low >= whole(HIDDEN);
    if hidden && criterion.policy.measure.unit != Unit::Ratio { "any number".to_owned() } else { high }
}

const fn suffix(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => " %",
        Unit::Millis => " ms",
        Unit::Seconds => " s",
        Unit::PerSecond => "/s",
        Unit::Count | Unit::Plain => "",
    }
}

/// The value against the target, or why there is none.
fn text(criterion: &JudgedCriterion<'_>) -> String {
    let (policy, unit) = (criterion.policy, criterion.policy.measure.unit);
    let bound = if policy.measure.direction == Direction::Higher { "at least" } else { "at most" };
    let target = format!("{bound} {}{}", unit.show(&policy.target), suffix(unit));
    let why = if criterion.why.is_empty() { String::new() } else { format!(": {}", criterion.why) };
    let failing = criterion.parts.iter().filter(|p| p.outcome.state != CriterionState::Pass).count();
    let parts = match criterion.parts.len() {
        all @ 2.. if failing > 1 => format!(" ({failing} of {all} components miss it)"),
        _ => String::new(),
    };
    match &criterion.reading.measured {
        _ if !policy.check.is_empty() => check_text(criterion),
        Measured::Value(_) => format!("{}, wanted {target}{parts}{why}", value_text(criterion)),
        Measured::NotApplicable(_) => format!("{}{why}", policy.title),
        _ => format!("{}, wanted {target}{parts}{why}", policy.title),
    }
}

/// A check has no number: a person says that it holds, or that it does not.
fn check_text(criterion: &JudgedCriterion<'_>) -> String {
    let title = &criterion.policy.title;
    match criterion.state {
        CriterionState::Pass => format!("{title}: attested"),
        CriterionState::Fail => format!("{title}: attested that it does not hold"),
        _ => format!("{title}: {}", criterion.why),
    }
}

/// Every reason against a deploy: criteria in the order of the policy, what is lacking, what is damaged, the score.
fn reasons(judged: &Judged<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for category in &judged.categories {
        for criterion in &category.criteria {
            reasons.extend(criterion_reason(category, criterion));
        }
    }
    reasons.extend(judged.lacks.iter().map(|lack| Reason {
        code: "EVIDENCE_MISSING".to_owned(),
        blocking: true,
        category: lack.category.clone(),
        criterion: String::new(),
        text: format!(
            "{}: {} of {} files that the policy asks for ({})",
            lack.name, lack.found, lack.wanted, lack.origin
        ),
        evidence: Vec::new(),
    }));
    reasons.extend(judged.damaged.iter().map(|item| damage_reason(item)));
    reasons.extend(score_reason(judged));
    reasons
}

fn criterion_reason(category: &JudgedCategory<'_>, criterion: &JudgedCriterion<'_>) -> Option<Reason> {
    let code = match criterion.state {
        CriterionState::Fail => "CRITERION_FAILED",
        CriterionState::Warn => "CRITERION_WARN",
        CriterionState::Unknown if criterion.reading.measured == Measured::Absent => "EVIDENCE_MISSING",
        CriterionState::Unknown => "CRITERION_UNKNOWN",
        _ => return None,
    };
    Some(Reason {
        code: code.to_owned(),
        blocking: criterion.policy.blocking && criterion.state != CriterionState::Warn,
        category: category.policy.id.clone(),
        criterion: format!("{}/{}", category.policy.id, criterion.policy.key),
        text: format!("{}: {}", category.policy.title, text(criterion)),
        evidence: criterion.reading.items.iter().map(|i| i.id.clone()).collect(),
    })
}

fn damage_reason(item: &Item) -> Reason {
    let word = item.state.name().to_ascii_uppercase();
    let cause = if item.cause.is_empty() { item.state.meaning() } else { &item.cause };
    Reason {
        code: format!("EVIDENCE_{word}"),
        blocking: true,
        category: item.category.as_ref().map(|c| c.category.clone()).unwrap_or_default(),
        criterion: String::new(),
        text: match item.state {
            State::Missing => format!("{} is missing: {cause}", item.path),
            state => format!("{} is {}: {cause}", item.path, state.name()),
        },
        evidence: vec![item.id.clone()],
    }
}

fn score_reason(judged: &Judged<'_>) -> Option<Reason> {
    let needed = floor_decimal(&judged.policy.deploy_at, 3);
    let (code, text) = match &judged.score {
        None => ("NOTHING_TO_JUDGE", "no category applies, so there is no score".to_owned()),
        Some(score) if score.low >= judged.policy.deploy_at => return None,
        Some(score) => {
            let shown = score_span(score);
            let code = if score.high < judged.policy.deploy_at { "SCORE_BELOW" } else { "SCORE_UNKNOWN" };
            let span = if shown.low.display == shown.high.display {
                shown.low.display
            } else {
                format!("{} to {}", shown.low.display, shown.high.display)
            };
            (code, format!("the score is {span}, and a deploy needs {needed}"))
        }
    };
    Some(Reason {
        code: code.to_owned(),
        blocking: true,
        category: String::new(),
        criterion: String::new(),
        text,
        evidence: Vec::new(),
    })
}

/// For a deploy: the scored criterion with the smallest relative margin, whose loss alone would have stopped it.
fn cheapest_loss(judged: &Judged<'_>) -> String {
    if judged.verdict != Verdict::Deploy {
        return String::new();
    }
    let criteria = judged.categories.iter().flat_map(|c| c.criteria.iter().map(move |k| (c, k)));
    // A count that must be zero is always one record away from failing, which tells nobody anything.
    let telling = criteria
        .filter(|(_, k)| k.state == CriterionState::Pass && !k.policy.advisory && !k.policy.target.is_zero());
    let margins = telling.filter_map(|(c, k)| {
        let Measured::Value(value) = &k.reading.measured else { return None };
        let margin = match k.policy.measure.direction {
            Direction::Higher => &value.low - &k.policy.target,
            Direction::Lower => &k.policy.target - &value.high,
        };
        let relative = margin / &k.policy.target;
        Some((relative, c, k))
    });
    let closest = margins.min_by(|a, b| a.0.cmp(&b.0));
    closest.map_or_else(String::new, |(_, category, criterion)| {
        format!("{}: {}", category.policy.title, text(criterion))
    })
}
