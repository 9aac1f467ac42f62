//! JUnit XML: the lingua franca of test results, with as many dialects as writers.
//!
//! There is no specification; Ant, Surefire and Jenkins set the usage, and everybody added to it:
//!
//! ```xml
//! <testsuites tests="2" failures="1">
//!   <testsuite name="cart" tests="2" failures="1" timestamp="2026-01-01T10:00:00">
//!     <testcase classname="cart.Totals" name="adds up" time="0.01"/>
//!     <testcase classname="cart.Totals" name="rounds" time="0.02">
//!       <failure message="expected 2" type="AssertionError">trace</failure>
//!     </testcase>
//!   </testsuite>
//! </testsuites>
//! ```
//!
//! What is read, and how contradictions are settled:
//!
//! - Suites nest to any depth; cases may stand anywhere, even as the root; several roots follow each other where
//!   files were concatenated.
//! - Cases decide, counts are a second witness. More failures declared than found are failures without detail
//!   (`RSpec` counts errors outside of examples that way); more tests declared than found means that the run
//!   stopped early, except for Catch2, which counts assertions.
//! - Status of a case from its direct children: error over failure over skipped over passed. `<skipped>` beside a
//!   failure is a failure, except where Catch2 tolerates it (`[!mayfail]`) or the case is disabled.
//! - Without such a child the attributes `status` and `result` decide (`CTest`, `GoogleTest`, Allure). A word that is on no
//!   list and a child that is none of JUnit's make the outcome unknown: the case counts as not run.
//! - A skip of `CTest` because the executable or a fixture is missing is an error.
//! - `<flakyFailure>`, `<flakyError>`, `<rerunFailure>` and `<rerunError>` (Surefire, nextest, Playwright) are
//!   attempts of the same case.
//! - `<error>` and `<failure>` directly in a suite are a failing case of their own: the suite did not load.
//!
//! Dropped: `system-out` and `system-err` (but for the tail of a failing case that says nothing else), properties,
//! attachments. Equal names are separate results: nothing here proves a retry.

mod case;
mod dialect;

use super::super::read::damage::DamageKind;
use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::read::identity::identity;
use super::super::read::numbers;
use super::super::read::xml::{Element, Xml, clean};
use super::super::{Format, Reading};
use crate::evidence::tests::{Counts, Status, Suite, Tests};
use crate::evidence::text::{Span, shorten};
use crate::evidence::{Diagnostic, Kind, State};
use case::Outcome;

/// JUnit XML.
pub(crate) const FORMAT: Format = Format {
    id: "junit",
    title: "JUnit XML",
    kind: Kind::Tests,
    written_by: "Surefire, Gradle, pytest, Jest, Vitest, Playwright, nextest, GoogleTest, CTest, PHPUnit, and most others",
    elements: &ELEMENTS,
    sniff,
    parse,
};

fn sniff(head: &Head<'_>) -> bool {
    let Some(xml) = head.xml() else { return false };
    match xml.root.as_str() {
        "testsuites" | "testsuite" | "testcase" => true,
        // junit2html's and Eclipse's own root around ordinary suites.
        "testrun" => xml.tags.len() < 2 || xml.has("testsuite") || xml.has("testcase"),
        _ => false,
    }
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let mut xml = Xml::new(reading.text, &reading.damage).with_names(FORMAT.elements);
    let mut junit = Junit::new(reading);
    let result = junit.roots(&mut xml);
    if result.is_ok() {
        junit.settle();
    }
    let tests = junit.tests;
    reading.facts.tests = Some(tests);
    result
}

/// The elements that say something about results.
const ELEMENTS: [&str; 13] = [
    "testcase",
    "testsuite",
    "testsuites",
    "failure",
    "failed",
    "error",
    "skipped",
    "flakyFailure",
    "flakyError",
    "rerunFailure",
    "rerunError",
    "ignored",
    "disabled",
];

/// Longest name that is kept; longer ones are cut for display and hashed nowhere, so they stay apart by position.
const MAX_NAME: usize = 4_096;
/// Longest path of a nested suite.
const MAX_PATH: usize = 1_024;
/// Bytes of traces kept of one file; beyond it failures keep their message only.
const TRACE_BUDGET: usize = 16 << 20;
/// Longer than a day no test runs: the unit is not seconds.
const MAX_MICROS: u64 = 24 * 3_600 * 1_000_000;

/// The state of reading one file.
struct Junit<'r, 'a> {
    reading: &'r mut Reading<'a>,
    tests: Tests,
    /// Class of the case before, so that equal neighbours share their text.
    last_class: Span,
    trace_budget: usize,
    /// Cases that suites without any case declare as passed or skipped, until it is known whether the whole file
    /// is a summary.
    summary: Counts,
    counts_assertions: bool,
    roots: u32,
    /// Cases of which nobody knows how they went.
    open: u64,
}

/// What a subtree holds: what was found in it, and what is known to be missing.
#[derive(Default, Clone, Copy)]
struct Tally {
    found: Counts,
    missing: u64,
    cases: u64,
    /// Earlier attempts and further failures of one case; some writers count each of them.
    beyond_one: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.found = self.found.plus(other.found);
        self.missing = self.missing.saturating_add(other.missing);
        self.cases = self.cases.saturating_add(other.cases);
        self.beyond_one = self.beyond_one.saturating_add(other.beyond_one);
    }

    fn case(&mut self, status: Status, flaky: bool, beyond_one: u32) {
        self.found.add(status, flaky);
        self.beyond_one = self.beyond_one.saturating_add(beyond_one.into());
        self.cases = self.cases.saturating_add(1);
    }
}

/// Counts in the attributes of a suite; `None` where one is absent, empty or no number.
#[derive(Default)]
struct Declared {
    tests: Option<u64>,
    failures: Option<u64>,
    errors: Option<u64>,
    skipped: u64,
}

/// The path of a suite in another one. A long path is cut and told apart by a digest, because every suite below it
/// has a copy.
fn path_below(parent: &str, name: &str) -> String {
    let path = format!("{parent} › {name}");
    if path.len() <= MAX_PATH {
        path
    } else {
        format!("{} #{:016x}", shorten(&path, MAX_PATH / 2), identity(path))
    }
}

impl<'r, 'a> Junit<'r, 'a> {
    fn new(reading: &'r mut Reading<'a>) -> Self {
        Self {
            reading,
            tests: Tests::default(),
            last_class: Span::default(),
            trace_budget: TRACE_BUDGET,
            summary: Counts::default(),
            counts_assertions: false,
            roots: 0,
            open: 0,
        }
    }

    fn roots(&mut self, xml: &mut Xml<'a>) -> Read<()> {
        let mut outside = Tally::default();
        xml.children(|xml, element| {
            self.roots = self.roots.saturating_add(1);
            if self.roots == 2 {
                self.reading.warn(
                    element.at,
                    "junit.several-roots",
                    "several documents follow each other in one file: all were read",
                );
            }
            match element.name() {
                "testcase" => {
                    let suite = self.open_suite("", &Suite::default());
                    self.case(xml, &element, suite, &mut outside)
                }
                "testsuites" | "testsuite" | "testrun" => self.suite(xml, &element, "", &mut outside),
                other => {
                    let message = format!("`<{other}>` after the results is no JUnit element: passed over");
                    self.reading.warn(element.at, "junit.foreign-root", message);
                    Ok(())
                }
            }
        })
    }

    /// Reads a suite (or the root around suites) and adds what it holds to `outer`.
    fn suite(
        &mut self,
        xml: &mut Xml<'a>,
        element: &Element<'a>,
        parent: &str,
        outer: &mut Tally,
    ) -> Read<()> {
        let (suite, declared) = self.suite_attributes(element);
        dialect::of_suite(element, self.reading);
        self.counts_assertions |= self.reading.producer.name == "catch2";
        let path = match (parent, suite.name.as_str()) {
            ("", name) => name.to_owned(),
            (parent, "") => parent.to_owned(),
            (parent, name) => path_below(parent, name),
        };
        let at = element.at;
        let index = if element.name() == "testsuite" || parent.is_empty() {
            self.open_suite(&path, &suite)
        } else {
            0
        };
        // Names of the outermost element are titles of the run, not part of a test's identity.
        let parent = if element.name() == "testsuite" { path.as_str() } else { "" };
        let mut tally = Tally::default();
        let result = xml.children(|xml, child| match child.name() {
            "testcase" => self.case(xml, &child, index, &mut tally),
            "testsuite" | "testsuites" => self.suite(xml, &child, parent, &mut tally),
            "error" | "failure" => self.suite_failure(xml, &child, index, &mut tally),
            "properties" => dialect::of_properties(xml, self.reading),
            "system-out" | "system-err" => Ok(()),
            _ => self.unknown(xml, &child, index, &mut tally),
        });
        if result.is_ok() {
            let name = if path.is_empty() { "the root element".to_owned() } else { format!("`{path}`") };
            self.compare(at, &name, &declared, &mut tally);
        }
        outer.add(tally);
        result
    }

    fn open_suite(&mut self, path: &str, suite: &Suite) -> u32 {
        self.tests.suites.push(Suite { name: path.to_owned(), ..suite.clone() });
        u32::try_from(self.tests.suites.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn suite_attributes(&mut self, element: &Element<'_>) -> (Suite, Declared) {
        let (mut suite, mut declared) = (Suite::default(), Declared::default());
        for (name, value) in element.attrs() {
            let count = || self.declared_count(element.at, name, &value);
            match name {
                "name" => suite.name = clean(&value).chars().take(MAX_NAME).collect(),
                "time" | "duration" => {
                    suite.micros = numbers::micros(&value).filter(|t| *t <= MAX_MICROS.saturating_mul(30))
                }
                "timestamp" => suite.timestamp = value.into_owned(),
                "file" | "filepath" => suite.file = clean(&value).into_owned(),
                "tests" => declared.tests = count(),
                "failures" => declared.failures = count(),
                "errors" => declared.errors = count(),
                "skipped" | "disabled" | "ignored" | "skip" => {
                    declared.skipped = declared.skipped.max(count().unwrap_or(0))
                }
                _ => {}
            }
        }
        if self.reading.timestamp.is_empty() && !suite.timestamp.is_empty() {
            self.reading.timestamp.clone_from(&suite.timestamp);
        }
        (suite, declared)
    }

    /// A declared count. One that cannot be read may be any, so that it is damage; an empty one declares nothing.
    fn declared_count(&self, at: usize, name: &str, text: &str) -> Option<u64> {
        let count = numbers::count(text);
        if count.is_none() && !text.trim().is_empty() {
            let text = clean(&shorten(text.trim(), 40)).into_owned();
            self.reading.damaged(at, format!("`{name}` declares `{text}`, which is not a count"));
        }
        count
    }

    /// `<error>` or `<failure>` directly in a suite: it did not load, or broke around its cases.
    fn suite_failure(
        &mut self,
        xml: &mut Xml<'a>,
        element: &Element<'a>,
        suite: u32,
        tally: &mut Tally,
    ) -> Read<()> {
        let status = if element.name() == "error" { Status::Error } else { Status::Failed };
        let mut outcome = Outcome::of_suite(&mut self.tests.text, suite);
        let result = outcome.problem(xml, element, status, &mut self.trace_budget);
        self.push(outcome, tally);
        result
    }

    fn case(&mut self, xml: &mut Xml<'a>, element: &Element<'a>, suite: u32, tally: &mut Tally) -> Read<()> {
        let mut outcome = Outcome::of_case(element, suite, &mut self.tests, &mut self.last_class);
        let result = xml.children(|xml, child| match child.name() {
            "testcase" | "testsuite" | "testsuites" => self.misplaced(xml, &child, "testcase", suite, tally),
            _ if outcome.child(xml, &child, &mut self.trace_budget)? => Ok(()),
            _ => self.unknown(xml, &child, suite, tally),
        });
        // Written down even if the file ends inside the case: a failure that was read stays read.
        outcome.settle(element.at, self.reading);
        match outcome.unknown() {
            Some(what) => self.open_case(element.at, what, tally),
            None => self.push(outcome, tally),
        }
        result
    }

    /// A case of which nobody knows how it went: it neither passed nor failed, and the file is incomplete.
    fn open_case(&mut self, at: usize, what: &str, tally: &mut Tally) {
        tally.missing = tally.missing.saturating_add(1);
        tally.cases = tally.cases.saturating_add(1);
        self.tests.not_run = self.tests.not_run.saturating_add(1);
        self.open = self.open.saturating_add(1);
        self.reading.damaged(at, format!("{what} is not a known result: the test counts as not run"));
    }

    /// Looks for results below an element that is none: they count, and the file is damaged.
    fn unknown(
        &mut self,
        xml: &mut Xml<'a>,
        element: &Element<'a>,
        suite: u32,
        tally: &mut Tally,
    ) -> Read<()> {
        let outer = element.name();
        xml.children(|xml, child| match child.name() {
            "testcase" | "testsuite" | "testsuites" => self.misplaced(xml, &child, outer, suite, tally),
            name @ ("failure" | "error") => {
                xml.note(DamageKind::Missing, child.at, || {
                    format!("`<{name}>` inside `<{outer}>` belongs to no test")
                });
                Ok(())
            }
            _ => self.unknown(xml, &child, suite, tally),
        })
    }

    /// A case or a suite where none belongs.
    fn misplaced(
        &mut self,
        xml: &mut Xml<'a>,
        element: &Element<'a>,
        outer: &str,
        suite: u32,
        tally: &mut Tally,
    ) -> Read<()> {
        let name = element.name();
        let message = || format!("`<{name}>` inside `<{outer}>`: it counts, but its place is wrong");
        xml.note(DamageKind::Missing, element.at, message);
        match name {
            "testcase" => self.case(xml, element, suite, tally),
            _ => self.suite(xml, element, "", tally),
        }
    }

    fn push(&mut self, outcome: Outcome, tally: &mut Tally) {
        let beyond_one = outcome.beyond_one();
        let case = outcome.into_case(&mut self.tests);
        tally.case(case.status, case.flaky, beyond_one);
        self.tests.cases.push(case);
    }

    /// Compares what a suite declares with what was found in it, nested suites included.
    fn compare(&mut self, at: usize, path: &str, declared: &Declared, tally: &mut Tally) {
        self.compare_failures(at, path, declared, tally);
        // Catch2 declares assertions.
        let Some(tests) = declared.tests.filter(|_| !self.counts_assertions) else { return };
        let found = tally.found.total.saturating_add(tally.missing);
        let unlisted_skips = declared.skipped.saturating_sub(tally.found.skipped);
        if tally.cases == 0 {
            let missing = tests.saturating_sub(found);
            let skipped = declared.skipped.min(missing);
            let passed = missing.saturating_sub(skipped);
            self.summary = self.summary.plus(Counts { total: missing, passed, skipped, ..Counts::default() });
            tally.missing = tally.missing.saturating_add(missing);
            return;
        }
        // Mocha counts pending tests and does not list them; Surefire counts every attempt.
        let missing =
            tests.saturating_sub(found.saturating_add(unlisted_skips).saturating_add(tally.beyond_one));
        if missing > 0 {
            tally.missing = tally.missing.saturating_add(missing);
            self.tests.not_run = self.tests.not_run.saturating_add(missing);
            let message = format!(
                "{path} declares {tests} tests and holds {}: {missing} did not report",
                tally.found.total
            );
            self.reading.warn(at, "junit.tests-missing", message);
        }
    }

    /// More failures declared than found are failures without a case; fewer are the writer's mistake.
    fn compare_failures(&mut self, at: usize, path: &str, declared: &Declared, tally: &mut Tally) {
        let (failures, errors) = (declared.failures.unwrap_or(0), declared.errors.unwrap_or(0));
        let (bad, found) = (failures.saturating_add(errors), tally.found.bad());
        let assertions = self.counts_assertions && tally.cases > 0 && found > 0;
        if bad < found && declared.failures.is_some() {
            let message =
                format!("{path} declares {bad} failures and errors; {found} cases failed, and they count");
            self.reading.warn(at, "junit.counts-differ", message);
        }
        if bad <= found.saturating_add(tally.beyond_one) || assertions {
            return;
        }
        let total = bad.saturating_sub(found);
        let errors = errors.saturating_sub(tally.found.errors).min(total);
        let undetailed = Counts { total, failed: total.saturating_sub(errors), errors, ..Counts::default() };
        self.tests.undetailed = self.tests.undetailed.plus(undetailed);
        tally.found = tally.found.plus(undetailed);
        let message = format!("{path} declares {bad} failures and errors and holds {found} such cases");
        self.reading.warn(at, "junit.undetailed-failures", message);
        if tally.cases > 0 {
            let cause = format!("{path} declares {total} failures that it does not hold");
            self.reading.mark(State::Incomplete, cause);
        }
    }

    /// Last conclusions over the whole file.
    fn settle(&mut self) {
        if self.tests.cases.is_empty() {
            self.tests.undetailed = self.tests.undetailed.plus(self.summary);
            if self.tests.undetailed.total > 0 {
                let message = "the file counts tests without listing them: the counts were used";
                self.reading.remark(Diagnostic::warning("junit.no-detail", message));
            }
        } else {
            self.tests.not_run = self.tests.not_run.saturating_add(self.summary.total);
        }
        let missing = self.tests.not_run.saturating_sub(self.open);
        if missing > 0 {
            let cause = format!("{missing} declared tests did not report: the run stopped early");
            self.reading.mark(State::Incomplete, cause);
        }
    }
}

#[cfg(test)]
mod tests;
