//! LCOV tracefile.
//!
//! Written by `geninfo` and `lcov` 1.x and 2.x, `llvm-cov export -format=lcov`, grcov, gcovr, Istanbul (`lcovonly`),
//! coverlet, `coverage lcov`, Dart, simplecov-lcov and many more.
//!
//! ```text
//! TN:unit                       test name, may be empty or absent; sections repeat for each test
//! SF:src/a.c                    begins the section of a source file
//! FN:3,9,main                   start line[, end line], name                       (the end since lcov 2.0)
//! FNDA:1,main                   count, name
//! FNL:0,3,9 / FNA:0,1,main      index, lines / index, count, alias                 (lcov 2.2 and later)
//! BRDA:5,0,1,-                  line, [flags]block, arm (may hold commas), count or `-` for never evaluated
//! MCDC:5,2,t,1,0,a              conditions, not read
//! DA:5,12,ZGVhZGJlZWY           line, count[, checksum]
//! LF:1 LH:1 BRF: BRH: FNF: FNH: totals, each on a line of its own
//! end_of_record
//! ```
//!
//! Quirks:
//! - Sections of one file (one for each test, or of concatenated tracefiles) are united.
//! - `BRDA` repeats with the same block and arm where a compiler emits code twice: the n-th of a section is an arm of
//!   its own. Where two sections give a block different numbers of arms, both shapes are kept, as lcov does.
//! - Flags before the block: `e` exception and `f` fall-through arms count, `U` (unreachable) ones do not.
//! - lcov 2.x writes `FN` with an end line, so a second field of digits is one if a name follows it.
//! - Istanbul gives methods of different classes one name: as many `FNDA` as `FN` of that name pair in order.
//! - Functions of `FNL`/`FNA` are covered if any alias is; of `FN`/`FNDA` every name is a function.
//! - Negative, wrapped, decimal and scientific counts appear (gcc bug 68080, llvm-cov); line 0 appears (gcc).
//! - Totals are absent, stand before the rows or are wrong; a section may have totals only.
//! - `SF:` with nothing behind it: rows of no file, skipped with a warning.
//!
//! Dropped: test names, `VER`, checksums, `MCDC`/`MCF`/`MCH` (a metric of its own), comments.

use super::super::read::fault::Read;
use super::super::read::head::{Body, Head};
use super::super::read::identity::identity;
use super::super::read::lines::{Line as TextLine, lines};
use super::super::read::pieces::read_in_pieces;
use super::super::{Format, Reading};
use super::{compare, declared_tally, declared_total, hits, keep, line_number, missing_rows, shown};
use crate::evidence::coverage::{Arm, Coverage, FileCoverage, Function, Line, Scheme, Tally};
use crate::evidence::{Diagnostic, Kind, State, paths};

/// LCOV tracefile.
pub(crate) const FORMAT: Format = Format {
    id: "lcov",
    title: "LCOV tracefile",
    kind: Kind::Coverage,
    written_by: "lcov, llvm-cov, cargo-llvm-cov, grcov, gcovr, Istanbul, Vitest, Jest, coverlet, coverage.py, Dart, SimpleCov",
    elements: &[],
    sniff,
    parse,
};

/// Digits of the number of a block.
const MAX_NUMBER: usize = 18;
/// Lines that are looked at for the first `SF`.
const SNIFF_LINES: usize = 400;

fn sniff(head: &Head<'_>) -> bool {
    if !matches!(head.body, Body::Text) {
        return false;
    }
    let mut any = false;
    for row in lines(head.text).take(SNIFF_LINES) {
        let line = row.text.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(':').map_or(line, |(tag, _)| tag) {
            "SF" | "KF" => return true,
            "TN" | "VER" | "FN" | "FNDA" | "FNL" | "FNA" | "FNF" | "FNH" | "BRDA" | "BRF" | "BRH"
            | "MCDC" | "MCF" | "MCH" | "DA" | "LF" | "LH" | "end_of_record" => any = true,
            // A cut-off record behind whole ones does not make it something else.
            _ => return any && !row.ended,
        }
    }
    any
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let pieces = read_in_pieces(reading, "end_of_record", piece);
    let files = pieces.into_iter().flatten().collect();
    keep(reading, Coverage { files, ..Coverage::default() });
    Ok(())
}

/// Reads whole sections, of a text that begins at an offset of the file.
fn piece(reading: &mut Reading<'_>, at: usize, text: &str) -> Vec<FileCoverage> {
    let mut tracefile = Tracefile::default();
    for line in lines(text) {
        let line = TextLine { at: line.at.saturating_add(at), ..line };
        if !line.ended && line.text.trim() != "end_of_record" {
            tracefile.cut(reading, &line);
            continue;
        }
        tracefile.record(reading, &line);
    }
    if let Some(section) = tracefile.section.take() {
        let message = format!("the last section, of {}, has no `end_of_record`", section.file.path);
        truncated(reading, section.at, &message);
        let _emptied = section.finish(reading, &mut tracefile.coverage, false);
    }
    tracefile.coverage.files
}

fn truncated(reading: &mut Reading<'_>, at: usize, message: &str) {
    reading.mark(State::Truncated, message);
    let (line, _) = super::super::read::fault::line_and_column(reading.text, at);
    let help = "the writer was stopped or the copy is incomplete: run the job again and keep its exit code";
    reading.remark(Diagnostic::error("lcov.truncated", message).at_line(line).help(help));
}

/// What has been read.
#[derive(Default)]
struct Tracefile {
    coverage: Coverage,
    section: Option<Section>,
    /// The section before, emptied, so that its memory is used again.
    spare: Section,
    /// Inside a section whose `SF` names no file.
    nameless: bool,
}

impl Tracefile {
    fn record(&mut self, reading: &mut Reading<'_>, line: &TextLine<'_>) {
        // Most lines by far are rows of lines.
        if let (Some(rest), Some(section)) = (line.text.strip_prefix("DA:"), &mut self.section) {
            return section.line_data(reading, line.at, rest);
        }
        let text = line.text.trim();
        let (tag, rest) = text.split_once(':').unwrap_or((text, ""));
        match (tag, &mut self.section) {
            ("DA", Some(section)) => section.line_data(reading, line.at, rest),
            ("BRDA", Some(section)) => section.branch_data(reading, line.at, rest),
            ("SF" | "KF", _) => self.begin(reading, line.at, rest),
            ("end_of_record", _) => self.end(reading),
            ("FN", Some(section)) => section.function(reading, line.at, rest),
            ("FNDA", Some(section)) => section.function_data(reading, line.at, rest),
            ("FNL", Some(section)) => section.function_lines(reading, line.at, rest),
            ("FNA", Some(section)) => section.function_alias(reading, line.at, rest),
            ("LF" | "LH" | "BRF" | "BRH" | "FNF" | "FNH", Some(section)) => {
                section.total(reading, line.at, tag, rest);
            }
            ("TN" | "VER" | "MCDC" | "MCF" | "MCH", _) => {}
            ("DA" | "BRDA" | "FN" | "FNDA" | "FNL" | "FNA", None) if !self.nameless => {
                reading.damaged(line.at, "a row outside of any section: its `SF` line is missing");
            }
            ("DA" | "BRDA" | "FN" | "FNDA" | "FNL" | "FNA" | "LF" | "LH", None) => {}
            ("BRF" | "BRH" | "FNF" | "FNH", None) => {}
            _ if text.is_empty() || text.starts_with('#') => {}
            _ => reading.damaged(line.at, format!("`{}` is not an LCOV record", shown(text))),
        }
    }

    fn begin(&mut self, reading: &mut Reading<'_>, at: usize, path: &str) {
        if let Some(open) = self.section.take() {
            truncated(reading, at, &format!("the section of {} has no `end_of_record`", open.file.path));
            self.spare = open.finish(reading, &mut self.coverage, false);
        }
        let path = paths::normalise(path);
        self.nameless = path.is_empty();
        if self.nameless {
            reading.damaged(at, "`SF:` names no file: its section is not counted");
            return;
        }
        let mut section = std::mem::take(&mut self.spare);
        section.at = at;
        section.file.path = path.into_owned();
        self.section = Some(section);
    }

    fn end(&mut self, reading: &mut Reading<'_>) {
        self.nameless = false;
        if let Some(section) = self.section.take() {
            self.spare = section.finish(reading, &mut self.coverage, true);
        }
    }

    /// The last line has no end: half a number would be another number, so the line does not count.
    fn cut(&mut self, reading: &mut Reading<'_>, line: &TextLine<'_>) {
        let text = line.text.trim();
        let harmless = text.is_empty() || text.starts_with('#') || text.starts_with("TN:");
        if self.section.is_none() && !harmless {
            truncated(reading, line.at, &format!("the file ends inside the record `{}`", shown(text)));
        }
    }
}

/// A `BRDA` row.
#[derive(Clone, Copy)]
struct Branch {
    line: u32,
    block: u64,
    arm: u64,
    hit: bool,
}

/// What stands between `SF` and `end_of_record`.
#[derive(Default)]
struct Section {
    at: usize,
    file: FileCoverage,
    branches: Vec<Branch>,
    /// `FN`: hash of the name, start line.
    named: Vec<(u64, u32)>,
    /// `FNDA`: hash of the name, entered, offset.
    called: Vec<(u64, bool, usize)>,
    /// `FNL`: index, start line.
    indexed: Vec<(u32, u32)>,
    /// `FNA`: index, entered.
    aliases: Vec<(u32, bool)>,
    lines: [Option<u64>; 2],
    arms: [Option<u64>; 2],
    functions: [Option<u64>; 2],
}

impl Section {
    fn line_data(&mut self, reading: &mut Reading<'_>, at: usize, rest: &str) {
        if let Some([number, hits]) = plain_numbers(rest).filter(|&[number, _]| number > 0) {
            return self.file.lines.push(Line { number, hits });
        }
        let (number, rest) = rest.split_once(',').unwrap_or((rest, ""));
        let (count, checksum) = rest.split_once(',').unwrap_or((rest, ""));
        if checksum.contains([':', ',']) {
            reading.damaged(at, "rows that ran into each other");
        }
        let Some(number) = line_number(reading, at, number) else { return };
        let hits = hits(reading, at, count);
        self.file.lines.push(Line { number, hits });
    }

    fn branch_data(&mut self, reading: &mut Reading<'_>, at: usize, rest: &str) {
        if let Some([line, block, arm, taken]) = plain_numbers(rest).filter(|&[line, _, _, _]| line > 0) {
            let (block, arm) = (block.into(), arm.into());
            return self.branches.push(Branch { line, block, arm, hit: taken > 0 });
        }
        let parts = rest.split_once(',').and_then(|(line, rest)| {
            let (block, rest) = rest.split_once(',')?;
            let (arm, taken) = rest.rsplit_once(',')?;
            Some((line, block.trim(), arm.trim(), taken.trim()))
        });
        let Some((line, block, arm, taken)) = parts else { return bad_record(reading, at, "BRDA", rest) };
        let Some(line) = line_number(reading, at, line) else { return };
        let number = block.trim_start_matches(['e', 'f', 'U']);
        let is_number = number.len() <= MAX_NUMBER && number.bytes().all(|b| b.is_ascii_digit());
        if !is_number || ["DA:", "BRF:", "LF:"].iter().any(|tag| arm.contains(tag)) {
            return bad_record(reading, at, "BRDA", rest);
        }
        let flags = block.get(..block.len().saturating_sub(number.len())).unwrap_or_default();
        if flags.contains('U') {
            return;
        }
        let hit = taken != "-" && hits(reading, at, taken) > 0;
        self.branches.push(Branch { line, block: number_or_hash(number), arm: number_or_hash(arm), hit });
    }

    fn function(&mut self, reading: &mut Reading<'_>, at: usize, rest: &str) {
        let Some((line, name)) = rest.split_once(',') else { return bad_record(reading, at, "FN", rest) };
        let name = match name.split_once(',') {
            Some((end, name)) if !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => name,
        };
        // A function without a line is still a function.
        let line = line.trim().parse().unwrap_or_else(|_| {
            reading.damaged(at, format!("`{}` is not the line of a function", shown(line)));
            0
        });
        self.named.push((identity(name.trim()), line));
    }

    fn function_data(&mut self, reading: &mut Reading<'_>, at: usize, rest: &str) {
        let Some((count, name)) = rest.split_once(',') else { return bad_record(reading, at, "FNDA", rest) };
        let hit = hits(reading, at, count) > 0;
        self.called.push((identity(name.trim()), hit, at));
    }

    fn function_lines(&mut self, reading: &mut Reading<'_>, at: usize, rest: &str) {
        let mut fields = rest.split(',').map(|field| field.trim().parse::<u32>().ok());
        match (fields.next().flatten(), fields.next().flatten()) {
            (Some(index), Some(line)) => self.indexed.push((index, line)),
            _ => bad_record(reading, at, "FNL", rest),
        }
    }

    fn function_alias(&mut self, reading: &mut Reading<'_>, at: usize, rest: &str) {
        let mut fields = rest.splitn(3, ',');
        match (fields.next().and_then(|index| index.trim().parse().ok()), fields.next()) {
            (Some(index), Some(count)) => {
                let hit = hits(reading, at, count) > 0;
                self.aliases.push((index, hit));
            }
            _ => bad_record(reading, at, "FNA", rest),
        }
    }

    /// Totals: how many there are, and how many of them are hit.
    fn total(&mut self, reading: &Reading<'_>, at: usize, tag: &str, rest: &str) {
        let [found, hit] = match tag.as_bytes() {
            [b'B', ..] => &mut self.arms,
            [b'F', ..] => &mut self.functions,
            _ => &mut self.lines,
        };
        *(if tag.ends_with('F') { found } else { hit }) = declared_total(reading, at, tag, Some(rest));
    }

    /// Writes the section down and answers it emptied.
    fn finish(mut self, reading: &mut Reading<'_>, coverage: &mut Coverage, whole: bool) -> Self {
        self.name_arms();
        self.pair_functions(reading);
        self.pair_aliases();
        let declared = |[found, hit]: [Option<u64>; 2]| declared_tally(hit, found);
        let (lines, arms, functions) = (declared(self.lines), declared(self.arms), declared(self.functions));
        let file = &mut self.file;
        if whole && !file.lines.is_empty() {
            missing_rows(reading, self.at, "lines", lines, Tally::exact(0, file.lines.len() as u64));
        }
        if whole && !file.arms.is_empty() {
            missing_rows(reading, self.at, "branches", arms, Tally::exact(0, file.arms.len() as u64));
        }
        file.normalise();
        if whole {
            let cause = "its writer counts otherwise, or the file was edited after it was written";
            let counted = Some(&*file).filter(|f| !f.lines.is_empty()).and_then(FileCoverage::line_tally);
            compare(reading, self.at, "lines", lines, counted, cause);
            let counted = Some(&*file).filter(|f| !f.arms.is_empty()).and_then(FileCoverage::branch_tally);
            compare(reading, self.at, "branches", arms, counted, cause);
        }
        file.declared.lines = lines.filter(|_| file.lines.is_empty());
        file.declared.branches = arms.filter(|_| file.arms.is_empty());
        file.declared.functions = functions.filter(|_| file.functions.is_empty());
        let path = std::mem::take(&mut file.path);
        // A copy is as large as its rows; what the rows were gathered in stays for the next section.
        coverage.files.push(FileCoverage { path, ..file.clone() });
        self.emptied()
    }

    fn emptied(mut self) -> Self {
        self.file.lines.clear();
        self.file.arms.clear();
        self.file.functions.clear();
        self.branches.clear();
        self.named.clear();
        self.called.clear();
        self.indexed.clear();
        self.aliases.clear();
        (self.lines, self.arms, self.functions) = ([None; 2], [None; 2], [None; 2]);
        self
    }

    /// Gives every arm its identity: block, arm, which occurrence in this section, and how many arms the block has.
    fn name_arms(&mut self) {
        let key = |b: &Branch| (b.line, b.block, b.arm);
        if !self.branches.is_sorted_by_key(key) {
            self.branches.sort_by_key(key);
        }
        for block in self.branches.chunk_by(|a, b| (a.line, a.block) == (b.line, b.block)) {
            for arms in block.chunk_by(|a, b| a.arm == b.arm) {
                self.file.arms.extend(arms.iter().enumerate().map(|(occurrence, arm)| Arm {
                    line: arm.line,
                    id: arm_id(arm.block, arm.arm, occurrence as u64, block.len() as u64),
                    scheme: Scheme::Lcov,
                    hit: arm.hit,
                }));
            }
        }
    }

    /// Joins `FN` and `FNDA` by name; as many of one as of the other pair in order.
    fn pair_functions(&mut self, reading: &mut Reading<'_>) {
        self.named.sort_unstable();
        self.named.dedup();
        self.called.sort_by_key(|(name, ..)| *name);
        let mut calls = self.called.chunk_by(|a, b| a.0 == b.0).peekable();
        for names in self.named.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(name, line)) = names.first() else { continue };
            while let Some(orphan) = calls.next_if(|c| c.first().is_some_and(|c| c.0 < name)) {
                unknown_function(reading, orphan);
            }
            let calls = calls.next_if(|c| c.first().is_some_and(|c| c.0 == name)).unwrap_or_default();
            let function = |line, ordinal: usize, hit| Function {
                id: identity((name, ordinal)),
                scheme: Scheme::Lcov,
                line,
                hit,
            };
            if names.len() == calls.len() {
                let pairs = names.iter().zip(calls).enumerate();
                self.file
                    .functions
                    .extend(pairs.map(|(n, (&(_, line), &(_, hit, _)))| function(line, n, hit)));
            } else {
                self.file.functions.push(function(line, 0, calls.iter().any(|(_, hit, _)| *hit)));
            }
        }
        calls.for_each(|orphan| unknown_function(reading, orphan));
    }

    /// Joins `FNL` and `FNA` by index. Aliases at one start line are one function.
    fn pair_aliases(&mut self) {
        self.aliases.sort_unstable();
        for &(index, line) in &self.indexed {
            let from = self.aliases.partition_point(|(i, _)| *i < index);
            let mine = self.aliases.get(from..).unwrap_or_default().iter().take_while(|(i, _)| *i == index);
            let hit = mine.fold(false, |any, (_, hit)| any | hit);
            let id = identity(("FNL", line));
            self.file.functions.push(Function { id, scheme: Scheme::Lcov, line, hit });
        }
    }
}

fn unknown_function(reading: &mut Reading<'_>, calls: &[(u64, bool, usize)]) {
    let at = calls.first().map_or(0, |(_, _, at)| *at);
    reading.warn(at, "lcov.unknown-function", "`FNDA` names a function that no `FN` declares: not counted");
}

fn bad_record(reading: &Reading<'_>, at: usize, tag: &str, rest: &str) {
    reading.damaged(at, format!("`{tag}:{}` cannot be read as a record", shown(rest)));
}

/// `N` numbers with commas between them and nothing else: what nearly every row is. Nothing for all other forms, and
/// for numbers that may not fit.
fn plain_numbers<const N: usize>(text: &str) -> Option<[u32; N]> {
    const MAX_DIGITS: usize = 9;
    let mut numbers = [0_u32; N];
    let mut fields = text.as_bytes().split(|b| *b == b',');
    for number in &mut numbers {
        let field = fields.next().filter(|f| (1..=MAX_DIGITS).contains(&f.len()))?;
        for byte in field {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            *number = number.wrapping_mul(10).wrapping_add(digit.into());
        }
    }
    fields.next().is_none().then_some(numbers)
}

/// Numbers stand for themselves, other names for their hash, marked by the highest bit.
fn number_or_hash(text: &str) -> u64 {
    text.parse::<u32>().map_or_else(|_| identity(text) | 1 << 63, u64::from)
}

/// Packs an identity where its parts are small, as they nearly always are; otherwise hashes it.
fn arm_id(block: u64, arm: u64, occurrence: u64, arms: u64) -> u64 {
    if block < 1 << 20 && arm < 1 << 16 && occurrence < 1 << 8 && arms < 1 << 16 {
        block << 40 | arm << 24 | occurrence << 16 | arms
    } else {
        identity((block, arm, occurrence, arms)) | 1 << 63
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::coverage::{Tally, Totals, merge};
    use crate::formats;

    fn read(text: &str) -> Reading<'_> {
        let (format, reading) = formats::read("coverage/lcov.info", text);
        assert_eq!(format.map(|f| f.id), Some("lcov"), "{text}");
        reading
    }

    fn totals(reading: &Reading<'_>) -> Totals {
        Totals::of(&reading.facts.coverage.as_ref().unwrap().files)
    }

    fn codes(reading: &Reading<'_>) -> Vec<String> {
        reading.diagnostics.iter().map(|d| d.code.clone()).collect()
    }

    const SAMPLE: &str = "TN:\nSF:src/a.c\nFN:1,main\nFN:5,8,f(int, int)\nFNDA:1,main\nFNDA:0,f(int, int)\n\
        BRDA:2,0,0,1\nBRDA:2,0,1,-\nDA:1,1\nDA:2,1,abc=\nDA:5,0\nLF:3\nLH:2\nend_of_record\n";

    #[test]
    fn rows_are_counted() {
        let reading = read(SAMPLE);
        let want = Totals {
            lines: Some(Tally::exact(2, 3)),
            branches: Some(Tally::exact(1, 2)),
            functions: Some(Tally::exact(1, 2)),
            statements: None,
        };
        assert_eq!((totals(&reading), reading.state), (want, State::Ok));
        assert_eq!(codes(&reading), Vec::<String>::new());
    }

    #[test]
    fn a_file_without_its_end_is_truncated_and_keeps_what_it_has() {
        for end in SAMPLE.find("SF").unwrap() + 2..SAMPLE.len() - 1 {
            let cut = SAMPLE.get(..end).unwrap();
            if !cut.ends_with("end_of_record") {
                assert_eq!(formats::read("a.info", cut).1.state, State::Truncated, "{cut}");
            }
        }
        assert_eq!(read("TN:unit\nS").state, State::Truncated);
        // `DA:5` could be the half of `DA:52,1`: it must not become a line.
        let cut = read("SF:a\nDA:1,1\nDA:5");
        assert_eq!(totals(&cut).lines, Some(Tally::exact(1, 1)));
        let no_end_between = read("SF:a\nDA:1,1\nSF:b\nDA:1,0\nend_of_record\n");
        assert_eq!(no_end_between.state, State::Truncated);
        assert_eq!(totals(&no_end_between).lines, Some(Tally::exact(1, 2)));
    }

    #[test]
    fn odd_counts_never_cost_a_line() {
        let reading = read(
            "SF:a\nDA:1,-3\nDA:2,18446744073709551575\nDA:3,1.5e+20\nDA:4,x\nDA:5\nDA:6,1.0\nDA:0,7\nDA:undefined,1\nend_of_record\n",
        );
        assert_eq!(totals(&reading).lines, Some(Tally::exact(3, 6)));
        let codes = codes(&reading);
        for code in [
            "coverage.negative-hits",
            "coverage.suspicious-hits",
            "coverage.bad-line-number",
            "lcov.damaged-record",
        ] {
            assert!(codes.iter().any(|c| c == code), "{code}");
        }
        assert_eq!(reading.state, State::Incomplete);
    }

    #[test]
    fn rows_that_tell_no_number_are_damage() {
        for row in [
            "DA:x,1",
            "DA:2,x",
            "DA:2",
            "DA:2,1,abc=DA:3,0",
            "BRDA:2,x,0,1",
            "BRDA:2,0",
            "FN:x,f",
            "LF:x",
            "junk",
        ] {
            let text = format!("SF:a\nDA:1,1\n{row}\nend_of_record\n");
            assert_eq!(read(&text).state, State::Incomplete, "{row}");
        }
        assert_eq!(read("SF:a\nDA:1,1\nend_of_record\nDA:2,0\n").state, State::Incomplete);
    }

    #[test]
    fn a_long_tracefile_reads_in_pieces_as_in_one() {
        let section = |n: usize| {
            let odd = if n.is_multiple_of(7) { "DA:x,1\nFNDA:1,nobody\n" } else { "" };
            let rows: String = (1..40).map(|line| format!("DA:{line},{}\n", (n + line) % 3)).collect();
            let branches = format!("BRDA:3,0,0,{}\nBRDA:3,0,1,-\n", n % 2);
            format!("TN:\nSF:src/{}.c\n{rows}{odd}{branches}LF:39\nLH:{}\nend_of_record\n", n % 9_000, n % 40)
        };
        let text: String = (0..24_000).map(section).collect();
        let cut = text.len() - 20;
        for text in [text.as_str(), text.get(..cut).unwrap()] {
            let pieces = read(text);
            let mut one = Reading::new("coverage/lcov.info", text);
            let files = piece(&mut one, 0, text);
            keep(&mut one, Coverage { files, ..Coverage::default() });
            assert_eq!(pieces.facts.coverage.unwrap().files, one.facts.coverage.take().unwrap().files);
            let told = |of: &[Diagnostic]| -> Vec<_> {
                of.iter().map(|d| (format!("{} {}", d.code, d.message), d.line)).collect()
            };
            one.settle_damage("lcov");
            one.finish();
            assert_eq!((pieces.state, &pieces.cause), (one.state, &one.cause));
            assert_eq!(told(&pieces.diagnostics), told(&one.diagnostics));
        }
    }

    #[test]
    fn the_sections_of_one_file_are_united() {
        let reading = read(
            "TN:a\nSF:C:\\src\\a.c\nDA:1,1\nDA:2,0\nend_of_record\nTN:b\nSF:C:/src/a.c\nDA:1,0\nDA:2,3\nend_of_record\n",
        );
        assert_eq!(totals(&reading).lines, Some(Tally::exact(2, 2)));
        assert_eq!(reading.facts.coverage.as_ref().unwrap().files.first().unwrap().path, "/src/a.c");
    }

    #[test]
    fn arms_are_told_apart_by_block_arm_occurrence_and_shape() {
        let branches = |body: &str| totals(&read(&format!("SF:a\n{body}end_of_record\n"))).branches.unwrap();
        // Repeated in one section: an arm each.
        assert_eq!(branches("BRDA:1,0,0,1\nBRDA:1,0,0,0\nBRDA:1,0,1,1\n"), Tally::exact(2, 3));
        // Flags, and arms that are texts with commas.
        assert_eq!(
            branches("BRDA:1,e0,0,1\nBRDA:1,f0,1,0\nBRDA:1,U0,2,0\nBRDA:2,0,jump to (1, 2),1\n"),
            Tally::exact(2, 3)
        );
        // The same block with another number of arms in another section is another block.
        let two =
            "BRDA:1,0,0,1\nBRDA:1,0,1,0\nend_of_record\nSF:a\nBRDA:1,0,0,0\nBRDA:1,0,1,1\nBRDA:1,0,2,0\n";
        assert_eq!(branches(two), Tally::exact(2, 5));
        assert_eq!(
            branches("BRDA:1,0,0,1\nBRDA:1,0,1,0\nend_of_record\nSF:a\nBRDA:1,0,0,0\nBRDA:1,0,1,1\n"),
            Tally::exact(2, 2)
        );
    }

    #[test]
    fn functions_of_all_dialects() {
        let functions = |body: &str| totals(&read(&format!("SF:a\n{body}end_of_record\n"))).functions;
        assert_eq!(functions("FNDA:1,f\nFN:1,f\nFN:2,4,g\n"), Some(Tally::exact(1, 2)));
        assert_eq!(functions("FN:1,get\nFN:9,get\nFNDA:1,get\nFNDA:0,get\n"), Some(Tally::exact(1, 2)));
        assert_eq!(
            functions("FNL:0,1,5\nFNA:0,0,f<int>\nFNA:0,2,f<long>\nFNL:1,7\nFNA:1,0,g\n"),
            Some(Tally::exact(1, 2))
        );
        let orphan = read("SF:a\nDA:1,1\nFNDA:1,nobody\nend_of_record\n");
        assert_eq!(
            (totals(&orphan).functions, codes(&orphan)),
            (None, vec!["lcov.unknown-function".to_owned()])
        );
    }

    #[test]
    fn totals_are_a_second_witness_or_the_only_one() {
        let wrong = read("SF:a\nLF:9\nLH:9\nDA:1,0\nend_of_record\n");
        assert_eq!(
            (totals(&wrong).lines, codes(&wrong)),
            (
                Some(Tally::exact(0, 1)),
                vec!["coverage.declared-differs".to_owned(), "lcov.damaged-record".to_owned()]
            )
        );
        let only = read("SF:a\nLF:9\nLH:4\nend_of_record\n");
        assert_eq!(
            (totals(&only).lines, codes(&only)),
            (Some(Tally::exact(4, 9)), vec!["coverage.summary-only".to_owned()])
        );
        assert_eq!(read("TN:\nSF:a\nLF:0\nLH:0\nend_of_record\n").state, State::Empty);
        assert_eq!(read("TN:\n").state, State::Empty);
    }

    #[test]
    fn a_section_without_a_name_is_skipped() {
        let reading = read("SF:\nDA:1,1\nend_of_record\nSF: b\r\nDA:1,0\r\nend_of_record\r\n");
        assert_eq!(totals(&reading).lines, Some(Tally::exact(0, 1)));
        assert_eq!(
            (reading.state, codes(&reading)),
            (State::Incomplete, vec!["lcov.damaged-record".to_owned()])
        );
    }

    #[test]
    fn reports_merge_by_arm() {
        let a = read("SF:a\nBRDA:1,0,0,1\nBRDA:1,0,1,0\nDA:1,1\nDA:2,0\nend_of_record\n");
        let b = read("SF:./a\nBRDA:1,0,0,0\nBRDA:1,0,1,1\nDA:1,1\nDA:3,1\nend_of_record\n");
        let merged = merge([a.facts.coverage.as_ref().unwrap(), b.facts.coverage.as_ref().unwrap()]);
        let totals = Totals::of(&merged);
        assert_eq!((totals.lines, totals.branches), (Some(Tally::exact(2, 3)), Some(Tally::exact(2, 2))));
    }

    #[test]
    fn other_text_is_not_claimed() {
        for text in
            ["hello: world\n", "mode: set\n", "{\"SF\": 1}", "TN: a note\nsomething else\n", "1..2\nok 1\n"]
        {
            assert_ne!(formats::read("lcov.info", text).0.map(|f| f.id), Some("lcov"), "{text}");
        }
    }
}
