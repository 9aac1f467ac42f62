//! Evidence to measures: one number (an interval where evidence leaves it open) with what it rests on.
//!
//! Ratios are summed before they are divided, coverage is the union of lines, pages are judged by the worst of
//! them. Percentages and medians are never averaged.

use super::interval::Interval;
use crate::evidence::coverage::{self, Tally, Totals};
use crate::evidence::exact::{Exact, whole};
use crate::evidence::findings::{Class, Finding, Level, Severity};
use crate::evidence::pages::{Engine, Impact, Page, RuleVerdict};
use crate::evidence::tests::{Counts, Tests};
use crate::evidence::{Evidence, Item, Kind};
use crate::policy::{CategoryPolicy, Direction, Measure};
use num_traits::Zero as _;
use std::collections::{BTreeMap, BTreeSet};

/// What a measure came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// There is no evidence of its kind.
    Absent,
    /// There is, and it does not tell; the reason in words.
    Unknown(String),
    /// A value.
    Value(Interval),
}

/// A measure with what it rests on.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// The value.
    pub measured: Measured,
    /// How many records it rests on.
    pub samples: u64,
    /// The items that it was drawn from, damaged ones included.
    pub items: Vec<&'a Item>,
}

/// Draws a measure for a category.
#[must_use]
pub fn draw<'a>(measure: &Measure, category: &CategoryPolicy, evidence: &'a Evidence) -> Reading<'a> {
    let items: Vec<&Item> =
        evidence.items.iter().filter(|i| !i.state.is_harmless() && feeds(i, measure, category)).collect();
    let damaged = items.iter().any(|i| i.state.is_damaged());
    let (measured, samples) = match measure.kind {
        Kind::Tests => tests(measure.id, &items, damaged),
        Kind::Coverage if measure.id == "complexity.max" => complexity(&items),
        Kind::Coverage => covered(measure.id, &items, damaged),
        Kind::Findings => findings(measure.id, &items, damaged),
        Kind::Web => web(measure, &items, damaged),
    };
    let measured = match measured {
        // Something is there, broken before a single record could be read.
        Measured::Absent if damaged && measure.id != "complexity.max" => Measured::Unknown(damage(&items)),
        measured => measured,
    };
    Reading { measured, samples, items }
}

fn damage(items: &[&Item]) -> String {
    let broken = items.iter().find(|i| i.state.is_damaged());
    broken.map_or_else(String::new, |i| format!("{} is {}", i.path, i.state.name()))
}

/// True where an item can feed a measure of a category: its own items, by kind. Web audits of any folder speak for
/// performance and accessibility alike, and complexity stands in coverage reports and lint findings.
fn feeds(item: &Item, measure: &Measure, category: &CategoryPolicy) -> bool {
    let own = item.category.as_ref().is_some_and(|c| c.category == category.id);
    match measure.kind {
        Kind::Web if category.evidence.is_empty() => {
            item.kind == Some(Kind::Web) || (own && item.kind.is_none())
        }
        _ if measure.id == "complexity.max" => matches!(item.kind, Some(Kind::Coverage | Kind::Findings)),
        // An item of unknown kind is here because the policy expects it; what it hides may be of any kind.
        _ => own && item.kind.is_none_or(|kind| kind == measure.kind),
    }
}

fn tests(id: &str, items: &[&Item], damaged: bool) -> (Measured, u64) {
    let files: Vec<&Tests> = items.iter().filter_map(|i| i.facts.tests.as_ref()).collect();
    if files.is_empty() {
        return (Measured::Absent, 0);
    }
    let counts = files.iter().map(|t| t.counts()).fold(Counts::default(), Counts::plus);
    let executed = counts.executed();
    if executed == 0 {
        let why =
            if counts.total == 0 { "no test in it" } else { "every test was skipped: none was executed" };
        return (Measured::Unknown(why.to_owned()), 0);
    }
    let value = match id {
        "tests.failed" => Interval::count(counts.bad(), damaged),
        "tests.flaky" => Interval::count(counts.flaky, damaged),
        "tests.skipped" => Interval::count(counts.skipped, damaged),
        "tests.executed" => Interval::count(executed, damaged),
        "tests.duration" => {
            let slowest = files.iter().filter_map(|t| t.micros()).max();
            let Some(slowest) = slowest else { return (Measured::Absent, 0) };
            let hidden = Interval::count(0, damaged);
            let seconds = whole(slowest) / whole(1_000_000);
            Interval { low: seconds.clone(), high: seconds + hidden.high }
        }
        _ => match Interval::share(counts.passed, counts.passed, executed, damaged) {
            Some(share) => share,
            None => return (Measured::Unknown("no test was executed".to_owned()), 0),
        },
    };
    (Measured::Value(value), executed)
}

fn covered(id: &str, items: &[&Item], damaged: bool) -> (Measured, u64) {
    let totals = Totals::of(&coverage::merge(items.iter().filter_map(|i| i.facts.coverage.as_ref())));
    // Go counts statements, and everybody who uses it knows its coverage as statements.
    let only_go = items.iter().filter(|i| i.facts.coverage.is_some()).all(|i| i.format == Some("gocover"));
    let tally = match id {
        "coverage.branch" => totals.branches,
        "coverage.function" => totals.functions,
        _ if only_go => totals.statements.or(totals.lines),
        _ => totals.lines.or(totals.statements),
    };
    let Some(Tally { low, high, total }) = tally else { return (Measured::Absent, 0) };
    match Interval::share(low, high, total, damaged) {
        Some(share) => (Measured::Value(share), total),
        None => (Measured::Unknown("nothing was measured: 0 of 0 is no coverage".to_owned()), 0),
    }
}

/// The highest complexity that a report or a lint rule names. What no tool looked at stays unmeasured.
fn complexity(items: &[&Item]) -> (Measured, u64) {
    let reported =
        items.iter().filter_map(|i| Some(u64::from(i.facts.coverage.as_ref()?.complexity.as_ref()?.value)));
    let linted = items.iter().filter_map(|i| i.facts.findings.as_ref()).flat_map(|f| {
        let rules = f.counted().filter(|x| is_complexity_rule(f.text.get(x.rule)));
        rules.filter_map(|x| first_number(f.text.get(x.message)))
    });
    match reported.chain(linted).max() {
        Some(highest) => (Measured::Value(Interval::exact(whole(highest))), 1),
        None => (Measured::Absent, 0),
    }
}

fn is_complexity_rule(rule: &str) -> bool {
    matches!(rule, "C901" | "complexity") || rule.ends_with("cyclomatic-complexity")
}

/// The first number that follows `(` or `of `, as in `too complex (12 > 10)` and `a complexity of 16`.
fn first_number(message: &str) -> Option<u64> {
    let after = message.split_once("omplex").map_or(message, |(_, tail)| tail);
    let start = after.find(|c: char| c.is_ascii_digit())?;
    let digits = after.get(start..)?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

/// True where a findings measure counts a finding. Unknown severity is judged as medium.
#[must_use]
pub fn counts(id: &str, f: &Finding) -> bool {
    match id {
        "findings.critical" => f.severity == Severity::Critical,
        "findings.high" => f.severity == Severity::High,
        "findings.medium" => matches!(f.severity, Severity::Medium | Severity::Unknown),
        "findings.low" => f.severity == Severity::Low,
        "findings.error" => f.level == Level::Error,
        "findings.warning" => f.level == Level::Warning,
        _ => f.class == Class::Secret,
    }
}

fn findings(id: &str, items: &[&Item], damaged: bool) -> (Measured, u64) {
    let files: Vec<_> = items.iter().filter_map(|i| i.facts.findings.as_ref()).collect();
    if files.is_empty() {
        return (Measured::Absent, 0);
    }
    let seen = files.iter().flat_map(|f| f.counted()).filter(|f| counts(id, f)).count() as u64;
    (Measured::Value(Interval::count(seen, damaged)), files.iter().map(|f| f.read.max(1)).sum())
}

/// Runs of one page by one engine, version and form factor.
type PageKey<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Groups the runs of each page.
#[must_use]
pub fn page_groups<'a>(pages: impl IntoIterator<Item = &'a Page>) -> BTreeMap<PageKey<'a>, Vec<&'a Page>> {
    let mut groups: BTreeMap<PageKey<'a>, Vec<&Page>> = BTreeMap::new();
    for page in pages {
        groups
            .entry((page.engine.name(), page.key(), page.step.as_str(), page.form_factor.as_str()))
            .or_default()
            .push(page);
    }
    groups
}

fn web(measure: &Measure, items: &[&Item], damaged: bool) -> (Measured, u64) {
    let pages: Vec<&Page> = items.iter().flat_map(|i| &i.facts.pages).collect();
    match measure.id {
        "a11y.score" => a11y_score(measure, &pages, damaged),
        "a11y.critical" => a11y_count(&pages, Impact::Critical, damaged),
        "a11y.serious" => a11y_count(&pages, Impact::Serious, damaged),
        id => match id.strip_prefix("lighthouse.") {
            Some(category) => {
                let category = category.replace('_', "-");
                worst_page(measure, &pages, damaged, |p| p.score(&category))
            }
            None => worst_page(measure, &pages, damaged, |p| {
                p.metrics.iter().find(|(m, _)| *m == id).map(|(_, v)| v)
            }),
        },
    }
}

/// The worst page; the spread of a page's runs stays open.
fn worst_page<'a>(
    measure: &Measure,
    pages: &[&'a Page],
    damaged: bool,
    value: impl Fn(&'a Page) -> Option<&'a Exact>,
) -> (Measured, u64) {
    let groups = page_groups(pages.iter().copied());
    let runs = groups
        .values()
        .map(|runs| runs.iter().filter_map(|p| value(p)).collect::<Vec<_>>())
        .filter(|runs| !runs.is_empty());
    let spreads: Vec<(&Exact, &Exact, usize)> =
        runs.filter_map(|r| Some((*r.iter().min()?, *r.iter().max()?, r.len()))).collect();
    let samples = spreads.iter().map(|(_, _, n)| *n as u64).sum();
    let (lows, highs) = (spreads.iter().map(|s| s.0), spreads.iter().map(|s| s.1));
    let worst = match measure.direction {
        Direction::Higher => lows.min().zip(highs.min()),
        Direction::Lower => lows.max().zip(highs.max()),
    };
    let Some((low, high)) = worst else { return (Measured::Absent, 0) };
    let mut value = Interval { low: low.clone(), high: high.clone() };
    if damaged {
        match measure.direction {
            Direction::Higher => value.low = Exact::zero(),
            Direction::Lower => value.high += Interval::count(0, true).high,
        }
    }
    (Measured::Value(value), samples)
}

/// The share of WCAG A and AA rules that hold on the worst page; rules that need a person leave it open. Where only
/// Lighthouse looked, its own accessibility score stands in: it lists no passed rules to count.
fn a11y_score(measure: &Measure, pages: &[&Page], damaged: bool) -> (Measured, u64) {
    let axe: Vec<&&Page> = pages.iter().filter(|p| p.engine == Engine::Axe && !p.rules.is_empty()).collect();
    if axe.is_empty() {
        return worst_page(measure, pages, damaged, |p| p.score("accessibility"));
    }
    let (mut worst, mut rules) = (Interval::unit(), 0_u64);
    worst.low.clone_from(&worst.high);
    for page in axe {
        let of = |verdict| page.rules.iter().filter(|r| r.wcag && r.verdict == verdict).count() as u64;
        let (fail, review, pass) = (of(RuleVerdict::Fail), of(RuleVerdict::Review), of(RuleVerdict::Pass));
        let total = fail.saturating_add(review).saturating_add(pass);
        rules = rules.saturating_add(total);
        // Without the list of passed rules the share could be anything.
        let share = if page.has_passes {
            Interval::share(pass, pass.saturating_add(review), total, false)
        } else {
            None
        };
        let share = share.unwrap_or_else(Interval::unit);
        worst = Interval { low: worst.low.min(share.low), high: worst.high.min(share.high) };
    }
    if damaged {
        worst.low = Exact::zero();
    }
    (Measured::Value(worst), rules)
}

/// Violations of an impact, each rule once a page, however many engines and runs saw it.
fn a11y_count(pages: &[&Page], impact: Impact, damaged: bool) -> (Measured, u64) {
    let audited: Vec<&&Page> = pages.iter().filter(|p| !p.rules.is_empty()).collect();
    if audited.is_empty() {
        return (Measured::Absent, 0);
    }
    let violations: BTreeSet<(&str, &str)> = audited
        .iter()
        .flat_map(|p| p.rules.iter().map(move |r| (*p, r)))
        .filter(|(_, r)| r.verdict == RuleVerdict::Fail && r.impact == Some(impact))
        .map(|(p, r)| (p.url.trim_end_matches('/'), r.id.as_str()))
        .collect();
    (Measured::Value(Interval::count(violations.len() as u64, damaged)), audited.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complexity_is_read_from_lint_messages() {
        assert_eq!(first_number("`price` is too complex (12 > 10)"), Some(12));
        assert_eq!(first_number("Function 'x2' has a complexity of 16. Maximum allowed is 10."), Some(16));
        assert_eq!(first_number("no number"), None);
        assert!(is_complexity_rule("C901") && !is_complexity_rule("PLR0912"));
    }
}
