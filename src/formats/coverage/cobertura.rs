//! Cobertura XML.
//!
//! Written by Cobertura, coverage.py, coverlet, Microsoft's coverage tools, gcovr, Istanbul, PHPUnit, slather,
//! `SimpleCov`, grcov, tarpaulin, `AltCover`, `VectorCAST`, Kover and many converters; DTDs 03 and 04.
//!
//! ```xml
//! <coverage line-rate="0.5" lines-valid="2" lines-covered="1" branches-valid="2" branches-covered="1" version="…" timestamp="…">
//!   <sources><source>/repo</source></sources>
//!   <packages><package name="p"><classes>
//!     <class name="C" filename="src/c.py">
//!       <methods><method name="m" signature="()V" complexity="2"><lines><line number="2" hits="1"/></lines></method></methods>
//!       <lines>
//!         <line number="2" hits="1" branch="true" condition-coverage="50% (1/2)" missing-branches="4"/>
//!         <line number="4" hits="0"/>
//!       </lines>
//!     </class>
//!   </classes></package></packages>
//! </coverage>
//! ```
//!
//! Quirks:
//! - Rates and totals of the root are often not those of the rows: classes that share lines are counted twice
//!   (Microsoft, `AltCover`), Istanbul does not write branches on lines where no statement starts, coverage.py without
//!   branch measurement writes 0 branches. Rates may be `NaN`, empty or have a decimal comma; they are not read.
//! - A file may have many classes and a line many rows (templates, partial classes): one line, covered if any row is.
//! - Rows of methods count only where the class has none of its own: Istanbul's methods name declaration lines that
//!   are no statements; Swift converters write rows in methods only.
//! - `<class>` may stand directly in `<packages>` or `<package>`.
//! - `branch` is `true`, `True` or absent; `condition-coverage` may lack the space or exceed 100 %. A branch line
//!   without `condition-coverage` has no known branches.
//! - Classes without `filename` are a pseudo-file each.
//! - A report may have totals and no rows (`VectorCAST`, trimmed reports), or no branch rows and branch totals
//!   (PHPUnit, Swift converters).
//!
//! Branches are counts: neither `<condition>` nor `missing-branches` names the arms that were taken.
//!
//! Dropped: rates, `<condition>`, complexity of classes and packages (sums and averages), MC/DC pairs and call
//! coverage of `VectorCAST`.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::read::identity::identity;
use super::super::read::numbers::hits as plain_hits;
use super::super::read::xml::{Element, Node, Xml};
use super::super::{Format, Reading};
use super::{
    compare, declared_number, declared_tally, declared_total, hits, keep, line_number, missing_rows, shown,
    whole_report,
};
use crate::evidence::coverage::{
    BranchCount, Coverage, Declared, FileCoverage, Function, Line, Scheme, Tally, Totals,
};
use crate::evidence::{Kind, paths};
use std::borrow::Cow;

/// Cobertura XML.
pub(crate) const FORMAT: Format = Format {
    id: "cobertura",
    title: "Cobertura XML",
    kind: Kind::Coverage,
    written_by: "Cobertura, coverage.py, coverlet, Microsoft code coverage, gcovr, Istanbul, PHPUnit, slather, tarpaulin, VectorCAST",
    elements: &ELEMENTS,
    sniff,
    parse,
};

/// The elements that are read.
const ELEMENTS: [&str; 10] =
    ["line", "lines", "method", "methods", "class", "classes", "package", "packages", "source", "coverage"];

/// `<coverage>` is the root of five formats: Clover has a `<project>`, Sonar's generic format `<file>` with
/// `<lineToCover>`, `NCover` a `profilerVersion`, Mono's profiler assemblies.
fn sniff(head: &Head<'_>) -> bool {
    let Some(xml) = head.xml().filter(|xml| xml.root == "coverage") else { return false };
    let other = ["project", "testproject", "lineToCover", "assembly", "module", "file"];
    if other.iter().any(|tag| xml.has(tag)) || xml.attr("profilerVersion").is_some() {
        return false;
    }
    let own = ["line-rate", "branch-rate", "lines-valid", "lines-covered", "branches-valid"];
    xml.has("packages")
        || xml.has("sources")
        || xml.has("package")
        || xml.has("class")
        || own.iter().any(|name| xml.attr(name).is_some())
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let mut report = Report::default();
    let mut xml = Xml::new(reading.text, &reading.damage).with_names(FORMAT.elements);
    let result = report.walk(reading, &mut xml);
    report.end_class();
    report.witness(reading, result.is_ok());
    keep(reading, report.coverage);
    result
}

#[derive(Default)]
struct Report {
    coverage: Coverage,
    package: String,
    class: Option<Class>,
    /// Declared lines and branches.
    declared: Declared,
    /// Offset of the root.
    at: usize,
    /// Rows of classes.
    rows: u64,
}

/// A class being read. Its vectors become those of a file record.
#[derive(Default)]
struct Class {
    depth: usize,
    name: String,
    path: String,
    rows: Rows,
    method_rows: Rows,
    functions: Vec<Function>,
    method: Option<Method>,
}

struct Method {
    depth: usize,
    function: Function,
    /// It has rows, which tell more than its rate.
    has_rows: bool,
}

#[derive(Default)]
struct Rows {
    lines: Vec<Line>,
    branches: Vec<BranchCount>,
}

impl Report {
    fn walk<'a>(&mut self, reading: &mut Reading<'a>, xml: &mut Xml<'a>) -> Read<()> {
        while let Some(node) = xml.next()? {
            match node {
                Node::Open(element) => match element.name() {
                    "line" => self.line(reading, &element),
                    "class" => self.begin_class(xml.depth(), &element),
                    "method" => self.begin_method(xml.depth(), &element),
                    "package" => self.package = element.attr("name").unwrap_or_default().into_owned(),
                    "source" => self.source(xml)?,
                    "coverage" if xml.depth() == 1 => self.root(reading, &element),
                    _ => {}
                },
                Node::Close => self.close(xml.depth()),
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    fn root(&mut self, reading: &mut Reading<'_>, element: &Element<'_>) {
        let number = |name| declared_total(reading, element.at, name, element.raw(name));
        self.at = element.at;
        self.declared.lines = declared_tally(number("lines-covered"), number("lines-valid"));
        self.declared.branches = declared_tally(number("branches-covered"), number("branches-valid"));
        if let Some(time) = element.attr("timestamp").filter(|t| t.len() > 1) {
            reading.timestamp = time.into_owned();
        }
        let (name, version) = producer(reading.text, element);
        reading.producer.name = name;
        reading.producer.version = version;
    }

    fn source(&mut self, xml: &mut Xml<'_>) -> Read<()> {
        let root = xml.text(4096)?;
        let root = paths::normalise(&root);
        if !root.is_empty() && !self.coverage.roots.iter().any(|known| *known == root) {
            self.coverage.roots.push(root.into_owned());
        }
        Ok(())
    }

    fn begin_class(&mut self, depth: usize, element: &Element<'_>) {
        self.end_class();
        let name = element.attr("name").unwrap_or_default().into_owned();
        let filename = element.attr("filename").unwrap_or_default();
        let path = match paths::normalise(&filename) {
            path if !path.is_empty() => path.into_owned(),
            _ if self.package.is_empty() => name.clone(),
            _ => format!("{}/{name}", self.package),
        };
        self.class = Some(Class { depth, name, path, ..Class::default() });
    }

    fn begin_method(&mut self, depth: usize, element: &Element<'_>) {
        let Some(class) = &mut self.class else { return };
        let (mut name, mut signature, mut rate, mut complexity) = (Cow::default(), Cow::default(), false, 0);
        for (key, value) in element.attrs() {
            match key {
                "name" => name = value,
                "signature" => signature = value,
                "line-rate" => rate = plain_hits(&value.replace(',', ".")).count() > 0,
                "complexity" => complexity = declared_number(&value).unwrap_or(0),
                _ => {}
            }
        }
        let complexity = u32::try_from(complexity).unwrap_or(u32::MAX);
        self.coverage.note_complexity(complexity, || format!("{}: {name}", class.path));
        let id = identity((class.name.as_str(), &*name, &*signature));
        let function = Function { id, scheme: Scheme::Cobertura, line: 0, hit: rate };
        class.method = Some(Method { depth, function, has_rows: false });
    }

    fn line(&mut self, reading: &mut Reading<'_>, element: &Element<'_>) {
        let Some(class) = &mut self.class else {
            return reading.damaged(element.at, "a `<line>` outside of any class: not counted");
        };
        let Some((line, branch)) = row(reading, element) else { return };
        let rows = match &mut class.method {
            Some(method) => {
                method.enter(line);
                &mut class.method_rows
            }
            None => &mut class.rows,
        };
        rows.lines.push(line);
        rows.branches.extend(branch);
    }

    fn close(&mut self, depth: usize) {
        let Some(class) = &mut self.class else { return };
        if depth < class.depth {
            self.end_class();
        } else if class.method.as_ref().is_some_and(|method| depth < method.depth) {
            class.end_method();
        }
    }

    fn end_class(&mut self) {
        let Some(mut class) = self.class.take() else { return };
        class.end_method();
        let rows = if class.rows.lines.is_empty() { class.method_rows } else { class.rows };
        self.rows = self.rows.saturating_add(rows.lines.len() as u64);
        self.coverage.files.push(FileCoverage {
            lines: rows.lines,
            branch_counts: rows.branches,
            functions: class.functions,
            ..FileCoverage::new(class.path)
        });
    }

    /// Compares the totals of the root with the rows, or has them stand in for what has no rows.
    fn witness(&mut self, reading: &mut Reading<'_>, whole: bool) {
        self.coverage.gather();
        let counted = Totals::of(&self.coverage.files);
        let measured = |tally: Option<Tally>| tally.filter(|t| t.total > 0);
        let (lines, branches) = (measured(counted.lines), measured(counted.branches));
        if whole && self.rows > 0 {
            missing_rows(reading, self.at, "lines", self.declared.lines, Tally::exact(0, self.rows));
        }
        if whole {
            let cause = "lines that classes share are often counted twice in the totals";
            compare(reading, self.at, "lines", self.declared.lines, lines, cause);
            let cause = match reading.producer.name.as_str() {
                "istanbul" => "Istanbul does not write branches on lines where no statement starts",
                _ => "totals often hold branches without a line, or lines that classes share twice",
            };
            compare(reading, self.at, "branches", self.declared.branches, branches, cause);
        }
        let declared = Declared {
            lines: self.declared.lines.filter(|_| lines.is_none()),
            branches: self.declared.branches.filter(|_| branches.is_none()),
            ..Declared::default()
        };
        if declared != Declared::default() {
            let path = whole_report(reading);
            self.coverage.files.push(FileCoverage { declared, ..FileCoverage::new(path) });
        }
    }
}

impl Class {
    /// Overloads and anonymous functions share a name and have no signature, so the first line belongs to the identity.
    fn end_method(&mut self) {
        if let Some(Method { mut function, .. }) = self.method.take() {
            function.id = identity((function.id, function.line));
            self.functions.push(function);
        }
    }
}

impl Method {
    fn enter(&mut self, line: Line) {
        if !self.has_rows {
            self.has_rows = true;
            self.function.hit = false;
            self.function.line = line.number;
        }
        self.function.hit |= line.hits > 0;
        self.function.line = self.function.line.min(line.number);
    }
}

/// Reads a `<line>`.
fn row(reading: &mut Reading<'_>, element: &Element<'_>) -> Option<(Line, Option<BranchCount>)> {
    let (mut number, mut count, mut branch, mut conditions) =
        (Cow::default(), Cow::default(), Cow::default(), Cow::default());
    for (key, value) in element.attrs() {
        match key {
            "number" => number = value,
            "hits" => count = value,
            "branch" => branch = value,
            "condition-coverage" => conditions = value,
            _ => {}
        }
    }
    let number = line_number(reading, element.at, &number)?;
    let hits = hits(reading, element.at, &count);
    let is_branch = branch.eq_ignore_ascii_case("true") || (branch.is_empty() && !conditions.is_empty());
    let branch = is_branch.then(|| conditions_of(reading, element.at, number, &conditions)).flatten();
    Some((Line { number, hits }, branch))
}

/// The `(c/t)` of a `condition-coverage`.
fn conditions_of(reading: &mut Reading<'_>, at: usize, line: u32, text: &str) -> Option<BranchCount> {
    let pair = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).and_then(|(pair, _)| {
        let (covered, total) = pair.split_once('/')?;
        let number = |text: &str| u32::try_from(declared_number(text)?).ok();
        Some((number(covered)?, number(total)?))
    });
    match pair {
        Some((_, 0)) => None,
        Some((covered, total)) => {
            if covered > total {
                let message = format!("`{}` covers more branches than there are: cut", shown(text));
                reading.warn(at, "cobertura.condition-coverage", message);
            }
            let covered = covered.min(total);
            Some(BranchCount { line, low: covered, high: covered, total })
        }
        None => {
            let message = "a branch line without readable `condition-coverage`: its branches are not counted";
            reading.warn(at, "cobertura.condition-coverage", message);
            None
        }
    }
}

/// Tells the writer by what only it writes; nothing where several write the same.
fn producer(text: &str, root: &Element<'_>) -> (String, String) {
    let version = root.attr("version").unwrap_or_default();
    let head = text.as_bytes().get(..text.len().min(4096)).unwrap_or_default();
    let says = |needle: &str| memchr::memmem::find(head, needle.as_bytes()).is_some();
    let own = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    let named = version.split_once(' ').filter(|(name, _)| name.bytes().all(|b| b.is_ascii_alphabetic()));
    match (named, &*version) {
        (Some((name, version)), _) => (name.to_ascii_lowercase(), version.to_owned()),
        _ if says("Generated by coverage.py") => own("coverage.py", &version),
        (None, "coverage.py") => own("coverage.py", ""),
        // Numbers of the DTD or of nothing at all, told apart by the order and set of the attributes.
        (None, "0.1") if root.attrs().next().is_some_and(|(first, _)| first == "lines-valid") => {
            own("istanbul", "")
        }
        (None, "0.4") => own("phpunit", ""),
        (None, "1.9") if root.attr("complexity").is_none() && root.attr("branches-valid").is_some() => {
            own("coverlet", "")
        }
        _ => own("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::State;
    use crate::evidence::coverage::merge;
    use crate::formats;

    fn read(text: &str) -> Reading<'_> {
        let (format, reading) = formats::read("coverage.xml", text);
        assert_eq!(format.map(|f| f.id), Some("cobertura"), "{text}");
        reading
    }

    fn report(root: &str, classes: &str) -> String {
        format!(
            "<coverage version='1' {root}><packages><package name='p'><classes>{classes}</classes></package></packages></coverage>"
        )
    }

    fn totals(text: &str) -> Totals {
        Totals::of(&read(text).facts.coverage.unwrap().files)
    }

    fn codes(text: &str) -> Vec<String> {
        read(text).diagnostics.iter().map(|d| d.code.clone()).collect()
    }

    const SAMPLE: &str = "<?xml version='1.0'?>\n<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>\n\
        <coverage line-rate='0,5' branch-rate='NaN' lines-valid='3' lines-covered='2' branches-valid='2.0' branches-covered='1.0' version='gcovr 8.6' timestamp='17'>\
        <sources><source>C:\\repo </source><source/></sources><packages><package name='p'><classes><class name='C' filename='src\\c.cs'>\
        <methods><method name='m' signature='()' complexity='3' line-rate='1'><lines><line number='1' hits='0'/><line number='2' hits='0'/></lines></method></methods>\
        <lines><line number='2' hits='1' branch='True' condition-coverage='50%(1/2)'><conditions><condition number='0' type='jump' coverage='50%'/></conditions></line>\
        <line number='4' hits='0' branch='false'/><line number='5' hits='1.5e+20'/></lines></class></classes></package></packages></coverage>";

    #[test]
    fn rows_of_the_class_are_counted() {
        let reading = read(SAMPLE);
        let coverage = reading.facts.coverage.as_ref().unwrap();
        let totals = Totals::of(&coverage.files);
        assert_eq!((totals.lines, totals.branches), (Some(Tally::exact(2, 3)), Some(Tally::exact(1, 2))));
        // Its rows say that the method did not run, whatever its rate says.
        assert_eq!(totals.functions, Some(Tally::exact(0, 1)));
        assert_eq!(coverage.roots, ["/repo"]);
        assert_eq!(coverage.complexity.as_ref().unwrap().at, "src/c.cs: m");
        assert_eq!((reading.producer.name.as_str(), reading.producer.version.as_str()), ("gcovr", "8.6"));
        assert_eq!((reading.timestamp.as_str(), reading.state), ("17", State::Ok));
        assert_eq!(codes(SAMPLE), ["coverage.suspicious-hits"]);
    }

    #[test]
    fn every_prefix_is_truncated_and_keeps_its_rows() {
        for end in SAMPLE.find("<packages").unwrap() + 10..SAMPLE.len() {
            assert_eq!(read(SAMPLE.get(..end).unwrap()).state, State::Truncated, "{end}");
        }
        let cut = SAMPLE.get(..SAMPLE.find("<line number='5'").unwrap()).unwrap();
        assert_eq!(totals(cut).lines, Some(Tally::exact(1, 2)));
    }

    #[test]
    fn methods_of_one_name_are_told_apart_by_their_line() {
        let method = |line: u8| {
            format!(
                "<method name='bar' signature='()V'><lines><line number='{line}' hits='1'/></lines></method>"
            )
        };
        let class = format!(
            "<class name='C' filename='c.js'><methods>{}{}</methods><lines/></class>",
            method(3),
            method(4)
        );
        assert_eq!(totals(&report("", &class)).functions, Some(Tally::exact(2, 2)));
    }

    #[test]
    fn rows_of_methods_count_where_the_class_has_none() {
        let only = report(
            "",
            "<class name='C' filename='c'><methods><method name='m'><lines><line number='1' hits='1'/></lines></method></methods><lines/></class>",
        );
        assert_eq!(totals(&only).lines, Some(Tally::exact(1, 1)));
        let bare = "<coverage line-rate='1'><packages><package name='p'><class name='C' filename='c'><lines><line number='3' hits='1'/></lines></class></package></packages></coverage>";
        assert_eq!(totals(bare).lines, Some(Tally::exact(1, 1)));
    }

    #[test]
    fn classes_of_one_file_share_its_lines() {
        let class = |name: &str, row: &str| {
            format!("<class name='{name}' filename='c.cs'><lines>{row}</lines></class>")
        };
        let text = report(
            "lines-valid='3' lines-covered='1'",
            &(class("A", "<line number='1' hits='0'/><line number='2' hits='0'/>")
                + &class("B", "<line number='1' hits='2'/>")),
        );
        assert_eq!(totals(&text).lines, Some(Tally::exact(1, 2)));
        assert_eq!(codes(&text), ["coverage.declared-differs"]);
    }

    #[test]
    fn repeated_branch_lines_are_an_interval() {
        let line = |pair: &str| {
            format!("<line number='9' hits='1' branch='true' condition-coverage='50% ({pair})'/>")
        };
        let text = report(
            "",
            &format!("<class name='C' filename='c'><lines>{}{}</lines></class>", line("1/4"), line("2/4")),
        );
        assert_eq!(totals(&text).branches, Some(Tally { low: 2, high: 3, total: 4 }));
    }

    #[test]
    fn odd_branch_lines() {
        let line = |rest: &str| {
            report(
                "",
                &format!(
                    "<class name='C' filename='c'><lines><line number='9' hits='1' {rest}/></lines></class>"
                ),
            )
        };
        assert_eq!(totals(&line("branch='true'")).branches, None);
        assert_eq!(codes(&line("branch='true'")), ["cobertura.condition-coverage"]);
        assert_eq!(totals(&line("condition-coverage='100% (2/2)'")).branches, Some(Tally::exact(2, 2)));
        assert_eq!(
            totals(&line("branch='true' condition-coverage='400% (4/1)'")).branches,
            Some(Tally::exact(1, 1))
        );
        assert_eq!(totals(&line("branch='false' condition-coverage='0% (0/0)'")).branches, None);
        let zero = report(
            "",
            "<class name='C' filename='c'><lines><line number='0' hits='1'/><line hits='1' number='undefined'/></lines></class>",
        );
        assert_eq!(read(&zero).state, State::Incomplete);
        assert_eq!(read(&zero.replace("<line hits='1' number='undefined'/>", "")).state, State::Empty);
    }

    #[test]
    fn classes_without_a_file_are_files_of_their_own() {
        let row = "<lines><line number='1' hits='1'/></lines>";
        let text =
            report("", &format!("<class name='A' filename=''>{row}</class><class name='B'>{row}</class>"));
        assert_eq!(totals(&text).lines, Some(Tally::exact(2, 2)));
    }

    #[test]
    fn totals_stand_in_for_what_has_no_rows() {
        let none =
            "<coverage lines-valid='82' lines-covered='63' branches-valid='0' line-rate='0.7'></coverage>";
        assert_eq!((totals(none).lines, totals(none).branches), (Some(Tally::exact(63, 82)), None));
        assert_eq!(codes(none), ["coverage.summary-only"]);
        let php = report(
            "branches-valid='7' branches-covered='3'",
            "<class name='C' filename='c'><lines><line number='1' hits='1'/></lines></class>",
        );
        assert_eq!(totals(&php).branches, Some(Tally::exact(3, 7)));
        for nothing in
            ["<coverage line-rate='1' lines-valid='0'><packages/></coverage>", "<coverage line-rate='1'/>"]
        {
            assert_eq!(read(nothing).state, State::Empty, "{nothing}");
        }
    }

    #[test]
    fn shards_with_counts_unite_to_an_interval() {
        let shard = |pair: &str| {
            report(
                "",
                &format!(
                    "<class name='C' filename='c'><lines><line number='1' hits='1' branch='true' condition-coverage='50% ({pair})'/></lines></class>"
                ),
            )
        };
        let (a, b) = (shard("1/2"), shard("1/2"));
        let (a, b) = (read(&a), read(&b));
        let merged = merge([a.facts.coverage.as_ref().unwrap(), b.facts.coverage.as_ref().unwrap()]);
        assert_eq!(Totals::of(&merged).branches, Some(Tally { low: 1, high: 2, total: 2 }));
    }

    #[test]
    fn the_other_coverage_roots_are_not_claimed() {
        for text in [
            "<coverage generated='1'><project timestamp='1'><metrics/></project></coverage>",
            "<coverage version='1'><file path='a'><lineToCover lineNumber='1' covered='true'/></file></coverage>",
            "<coverage version='1'><file path='a'/></coverage>",
            "<coverage profilerVersion='1.5' driverVersion='1'><module/></coverage>",
            "<coverage version='0.3'><assembly name='a'/></coverage>",
            "<CoverageSession><Summary/></CoverageSession>",
            "<report name='x'><package/></report>",
        ] {
            assert_ne!(formats::read("c.xml", text).0.map(|f| f.id), Some("cobertura"), "{text}");
        }
    }
}
