//! `JaCoCo` XML.
//!
//! Written by `JaCoCo` 0.7 and later (Maven, Gradle, Ant, CLI), Kover, gcovr, Pester, scoverage and COBOL converters.
//!
//! ```xml
//! <!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
//! <report name="shop">
//!   <sessioninfo id="host-1" start="1" dump="2"/>
//!   <group name="core">                                     any depth, or none
//!     <package name="com/shop">
//!       <class name="com/shop/Cart" sourcefilename="Cart.java">
//!         <method name="add" desc="()V" line="7"><counter type="METHOD" missed="0" covered="1"/></method>
//!       </class>
//!       <sourcefile name="Cart.java">
//!         <line nr="7" mi="0" ci="3" mb="1" cb="1"/>        missed and covered instructions and branches
//!         <counter type="LINE" missed="0" covered="1"/>
//!       </sourcefile>
//!     </package>
//!   </group>
//! </report>
//! ```
//!
//! Quirks:
//! - Groups nest (one for each module). A package and file of one name in two groups are two files, so the names of
//!   the groups stand before the path.
//! - gcovr writes lines without `mi` and `ci`: which lines ran is not known, the `LINE` counter says how many did.
//! - Classes compiled without debug information have no `sourcefilename`, and packages of them no `<sourcefile>`:
//!   functions and branch counters are all there is.
//! - Reports are trimmed to counters of packages or of the whole; those stand in where nothing below them has rows.
//! - Pester's packages are folders, with slashes either way.
//!
//! Branches are counts for each line. Counters of classes are not added to those of source files: they are the same
//! lines, and lines that classes share are in both. `LINE`, `BRANCH` and `METHOD` are never mixed with `INSTRUCTION`.
//!
//! Dropped: `INSTRUCTION`, `CLASS` and summed `COMPLEXITY` counters, session names.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::read::identity::identity;
use super::super::read::xml::{Element, Node, Xml};
use super::super::{Format, Reading};
use super::{compare, declared_number, hits, keep, line_number, missing_rows, shown, whole_report};
use crate::evidence::coverage::{
    BranchCount, Coverage, Declared, FileCoverage, Function, Line, Scheme, Tally, Totals,
};
use crate::evidence::{Kind, paths};

/// `JaCoCo` XML.
pub(crate) const FORMAT: Format = Format {
    id: "jacoco",
    title: "JaCoCo XML",
    kind: Kind::Coverage,
    written_by: "JaCoCo, Kover, gcovr, Pester",
    elements: &ELEMENTS,
    sniff,
    parse,
};

/// The elements of the format.
const ELEMENTS: [&str; 9] =
    ["line", "counter", "method", "class", "sourcefile", "package", "group", "sessioninfo", "report"];

/// A `<report>` of this format holds its elements and no others; an empty one is known by its `DOCTYPE`.
fn sniff(head: &Head<'_>) -> bool {
    let Some(xml) = head.xml().filter(|xml| xml.root == "report") else { return false };
    let declared =
        head.text.get(..head.text.len().min(1024)).is_some_and(|start| start.contains("//JACOCO//"));
    match xml.tags.get(1) {
        None => declared,
        Some((_, first)) => {
            matches!(first.as_str(), "group" | "package" | "sessioninfo" | "counter")
                && xml.tags.iter().all(|(_, tag)| ELEMENTS.contains(&tag.as_str()))
        }
    }
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let mut report = Report::default();
    let mut xml = Xml::new(reading.text, &reading.damage).with_names(FORMAT.elements);
    let result = report.walk(reading, &mut xml);
    report.cut();
    report.witness(reading, result.is_ok());
    keep(reading, report.coverage);
    result
}

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Report,
    Group,
    Package,
    Class,
    Method,
    SourceFile,
    Other,
}

/// `LINE`, `BRANCH`, `METHOD` and `COMPLEXITY` counters of one element.
#[derive(Clone, Copy, Default)]
struct Counters {
    lines: Option<Tally>,
    branches: Option<Tally>,
    methods: Option<Tally>,
    complexity: u64,
}

/// An open element.
struct Open {
    tag: Tag,
    counters: Counters,
    /// How many files there were when it opened.
    files: usize,
    /// How much of the path belongs to the elements around it.
    path: usize,
}

#[derive(Default)]
struct Report {
    coverage: Coverage,
    open: Vec<Open>,
    /// Names of the open groups and packages, with slashes.
    path: String,
    file: FileCoverage,
    /// A `<line>` of the file says whether it ran.
    has_lines: bool,
    class: Class,
    /// The package has methods, so that counters of methods are not needed.
    has_methods: bool,
    /// Classes of the package that do not tell their source file.
    homeless: Vec<(String, Declared)>,
    /// Counters of the whole report.
    declared: Counters,
    at: usize,
}

/// The class being read.
#[derive(Default)]
struct Class {
    name: String,
    source: String,
    functions: Vec<Function>,
    method: String,
    method_id: u64,
    method_line: u32,
}

impl Report {
    fn walk<'a>(&mut self, reading: &mut Reading<'a>, xml: &mut Xml<'a>) -> Read<()> {
        while let Some(node) = xml.next()? {
            match node {
                Node::Open(element) => {
                    let tag = self.begin(reading, &element);
                    let (files, path) = (self.coverage.files.len(), self.path.len());
                    if matches!(tag, Tag::Group | Tag::Package) {
                        self.has_methods = false;
                        self.enter(&element);
                    }
                    self.open.push(Open { tag, counters: Counters::default(), files, path });
                }
                Node::Close => self.close(reading),
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    fn begin(&mut self, reading: &mut Reading<'_>, element: &Element<'_>) -> Tag {
        match element.name() {
            "line" => self.line(reading, element),
            "counter" => self.counter(reading, element),
            "method" => {
                self.begin_method(element);
                return Tag::Method;
            }
            "class" => {
                self.class = Class {
                    name: element.attr("name").unwrap_or_default().into_owned(),
                    source: element.attr("sourcefilename").unwrap_or_default().into_owned(),
                    ..Class::default()
                };
                return Tag::Class;
            }
            "sourcefile" => {
                let path = self.path_of(&element.attr("name").unwrap_or_default());
                self.file = FileCoverage::new(path);
                self.has_lines = false;
                return Tag::SourceFile;
            }
            "package" => return Tag::Package,
            "group" => return Tag::Group,
            "report" => {
                self.at = element.at;
                return Tag::Report;
            }
            "sessioninfo" => {
                reading.timestamp = element.attr("dump").unwrap_or_default().into_owned();
                "jacoco".clone_into(&mut reading.producer.name);
            }
            _ => {}
        }
        Tag::Other
    }

    fn enter(&mut self, element: &Element<'_>) {
        let name = element.attr("name").unwrap_or_default();
        let name = paths::normalise(&name);
        let name = name.trim_matches('/');
        if !name.is_empty() {
            if !self.path.is_empty() {
                self.path.push('/');
            }
            self.path.push_str(name);
        }
    }

    fn path_of(&self, file: &str) -> String {
        let joined = if self.path.is_empty() { file.to_owned() } else { format!("{}/{file}", self.path) };
        paths::normalise(&joined).into_owned()
    }

    fn line(&mut self, reading: &mut Reading<'_>, element: &Element<'_>) {
        let (mut number, mut missed, mut covered, mut missed_arms, mut covered_arms) =
            (None, None, None, None, None);
        for (key, value) in element.attrs() {
            match key {
                "nr" => number = Some(line_number(reading, element.at, &value)),
                "mi" => missed = Some(hits(reading, element.at, &value)),
                "ci" => covered = Some(hits(reading, element.at, &value)),
                "mb" => missed_arms = Some(hits(reading, element.at, &value)),
                "cb" => covered_arms = Some(hits(reading, element.at, &value)),
                _ => {}
            }
        }
        let Some(number) = number.unwrap_or_else(|| line_number(reading, element.at, "")) else { return };
        if missed.is_some() || covered.is_some() {
            self.has_lines = true;
            self.file.lines.push(Line { number, hits: covered.unwrap_or(0) });
        }
        let low = covered_arms.unwrap_or(0);
        let total = low.saturating_add(missed_arms.unwrap_or(0));
        if total > 0 {
            self.file.branch_counts.push(BranchCount { line: number, low, high: low, total });
        }
    }

    fn counter(&mut self, reading: &Reading<'_>, element: &Element<'_>) {
        let Some(owner) = self.open.last_mut() else { return };
        let number = |name| {
            let number = element.raw(name).and_then(declared_number);
            if number.is_none() {
                reading.damaged(element.at, format!("a counter without a readable `{name}`"));
            }
            number.unwrap_or(0)
        };
        let (missed, covered) = (number("missed"), number("covered"));
        let total = missed.saturating_add(covered);
        let tally = Some(Tally::exact(covered, total)).filter(|t| t.total > 0);
        match element.raw("type").unwrap_or_default() {
            "LINE" => owner.counters.lines = tally,
            "BRANCH" => owner.counters.branches = tally,
            "METHOD" => owner.counters.methods = tally,
            "COMPLEXITY" => owner.counters.complexity = total,
            "INSTRUCTION" | "CLASS" => {}
            other => reading.damaged(element.at, format!("`{}` is not a type of counter", shown(other))),
        }
    }

    fn begin_method(&mut self, element: &Element<'_>) {
        let class = &mut self.class;
        class.method.clear();
        let (mut id, mut line) = (0, 0);
        for (key, value) in element.attrs() {
            match key {
                "name" => class.method.push_str(&value),
                "desc" => id = identity(&*value),
                "line" => line = value.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
        class.method_id = identity((class.name.as_str(), class.method.as_str(), id));
        class.method_line = line;
    }

    fn close(&mut self, reading: &Reading<'_>) {
        let Some(open) = self.open.pop() else { return };
        match open.tag {
            Tag::Method => self.end_method(open.counters),
            Tag::Class => self.end_class(open.counters),
            Tag::SourceFile => self.end_source(open.counters),
            Tag::Package => {
                self.house(open.files);
                self.stand_in(&open, None);
                self.path.truncate(open.path);
            }
            Tag::Group => {
                self.stand_in(&open, None);
                self.path.truncate(open.path);
            }
            Tag::Report => {
                self.declared = open.counters;
                self.stand_in(&open, Some(whole_report(reading)));
            }
            Tag::Other => {}
        }
    }

    fn end_method(&mut self, counters: Counters) {
        let class = &mut self.class;
        if let Some(entered) = counters.methods {
            self.has_methods = true;
            let (id, line) = (class.method_id, class.method_line);
            class.functions.push(Function { id, scheme: Scheme::Jacoco, line, hit: entered.low > 0 });
        }
        let complexity = u32::try_from(counters.complexity).unwrap_or(u32::MAX);
        self.coverage.note_complexity(complexity, || format!("{}.{}", class.name, class.method));
    }

    fn end_class(&mut self, counters: Counters) {
        let class = std::mem::take(&mut self.class);
        let homeless = class.source.is_empty();
        let name = if homeless {
            // `com/shop/Cart$Item` belongs to what `com/shop/Cart` belongs to.
            let simple = class.name.rsplit(['/', '.']).next().unwrap_or_default();
            simple.split('$').next().filter(|outer| !outer.is_empty()).unwrap_or(simple)
        } else {
            &class.source
        };
        let path = self.path_of(name);
        if homeless {
            let declared =
                Declared { lines: counters.lines, branches: counters.branches, ..Declared::default() };
            self.homeless.push((path.clone(), declared));
        }
        if !class.functions.is_empty() {
            self.coverage.files.push(FileCoverage { functions: class.functions, ..FileCoverage::new(path) });
        }
    }

    fn end_source(&mut self, counters: Counters) {
        let mut file = std::mem::take(&mut self.file);
        file.declared = Declared {
            lines: counters.lines.filter(|_| !self.has_lines),
            branches: counters.branches.filter(|_| file.branch_counts.is_empty()),
            functions: counters.methods.filter(|_| !self.has_methods),
            ..Declared::default()
        };
        if file != FileCoverage::new(file.path.as_str()) {
            self.coverage.files.push(file);
        }
    }

    /// Finds the source files of the package's classes that do not tell theirs: the one file with the name of the
    /// outer class. The counters of a class without any count.
    fn house(&mut self, from: usize) {
        let homeless = std::mem::take(&mut self.homeless);
        let files = self.coverage.files.get_mut(from..).unwrap_or_default();
        let mut sources: Vec<(String, String)> = files
            .iter()
            .filter(|f| f.line_tally().is_some() || f.branch_tally().is_some())
            .filter_map(|f| Some((f.path.rsplit_once('.')?.0.to_owned(), f.path.clone())))
            .collect();
        sources.sort();
        for (class, declared) in homeless {
            let at = sources.partition_point(|(stem, _)| *stem < class);
            match sources.get(at).filter(|(stem, _)| *stem == class) {
                Some((_, path)) => {
                    for file in files.iter_mut().filter(|f| f.path == class) {
                        file.path.clone_from(path);
                    }
                }
                None => self.homeless.push((class, declared)),
            }
        }
        for (path, declared) in std::mem::take(&mut self.homeless) {
            if declared != Declared::default() {
                self.coverage.files.push(FileCoverage { declared, ..FileCoverage::new(path) });
            }
        }
    }

    /// Counters of a package, group or report stand in for what nothing inside it tells.
    fn stand_in(&mut self, open: &Open, path: Option<String>) {
        let inside = self.coverage.files.get(open.files..).unwrap_or_default();
        let absent = |tally: fn(&FileCoverage) -> Option<Tally>| inside.iter().all(|f| tally(f).is_none());
        let declared = Declared {
            lines: open.counters.lines.filter(|_| absent(FileCoverage::line_tally)),
            branches: open.counters.branches.filter(|_| absent(FileCoverage::branch_tally)),
            functions: open.counters.methods.filter(|_| absent(FileCoverage::function_tally)),
            ..Declared::default()
        };
        if declared != Declared::default() {
            let path = path.unwrap_or_else(|| self.path.clone());
            self.coverage.files.push(FileCoverage { declared, ..FileCoverage::new(path) });
        }
    }

    /// The file ended early: what stood open keeps what it has.
    fn cut(&mut self) {
        while let Some(open) = self.open.pop() {
            match open.tag {
                Tag::Class => self.end_class(Counters::default()),
                Tag::SourceFile => self.end_source(Counters::default()),
                Tag::Package => self.house(open.files),
                _ => {}
            }
        }
    }

    fn witness(&mut self, reading: &mut Reading<'_>, whole: bool) {
        self.coverage.gather();
        if whole {
            let counted = Totals::of(&self.coverage.files);
            for (what, declared, counted) in [
                ("lines", self.declared.lines, counted.lines),
                ("branches", self.declared.branches, counted.branches),
            ] {
                if let Some(counted) = counted {
                    missing_rows(reading, self.at, what, declared, counted);
                }
            }
            let cause = "the report was cut down, or classes of one name were counted twice";
            compare(reading, self.at, "lines", self.declared.lines, counted.lines, cause);
            compare(reading, self.at, "branches", self.declared.branches, counted.branches, cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::State;
    use crate::evidence::coverage::merge;
    use crate::formats;

    fn read(text: &str) -> Reading<'_> {
        let (format, reading) = formats::read("jacoco.xml", text);
        assert_eq!(format.map(|f| f.id), Some("jacoco"), "{text}");
        reading
    }

    fn totals(text: &str) -> Totals {
        Totals::of(&read(text).facts.coverage.unwrap().files)
    }

    fn paths_of(text: &str) -> Vec<String> {
        read(text).facts.coverage.unwrap().files.into_iter().map(|f| f.path).collect()
    }

    fn codes(text: &str) -> Vec<String> {
        read(text).diagnostics.iter().map(|d| d.code.clone()).collect()
    }

    const SOURCE: &str = "<sourcefile name='A.java'><line nr='1' mi='0' ci='3' mb='0' cb='0'/><line nr='2' mi='2' ci='0' mb='1' cb='1'/>\
        <counter type='INSTRUCTION' missed='2' covered='3'/><counter type='LINE' missed='1' covered='1'/></sourcefile>";

    const SAMPLE: &str = "<?xml version='1.0'?><!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'>\
        <report name='r'><sessioninfo id='h' start='1' dump='22'/><package name='p/q'>\
        <class name='p/q/A' sourcefilename='A.java'><method name='&lt;init>' desc='()V' line='1'><counter type='COMPLEXITY' missed='3' covered='1'/><counter type='METHOD' missed='0' covered='1'/></method>\
        <method name='f' desc='()V' line='2'><counter type='METHOD' missed='1' covered='0'/></method><counter type='LINE' missed='1' covered='1'/></class>\
        <sourcefile name='A.java'><line nr='1' mi='0' ci='3' mb='0' cb='0'/><line nr='2' mi='2' ci='0' mb='1' cb='1'/><counter type='LINE' missed='1' covered='1'/><counter type='METHOD' missed='1' covered='1'/></sourcefile>\
        <counter type='LINE' missed='1' covered='1'/></package><counter type='LINE' missed='1' covered='1'/><counter type='BRANCH' missed='1' covered='1'/></report>";

    #[test]
    fn lines_branches_methods_and_complexity() {
        let reading = read(SAMPLE);
        let coverage = reading.facts.coverage.as_ref().unwrap();
        let want = Totals {
            lines: Some(Tally::exact(1, 2)),
            branches: Some(Tally::exact(1, 2)),
            functions: Some(Tally::exact(1, 2)),
            statements: None,
        };
        assert_eq!(
            (Totals::of(&coverage.files), reading.state, reading.timestamp.as_str()),
            (want, State::Ok, "22")
        );
        let complexity = coverage.complexity.as_ref().unwrap();
        assert_eq!((complexity.value, complexity.at.as_str()), (4, "p/q/A.<init>"));
        assert_eq!(paths_of(SAMPLE), ["p/q/A.java"]);
        assert_eq!(codes(SAMPLE), Vec::<String>::new());
    }

    #[test]
    fn every_prefix_is_truncated_and_keeps_its_rows() {
        for end in SAMPLE.find("<package").unwrap() + 10..SAMPLE.len() {
            assert_eq!(read(SAMPLE.get(..end).unwrap()).state, State::Truncated, "{end}");
        }
        let cut = SAMPLE.get(..SAMPLE.rfind("<line nr='2'").unwrap()).unwrap();
        assert_eq!(totals(cut).lines, Some(Tally::exact(1, 1)));
        assert_eq!(totals(cut).functions, Some(Tally::exact(1, 2)));
    }

    #[test]
    fn groups_nest_and_keep_files_of_one_name_apart() {
        let package = format!("<package name='p'>{SOURCE}</package>");
        let text = format!(
            "<report name='r'><group name='all'><group name='core'>{package}</group><group name='web'>{package}</group></group><group name='none'/></report>"
        );
        assert_eq!(totals(&text).lines, Some(Tally::exact(2, 4)));
        assert_eq!(paths_of(&text), ["all/core/p/A.java", "all/web/p/A.java"]);
    }

    #[test]
    fn lines_without_instructions_leave_it_to_the_counter() {
        let text = "<report name='GCOVR report'><package name=''><sourcefile name='main.cpp'><line nr='4'/><line nr='5' mb='1' cb='1'/>\
            <counter type='LINE' missed='1' covered='1'/><counter type='METHOD' missed='0' covered='2'/></sourcefile></package></report>";
        let totals = totals(text);
        assert_eq!((totals.lines, totals.branches), (Some(Tally::exact(1, 2)), Some(Tally::exact(1, 2))));
        assert_eq!(totals.functions, Some(Tally::exact(2, 2)));
        assert_eq!(
            (paths_of(text), codes(text)),
            (vec!["main.cpp".to_owned()], vec!["coverage.summary-only".to_owned()])
        );
    }

    #[test]
    fn counters_alone_are_totals() {
        let package = "<report name='r'><package name='p'><counter type='INSTRUCTION' missed='9' covered='1'/><counter type='LINE' missed='3' covered='1'/></package></report>";
        assert_eq!(totals(package).lines, Some(Tally::exact(1, 4)));
        let group = "<report name='r'><group name='g'><counter type='LINE' missed='3' covered='2'/></group><counter type='LINE' missed='3' covered='2'/></report>";
        assert_eq!(totals(group).lines, Some(Tally::exact(2, 5)));
        for nothing in [
            "<report name='r'><package name='p'><counter type='INSTRUCTION' missed='9' covered='1'/></package></report>",
            "<report name='r'><group name='g'/></report>",
            "<!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'><report name='r'/>",
        ] {
            assert_eq!(read(nothing).state, State::Empty, "{nothing}");
        }
    }

    #[test]
    fn classes_without_a_source_file_name() {
        let class = "<class name='p/A$B'><method name='f' desc='()V'><counter type='METHOD' missed='0' covered='1'/></method><counter type='BRANCH' missed='1' covered='3'/></class>";
        let known = format!("<report name='r'><package name='p'>{class}{SOURCE}</package></report>");
        assert_eq!(paths_of(&known), ["p/A.java"]);
        assert_eq!(totals(&known).branches, Some(Tally::exact(1, 2)));
        assert_eq!(totals(&known).functions, Some(Tally::exact(1, 1)));
        let alone = format!("<report name='r'><package name='p'>{class}</package></report>");
        assert_eq!(
            (paths_of(&alone), totals(&alone).branches),
            (vec!["p/A".to_owned()], Some(Tally::exact(3, 4)))
        );
    }

    #[test]
    fn wrong_counters_are_told() {
        let text = format!(
            "<report name='r'><package name='p'>{SOURCE}</package><counter type='LINE' missed='0' covered='9'/></report>"
        );
        assert_eq!(
            (totals(&text).lines, codes(&text)),
            (
                Some(Tally::exact(1, 2)),
                vec!["coverage.declared-differs".to_owned(), "jacoco.damaged-record".to_owned()]
            )
        );
        assert_eq!(read(&text).state, State::Incomplete);
    }

    #[test]
    fn counters_that_cannot_be_read_are_damage() {
        for counter in [
            "type='L\u{1}NE' missed='1' covered='9'",
            "type='LINE' covered='9'",
            "type='LINE' missed='x' covered='9'",
        ] {
            let text =
                format!("<report name='r'><package name='p'>{SOURCE}<counter {counter}/></package></report>");
            assert!(read(&text).state.is_damaged(), "{counter}");
        }
    }

    #[test]
    fn shards_unite() {
        let shard = |mi: u8, ci: u8| {
            format!(
                "<report name='r'><package name='p'><sourcefile name='A.java'><line nr='1' mi='{mi}' ci='{ci}' mb='1' cb='1'/></sourcefile></package></report>"
            )
        };
        let (a, b) = (shard(1, 0), shard(0, 1));
        let (a, b) = (read(&a), read(&b));
        let merged =
            Totals::of(&merge([a.facts.coverage.as_ref().unwrap(), b.facts.coverage.as_ref().unwrap()]));
        assert_eq!(
            (merged.lines, merged.branches),
            (Some(Tally::exact(1, 1)), Some(Tally { low: 1, high: 2, total: 2 }))
        );
    }

    #[test]
    fn other_reports_are_not_claimed() {
        for text in [
            "<report name='x'><testcase/></report>",
            "<report><item/></report>",
            "<report name='x'></report>",
            "<report name='x'/>",
            "<report name='x'><package name='p'><bug/></package></report>",
        ] {
            assert_ne!(formats::read("r.xml", text).0.map(|f| f.id), Some("jacoco"), "{text}");
        }
    }
}
