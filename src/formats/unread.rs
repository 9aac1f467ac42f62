//! Reports of known tools that nothing reads yet. One that shows a failure holds a deploy, because it is known to be a
//! report and its results are not judged.

use super::read::damage::DamageLog;
use super::read::xml::{Element, Node, Xml};

/// Root elements of reports that are not read: the format, and what the tool can write instead.
const REPORTS: [(&str, &str, &str); 8] = [
    ("TestRun", "TRX", "write JUnit XML too: add the package JunitXml.TestLogger and pass `--logger junit`"),
    ("test-run", "NUnit 3", "write JUnit XML too: `--result=junit.xml;transform=nunit3-junit.xslt`"),
    ("test-results", "NUnit 2", "write JUnit XML too"),
    ("assemblies", "xUnit.net", "write JUnit XML too: `-junit junit.xml`"),
    ("testng-results", "TestNG", "upload the folder `junitreports` that TestNG writes beside it"),
    ("failsafe-summary", "the summary of Failsafe", "upload the files `TEST-*.xml` beside it"),
    ("Site", "CTest's Test.xml", "write JUnit XML too: `ctest --output-junit junit.xml`"),
    ("testExecutions", "SonarQube's generic test executions", "write JUnit XML too"),
];

/// Names of counts of what went wrong, as attributes or as elements.
const COUNTS: [&str; 8] =
    ["failed", "failures", "errors", "error", "timeout", "timeouts", "aborted", "invalid"];
/// Words for what went wrong, in these attributes.
const VERDICTS: [&str; 4] = ["outcome", "result", "status", "Status"];
const BAD: [&str; 8] = ["failed", "fail", "failure", "error", "timeout", "aborted", "notrunnable", "invalid"];

/// A report that is known and not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) title: &'static str,
    pub(super) help: &'static str,
    /// It shows a failure.
    pub(super) is_red: bool,
}

/// Knows an XML report that is not read by its root element, and looks for a failure in it.
pub(super) fn of_xml(root: &str, text: &str) -> Option<Unread> {
    let (_, title, help) = REPORTS.iter().find(|(name, ..)| *name == root)?;
    Some(Unread { title, help, is_red: is_red(text) })
}

fn is_red(text: &str) -> bool {
    let mut xml = Xml::new(text, &DamageLog::default());
    // A fault is for the strict look at the file to tell.
    while let Ok(Some(node)) = xml.next() {
        let Node::Open(element) = node else { continue };
        if shows_failure(&element) || element.name() == "failure" {
            return true;
        }
        let is_count = COUNTS.contains(&element.name());
        if is_count && xml.text(64).is_ok_and(|count| is_positive(&count)) {
            return true;
        }
    }
    false
}

fn shows_failure(element: &Element<'_>) -> bool {
    element.attrs().any(|(name, value)| {
        (COUNTS.contains(&name) && is_positive(&value))
            || (VERDICTS.contains(&name) && is_bad(element.name(), &value))
    })
}

fn is_positive(count: &str) -> bool {
    count.trim().parse::<f64>().is_ok_and(|count| count > 0.0)
}

/// A word for a failure, or the exit code in a summary of Failsafe.
fn is_bad(element: &str, value: &str) -> bool {
    let word = value.trim().to_ascii_lowercase();
    BAD.contains(&word.as_str())
        || (element == "failsafe-summary" && !matches!(word.as_str(), "" | "0" | "254"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_report_is_red_where_anything_in_it_failed() {
        for (text, want) in [
            (
                "<TestRun><ResultSummary outcome='Completed'><Counters total='2' failed='0'/></ResultSummary></TestRun>",
                false,
            ),
            ("<TestRun><ResultSummary outcome='Failed'/></TestRun>", true),
            ("<TestRun><Results><UnitTestResult outcome='Timeout'/></Results></TestRun>", true),
            ("<test-run result='Passed' failed='0'/>", false),
            ("<test-run failed='1'/>", true),
            ("<assemblies><assembly errors='1' failed='0'/></assemblies>", true),
            ("<testng-results failed='0'/>", false),
            ("<failsafe-summary result='255'/>", true),
            ("<failsafe-summary result='254'/>", false),
            ("<failsafe-summary><errors>0</errors><failures>2</failures></failsafe-summary>", true),
            ("<Site><Testing><Test Status='failed'/></Testing></Site>", true),
        ] {
            let root = text.trim_start_matches('<').split([' ', '>', '/']).next().unwrap();
            assert_eq!(of_xml(root, text).map(|unread| unread.is_red), Some(want), "{text}");
        }
        assert_eq!(of_xml("project", "<project failed='1'/>"), None);
    }
}
