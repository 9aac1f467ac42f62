//! What stands on record beside the verdict: the contract, waivers, quarantined tests, statements, the baseline,
//! components and changes of the policy. Each part is there only where the report has something to say.

use super::{BOLD, DIM, MAX_LINES, PLAIN, Page, RED, YELLOW, chunks, escape, width, words};
use crate::report::{ComponentRow, ContractRow, Report, Strictness, WaiverRow};
use anstyle::Style;

/// Columns of a component's name.
const MAX_NAME: usize = 30;
/// Groups of vanished tests, and vanished files, that are named.
const MAX_GONE: usize = 5;

pub(super) fn record(page: &mut Page, report: &Report) {
    contract(page, report);
    waivers(page, report);
    quarantined(page, report);
    statements(page, report);
    baseline(page, report);
    components(page, report);
    changes(page, report);
}

/// Only what is not there or damaged: the rest is counted.
fn contract(page: &mut Page, report: &Report) {
    if report.contract.is_empty() {
        return;
    }
    let open: Vec<&ContractRow> =
        words::contract(report).into_iter().filter(|row| !words::is_met(row)).collect();
    let met = report.contract.len().saturating_sub(open.len());
    page.heading(&format!("What the policy asks for: {met} of {} there and whole", report.contract.len()));
    for row in open.iter().take(MAX_LINES) {
        let cell = words::cell(row);
        let cell = if cell.is_empty() { cell } else { format!(" ({cell})") };
        let text = format!("{}{cell}: {} of {} found, {}", row.name, row.found, row.wanted, row.origin);
        page.text(&format!("   {:<11} ", row.state.name()), &text, YELLOW);
    }
    page.left_out(open.len(), "requirement", "requirements");
}

fn waivers(page: &mut Page, report: &Report) {
    let rows = words::waivers(report);
    if rows.is_empty() {
        return;
    }
    page.heading(&format!("Waivers: {}", rows.len()));
    for row in rows.iter().take(MAX_LINES) {
        page.text("   • ", &waiver(row), if row.state == "active" { PLAIN } else { YELLOW });
    }
    page.left_out(rows.len(), "waiver", "waivers");
}

fn waiver(row: &WaiverRow) -> String {
    let status = if row.status.is_empty() { String::new() } else { format!(" [{}]", row.status) };
    format!(
        "{} {} {}, {}, by {}: {}{status}; {}; {}",
        row.state,
        row.kind,
        row.id,
        words::until(row),
        row.owner,
        row.reason,
        row.matches,
        words::effect(row)
    )
}

fn quarantined(page: &mut Page, report: &Report) {
    let Some(tests) = report.tests.as_ref().filter(|t| !t.quarantined.is_empty()) else { return };
    page.heading(&format!("Quarantined tests: {}", tests.quarantined.len()));
    for row in tests.quarantined.iter().take(MAX_LINES) {
        let text = format!("{}: {} ({})", row.status, words::test(row), row.waiver);
        page.text("   • ", &text, PLAIN);
    }
    page.left_out(tests.quarantined.len(), "test", "tests");
}

fn statements(page: &mut Page, report: &Report) {
    if report.attestations.is_empty() {
        return;
    }
    page.heading("What people state");
    for row in report.attestations.iter().take(MAX_LINES) {
        let text = format!("{}: {} — {}", row.check, words::said(row, usize::MAX), words::standing(row));
        page.text("   • ", &text, if row.state == "counts" { PLAIN } else { YELLOW });
    }
    page.left_out(report.attestations.len(), "statement", "statements");
}

fn baseline(page: &mut Page, report: &Report) {
    let Some(baseline) = &report.baseline else { return };
    page.heading("Compared with");
    for line in words::baseline(baseline, usize::MAX) {
        page.text("   ", &line, PLAIN);
    }
    for group in baseline.vanished_groups.iter().take(MAX_GONE) {
        let text = format!("{} of {} tests are gone from {}", group.gone, group.had, group.group);
        page.text("   • ", &text, YELLOW);
    }
    gone(page, baseline.vanished_groups.len(), "group", "groups");
    for file in baseline.vanished_files.iter().take(MAX_GONE) {
        page.text("   • ", &format!("{file} is no longer measured"), YELLOW);
    }
    gone(page, baseline.vanished_files.len(), "file", "files");
}

fn gone(page: &mut Page, all: usize, one: &str, many: &str) {
    let more = all.saturating_sub(MAX_GONE) as u64;
    if more > 0 {
        page.text("   … and ", &format!("{} more", words::plural(more, one, many)), DIM);
    }
}

fn components(page: &mut Page, report: &Report) {
    let list = &report.components;
    if list.is_empty() {
        return;
    }
    let name =
        |c: &ComponentRow| chunks(&escape::terminal(words::component(&c.name)), MAX_NAME).swap_remove(0);
    let widest = list.iter().map(|c| width(&name(c))).max().unwrap_or(0);
    page.heading("Components");
    for row in list.iter().take(MAX_LINES) {
        let name = name(row);
        let lead = format!("   {name}{}  ", " ".repeat(widest.saturating_sub(width(&name))));
        page.text(&lead, &component(row), if row.failed > 0 { RED } else { PLAIN });
    }
    page.left_out(list.len(), "component", "components");
}

fn component(row: &ComponentRow) -> String {
    let lines =
        row.lines.as_ref().map(|tally| format!("lines {}", words::percent(tally.covered, tally.total)));
    let facts = [
        Some(format!("{}, {} failed", words::plural(row.tests, "test", "tests"), row.failed)),
        (row.duration_ms > 0).then(|| words::duration(row.duration_ms)),
        lines,
        Some(words::plural(row.findings, "finding", "findings")),
        (!row.owner.is_empty()).then(|| row.owner.clone()),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn changes(page: &mut Page, report: &Report) {
    let changes = &report.policy.changes;
    if changes.is_empty() {
        return;
    }
    page.line("");
    page.text("", &format!("The working folder's policy beside that of {}", report.policy.git_ref), BOLD);
    for change in changes.iter().take(MAX_LINES) {
        let style: Style = if change.strictness == Strictness::Looser { YELLOW } else { PLAIN };
        let lead = format!("   {:<8} ", change.strictness.name());
        page.text(&lead, &format!("{}: {}", change.subject, change.text), style);
    }
    page.left_out(changes.len(), "change", "changes");
}
