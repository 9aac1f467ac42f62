//! Clover XML, in its three dialects.
//!
//! Written by Atlassian Clover and `OpenClover`, by Istanbul (Jest, nyc, Vitest), by PHPUnit, and by gcovr.
//!
//! ```xml
//! <coverage generated="1" clover="4.3.1">
//!   <project timestamp="1" name="shop">
//!     <metrics statements="2" coveredstatements="1" conditionals="2" coveredconditionals="1" methods="1" coveredmethods="1"/>
//!     <package name="com.shop">
//!       <file name="Cart.java" path="/src/com/shop/Cart.java">
//!         <metrics loc="20" …/>
//!         <line num="6" type="method" name="add" count="1" complexity="2"/>
//!         <line num="7" type="stmt" count="1"/>
//!         <line num="8" type="cond" truecount="1" falsecount="0"/>
//!       </file>
//!     </package>
//!   </project>
//!   <testproject>…</testproject>
//! </coverage>
//! ```
//!
//! | dialect | condition lines | methods | branches |
//! |---|---|---|---|
//! | `OpenClover` | no `count`; how often it was true and how often false: two arms | lines | arms |
//! | Istanbul | `count`; `truecount` is the number of arms covered, `falsecount` of those missed | totals only | totals of the file |
//! | PHPUnit | none | lines, which are declarations and no statements | totals only, with path coverage |
//!
//! Quirks:
//! - `truecount="2" falsecount="0"` of Istanbul means two of two; read as `OpenClover`'s it would be half covered.
//! - Istanbul writes no condition line where no statement starts: the totals of a file hold more branches than its
//!   rows, and then they count.
//! - Old Istanbul nests packages inside `<metrics>`; PHPUnit has files without a package, or in both places.
//! - `path` is absent (`name` is a full path, or a bare name inside a package), or holds backslashes.
//! - PHPUnit writes lines behind the end of the file (`loc`), which are no code: dropped with a warning.
//! - `<testproject>` holds the tests themselves: not counted.
//! - A report may have `<metrics>` and no lines.
//!
//! Dropped: statement totals (statements are rows; several on a line are one line), `elements`, CRAP, complexity of
//! classes.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::read::identity::identity;
use super::super::read::xml::{Element, Node, Xml};
use super::super::{Format, Reading};
use super::{
    compare, declared_number, declared_tally, declared_total, hits, keep, line_number, shown, whole_report,
};
use crate::evidence::coverage::{
    Arm, BranchCount, Coverage, Declared, FileCoverage, Function, Line, Scheme, Tally,
};
use crate::evidence::{Kind, paths};
use std::borrow::Cow;

/// Clover XML.
pub(crate) const FORMAT: Format = Format {
    id: "clover",
    title: "Clover XML",
    kind: Kind::Coverage,
    written_by: "OpenClover, Istanbul, Jest, Vitest, PHPUnit, gcovr",
    elements: &ELEMENTS,
    sniff,
    parse,
};

/// The elements that are read.
const ELEMENTS: [&str; 7] = ["line", "file", "metrics", "package", "project", "testproject", "coverage"];

fn sniff(head: &Head<'_>) -> bool {
    head.xml().is_some_and(|xml| {
        xml.root == "coverage"
            && (xml.has("project") || xml.has("testproject") || xml.attr("clover").is_some())
    })
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let mut report = Report::default();
    let mut xml = Xml::new(reading.text, &reading.damage).with_names(FORMAT.elements);
    let result = report.walk(reading, &mut xml);
    report.end_file(reading, result.is_ok());
    report.witness(reading);
    keep(reading, report.coverage);
    result
}

#[derive(Default)]
struct Report {
    coverage: Coverage,
    package: (usize, String),
    file: Option<File>,
    /// Depth of the element whose own `<metrics>` are wanted, and those of the project.
    project: usize,
    declared: Declared,
    at: usize,
}

/// A file being read.
#[derive(Default)]
struct File {
    depth: usize,
    at: usize,
    record: FileCoverage,
    declared: Declared,
    /// Lines that the file has, 0 where it is not told.
    loc: u32,
    /// Rows of statements and conditions, and how many of them ran.
    rows: Tally,
}

impl Report {
    fn walk<'a>(&mut self, reading: &mut Reading<'a>, xml: &mut Xml<'a>) -> Read<()> {
        while let Some(node) = xml.next()? {
            match node {
                Node::Open(element) => match element.name() {
                    "line" => self.line(reading, &element),
                    "file" => self.begin_file(reading, xml.depth(), &element),
                    "metrics" => self.metrics(reading, xml.depth(), &element),
                    "package" => {
                        self.package = (xml.depth(), element.attr("name").unwrap_or_default().into_owned());
                    }
                    "project" => self.project = xml.depth(),
                    "testproject" => skip(xml)?,
                    "coverage" if xml.depth() == 1 => {
                        self.at = element.at;
                        reading.timestamp = element.attr("generated").unwrap_or_default().into_owned();
                    }
                    _ => {}
                },
                Node::Close => self.close(reading, xml.depth()),
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    fn close(&mut self, reading: &mut Reading<'_>, depth: usize) {
        if self.file.as_ref().is_some_and(|file| depth < file.depth) {
            self.end_file(reading, true);
        } else if depth < self.package.0 {
            self.package = (0, String::new());
        }
    }

    fn begin_file(&mut self, reading: &mut Reading<'_>, depth: usize, element: &Element<'_>) {
        self.end_file(reading, true);
        let name = element.attr("name").unwrap_or_default();
        let path = element.attr("path").filter(|path| !path.trim().is_empty()).unwrap_or_else(|| {
            if name.contains(['/', '\\']) || self.package.1.is_empty() {
                name
            } else {
                Cow::Owned(format!("{}/{name}", self.package.1.replace(['.', '\\'], "/")))
            }
        });
        let record = FileCoverage::new(paths::normalise(&path));
        self.file = Some(File { depth, at: element.at, record, ..File::default() });
    }

    /// Totals of the file or of the project; those of packages and classes are passed over.
    fn metrics(&mut self, reading: &Reading<'_>, depth: usize, element: &Element<'_>) {
        match &mut self.file {
            Some(file) if depth == file.depth.saturating_add(1) => {
                file.declared = totals(reading, element);
                let loc = element.raw("loc").and_then(declared_number).unwrap_or(0);
                file.loc = u32::try_from(loc).unwrap_or(0);
            }
            None if depth == self.project.saturating_add(1) => self.declared = totals(reading, element),
            _ => {}
        }
    }

    fn line(&mut self, reading: &mut Reading<'_>, element: &Element<'_>) {
        let Some(file) = &mut self.file else {
            return reading.damaged(element.at, "a `<line>` outside of any file: not counted");
        };
        let mut row = Row::default();
        for (key, value) in element.attrs() {
            match key {
                "num" => row.number = value,
                "type" => row.kind = value,
                "count" => row.count = Some(hits(reading, element.at, &value)),
                "truecount" => row.yes = hits(reading, element.at, &value),
                "falsecount" => row.no = hits(reading, element.at, &value),
                "name" | "signature" => row.name = identity(&*value),
                "complexity" => row.complexity = declared_number(&value).unwrap_or(0),
                _ => {}
            }
        }
        let Some(number) = line_number(reading, element.at, &row.number) else { return };
        match &*row.kind {
            "method" => {
                file.record.functions.push(Function {
                    id: identity((row.name, number)),
                    scheme: Scheme::Clover,
                    line: number,
                    hit: row.count.unwrap_or(0) > 0,
                });
                let complexity = u32::try_from(row.complexity).unwrap_or(u32::MAX);
                let path = &file.record.path;
                self.coverage.note_complexity(complexity, || format!("{path}: line {number}"));
            }
            "cond" => file.condition(number, &row),
            "stmt" => file.row(number, row.count.unwrap_or(0)),
            other => {
                reading.damaged(element.at, format!("`{}` is not a type of line", shown(other)));
                file.row(number, row.count.unwrap_or(0));
            }
        }
    }

    fn end_file(&mut self, reading: &mut Reading<'_>, whole: bool) {
        let Some(mut file) = self.file.take() else { return };
        file.drop_lines_behind_the_end(reading);
        file.record.normalise();
        let declared = file.declared.branches;
        let rows =
            Some(&file.record).filter(|r| !r.branch_counts.is_empty()).and_then(FileCoverage::branch_tally);
        if let (Some(declared), Some(rows)) = (declared, rows)
            && declared.total > rows.total
        {
            // Istanbul's rows lack the branches of lines where no statement starts; its totals are complete.
            file.record.branch_counts.clear();
        }
        file.record.declared = Declared {
            lines: file.declared.statements.filter(|_| file.record.lines.is_empty()),
            branches: declared,
            functions: file.declared.functions,
            statements: None,
        };
        if whole && file.rows.total > 0 {
            let cause = "several statements on a line, or the file was edited after it was written";
            compare(reading, file.at, "statements", file.declared.statements, Some(file.rows), cause);
        }
        self.coverage.files.push(file.record);
    }

    /// Totals of the project stand in where no file has anything.
    fn witness(&mut self, reading: &mut Reading<'_>) {
        self.coverage.gather();
        if self.coverage.is_empty() {
            let declared = Declared { lines: self.declared.statements, statements: None, ..self.declared };
            if declared != Declared::default() {
                let path = whole_report(reading);
                self.coverage.files.push(FileCoverage { declared, ..FileCoverage::new(path) });
            }
        }
    }
}

/// A `<line>`.
#[derive(Default)]
struct Row<'a> {
    number: Cow<'a, str>,
    kind: Cow<'a, str>,
    count: Option<u32>,
    yes: u32,
    no: u32,
    name: u64,
    complexity: u64,
}

impl File {
    fn row(&mut self, number: u32, hits: u32) {
        self.rows = self.rows.plus(Tally::exact(u64::from(hits > 0), 1));
        self.record.lines.push(Line { number, hits });
    }

    fn condition(&mut self, line: u32, row: &Row<'_>) {
        if let Some(count) = row.count {
            // Istanbul: how many arms are covered and how many are not.
            self.row(line, count);
            let total = row.yes.saturating_add(row.no);
            if total > 0 {
                self.record.branch_counts.push(BranchCount { line, low: row.yes, high: row.yes, total });
            }
            return;
        }
        self.record.lines.push(Line { number: line, hits: row.yes.saturating_add(row.no) });
        // Conditions of one line are told apart by their order.
        let nth = match self.record.arms.last() {
            Some(last) if last.line == line => last.id.saturating_add(1),
            _ => 0,
        };
        for (id, hit) in [(nth, row.yes > 0), (nth.saturating_add(1), row.no > 0)] {
            self.record.arms.push(Arm { line, id, scheme: Scheme::Clover, hit });
        }
    }

    fn drop_lines_behind_the_end(&mut self, reading: &mut Reading<'_>) {
        let before = self.record.lines.len();
        if self.loc > 0 {
            self.record.lines.retain(|line| line.number <= self.loc);
        }
        let dropped = before.saturating_sub(self.record.lines.len());
        if dropped > 0 {
            let message = format!(
                "{dropped} rows of {} stand behind its last line, {}: no code, dropped",
                self.record.path, self.loc
            );
            reading.warn(self.at, "clover.line-behind-the-end", message);
        }
    }
}

fn totals(reading: &Reading<'_>, element: &Element<'_>) -> Declared {
    let number = |name| declared_total(reading, element.at, name, element.raw(name));
    Declared {
        lines: None,
        branches: declared_tally(number("coveredconditionals"), number("conditionals")),
        functions: declared_tally(number("coveredmethods"), number("methods")),
        statements: declared_tally(number("coveredstatements"), number("statements")),
    }
}

/// Passes over the element that was opened last.
fn skip(xml: &mut Xml<'_>) -> Read<()> {
    xml.children(|_, _| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::State;
    use crate::evidence::coverage::{Totals, merge};
    use crate::formats;

    fn read(text: &str) -> Reading<'_> {
        let (format, reading) = formats::read("clover.xml", text);
        assert_eq!(format.map(|f| f.id), Some("clover"), "{text}");
        reading
    }

    fn project(body: &str) -> String {
        format!("<coverage generated='7' clover='3.2.0'><project timestamp='1'>{body}</project></coverage>")
    }

    fn totals_of(text: &str) -> Totals {
        Totals::of(&read(text).facts.coverage.unwrap().files)
    }

    fn paths_of(text: &str) -> Vec<String> {
        read(text).facts.coverage.unwrap().files.into_iter().map(|f| f.path).collect()
    }

    fn codes(text: &str) -> Vec<String> {
        read(text).diagnostics.iter().map(|d| d.code.clone()).collect()
    }

    const OPEN: &str = "<package name='com.shop'><metrics statements='99'/><file name='Cart.java' path='C:\\src\\Cart.java'>\
        <metrics loc='20' statements='1' coveredstatements='1' conditionals='4' coveredconditionals='2' methods='2' coveredmethods='1'/>\
        <class name='Cart'><metrics statements='88'/></class>\
        <line num='6' type='method' signature='add()' count='1' complexity='3'/><line num='7' type='stmt' count='1'/>\
        <line num='8' type='cond' truecount='1' falsecount='0'/><line num='8' type='cond' truecount='0' falsecount='2'/>\
        <line num='9' type='method' signature='del()' count='0'/></file></package>";

    #[test]
    fn conditions_of_openclover_are_two_arms() {
        let text = project(OPEN);
        let want = Totals {
            lines: Some(Tally::exact(2, 2)),
            branches: Some(Tally::exact(2, 4)),
            functions: Some(Tally::exact(1, 2)),
            statements: None,
        };
        let reading = read(&text);
        assert_eq!((totals_of(&text), reading.state, reading.timestamp.as_str()), (want, State::Ok, "7"));
        assert_eq!(paths_of(&text), ["/src/Cart.java"]);
        assert_eq!(reading.facts.coverage.unwrap().complexity.unwrap().value, 3);
        assert_eq!(codes(&text), Vec::<String>::new());
    }

    #[test]
    fn conditions_of_istanbul_are_covered_and_missed_arms() {
        let text = project(
            "<metrics><package name='src'><file name='a.js' path='/r/a.js'><metrics statements='1' coveredstatements='1' conditionals='2' coveredconditionals='2' methods='3' coveredmethods='2'/>\
             <line num='1' count='5' type='cond' truecount='2' falsecount='0'/></file></package></metrics>",
        );
        let totals = totals_of(&text);
        assert_eq!((totals.lines, totals.branches), (Some(Tally::exact(1, 1)), Some(Tally::exact(2, 2))));
        assert_eq!(totals.functions, Some(Tally::exact(2, 3)));
        let more = text
            .replace("conditionals='2' coveredconditionals='2'", "conditionals='9' coveredconditionals='4'");
        assert_eq!(totals_of(&more).branches, Some(Tally::exact(4, 9)));
    }

    #[test]
    fn phpunit_has_declarations_totals_and_lines_behind_the_end() {
        let file = "<file name='/r/A.php'><class name='A' namespace='global'><metrics methods='1'/></class>\
            <line num='2' type='method' name='f' count='1'/><line num='3' type='stmt' count='1'/><line num='4' type='stmt' count='0'/><line num='99' type='stmt' count='1'/>\
            <metrics loc='5' methods='1' coveredmethods='1' conditionals='7' coveredconditionals='3' statements='3' coveredstatements='2'/></file>";
        let text = project(&format!("{file}<package name='p'>{file}</package>"));
        let totals = totals_of(&text);
        assert_eq!((totals.lines, totals.functions), (Some(Tally::exact(1, 2)), Some(Tally::exact(1, 1))));
        assert!(codes(&text).iter().any(|code| code == "clover.line-behind-the-end"));
        let once = project(file);
        assert_eq!(totals_of(&once).branches, Some(Tally::exact(3, 7)));
    }

    #[test]
    fn tests_are_not_counted_and_bare_names_take_their_package() {
        let text = "<coverage clover='3'><project><package name='org.a'><file name='A.groovy'><line num='1' type='stmt' count='0'/></file></package></project>\
            <testproject><package name='t'><file name='T.groovy'><line num='1' type='stmt' count='9'/></file></package></testproject></coverage>";
        assert_eq!(
            (totals_of(text).lines, paths_of(text)),
            (Some(Tally::exact(0, 1)), vec!["org/a/A.groovy".to_owned()])
        );
    }

    #[test]
    fn metrics_alone_are_totals() {
        let text = project(
            "<file name='/foo.php'><metrics statements='0'/></file><metrics statements='40' coveredstatements='10' methods='4' coveredmethods='3'/>",
        );
        assert_eq!(
            (totals_of(&text).lines, totals_of(&text).functions),
            (Some(Tally::exact(10, 40)), Some(Tally::exact(3, 4)))
        );
        let files = project(
            "<file name='a'><metrics statements='4' coveredstatements='1'/></file><metrics statements='40' coveredstatements='10'/>",
        );
        assert_eq!(totals_of(&files).lines, Some(Tally::exact(1, 4)));
        assert_eq!(read(&project("<metrics statements='0' coveredstatements='0'/>")).state, State::Empty);
    }

    #[test]
    fn every_prefix_is_truncated_and_keeps_its_rows() {
        let text = project(OPEN);
        for end in text.find("<package").unwrap()..text.len() {
            assert_eq!(read(text.get(..end).unwrap()).state, State::Truncated, "{end}");
        }
        let cut = text.get(..text.find("<line num='8'").unwrap()).unwrap();
        assert_eq!(totals_of(cut).lines, Some(Tally::exact(1, 1)));
    }

    #[test]
    fn shards_unite_by_arm() {
        let (a, b) = (
            project(OPEN),
            project(OPEN).replace("truecount='0' falsecount='2'", "truecount='1' falsecount='0'"),
        );
        let (a, b) = (read(&a), read(&b));
        let merged = merge([a.facts.coverage.as_ref().unwrap(), b.facts.coverage.as_ref().unwrap()]);
        assert_eq!(Totals::of(&merged).branches, Some(Tally::exact(3, 4)));
    }

    #[test]
    fn cobertura_is_not_claimed() {
        for text in [
            "<coverage line-rate='1'><packages/></coverage>",
            "<coverage version='1'><file path='a'/></coverage>",
            "<project/>",
        ] {
            assert_ne!(formats::read("c.xml", text).0.map(|f| f.id), Some("clover"), "{text}");
        }
    }
}
