//! Go cover profile.
//!
//! Written by `go test -coverprofile`, `go tool covdata textfmt`, gocovmerge and gotestsum.
//!
//! ```text
//! mode: atomic
//! example.com/shop/cart.go:12.34,15.2 2 7
//! ```
//!
//! After the mode (`set`, `count` or `atomic`) every line is a block: file, start and end as line and column, the
//! number of its statements, and how often it ran.
//!
//! Quirks:
//! - `-coverpkg` writes a block once for each test binary, and profiles are joined with `cat`, mode lines and all: a
//!   block counts once and ran if any row says so. Go's own tools do the same.
//! - Blocks without statements are there and weigh nothing.
//! - The mode line may be missing (`grep -v mode:` before joining).
//! - Blocks of one start and two ends come from two versions of the source: both are kept.
//! - A block with two numbers of statements is two versions of the source as well, and is told.
//!
//! Go's figure is statements. Lines are derived: every line that a block spans, covered if any block on it ran; they are
//! what a diff is compared with, and their share is another one. Paths are import paths, as in the profile.
//!
//! A profile has no end mark: one cut between two lines reads as a whole one.

use super::super::read::fault::{Read, line_and_column};
use super::super::read::head::{Body, Head};
use super::super::read::identity::identity;
use super::super::read::lines::lines;
use super::super::{Format, Reading};
use super::{hits, keep, shown};
use crate::evidence::coverage::{Coverage, FileCoverage, Line, Statement};
use crate::evidence::{Diagnostic, Kind, State, paths};
use rustc_hash::FxHashMap;

/// Go cover profile.
pub(crate) const FORMAT: Format = Format {
    id: "gocover",
    title: "Go cover profile",
    kind: Kind::Coverage,
    written_by: "go test, go tool covdata, gocovmerge",
    elements: &[],
    sniff,
    parse,
};

/// Lines that are derived from the blocks of a short profile, and of a long one for each of its bytes: several times what
/// any source needs, and a limit for hostile spans.
const MAX_DERIVED_LINES: u64 = 1_000_000;

fn sniff(head: &Head<'_>) -> bool {
    if !matches!(head.body, Body::Text) {
        return false;
    }
    let first = head.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    is_mode(first)
        || is_cut_mode(head.text)
        || Block::read(first).is_some_and(|block| block.path.ends_with(".go"))
}

fn is_mode(line: &str) -> bool {
    line.strip_prefix("mode:").is_some_and(|mode| matches!(mode.trim(), "set" | "count" | "atomic"))
}

/// The file ends inside its first line.
fn is_cut_mode(text: &str) -> bool {
    text.len() > 4 && ["mode: set", "mode: count", "mode: atomic"].iter().any(|mode| mode.starts_with(text))
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let left = MAX_DERIVED_LINES.saturating_add(reading.text.len() as u64);
    let mut profile = Profile { left, ..Profile::default() };
    let (mut has_mode, mut malformed) = (false, 0_u64);
    for line in lines(reading.text) {
        let text = line.text.trim();
        if text.is_empty() || is_mode(text) {
            has_mode |= !text.is_empty();
        } else if let Some(block) = Block::read(text) {
            profile.block(reading, line.at, &block);
        } else if !line.ended {
            cut(reading, line.at, text);
        } else {
            malformed = malformed.saturating_add(1);
            let message = format!("line {}, `{}`, is no block: skipped", line.number, shown(text));
            reading.warn(line.at, "gocover.malformed-line", message);
        }
    }
    if malformed > 0 {
        reading.mark(State::Incomplete, format!("{malformed} lines are no blocks"));
    }
    if !has_mode {
        let message = "there is no `mode:` line: the rows are read all the same";
        reading.remark(Diagnostic::info("gocover.no-mode", message));
    }
    profile.tell_versions(reading);
    keep(reading, Coverage { files: profile.files, ..Coverage::default() });
    Ok(())
}

fn cut(reading: &mut Reading<'_>, at: usize, text: &str) {
    let message = format!("the file ends inside the block `{}`", shown(text));
    reading.mark(State::Truncated, message.clone());
    let (line, _) = line_and_column(reading.text, at);
    let help = "the writer was stopped or the copy is incomplete: run the job again and keep its exit code";
    reading.remark(Diagnostic::error("gocover.truncated", message).at_line(line).help(help));
}

/// A row: `path:line.column,line.column statements count`.
struct Block<'a> {
    path: &'a str,
    start: (u32, u32),
    end: (u32, u32),
    statements: u32,
    count: &'a str,
}

/// No import path and no file of one has such characters: rows that ran into each other have.
fn is_path(path: &str) -> bool {
    let behind_drive = path.get(2..).filter(|_| path.as_bytes().get(1) == Some(&b':')).unwrap_or(path);
    !path.is_empty() && !path.starts_with("mode:") && !behind_drive.contains(['"', ':', ','])
}

impl<'a> Block<'a> {
    /// Read from the right, because a path may hold anything.
    fn read(text: &'a str) -> Option<Self> {
        let (rest, count) = text.rsplit_once(' ')?;
        let (rest, statements) = rest.rsplit_once(' ')?;
        let (path, span) = rest.rsplit_once(':')?;
        let (start, end) = span.split_once(',')?;
        let point = |text: &str| {
            let (line, column) = text.split_once('.')?;
            Some((line.parse().ok()?, column.parse().ok()?))
        };
        let number = count.strip_prefix('-').unwrap_or(count);
        let block = Self {
            path,
            start: point(start)?,
            end: point(end)?,
            statements: statements.parse().ok()?,
            count: Some(count)
                .filter(|_| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))?,
        };
        (is_path(path) && block.start.0 > 0 && block.start <= block.end).then_some(block)
    }

    /// Packed where the parts are small, as they always are; otherwise hashed.
    fn id(&self) -> u64 {
        let ((from, from_column), (to, to_column)) = (self.start, self.end);
        let span = to.saturating_sub(from);
        if from < 1 << 20 && from_column < 1 << 14 && span < 1 << 15 && to_column < 1 << 14 {
            u64::from(from) << 43
                | u64::from(from_column) << 29
                | u64::from(span) << 14
                | u64::from(to_column)
        } else {
            identity((self.start, self.end)) | 1 << 63
        }
    }
}

#[derive(Default)]
struct Profile<'a> {
    files: Vec<FileCoverage>,
    place: FxHashMap<&'a str, usize>,
    /// The file of the row before, by far the commonest one.
    last: (&'a str, usize),
    /// Lines that may still be derived.
    left: u64,
}

impl<'a> Profile<'a> {
    fn block(&mut self, reading: &mut Reading<'_>, at: usize, block: &Block<'a>) {
        let count = hits(reading, at, block.count);
        let index = self.file_of(block.path);
        let Some(file) = self.files.get_mut(index) else { return };
        file.statements.push(Statement { id: block.id(), weight: block.statements, hit: count > 0 });
        let (from, to) = (block.start.0, block.end.0);
        let span = u64::from(to.saturating_sub(from)).saturating_add(1);
        if block.statements == 0 {
            return;
        }
        match self.left.checked_sub(span) {
            Some(left) => {
                self.left = left;
                file.lines.extend((from..=to).map(|number| Line { number, hits: count }));
            }
            None => reading.warn(
                at,
                "gocover.span",
                "blocks span more lines than any source has: lines are not derived",
            ),
        }
    }

    fn file_of(&mut self, path: &'a str) -> usize {
        if self.last.0 != path || self.files.is_empty() {
            let files = &mut self.files;
            let index = *self.place.entry(path).or_insert_with(|| {
                files.push(FileCoverage::new(paths::normalise(path)));
                files.len().saturating_sub(1)
            });
            self.last = (path, index);
        }
        self.last.1
    }

    /// A block with two numbers of statements is of two versions of the source.
    fn tell_versions(&mut self, reading: &mut Reading<'_>) {
        for file in &mut self.files {
            file.statements.sort_by_key(|s| (s.id, s.weight));
            let differs = |pair: &[Statement]| matches!(pair, [a, b] if a.id == b.id && a.weight != b.weight);
            if file.statements.windows(2).any(differs) {
                let message = format!(
                    "{} has a block with two numbers of statements: profiles of two versions were joined, the larger counts",
                    file.path
                );
                let help = "join only profiles of one commit";
                reading.remark(Diagnostic::warning("gocover.two-versions", message).help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::coverage::{Tally, Totals, merge};
    use crate::formats;

    fn read(text: &str) -> Reading<'_> {
        let (format, reading) = formats::read("cover.out", text);
        assert_eq!(format.map(|f| f.id), Some("gocover"), "{text}");
        reading
    }

    fn totals(reading: &Reading<'_>) -> Totals {
        Totals::of(&reading.facts.coverage.as_ref().unwrap().files)
    }

    fn codes(reading: &Reading<'_>) -> Vec<String> {
        reading.diagnostics.iter().map(|d| d.code.clone()).collect()
    }

    const SAMPLE: &str = "mode: atomic\nexample.com/a.go:3.10,5.2 2 7\nexample.com/a.go:7.1,8.3 3 0\nexample.com/b.go:1.1,1.9 0 0\n";

    #[test]
    fn statements_weigh_and_lines_are_spanned() {
        let reading = read(SAMPLE);
        let totals = totals(&reading);
        assert_eq!((totals.statements, totals.lines), (Some(Tally::exact(2, 5)), Some(Tally::exact(3, 5))));
        assert_eq!((totals.branches, reading.state), (None, State::Ok));
        assert_eq!(reading.facts.coverage.as_ref().unwrap().files.first().unwrap().path, "example.com/a.go");
    }

    #[test]
    fn a_block_counts_once_over_joined_profiles() {
        let joined =
            format!("{SAMPLE}mode: atomic\nexample.com/a.go:7.1,8.3 3 1\nexample.com/a.go:3.10,5.2 2 0\n");
        assert_eq!(totals(&read(&joined)).statements, Some(Tally::exact(5, 5)));
        let ends = read("mode: set\na.go:1.1,2.2 1 1\na.go:1.1,3.2 1 0\n");
        assert_eq!(
            (totals(&ends).statements, totals(&ends).lines),
            (Some(Tally::exact(1, 2)), Some(Tally::exact(2, 3)))
        );
        let versions = read("mode: set\na.go:1.1,2.2 1 1\na.go:1.1,2.2 4 0\n");
        assert_eq!(
            (totals(&versions).statements, codes(&versions)),
            (Some(Tally::exact(4, 4)), vec!["gocover.two-versions".to_owned()])
        );
    }

    #[test]
    fn a_profile_without_its_mode_is_read() {
        let reading = read("\nC:\\src\\my file.go:1.1,2.2 1 1\n");
        assert_eq!(
            (totals(&reading).statements, codes(&reading)),
            (Some(Tally::exact(1, 1)), vec!["gocover.no-mode".to_owned()])
        );
    }

    #[test]
    fn malformed_lines_are_named_and_the_profile_is_incomplete() {
        let reading = read("mode: set\na.go:1.1,2.2 1 1\na.go:oops\na.go:5.1,4.1 1 1\na.go:1.1,2.2 1 x\n");
        assert_eq!(
            (totals(&reading).statements, reading.state),
            (Some(Tally::exact(1, 1)), State::Incomplete)
        );
        assert!(reading.diagnostics.first().unwrap().message.starts_with("line 3, `a.go:oops`"));
        let negative = read("mode: count\na.go:1.1,2.2 1 -1\n");
        assert_eq!(
            (totals(&negative).statements, codes(&negative)),
            (Some(Tally::exact(0, 1)), vec!["coverage.negative-hits".to_owned()])
        );
    }

    #[test]
    fn a_profile_cut_inside_a_block_is_truncated() {
        let last = SAMPLE.find("example.com/b").unwrap();
        for end in last + 1..SAMPLE.len() - 2 {
            assert_eq!(read(SAMPLE.get(..end).unwrap()).state, State::Truncated, "{end}");
        }
        assert_eq!(read("mode: ato").state, State::Truncated);
        assert_eq!(read(SAMPLE.trim_end()).state, State::Ok);
        assert_eq!(read("mode: set\n").state, State::Empty);
    }

    #[test]
    fn hostile_spans_cost_no_memory() {
        let reading = read("mode: set\na.go:1.1,4294967295.1 1 1\na.go:1.1,2.1 1 0\n");
        assert_eq!(
            (totals(&reading).lines, codes(&reading)),
            (Some(Tally::exact(0, 2)), vec!["gocover.span".to_owned()])
        );
    }

    #[test]
    fn profiles_merge_by_block() {
        let a = read("mode: set\na.go:1.1,2.2 2 1\na.go:3.1,4.2 1 0\n");
        let b = read("mode: set\na.go:1.1,2.2 2 0\na.go:3.1,4.2 1 1\n");
        let merged = merge([a.facts.coverage.as_ref().unwrap(), b.facts.coverage.as_ref().unwrap()]);
        assert_eq!(Totals::of(&merged).statements, Some(Tally::exact(3, 3)));
    }

    #[test]
    fn other_text_is_not_claimed() {
        for text in [
            "mode: fast\n",
            "mode set\n",
            "a.py:1.1,2.2 1 1\n",
            "a.go:12:3: unused variable\n",
            "SF:a.go\nend_of_record\n",
        ] {
            assert_ne!(formats::read("cover.out", text).0.map(|f| f.id), Some("gocover"), "{text}");
        }
    }
}
