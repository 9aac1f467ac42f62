//! `report.md`: the summary for job pages, comments and mail. The answer first, then what to do.
//!
//! A job page and a comment take only so much: the page is rendered at the most generous measure that fits,
//! and says at every cut how many items it leaves out. It never fails because a report is long.

use super::outline::outline;
use super::templates::Templates;
use super::{RenderError, words};
use crate::report::{
    AttestationRow, Category, CategoryState, ComponentRow, ContractRow, Criterion, CriterionState,
    EvidenceItem, FailureAnalysis, FindingRow, PolicyChange, Report, Step, TestRow, VanishedGroup, Verdict,
    WaiverRow,
};
use minijinja::value::{Serde, Value};
use serde::Serialize;

/// Bytes of the whole document: what a comment takes.
const BUDGET: usize = 60_000;

/// By this first line a script finds the comment of an earlier run and replaces it. It is looked for at the start
/// alone: code in the middle of a comment may hold any text.
const MARKER: &str = "<!-- shipworthy -->\n";

/// How much of each list is shown.
#[derive(Debug, Clone, Copy, Serialize)]
struct Measure {
    categories: usize,
    rows: usize,
    details: usize,
    steps: usize,
    /// Bytes of a text, and of a trace; without traces there are no details.
    text: usize,
    trace: usize,
}

/// From generous to terse. The last one fits whatever the report holds: its lists times its texts are bounded.
const MEASURES: [Measure; 6] = [
    Measure { categories: 50, rows: 100, details: 20, steps: 10, text: 600, trace: 2_000 },
    Measure { categories: 50, rows: 50, details: 10, steps: 10, text: 400, trace: 1_000 },
    Measure { categories: 30, rows: 25, details: 5, steps: 8, text: 300, trace: 500 },
    Measure { categories: 20, rows: 10, details: 3, steps: 5, text: 200, trace: 0 },
    Measure { categories: 10, rows: 5, details: 1, steps: 3, text: 80, trace: 0 },
    Measure { categories: 5, rows: 3, details: 1, steps: 2, text: 60, trace: 0 },
];

/// What the template sees.
#[derive(Debug, Serialize)]
struct Page<'a> {
    /// The report without its long lists.
    report: &'a Report,
    measure: Measure,
    mark: &'static str,
    word: &'static str,
    score: String,
    exit: String,
    way: String,
    /// Blocking reasons beside the criteria: what is missing, a score that is not reached.
    untold: List<&'a str>,
    categories: List<Row<'a>>,
    steps: List<&'a Step>,
    details: List<Details<'a>>,
    problems: List<&'a EvidenceItem>,
    read: usize,
    commit: String,
    banner: String,
    /// The change of the score since the last run, in words.
    since: String,
    /// The scores of earlier runs as blocks, and in words.
    course: Option<(String, String)>,
    /// The score with and without waivers, where they change it.
    bought: String,
    headline: &'a str,
    skipped: List<String>,
    subject: Vec<(&'static str, String)>,
    policy: String,
    record: Record<'a>,
}

/// What stands on record beside the verdict.
#[derive(Debug, Serialize)]
struct Record<'a> {
    /// Requirements that are not met.
    contract: List<&'a ContractRow>,
    met: usize,
    waivers: List<&'a WaiverRow>,
    quarantined: List<&'a TestRow>,
    statements: List<&'a AttestationRow>,
    baseline: Vec<String>,
    groups: List<&'a VanishedGroup>,
    files: List<&'a str>,
    components: List<&'a ComponentRow>,
    changes: List<&'a PolicyChange>,
}

/// The beginning of a list and how many items it leaves out.
#[derive(Debug, Serialize)]
struct List<T> {
    shown: Vec<T>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    category: &'a Category,
    mark: &'static str,
    word: &'static str,
    bar: String,
    /// The score without waivers, where they change it.
    bought: String,
}

/// A category that does not pass.
#[derive(Debug, Serialize)]
struct Details<'a> {
    category: &'a Category,
    mark: &'static str,
    criteria: List<&'a Criterion>,
    analysis: Vec<&'a FailureAnalysis>,
    tests: List<&'a TestRow>,
    findings: List<&'a FindingRow>,
}

/// The report as Markdown within its budget.
pub(super) fn render(report: &Report, templates: &Templates) -> Result<String, RenderError> {
    within(report, BUDGET, templates)
}

/// The same for a comment that later runs replace.
pub(super) fn comment(report: &Report, templates: &Templates) -> Result<String, RenderError> {
    let text = within(report, BUDGET.saturating_sub(MARKER.len()), templates)?;
    Ok(MARKER.to_owned() + &text)
}

fn within(report: &Report, budget: usize, templates: &Templates) -> Result<String, RenderError> {
    let outline = outline(report);
    let mut text = String::new();
    for measure in MEASURES {
        let page = Page { report: &outline, ..page(report, measure) };
        text = tidy(&templates.render("report.md", report, Value::from(Serde(page)))?);
        if text.len() <= budget {
            break;
        }
    }
    Ok(text)
}

/// At most one empty line between two blocks outside of fences, and a line feed at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<usize> = None;
    let mut empty = true;
    for line in text.lines() {
        let ticks = line.trim_start().bytes().take_while(|&b| b == b'`').count();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            Some(open) if ticks >= open && line.trim().len() == ticks => fence = None,
            _ => {}
        }
        let blank = line.trim().is_empty() && fence.is_none();
        if !(blank && empty) {
            out.push_str(if blank { "" } else { line });
            out.push('\n');
        }
        empty = blank;
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn list<T>(items: impl Iterator<Item = T>, max: usize) -> List<T> {
    let mut items = items;
    let shown: Vec<T> = items.by_ref().take(max).collect();
    List { shown, more: items.count() }
}

fn page(report: &Report, measure: Measure) -> Page<'_> {
    let decision = &report.decision;
    let mut worst_first: Vec<&Category> = decision.categories.iter().collect();
    worst_first.sort_by_key(|c| std::cmp::Reverse((c.state, c.blocking)));
    let (mark, word) = match decision.verdict {
        _ if report.error.is_some() => ("❌", "Cannot evaluate"),
        _ if words::is_withheld(decision) => ("⚠️", "Deploy"),
        Verdict::Deploy => ("✅", "Deploy"),
        Verdict::Remediate => ("❌", "Remediate"),
        Verdict::Inconclusive => ("⚠️", "Inconclusive"),
    };
    let open = worst_first.iter().copied().filter(|c| state(c.state).2);
    Page {
        report,
        measure,
        mark,
        word,
        score: words::span(&decision.score),
        exit: words::exit(report),
        way: words::way(report),
        untold: list(words::untold(report).map(|r| r.text.as_str()), measure.steps),
        categories: list(worst_first.iter().map(|c| row(c)), measure.categories),
        steps: list(decision.way_to_green.iter(), measure.steps),
        details: list(open.map(|c| details(report, c, measure)), measure.categories),
        problems: list(report.evidence.iter().filter(|e| e.state.is_damaged()), measure.rows),
        read: report.evidence.len(),
        commit: report.subject.commit.chars().take(12).collect(),
        banner: decision.overridden.as_ref().map_or_else(String::new, |o| words::banner(o, measure.text)),
        since: words::since(report),
        course: words::course(report),
        bought: words::score(decision),
        headline: words::headline(decision),
        skipped: list(decision.skipped.iter().map(|s| words::skip(report, s)), measure.steps),
        subject: words::subject(&report.subject),
        policy: words::policy(&report.policy),
        record: record(report, measure),
    }
}

fn record(report: &Report, measure: Measure) -> Record<'_> {
    let (open, met): (Vec<_>, Vec<_>) = words::contract(report).into_iter().partition(|r| !words::is_met(r));
    let tests = report.tests.iter().flat_map(|t| &t.quarantined);
    let baseline = report.baseline.as_ref();
    let gone = baseline.into_iter();
    Record {
        contract: list(open.into_iter(), measure.rows),
        met: met.len(),
        waivers: list(words::waivers(report).into_iter(), measure.rows),
        quarantined: list(tests, measure.rows),
        statements: list(report.attestations.iter(), measure.rows),
        baseline: baseline.map_or_else(Vec::new, |b| words::baseline(b, measure.text)),
        groups: list(gone.clone().flat_map(|b| &b.vanished_groups), measure.steps),
        files: list(gone.flat_map(|b| &b.vanished_files).map(String::as_str), measure.steps),
        components: list(report.components.iter(), measure.rows),
        changes: list(report.policy.changes.iter(), measure.rows),
    }
}

fn row(category: &Category) -> Row<'_> {
    let (mark, word, _) = state(category.state);
    let bar = category.score.as_ref().map_or_else(String::new, |s| bar(&s.low.display));
    Row { category, mark, word, bar, bought: words::bought(category.raw_score.as_ref(), None) }
}

/// Mark and word of a state, and whether it asks for details.
const fn state(state: CategoryState) -> (&'static str, &'static str, bool) {
    match state {
        CategoryState::Fail => ("❌", "fail", true),
        CategoryState::Unknown => ("❓", "unknown", true),
        CategoryState::Warn => ("⚠️", "warn", true),
        CategoryState::Pass => ("✅", "pass", false),
        CategoryState::NotApplicable => ("➖", "not applicable", false),
    }
}

/// A score as ten blocks, of which a full one is a full tenth: only 100 fills them all.
fn bar(display: &str) -> String {
    let whole = display.split('.').next().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let full = (whole / 10).min(10);
    format!("{}{}", "█".repeat(full), "░".repeat(10_usize.saturating_sub(full)))
}

fn details<'a>(report: &'a Report, category: &'a Category, measure: Measure) -> Details<'a> {
    let holds = |c: &&Criterion| {
        matches!(c.state, CriterionState::Pass | CriterionState::NotApplicable | CriterionState::Info)
    };
    let tests = report.tests.iter().flat_map(|t| &t.failures).filter(|t| t.category == category.id);
    let findings = report.findings.iter().flat_map(|f| &f.list).filter(|f| f.category == category.id);
    Details {
        category,
        mark: state(category.state).0,
        criteria: list(category.criteria.iter().filter(|c| !holds(c)), measure.rows),
        analysis: report.failures.iter().filter(|f| f.category == category.id).take(measure.steps).collect(),
        tests: list(tests, measure.details),
        findings: list(findings, measure.details),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(report: &Report) -> Result<String, RenderError> {
        super::render(report, &Templates::default())
    }
    use crate::render::sample;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    fn events(text: &str) -> Vec<Event<'_>> {
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect()
    }

    #[test]
    fn the_answer_stands_first() {
        let text = render(&sample::report()).unwrap();
        assert!(text.starts_with("## ❌ Remediate — 62.4 / 100\n"), "{text}");
        assert!(render(&sample::green()).unwrap().starts_with("## ✅ Deploy — 100 / 100\n"));
    }

    #[test]
    fn a_forced_deploy_stands_above_the_verdict_and_says_what_it_took() {
        let text = render(&sample::policy()).unwrap();
        let first = "> ⚠️ **Forced deploy by ada: the payment hotfix cannot wait. Without it: exit 1 (remediate)**\n\n## ❌";
        assert!(text.starts_with(first), "{text}");
        for said in [
            "score 62.4 (58.1 without waivers, 4.3 points bought by waivers)",
            "skipped by grace: Performance: the audit server is being moved",
            "**missing** browser tests (browser firefox, os linux): 0 of 1 found",
            "| **over cap** | `Q-2` quarantine | until 2026-09-30, 41 days left |",
            "«looked at the login and the checkout and found nothing», says Grace H. on 2026-07-01",
            "**looser** `unit_tests/coverage.line`: target 80 % → 75 %",
            "72.6 % now, 71.0 % before",
            "5 of 5 tests are gone from",
        ] {
            assert!(text.contains(said), "{said:?} is not in {text}");
        }
        assert!(!text.contains("only_for_machines") && !text.contains("deadbeef"));
    }

    #[test]
    fn a_green_run_has_no_details() {
        let text = render(&sample::green()).unwrap();
        assert!(!text.contains("<details>"), "{text}");
    }

    #[test]
    fn hostile_text_makes_no_markup() {
        let text = render(&sample::hostile()).unwrap();
        let mut code = false;
        for event in events(&text) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Text(t) if !code => {
                    assert!(!["@everyone", "#123", "://", "GH-1"].iter().any(|w| t.contains(w)), "{t}");
                }
                Event::Html(raw) | Event::InlineHtml(raw) => {
                    let known =
                        ["<details>", "</details>", "<summary>", "</summary>", "<br>", "<sub>", "</sub>"];
                    let mut rest = raw.trim().to_owned();
                    for tag in known {
                        rest = rest.replace(tag, "");
                    }
                    assert!(!rest.contains('<'), "{raw}");
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    panic!("{dest_url}")
                }
                _ => {}
            }
        }
        assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
    }

    #[test]
    fn hostile_text_changes_no_block() {
        let blocks = |report: &Report, measure: Measure| {
            let page = Page { report: &outline(report), ..page(report, measure) };
            let page = Value::from(Serde(page));
            let text = tidy(&Templates::default().render("report.md", report, page).unwrap());
            let kinds = events(&text)
                .iter()
                .filter_map(|e| match e {
                    Event::Start(Tag::Table(columns)) => Some(format!("table {}", columns.len())),
                    Event::Start(Tag::Heading { level, .. }) => Some(level.to_string()),
                    Event::Start(Tag::CodeBlock(_)) => Some("code".to_owned()),
                    Event::Start(Tag::TableRow) => Some("row".to_owned()),
                    Event::Start(Tag::Item) => Some("item".to_owned()),
                    Event::Start(Tag::BlockQuote(_)) => Some("quote".to_owned()),
                    _ => None,
                })
                .collect::<Vec<_>>();
            (kinds, text)
        };
        for measure in MEASURES {
            let (tame, _) = blocks(&sample::tame(), measure);
            let (hostile, text) = blocks(&sample::hostile(), measure);
            assert_eq!(hostile, tame, "{text}");
        }
    }

    #[test]
    fn a_long_report_keeps_its_budget_and_says_what_it_leaves_out() {
        for report in [sample::huge(1), sample::huge(40)] {
            let text = render(&report).unwrap();
            assert!(text.len() <= BUDGET, "{}", text.len());
            assert!(text.contains(" more"), "{text}");
            let lines = |what: &str| text.lines().filter(|line| *line == what).count();
            assert_eq!(lines("<details>"), lines("</details>"));
        }
    }

    #[test]
    fn a_comment_is_found_again_and_fits() {
        for report in [sample::report(), sample::hostile(), sample::huge(1), sample::huge(40)] {
            let text = comment(&report, &Templates::default()).unwrap();
            assert!(text.chars().count() <= 60_000, "{}", text.len());
            assert!(
                text.starts_with(&format!("{MARKER}> ")) || text.starts_with(&format!("{MARKER}## ")),
                "{text}"
            );
        }
        assert_eq!(
            comment(&sample::report(), &Templates::default()).unwrap(),
            MARKER.to_owned() + &render(&sample::report()).unwrap()
        );
    }

    #[test]
    fn only_a_hundred_fills_the_bar() {
        assert_eq!(bar("99.9"), "█████████░");
        assert_eq!(bar("100"), "██████████");
        assert_eq!(bar("<0.1"), "░░░░░░░░░░");
    }
}
