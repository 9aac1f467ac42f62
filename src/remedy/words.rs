//! Failures in the words of the people who mend them.

use super::cluster::cluster;
use super::{Broken, MINUTES_RERUN, Remedy};
use crate::decide::JudgedCriterion;
use crate::decide::lens::Seen;
use crate::decide::measure::{Measured, counts};
use crate::evidence::coverage::{FileCoverage, Tally};
use crate::evidence::exact::{floor_decimal, whole};
use crate::evidence::findings::{Finding, Findings};
use crate::evidence::pages::{Impact, RuleVerdict};
use crate::evidence::tests::{Case, Tests};
use crate::evidence::{Kind, State};
use crate::report::Fix;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

const MINUTES_CAUSE: u64 = 15;
const MINUTES_TEST: u64 = 1;
const MINUTES_LINE: u64 = 1;
const MINUTES_METRIC: u64 = 60;
const MINUTES_RULE: u64 = 15;
/// Places that are named before "and n more".
pub(super) const NAMED: usize = 3;

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

pub(super) fn plural(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// `a, b, c and 4 more`.
pub(super) fn and_more(names: &[String]) -> String {
    first_of(names, names.len())
}

/// The first few of `all` names.
fn first_of(names: &[String], all: usize) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A code span that the text cannot leave.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('\n', " "))
}

/// Names as a step's Markdown shows them: as they are, whatever they are made of. Only code spans are markup.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let spans = text.matches('`').count() / 2;
    for (at, part) in text.split('`').enumerate() {
        let inside = at % 2 == 1 && at < spans.saturating_mul(2);
        let mark = if at == 0 {
            ""
        } else if at <= spans.saturating_mul(2) {
            "`"
        } else {
            "\\`"
        };
        out.push_str(mark);
        let mut before = ' ';
        let mut chars = part.chars().peekable();
        while let Some(c) = chars.next() {
            let in_word = before.is_alphanumeric() && chars.peek().is_some_and(|c| c.is_alphanumeric());
            match c {
                '\n' | '\r' => out.push(' '),
                '\\' | '*' | '[' | ']' | '<' | '>' | '&' | '~' if !inside => out.extend(['\\', c]),
                '_' if !inside && !in_word => out.extend(['\\', c]),
                c => out.push(c),
            }
            before = c;
        }
    }
    out
}

struct FailingTest<'a> {
    seen: Seen<'a>,
    tests: &'a Tests,
    at: usize,
    case: &'a Case,
}

impl FailingTest<'_> {
    fn name(&self) -> String {
        let (class, name) = (self.tests.text.get(self.case.class), self.tests.text.get(self.case.name));
        if class.is_empty() || class == name { name.to_owned() } else { format!("{class} › {name}") }
    }
}

pub(super) fn failing_tests(broken: &Broken<'_, '_>) -> Remedy {
    let (lens, look) = (broken.lens, broken.look());
    let items = broken.items();
    let files: Vec<_> = items.iter().filter_map(|s| Some((*s, s.item.facts.tests.as_ref()?))).collect();
    let failing: Vec<FailingTest<'_>> = files
        .iter()
        .flat_map(|(seen, tests)| {
            let listed = lens.tests(*seen, tests, look).filter(|(_, c)| c.status.is_bad());
            listed.map(|(at, case)| FailingTest { seen: *seen, tests, at, case })
        })
        .collect();
    let what = broken.category.policy.title.to_lowercase();
    let what = what.strip_suffix('s').unwrap_or(&what);
    let mut by_component: BTreeMap<String, u64> = BTreeMap::new();
    for test in &failing {
        let suite = test.tests.suite(test.case).map_or("", |s| s.name.as_str());
        let named = lens.part_of_test(test.seen.at, test.at).and_then(|p| lens.policy.components.get(p));
        let place = named.map_or_else(|| component(&test.seen.item.path, suite), |c| c.name.clone());
        let count = by_component.entry(place).or_default();
        *count = count.saturating_add(1);
    }
    for (seen, tests) in &files {
        let all = lens.counts(*seen, tests, look).bad();
        let listed = lens.tests(*seen, tests, look).filter(|(_, c)| c.status.is_bad()).count() as u64;
        if all > listed {
            let named =
                lens.policy.component_of("", &seen.item.path).and_then(|p| lens.policy.components.get(p));
            let place = named.map_or_else(|| component(&seen.item.path, ""), |c| c.name.clone());
            let count = by_component.entry(place).or_default();
            *count = count.saturating_add(all.saturating_sub(listed));
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
            owner: broken
                .owner(failing.iter().map(|t| (t.tests.source(t.case), lens.part_of_test(t.seen.at, t.at)))),
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
    let command = match test.seen.item.producer.name.as_str() {
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

pub(super) fn uncovered(broken: &Broken<'_, '_>) -> Remedy {
    let (lens, criterion) = (broken.lens, broken.criterion);
    let merged = lens.merged(&broken.items());
    let files = lens.files(&merged, broken.look());
    let id = criterion.policy.measure.id;
    let tally = |f: &FileCoverage| match id {
        "coverage.branch" => f.branch_tally(),
        "coverage.function" => f.function_tally(),
        _ => f.line_tally().or_else(|| f.statement_tally()),
    };
    let unit = match id {
        "coverage.branch" => "branch arm",
        "coverage.function" => "function",
        _ => "line",
    };
    // What must hold for every component is short in each by itself.
    let part =
        |f: &FileCoverage| criterion.policy.each.then(|| lens.policy.component_of(&f.path, "")).flatten();
    let mut sums: BTreeMap<Option<usize>, Tally> = BTreeMap::new();
    let mut gaps: Vec<(u64, &str, Option<usize>)> = Vec::new();
    let tallies: Vec<Option<Tally>> = files.par_iter().map(|f| tally(f)).collect();
    for (file, t) in files.iter().zip(tallies).filter_map(|(f, t)| Some((f.as_ref(), t?))) {
        let sum = sums.entry(part(file)).or_default();
        *sum = sum.plus(t);
        gaps.push((t.total.saturating_sub(t.low), &file.path, part(file)));
    }
    let short = |t: &Tally| {
        let wanted = (&criterion.policy.target * whole(t.total)).ceil().to_integer();
        u64::try_from(wanted).unwrap_or(t.total).saturating_sub(t.low)
    };
    gaps.retain(|(gap, _, part)| *gap > 0 && sums.get(part).is_some_and(|t| short(t) > 0));
    gaps.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let missing = sums.values().map(short).fold(0, u64::saturating_add).max(1);
    let place = |(n, path, _): &(u64, &str, Option<usize>)| format!("{path} ({n} uncovered)");
    let places: Vec<String> = gaps.iter().take(NAMED).map(place).collect();
    let more = if missing == 1 { format!("1 more {unit}") } else { format!("{missing} more {unit}s") };
    let hint = format!("cover {more}: {}", first_of(&places, gaps.len()));
    Remedy {
        fix: Fix {
            owner: broken.owner(gaps.iter().map(|g| (Cow::Borrowed(g.1), lens.policy.component_of(g.1, "")))),
            hint,
            minutes: missing.saturating_mul(MINUTES_LINE),
            basis: format!("{MINUTES_LINE} minute for each {unit} that is missing to the target"),
        },
        issues: vec![format!("{} {unit}s short of {}", missing, criterion.policy.title.to_lowercase())],
        steps: gaps
            .iter()
            .take(NAMED)
            .map(|(n, path, _)| format!("add tests for {}: {n} uncovered", code(path)))
            .collect(),
        clusters: Vec::new(),
    }
}

pub(super) fn findings(broken: &Broken<'_, '_>) -> Remedy {
    let (lens, look, criterion) = (broken.lens, broken.look(), broken.criterion);
    let items = broken.items();
    let files = items.iter().filter_map(|s| Some((*s, s.item.facts.findings.as_ref()?)));
    let found: Vec<(&Findings, &Finding)> = files
        .flat_map(|(seen, f)| lens.findings(seen, f, look).map(move |x| (f, x)))
        .filter(|(_, x)| counts(criterion.policy.measure.id, x))
        .collect();
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
            owner: broken.owner(found.iter().map(|(f, x)| {
                let path = f.text.get(x.path);
                (Cow::Borrowed(path), lens.policy.component_of(path, ""))
            })),
            hint: format!("resolve {}: {}", plural(total, word), and_more(&lines)),
            minutes: total.saturating_mul(each),
            basis: format!("{each} minutes for each finding of this severity"),
        },
        issues: vec![plural(total, word)],
        steps: lines.iter().take(NAMED).map(|l| format!("resolve {}", literal(l))).collect(),
        clusters: Vec::new(),
    }
}

pub(super) fn violations(broken: &Broken<'_, '_>) -> Remedy {
    let (lens, look, criterion) = (broken.lens, broken.look(), broken.criterion);
    let items = broken.items();
    let pages = items.iter().flat_map(|s| lens.pages(*s, look));
    let wanted = |impact: Option<Impact>| match criterion.policy.measure.id {
        "a11y.critical" => impact == Some(Impact::Critical),
        "a11y.serious" => impact == Some(Impact::Serious),
        _ => true,
    };
    let mut rules: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for page in pages {
        let violated = page.rules.iter().filter(|r| r.verdict == RuleVerdict::Fail && wanted(r.impact));
        for rule in violated.filter(|r| !lens.waives_rule(page, r, look.waivers)) {
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
        steps: lines.into_iter().take(NAMED).map(|l| format!("repair {}", literal(&l))).collect(),
        clusters: Vec::new(),
    }
}

pub(super) fn slow_pages(broken: &Broken<'_, '_>) -> Remedy {
    let measure = broken.criterion.policy.measure;
    let items = broken.items();
    let pages = items.iter().flat_map(|s| broken.lens.pages(*s, broken.look()));
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

/// What to do about an item that hides something.
pub(super) fn again(state: State, path: &str) -> String {
    match state {
        State::Unread => format!("upload {path} in a form that is read: it is {}", state.name()),
        _ => format!("produce {path} again: it is {}", state.name()),
    }
}

/// Evidence is missing or damaged: produce it.
pub(super) fn produce_evidence(broken: &Broken<'_, '_>) -> Remedy {
    let criterion = broken.criterion;
    let (kind, title) = (criterion.policy.measure.kind, criterion.policy.title.as_str());
    let idle = broken.lens.evidence.items.iter().find(|i| i.kind == Some(kind) && i.category.is_none());
    let damaged = criterion.reading.items.iter().copied().find(|i| i.state.is_damaged());
    let hint = match (&criterion.reading.measured, damaged.or(idle)) {
        _ if kind == Kind::Check => format!("look at it, and state what you found: {title}"),
        (_, Some(item)) if item.state.is_damaged() => again(item.state, &item.path),
        (Measured::Absent, Some(item)) => format!(
            "name {} under `evidence:` of `{}`: no category of the policy takes it",
            item.path, broken.category.policy.id
        ),
        (Measured::Absent, None) => format!("provide {} evidence for {}", kind.name(), title.to_lowercase()),
        _ => format!("{}: {}", title.to_lowercase(), criterion.why),
    };
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint: hint.clone(),
            minutes: MINUTES_RERUN,
            basis: format!("{MINUTES_RERUN} minutes to run a job again"),
        },
        issues: vec![format!("{title} is not known: {}", criterion.why)],
        steps: vec![literal(&hint)],
        clusters: Vec::new(),
    }
}

pub(super) fn plain(criterion: &JudgedCriterion<'_>) -> Remedy {
    let (measure, title) = (criterion.policy.measure, &criterion.policy.title);
    let value = match &criterion.reading.measured {
        Measured::Value(value) => measure.unit.show(&value.high),
        _ => String::new(),
    };
    let hint = match criterion.policy.check.as_str() {
        "" => format!(
            "bring {} from {value} to {}",
            title.to_lowercase(),
            measure.unit.show(&criterion.policy.target)
        ),
        _ => format!("mend what the person found who looked at it: {title}"),
    };
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint,
            minutes: 30,
            basis: "30 minutes for each criterion of this kind".to_owned(),
        },
        issues: vec![if criterion.policy.check.is_empty() {
            format!("{title} is {value}")
        } else {
            format!("{title} does not hold, says the person who looked at it")
        }],
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
    fn names_are_no_markup_and_code_spans_are() {
        for (text, want) in [
            (
                "2 × no-unused-vars (ESLint), first at src/a_b.ts:3",
                "2 × no-unused-vars (ESLint), first at src/a_b.ts:3",
            ),
            ("`p(95)<500` of http_req", "`p(95)<500` of http_req"),
            (
                "[x](http://e.x) http&#58;//e <b> __init__",
                r"\[x\](http://e.x) http\&#58;//e \<b\> \_\_init\_\_",
            ),
            ("one ` tick\n# two", r"one \` tick # two"),
            ("`a` b ` c\\`", r"`a` b ` c\`"),
        ] {
            assert_eq!(literal(text), want, "{text}");
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
