//! Decision, plan and evidence to the [`Report`]: what is shown, sorted worst first and bounded. Pure.
//!
//! The report grows with what is shown, never with passed tests or logs: lists are cut at a stated length and
//! the rest is counted.

pub mod excerpts;
mod load;
mod record;

use crate::decide::lens::{Lens, Seen};
use crate::decide::measure::page_groups;
use crate::decide::waive::Waivers;
use crate::decide::{Judged, tell};
use crate::evidence::coverage::{Tally, Totals};
use crate::evidence::exact::{Exact, floor_decimal, percent_display};
use crate::evidence::findings::{Disposition, Finding, Findings, Level, Severity};
use crate::evidence::pages::{Page, RuleVerdict};
use crate::evidence::tests::{Case, Status, Tests};
use crate::evidence::text::shorten;
use crate::evidence::{Diagnostic, Evidence, Item, State};
use crate::policy::{Owners, Policy, WaiverKind, measures};
use crate::remedy::{Plan, component};
use crate::report::{
    CategoryState, CoverageFile, CoverageSection, CoverageTally, EvidenceItem, FindingRow, FindingsSection,
    Number, OwnerCount, PageMetric, PageRow, PageScore, PolicyChange, PolicyFile, PolicyInfo, Report,
    RuleRow, SCHEMA_VERSION, Subject, TestCounts, TestRow, TestsSection, Tool, ToolCount, ViolationRow,
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Failing tests with details; beyond it they are counted.
const MAX_FAILURES: usize = 20_000;
/// Bytes of traces of failing tests in full; beyond it a trace is its beginning.
const TRACE_BUDGET: usize = 1 << 20;
const SHORT_TRACE: usize = 200;
/// Flaky and skipped tests that are listed, and slowest ones.
const MAX_OTHER_TESTS: usize = 500;
const MAX_SLOWEST: usize = 20;
/// Findings and suppressions that are listed.
const MAX_FINDINGS: usize = 100_000;
const MAX_SUPPRESSIONS: usize = 500;
/// Source files and uncovered ranges of each that are listed.
const MAX_FILES: usize = 20_000;
const MAX_RANGES: usize = 40;

/// What comes from outside of policy and evidence.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// When it was judged.
    pub timestamp: String,
    /// What was judged.
    pub subject: Subject,
    /// SHA-256 over every file of the policy.
    pub policy_digest: String,
    /// The files of the policy.
    pub policy_files: Vec<PolicyFile>,
    /// Git ref that they were read from, or empty.
    pub policy_ref: String,
    /// How the working folder's policy differs from that of the ref.
    pub policy_changes: Vec<PolicyChange>,
    /// Remarks from outside: a baseline that cannot be used, a diff that is not known.
    pub diagnostics: Vec<Diagnostic>,
}

/// Puts the report together.
#[must_use]
pub fn assemble(judged: &Judged<'_>, plan: Plan, owners: &Owners, frame: Frame) -> Report {
    let (lens, evidence) = (&judged.lens, judged.lens.evidence);
    let mut decision = tell::tell(judged);
    for category in &mut decision.categories {
        for criterion in &mut category.criteria {
            criterion.fix = plan.fixes.iter().find(|(id, _)| *id == criterion.id).map(|(_, fix)| fix.clone());
        }
    }
    decision.way_to_green = plan.steps;
    Report {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        policy: policy_info(judged, &frame),
        timestamp: frame.timestamp,
        subject: frame.subject,
        url: String::new(),
        source_url: String::new(),
        decision,
        failures: plan.failures,
        evidence: evidence.items.iter().map(evidence_item).collect(),
        diagnostics: record::diagnostics(judged, frame.diagnostics),
        contract: record::contract(judged),
        waivers: record::waivers(judged),
        attestations: record::attestations(judged),
        baseline: record::baseline(judged),
        history: Vec::new(),
        components: record::components(judged),
        measures: record::measures(judged),
        identities: crate::decide::baseline::identities(evidence),
        tests: tests_section(lens, owners),
        coverage: coverage_section(lens, owners),
        findings: findings_section(lens, owners),
        pages: pages(evidence),
        load: load::runs(evidence),
        error: None,
    }
}

/// This program.
#[must_use]
pub fn tool() -> Tool {
    Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

fn policy_info(judged: &Judged<'_>, frame: &Frame) -> PolicyInfo {
    let Policy { name, automatic, deploy_at, profile, .. } = judged.policy;
    PolicyInfo {
        name: name.clone(),
        automatic: *automatic,
        digest: frame.policy_digest.clone(),
        deploy_at: Number::plain(deploy_at),
        note: if *automatic { automatic_note(judged) } else { String::new() },
        profile: profile.name.clone(),
        profile_reason: profile.reason.clone(),
        git_ref: frame.policy_ref.clone(),
        files: frame.policy_files.clone(),
        changes: frame.policy_changes.clone(),
    }
}

/// What the automatic policy judged of the matrix, and that it misses nothing that never arrived.
fn automatic_note(judged: &Judged<'_>) -> String {
    let applies: Vec<&str> = judged
        .categories
        .iter()
        .filter(|c| c.state != CategoryState::NotApplicable)
        .map(|c| c.policy.id.as_str())
        .collect();
    let percent = floor_decimal(&(&judged.weight * crate::evidence::exact::whole(100)), 1);
    let judged_part = if applies.is_empty() { "nothing".to_owned() } else { applies.join(", ") };
    format!(
        "judged: {judged_part}: {percent} of the matrix's 100 %; nothing is pinned, so a report that never arrived is not missed. \
         `shipworthy init` writes a policy that pins what was found; `--policy preset:seven-stage` requires the rest"
    )
}

fn category_of(item: &Item) -> String {
    item.category.as_ref().map(|c| c.category.clone()).unwrap_or_default()
}

fn evidence_item(item: &Item) -> EvidenceItem {
    let producer = [item.producer.name.as_str(), item.producer.version.as_str()];
    EvidenceItem {
        id: item.id.clone(),
        path: item.path.clone(),
        sha256: item.sha256.clone(),
        bytes: item.bytes,
        format: item.format.unwrap_or_default().to_owned(),
        kind: item.kind.map_or("", crate::evidence::Kind::name).to_owned(),
        producer: producer.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" "),
        category: category_of(item),
        category_reason: item.category.as_ref().map(|c| c.reason.clone()).unwrap_or_default(),
        state: item.state,
        cause: item.cause.clone(),
        timestamp: item.timestamp.clone(),
        summary: item.summary(),
        diagnostics: item.diagnostics.clone(),
    }
}

/// Items whose facts count, with their places.
fn seen(evidence: &Evidence) -> impl Iterator<Item = Seen<'_>> + Clone {
    let items = evidence.items.iter().enumerate().map(|(at, item)| Seen { at, item });
    items.filter(|s| !s.item.state.is_harmless())
}

/// Items whose facts count.
fn counting(evidence: &Evidence) -> impl Iterator<Item = &Item> + Clone {
    seen(evidence).map(|s| s.item)
}

fn millis(micros: u64) -> u64 {
    micros.saturating_add(500) / 1_000
}

/// A test with where it stands: its file and its place in it.
type Placed<'a> = (Seen<'a>, &'a Tests, usize, &'a Case);

fn tests_section(lens: &Lens<'_>, owners: &Owners) -> Option<TestsSection> {
    let files: Vec<(Seen<'_>, &Tests)> =
        seen(lens.evidence).filter_map(|s| Some((s, s.item.facts.tests.as_ref()?))).collect();
    if files.is_empty() {
        return None;
    }
    let mut section = TestsSection { by_category: test_counts(lens, &files), ..TestsSection::default() };
    let all = || {
        files.iter().flat_map(|&(seen, tests)| {
            tests.cases.iter().enumerate().map(move |(at, case)| (seen, tests, at, case))
        })
    };
    let row = |placed: Placed<'_>| test_row(lens, placed, owners);
    let is_quarantined =
        |waiver: usize| lens.policy.waivers.get(waiver).is_some_and(|w| w.kind == WaiverKind::Quarantine);
    section.quarantined = all()
        .filter(|(s, _, at, _)| lens.waived.test(s.at, *at, Waivers::Applied).is_some_and(is_quarantined))
        .take(MAX_OTHER_TESTS)
        .map(row)
        .collect();
    let bad = all().filter(|(.., c)| c.status.is_bad()).count();
    section.failures = all().filter(|(.., c)| c.status.is_bad()).take(MAX_FAILURES).map(row).collect();
    section.failures.sort_by(|a, b| {
        (a.status != "error", &a.category, &a.component, &a.suite, &a.name).cmp(&(
            b.status != "error",
            &b.category,
            &b.component,
            &b.suite,
            &b.name,
        ))
    });
    cut_traces(&mut section.failures);
    let undetailed: u64 = files.iter().map(|(_, t)| t.undetailed.bad()).sum();
    section.failures_left_out = (bad.saturating_sub(MAX_FAILURES) as u64).saturating_add(undetailed);
    section.flaky = all().filter(|(.., c)| c.flaky).take(MAX_OTHER_TESTS).map(row).collect();
    section.skipped =
        all().filter(|(.., c)| c.status == Status::Skipped).take(MAX_OTHER_TESTS).map(row).collect();
    let mut timed: Vec<_> = all().filter(|(.., c)| c.micros.is_some_and(|t| t > 0)).enumerate().collect();
    let slowest_first = |(place, (.., case)): &(usize, Placed<'_>)| (std::cmp::Reverse(case.micros), *place);
    // A few of many: only those are sorted.
    if timed.len() > MAX_SLOWEST {
        timed.select_nth_unstable_by_key(MAX_SLOWEST, slowest_first);
        timed.truncate(MAX_SLOWEST);
    }
    timed.sort_unstable_by_key(slowest_first);
    let without_trace = |(_, case)| TestRow { trace: String::new(), ..row(case) };
    section.slowest = timed.into_iter().map(without_trace).collect();
    Some(section)
}

/// A run in which everything fails must not make a report that nobody can open.
fn cut_traces(failures: &mut [TestRow]) {
    let mut budget = TRACE_BUDGET;
    for failure in failures {
        if failure.trace.len() > budget.max(SHORT_TRACE) {
            failure.trace = shorten(&failure.trace, SHORT_TRACE);
        }
        budget = budget.saturating_sub(failure.trace.len());
    }
}

fn test_counts<'a>(lens: &Lens<'a>, files: &[(Seen<'a>, &'a Tests)]) -> Vec<TestCounts> {
    let mut by_category: BTreeMap<String, TestCounts> = BTreeMap::new();
    for (seen, tests) in files {
        let c = lens.total(*seen);
        let sum = by_category.entry(category_of(seen.item)).or_default();
        sum.total = sum.total.saturating_add(c.total);
        sum.passed = sum.passed.saturating_add(c.passed);
        sum.failed = sum.failed.saturating_add(c.failed);
        sum.errors = sum.errors.saturating_add(c.errors);
        sum.skipped = sum.skipped.saturating_add(c.skipped);
        sum.flaky = sum.flaky.saturating_add(c.flaky);
        sum.not_run = sum.not_run.saturating_add(tests.not_run);
        sum.duration_ms = sum.duration_ms.saturating_add(millis(tests.micros().unwrap_or(0)));
    }
    by_category.into_iter().map(|(category, counts)| TestCounts { category, ..counts }).collect()
}

fn test_row(lens: &Lens<'_>, (seen, tests, at, case): Placed<'_>, owners: &Owners) -> TestRow {
    let suite = tests.suite(case).map(|s| s.name.clone()).unwrap_or_default();
    let detail = tests.detail(case).cloned().unwrap_or_default();
    let named = lens.part_of_test(seen.at, at).and_then(|p| lens.policy.components.get(p));
    let owner = match owners.of(&tests.source(case)) {
        "" => named.map_or("", |c| c.owner.as_str()),
        owner => owner,
    };
    TestRow {
        category: category_of(seen.item),
        component: named.map_or_else(|| component(&seen.item.path, &suite), |c| c.name.clone()),
        suite,
        class: tests.text.get(case.class).to_owned(),
        name: tests.text.get(case.name).to_owned(),
        status: case.status.name().to_owned(),
        duration_ms: case.micros.map(millis),
        message: detail.message,
        kind: detail.kind,
        trace: detail.trace,
        more: detail.more,
        attempts: detail.attempts.max(1),
        file: detail.file,
        line: detail.line,
        owner: owner.to_owned(),
        waiver: waiver_id(lens, lens.waived.test(seen.at, at, Waivers::Applied)),
        evidence: seen.item.id.clone(),
    }
}

fn waiver_id(lens: &Lens<'_>, waiver: Option<usize>) -> String {
    waiver.and_then(|w| lens.policy.waivers.get(w)).map(|w| w.id.clone()).unwrap_or_default()
}

const fn tally_row(tally: Tally) -> CoverageTally {
    CoverageTally { covered: tally.low, covered_high: tally.high, total: tally.total }
}

fn coverage_section(lens: &Lens<'_>, owners: &Owners) -> Option<CoverageSection> {
    let merged = lens.merged(&seen(lens.evidence).collect::<Vec<_>>());
    if merged.is_empty() {
        return None;
    }
    let totals = Totals::of(&merged);
    let mut files: Vec<(u64, CoverageFile)> = merged
        .par_iter()
        .map(|f| {
            let lines = f.line_tally();
            let gap = lines.map_or(0, |t| t.total.saturating_sub(t.low));
            let file = CoverageFile {
                path: f.path.clone(),
                lines: lines.map(tally_row),
                branches: f.branch_tally().map(tally_row),
                last_line: f.lines.iter().map(|l| l.number).max().unwrap_or(0),
                uncovered: ranges(f.lines.iter().filter(|l| l.hits == 0).map(|l| l.number)),
                owner: owners.of(&f.path).to_owned(),
                excerpts: Vec::new(),
            };
            (gap, file)
        })
        .collect();
    files.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.path.cmp(&b.1.path)));
    Some(CoverageSection {
        lines: totals.lines.map(tally_row),
        branches: totals.branches.map(tally_row),
        functions: totals.functions.map(tally_row),
        statements: totals.statements.map(tally_row),
        files_left_out: files.len().saturating_sub(MAX_FILES) as u64,
        files: files.into_iter().take(MAX_FILES).map(|(_, f)| f).collect(),
    })
}

/// `3-5`, `9`: neighbouring lines as ranges.
fn ranges(lines: impl Iterator<Item = u32>) -> Vec<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        let full = ranges.len() >= MAX_RANGES;
        match ranges.last_mut() {
            Some((_, end)) if *end == line.saturating_sub(1) => *end = line,
            _ if full => break,
            _ => ranges.push((line, line)),
        }
    }
    ranges
        .into_iter()
        .map(|(start, end)| if start == end { start.to_string() } else { format!("{start}-{end}") })
        .collect()
}

/// A finding with where it stands: its file and its place in it.
#[derive(Clone, Copy)]
struct PlacedFinding<'a> {
    seen: Seen<'a>,
    file: &'a Findings,
    at: usize,
    finding: &'a Finding,
}

fn findings_section(lens: &Lens<'_>, owners: &Owners) -> Option<FindingsSection> {
    let files: Vec<(Seen<'_>, &Findings)> =
        seen(lens.evidence).filter_map(|s| Some((s, s.item.facts.findings.as_ref()?))).collect();
    if files.is_empty() {
        return None;
    }
    let of = |disposition| {
        files.iter().flat_map(move |&(seen, file)| {
            let placed = file.list.iter().enumerate().map(move |(at, finding)| PlacedFinding {
                seen,
                file,
                at,
                finding,
            });
            placed.filter(move |p| p.finding.disposition == disposition)
        })
    };
    let waived = |p: &PlacedFinding<'_>| lens.waived.finding(p.seen.at, p.at, Waivers::Applied).is_some();
    let mut counted: Vec<PlacedFinding<'_>> = of(Disposition::Counted).filter(|p| !waived(p)).collect();
    counted.sort_by(|a, b| {
        let place = |p: &PlacedFinding<'_>| {
            let text = |span| p.file.text.get(span).to_owned();
            (text(p.finding.path), p.finding.line, text(p.finding.rule))
        };
        let (x, y) = (a.finding, b.finding);
        (y.severity, y.level).cmp(&(x.severity, x.level)).then_with(|| place(a).cmp(&place(b)))
    });
    let row = |p: PlacedFinding<'_>| finding_row(lens, p, owners);
    let taken_out = of(Disposition::Counted).filter(waived);
    Some(FindingsSection {
        read: files.iter().map(|(_, f)| f.read).sum(),
        counted: counted.len() as u64,
        suppressed: of(Disposition::Suppressed).count() as u64,
        not_failing: files.iter().map(|(_, f)| f.not_failing).sum(),
        absent: of(Disposition::Absent).count() as u64,
        waived: taken_out.clone().count() as u64,
        by_tool: by_tool(&counted),
        by_owner: by_owner(lens, &counted, owners),
        rules: rule_rows(&counted),
        left_out: counted.len().saturating_sub(MAX_FINDINGS) as u64,
        list: counted.iter().copied().take(MAX_FINDINGS).map(row).collect(),
        suppressions: of(Disposition::Suppressed).chain(taken_out).take(MAX_SUPPRESSIONS).map(row).collect(),
    })
}

fn by_tool(counted: &[PlacedFinding<'_>]) -> Vec<ToolCount> {
    let mut counts: BTreeMap<(&str, std::cmp::Reverse<Severity>), u64> = BTreeMap::new();
    for PlacedFinding { file, finding, .. } in counted {
        let tool = file.tool(finding).map_or("", |t| t.name.as_str());
        let count = counts.entry((tool, std::cmp::Reverse(finding.severity))).or_default();
        *count = count.saturating_add(1);
    }
    let row = |((tool, severity), count): ((&str, std::cmp::Reverse<Severity>), u64)| ToolCount {
        tool: tool.to_owned(),
        severity: severity.0.name().to_owned(),
        count,
    };
    counts.into_iter().map(row).collect()
}

/// All results, listed or not; nothing where nobody is known to own one.
fn by_owner(lens: &Lens<'_>, counted: &[PlacedFinding<'_>], owners: &Owners) -> Vec<OwnerCount> {
    let mut counts: BTreeMap<&str, (u64, Severity)> = BTreeMap::new();
    for placed in counted {
        let count = counts.entry(owner(lens, *placed, owners)).or_insert((0, placed.finding.severity));
        *count = (count.0.saturating_add(1), count.1.max(placed.finding.severity));
    }
    if counts.keys().all(|owner| owner.is_empty()) {
        return Vec::new();
    }
    let row = |(owner, (count, severity)): (&str, (u64, Severity))| OwnerCount {
        owner: owner.to_owned(),
        severity: severity.name().to_owned(),
        count,
    };
    let mut rows: Vec<OwnerCount> = counts.into_iter().map(row).collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.owner.cmp(&b.owner)));
    rows
}

/// The owner of the file of a finding, else that of its component, or an empty text.
fn owner<'a>(lens: &'a Lens<'_>, placed: PlacedFinding<'_>, owners: &'a Owners) -> &'a str {
    let PlacedFinding { seen, file, at, finding } = placed;
    let named = lens.part_of_finding(seen.at, at).and_then(|p| lens.policy.components.get(p));
    match owners.of(file.text.get(finding.path)) {
        "" => named.map_or("", |c| c.owner.as_str()),
        owner => owner,
    }
}

fn rule_rows(counted: &[PlacedFinding<'_>]) -> Vec<RuleRow> {
    let mut rules: BTreeMap<(&str, &str), (Severity, Level, RuleRow)> = BTreeMap::new();
    for PlacedFinding { file, finding, .. } in counted {
        let (tool, id) = (file.tool(finding).map_or("", |t| t.name.as_str()), file.text.get(finding.rule));
        let entry = rules.entry((tool, id)).or_insert_with(|| {
            let rule = file.rules.iter().find(|r| r.id == id).cloned().unwrap_or_default();
            let row = RuleRow {
                tool: tool.to_owned(),
                rule: id.to_owned(),
                title: rule.title,
                help: rule.help,
                uri: rule.uri,
                ..RuleRow::default()
            };
            (finding.severity, finding.level, row)
        });
        (entry.0, entry.1) = (entry.0.max(finding.severity), entry.1.max(finding.level));
        entry.2.count = entry.2.count.saturating_add(1);
    }
    let mut rows: Vec<(Severity, Level, RuleRow)> = rules.into_values().collect();
    rows.sort_by(|a, b| {
        (b.0, b.1, b.2.count).cmp(&(a.0, a.1, a.2.count)).then_with(|| a.2.rule.cmp(&b.2.rule))
    });
    rows.into_iter()
        .map(|(severity, level, row)| RuleRow {
            severity: severity.name().to_owned(),
            level: level.name().to_owned(),
            ..row
        })
        .collect()
}

fn finding_row(lens: &Lens<'_>, placed: PlacedFinding<'_>, owners: &Owners) -> FindingRow {
    let PlacedFinding { seen, file, at, finding } = placed;
    let path = file.text.get(finding.path);
    let named = lens.part_of_finding(seen.at, at).and_then(|p| lens.policy.components.get(p));
    let waiver = lens.waived.finding(seen.at, at, Waivers::Applied).and_then(|w| lens.policy.waivers.get(w));
    let justification = match waiver {
        Some(w) => format!("{} ({}, until {})", w.reason, w.owner, w.expires),
        None => file.text.get(finding.justification).to_owned(),
    };
    FindingRow {
        category: category_of(seen.item),
        tool: file.tool(finding).map(|t| t.name.clone()).unwrap_or_default(),
        rule: file.text.get(finding.rule).to_owned(),
        severity: finding.severity.name().to_owned(),
        level: finding.level.name().to_owned(),
        basis: file.text.get(finding.basis).to_owned(),
        message: file.text.get(finding.message).to_owned(),
        path: path.to_owned(),
        line: finding.line,
        owner: owner(lens, placed, owners).to_owned(),
        justification,
        component: named.map(|c| c.name.clone()).unwrap_or_default(),
        waiver: waiver.map(|w| w.id.clone()).unwrap_or_default(),
        new: lens.known.is_new(seen.at, at),
        evidence: seen.item.id.clone(),
    }
}

fn pages(evidence: &Evidence) -> Vec<PageRow> {
    let all = counting(evidence).flat_map(|i| i.facts.pages.iter().map(move |p| (i, p)));
    let groups = page_groups(all.clone().map(|(_, p)| p));
    groups
        .into_values()
        .filter_map(|runs| {
            let first = *runs.first()?;
            let evidence = all
                .clone()
                .filter(|(_, p)| runs.iter().any(|r| std::ptr::eq(*r, *p)))
                .map(|(i, _)| i.id.clone());
            Some(page_row(first, &runs, evidence.collect()))
        })
        .collect()
}

fn page_row(first: &Page, runs: &[&Page], mut evidence: Vec<String>) -> PageRow {
    evidence.sort();
    evidence.dedup();
    let worst = runs.iter().max_by_key(|r| r.state).copied().unwrap_or(first);
    PageRow {
        engine: first.engine.name().to_owned(),
        version: first.version.clone(),
        url: first.key().to_owned(),
        step: first.step.clone(),
        form_factor: first.form_factor.clone(),
        runs: runs.len() as u64,
        state: worst.state,
        cause: if worst.state == State::Ok { String::new() } else { worst.cause.clone() },
        scores: first.scores.iter().map(|(id, _)| page_score(id, runs)).collect(),
        metrics: first.metrics.iter().filter_map(|(id, _)| page_metric(id, runs)).collect(),
        violations: violations(runs),
        incomplete: runs.iter().map(|r| r.incomplete()).max().unwrap_or(0),
        evidence,
    }
}

/// The middle of the values; the mean of the middle two where their number is even.
fn median(mut values: Vec<&Exact>) -> Option<Exact> {
    values.sort();
    let upper = values.get(values.len() / 2)?;
    let lower = values.get(values.len().saturating_sub(1) / 2)?;
    Some((*lower + *upper) / crate::evidence::exact::whole(2))
}

fn page_score(category: &str, runs: &[&Page]) -> PageScore {
    let values: Vec<&Exact> = runs.iter().filter_map(|r| r.score(category)).collect();
    let spread = match (values.iter().min(), values.iter().max()) {
        (Some(low), Some(high)) if low != high => {
            format!("{} to {}", percent_display(low), percent_display(high))
        }
        _ => String::new(),
    };
    let median = median(values);
    let display = median.as_ref().map_or_else(|| "not measured".to_owned(), percent_display);
    let value = median.map(|m| Number::new(&m, display.clone()));
    PageScore { category: category.to_owned(), display, value, spread }
}

fn page_metric(id: &str, runs: &[&Page]) -> Option<PageMetric> {
    let values =
        runs.iter().filter_map(|r| r.metrics.iter().find(|(m, _)| *m == id).map(|(_, v)| v)).collect();
    let value = median(values)?;
    let title = measures::by_id(id).map_or(id, |m| m.title).to_owned();
    let display =
        if id == "web.cls" { floor_decimal(&value, 3) } else { format!("{} ms", floor_decimal(&value, 0)) };
    let value = Some(Number::new(&value, display.clone()));
    Some(PageMetric { id: id.to_owned(), title, display, value })
}

fn violations(runs: &[&Page]) -> Vec<ViolationRow> {
    let mut rows: BTreeMap<&str, (Option<crate::evidence::pages::Impact>, ViolationRow)> = BTreeMap::new();
    for rule in runs.iter().flat_map(|r| &r.rules).filter(|r| r.verdict == RuleVerdict::Fail) {
        let row = || ViolationRow {
            rule: rule.id.clone(),
            impact: rule.impact.map_or("", crate::evidence::pages::Impact::name).to_owned(),
            title: rule.title.clone(),
            uri: rule.uri.clone(),
            criteria: rule.criteria.clone(),
            nodes: rule.nodes,
            targets: rule.targets.clone(),
        };
        rows.entry(&rule.id).or_insert_with(|| (rule.impact, row()));
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.rule.cmp(&b.1.rule)));
    rows.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exact::whole;

    #[test]
    fn neighbouring_lines_are_one_range() {
        assert_eq!(ranges([1, 2, 3, 7, 9, 10].into_iter()), ["1-3", "7", "9-10"]);
        assert_eq!(ranges((0..1_000).map(|n| n * 2)).len(), MAX_RANGES);
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        let values = [whole(9), whole(1), whole(4), whole(2)];
        assert_eq!(median(values.iter().collect()), Some(whole(3)));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn traces_are_cut_once_the_budget_is_spent() {
        let long = "x".repeat(TRACE_BUDGET / 2 + 1);
        let mut failures = vec![TestRow { trace: long.clone(), ..TestRow::default() }; 3];
        cut_traces(&mut failures);
        let lengths: Vec<bool> = failures.iter().map(|f| f.trace == long).collect();
        assert_eq!(lengths, [true, false, false]);
        assert!(failures[2].trace.len() <= SHORT_TRACE);
    }
}
