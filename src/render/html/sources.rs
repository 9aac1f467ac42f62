//! Source of covered files, as far as the report carries it.

use super::files;
use crate::evidence::text::stable_hash;
use crate::report::{CoverageFile, Excerpt, Report};
use serde::Serialize;

/// A file with its excerpts.
#[derive(Debug, Serialize)]
pub(super) struct SourceView<'a> {
    anchor: String,
    /// Id of its row in the table of files.
    row: String,
    path: &'a str,
    uncovered: usize,
    excerpts: Vec<ExcerptView<'a>>,
}

#[derive(Debug, Serialize)]
struct ExcerptView<'a> {
    first: u64,
    last: u64,
    lines: Vec<Line<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    number: u64,
    text: &'a str,
    uncovered: bool,
}

/// Id of the source of a file: the same in every report.
pub(super) fn anchor(path: &str) -> String {
    format!("source-{:016x}", stable_hash(&[path]))
}

/// The files whose source the report carries, in its order.
pub(super) fn sources(report: &Report) -> Vec<SourceView<'_>> {
    let files = report.coverage.iter().flat_map(|c| &c.files);
    files.filter(|file| !file.excerpts.is_empty()).map(source).collect()
}

fn source(file: &CoverageFile) -> SourceView<'_> {
    SourceView {
        anchor: anchor(&file.path),
        row: files::anchor(&file.path),
        path: &file.path,
        uncovered: file.excerpts.iter().map(|e| e.uncovered.len()).sum(),
        excerpts: file.excerpts.iter().map(excerpt).collect(),
    }
}

fn excerpt(excerpt: &Excerpt) -> ExcerptView<'_> {
    let lines: Vec<Line<'_>> = (excerpt.first..)
        .zip(&excerpt.lines)
        .map(|(number, text)| Line { number, text, uncovered: excerpt.uncovered.contains(&number) })
        .collect();
    ExcerptView { first: excerpt.first, last: lines.last().map_or(excerpt.first, |line| line.number), lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn every_line_has_its_number_and_says_whether_it_ran() {
        let report = sample::report();
        let sources = sources(&report);
        let first = &sources[0].excerpts[0];
        let path = &report.coverage.as_ref().unwrap().files[0].path;
        assert_eq!((&sources[0].anchor, &sources[0].row), (&anchor(path), &files::anchor(path)));
        assert_eq!((first.first, first.last), (2, 4));
        let lines: Vec<(u64, bool)> = first.lines.iter().map(|l| (l.number, l.uncovered)).collect();
        assert_eq!(lines, [(2, false), (3, true), (4, true)]);
    }
}
