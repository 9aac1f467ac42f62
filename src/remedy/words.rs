//! Failures in the words of the people who mend them.

use super::cluster::cluster;
use super::{MINUTES_RERUN, Remedy};
use crate::decide::measure::{Measured, counts};
use crate::decide::{JudgedCategory, JudgedCriterion};
use crate::evidence::Item;
use crate::evidence::coverage::{self, FileCoverage};
use crate::evidence::exact::{floor_decimal, whole};
use crate::evidence::findings::{Finding, Findings};
use crate::evidence::pages::{Impact, RuleVerdict};
use crate::evidence::tests::{Case, Tests};
use crate::policy::owners::Owners;
use crate::report::Fix;
use std::collections::{BTreeMap, BTreeSet};

const MINUTES_CAUSE: u64 = 15;
const MINUTES_TEST: u64 = 1;
const MINUTES_LINE: u64 = 1;
const MINUTES_METRIC: u64 = 60;
const MINUTES_RULE: u64 = 15;
/// Places that are named before "and n more".
const NAMED: usize = 3;

/// The part of the product that a test belongs to: the artifact folder without the words that every pipeline uses,
/// else the outermost suite.
#[must_use]
pub fn component(path: &str, suite: &str) -> String {
    const NOISE: [&str; 25] = [
        "unit",
        "units",
        "test",
        "tests",
        "testing",
        "integration",
        "e2e",
        "results",
        "result",
        "junit",
        "report",
        "reports",
        "xml",
        "coverage",
        "artifact",
        "artifacts",
        "zip",
        "surefire",
        "failsafe",
        "target",
        "build",
        "output",
        "out",
        "ci",
        "it",
    ];
    let folders = path.split(['/', '!']).filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let folders = folders.split_last().map_or(&[][..], |(_, folders)| folders);
    for folder in folders {
        let words: Vec<&str> = folder
            .split(['-', '_', '.', ' '])
            .filter(|w| !NOISE.contains(&w.to_ascii_lowercase().as_str()))
            .collect();
        if !words.is_empty() {
            return words.join(" ");
        }
    }
    suite.split(" › ").next().unwrap_or_default().to_owned()
}

fn plural(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// `a, b, c and 4 more`.
fn and_more(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn first_owner<'p>(owners: &Owners, paths: impl Iterator<Item = &'p str>) -> String {
    paths.map(|p| owners.of(p)).find(|o| !o.is_empty()).unwrap_or_default().to_owned()
}

/// A code span that the text cannot leave.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('\n', " "))
}

struct FailingTest<'a> {
    item: &'a Item,
    tests: &'a Tests,
    case: &'a Case,
}

impl FailingTest<'_> {
    fn name(&self) -> String {
        let (class, name) = (self.tests.text.get(self.case.class), self.tests.text.get(self.case.name));
        if class.is_empty() || class == name { name.to_owned() } else { format!("{class} › {name}") }
    }

    /// The source file, as told or as a dotted class name would lie.
    fn path(&self) -> String {
        let told = self.tests.detail(self.case).map_or("", |d| d.file.as_str());
        if told.is_empty() { self.tests.text.get(self.case.class).replace('.', "/") } else { told.to_owned() }
    }
}

pub(super) fn failing_tests(
    owners: &Owners,
    category: &JudgedCategory<'_>,
    criterion: &JudgedCriterion<'_>,
) -> Remedy {
    let files = criterion.reading.items.iter().filter_map(|item| Some((*item, item.facts.tests.as_ref()?)));
    let failing: Vec<FailingTest<'_>> = files
        .clone()
        .flat_map(|(item, tests)| {
            tests.cases.iter().filter(|c| c.status.is_bad()).map(move |case| FailingTest {
                item,
                tests,
                case,
            })
        })
        .collect();
    let what = category.policy.title.to_lowercase();
    let what = what.strip_suffix('s').unwrap_or(&what);
    let mut by_component: BTreeMap<String, u64> = BTreeMap::new();
    for test in &failing {
        let suite = test.tests.suite(test.case).map_or("", |s| s.name.as_str());
        let count = by_component.entry(component(&test.item.path, suite)).or_default();
        *count = count.saturating_add(1);
    }
    for (item, tests) in files {
        if tests.undetailed.bad() > 0 {
            let count = by_component.entry(component(&item.path, "")).or_default();
            *count = count.saturating_add(tests.undetailed.bad());
        }
    }
    let mut components: Vec<(String, u64)> = by_component.into_iter().collect();
    components.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let issues = components.iter().map(|(name, n)| {
        let place = if name.is_empty() { String::new() } else { format!(" in {name}") };
        format!("{} failing{place}", plural(*n, what))
    });
    let clusters = cluster(
        failing.iter().map(|t| (t.tests.detail(t.case).map_or("", |d| d.message.as_str()), t.name())),
    );
    let causes = clusters.len() as u64;
    let total = components.iter().map(|(_, n)| n).sum::<u64>();
    let minutes =
        causes.max(1).saturating_mul(MINUTES_CAUSE).saturating_add(total.saturating_mul(MINUTES_TEST));
    let basis = format!(
        "{MINUTES_CAUSE} minutes for each of {}, {MINUTES_TEST} for each test",
        plural(causes.max(1), "distinct message")
    );
    let hint = format!(
        "fix {}: {}",
        plural(total, &format!("failing {what}")),
        and_more(&failing.iter().map(FailingTest::name).collect::<Vec<_>>())
    );
    Remedy {
        fix: Fix {
            owner: first_owner(
                owners,
                failing.iter().map(FailingTest::path).collect::<Vec<_>>().iter().map(String::as_str),
            ),
            hint,
            minutes,
            basis,
        },
        issues: issues.collect(),
        steps: clusters
            .iter()
            .take(NAMED)
            .map(|c| format!("{}: begin with {}", plural(c.count, "test"), code(&c.example)))
            .chain(rerun_alone(&failing))
            .collect(),
        clusters,
    }
}

/// The command that runs the first failing test alone, for the runners where it is certain.
fn rerun_alone(failing: &[FailingTest<'_>]) -> Option<String> {
    let test = failing.first()?;
    let (name, file) =
        (test.tests.text.get(test.case.name), test.tests.detail(test.case).map_or("", |d| d.file.as_str()));
    let command = match test.item.producer.name.as_str() {
        "pytest" if !file.is_empty() => {
            format!("pytest {file} -k \"{}\"", name.split('[').next().unwrap_or(name))
        }
        "pytest" => format!("pytest -k \"{}\"", name.split('[').next().unwrap_or(name)),
        "vitest" => format!("npx vitest run -t \"{name}\""),
        "jest" => format!("npx jest -t \"{name}\""),
        "playwright" => format!("npx playwright test -g \"{name}\""),
        _ => return None,
    };
    Some(format!("run the first one alone: {}", code(&command)))
}

pub(super) fn uncovered(owners: &Owners, criterion: &JudgedCriterion<'_>) -> Remedy {
    let files = coverage::merge(criterion.reading.items.iter().filter_map(|i| i.facts.coverage.as_ref()));
    let tally = |f: &FileCoverage| match criterion.policy.measure.id {
        "coverage.branch" => f.branch_tally(),
        "coverage.function" => f.function_tally(),
        _ => f.line_tally().or_else(|| f.statement_tally()),
    };
    let unit = match criterion.policy.measure.id {
        "coverage.branch" => "branch arm",
        "coverage.function" => "function",
        _ => "line",
    };
    let mut gaps: Vec<(u64, &str)> = files
        .iter()
        .filter_map(|f| tally(f).map(|t| (t.total.saturating_sub(t.low), f.path.as_str())))
        .filter(|g| g.0 > 0)
        .collect();
    gaps.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let (low, total) = files
        .iter()
        .filter_map(tally)
        .fold((0_u64, 0_u64), |(low, total), t| (low.saturating_add(t.low), total.saturating_add(t.total)));
    let wanted = (&criterion.policy.target * whole(total)).ceil().to_integer();
    let missing = u64::try_from(wanted).unwrap_or(total).saturating_sub(low).max(1);
    let places: Vec<String> = gaps.iter().map(|(n, path)| format!("{path} ({n} uncovered)")).collect();
    let more = if missing == 1 { format!("1 more {unit}") } else { format!("{missing} more {unit}s") };
    let hint = format!("cover {more}: {}", and_more(&places));
    Remedy {
        fix: Fix {
            owner: first_owner(owners, gaps.iter().map(|g| g.1)),
            hint,
            minutes: missing.saturating_mul(MINUTES_LINE),
            basis: format!("{MINUTES_LINE} minute for each {unit} that is missing to the target"),
        },
        issues: vec![format!(
            "{} {unit}s short of {}",
            missing,
            criterion.policy.measure.title.to_lowercase()
        )],
        steps: gaps
            .iter()
            .take(NAMED)
            .map(|(n, path)| format!("add tests for {}: {n} uncovered", code(path)))
            .collect(),
        clusters: Vec::new(),
    }
}

/// The findings that a criterion counts, worst first in a stable order.
fn counted<'a>(criterion: &JudgedCriterion<'a>) -> Vec<(&'a Findings, &'a Finding)> {
    let wanted = |f: &Finding| counts(criterion.policy.measure.id, f);
    let files = criterion.reading.items.iter().filter_map(|i| i.facts.findings.as_ref());
    files.flat_map(|f| f.counted().filter(|x| wanted(x)).map(move |x| (f, x))).collect()
}

pub(super) fn findings(owners: &Owners, criterion: &JudgedCriterion<'_>) -> Remedy {
    let found = counted(criterion);
    let mut by_rule: BTreeMap<(&str, &str), (u64, String)> = BTreeMap::new();
    for (file, finding) in &found {
        let tool = file.tool(finding).map_or("", |t| t.name.as_str());
        let place = match (file.text.get(finding.path), finding.line) {
            ("", _) => "no place named".to_owned(),
            (path, 0) => path.to_owned(),
            (path, line) => format!("{path}:{line}"),
        };
        let group = by_rule.entry((tool, file.text.get(finding.rule))).or_insert_with(|| (0, place));
        group.0 = group.0.saturating_add(1);
    }
    let mut rules: Vec<_> = by_rule.into_iter().collect();
    rules.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    let each = match criterion.policy.measure.id {
        "findings.critical" => 60,
        "findings.high" | "findings.secrets" => 45,
        "findings.medium" => 30,
        _ => 5,
    };
    let word = match criterion.policy.measure.id.strip_prefix("findings.") {
        Some("error") => "error",
        Some("warning") => "warning",
        Some("secrets") => "secret",
        Some("critical") => "critical finding",
        Some("high") => "high finding",
        Some("medium") => "medium finding",
        _ => "low finding",
    };
    let lines: Vec<String> = rules
        .iter()
        .map(|((tool, rule), (n, place))| format!("{n} × {rule} ({tool}), first at {place}"))
        .collect();
    let total = found.len() as u64;
    Remedy {
        fix: Fix {
            owner: first_owner(owners, found.iter().map(|(f, x)| f.text.get(x.path))),
            hint: format!("resolve {}: {}", plural(total, word), and_more(&lines)),
            minutes: total.saturating_mul(each),
            basis: format!("{each} minutes for each finding of this severity"),
        },
        issues: vec![plural(total, word)],
        steps: lines.iter().take(NAMED).map(|l| format!("resolve {l}")).collect(),
        clusters: Vec::new(),
    }
}

pub(super) fn violations(criterion: &JudgedCriterion<'_>) -> Remedy {
    let pages = criterion.reading.items.iter().flat_map(|i| &i.facts.pages);
    let wanted = |impact: Option<Impact>| match criterion.policy.measure.id {
        "a11y.critical" => impact == Some(Impact::Critical),
        "a11y.serious" => impact == Some(Impact::Serious),
        _ => true,
    };
    let mut rules: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for page in pages {
        for rule in page.rules.iter().filter(|r| r.verdict == RuleVerdict::Fail && wanted(r.impact)) {
            rules.entry(&rule.id).or_insert_with(|| (&rule.title, BTreeSet::new())).1.insert(&page.url);
        }
    }
    let lines: Vec<String> = rules
        .iter()
        .map(|(id, (title, pages))| format!("{id} on {}: {title}", plural(pages.len() as u64, "page")))
        .collect();
    let count = rules.len().max(1) as u64;
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint: format!("repair {}: {}", plural(count, "accessibility rule"), and_more(&lines)),
            minutes: count.saturating_mul(MINUTES_RULE),
            basis: format!("{MINUTES_RULE} minutes for each violated rule"),
        },
        issues: vec![format!("{} violated", plural(count, "accessibility rule"))],
        steps: lines.into_iter().take(NAMED).map(|l| format!("repair {l}")).collect(),
        clusters: Vec::new(),
    }
}

pub(super) fn slow_pages(criterion: &JudgedCriterion<'_>) -> Remedy {
    let measure = criterion.policy.measure;
    let pages = criterion.reading.items.iter().flat_map(|i| &i.facts.pages);
    let values =
        pages.filter_map(|p| p.metrics.iter().find(|(id, _)| *id == measure.id).map(|(_, v)| (v, p)));
    let worst = values.max_by(|a, b| a.0.cmp(b.0).then_with(|| b.1.url.cmp(&a.1.url)));
    let place = worst.map_or_else(String::new, |(v, p)| format!(": {} at {}", p.key(), floor_decimal(v, 2)));
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint: format!("improve {} of the worst page{place}", measure.title),
            minutes: MINUTES_METRIC,
            basis: format!("{MINUTES_METRIC} minutes for each page metric"),
        },
        issues: vec![format!("{} misses its target{place}", measure.title)],
        steps: vec![format!("open the audit of the worst page and follow its advice for {}", measure.title)],
        clusters: Vec::new(),
    }
}

/// Evidence is missing or damaged: produce it.
pub(super) fn produce_evidence(criterion: &JudgedCriterion<'_>) -> Remedy {
    let measure = criterion.policy.measure;
    let hint =
        match (&criterion.reading.measured, criterion.reading.items.iter().find(|i| i.state.is_damaged())) {
            (_, Some(item)) => format!("produce {} again: it is {}", item.path, item.state.name()),
            (Measured::Absent, None) => {
                format!("provide {} evidence for {}", measure.kind.name(), measure.title.to_lowercase())
            }
            (_, None) => format!("{}: {}", measure.title.to_lowercase(), criterion.why),
        };
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint: hint.clone(),
            minutes: MINUTES_RERUN,
            basis: format!("{MINUTES_RERUN} minutes to run a job again"),
        },
        issues: vec![format!("{} is not known: {}", measure.title, criterion.why)],
        steps: vec![hint],
        clusters: Vec::new(),
    }
}

pub(super) fn plain(criterion: &JudgedCriterion<'_>) -> Remedy {
    let measure = criterion.policy.measure;
    let value = match &criterion.reading.measured {
        Measured::Value(value) => measure.unit.show(&value.high),
        _ => String::new(),
    };
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint: format!(
                "bring {} from {value} to {}",
                measure.title.to_lowercase(),
                measure.unit.show(&criterion.policy.target)
            ),
            minutes: 30,
            basis: "30 minutes for each criterion of this kind".to_owned(),
        },
        issues: vec![format!("{} is {value}", measure.title)],
        steps: Vec::new(),
        clusters: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_named_by_the_artifact_folder_or_the_suite() {
        for (path, suite, want) in [
            ("unit-customer/junit.xml", "pytest", "customer"),
            ("artifacts.zip!/unit-tests-billing_service/a.xml", "", "billing service"),
            ("target/surefire-reports/TEST-a.xml", "cart › Totals", "cart"),
            ("junit.xml", "cart", "cart"),
            ("e2e/junit.xml", "", ""),
        ] {
            assert_eq!(component(path, suite), want, "{path}");
        }
    }

    #[test]
    fn lists_are_cut_in_words() {
        let names: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(and_more(&names), "a, b, c and 2 more");
        assert_eq!(plural(1, "line"), "1 line");
        assert_eq!(code("a`b"), "`a'b`");
    }
}
