//! Evidence to measures: one number (an interval where evidence leaves it open) with what it rests on.
//!
//! Ratios are summed before they are divided, coverage is the union of lines, pages are judged by the worst of
//! them. Percentages and medians are never averaged.

mod load;

pub use load::percentile_of;

use super::interval::Interval;
use super::lens::{Lens, Look, Seen};
use crate::evidence::coverage::{FileCoverage, Tally, sum};
use crate::evidence::exact::{Exact, whole};
use crate::evidence::findings::{Class, Finding, Level, Severity};
use crate::evidence::pages::{Engine, Impact, Page, RuleVerdict};
use crate::evidence::tests::{Counts, Tests};
use crate::evidence::time::day_of;
use crate::evidence::{Item, Kind};
use crate::policy::{CategoryPolicy, CriterionPolicy, Direction, Measure, Scope};
use num_traits::Zero as _;
use std::collections::{BTreeMap, BTreeSet};

/// What a measure came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// There is no evidence of its kind.
    Absent,
    /// A rule says that there is nothing to measure; the rule in words.
    NotApplicable(String),
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

/// One look at one measure: what it is drawn from, and what that hides.
struct Draw<'l, 'a> {
    lens: &'l Lens<'a>,
    look: Look<'l>,
    items: Vec<Seen<'a>>,
    damaged: bool,
}

/// What a criterion asks for: a measure, or what a person states.
#[must_use]
pub fn of_criterion<'a>(
    lens: &Lens<'a>,
    category: &CategoryPolicy,
    criterion: &CriterionPolicy,
    look: Look<'_>,
) -> Reading<'a> {
    match criterion.measure.kind {
        Kind::Check => attested(lens, &criterion.check),
        _ => draw(lens, category, criterion.measure, look),
    }
}

/// What a person states: it counts from its day to its last day, and the latest statement decides.
#[must_use]
pub fn attested<'a>(lens: &Lens<'a>, check: &str) -> Reading<'a> {
    let today = day_of(lens.context.as_of);
    let about = lens.policy.attestations.iter().filter(|a| a.check == check && a.date <= today);
    let measured = match about.max_by_key(|a| a.date) {
        Some(a) if a.expires < today => {
            Measured::Unknown(format!("{} stated it on {}, and that expired on {}", a.by, a.date, a.expires))
        }
        Some(a) => Measured::Value(Interval::exact(whole(u64::from(a.holds)))),
        None => Measured::Absent,
    };
    Reading { measured, samples: 1, items: Vec::new() }
}

/// Draws a measure for a category, by one look at the evidence. The scope `delta` is drawn like `total`.
#[must_use]
pub fn draw<'a>(
    lens: &Lens<'a>,
    category: &CategoryPolicy,
    measure: &Measure,
    look: Look<'_>,
) -> Reading<'a> {
    let items = lens.feeding(measure, category, look.narrow);
    let damaged = items.iter().any(|s| s.item.state.is_damaged());
    let draw = Draw { lens, look, items, damaged };
    let (measured, samples) = match measure.kind {
        _ if look.scope == Scope::Changed && lens.context.changes.is_none() => {
            (Measured::Unknown("what the change touches is not known: name --base or --diff".to_owned()), 0)
        }
        Kind::Tests if measure.needs_baseline() => draw.vanished_tests(category),
        Kind::Tests => draw.tests(measure.id),
        Kind::Coverage if measure.id == "complexity.max" => draw.complexity(),
        Kind::Coverage if measure.needs_baseline() => draw.vanished_files(),
        Kind::Coverage => draw.covered(measure.id),
        Kind::Findings => draw.findings(measure.id),
        Kind::Web => draw.web(measure),
        Kind::Load => load::measure(&draw, measure),
        Kind::Check => (Measured::Absent, 0),
    };
    let measured = match measured {
        // Something is there, broken before a single record could be read.
        Measured::Absent if draw.damaged && measure.id != "complexity.max" => {
            Measured::Unknown(draw.damage())
        }
        measured => measured,
    };
    Reading { measured, samples, items: draw.items.iter().map(|s| s.item).collect() }
}

impl<'a> Draw<'_, 'a> {
    fn damage(&self) -> String {
        let broken = self.items.iter().map(|s| s.item).find(|i| i.state.is_damaged());
        broken.map_or_else(String::new, |i| format!("{} is {}", i.path, i.state.name()))
    }

    fn tests(&self, id: &str) -> (Measured, u64) {
        let files: Vec<(Seen<'a>, &Tests)> =
            self.items.iter().filter_map(|s| Some((*s, s.item.facts.tests.as_ref()?))).collect();
        let counted: Vec<Counts> = files.iter().map(|(s, t)| self.lens.counts(*s, t, self.look)).collect();
        let counts = counted.iter().copied().fold(Counts::default(), Counts::plus);
        let left_out = files.iter().any(|(s, _)| self.lens.total(*s).total > 0) && counts.total == 0;
        if files.is_empty() || (left_out && self.nothing_waived()) {
            return (Measured::Absent, 0);
        }
        let executed = counts.executed();
        if executed == 0 {
            let why = match counts.total {
                0 if left_out => "every test is waived: none is left",
                0 => "no test in it",
                _ => "every test was skipped: none was executed",
            };
            return (Measured::Unknown(why.to_owned()), 0);
        }
        let value = match id {
            "tests.failed" => Interval::count(counts.bad(), self.damaged),
            "tests.flaky" => Interval::count(counts.flaky, self.damaged),
            "tests.skipped" => Interval::count(counts.skipped, self.damaged),
            "tests.executed" => Interval::count(executed, self.damaged),
            "tests.duration" => match self.slowest(&files) {
                Some(value) => value,
                None => return (Measured::Absent, 0),
            },
            _ => match Interval::share(counts.passed, counts.passed, executed, self.damaged) {
                Some(share) => share,
                None => return (Measured::Unknown("no test was executed".to_owned()), 0),
            },
        };
        (Measured::Value(value), executed)
    }

    fn nothing_waived(&self) -> bool {
        self.items.iter().all(|s| self.lens.waived.in_item(s.at, self.look.waivers) == 0)
    }

    /// The longest sum of durations: of a component where the policy names components, else of a report file, which
    /// stands for one.
    fn slowest(&self, files: &[(Seen<'a>, &'a Tests)]) -> Option<Interval> {
        let narrowed = self.look.part.is_some() || !self.look.narrow.is_everything();
        let by_component = !self.lens.policy.components.is_empty() || narrowed;
        let mut sums: BTreeMap<(Option<usize>, usize), u64> = BTreeMap::new();
        for (seen, tests) in files {
            let untimed = tests.cases.iter().all(|c| c.micros.is_none());
            let artifact = if by_component { 0 } else { seen.at.saturating_add(1) };
            if untimed && let Some(micros) = tests.micros() {
                let sum =
                    sums.entry((self.lens.policy.component_of("", &seen.item.path), artifact)).or_default();
                *sum = sum.saturating_add(micros);
            }
            for (part, micros) in self.lens.durations(*seen, tests, self.look) {
                let part = if self.lens.policy.components.is_empty() { None } else { part };
                let sum = sums.entry((part, artifact)).or_default();
                *sum = sum.saturating_add(micros);
            }
        }
        let seconds = whole(*sums.values().max()?) / whole(1_000_000);
        let hidden = Interval::count(0, self.damaged);
        Some(Interval { low: seconds.clone(), high: seconds + hidden.high })
    }

    fn vanished_tests(&self, category: &CategoryPolicy) -> (Measured, u64) {
        let baseline = &self.lens.context.baseline;
        let Some(groups) = &self.lens.known.vanished else { return (no_baseline(baseline), 0) };
        let had = baseline
            .report()
            .and_then(|r| r.identities.as_ref())
            .map_or(0, |i| i.tests.iter().filter(|g| g.category == category.id).map(|g| g.count).sum());
        let gone: u64 = groups.iter().filter(|g| g.category == category.id).map(|g| g.gone).sum();
        // A damaged file may hold what seems to be gone.
        let low = if self.damaged { 0 } else { gone };
        (Measured::Value(Interval { low: whole(low), high: whole(gone) }), had)
    }

    fn vanished_files(&self) -> (Measured, u64) {
        let Some(files) = &self.lens.known.vanished_files else {
            return (no_baseline(&self.lens.context.baseline), 0);
        };
        let gone = files.len() as u64;
        let low = if self.damaged { 0 } else { gone };
        (Measured::Value(Interval { low: whole(low), high: whole(gone) }), 1)
    }

    fn covered(&self, id: &str) -> (Measured, u64) {
        let merged = self.lens.merged(&self.items);
        if merged.is_empty() {
            return (Measured::Absent, 0);
        }
        let files = self.lens.files(&merged, self.look);
        // Go counts statements, and everybody who uses it knows its coverage as statements.
        let with_coverage = || self.items.iter().filter(|s| s.item.facts.coverage.is_some());
        let only_go = with_coverage().all(|s| s.item.format == Some("gocover"));
        let lines = || sum(&files, FileCoverage::line_tally);
        let statements = || sum(&files, FileCoverage::statement_tally);
        let tally = match id {
            "coverage.branch" => sum(&files, FileCoverage::branch_tally),
            "coverage.function" => sum(&files, FileCoverage::function_tally),
            _ if only_go => statements().or_else(lines),
            _ => lines().or_else(statements),
        };
        let Some(Tally { low, high, total }) =
            tally.filter(|t| self.look.scope != Scope::Changed || t.total > 0)
        else {
            return (
                if self.look.scope == Scope::Changed {
                    self.no_changed_line(&merged)
                } else {
                    Measured::Absent
                },
                0,
            );
        };
        match Interval::share(low, high, total, self.damaged) {
            Some(share) => (Measured::Value(share), total),
            None => (Measured::Unknown("nothing was measured: 0 of 0 is no coverage".to_owned()), 0),
        }
    }

    /// No changed line is measured: fine where the change touches no source, and a gap where it does.
    fn no_changed_line(&self, merged: &[std::borrow::Cow<'_, FileCoverage>]) -> Measured {
        let Some(changes) = &self.lens.context.changes else { return Measured::Absent };
        let ending = |path: &str| path.rsplit_once('.').map(|(_, e)| e.to_owned());
        let measured: BTreeSet<_> = merged.iter().filter_map(|f| ending(&f.path)).collect();
        let about_tests = |p: &str| {
            p.to_lowercase()
                .split(['/', '.', '_', '-'])
                .any(|w| matches!(w, "test" | "tests" | "spec" | "specs" | "__tests__"))
        };
        let known = |p: &str| {
            merged.iter().any(|f| {
                f.path == p || f.path.ends_with(&format!("/{p}")) || p.ends_with(&format!("/{}", f.path))
            })
        };
        let gap = changes.paths().find(|p| {
            changes.has(p, 0)
                && ending(p).is_some_and(|e| measured.contains(&e))
                && !about_tests(p)
                && !known(p)
        });
        match gap {
            Some(path) => Measured::Unknown(format!("{path} has changed, and no report measures it")),
            None => Measured::NotApplicable("no changed line is one that coverage measures".to_owned()),
        }
    }

    /// The highest complexity that a report or a lint rule names. What no tool looked at stays unmeasured.
    fn complexity(&self) -> (Measured, u64) {
        let unnarrowed = self.look.part.is_none()
            && self.look.narrow.paths.is_empty()
            && self.look.narrow.components.is_empty();
        let items = self.items.iter().filter(|_| unnarrowed);
        let reported =
            items.filter_map(|s| Some(u64::from(s.item.facts.coverage.as_ref()?.complexity.as_ref()?.value)));
        let files = self.items.iter().filter_map(|s| Some((*s, s.item.facts.findings.as_ref()?)));
        let linted = files.flat_map(|(seen, f)| {
            let rules =
                self.lens.findings(seen, f, self.look).filter(|x| is_complexity_rule(f.text.get(x.rule)));
            rules.filter_map(|x| first_number(f.text.get(x.message)))
        });
        match reported.chain(linted).max() {
            Some(highest) => (Measured::Value(Interval::exact(whole(highest))), 1),
            None => (Measured::Absent, 0),
        }
    }

    fn findings(&self, id: &str) -> (Measured, u64) {
        let files: Vec<_> =
            self.items.iter().filter_map(|s| Some((*s, s.item.facts.findings.as_ref()?))).collect();
        // Asked for by tool: a tool that did not run is absent, whatever the others found.
        let by_tool = |f: &crate::evidence::findings::Findings| {
            let tools = &self.look.narrow.tools;
            tools.is_empty() || f.tools.iter().any(|t| tools.contains(&t.name.to_lowercase()))
        };
        if !files.iter().any(|(_, f)| by_tool(f)) {
            return (Measured::Absent, 0);
        }
        if self.look.scope == Scope::New && !self.lens.known.tells_new_findings() {
            return (no_baseline(&self.lens.context.baseline), 0);
        }
        let found = files.iter().flat_map(|(seen, f)| self.lens.findings(*seen, f, self.look));
        let seen = found.filter(|f| counts(id, f)).count() as u64;
        (Measured::Value(Interval::count(seen, self.damaged)), files.iter().map(|(_, f)| f.read.max(1)).sum())
    }

    fn web(&self, measure: &Measure) -> (Measured, u64) {
        let pages: Vec<&Page> = self.items.iter().flat_map(|s| self.lens.pages(*s, self.look)).collect();
        match measure.id {
            "a11y.score" => self.a11y_score(measure, &pages),
            "a11y.critical" => self.a11y_count(&pages, Impact::Critical),
            "a11y.serious" => self.a11y_count(&pages, Impact::Serious),
            id => match id.strip_prefix("lighthouse.") {
                Some(category) => {
                    let category = category.replace('_', "-");
                    worst_page(measure, &pages, self.damaged, |p| p.score(&category))
                }
                None => worst_page(measure, &pages, self.damaged, |p| {
                    p.metrics.iter().find(|(m, _)| *m == id).map(|(_, v)| v)
                }),
            },
        }
    }

    /// The share of WCAG A and AA rules that hold on the worst page; rules that need a person leave it open. Where only
    /// Lighthouse looked, its own accessibility score stands in: it lists no passed rules to count.
    fn a11y_score(&self, measure: &Measure, pages: &[&Page]) -> (Measured, u64) {
        let axe: Vec<&Page> =
            pages.iter().copied().filter(|p| p.engine == Engine::Axe && !p.rules.is_empty()).collect();
        if axe.is_empty() {
            return worst_page(measure, pages, self.damaged, |p| p.score("accessibility"));
        }
        let (mut worst, mut rules) = (Interval::unit(), 0_u64);
        worst.low.clone_from(&worst.high);
        for page in axe {
            let kept = |r: &&crate::evidence::pages::RuleResult| {
                r.wcag && !self.lens.waives_rule(page, r, self.look.waivers)
            };
            let of = |verdict| page.rules.iter().filter(kept).filter(|r| r.verdict == verdict).count() as u64;
            let (fail, review, pass) =
                (of(RuleVerdict::Fail), of(RuleVerdict::Review), of(RuleVerdict::Pass));
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
        if self.damaged {
            worst.low = Exact::zero();
        }
        (Measured::Value(worst), rules)
    }

    /// Violations of an impact, each rule once a page, however many engines and runs saw it.
    fn a11y_count(&self, pages: &[&Page], impact: Impact) -> (Measured, u64) {
        let audited: Vec<&&Page> = pages.iter().filter(|p| !p.rules.is_empty()).collect();
        if audited.is_empty() {
            return (Measured::Absent, 0);
        }
        let violations: BTreeSet<(&str, &str)> = audited
            .iter()
            .flat_map(|p| p.rules.iter().map(move |r| (**p, r)))
            .filter(|(_, r)| r.verdict == RuleVerdict::Fail && r.impact == Some(impact))
            .filter(|(p, r)| !self.lens.waives_rule(p, r, self.look.waivers))
            .map(|(p, r)| (p.url.trim_end_matches('/'), r.id.as_str()))
            .collect();
        (Measured::Value(Interval::count(violations.len() as u64, self.damaged)), audited.len() as u64)
    }
}

/// Nothing to compare with: on a first run there can be nothing, otherwise it is missing.
#[must_use]
pub fn no_baseline(baseline: &super::context::Baseline) -> Measured {
    match baseline {
        super::context::Baseline::FirstRun => Measured::NotApplicable(baseline.why_not()),
        _ => Measured::Unknown(baseline.why_not()),
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
