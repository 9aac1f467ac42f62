//! Source around uncovered lines, for the files with the most of them. Pure: how a file is read is handed in.
//!
//! It is added to a report that is judged already: no decision depends on whether the source is there.

use crate::evidence::Diagnostic;
use crate::evidence::text::shorten;
use crate::report::{CoverageFile, Excerpt, Report};

/// Files with excerpts, and ranges of uncovered lines of each.
const MAX_FILES: usize = 200;
const MAX_RANGES: usize = 20;
/// Lines before and behind a range, and lines of one range at most.
const CONTEXT: usize = 3;
const MAX_LINES: usize = 40;
/// Bytes of one line, and of all lines of the report.
const MAX_LINE: usize = 400;
const BUDGET: usize = 512 << 10;
/// Files that a remark names.
const MAX_NAMED: usize = 5;

/// Reads a file of the judged source by the path that the coverage gives it, or says why it cannot be shown.
pub type Reader<'a> = dyn FnMut(&str) -> Result<String, String> + 'a;

/// Adds excerpts to the files of coverage, as many as a report can carry, and a remark where files cannot be read.
pub fn add(report: &mut Report, read: &mut Reader<'_>) {
    let mut budget = BUDGET;
    let mut unreadable: Vec<String> = Vec::new();
    let files = report.coverage.iter_mut().flat_map(|c| &mut c.files);
    for file in files.filter(|f| !f.uncovered.is_empty()).take(MAX_FILES) {
        match read(&file.path).and_then(|text| excerpts(file, &text)) {
            Ok(excerpts) => file.excerpts = within(excerpts, &mut budget),
            Err(why) => unreadable.push(format!("{}: {why}", shorten(&file.path, MAX_LINE))),
        }
        if budget == 0 {
            break;
        }
    }
    if !unreadable.is_empty() {
        let more = unreadable.len().saturating_sub(MAX_NAMED);
        let others = if more > 0 { format!("; and {more} more") } else { String::new() };
        let named = unreadable.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join("; ");
        let message = format!("the source of covered files cannot be shown: {named}{others}");
        report.diagnostics.push(
            Diagnostic::warning("sources.unreadable", message)
                .help("give --sources the root of the checkout that was tested"),
        );
    }
}

/// The excerpts that the budget is enough for; with the first one that it is not enough for it is spent.
fn within(excerpts: Vec<Excerpt>, budget: &mut usize) -> Vec<Excerpt> {
    let mut kept = Vec::new();
    for excerpt in excerpts {
        let size: usize = excerpt.lines.iter().map(|line| line.len().saturating_add(1)).sum();
        match budget.checked_sub(size) {
            Some(left) => *budget = left,
            None => {
                *budget = 0;
                break;
            }
        }
        kept.push(excerpt);
    }
    kept
}

/// The first ranges of a file with the lines around them; ranges that touch are one excerpt.
fn excerpts(file: &CoverageFile, text: &str) -> Result<Vec<Excerpt>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let place = |line: u64| usize::try_from(line).unwrap_or(usize::MAX);
    let ranges: Vec<(usize, usize)> = file.ranges().map(|(from, to)| (place(from), place(to))).collect();
    // Tools count the end of a file without a line feed as a line of its own, but not more than that.
    let measured = ranges.iter().map(|(_, to)| *to).max().unwrap_or(0).max(file.last_line as usize);
    if measured > lines.len().saturating_add(1) {
        return Err(format!(
            "it has {} lines, and line {measured} was measured: it is another version",
            lines.len()
        ));
    }
    let mut shown: Vec<(usize, usize)> = Vec::new();
    for (from, to) in ranges.iter().take(MAX_RANGES) {
        let to = (*to).min(from.saturating_add(MAX_LINES).saturating_sub(1));
        let from = from.saturating_sub(CONTEXT).max(1);
        let to = to.saturating_add(CONTEXT).min(lines.len());
        match shown.last_mut() {
            Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
            _ if from <= to => shown.push((from, to)),
            _ => {}
        }
    }
    let uncovered = |line: &usize| ranges.iter().any(|(from, to)| (from..=to).contains(&line));
    let excerpt = |(from, to): (usize, usize)| Excerpt {
        first: from as u64,
        lines: lines
            .iter()
            .take(to)
            .skip(from.saturating_sub(1))
            .map(|line| shorten(line, MAX_LINE))
            .collect(),
        uncovered: (from..=to).filter(uncovered).map(|line| line as u64).collect(),
    };
    Ok(shown.into_iter().map(excerpt).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::tool;
    use crate::report::CoverageSection;

    fn report(files: usize, uncovered: &[&str], last_line: u32) -> Report {
        let file = |at| CoverageFile {
            path: format!("src/{at}.rs"),
            uncovered: uncovered.iter().map(|r| (*r).to_owned()).collect(),
            last_line,
            ..CoverageFile::default()
        };
        let mut report = Report::of_error(tool(), String::new(), 2, "", "");
        report.coverage =
            Some(CoverageSection { files: (0..files).map(file).collect(), ..CoverageSection::default() });
        report
    }

    fn numbered(lines: usize) -> String {
        (1..=lines).map(|n| format!("line {n}\n")).collect()
    }

    fn excerpts_of(report: &Report, at: usize) -> Vec<(u64, usize, Vec<u64>)> {
        let file = &report.coverage.as_ref().unwrap().files[at];
        file.excerpts.iter().map(|e| (e.first, e.lines.len(), e.uncovered.clone())).collect()
    }

    #[test]
    fn ranges_stand_among_their_neighbours_and_those_that_touch_are_one() {
        let mut report = report(1, &["2", "9-10", "40"], 41);
        add(&mut report, &mut |_| Ok(numbered(41)));
        assert_eq!(excerpts_of(&report, 0), [(1, 13, vec![2, 9, 10]), (37, 5, vec![40])]);
        let first = &report.coverage.as_ref().unwrap().files[0].excerpts[0];
        assert_eq!((first.lines[0].as_str(), first.lines[12].as_str()), ("line 1", "line 13"));
        assert!(report.diagnostics.is_empty());
    }

    #[test]
    fn another_version_of_a_file_is_not_shown() {
        let mut report = report(1, &["2"], 50);
        add(&mut report, &mut |_| Ok(numbered(41)));
        assert!(excerpts_of(&report, 0).is_empty());
        assert_eq!(report.diagnostics[0].code, "sources.unreadable");
        assert!(
            report.diagnostics[0].message.contains("another version"),
            "{}",
            report.diagnostics[0].message
        );
    }

    #[test]
    fn what_cannot_be_read_is_one_remark() {
        let mut report = report(9, &["2"], 9);
        add(&mut report, &mut |path| {
            if path == "src/8.rs" { Ok(numbered(9)) } else { Err("it is not there".into()) }
        });
        assert_eq!(excerpts_of(&report, 8), [(1, 5, vec![2])]);
        let said = &report.diagnostics[0].message;
        assert!(
            report.diagnostics.len() == 1 && said.contains("src/4.rs: it is not there; and 3 more"),
            "{said}"
        );
    }

    #[test]
    fn a_report_carries_no_more_than_its_budget() {
        let mut files = report(300, &["1-900"], 900);
        let long = format!("{}\n", "x".repeat(2_000)).repeat(900);
        let mut asked = 0;
        add(&mut files, &mut |_| {
            asked += 1;
            Ok(long.clone())
        });
        let all =
            files.coverage.iter().flat_map(|c| &c.files).flat_map(|f| &f.excerpts).flat_map(|e| &e.lines);
        let size: usize = all.map(|line| line.len() + 1).sum();
        assert!(size <= BUDGET && size > BUDGET / 2 && asked < MAX_FILES, "{size} {asked}");
        assert!(excerpts_of(&files, 0)[0].1 == MAX_LINES + CONTEXT);

        let mut many = report(300, &["1"], 3);
        let mut asked = 0;
        add(&mut many, &mut |_| {
            asked += 1;
            Ok(numbered(3))
        });
        assert_eq!(asked, MAX_FILES);
    }
}
