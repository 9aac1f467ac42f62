//! The report on a terminal, and in the log of a pipeline: at most 100 columns, the answer first and what the
//! exit code means last.

mod record;

use super::{escape, words};
use crate::evidence::State;
use crate::evidence::state::Severity;
use crate::report::{Category, CategoryState, Criterion, CriterionState, EvidenceItem, Report, Verdict};
use anstyle::{AnsiColor, Color, Style};

/// Columns that nothing goes beyond, but for a single word that is longer.
const WIDTH: usize = 100;
/// Evidence problems, reasons and steps that are listed; the rest is counted.
const MAX_LINES: usize = 20;
/// Components of a criterion that are named.
const MAX_PARTS: usize = 5;
/// Columns of a category's title.
const MAX_TITLE: usize = 32;

/// The report as text. `outputs` are the paths of the files that were written; `color` asks for colour.
#[must_use]
pub fn terminal(report: &Report, outputs: &[String], color: bool) -> String {
    let mut page = Page { out: String::new(), color };
    banner(&mut page, report);
    verdict(&mut page, report);
    if let Some(error) = &report.error {
        page.heading("What is wrong");
        page.text("   ", &error.message, RED);
        page.text("   help: ", &error.help, PLAIN);
    } else {
        categories(&mut page, report);
        reasons(&mut page, report);
        way(&mut page, report);
        record::record(&mut page, report);
    }
    evidence(&mut page, report);
    frame(&mut page, report, outputs);
    page.text("", &words::exit(report), BOLD);
    page.out
}

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Red)));
const GREEN: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Green)));
const YELLOW: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));

fn banner(page: &mut Page, report: &Report) {
    if let Some(forced) = &report.decision.overridden {
        page.text("⚠️  ", &words::banner(forced, usize::MAX), RED.bold());
    }
}

fn verdict(page: &mut Page, report: &Report) {
    let decision = &report.decision;
    let (mark, style) = match decision.verdict {
        _ if report.error.is_some() => ("❌", RED),
        _ if words::is_withheld(decision) => ("⚠️ ", YELLOW),
        Verdict::Deploy => ("✅", GREEN),
        Verdict::Remediate => ("❌", RED),
        Verdict::Inconclusive => ("⚠️ ", YELLOW),
    };
    if report.error.is_some() {
        page.text(&format!("{mark} "), "CANNOT EVALUATE", style.bold());
        return;
    }
    let score = words::span(&decision.score);
    page.text(
        &format!("{mark} "),
        &format!(
            "{} — score {score} of 100, a deploy needs {}",
            decision.verdict.name().to_uppercase(),
            report.policy.deploy_at.display
        ),
        style.bold(),
    );
    let headline = words::headline(decision);
    if !headline.is_empty() {
        page.text("   ", headline, PLAIN);
    }
    let score = words::score(decision);
    if !score.is_empty() {
        page.text("   ", &score, YELLOW);
    }
    let since = words::since(report);
    if !since.is_empty() {
        page.text("   ", &since, PLAIN);
    }
    for skip in decision.skipped.iter().take(MAX_LINES) {
        page.text("   ", &words::skip(report, skip), YELLOW);
    }
    page.left_out(decision.skipped.len(), "skipped category", "skipped categories");
}

fn categories(page: &mut Page, report: &Report) {
    let list = &report.decision.categories;
    let name = |c: &Category| chunks(&escape::terminal(&c.title), MAX_TITLE).swap_remove(0);
    let widest = list.iter().map(|c| width(&name(c))).max().unwrap_or(0);
    page.heading("Categories");
    for category in list {
        let (mark, style) = mark(category.state);
        let score = category.score.as_ref().map_or_else(|| "–".to_owned(), words::span);
        let title = name(category);
        let gap = " ".repeat(widest.saturating_sub(width(&title)));
        let facts = match category.state {
            CategoryState::NotApplicable => category.rule.clone(),
            _ => format!(
                "score {score:>5}{}, weight {} %{}",
                without_waivers(category),
                category.weight.display,
                if category.blocking { ", blocking" } else { "" }
            ),
        };
        let lead = format!("   {mark} {:<14}  {title}{gap}  ", category.state.name());
        page.wrapped(&page.paint(&lead, style), width(&lead), &facts, PLAIN);
        criteria(page, category);
    }
}

fn without_waivers(category: &Category) -> String {
    match words::bought(category.raw_score.as_ref(), None) {
        bought if bought.is_empty() => bought,
        bought => format!(" ({bought})"),
    }
}

fn criteria(page: &mut Page, category: &Category) {
    for criterion in &category.criteria {
        let (word, style) = match criterion.state {
            CriterionState::Fail => ("fail", RED),
            CriterionState::Unknown => ("unknown", YELLOW),
            CriterionState::Warn => ("warn", YELLOW),
            CriterionState::Waived => ("waived", YELLOW),
            _ => continue,
        };
        page.text(&format!("        {word:<8} "), &criterion.text, style);
        remarks(page, criterion);
    }
}

/// What a criterion counts, what waivers did to it, and the components that do not hold it.
fn remarks(page: &mut Page, criterion: &Criterion) {
    const LEAD: &str = "                 ";
    let notes = words::notes(criterion);
    if !notes.is_empty() {
        page.text(LEAD, &notes.join(" · "), DIM);
    }
    let open = criterion.parts.iter().filter(|p| {
        !matches!(p.state, CriterionState::Pass | CriterionState::NotApplicable | CriterionState::Info)
    });
    for part in open.clone().take(MAX_PARTS) {
        let (name, value) = (words::component(&part.component), words::part(part, &criterion.unit));
        let why = if part.why.is_empty() { String::new() } else { format!(": {}", part.why) };
        page.text(LEAD, &format!("{name}: {}, {value}{why}", part.state.name()), DIM);
    }
    let more = open.count().saturating_sub(MAX_PARTS) as u64;
    if more > 0 {
        page.text(LEAD, &format!("… and {} more", words::plural(more, "component", "components")), DIM);
    }
}

const fn mark(state: CategoryState) -> (&'static str, Style) {
    match state {
        CategoryState::Pass => ("✅", GREEN),
        CategoryState::Fail => ("❌", RED),
        CategoryState::Warn => ("⚠️ ", YELLOW),
        CategoryState::Unknown => ("❓", YELLOW),
        CategoryState::NotApplicable => ("➖", DIM),
    }
}

/// Reasons that neither a criterion above nor an evidence problem below tells already.
fn reasons(page: &mut Page, report: &Report) {
    let blocking: Vec<_> = words::untold(report).collect();
    if blocking.is_empty() {
        return;
    }
    page.heading("What else blocks");
    for reason in blocking.iter().take(MAX_LINES) {
        page.text("   • ", &reason.text, PLAIN);
    }
    page.left_out(blocking.len(), "reason", "reasons");
}

fn way(page: &mut Page, report: &Report) {
    let steps = &report.decision.way_to_green;
    if steps.is_empty() {
        return;
    }
    page.heading(&format!("What to do first: {}", words::way(report)));
    for (at, step) in steps.iter().take(MAX_LINES).enumerate() {
        let who = if step.owner.is_empty() { String::new() } else { format!(", {}", step.owner) };
        let text = format!("{} ({}{who})", step.text, words::minutes(step.minutes));
        page.text(&format!("{:>4}. ", at.saturating_add(1)), &text, PLAIN);
    }
    page.left_out(steps.len(), "step", "steps");
}

fn evidence(page: &mut Page, report: &Report) {
    let mut damaged: Vec<&EvidenceItem> = report.evidence.iter().filter(|e| e.state.is_damaged()).collect();
    // A file of no known format holds nothing, and is said: it may be the report that somebody relies on.
    damaged.extend(report.evidence.iter().filter(|e| e.state == State::Unrecognised));
    let remarks: Vec<_> = report.diagnostics.iter().filter(|d| d.severity != Severity::Info).collect();
    if damaged.is_empty() && remarks.is_empty() {
        return;
    }
    page.heading("Evidence problems");
    for item in damaged.iter().take(MAX_LINES) {
        let cause = if item.cause.is_empty() { item.state.meaning() } else { &item.cause };
        page.text(&format!("   {:<11} ", item.state.name()), &format!("{}: {cause}", item.path), YELLOW);
    }
    page.left_out(damaged.len(), "file", "files");
    for remark in remarks.iter().take(MAX_LINES) {
        page.text("   • ", &remark.message, YELLOW);
    }
    page.left_out(remarks.len(), "remark", "remarks");
}

fn frame(page: &mut Page, report: &Report, outputs: &[String]) {
    page.line("");
    let subject = words::subject(&report.subject);
    if !subject.is_empty() {
        let facts: Vec<String> =
            subject.iter().map(|(label, text)| format!("{} {text}", label.to_lowercase())).collect();
        page.text("", &facts.join(", "), DIM);
    }
    if !report.policy.note.is_empty() {
        let note = format!("{} policy, {}", report.policy.name, report.policy.note);
        page.text("", &note, DIM);
    } else if !report.policy.name.is_empty() {
        page.text("", &format!("policy: {}", words::policy(&report.policy)), DIM);
    }
    if !report.decision.cheapest_loss.is_empty() {
        page.text("", &report.decision.cheapest_loss, DIM);
    }
    if !outputs.is_empty() {
        page.text("", &format!("written: {}", outputs.join(", ")), DIM);
    }
}

/// Lines, put together.
struct Page {
    out: String,
    color: bool,
}

impl Page {
    fn paint(&self, text: &str, style: Style) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A line of our own making; text from outside in it has been escaped.
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn heading(&mut self, title: &str) {
        let title = self.paint(title, BOLD);
        self.line("");
        self.line(&title);
    }

    /// Any text behind a lead, wrapped; what follows the first line is indented to it.
    fn text(&mut self, lead: &str, text: &str, style: Style) {
        self.wrapped(lead, width(lead), text, style);
    }

    /// The same with a lead that may be painted and takes `columns`.
    fn wrapped(&mut self, lead: &str, columns: usize, text: &str, style: Style) {
        let indent = " ".repeat(columns);
        // Making a log command harmless takes one more column.
        let room = WIDTH.saturating_sub(columns).saturating_sub(1);
        for (at, part) in wrap(&escape::terminal(text), room).iter().enumerate() {
            let lead = if at == 0 { lead } else { &indent };
            let part = self.paint(&escape::disarm_command(part), style);
            self.line(&format!("{lead}{part}"));
        }
    }

    fn left_out(&mut self, all: usize, one: &str, many: &str) {
        let more = all.saturating_sub(MAX_LINES) as u64;
        if more > 0 {
            self.text("   … and ", &format!("{} more", words::plural(more, one, many)), DIM);
        }
    }
}

/// Words of `text` in lines of at most `room` columns. A longer word is cut where the room ends.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0_usize;
    for word in text.split(' ').flat_map(|word| chunks(word, room)) {
        let w = width(&word);
        let gap = usize::from(used > 0);
        if used > 0 && used.saturating_add(gap).saturating_add(w) > room {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used = used.saturating_add(1);
            }
            line.push_str(&word);
            used = used.saturating_add(w);
        }
    }
    lines
}

fn chunks(word: &str, room: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0_usize;
    for c in word.chars() {
        let w = char_width(c);
        if used.saturating_add(w) > room.max(2) {
            parts.push(String::new());
            used = 0;
        }
        used = used.saturating_add(w);
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Columns of a character, near enough for aligning: wide scripts and pictures take two, marks none.
const fn char_width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2753}'
        | '\u{2705}'
        | '\u{274c}'
        | '\u{2795}'..='\u{2797}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use crate::report::Basis;

    #[test]
    fn nothing_is_wider_than_a_hundred_columns() {
        for report in [sample::report(), sample::policy(), sample::hostile()] {
            for line in terminal(&report, &["out/report.html".to_owned()], false).lines() {
                assert!(width(line) <= WIDTH, "{}: {line}", width(line));
            }
        }
    }

    #[test]
    fn without_colour_there_is_no_escape_sequence_and_with_it_only_ours() {
        let plain = terminal(&sample::hostile(), &[], false);
        assert!(plain.chars().all(|c| c == '\n' || !c.is_control()), "{plain:?}");
        assert!(!plain.contains('\u{202e}'));
        let colored = terminal(&sample::hostile(), &[], true);
        assert!(colored.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
    }

    #[test]
    fn no_line_is_a_command_to_a_log_reader() {
        let mut report = sample::hostile();
        report.decision.headline = "::error::boo\n::add-mask::x ##[group]y".to_owned();
        report.policy.note = format!("{} ::error::wrapped", "x".repeat(96));
        let text = terminal(&report, &[], false);
        assert!(!text.lines().any(|l| l.trim_start().starts_with("::")), "{text}");
        assert!(!text.contains("##["), "{text}");
    }

    #[test]
    fn the_answer_is_first_and_the_exit_code_last() {
        let text = terminal(&sample::report(), &[], false);
        assert!(text.starts_with("❌ REMEDIATE — score 62.4 of 100"), "{text}");
        assert!(text.ends_with("\nexit 1: remediate — a decision, not an error\n"), "{text}");
        let green = terminal(&sample::green(), &[], false);
        assert!(green.starts_with("✅ DEPLOY — score 100 of 100"), "{green}");
        assert!(green.ends_with("\nexit 0: deploy\n"), "{green}");
    }

    #[test]
    fn what_a_policy_adds_is_told_in_words() {
        let text = terminal(&sample::policy(), &[], false);
        let forced = "⚠️  Forced deploy by ada: the payment hotfix cannot wait. Without it: exit 1 (remediate)\n❌ REMEDIATE";
        assert!(text.starts_with(forced), "{text}");
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in [
            "score 62.4 (58.1 without waivers, 4.3 points bought by waivers)",
            "skipped by grace: Performance: the audit server is being moved",
            "72.6 % now, 71.0 % before",
            "3 records taken out by W-1, W-2; without waivers: fail, 74.0 %",
            "outside of every component: unknown, not measured: no test belongs to it",
            "What the policy asks for: 1 of 3 there and whole missing browser tests (browser firefox, os linux): 0 of 1",
            "Waivers: 5 • over cap quarantine Q-2",
            "expired waiver W-1, expired on 2026-08-01, 19 days ago",
            "failed: tests.test_vouchers.TestVoucher › test_voucher_lasts_until_midnight (Q-1)",
            "«looked at the login and the checkout and found nothing», says Grace H. on 2026-07-01, counts until 2026-12-31",
            "1 new finding, 2 findings are gone, 7 tests are gone, 2 measured files are gone",
            "looser unit_tests/coverage.line: target 80 % → 75 %",
        ] {
            assert!(flat.contains(said), "{said:?} is not in {text}");
        }
    }

    #[test]
    fn an_override_that_does_not_hold_is_no_green_deploy() {
        let mut report = sample::green();
        report.decision.overridden = sample::policy().decision.overridden;
        report.decision.basis = Basis::Integrity;
        if let Some(forced) = &mut report.decision.overridden {
            (forced.effective, forced.problem) = (false, "no reason is given".to_owned());
        }
        report.decision.headline = "The override does not hold: no reason is given".to_owned();
        let text = terminal(&report, &[], false);
        assert!(text.starts_with("⚠️  The override does not hold: no reason is given\n⚠️  DEPLOY"), "{text}");
        assert_eq!(text.matches("does not hold: no reason").count(), 1, "{text}");
    }

    #[test]
    fn a_code_that_does_not_follow_the_verdict_says_why() {
        let mut report = sample::report();
        report.decision.exit_code = 0;
        assert!(terminal(&report, &[], false).ends_with("advisory — remediate, which would be exit 1\n"));
        report.decision.basis = Basis::Override;
        assert!(terminal(&report, &[], false).ends_with("on record; the verdict stays\n"));
    }
}
