//! `junit.xml`: the decision as test results, for systems that show those and little else.
//!
//! First the decision itself, so that a run that could not judge is not taken for one in which nothing failed. Then a
//! suite for each category: a case for each criterion, and the failing tests that the report lists. Tests that passed
//! are not repeated. What waivers take out, what does not apply and what is only shown is skipped: none of it passed.

use super::escape::{one_line, xml};
use super::words;
use crate::evidence::text::shorten;
use crate::report::{Category, Criterion, CriterionState, Report, TestRow};
use std::fmt::Write as _;

/// Bytes of the line that says what went wrong; the text behind it has everything.
const MAX_MESSAGE: usize = 500;

/// Words that Rails' XML reader, which GitLab uses, takes for instructions when they stand in `type`.
const INSTRUCTIONS: [&str; 18] = [
    "array",
    "base64binary",
    "binary",
    "boolean",
    "date",
    "datetime",
    "decimal",
    "double",
    "duration",
    "file",
    "float",
    "hash",
    "hexbinary",
    "integer",
    "string",
    "symbol",
    "time",
    "yaml",
];

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Skipped,
    Failed,
    Broken,
}

#[derive(Debug)]
struct Case<'a> {
    class: &'a str,
    name: &'a str,
    outcome: Outcome,
    /// Stable code or failure type, or empty.
    kind: &'a str,
    message: String,
    /// Everything that there is to say, where it is more than the message.
    text: String,
    file: &'a str,
    line: Option<u64>,
    duration_ms: Option<u64>,
}

#[derive(Debug)]
struct Suite<'a> {
    name: &'a str,
    cases: Vec<Case<'a>>,
}

/// The report as JUnit XML.
pub(super) fn render(report: &Report) -> String {
    let suites = suites(report);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = || suites.iter().flat_map(|s| &s.cases);
    element(&mut out, "<testsuites name=\"Shipworthy\"", all());
    for suite in &suites {
        element(&mut out, &format!("  <testsuite name=\"{}\"", attribute(suite.name)), suite.cases.iter());
        for case in &suite.cases {
            write_case(&mut out, case);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// The suites: the decision, the categories of the policy, and categories that only have failing tests.
fn suites(report: &Report) -> Vec<Suite<'_>> {
    let failing: Vec<&TestRow> = report.tests.iter().flat_map(|t| &t.failures).collect();
    let mut suites = vec![decision(report)];
    for category in &report.decision.categories {
        let tests = failing.iter().filter(|t| t.category == category.id).map(|t| test(t));
        suites.push(Suite {
            name: &category.title,
            cases: category.criteria.iter().map(|c| criterion(category, c)).chain(tests).collect(),
        });
    }
    let known = |t: &&&TestRow| report.decision.categories.iter().any(|c| c.id == t.category);
    let outside: Vec<Case<'_>> = failing.iter().filter(|t| !known(t)).map(|t| test(t)).collect();
    if !outside.is_empty() {
        suites.push(Suite { name: "Outside of every category", cases: outside });
    }
    suites
}

/// The decision as a case, and one for failing tests that are counted and not listed.
fn decision(report: &Report) -> Suite<'_> {
    let decision = &report.decision;
    let (outcome, kind) = match decision.exit_code {
        _ if words::deploys(decision) => (Outcome::Passed, ""),
        1 => (Outcome::Failed, "REMEDIATE"),
        _ => (Outcome::Broken, "UNDECIDED"),
    };
    let reasons = decision.reasons.iter().filter(|r| r.blocking).map(|r| format!("{}: {}", r.code, r.text));
    let error = report.error.iter().map(|e| format!("{}\n{}", e.message, e.help));
    let case = |name, outcome, kind, message, text| Case {
        class: "decision",
        name,
        outcome,
        kind,
        message,
        text,
        file: "",
        line: None,
        duration_ms: None,
    };
    let text = reasons.chain(error).collect::<Vec<_>>().join("\n");
    let mut cases = vec![case("deploy", outcome, kind, decision.headline.clone(), text)];
    let left_out = report.tests.as_ref().map_or(0, |t| t.failures_left_out);
    if left_out > 0 {
        let message = words::plural(left_out, "failing test is not listed", "failing tests are not listed");
        cases.push(case("every failing test is listed", Outcome::Failed, "LEFT_OUT", message, String::new()));
    }
    Suite { name: "Decision", cases }
}

fn criterion<'a>(category: &'a Category, criterion: &'a Criterion) -> Case<'a> {
    let outcome = match criterion.state {
        CriterionState::Pass | CriterionState::Warn => Outcome::Passed,
        CriterionState::NotApplicable | CriterionState::Info | CriterionState::Waived => Outcome::Skipped,
        CriterionState::Unknown => Outcome::Broken,
        CriterionState::Fail => Outcome::Failed,
    };
    let rule = if category.rule.is_empty() { "" } else { " — " };
    let hint = criterion.fix.as_ref().map_or("", |fix| fix.hint.as_str());
    Case {
        class: &criterion.id,
        name: &criterion.title,
        outcome,
        kind: &criterion.reason_code,
        message: format!("{}: {}{rule}{}", criterion.state.name(), criterion.text, category.rule),
        text: [criterion.reason_code.as_str(), criterion.text.as_str(), hint].join("\n"),
        file: "",
        line: None,
        duration_ms: None,
    }
}

fn test(test: &TestRow) -> Case<'_> {
    let (outcome, message) = match test.status.as_str() {
        _ if !test.waiver.is_empty() => {
            (Outcome::Skipped, format!("taken out by {}: {}", test.waiver, test.message))
        }
        "error" => (Outcome::Broken, test.message.clone()),
        _ => (Outcome::Failed, test.message.clone()),
    };
    // Some readers show the text alone, so that it begins with the message.
    let said = test.trace.contains(test.message.trim());
    let message_first = (!said).then_some(&test.message);
    let text: Vec<&str> =
        message_first.into_iter().chain([&test.trace]).chain(&test.more).map(String::as_str).collect();
    Case {
        class: if test.class.is_empty() { &test.suite } else { &test.class },
        name: &test.name,
        outcome,
        kind: &test.kind,
        message,
        text: text.join("\n"),
        file: &test.file,
        line: test.line,
        duration_ms: test.duration_ms,
    }
}

/// Ends a start tag with the counts of its cases.
fn element<'a>(out: &mut String, start: &str, cases: impl Iterator<Item = &'a Case<'a>>) {
    let [mut tests, mut failures, mut errors, mut skipped] = [0_u64; 4];
    for case in cases {
        tests = tests.saturating_add(1);
        match case.outcome {
            Outcome::Passed => {}
            Outcome::Skipped => skipped = skipped.saturating_add(1),
            Outcome::Failed => failures = failures.saturating_add(1),
            Outcome::Broken => errors = errors.saturating_add(1),
        }
    }
    let _infallible = writeln!(
        out,
        "{start} tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">"
    );
}

fn write_case(out: &mut String, case: &Case<'_>) {
    let place = [("classname", case.class), ("name", case.name), ("file", case.file)];
    out.push_str("    <testcase");
    for (name, value) in place.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _infallible = write!(out, " {name}=\"{}\"", attribute(value));
    }
    if let Some(line) = case.line {
        let _infallible = write!(out, " line=\"{line}\"");
    }
    if let Some(ms) = case.duration_ms {
        let _infallible = write!(out, " time=\"{}.{:03}\"", ms / 1_000, ms % 1_000);
    }
    let message = attribute(&shorten(&one_line(&case.message), MAX_MESSAGE));
    let tag = match case.outcome {
        Outcome::Passed => return out.push_str("/>\n"),
        Outcome::Skipped => {
            let _infallible = writeln!(out, "><skipped message=\"{message}\"/></testcase>");
            return;
        }
        Outcome::Failed => "failure",
        Outcome::Broken => "error",
    };
    let _infallible = write!(out, "><{tag} message=\"{message}\"");
    if !case.kind.is_empty() && !INSTRUCTIONS.contains(&case.kind.to_ascii_lowercase().as_str()) {
        let _infallible = write!(out, " type=\"{}\"", attribute(case.kind));
    }
    let text = if case.text.trim().is_empty() { &case.message } else { &case.text };
    let _infallible = writeln!(out, ">{}</{tag}></testcase>", xml(text.trim()));
}

fn attribute(text: &str) -> String {
    xml(&one_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::State;
    use crate::evidence::tests::{Counts, Tests};
    use crate::formats::read;
    use crate::render::sample;
    use proptest::prelude::*;

    /// What our own reader finds in it; nothing may be damaged or contradict itself.
    fn read_back(report: &Report) -> (Tests, String) {
        let text = render(report);
        let (format, reading) = read("junit.xml", &text);
        assert_eq!(format.map(|f| f.id), Some("junit"));
        assert_eq!((reading.state, reading.cause.as_str()), (State::Ok, ""), "{text}");
        assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
        (reading.facts.tests.clone().unwrap(), text)
    }

    fn counts(total: u64, failed: u64, errors: u64, skipped: u64) -> Counts {
        Counts { total, passed: total - failed - errors - skipped, failed, errors, skipped, flaky: 0 }
    }

    #[test]
    fn our_own_reader_counts_what_the_report_says() {
        // The decision and the remark on tests left out, nine criteria, ten failing tests.
        let (tests, text) = read_back(&sample::report());
        assert_eq!(tests.counts(), counts(21, 12, 3, 1));
        assert!(
            text.contains("<testsuite name=\"Unit tests\" tests=\"11\" failures=\"7\" errors=\"2\""),
            "{text}"
        );
        assert!(text.contains("type=\"BELOW_TARGET\">BELOW_TARGET\nPass rate 81.4 %, wanted"), "{text}");
        assert!(text.contains("6 failing tests are not listed"), "{text}");
        assert_eq!(read_back(&sample::green()).0.counts(), counts(4, 0, 0, 0));
    }

    #[test]
    fn a_run_that_could_not_judge_does_not_read_as_one_without_failures() {
        let (tests, text) = read_back(&sample::error());
        assert_eq!(tests.counts(), counts(1, 0, 1, 0));
        assert!(text.contains("did you mean `weight`?"), "{text}");
    }

    #[test]
    fn what_a_waiver_takes_out_is_skipped() {
        let mut report = sample::report();
        report.tests.as_mut().unwrap().failures[5].waiver = "W-1".to_owned();
        report.decision.categories[0].criteria[0].state = CriterionState::Waived;
        assert_eq!(read_back(&report).0.counts(), counts(21, 10, 3, 3));
    }

    #[test]
    fn hostile_text_changes_no_count_and_makes_no_element() {
        let (tame, hostile) = (read_back(&sample::tame()), read_back(&sample::hostile()));
        assert_eq!(hostile.0.counts(), tame.0.counts());
        assert_eq!(hostile.1.matches('<').count(), tame.1.matches('<').count());
        assert_eq!(hostile.1.matches("]]>").count(), 0);
        let total = read_back(&sample::huge(1)).0.counts().total;
        assert!(total > 1_000, "{total}");
    }

    #[test]
    fn a_kind_that_a_reader_would_obey_is_left_out() {
        let mut report = sample::report();
        for (test, kind) in report.tests.as_mut().unwrap().failures.iter_mut().zip(["yaml", "Symbol", "Oops"])
        {
            test.kind = kind.to_owned();
        }
        let text = render(&report);
        assert!(text.contains("type=\"Oops\"") && !text.contains("\"yaml\"") && !text.contains("\"Symbol\""));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_is_well_formed(text in any::<String>(), more in "[<>&\"'\\]\u{0}-\u{1f}\u{7f}-\u{9f}\u{fff0}-\u{ffff}]{0,40}") {
            let mut report = sample::report();
            let text = text + &more;
            for test in &mut report.tests.as_mut().unwrap().failures {
                for field in [&mut test.name, &mut test.class, &mut test.message, &mut test.trace, &mut test.file] {
                    field.clone_from(&text);
                }
            }
            for category in &mut report.decision.categories {
                category.title.clone_from(&text);
            }
            prop_assert_eq!(read_back(&report).0.counts(), counts(21, 12, 3, 1));
            let xml = render(&report);
            let mut reader = quick_xml::Reader::from_str(&xml);
            while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        }
    }
}
