//! Lists that may be long: the first rows stand in the page, all further ones in blocks that the page's script unpacks.
//!
//! A block is a JSON array of `[anchor, row, address of its source]`, the row as `report.json` has it, deflated (RFC 1951) and in base64: what
//! browsers unpack by themselves. Twenty times as many rows make the page hardly longer to open.

use super::files::{self, Extra};
use super::{Link, base64};
use crate::evidence::text::stable_hash;
use crate::render::{fingerprint, permalink};
use crate::report::{CoverageFile, EvidenceItem, FindingRow, Report, RuleRow, TestRow};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;

/// Rows that stand in the page itself: of files and evidence, of failing tests of a category, of rules, of one rule's
/// findings.
const ROWS: usize = 300;
const TESTS: usize = 100;
const RULES: usize = 100;
const PLACES: usize = 10;
/// A third less time than the usual level, for 7 % more bytes.
const LEVEL: Compression = Compression::new(3);
/// Rows of one block: few enough that a browser unpacks it between two frames.
const BLOCK: usize = 2_000;

/// A row with the anchor that links lead to.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a, T> {
    anchor: String,
    pub(super) row: &'a T,
    /// Address of its place in the source, or empty.
    address: String,
}

/// The rows that do not stand in the page.
#[derive(Debug, Serialize)]
pub(super) struct Rest<'a, T> {
    /// How many.
    count: usize,
    /// Blocks in base64, once they are packed.
    blocks: Vec<String>,
    #[serde(skip)]
    pub(super) rows: Vec<Entry<'a, T>>,
}

impl<T> Default for Rest<'_, T> {
    fn default() -> Self {
        Self { count: 0, blocks: Vec::new(), rows: Vec::new() }
    }
}

impl<'a, T: Serialize + Sync> Rest<'a, T> {
    fn of(rows: Vec<Entry<'a, T>>) -> Self {
        Self { count: rows.len(), blocks: Vec::new(), rows }
    }

    fn pack(&mut self) {
        self.blocks = self.rows.par_chunks(BLOCK).filter_map(block).collect();
    }
}

/// The long lists of a report.
#[derive(Debug, Serialize)]
pub(super) struct Lists<'a> {
    pub(super) tests: Tests<'a>,
    rules: Vec<RuleView<'a>>,
    /// Rules whose findings are all among the packed ones.
    more_rules: usize,
    pub(super) findings: Rest<'a, FindingRow>,
    files: Vec<FileView<'a>>,
    pub(super) more_files: Rest<'a, CoverageFile>,
    evidence: Vec<Entry<'a, EvidenceItem>>,
    pub(super) more_evidence: Rest<'a, EvidenceItem>,
    /// What packed rows refer to: anchor and text by the ids of categories and evidence, one block; empty without them.
    names: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Tests<'a> {
    groups: Vec<TestGroup<'a>>,
    pub(super) more: Rest<'a, TestRow>,
    /// Heading and tests of what did not fail.
    others: Vec<(&'static str, Vec<Entry<'a, TestRow>>)>,
}

#[derive(Debug, Serialize)]
struct TestGroup<'a> {
    category: &'a str,
    /// All failing tests that the report lists.
    count: usize,
    /// The first of them.
    failures: Vec<Entry<'a, TestRow>>,
}

#[derive(Debug, Serialize)]
pub(super) struct FileView<'a> {
    anchor: String,
    file: &'a CoverageFile,
    /// Hundredths of its lines.
    filled: u64,
    extra: Extra,
}

#[derive(Debug, Serialize)]
struct RuleView<'a> {
    rule: Cow<'a, RuleRow>,
    /// The first of its findings.
    findings: Vec<Entry<'a, FindingRow>>,
    /// Further findings of the rule, which are packed.
    more: usize,
    /// Findings that the baseline did not have, of all.
    new: usize,
}

#[derive(Serialize)]
struct Names<'p> {
    categories: &'p BTreeMap<&'p str, Link<'p>>,
    evidence: &'p BTreeMap<&'p str, Link<'p>>,
}

impl<'a> Lists<'a> {
    /// The lists of a report, not yet packed, with the links to its evidence.
    pub(super) fn of(report: &'a Report, evidence: &BTreeMap<&str, Link<'_>>) -> Self {
        let (rules, more_rules, findings) = rules(report);
        let (files, more_files) = covered(report);
        let (ledger, more_evidence) = ledger(&report.evidence, evidence);
        let tests = tests(report);
        let names = String::new();
        Self { tests, rules, more_rules, findings, files, more_files, evidence: ledger, more_evidence, names }
    }

    /// Packs what does not stand in the page, with what it refers to.
    pub(super) fn packed(
        mut self,
        categories: &BTreeMap<&str, Link<'_>>,
        evidence: &BTreeMap<&str, Link<'_>>,
    ) -> Self {
        self.tests.more.pack();
        self.findings.pack();
        self.more_files.pack();
        self.more_evidence.pack();
        let counts =
            [self.tests.more.count, self.findings.count, self.more_files.count, self.more_evidence.count];
        if counts.iter().any(|count| *count > 0) {
            self.names = pack_value(&Names { categories, evidence }).unwrap_or_default();
        }
        self
    }
}

impl<'a> FileView<'a> {
    pub(super) fn of(file: &'a CoverageFile) -> Self {
        let tally = file.lines.or(file.branches).unwrap_or_default();
        let filled = tally.covered.saturating_mul(100) / tally.total.max(1);
        Self { anchor: files::anchor(&file.path), file, filled, extra: Extra::of(file) }
    }
}

impl<'a> RuleView<'a> {
    fn of(rule: Cow<'a, RuleRow>, findings: Vec<Entry<'a, FindingRow>>) -> Self {
        let new = findings.iter().filter(|f| f.row.new == Some(true)).count();
        Self { rule, findings, more: 0, new }
    }
}

/// Failing tests by category, first in the order of the policy, then what belongs to none of its categories; and what
/// else is known of single tests.
fn tests(report: &Report) -> Tests<'_> {
    let Some(tests) = &report.tests else { return Tests::default() };
    let mut anchors = TestAnchors::default();
    let mut order: Vec<&str> = report.decision.categories.iter().map(|c| c.id.as_str()).collect();
    let mut groups: BTreeMap<&str, Vec<Entry<'_, TestRow>>> = BTreeMap::new();
    for row in &tests.failures {
        if !order.contains(&row.category.as_str()) {
            order.push(&row.category);
        }
        let address = address(report, &row.file, row.line.unwrap_or(0));
        groups.entry(&row.category).or_default().push(Entry { address, ..anchors.entry(row) });
    }
    let mut rest = Vec::new();
    let mut group = |category| {
        let mut failures = groups.remove(category)?;
        let count = failures.len();
        rest.extend(failures.drain(count.min(TESTS)..));
        Some(TestGroup { category, count, failures })
    };
    let groups = order.into_iter().filter_map(&mut group).collect();
    let others = [
        ("Quarantined: run, and not counted", &tests.quarantined),
        ("Flaky: passed after a failed attempt", &tests.flaky),
        ("Skipped", &tests.skipped),
        ("Slowest", &tests.slowest),
    ];
    let others = others
        .into_iter()
        .map(|(heading, rows)| (heading, rows.iter().map(|r| anchors.entry(r)).collect()))
        .collect();
    Tests { groups, more: Rest::of(rest), others }
}

/// Rules with the first findings that are listed for them, how many further rules there are, and all further findings.
fn rules(report: &Report) -> (Vec<RuleView<'_>>, usize, Rest<'_, FindingRow>) {
    let Some(section) = &report.findings else { return (Vec::new(), 0, Rest::default()) };
    let mut by_rule: BTreeMap<(&str, &str), Vec<Entry<'_, FindingRow>>> = BTreeMap::new();
    for mut entry in findings(&section.list) {
        entry.address = address(report, &entry.row.path, entry.row.line.into());
        by_rule.entry((&entry.row.tool, &entry.row.rule)).or_default().push(entry);
    }
    let mut views = Vec::new();
    for rule in &section.rules {
        let findings = by_rule.remove(&(rule.tool.as_str(), rule.rule.as_str())).unwrap_or_default();
        views.push(RuleView::of(Cow::Borrowed(rule), findings));
    }
    let unlisted =
        by_rule.into_iter().map(|((tool, rule), f)| RuleView::of(Cow::Owned(unlisted(tool, rule, &f)), f));
    views.extend(unlisted);
    let hidden = views.split_off(views.len().min(RULES));
    let mut rest = Vec::new();
    for view in &mut views {
        let further = view.findings.split_off(view.findings.len().min(PLACES));
        view.more = further.len();
        rest.extend(further);
    }
    let more_rules = hidden.len();
    rest.extend(hidden.into_iter().flat_map(|view| view.findings));
    (views, more_rules, Rest::of(rest))
}

/// A row for findings whose rule the report does not list.
fn unlisted(tool: &str, rule: &str, findings: &[Entry<'_, FindingRow>]) -> RuleRow {
    let first = findings.first().map(|f| f.row);
    RuleRow {
        tool: tool.to_owned(),
        rule: rule.to_owned(),
        severity: first.map(|f| f.severity.clone()).unwrap_or_default(),
        level: first.map(|f| f.level.clone()).unwrap_or_default(),
        count: findings.len() as u64,
        ..RuleRow::default()
    }
}

/// Findings with their anchors, in their order.
fn findings(rows: &[FindingRow]) -> impl Iterator<Item = Entry<'_, FindingRow>> {
    let anchors = fingerprint::of(rows.iter());
    anchors.into_iter().zip(rows).map(|(id, row)| Entry {
        anchor: format!("finding-{id}"),
        row,
        address: String::new(),
    })
}

fn covered<'a>(report: &'a Report) -> (Vec<FileView<'a>>, Rest<'a, CoverageFile>) {
    let files = report.coverage.as_ref().map_or(&[][..], |c| &c.files);
    let (first, further) = files.split_at(files.len().min(ROWS));
    let entry = |row: &'a CoverageFile| Entry {
        anchor: files::anchor(&row.path),
        row,
        address: address(report, &row.path, 0),
    };
    let further: Vec<_> = further.iter().map(entry).collect();
    (first.iter().map(FileView::of).collect(), Rest::of(further))
}

/// The address of a place in the source, or an empty text.
fn address(report: &Report, path: &str, line: u64) -> String {
    permalink::of(&report.source_url, path, line).unwrap_or_default()
}

/// Evidence, first what is not whole: nobody should have to look for it.
fn ledger<'a>(
    items: &'a [EvidenceItem],
    links: &BTreeMap<&str, Link<'_>>,
) -> (Vec<Entry<'a, EvidenceItem>>, Rest<'a, EvidenceItem>) {
    let anchor = |e: &EvidenceItem| links.get(e.id.as_str()).map(|l| l.anchor.clone()).unwrap_or_default();
    let (bad, good): (Vec<_>, Vec<_>) = items.iter().partition(|e| e.state.is_damaged());
    let mut entries: Vec<_> = bad
        .into_iter()
        .chain(good)
        .map(|row| Entry { anchor: anchor(row), row, address: String::new() })
        .collect();
    let further = entries.split_off(entries.len().min(ROWS));
    (entries, Rest::of(further))
}

fn block<T: Serialize>(rows: &[Entry<'_, T>]) -> Option<String> {
    let rows: Vec<(&str, &T, &str)> =
        rows.iter().map(|e| (e.anchor.as_str(), e.row, e.address.as_str())).collect();
    pack_value(&rows)
}

/// A value as one block. No step can fail: what is packed is plain data, and the target is memory.
fn pack_value<T: Serialize>(value: &T) -> Option<String> {
    deflated(value).map(|bytes| base64(&bytes))
}

fn deflated<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    let mut deflated = DeflateEncoder::new(Vec::new(), LEVEL);
    deflated.write_all(&serde_json::to_vec(value).ok()?).ok()?;
    deflated.finish().ok()
}

/// Anchors of tests: the same in the next report, where the test is called the same.
#[derive(Debug, Default)]
struct TestAnchors(BTreeMap<u64, u64>);

impl TestAnchors {
    /// The row with its anchor; a second row of the same name gets one of its own.
    fn entry<'a>(&mut self, row: &'a TestRow) -> Entry<'a, TestRow> {
        let id = stable_hash(&[&row.category, &row.suite, &row.class, &row.name]);
        let nth = self.0.entry(id).or_default();
        *nth = nth.saturating_add(1);
        let anchor = if *nth == 1 { format!("test-{id:016x}") } else { format!("test-{id:016x}-{nth}") };
        Entry { anchor, row, address: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::DeflateDecoder;
    use std::io::Read as _;

    fn row(name: &str) -> TestRow {
        TestRow { name: name.to_owned(), ..TestRow::default() }
    }

    #[test]
    fn every_row_is_in_one_block() {
        let rows: Vec<TestRow> = (0..BLOCK + 1).map(|n| row(&format!("test {n}"))).collect();
        let mut anchors = TestAnchors::default();
        let entries: Vec<_> = rows.iter().map(|r| anchors.entry(r)).collect();
        let mut rest = Rest::of(entries);
        rest.pack();
        assert_eq!((rest.count, rest.blocks.len()), (BLOCK + 1, 2));
    }

    #[test]
    fn what_is_packed_is_deflated_json() {
        let rows = [("test-1", row("a")), ("test-2", row("b"))];
        let mut text = String::new();
        DeflateDecoder::new(&*deflated(&rows).unwrap()).read_to_string(&mut text).unwrap();
        let back: Vec<(String, TestRow)> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, rows.map(|(anchor, row)| (anchor.to_owned(), row)));
    }

    #[test]
    fn tests_of_one_name_have_anchors_of_their_own_that_stay() {
        let rows = [row("a"), row("b"), row("a")];
        let anchors = || {
            let mut known = TestAnchors::default();
            rows.iter().map(|r| known.entry(r).anchor).collect::<Vec<_>>()
        };
        let [first, other, second] = <[String; 3]>::try_from(anchors()).unwrap();
        assert!(first != other && second == format!("{first}-2"), "{first} {other} {second}");
        assert_eq!(anchors(), [first, other, second]);
    }
}
