//! `report.html`: the whole report as one file that asks the network for nothing.
//!
//! The page's own policy forbids everything but its one style block and its one script, each named by its
//! digest: text from an artifact that found a hole in the escaping still could not run, load or send anything.

mod files;
mod folders;
mod grid;
mod sources;
mod triage;
mod wcag;
mod web;

use super::{RenderError, templates, words};
use crate::evidence::exact::Exact;
use crate::report::{
    Category, CategoryState, ContractRow, CoverageFile, CoverageTally, Criterion, EvidenceItem,
    FailureAnalysis, FindingRow, Number, Reason, Report, RuleRow, TestCounts, TestRow, Verdict, WaiverRow,
};
use minijinja::value::{Serde, Value};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// What the templates see.
#[derive(Debug, Serialize)]
struct Page<'a> {
    report: &'a Report,
    answer: Answer,
    csp: String,
    /// Characters of the commit that are shown.
    commit: String,
    score: String,
    exit: String,
    way: String,
    blocking: Vec<&'a Reason>,
    others: Vec<&'a Reason>,
    strip: Vec<Part<'a>>,
    categories: Vec<CategoryView<'a>>,
    tests: Vec<TestGroup<'a>>,
    failing: u64,
    coverage: Vec<FileView<'a>>,
    folders: Vec<folders::Step<'a>>,
    sources: Vec<sources::SourceView<'a>>,
    totals: Vec<(&'static str, &'a CoverageTally)>,
    triage: Option<triage::Triage<'a>>,
    rules: Vec<RuleView<'a>>,
    pages: Vec<web::PageView<'a>>,
    wcag: Option<wcag::Wcag<'a>>,
    problems: usize,
    /// Anchor and path of each evidence item by its id.
    evidence: BTreeMap<&'a str, Link<'a>>,
    /// Anchor and title of each category by its id.
    titles: BTreeMap<&'a str, Link<'a>>,
    record: Record<'a>,
}

/// What stands on record beside the evidence.
#[derive(Debug, Serialize)]
struct Record<'a> {
    banner: String,
    /// The score with and without waivers, where they change it.
    bought: String,
    headline: &'a str,
    skipped: Vec<String>,
    subject: Vec<(&'static str, String)>,
    /// The policy with its profile and the ref that it was read from.
    policy: String,
    /// A policy with more to say than its name.
    written: bool,
    contract: Vec<&'a ContractRow>,
    /// Matrices of the contract.
    grids: Vec<grid::Grid<'a>>,
    unmet: usize,
    waivers: Vec<&'a WaiverRow>,
    /// Anchor of each waiver by its id.
    anchors: BTreeMap<&'a str, Link<'a>>,
    baseline: Vec<String>,
}

/// The answer in words, and which colour and shape go with it.
#[derive(Debug, Serialize)]
struct Answer {
    word: &'static str,
    look: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Link<'a> {
    anchor: String,
    text: &'a str,
}

/// A category's share of the strip, in thousandths of it.
#[derive(Debug, Serialize)]
struct Part<'a> {
    title: &'a str,
    state: &'static str,
    x: u64,
    width: u64,
    filled: u64,
}

#[derive(Debug, Serialize)]
struct CategoryView<'a> {
    category: &'a Category,
    anchor: String,
    state: &'static str,
    criteria: Vec<CriterionView<'a>>,
    analysis: Vec<&'a FailureAnalysis>,
    failing: usize,
    findings: usize,
}

#[derive(Debug, Serialize)]
struct CriterionView<'a> {
    criterion: &'a Criterion,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct TestGroup<'a> {
    category: &'a str,
    counts: Option<&'a TestCounts>,
    failures: Vec<&'a TestRow>,
}

#[derive(Debug, Serialize)]
struct FileView<'a> {
    file: &'a CoverageFile,
    /// Hundredths of its lines.
    filled: u64,
    gap: u64,
    extra: files::Extra,
}

#[derive(Debug, Serialize)]
struct RuleView<'a> {
    rule: Cow<'a, RuleRow>,
    findings: Vec<&'a FindingRow>,
    /// Findings that the baseline did not have.
    new: usize,
}

/// The report as a web page.
pub(super) fn render(report: &Report) -> Result<String, RenderError> {
    let context = minijinja::context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        ..Value::from(Serde(page(report)))
    };
    templates::render("report.html", report, context)
}

fn page(report: &Report) -> Page<'_> {
    let decision = &report.decision;
    let (blocking, others) = decision.reasons.iter().partition(|r| r.blocking);
    let titles = links("category", decision.categories.iter().map(|c| (c.id.as_str(), c.title.as_str())));
    Page {
        report,
        answer: answer(report),
        csp: policy(),
        commit: report.subject.commit.chars().take(12).collect(),
        score: words::span(&decision.score),
        exit: words::exit(report),
        way: words::way(report),
        blocking,
        others,
        strip: strip(&decision.categories),
        categories: decision.categories.iter().map(|c| category(report, c, &titles)).collect(),
        tests: test_groups(report),
        failing: failing(report),
        coverage: coverage(report),
        folders: folders::steps(report),
        sources: sources::sources(report),
        totals: totals(report),
        triage: triage::triage(report),
        rules: rules(report),
        pages: web::pages(report),
        wcag: wcag::table(report),
        problems: report.evidence.iter().filter(|e| e.state.is_damaged()).count(),
        evidence: links(
            "evidence",
            report.evidence.iter().map(|e: &EvidenceItem| (e.id.as_str(), e.path.as_str())),
        ),
        titles,
        record: record(report),
    }
}

fn record(report: &Report) -> Record<'_> {
    let (decision, policy) = (&report.decision, &report.policy);
    let said = !report.contract.is_empty() || !report.attestations.is_empty();
    let layered = !policy.files.is_empty() || !policy.profile.is_empty() || !policy.git_ref.is_empty();
    let forced = decision.overridden.as_ref();
    Record {
        banner: forced.map_or_else(String::new, |o| words::banner(o, usize::MAX)),
        bought: words::score(decision),
        headline: words::headline(decision),
        skipped: decision.skipped.iter().map(|s| words::skip(report, s)).collect(),
        subject: words::subject(&report.subject),
        policy: words::policy(policy),
        written: said || layered || !policy.changes.is_empty(),
        contract: words::contract(report),
        grids: grid::grids(report),
        unmet: report.contract.iter().filter(|row| !words::is_met(row)).count(),
        waivers: words::waivers(report),
        anchors: links("waiver", report.waivers.iter().map(|w| (w.id.as_str(), w.id.as_str()))),
        baseline: report.baseline.as_ref().map_or_else(Vec::new, |b| words::baseline(b, usize::MAX)),
    }
}

fn answer(report: &Report) -> Answer {
    let (word, look) = match report.decision.verdict {
        _ if report.error.is_some() => ("Cannot evaluate", "fail"),
        _ if words::is_withheld(&report.decision) => ("Deploy", "warn"),
        Verdict::Deploy => ("Deploy", "pass"),
        Verdict::Remediate => ("Remediate", "fail"),
        Verdict::Inconclusive => ("Inconclusive", "unknown"),
    };
    Answer { word, look }
}

/// The page's policy. The digests are those of the very text that stands between the tags.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(STYLE)),
        base64(&Sha256::digest(SCRIPT))
    )
}

/// The policy of a page without a script.
pub(super) fn static_policy(style: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(style))
    )
}

/// Bytes in the alphabet of RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |n: u32, shift: u32| ALPHABET.get((n >> shift & 63) as usize).map_or('=', |&b| char::from(b));
    let mut out = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let n = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.extend([digit(n, 18), digit(n, 12)]);
        out.push(if chunk.len() > 1 { digit(n, 6) } else { '=' });
        out.push(if chunk.len() > 2 { digit(n, 0) } else { '=' });
    }
    out
}

/// Anchors by id: the id itself where it is plain, else its number.
fn links<'a>(prefix: &str, items: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<&'a str, Link<'a>> {
    let plain = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    items
        .enumerate()
        .map(|(at, (id, text))| {
            let anchor = if plain(id) { format!("{prefix}-{id}") } else { format!("{prefix}-no-{at}") };
            (id, Link { anchor, text })
        })
        .collect()
}

fn strip(categories: &[Category]) -> Vec<Part<'_>> {
    let weight = |c: &Category| thousandths(&c.weight, 1);
    let applies = |c: &&Category| c.state != CategoryState::NotApplicable && weight(c) > 0;
    let all: u64 = categories.iter().filter(applies).map(weight).sum();
    let mut x = 0_u64;
    let mut parts = Vec::new();
    for category in categories.iter().filter(applies) {
        let width = weight(category).saturating_mul(1_000) / all.max(1);
        let reached = category.score.as_ref().map_or(0, |s| thousandths(&s.low, 100));
        parts.push(Part {
            title: &category.title,
            state: slug(category.state),
            x,
            width: width.saturating_sub(GAP),
            filled: width.saturating_sub(GAP).saturating_mul(reached) / 1_000,
        });
        x = x.saturating_add(width);
    }
    parts
}

/// Between two parts of the strip, in thousandths.
const GAP: u64 = 4;

/// A number between 0 and `of` in thousandths of `of`, for widths; cut.
fn thousandths(number: &Number, of: u32) -> u64 {
    let scaled =
        |n: Exact| (n * Exact::from_integer(1_000.into()) / Exact::from_integer(of.into())).to_integer();
    number.exact().and_then(|n| u64::try_from(scaled(n)).ok()).unwrap_or(0).min(1_000)
}

const fn slug(state: CategoryState) -> &'static str {
    match state {
        CategoryState::NotApplicable => "none",
        other => other.name(),
    }
}

fn category<'a>(
    report: &'a Report,
    category: &'a Category,
    titles: &BTreeMap<&str, Link<'_>>,
) -> CategoryView<'a> {
    let here = |id: &str| id == category.id;
    CategoryView {
        category,
        anchor: titles.get(category.id.as_str()).map(|l| l.anchor.clone()).unwrap_or_default(),
        state: slug(category.state),
        criteria: category
            .criteria
            .iter()
            .map(|criterion| CriterionView { criterion, state: look(criterion) })
            .collect(),
        analysis: report.failures.iter().filter(|f| here(&f.category)).collect(),
        failing: report.tests.iter().flat_map(|t| &t.failures).filter(|t| here(&t.category)).count(),
        findings: report.findings.iter().flat_map(|f| &f.list).filter(|f| here(&f.category)).count(),
    }
}

fn look(criterion: &Criterion) -> &'static str {
    match criterion.state.name() {
        "not applicable" => "none",
        name => name,
    }
}

/// Failing tests by category: first in the order of the policy, then what belongs to none of its categories.
fn test_groups(report: &Report) -> Vec<TestGroup<'_>> {
    let Some(tests) = &report.tests else { return Vec::new() };
    let mut order: Vec<&str> = report.decision.categories.iter().map(|c| c.id.as_str()).collect();
    let named = tests.by_category.iter().map(|c| &c.category);
    for id in named.chain(tests.failures.iter().map(|t| &t.category)) {
        if !order.contains(&id.as_str()) {
            order.push(id);
        }
    }
    let group = |category| TestGroup {
        category,
        counts: tests.by_category.iter().find(|c| c.category == category),
        failures: tests.failures.iter().filter(|t| t.category == category).collect(),
    };
    order.into_iter().map(group).filter(|g| g.counts.is_some() || !g.failures.is_empty()).collect()
}

fn failing(report: &Report) -> u64 {
    report.tests.as_ref().map_or(0, |t| (t.failures.len() as u64).saturating_add(t.failures_left_out))
}

fn coverage(report: &Report) -> Vec<FileView<'_>> {
    let files = report.coverage.iter().flat_map(|c| &c.files);
    files
        .enumerate()
        .map(|(at, file)| {
            let tally = file.lines.or(file.branches).unwrap_or_default();
            FileView {
                file,
                filled: tally.covered.saturating_mul(100) / tally.total.max(1),
                gap: tally.total.saturating_sub(tally.covered),
                extra: files::Extra::of(at, file),
            }
        })
        .collect()
}

fn totals(report: &Report) -> Vec<(&'static str, &CoverageTally)> {
    let Some(coverage) = &report.coverage else { return Vec::new() };
    let kinds = [
        ("Lines", &coverage.lines),
        ("Branches", &coverage.branches),
        ("Functions", &coverage.functions),
        ("Statements", &coverage.statements),
    ];
    kinds.into_iter().filter_map(|(name, tally)| Some((name, tally.as_ref()?))).collect()
}

/// Rules with the findings that are listed for them.
fn rules(report: &Report) -> Vec<RuleView<'_>> {
    let Some(findings) = &report.findings else { return Vec::new() };
    let mut by_rule: BTreeMap<(&str, &str), Vec<&FindingRow>> = BTreeMap::new();
    for finding in &findings.list {
        by_rule.entry((&finding.tool, &finding.rule)).or_default().push(finding);
    }
    let mut views = Vec::new();
    for rule in &findings.rules {
        let findings = by_rule.remove(&(rule.tool.as_str(), rule.rule.as_str())).unwrap_or_default();
        views.push(RuleView { rule: Cow::Borrowed(rule), new: new(&findings), findings });
    }
    views.extend(by_rule.into_iter().map(|((tool, rule), findings)| RuleView {
        rule: Cow::Owned(unlisted(tool, rule, &findings)),
        new: new(&findings),
        findings,
    }));
    views
}

fn new(findings: &[&FindingRow]) -> usize {
    findings.iter().filter(|f| f.new == Some(true)).count()
}

/// A row for findings whose rule the report does not list.
fn unlisted(tool: &str, rule: &str, findings: &[&FindingRow]) -> RuleRow {
    let first = findings.first();
    RuleRow {
        tool: tool.to_owned(),
        rule: rule.to_owned(),
        severity: first.map(|f| f.severity.clone()).unwrap_or_default(),
        level: first.map(|f| f.level.clone()).unwrap_or_default(),
        count: findings.len() as u64,
        ..RuleRow::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{escape, sample};

    /// The text between the first `open` and the next `close`.
    fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
        text.split_once(open).unwrap().1.split_once(close).unwrap().0
    }

    /// The tags of a page without the values of their attributes.
    fn tags(html: &str) -> Vec<String> {
        let bare = |tag: &str| tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
        html.split('<').skip(1).map(|rest| bare(rest.split_once('>').map_or(rest, |(tag, _)| tag))).collect()
    }

    /// The values of an attribute.
    fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
        let open = format!(" {attribute}=\"");
        html.split(open.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    /// The page without what stands in its style and its script.
    fn markup(html: &str) -> String {
        html.replace(STYLE, "").replace(SCRIPT, "")
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn the_policy_names_the_digests_of_what_stands_in_the_page() {
        let html = render(&sample::report()).unwrap();
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let digest = base64(&Sha256::digest(between(&html, open, close)));
            assert!(html.contains(&format!("&#39;sha256-{digest}&#39;")), "{open}");
        }
        assert_eq!(html.matches("<style").count(), 1);
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }

    #[test]
    fn hostile_text_is_text() {
        let html = markup(&render(&sample::hostile()).unwrap());
        assert_eq!(html.matches("<script").count(), 1);
        assert!(!html.contains("<img") && !html.contains("<b>boo"));
        for tag in tags(&html) {
            let lower = tag.to_ascii_lowercase();
            assert!(!lower.contains(" style=") && !lower.contains(" on") && !lower.contains('\''), "{tag}");
        }
        for target in values(&html, "href") {
            let known = target.starts_with('#') || target.starts_with("data:image/svg+xml,");
            assert!(known || escape::is_link(target), "{target}");
        }
        assert!(html.contains("{{ 7 * 7 }}") && !html.contains("49 boo"));
        assert!(html.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        assert!(!html.contains('\u{202e}'));
    }

    #[test]
    fn every_text_of_a_report_stands_in_the_page() {
        let (report, marks) = sample::marked();
        let html = render(&report).unwrap();
        let lost: Vec<&String> = marks.iter().filter(|m| !html.contains(m.as_str())).collect();
        assert!(lost.is_empty(), "not in the page: {lost:?}");
    }

    #[test]
    fn a_forced_deploy_stands_first_and_the_verdict_stays_red() {
        let html = markup(&render(&sample::policy()).unwrap());
        let forced =
            html.find("Forced deploy by ada: the payment hotfix cannot wait. Without it: exit 1").unwrap();
        assert!(forced < html.find("<h1>Remediate</h1>").unwrap());
        assert!(html.contains("<header class=\"verdict is-fail\">"));
        assert!(html.contains("score 62.4 (58.1 without waivers, 4.3 points bought by waivers)"));
        assert!(html.contains("skipped by grace: Performance: the audit server is being moved"));
    }

    #[test]
    fn an_override_that_does_not_hold_is_no_green_deploy() {
        let mut report = sample::green();
        report.decision.overridden = sample::policy().decision.overridden;
        report.decision.basis = crate::report::Basis::Integrity;
        if let Some(forced) = &mut report.decision.overridden {
            (forced.effective, forced.problem) = (false, "no reason is given".to_owned());
        }
        let html = markup(&render(&report).unwrap());
        assert!(html.contains("The override does not hold: no reason is given"));
        assert!(html.contains("<header class=\"verdict is-warn\">"));
    }

    #[test]
    fn what_machines_compare_is_not_in_the_page() {
        let html = render(&sample::policy()).unwrap();
        assert!(!html.contains("deadbeef") && !html.contains("only_for_machines"));
    }

    #[test]
    fn a_run_without_a_policy_has_no_empty_parts() {
        let html = markup(&render(&sample::green()).unwrap());
        for part in ["policy", "waivers", "components", "baseline"] {
            assert!(!html.contains(&format!("id=\"{part}\"")), "{part}");
            assert!(
                markup(&render(&sample::policy()).unwrap()).contains(&format!("id=\"{part}\"")),
                "{part}"
            );
        }
    }

    #[test]
    fn every_anchor_that_is_linked_exists_once() {
        for report in
            [sample::report(), sample::policy(), sample::hostile(), sample::green(), sample::error()]
        {
            let html = markup(&render(&report).unwrap());
            for target in values(&html, "href").iter().filter_map(|href| href.strip_prefix('#')) {
                assert_eq!(html.matches(&format!("id=\"{target}\"")).count(), 1, "{target}");
            }
        }
    }

    #[test]
    fn nothing_is_fetched() {
        let html = markup(&render(&sample::report()).unwrap());
        for tag in tags(&html) {
            assert!(!tag.contains(" src") && !tag.starts_with("iframe") && !tag.starts_with("form"), "{tag}");
        }
        assert_eq!(html.matches("<link ").count(), 1);
        assert!(html.contains("<link rel=\"icon\" href=\"data:image/svg+xml,"));
    }

    #[test]
    fn headings_leave_no_level_out() {
        for report in [sample::report(), sample::policy(), sample::green(), sample::error()] {
            let html = markup(&render(&report).unwrap());
            let mut last = 0;
            for level in html.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)) {
                assert!(level <= last + 1, "h{level} after h{last}");
                last = level;
            }
            assert_eq!(html.matches("<h1").count(), 1);
        }
    }

    #[test]
    fn text_that_hides_is_escaped_for_attributes() {
        assert_eq!(escape::html("\"><img onerror=x>"), "&quot;&gt;&lt;img onerror=x&gt;");
    }
}
