//! What a run shares with an earlier one: findings that are new, tests and source files that are gone, values before.

use super::context::{Baseline, Context};
use super::interval::Interval;
use crate::evidence::findings::{Disposition, Finding, Findings};
use crate::evidence::tests::{Case, Tests};
use crate::evidence::text::stable_hash;
use crate::evidence::{Evidence, Item};
use crate::policy::{CategoryPolicy, CriterionPolicy, Scope};
use crate::report::{FindingGroup, Identities, MeasureRow, Report, Span, TestGroup, VanishedGroup};
use std::collections::{BTreeMap, BTreeSet};

/// Tests and findings whose digests a report carries; beyond it only their numbers are kept.
const MAX_TESTS: usize = 100_000;
const MAX_FINDINGS: usize = 50_000;
/// Classes and suites that are kept apart.
const MAX_GROUPS: usize = 2_000;

/// What the baseline knows of this run's evidence.
#[derive(Debug, Default)]
pub struct Known {
    /// By item and finding: the baseline did not have it. Nothing where it does not tell.
    new: Option<Vec<Vec<bool>>>,
    /// Findings that only the baseline had.
    pub gone_findings: u64,
    /// Groups of which tests are gone; nothing where the baseline does not tell.
    pub vanished: Option<Vec<VanishedGroup>>,
    /// Source files that only the baseline measured.
    pub vanished_files: Option<Vec<String>>,
}

impl Known {
    /// Compares evidence with the baseline of the context.
    #[must_use]
    pub fn of(evidence: &Evidence, context: &Context) -> Self {
        let Some(report) = context.baseline.report() else { return Self::default() };
        let mut known = Self::default();
        if let Some(identities) = &report.identities {
            known.compare_findings(evidence, identities);
            known.vanished = Some(vanished(evidence, identities));
        }
        known.vanished_files = report.coverage.as_ref().filter(|c| c.files_left_out == 0).map(|section| {
            let merged = crate::evidence::coverage::merge(
                counting(evidence).filter_map(|(_, i)| i.facts.coverage.as_ref()),
            );
            let now: BTreeSet<&str> = merged.iter().map(|f| f.path.as_str()).collect();
            let before = section.files.iter().map(|f| f.path.as_str());
            before.filter(|p| !now.contains(p)).map(str::to_owned).collect()
        });
        known
    }

    fn compare_findings(&mut self, evidence: &Evidence, identities: &Identities) {
        if identities.findings.iter().any(|g| g.count > 0 && g.digests.is_empty()) {
            return;
        }
        let mut before: BTreeMap<u64, u64> = BTreeMap::new();
        for digest in identities.findings.iter().flat_map(|g| digests(&g.digests, 16)) {
            let count = before.entry(digest).or_default();
            *count = count.saturating_add(1);
        }
        let mut new: Vec<Vec<bool>> = vec![Vec::new(); evidence.items.len()];
        for (at, item) in counting(evidence) {
            let (Some(findings), Some(of_item)) = (&item.facts.findings, new.get_mut(at)) else { continue };
            let mut is_new = |f: &Finding| match before.get_mut(&finding_digest(findings, f)) {
                Some(left) if *left > 0 => {
                    *left = left.saturating_sub(1);
                    false
                }
                _ => true,
            };
            of_item.extend(findings.list.iter().map(|f| f.disposition == Disposition::Counted && is_new(f)));
        }
        self.new = Some(new);
        self.gone_findings = before.values().sum();
    }

    /// Whether the baseline did not have a finding; nothing where that is not known.
    #[must_use]
    pub fn is_new(&self, item: usize, finding: usize) -> Option<bool> {
        self.new.as_ref()?.get(item)?.get(finding).copied()
    }

    /// True where new findings can be told from known ones.
    #[must_use]
    pub const fn tells_new_findings(&self) -> bool {
        self.new.is_some()
    }

    /// Findings that the baseline did not have.
    #[must_use]
    pub fn new_findings(&self) -> Option<u64> {
        let new = self.new.as_ref()?;
        Some(new.iter().flatten().filter(|new| **new).count() as u64)
    }
}

fn counting(evidence: &Evidence) -> impl Iterator<Item = (usize, &Item)> {
    evidence.items.iter().enumerate().filter(|(_, i)| !i.state.is_harmless())
}

fn category_of(item: &Item) -> &str {
    item.category.as_ref().map_or("", |c| c.category.as_str())
}

/// The digests in a text of hex digits, `width` of them each.
fn digests(text: &str, width: usize) -> impl Iterator<Item = u64> {
    let chunks = text.as_bytes().chunks(width).filter_map(|c| std::str::from_utf8(c).ok());
    chunks.filter_map(|c| u64::from_str_radix(c, 16).ok())
}

/// What makes a finding the same in two runs: the tool's own fingerprint, else its message; and tool, rule and file.
/// Lines move with every edit and are left out.
fn finding_digest(file: &Findings, finding: &Finding) -> u64 {
    let fingerprint = file.text.get(finding.fingerprint);
    let last = if fingerprint.is_empty() { file.text.get(finding.message) } else { fingerprint };
    let tool = file.tool(finding).map_or("", |t| t.name.as_str());
    stable_hash(&[tool, file.text.get(finding.rule), file.text.get(finding.path), last])
}

/// Class, else suite: where people look for a test.
fn group_of<'a>(tests: &'a Tests, case: &Case) -> &'a str {
    match tests.text.get(case.class) {
        "" => tests.suite(case).map_or("", |s| s.name.as_str()),
        class => class,
    }
}

/// What makes a test the same in two runs: its class, else its suite, and its name.
fn test_digest(tests: &Tests, case: &Case) -> u64 {
    stable_hash(&[group_of(tests, case), tests.text.get(case.name)]) & 0xFFFF_FFFF
}

/// The tests of every item that counts, with their categories.
fn all_tests(evidence: &Evidence) -> impl Iterator<Item = (&str, &Tests)> {
    counting(evidence).filter_map(|(_, item)| Some((category_of(item), item.facts.tests.as_ref()?)))
}

/// Digests by category and group. Some tools write a class for every test: where there are more groups than anybody
/// would look through, a category is one group.
fn test_groups(evidence: &Evidence) -> Vec<TestGroup> {
    let mut groups: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
    for (category, tests) in all_tests(evidence) {
        for case in &tests.cases {
            groups.entry((category, group_of(tests, case))).or_default().push(test_digest(tests, case));
        }
    }
    if groups.len() > MAX_GROUPS {
        let mut whole: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
        for ((category, _), digests) in groups {
            whole.entry((category, "")).or_default().extend(digests);
        }
        groups = whole;
    }
    let group = |((category, group), mut digests): ((&str, &str), Vec<u64>)| {
        digests.sort_unstable();
        let (category, group) = (category.to_owned(), group.to_owned());
        TestGroup { category, group, count: digests.len() as u64, digests: hex(&digests, 8) }
    };
    groups.into_iter().map(group).collect()
}

/// Only how many there are, of a run with more tests than digests are kept of.
fn test_counts(evidence: &Evidence) -> Vec<TestGroup> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (category, tests) in all_tests(evidence) {
        let count = counts.entry(category).or_default();
        *count = count.saturating_add(tests.cases.len() as u64);
    }
    let group = |(category, count): (&str, u64)| TestGroup {
        category: category.to_owned(),
        count,
        ..TestGroup::default()
    };
    counts.into_iter().map(group).collect()
}

fn hex(digests: &[u64], width: usize) -> String {
    digests.iter().fold(String::with_capacity(digests.len().saturating_mul(width)), |mut text, digest| {
        use std::fmt::Write as _;
        let _writing_to_a_string_cannot_fail = write!(text, "{digest:0width$x}");
        text
    })
}

/// The digests that a report carries for later runs.
#[must_use]
pub fn identities(evidence: &Evidence) -> Option<Identities> {
    let all: usize = all_tests(evidence).map(|(_, tests)| tests.cases.len()).sum();
    let tests = if all > MAX_TESTS { test_counts(evidence) } else { test_groups(evidence) };
    let mut findings: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (_, item) in counting(evidence) {
        let Some(file) = &item.facts.findings else { continue };
        findings
            .entry(category_of(item))
            .or_default()
            .extend(file.counted().map(|f| finding_digest(file, f)));
    }
    let all: usize = findings.values().map(Vec::len).sum();
    let findings = findings.into_iter().map(|(category, mut digests)| {
        digests.sort_unstable();
        FindingGroup {
            category: category.to_owned(),
            count: digests.len() as u64,
            digests: if all > MAX_FINDINGS { String::new() } else { hex(&digests, 16) },
        }
    });
    let identities = Identities { tests, findings: findings.collect() };
    (!identities.tests.is_empty() || !identities.findings.is_empty()).then_some(identities)
}

/// The groups of the baseline of which tests are gone, most first. Tests are looked for everywhere: another category
/// or another file is no loss.
fn vanished(evidence: &Evidence, before: &Identities) -> Vec<VanishedGroup> {
    let (mut now, mut counts): (BTreeMap<u64, u64>, BTreeMap<&str, u64>) = (BTreeMap::new(), BTreeMap::new());
    for (category, tests) in all_tests(evidence) {
        let count = counts.entry(category).or_default();
        *count = count.saturating_add(tests.cases.len() as u64);
        for case in &tests.cases {
            let left = now.entry(test_digest(tests, case)).or_default();
            *left = left.saturating_add(1);
        }
    }
    let mut gone = |group: &TestGroup| {
        if group.digests.is_empty() {
            return group.count.saturating_sub(counts.get(group.category.as_str()).copied().unwrap_or(0));
        }
        let missing = digests(&group.digests, 8).filter(|digest| match now.get_mut(digest) {
            Some(left) if *left > 0 => {
                *left = left.saturating_sub(1);
                false
            }
            _ => true,
        });
        missing.count() as u64
    };
    let mut groups: Vec<VanishedGroup> = before
        .tests
        .iter()
        .map(|g| VanishedGroup {
            category: g.category.clone(),
            group: g.group.clone(),
            gone: gone(g),
            had: g.count,
        })
        .filter(|g| g.gone > 0)
        .collect();
    groups.sort_by(|a, b| b.gone.cmp(&a.gone).then_with(|| a.group.cmp(&b.group)));
    groups
}

fn interval(span: &Span) -> Option<Interval> {
    Some(Interval { low: span.low.exact()?, high: span.high.exact()? })
}

/// What the baseline measured for a criterion, without the criterion's own scope; of one component where it is named.
#[must_use]
pub fn before(
    baseline: &Baseline,
    category: &CategoryPolicy,
    criterion: &CriterionPolicy,
    component: Option<&str>,
) -> Option<Interval> {
    let report = baseline.report()?;
    let stated = alike(report, category, criterion).find_map(|c| match (component, c.scope.as_str()) {
        (Some(name), "") => c.parts.iter().find(|p| p.component == name).and_then(|p| p.value.as_ref()),
        (None, "") if c.parts.is_empty() => c.value.as_ref(),
        (None, "delta") => c.now.as_ref(),
        _ => None,
    });
    stated.or_else(|| drawn(report, category, criterion, component).map(|row| &row.value)).and_then(interval)
}

/// What a report recorded for a criterion, in the criterion's own scope, and on how many records it rests.
#[must_use]
pub fn recorded(
    report: &Report,
    category: &CategoryPolicy,
    criterion: &CriterionPolicy,
    component: Option<&str>,
) -> Option<(Interval, u64)> {
    let scope = if criterion.scope == Scope::Total { "" } else { criterion.scope.name() };
    let stated =
        alike(report, category, criterion).filter(|c| c.scope == scope).find_map(|c| match component {
            Some(name) => c
                .parts
                .iter()
                .find(|p| p.component == name)
                .and_then(|p| Some((p.value.as_ref()?, p.samples))),
            None => c.value.as_ref().filter(|_| c.parts.is_empty()).map(|value| (value, c.samples)),
        });
    let total = || drawn(report, category, criterion, component).filter(|_| criterion.scope == Scope::Total);
    let (span, samples) = stated.or_else(|| total().map(|row| (&row.value, row.samples)))?;
    Some((interval(span)?, samples))
}

/// The criteria of a report that measure the same records.
fn alike<'r>(
    report: &'r Report,
    category: &'r CategoryPolicy,
    criterion: &'r CriterionPolicy,
) -> impl Iterator<Item = &'r crate::report::Criterion> {
    let narrowed = criterion.narrow.in_words();
    let of_category = report.decision.categories.iter().find(|c| c.id == category.id);
    let criteria = of_category.into_iter().flat_map(|c| &c.criteria);
    criteria.filter(move |c| c.measure == criterion.measure.id && c.narrowed == narrowed)
}

/// What the evidence of the category gave, asked for or not.
fn drawn<'r>(
    report: &'r Report,
    category: &CategoryPolicy,
    criterion: &CriterionPolicy,
    component: Option<&str>,
) -> Option<&'r MeasureRow> {
    let plain = component.is_none() && criterion.narrow.is_everything();
    let mut rows = report.measures.iter().filter(|_| plain);
    rows.find(|m| m.category == category.id && m.measure == criterion.measure.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_survive_their_hex_form() {
        let all = [0, 7, 0xFFFF_FFFF];
        assert_eq!(digests(&hex(&all, 8), 8).collect::<Vec<_>>(), all);
        assert_eq!(digests("zz", 8).count(), 0);
    }
}
