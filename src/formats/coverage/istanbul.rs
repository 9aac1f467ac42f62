//! Istanbul JSON: `coverage-final.json` with all rows, and `coverage-summary.json` with totals.
//!
//! Written by nyc, Jest, Vitest (both providers), Cypress, Karma, c8.
//!
//! ```json
//! {"/repo/src/a.js": {
//!   "path": "/repo/src/a.js",
//!   "statementMap": {"0": {"start": {"line": 1, "column": 0}, "end": {"line": 1, "column": 9}}},
//!   "fnMap": {"0": {"name": "f", "decl": {"start": {}, "end": {}}, "loc": {"start": {}, "end": {}}}},
//!   "branchMap": {"0": {"type": "if", "loc": {"start": {}, "end": {}}, "locations": [{}, {}], "line": 1}},
//!   "s": {"0": 1}, "f": {"0": 1}, "b": {"0": [1, 0]}
//! }}
//! ```
//!
//! ```json
//! {"total": {"lines": {"total": 4, "covered": 2, "skipped": 0, "pct": 50}, "statements": {}, "functions": {}, "branches": {}},
//!  "/repo/src/a.js": {"lines": {}, "statements": {}, "functions": {}, "branches": {}}}
//! ```
//!
//! Quirks:
//! - A line is covered if the best statement that starts on it is; a line where none starts is not measured.
//! - Two statements, branches or functions may have one position (source maps); each is counted, as Istanbul does.
//! - File records are wrapped in `data` by `istanbul-lib-coverage` objects, stand alone without the map around them, or
//!   have `lineData` of `JSCoverage`, an array by line number.
//! - The V8 provider makes other statements (one for each line) and branches of the same source: shards of both
//!   providers unite by line; their arms and statements are different ones.
//! - Ends and columns are missing or `null` where a source map gives none; implicit `else` arms have empty locations.
//! - Zero of zero is `pct: 100`, or `"Unknown"` in newer versions: not measured.
//! - `{}` under the name `coverage-final.json` is a run that measured nothing.
//!
//! Dropped: `inputSourceMap`, hashes, `bT` (truthy values of logic expressions), `skipped`, `pct`.

use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Head, Outline};
use super::super::read::identity::identity;
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use super::{declared_number, declared_tally, hits, keep, whole_report};
use crate::evidence::coverage::{
    Arm, Coverage, Declared, FileCoverage, Function, Line, Scheme, Statement, Tally,
};
use crate::evidence::{Kind, paths};
use rustc_hash::{FxHashMap, FxHashSet};

/// Istanbul JSON.
pub(crate) const FORMAT: Format = Format {
    id: "istanbul",
    title: "Istanbul JSON",
    kind: Kind::Coverage,
    written_by: "nyc, Jest, Vitest, Cypress, Karma, c8",
    elements: &[],
    sniff,
    parse,
};

fn sniff(head: &Head<'_>) -> bool {
    let Some(outline) = head.json() else { return false };
    let first = outline.first_object();
    is_file(outline)
        || first.is_some_and(|first| is_file(first) || first.get("data").is_some_and(is_file))
        || first.is_some_and(|first| is_summary(first) && !outline.has(&["meta", "coverage"]))
        || (matches!(outline, Outline::Object(_))
            && matches!(&*head.name, "coverage-final.json" | "coverage-summary.json"))
}

/// A file record. Its maps come first, so that a look at the beginning of a large one is enough.
fn is_file(outline: &Outline) -> bool {
    outline.has(&["path", "statementMap"])
        || outline.has(&["statementMap", "s"])
        || outline.get("lineData").is_some_and(Outline::is_array)
}

fn is_summary(outline: &Outline) -> bool {
    let metrics = ["lines", "statements", "functions", "branches"];
    outline.has(&metrics)
        && metrics
            .iter()
            .any(|metric| outline.get(metric).is_some_and(|m| m.has(&["total", "covered", "pct"])))
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let mut report = Report::default();
    let mut json = Json::new(reading.text, &reading.damage);
    let result = report.walk(reading, &mut json);
    report.end(reading);
    keep(reading, report.coverage);
    result?;
    json.end("report")
}

#[derive(Default)]
struct Report {
    coverage: Coverage,
    /// The `total` of a summary.
    total: Declared,
    /// The record being read.
    file: File,
}

/// A position: line and column of start and end, 0 where not known.
type Place = [u32; 4];

/// A file record. Maps and counts come in any order and are joined by their keys.
#[derive(Default)]
struct File {
    path: String,
    /// Byte offset of the record.
    at: usize,
    /// Members that only a file record or summary has were seen.
    known: bool,
    statement_map: Vec<(u64, Place)>,
    function_map: Vec<(u64, u64, Place)>,
    branch_map: Vec<(u64, u64, Place)>,
    /// Keys of branches, and how many arms the map gives them.
    arms: Vec<(u64, usize)>,
    statements: Vec<(u64, u32)>,
    functions: Vec<(u64, u32)>,
    branches: Vec<(u64, Vec<bool>)>,
    lines: Vec<Line>,
    declared: Declared,
}

impl Report {
    fn walk(&mut self, reading: &mut Reading<'_>, json: &mut Json<'_>) -> Read<()> {
        if is_bare(json) {
            return self.record(reading, json, "");
        }
        json.object(|json, key| self.record(reading, json, key)).map(drop)
    }

    /// Reads one record; on a fault what was read of it stays in `file`.
    fn record(&mut self, reading: &mut Reading<'_>, json: &mut Json<'_>, key: &str) -> Read<()> {
        self.file = File { path: paths::normalise(key).into_owned(), at: json.at(), ..File::default() };
        self.file.members(reading, json)?;
        self.file.check_counts(reading);
        if key == "total" && self.file.declared != Declared::default() {
            self.total = std::mem::take(&mut self.file).declared;
        }
        self.end_file(reading);
        Ok(())
    }

    fn end_file(&mut self, reading: &mut Reading<'_>) {
        let file = std::mem::take(&mut self.file);
        if file.known {
            self.coverage.files.push(file.finish(reading));
        }
    }

    /// The total of a summary is the sum of its files, and counts only where there are none.
    fn end(&mut self, reading: &mut Reading<'_>) {
        self.end_file(reading);
        if self.coverage.files.is_empty() && self.total != Declared::default() {
            let path = whole_report(reading);
            self.coverage.files.push(FileCoverage { declared: self.total, ..FileCoverage::new(path) });
        }
    }
}

impl File {
    fn members(&mut self, reading: &mut Reading<'_>, json: &mut Json<'_>) -> Read<()> {
        json.object(|json, key| match key {
            "data" => self.members(reading, json),
            "path" => {
                let path = json.text()?;
                if !path.is_empty() {
                    self.path = paths::normalise(&path).into_owned();
                }
                Ok(())
            }
            "statementMap" => {
                self.known = true;
                map(json, |json, key| {
                    let place = place(json)?;
                    self.statement_map.push((key, place));
                    Ok(())
                })
            }
            "fnMap" => map(json, |json, key| {
                let (name, place, _) = described(json, "name")?;
                self.function_map.push((key, name, place));
                Ok(())
            }),
            "branchMap" => map(json, |json, key| {
                let (kind, place, arms) = described(json, "type")?;
                self.branch_map.push((key, kind, place));
                self.arms.push((key, arms));
                Ok(())
            }),
            "s" => counts(reading, json, &mut self.statements),
            "f" => counts(reading, json, &mut self.functions),
            "b" => map(json, |json, key| {
                self.branches.push((key, Vec::new()));
                json.array(|json, _| {
                    let taken = count(reading, json)? > 0;
                    if let Some((_, arms)) = self.branches.last_mut() {
                        arms.push(taken);
                    }
                    Ok(())
                })
                .map(drop)
            }),
            "lineData" => self.line_data(reading, json),
            "lines" => summary(json, &mut self.declared.lines, &mut self.known),
            "statements" => summary(json, &mut self.declared.statements, &mut self.known),
            "functions" => summary(json, &mut self.declared.functions, &mut self.known),
            "branches" => summary(json, &mut self.declared.branches, &mut self.known),
            _ => json.skip(),
        })
        .map(drop)
    }

    /// `JSCoverage`: the index is the line number, `null` is no code.
    fn line_data(&mut self, reading: &mut Reading<'_>, json: &mut Json<'_>) -> Read<()> {
        self.known = true;
        json.array(|json, index| {
            let number = u32::try_from(index).unwrap_or(0);
            if json.shape()? == Shape::Number && number > 0 {
                let hits = count(reading, json)?;
                self.lines.push(Line { number, hits });
            }
            Ok(())
        })
        .map(drop)
    }

    fn finish(mut self, reading: &mut Reading<'_>) -> FileCoverage {
        let mut record = FileCoverage::new(std::mem::take(&mut self.path));
        record.declared = self.declared;
        sort_by_key(&mut self.statement_map, |(key, _)| *key);
        sort_by_key(&mut self.function_map, |(key, ..)| *key);
        sort_by_key(&mut self.branch_map, |(key, ..)| *key);
        self.statement_rows(&mut record);
        self.function_rows(&mut record);
        self.branch_rows(&mut record);
        if record.lines.iter().any(|line| line.number == 0) {
            record.lines.retain(|line| line.number > 0);
            let message =
                format!("{} has statements without a line: no line is counted for them", record.path);
            reading.warn(0, "coverage.bad-line-number", message);
        }
        record
    }

    /// Each place of a map has its count. Counts that are missing were executed or not.
    fn check_counts(&self, reading: &Reading<'_>) {
        let statements =
            uncounted(self.statement_map.iter().map(|(key, _)| *key), self.statements.iter().map(|s| s.0));
        let functions =
            uncounted(self.function_map.iter().map(|(key, ..)| *key), self.functions.iter().map(|f| f.0));
        let counted: FxHashMap<u64, usize> =
            self.branches.iter().map(|(key, arms)| (*key, arms.len())).collect();
        let is_short = |(key, arms): &&(u64, usize)| counted.get(key).is_none_or(|counts| counts < arms);
        let branches = self.arms.iter().filter(is_short).count();
        for (what, missing) in [("statements", statements), ("functions", functions), ("branches", branches)]
        {
            if missing > 0 {
                reading.damaged(self.at, format!("{missing} {what} of {} have no counts", self.path));
            }
        }
    }

    fn statement_rows(&mut self, record: &mut FileCoverage) {
        let mut lines = std::mem::take(&mut self.lines);
        for &(key, hits) in &self.statements {
            let place = find(&self.statement_map, key, |(k, _)| *k).map_or([0; 4], |(_, place)| *place);
            let [line, ..] = place;
            lines.push(Line { number: line, hits });
            let id = if place == [0; 4] { identity(("s", key)) } else { identity(place) };
            record.statements.push(Statement { id, weight: 1, hit: hits > 0 });
        }
        tell_apart(&mut record.statements, |s| s.id, |s, id| s.id = id);
        // The best statement of a line speaks for it.
        sort_by_key(&mut lines, |line| line.number);
        lines.dedup_by(|later, first| {
            let same = later.number == first.number;
            if same {
                first.hits = first.hits.max(later.hits);
            }
            same
        });
        record.lines = lines;
    }

    fn function_rows(&self, record: &mut FileCoverage) {
        for &(key, hits) in &self.functions {
            let (name, place) = find(&self.function_map, key, |(k, ..)| *k)
                .map_or((identity(("f", key)), [0; 4]), |(_, name, place)| (*name, *place));
            let [line, ..] = place;
            let id = identity((name, place));
            record.functions.push(Function { id, scheme: Scheme::Istanbul, line, hit: hits > 0 });
        }
        tell_apart(&mut record.functions, |f| f.id, |f, id| f.id = id);
    }

    fn branch_rows(&self, record: &mut FileCoverage) {
        for (key, arms) in &self.branches {
            let (kind, place) = find(&self.branch_map, *key, |(k, ..)| *k)
                .map_or((identity(("b", key)), [0; 4]), |(_, kind, place)| (*kind, *place));
            let [line, ..] = place;
            record.arms.extend(arms.iter().enumerate().map(|(index, hit)| Arm {
                line,
                id: identity((kind, place, index)),
                scheme: Scheme::Istanbul,
                hit: *hit,
            }));
        }
        tell_apart(&mut record.arms, |a| a.id, |a, id| a.id = id);
    }
}

/// A record without a map around it: its first member is no object, or has the name of a member.
fn is_bare(json: &Json<'_>) -> bool {
    let (mut look, mut bare) = (json.look(), false);
    let first = look.object(|json, key| {
        let member = matches!(key, "statementMap" | "fnMap" | "branchMap" | "s" | "f" | "b" | "lineData");
        bare = member || json.shape()? != Shape::Object;
        Err(Fault::truncated(json.at(), "only the first member is looked at"))
    });
    first.is_err() && bare
}

/// How many keys of a map have no count.
fn uncounted(map: impl Iterator<Item = u64>, counts: impl Iterator<Item = u64>) -> usize {
    let counted: FxHashSet<u64> = counts.collect();
    map.filter(|key| !counted.contains(key)).count()
}

/// Rows of one identity in one record are different things at one position: the n-th gets an identity of its own.
fn tell_apart<T>(rows: &mut [T], id: impl Fn(&T) -> u64, set: impl Fn(&mut T, u64)) {
    rows.sort_by_key(&id);
    let (mut last, mut nth) = (None, 0_u64);
    for row in rows {
        let own = id(row);
        if last == Some(own) {
            nth = nth.saturating_add(1);
            set(row, identity((own, nth)));
        } else {
            (last, nth) = (Some(own), 0);
        }
    }
}

fn sort_by_key<T, K: Ord>(rows: &mut [T], key: impl Fn(&T) -> K) {
    if !rows.is_sorted_by_key(&key) {
        rows.sort_by_key(key);
    }
}

fn find<T>(rows: &[T], key: u64, of: impl Fn(&T) -> u64) -> Option<&T> {
    rows.get(rows.partition_point(|row| of(row) < key)).filter(|row| of(row) == key)
}

/// Calls `each` with the keys of an object as numbers; other keys are hashed.
fn map(json: &mut Json<'_>, mut each: impl FnMut(&mut Json<'_>, u64) -> Read<()>) -> Read<()> {
    json.object(|json, key| {
        let key = key.parse::<u32>().map_or_else(|_| identity(key) | 1 << 63, u64::from);
        each(json, key)
    })
    .map(drop)
}

/// One count.
fn count(reading: &mut Reading<'_>, json: &mut Json<'_>) -> Read<u32> {
    let at = json.at();
    let text = json.scalar()?;
    Ok(text.map_or(0, |text| hits(reading, at, &text)))
}

fn counts(reading: &mut Reading<'_>, json: &mut Json<'_>, rows: &mut Vec<(u64, u32)>) -> Read<()> {
    map(json, |json, key| {
        let hits = count(reading, json)?;
        rows.push((key, hits));
        Ok(())
    })
}

/// `{"start": {"line": 1, "column": 0}, "end": {…}}`; what is missing or `null` is 0.
fn place(json: &mut Json<'_>) -> Read<Place> {
    let mut place = [0; 4];
    let [start_line, start_column, end_line, end_column] = &mut place;
    json.object(|json, key| match key {
        "start" => point(json, start_line, start_column),
        "end" => point(json, end_line, end_column),
        _ => json.skip(),
    })?;
    Ok(place)
}

fn point(json: &mut Json<'_>, line: &mut u32, column: &mut u32) -> Read<()> {
    json.object(|json, key| {
        let number = |json: &mut Json<'_>| json.number_as("a place", |n| n.parse::<u32>().ok());
        match key {
            "line" => *line = number(json)?.unwrap_or(0),
            // Columns behind the end of a line are infinite, which is written as `null`.
            "column" => *column = json.or_null(number)?.unwrap_or(0),
            _ => return json.skip(),
        }
        Ok(())
    })
    .map(drop)
}

/// An entry of `fnMap` or `branchMap`: a hash of its name or type, its place (that of `loc`, else of the first of
/// `locations`, else only the `line`), and how many locations it has.
fn described(json: &mut Json<'_>, label: &str) -> Read<(u64, Place, usize)> {
    let mut locations = 0_usize;
    let (mut name, mut loc, mut first, mut line) = (0, [0; 4], [0; 4], 0);
    json.object(|json, key| {
        match key {
            "loc" => loc = place(json)?,
            "decl" => first = place(json)?,
            "locations" => {
                json.array(|json, index| {
                    locations = index.saturating_add(1);
                    if index == 0 {
                        first = place(json)?;
                    }
                    Ok(())
                })?;
            }
            "line" => line = json.number_as("a line number", |n| n.parse::<u32>().ok())?.unwrap_or(0),
            _ if key == label => name = identity(&*json.text()?),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    let best = [loc, first].into_iter().find(|[start, ..]| *start > 0);
    Ok((name, best.unwrap_or([line, 0, 0, 0]), locations))
}

/// `{"total": 4, "covered": 2, "skipped": 0, "pct": 50}`.
fn summary(json: &mut Json<'_>, slot: &mut Option<Tally>, known: &mut bool) -> Read<()> {
    let (mut covered, mut total) = (None, None);
    json.object(|json, key| {
        match key {
            "total" => total = json.number_as("a count", declared_number)?,
            "covered" => covered = json.number_as("a count", declared_number)?,
            _ => json.skip()?,
        }
        Ok(())
    })?;
    *known |= total.is_some();
    *slot = declared_tally(covered, total);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::State;
    use crate::evidence::coverage::{Totals, merge};
    use crate::formats;

    fn read<'a>(name: &'a str, text: &'a str) -> Reading<'a> {
        let (format, reading) = formats::read(name, text);
        assert_eq!(format.map(|f| f.id), Some("istanbul"), "{text}");
        reading
    }

    fn totals(text: &str) -> Totals {
        Totals::of(&read("c.json", text).facts.coverage.unwrap().files)
    }

    fn at(line: u32) -> String {
        format!("{{\"start\":{{\"line\":{line},\"column\":0}},\"end\":{{\"line\":{line},\"column\":null}}}}")
    }

    /// Three statements on two lines, a function, an `if` whose arms are as given.
    fn file(path: &str, s: &str, b: &str) -> String {
        format!(
            "{{\"path\":\"{path}\",\"statementMap\":{{\"0\":{},\"1\":{},\"2\":{}}},\"fnMap\":{{\"0\":{{\"name\":\"f\",\"decl\":{},\"loc\":{}}}}},\
             \"branchMap\":{{\"0\":{{\"type\":\"if\",\"loc\":{},\"locations\":[{},{{\"start\":{{}},\"end\":{{}}}}],\"line\":1}}}},\
             \"s\":{s},\"f\":{{\"0\":1}},\"b\":{b},\"inputSourceMap\":{{\"path\":\"x\"}}}}",
            at(1),
            at(1),
            at(2),
            at(1),
            at(1),
            at(1),
            at(1)
        )
    }

    fn sample() -> String {
        format!("{{\"/r/a.js\":{}}}", file("/r/a.js", "{\"0\":0,\"1\":4,\"2\":0}", "{\"0\":[1,0]}"))
    }

    #[test]
    fn statements_lines_branches_and_functions() {
        let want = Totals {
            lines: Some(Tally::exact(1, 2)),
            branches: Some(Tally::exact(1, 2)),
            functions: Some(Tally::exact(1, 1)),
            statements: Some(Tally::exact(1, 3)),
        };
        assert_eq!(totals(&sample()), want);
        assert_eq!(read("c.json", &sample()).state, State::Ok);
        // Wrapped, and without the map around it.
        let one = file("/r/a.js", "{\"0\":0,\"1\":4,\"2\":0}", "{\"0\":[1,0]}");
        assert_eq!(totals(&format!("{{\"/r/a.js\":{{\"data\":{one}}}}}")), want);
        assert_eq!(totals(&one), want);
    }

    #[test]
    fn members_in_any_order() {
        let text = format!(
            "{{\"a.js\":{{\"s\":{{\"7\":1,\"3\":0}},\"statementMap\":{{\"3\":{},\"7\":{}}},\"b\":{{\"0\":[0,0]}},\"branchMap\":{{}}}}}}",
            at(1),
            at(2)
        );
        assert_eq!(totals(&text).lines, Some(Tally::exact(1, 2)));
        assert_eq!(totals(&text).branches, Some(Tally::exact(0, 2)));
        assert_eq!(totals("{\"a.js\":{\"lineData\":[null,1,null,0]}}").lines, Some(Tally::exact(1, 2)));
    }

    #[test]
    fn odd_counts_never_cost_a_row() {
        let text = format!(
            "{{\"/r/a.js\":{}}}",
            file("/r/a.js", "{\"0\":null,\"1\":-1,\"2\":1e20}", "{\"0\":[null,-2]}")
        );
        assert_eq!(totals(&text).statements, Some(Tally::exact(1, 3)));
        assert_eq!(totals(&text).branches, Some(Tally::exact(0, 2)));
        assert!(read("c.json", &text).diagnostics.iter().any(|d| d.code == "coverage.negative-hits"));
    }

    #[test]
    fn every_prefix_is_truncated_and_keeps_its_rows() {
        let text = format!(
            "{{\"/r/a.js\":{0},\"/r/b.js\":{0}}}",
            file("/r/a.js", "{\"0\":0,\"1\":4,\"2\":0}", "{\"0\":[1,0]}")
                .replace("\"path\":\"/r/a.js\",", "")
        );
        for end in text.find("\"fnMap\"").unwrap()..text.len() {
            assert_eq!(formats::read("c.json", text.get(..end).unwrap()).1.state, State::Truncated, "{end}");
        }
        let cut = text.get(..text.rfind("\"f\":").unwrap()).unwrap();
        assert_eq!(totals(cut).statements, Some(Tally::exact(2, 6)));
    }

    #[test]
    fn a_summary_has_totals_of_each_file() {
        let pair = |covered: u32, total: u32| {
            format!("{{\"total\":{total},\"covered\":{covered},\"skipped\":0,\"pct\":\"Unknown\"}}")
        };
        let entry = |lines: String| {
            format!("{{\"lines\":{lines},\"statements\":{0},\"functions\":{0},\"branches\":{0}}}", pair(0, 0))
        };
        let text = format!(
            "{{\"total\":{},\"/r/a.js\":{},\"/r/b.js\":{}}}",
            entry(pair(9, 12)),
            entry(pair(4, 8)),
            entry(pair(1, 4))
        );
        let summary = totals(&text);
        assert_eq!((summary.lines, summary.branches), (Some(Tally::exact(5, 12)), None));
        assert!(read("c.json", &text).diagnostics.iter().any(|d| d.code == "coverage.summary-only"));
        let only = format!("{{\"total\":{}}}", entry(pair(9, 12)));
        assert_eq!(totals(&only).lines, Some(Tally::exact(9, 12)));
        let nothing = format!("{{\"total\":{}}}", entry(pair(0, 0)));
        assert_eq!(read("c.json", &nothing).state, State::Empty);
        assert_eq!(read("coverage-final.json", "{}").state, State::Empty);
    }

    #[test]
    fn shards_unite_by_position() {
        let a = format!("{{\"/r/a.js\":{}}}", file("/r/a.js", "{\"0\":1,\"1\":0,\"2\":0}", "{\"0\":[1,0]}"));
        let b = format!("{{\"/r/a.js\":{}}}", file("/r/a.js", "{\"0\":0,\"1\":0,\"2\":1}", "{\"0\":[0,1]}"));
        let (a, b) = (read("a.json", &a), read("b.json", &b));
        let merged =
            Totals::of(&merge([a.facts.coverage.as_ref().unwrap(), b.facts.coverage.as_ref().unwrap()]));
        assert_eq!((merged.lines, merged.branches), (Some(Tally::exact(2, 2)), Some(Tally::exact(2, 2))));
        assert_eq!(merged.statements.unwrap().total, 3);
    }

    #[test]
    fn other_json_is_not_claimed() {
        for text in [
            "{}",
            "{\"total\":{\"lines\":{\"total\":1,\"covered\":1,\"missed\":0}},\"meta\":{},\"coverage\":{}}",
            "{\"meta\":{\"version\":\"7\"},\"files\":{\"a.py\":{\"executed_lines\":[1]}},\"totals\":{}}",
            "{\"data\":[{\"files\":[],\"totals\":{\"lines\":{}}}],\"type\":\"llvm.coverage.json.export\"}",
            "{\"source_files\":[{\"name\":\"a\",\"coverage\":[1]}]}",
            "{\"coverage\":{\"a.rb\":{\"lines\":[1,null]}}}",
        ] {
            assert_ne!(formats::read("c.json", text).0.map(|f| f.id), Some("istanbul"), "{text}");
        }
    }
}
