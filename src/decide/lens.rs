//! The records that a criterion looks at: those of its category's evidence, less what narrowing, scope and waivers
//! leave out. Everything that shows or mends a number asks here what the number was drawn from.

use super::baseline::Known;
use super::context::Context;
use super::waive::{Waived, Waivers};
use crate::evidence::coverage::{self, FileCoverage};
use crate::evidence::findings::{Finding, Findings};
use crate::evidence::load::{self, Requests};
use crate::evidence::pages::{Page, RuleResult};
use crate::evidence::tests::{Case, Counts, Tests};
use crate::evidence::{Evidence, Item, Kind};
use crate::policy::{CategoryPolicy, CriterionPolicy, Measure, Narrow, Policy, Scope};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Source files of several reports, united.
pub type Merged<'a> = Rc<Vec<Cow<'a, FileCoverage>>>;

/// One way to look at the evidence of a category.
#[derive(Debug, Clone, Copy)]
pub struct Look<'p> {
    /// Which records.
    pub narrow: &'p Narrow,
    /// Only those of one component, or of none.
    pub part: Option<Option<usize>>,
    /// All, changed lines, or new findings.
    pub scope: Scope,
    /// Which waivers hold.
    pub waivers: Waivers,
}

/// One item with its place in the evidence.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Place in [`Evidence::items`].
    pub at: usize,
    /// The item.
    pub item: &'a Item,
}

/// A load test, as far as it is looked at.
#[derive(Debug)]
pub struct Load<'a> {
    /// The run.
    pub run: load::Run<'a>,
    /// All of the run is looked at, its thresholds and checks with it.
    pub is_whole: bool,
    /// Places of the rows that are looked at, where not all of it is.
    rows: Vec<usize>,
}

impl Load<'_> {
    /// All requests together, or the rows that are looked at.
    pub fn requests(&self) -> impl Iterator<Item = &Requests> {
        let test = &self.run.test;
        let all = self.is_whole.then_some(&test.all);
        all.into_iter().chain(self.rows.iter().filter_map(|at| test.rows.get(*at)))
    }
}

/// Components of the records of an item, worked out once.
#[derive(Debug, Default)]
struct Parts {
    tests: Vec<Option<usize>>,
    findings: Vec<Option<usize>>,
}

/// Policy, evidence and context together, with what is worked out once for all criteria.
#[derive(Debug)]
pub struct Lens<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The context.
    pub context: &'a Context,
    /// Which records waivers take out.
    pub waived: Waived,
    /// Which findings and tests the baseline knows.
    pub known: Known,
    /// Measures come from a report that recorded them, differences included.
    pub recorded: bool,
    parts: Vec<Parts>,
    /// Counts of all tests by item: a run of a million tests is counted once, whatever asks.
    totals: Vec<Counts>,
    merged: RefCell<BTreeMap<Vec<usize>, Merged<'a>>>,
}

impl<'a> Lens<'a> {
    /// Looks at evidence under a policy.
    #[must_use]
    pub fn new(policy: &'a Policy, evidence: &'a Evidence, context: &'a Context) -> Self {
        let parts = evidence.items.iter().map(|item| parts(policy, item)).collect();
        Self {
            policy,
            evidence,
            context,
            waived: Waived::of(policy, evidence, context),
            known: Known::of(evidence, context),
            recorded: false,
            parts,
            totals: evidence
                .items
                .iter()
                .map(|i| i.facts.tests.as_ref().map_or_else(Counts::default, Tests::counts))
                .collect(),
            merged: RefCell::default(),
        }
    }

    /// The same for measures that a report recorded.
    #[must_use]
    pub fn recorded(self) -> Self {
        Self { recorded: true, ..self }
    }

    /// The items that can feed a measure of a category.
    #[must_use]
    pub fn feeding(&self, measure: &Measure, category: &CategoryPolicy, narrow: &Narrow) -> Vec<Seen<'a>> {
        let items = self.evidence.items.iter().enumerate().map(|(at, item)| Seen { at, item });
        let by = |item: &Item| {
            let producer = item.producer.name.to_lowercase();
            // What cannot be read may be what is asked for.
            narrow.producers.is_empty()
                || narrow.producers.contains(&producer)
                || (item.kind.is_none() && item.state.is_damaged())
        };
        items
            .filter(|s| !s.item.state.is_harmless() && feeds(s.item, measure, category) && by(s.item))
            .collect()
    }

    /// The items behind a criterion.
    #[must_use]
    pub fn items(&self, category: &CategoryPolicy, criterion: &CriterionPolicy) -> Vec<Seen<'a>> {
        self.feeding(criterion.measure, category, &criterion.narrow)
    }

    /// Counts of all tests of an item.
    #[must_use]
    pub fn total(&self, seen: Seen<'a>) -> Counts {
        self.totals.get(seen.at).copied().unwrap_or_default()
    }

    /// Counts of the tests of an item that are looked at.
    #[must_use]
    pub fn counts(&self, seen: Seen<'a>, tests: &'a Tests, look: Look<'_>) -> Counts {
        if !look.leaves_tests_out() && self.waived.in_item(seen.at, look.waivers) == 0 {
            return self.total(seen);
        }
        let listed = self.tests(seen, tests, look);
        let mut counts = if self.keeps_whole_item(seen, look) { tests.undetailed } else { Counts::default() };
        listed.for_each(|(_, case)| counts.add(case.status, case.flaky));
        counts
    }

    /// The tests of an item that are looked at, with their places in it.
    pub fn tests<'s>(
        &'s self,
        seen: Seen<'a>,
        tests: &'a Tests,
        look: Look<'s>,
    ) -> impl Iterator<Item = (usize, &'a Case)> + 's {
        let listed = tests.cases.iter().enumerate();
        listed.filter(move |(at, case)| self.keeps_test(seen, tests, *at, case, look))
    }

    /// Component and duration in microseconds of the tests of an item that are looked at and have one.
    pub fn durations<'s>(
        &'s self,
        seen: Seen<'a>,
        tests: &'a Tests,
        look: Look<'s>,
    ) -> impl Iterator<Item = (Option<usize>, u64)> + 's {
        self.tests(seen, tests, look)
            .filter_map(move |(at, case)| Some((self.part_of_test(seen.at, at), case.micros?)))
    }

    fn keeps_test(&self, seen: Seen<'a>, tests: &Tests, at: usize, case: &Case, look: Look<'_>) -> bool {
        if self.waived.test(seen.at, at, look.waivers).is_some() {
            return false;
        }
        !look.leaves_tests_out()
            || (self.keeps_part(self.part_of_test(seen.at, at), look)
                && keeps_path(&tests.source(case), &seen.item.path, look))
    }

    /// Tests of an item, listed or only counted, that are looked at as one: by the artifact alone.
    fn keeps_whole_item(&self, seen: Seen<'a>, look: Look<'_>) -> bool {
        let part = self.policy.component_of("", &seen.item.path);
        self.keeps_part(part, look) && keeps_path("", &seen.item.path, look)
    }

    fn keeps_part(&self, part: Option<usize>, look: Look<'_>) -> bool {
        if look.part.is_some_and(|only| only != part) {
            return false;
        }
        let name = part.and_then(|p| self.policy.components.get(p)).map(|c| &c.name);
        look.narrow.components.is_empty() || name.is_some_and(|n| look.narrow.components.contains(n))
    }

    /// The findings of an item that count and are looked at.
    pub fn findings<'s>(
        &'s self,
        seen: Seen<'a>,
        findings: &'a Findings,
        look: Look<'s>,
    ) -> impl Iterator<Item = &'a Finding> + 's {
        let counted = findings.list.iter().enumerate();
        let counted =
            counted.filter(|(_, f)| f.disposition == crate::evidence::findings::Disposition::Counted);
        counted.filter(move |(at, f)| self.keeps_finding(seen, findings, *at, f, look)).map(|(_, f)| f)
    }

    fn keeps_finding(
        &self,
        seen: Seen<'a>,
        file: &Findings,
        at: usize,
        finding: &Finding,
        look: Look<'_>,
    ) -> bool {
        let path = file.text.get(finding.path);
        let part = self.part_of_finding(seen.at, at);
        let tool = || file.tool(finding).map(|t| t.name.to_lowercase()).unwrap_or_default();
        let in_scope = match look.scope {
            Scope::Changed => self.context.changes.as_ref().is_some_and(|c| c.has(path, finding.line)),
            Scope::New => self.known.is_new(seen.at, at) != Some(false),
            Scope::Total | Scope::Delta => true,
        };
        in_scope
            && self.waived.finding(seen.at, at, look.waivers).is_none()
            && self.keeps_part(part, look)
            && (look.narrow.tools.is_empty() || look.narrow.tools.contains(&tool()))
            && keeps_path(path, &seen.item.path, look)
    }

    /// The component of a finding, by its place in its file.
    #[must_use]
    pub fn part_of_finding(&self, item: usize, at: usize) -> Option<usize> {
        self.parts.get(item).and_then(|p| p.findings.get(at).copied().flatten())
    }

    /// The component of a test, by its place in its file.
    #[must_use]
    pub fn part_of_test(&self, item: usize, at: usize) -> Option<usize> {
        self.parts.get(item).and_then(|p| p.tests.get(at).copied().flatten())
    }

    /// The source files of items, united; those of the same items are united once.
    #[must_use]
    pub fn merged(&self, items: &[Seen<'a>]) -> Merged<'a> {
        let with: Vec<usize> =
            items.iter().filter(|s| s.item.facts.coverage.is_some()).map(|s| s.at).collect();
        if let Some(merged) = self.merged.borrow().get(&with) {
            return Rc::clone(merged);
        }
        let merged = Rc::new(coverage::merge(items.iter().filter_map(|s| s.item.facts.coverage.as_ref())));
        self.merged.borrow_mut().insert(with, Rc::clone(&merged));
        merged
    }

    /// The source files that are looked at. With the scope of changed lines only their changed lines are left.
    #[must_use]
    pub fn files<'m>(&self, merged: &'m Merged<'a>, look: Look<'_>) -> Vec<Cow<'m, FileCoverage>> {
        let kept = merged.iter().filter(|file| {
            self.keeps_part(self.policy.component_of(&file.path, ""), look)
                && keeps_path(&file.path, "", look)
        });
        match (&self.context.changes, look.scope) {
            (Some(changes), Scope::Changed) => {
                let touched = kept.filter_map(|f| Some((f, changes.of(&f.path)?)));
                touched.map(|(file, ranges)| Cow::Owned(file.only_lines(&ranges))).collect()
            }
            _ => kept.map(|f| Cow::Borrowed(f.as_ref())).collect(),
        }
    }

    /// The pages of an item that are looked at.
    pub fn pages<'s>(&'s self, seen: Seen<'a>, look: Look<'s>) -> impl Iterator<Item = &'a Page> + 's {
        seen.item.facts.pages.iter().filter(move |page| {
            let part = self.policy.component_of(page.key(), &seen.item.path);
            self.keeps_part(part, look) && keeps_path(page.key(), &seen.item.path, look)
        })
    }

    /// The load tests among items, each run once, with its requests that are looked at: all together, or those whose
    /// names fit.
    #[must_use]
    pub fn loads(&self, items: &[Seen<'a>], look: Look<'_>) -> Vec<Load<'a>> {
        let looked_at = load::runs(items.iter().map(|s| s.item)).into_iter().map(|run| {
            let keeps = |name: &str| {
                self.keeps_part(self.policy.component_of(name, &run.item.path), look)
                    && keeps_path(name, &run.item.path, look)
            };
            let is_whole = keeps("");
            let rows = run.test.rows.iter().enumerate().filter(|(_, r)| !is_whole && keeps(&r.name));
            let rows = rows.map(|(at, _)| at).collect();
            Load { run, is_whole, rows }
        });
        looked_at.filter(|load| load.requests().next().is_some()).collect()
    }

    /// True where a waiver takes a violated rule of a page out.
    #[must_use]
    pub fn waives_rule(&self, page: &Page, rule: &RuleResult, waivers: Waivers) -> bool {
        self.waived.rule(self.policy, page, rule, waivers).is_some()
    }
}

impl<'p> Look<'p> {
    /// How a criterion looks.
    #[must_use]
    pub const fn of(criterion: &'p CriterionPolicy, waivers: Waivers) -> Self {
        Self { narrow: &criterion.narrow, part: None, scope: criterion.scope, waivers }
    }

    const fn leaves_tests_out(self) -> bool {
        self.part.is_some() || !self.narrow.paths.is_empty() || !self.narrow.components.is_empty()
    }
}

fn keeps_path(source: &str, artifact: &str, look: Look<'_>) -> bool {
    let paths = &look.narrow.paths;
    paths.is_empty()
        || paths
            .iter()
            .any(|p| (!source.is_empty() && p.fits(source)) || (!artifact.is_empty() && p.fits(artifact)))
}

/// True where an item can feed a measure of a category: its own items, by kind. Web audits of any folder speak for
/// performance and accessibility alike, and complexity stands in coverage reports and lint findings.
fn feeds(item: &Item, measure: &Measure, category: &CategoryPolicy) -> bool {
    let own = item.category.as_ref().is_some_and(|c| c.category == category.id);
    match measure.kind {
        Kind::Check => false,
        Kind::Web if category.evidence.is_empty() => {
            item.kind == Some(Kind::Web) || (own && item.kind.is_none())
        }
        _ if measure.id == "complexity.max" => matches!(item.kind, Some(Kind::Coverage | Kind::Findings)),
        // An item of unknown kind is here because the policy expects it; what it hides may be of any kind.
        _ => own && item.kind.is_none_or(|kind| kind == measure.kind),
    }
}

/// The component of every test and finding of an item.
fn parts(policy: &Policy, item: &Item) -> Parts {
    if policy.components.is_empty() {
        return Parts::default();
    }
    let artifact = policy.component_of("", &item.path);
    let by_source = |source: &str| policy.component_of(source, "").or(artifact);
    let mut parts = Parts::default();
    if let Some(tests) = &item.facts.tests {
        // Neighbouring tests mostly share their source.
        let mut last: (String, Option<usize>) = (String::new(), artifact);
        for case in &tests.cases {
            let source = tests.source(case);
            if source != last.0 {
                last = (source.clone().into_owned(), by_source(&source));
            }
            parts.tests.push(last.1);
        }
    }
    if let Some(findings) = &item.facts.findings {
        parts.findings = findings.list.iter().map(|f| by_source(findings.text.get(f.path))).collect();
    }
    parts
}
