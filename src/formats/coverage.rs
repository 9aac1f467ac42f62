//! Coverage formats, and what their readers share: odd counts, declared totals, the end of reading.

pub mod clover;
pub mod cobertura;
pub mod gocover;
pub mod istanbul;
pub mod jacoco;
pub mod lcov;

use super::Reading;
use super::read::numbers::{self, Hits};
use crate::evidence::Diagnostic;
use crate::evidence::coverage::{Coverage, Declared, Tally};

/// A hit count. An odd one is remarked on and never costs the line, which would inflate the coverage.
fn hits(reading: &mut Reading<'_>, at: usize, text: &str) -> u32 {
    let hits = numbers::hits(text);
    let (code, meaning) = match hits {
        Hits::Plain(count) => return count,
        Hits::Unreadable => {
            reading.damaged(at, format!("`{}` is not a count: it counts as not executed", shown(text)));
            return 0;
        }
        Hits::Suspicious(_) => {
            ("coverage.suspicious-hits", "beyond 2^63, a wrapped counter: counts as executed")
        }
        Hits::Negative => ("coverage.negative-hits", "below zero, a counter race: counts as not executed"),
    };
    reading.warn(at, code, format!("the count `{}` is {meaning}", shown(text)));
    hits.count()
}

/// A line number. Line 0, which several tools write for code without a source line, is skipped; a row without a number
/// is damage.
fn line_number(reading: &mut Reading<'_>, at: usize, text: &str) -> Option<u32> {
    match text.trim().parse::<u32>() {
        Ok(0) => reading.warn(
            at,
            "coverage.bad-line-number",
            "line 0 is no line of a source file: the row is skipped",
        ),
        Ok(number) => return Some(number),
        Err(_) => {
            reading.damaged(at, format!("`{}` is not a line number: the row is not counted", shown(text)))
        }
    }
    None
}

/// Rows that a report declares and does not have: what they said is not known. `held` are the rows as they stand, before
/// equal ones are united.
fn missing_rows(reading: &Reading<'_>, at: usize, what: &str, declared: Option<Tally>, held: Tally) {
    if let Some(declared) = declared.filter(|d| d.total > held.total) {
        let message = format!("declares {} {what}, but has rows for {}", declared.total, held.total);
        reading.damaged(at, message);
    }
}

/// A declared total; one that cannot be read is damage.
fn declared_total(reading: &Reading<'_>, at: usize, name: &str, text: Option<&str>) -> Option<u64> {
    let text = text?;
    let number = declared_number(text);
    if number.is_none() && !text.trim().is_empty() {
        reading.damaged(at, format!("`{name}` is `{}`, which is not a count", shown(text)));
    }
    number
}

/// Text of the file, short and clean enough for a message.
fn shown(text: &str) -> String {
    super::read::xml::clean(&crate::evidence::text::shorten(text.trim(), 60)).into_owned()
}

/// A declared number: `12`, `12.0`; nothing for `NaN`, words and negative numbers.
fn declared_number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| text.split_once('.').filter(|(_, f)| f.bytes().all(|b| b == b'0'))?.0.parse().ok())
}

/// A declared pair; nothing for 0 of 0, which says that nothing was measured.
fn declared_tally(covered: Option<u64>, total: Option<u64>) -> Option<Tally> {
    let total = total.filter(|t| *t > 0)?;
    Some(Tally::exact(covered.unwrap_or(0).min(total), total))
}

/// The second witness: remarks where declared totals are not what the rows say. The rows count.
fn compare(
    reading: &mut Reading<'_>,
    at: usize,
    what: &str,
    declared: Option<Tally>,
    counted: Option<Tally>,
    cause: &str,
) {
    if let (Some(declared), Some(counted)) = (declared, counted)
        && (declared.low, declared.total) != (counted.low, counted.total)
    {
        let message = format!(
            "declares {} of {} {what}, its rows hold {} of {}: the rows count ({cause})",
            declared.low, declared.total, counted.low, counted.total
        );
        reading.warn(at, "coverage.declared-differs", message);
    }
}

/// A pseudo-file for totals that a report declares as a whole. It carries the report's own path, because such totals
/// of two reports cannot be told to be of the same code.
fn whole_report(reading: &Reading<'_>) -> String {
    format!("(totals of {})", reading.path)
}

/// Ends reading: one record for each source file, and a note where totals had to stand in for rows.
fn keep(reading: &mut Reading<'_>, mut coverage: Coverage) {
    coverage.gather();
    let totals_only =
        coverage.files.iter().filter(|f| f.lines.is_empty() && f.line_tally().is_some()).count();
    let without_rows = coverage.files.iter().filter(|f| f.declared != Declared::default()).count();
    if totals_only > 0 || (without_rows > 0 && !coverage.is_empty()) {
        let message = if totals_only > 0 {
            format!("{totals_only} of {} files have totals and no lines", coverage.files.len())
        } else {
            "some metrics are known by their totals only".to_owned()
        };
        let help = "reports with rows can be united over shards and compared with a diff";
        reading.remark(Diagnostic::info("coverage.summary-only", message).help(help));
    }
    reading.facts.coverage = Some(coverage);
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::evidence::State;

    #[test]
    fn a_report_that_ends_before_its_root_is_no_harmless_file() {
        for text in
            ["<?xml version=\"1.0\"?>", "<?xml version=\"1.0\"?>\n<!DOCTYPE coverage SYSTEM 'a.dtd'>\n"]
        {
            assert_eq!(read("coverage.xml", text).1.state, State::Truncated, "{text}");
        }
    }
}
