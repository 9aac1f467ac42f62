//! One covered file: the id of its row, and where in it the uncovered lines lie.

use super::sources;
use crate::evidence::text::stable_hash;
use crate::report::CoverageFile;
use serde::Serialize;
use std::fmt::Write as _;

/// Width of the strip that stands for a file, in its own units.
const WIDTH: u64 = 200;

/// What a row of the table of files says beside its numbers.
#[derive(Debug, Serialize)]
pub(super) struct Extra {
    /// Id of its source, or empty.
    source: String,
    /// Path data of the uncovered lines in a strip as long as the file; empty where its length is not known.
    strip: String,
    /// Where in the strip the lines begin that are counted and not listed; its width where all are listed.
    listed: u64,
    /// More lines are uncovered than are listed.
    cut: bool,
}

/// Id of the row of a file: the same in every report.
pub(super) fn anchor(path: &str) -> String {
    format!("file-{:016x}", stable_hash(&[path]))
}

impl Extra {
    /// For a file.
    pub(super) fn of(file: &CoverageFile) -> Self {
        let ranges: Vec<(u64, u64)> = file.ranges().collect();
        let told =
            ranges.iter().fold(0_u64, |sum, (from, to)| sum.saturating_add(to - from).saturating_add(1));
        let cut = told < file.lines.map_or(0, |lines| lines.total.saturating_sub(lines.covered));
        let last = u64::from(file.last_line);
        let listed = ranges.last().filter(|_| cut).map_or(WIDTH, |(_, to)| scaled(*to, last));
        let source = if file.excerpts.is_empty() { String::new() } else { sources::anchor(&file.path) };
        Self { source, strip: strip(&ranges, last), listed, cut }
    }
}

/// The place of a line's end in the strip.
const fn scaled(line: u64, last: u64) -> u64 {
    let place = line.saturating_mul(WIDTH).div_ceil(if last == 0 { 1 } else { last });
    if place > WIDTH { WIDTH } else { place }
}

/// A stroke for each range, at least one unit long; those that touch are one.
fn strip(ranges: &[(u64, u64)], last: u64) -> String {
    let mut strokes: Vec<(u64, u64)> = Vec::new();
    for (from, to) in ranges.iter().filter(|_| last > 0) {
        let begin = from.saturating_sub(1).saturating_mul(WIDTH) / last;
        let begin = begin.min(WIDTH.saturating_sub(1));
        let end = scaled(*to, last).max(begin.saturating_add(1));
        match strokes.last_mut() {
            Some((_, before)) if begin <= *before => *before = end.max(*before),
            _ => strokes.push((begin, end)),
        }
    }
    strokes.iter().fold(String::new(), |mut path, (begin, end)| {
        let _infallible = write!(path, "M{begin} 3H{end}");
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::CoverageTally;

    fn file(uncovered: &[&str], gap: u64, last_line: u32) -> CoverageFile {
        CoverageFile {
            uncovered: uncovered.iter().map(|r| (*r).to_owned()).collect(),
            lines: Some(CoverageTally { covered: 0, covered_high: 0, total: gap }),
            last_line,
            ..CoverageFile::default()
        }
    }

    #[test]
    fn a_strip_shows_where_the_uncovered_lines_lie() {
        let extra = Extra::of(&file(&["1-10", "51", "100"], 12, 100));
        assert_eq!(extra.strip, "M0 3H20M100 3H102M198 3H200");
        assert_eq!((extra.listed, extra.cut), (WIDTH, false));
    }

    #[test]
    fn what_is_counted_and_not_listed_is_told() {
        let extra = Extra::of(&file(&["1-10", "21-50"], 41, 100));
        assert_eq!((extra.listed, extra.cut), (100, true));
    }

    #[test]
    fn neighbours_in_a_long_file_are_one_stroke_and_a_single_line_is_seen() {
        assert_eq!(Extra::of(&file(&["500", "502", "504"], 3, 100_000)).strip, "M0 3H2");
        assert_eq!(Extra::of(&file(&["100000"], 1, 100_000)).strip, "M199 3H200");
    }

    #[test]
    fn a_file_of_unknown_length_and_ranges_that_are_none_have_no_strip() {
        assert_eq!(Extra::of(&file(&["1-10"], 10, 0)).strip, "");
        let odd = ["", "x", "9-3", "0", "-", "3-", "18446744073709551615", "99999999999999999999"];
        assert_eq!(Extra::of(&file(&odd, 1, 10)).strip, "M199 3H200");
    }
}
