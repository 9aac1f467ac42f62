//! `report.html`: the whole report as one file that asks the network for nothing.
//!
//! The page's own policy forbids everything but its one style block and its one script, each named by its
//! digest: text from an artifact that found a hole in the escaping still could not run, load or send anything.

mod files;
mod folders;
mod grid;
mod history;
mod lists;
mod load;
mod sheets;
mod sources;
mod triage;
mod wcag;
mod web;

use super::outline::outline;
use super::templates::Templates;
use super::{RenderError, words};
use crate::evidence::exact::Exact;
use crate::report::{
    Category, CategoryState, ContractRow, CoverageTally, Criterion, EvidenceItem, FailureAnalysis, Number,
    Reason, Report, Verdict, WaiverRow,
};
use lists::Lists;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What the templates see.
#[derive(Debug, Serialize)]
struct Page<'a> {
    /// The report without its long lists.
    report: Report,
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
    lists: Lists<'a>,
    failing: u64,
    folders: Vec<folders::Step<'a>>,
    sources: Vec<sources::SourceView<'a>>,
    totals: Vec<(&'static str, &'a CoverageTally)>,
    triage: Option<triage::Triage<'a>>,
    pages: Vec<web::PageView<'a>>,
    load: Vec<load::RunView<'a>>,
    wcag: Option<wcag::Wcag<'a>>,
    /// Pieces of evidence, and those of them that are damaged or missing.
    pieces: usize,
    problems: usize,
    /// Anchor and path of each evidence item by its id.
    evidence: BTreeMap<&'a str, Link<'a>>,
    /// Anchor and title of each category by its id.
    titles: BTreeMap<&'a str, Link<'a>>,
    /// Anchor and title of each criterion by its id.
    criteria: BTreeMap<&'a str, Link<'a>>,
    record: Record<'a>,
    /// The change of the score since the last run, in words.
    since: String,
    history: Option<history::History>,
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
    anchor: String,
    /// Where the records stand that the value is made of, and what finds them there.
    records: Option<Records>,
}

/// A list of the page and what to look for in it.
#[derive(Debug, Serialize)]
struct Records {
    list: &'static str,
    find: String,
}

/// The folder of static pages beside the page.
pub(super) const SHEETS: &str = sheets::FOLDER;

/// Static pages for what is packed in the page, by their paths beside it.
pub(super) fn sheets(report: &Report, templates: &Templates) -> Result<Vec<(String, String)>, RenderError> {
    sheets::sheets(report, templates)
}

/// The report as a web page.
pub(super) fn render(report: &Report, templates: &Templates) -> Result<String, RenderError> {
    let (style, script) = (templates.style(), templates.script());
    let csp = policy(&style, &script);
    let context = minijinja::context! {
        style => Value::from_safe_string(style),
        script => Value::from_safe_string(script),
        ..Value::from(Serde(page(report, csp)))
    };
    templates.render("report.html", report, context)
}

fn page(report: &Report, csp: String) -> Page<'_> {
    let decision = &report.decision;
    let (blocking, others) = decision.reasons.iter().partition(|r| r.blocking);
    let titles = links("category", decision.categories.iter().map(|c| (c.id.as_str(), c.title.as_str())));
    let evidence =
        links("evidence", report.evidence.iter().map(|e: &EvidenceItem| (e.id.as_str(), e.path.as_str())));
    let criteria = decision.categories.iter().flat_map(|c| &c.criteria);
    let criteria = links("criterion", criteria.map(|k| (k.id.as_str(), k.title.as_str())));
    Page {
        report: outline(report),
        answer: answer(report),
        csp,
        commit: report.subject.commit.chars().take(12).collect(),
        score: words::span(&decision.score),
        exit: words::exit(report),
        way: words::way(report),
        blocking,
        others,
        strip: strip(&decision.categories),
        categories: decision.categories.iter().map(|c| category(report, c, &titles, &criteria)).collect(),
        lists: Lists::of(report, &evidence).packed(&titles, &evidence),
        failing: failing(report),
        folders: folders::steps(report),
        sources: sources::sources(report),
        totals: totals(report),
        triage: triage::triage(report),
        pages: web::pages(report),
        wcag: wcag::table(report),
        load: load::runs(report),
        pieces: report.evidence.len(),
        problems: report.evidence.iter().filter(|e| e.state.is_damaged()).count(),
        evidence,
        titles,
        criteria,
        record: record(report),
        since: words::since(report),
        history: history::history(report),
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
fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(style)),
        base64(&Sha256::digest(script))
    )
}

/// The policy of a page without a script, which may say where its addresses begin.
fn scriptless_policy(style: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; form-action 'none'",
        base64(&Sha256::digest(style))
    )
}

/// The policy of a page without a script.
pub(super) fn static_policy(style: &str) -> String {
    scriptless_policy(style) + "; base-uri 'none'"
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

/// Anchors by id: the id itself where it is plain, else its number behind a colon, which no plain id has.
fn links<'a>(prefix: &str, items: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<&'a str, Link<'a>> {
    let plain =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    items
        .enumerate()
        .map(|(at, (id, text))| {
            let anchor = if plain(id) { format!("{prefix}-{id}") } else { format!("{prefix}:{at}") };
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
    criteria: &BTreeMap<&str, Link<'_>>,
) -> CategoryView<'a> {
    let anchor = |links: &BTreeMap<&str, Link<'_>>, id: &str| {
        links.get(id).map(|l| l.anchor.clone()).unwrap_or_default()
    };
    let here = |id: &str| id == category.id;
    CategoryView {
        category,
        anchor: anchor(titles, &category.id),
        state: slug(category.state),
        criteria: category
            .criteria
            .iter()
            .map(|criterion| CriterionView {
                criterion,
                state: look(criterion),
                anchor: anchor(criteria, &criterion.id),
                records: records(report, &category.id, criterion),
            })
            .collect(),
        analysis: report.failures.iter().filter(|f| here(&f.category)).collect(),
        failing: report.tests.iter().flat_map(|t| &t.failures).filter(|t| here(&t.category)).count(),
        findings: report.findings.iter().flat_map(|f| &f.list).filter(|f| here(&f.category)).count(),
    }
}

/// The list that holds what a criterion counts, where the page has it.
fn records(report: &Report, category: &str, criterion: &Criterion) -> Option<Records> {
    let (kind, what) = criterion.measure.split_once('.')?;
    let all = || format!("category:{category}");
    let (there, list, find) = match (kind, what) {
        ("tests", _) => (report.tests.is_some(), "tests", all()),
        ("coverage", _) => (report.coverage.is_some(), "coverage", String::new()),
        ("findings", "critical" | "high" | "medium" | "low") => {
            (report.findings.is_some(), "findings", format!("{} severity:{what}", all()))
        }
        ("findings", _) => (report.findings.is_some(), "findings", all()),
        ("lighthouse" | "web" | "a11y", _) => (!report.pages.is_empty(), "pages", String::new()),
        ("load", _) => (!report.load.is_empty(), "load", String::new()),
        _ => return None,
    };
    there.then_some(Records { list, find })
}

fn look(criterion: &Criterion) -> &'static str {
    match criterion.state.name() {
        "not applicable" => "none",
        name => name,
    }
}

fn failing(report: &Report) -> u64 {
    report.tests.as_ref().map_or(0, |t| (t.failures.len() as u64).saturating_add(t.failures_left_out))
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

    fn render(report: &Report) -> Result<String, RenderError> {
        super::render(report, &Templates::default())
    }

    /// The page without what stands in its style and its script.
    fn markup(html: &str) -> String {
        let own = Templates::default();
        html.replace(&own.style(), "").replace(&own.script(), "")
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
        let (style, script) = (Templates::default().style(), Templates::default().script());
        assert!(!style.contains("</") && !script.contains("</") && !script.contains("<!--"));
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
        for part in ["policy", "waivers", "components", "baseline", "history"] {
            assert!(!html.contains(&format!("id=\"{part}\"")), "{part}");
            assert!(
                markup(&render(&sample::policy()).unwrap()).contains(&format!("id=\"{part}\"")),
                "{part}"
            );
        }
    }

    #[test]
    fn every_anchor_that_is_linked_exists_once() {
        // All of its files have one name, which no report has twice.
        let mut hostile = sample::hostile();
        hostile.coverage.iter_mut().for_each(|c| c.files.truncate(1));
        for report in [sample::report(), sample::policy(), hostile, sample::green(), sample::error()] {
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
