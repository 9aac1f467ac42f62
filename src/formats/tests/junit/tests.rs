//! One test a row of what writers get up to.

use super::super::super::{Reading, read};
use crate::evidence::State;
use crate::evidence::tests::{Status, Tests};

/// Reads `body` inside of one suite and answers `total/passed/failed/errors/skipped`.
fn suite(body: &str) -> String {
    counts(&format!("<testsuite name=\"s\">{body}</testsuite>"))
}

fn reading(text: &str) -> Reading<'_> {
    read("results.xml", text).1
}

fn tests(text: &str) -> Tests {
    reading(text).facts.tests.expect("no tests were read")
}

fn counts(text: &str) -> String {
    let c = tests(text).counts();
    format!("{}/{}/{}/{}/{}", c.total, c.passed, c.failed, c.errors, c.skipped)
}

fn codes(text: &str) -> Vec<String> {
    reading(text).diagnostics.into_iter().map(|d| d.code).collect()
}

#[test]
fn an_unknown_word_or_element_is_neither_a_pass_nor_a_failure() {
    for (case, want) in [
        ("status='untested'/", None),
        ("status='CANCELED'/", None),
        ("><blocked/></testcase", None),
        ("status='weird' result='completed'/", None),
        ("status='SUCCESS'/", Some(Status::Passed)),
        ("status='run' result='suppressed'/", Some(Status::Skipped)),
        ("status='weird' result='failed'/", Some(Status::Failed)),
        ("status='weird'><failure/></testcase", Some(Status::Failed)),
        ("><failed message='no'/></testcase", Some(Status::Failed)),
        ("status='notrun'><skipped message='Unable to find executable'/></testcase", Some(Status::Error)),
        ("status='notrun'><skipped message='SKIP_RETURN_CODE=77'/></testcase", Some(Status::Skipped)),
        ("><properties/><attachments/><x:more xmlns:x='u'/></testcase", Some(Status::Passed)),
    ] {
        let text = format!("<testsuite tests='2'><testcase name='a'/><testcase name='b' {case}></testsuite>");
        let (_, reading) = read("junit.xml", &text);
        let tests = reading.facts.tests.as_ref().unwrap();
        assert_eq!(tests.cases.get(1).map(|case| case.status), want, "{case}");
        assert_eq!(
            (tests.not_run, reading.state == State::Incomplete),
            (u64::from(want.is_none()), want.is_none()),
            "{case}"
        );
    }
}

#[test]
fn suites_nest_and_cases_stand_anywhere() {
    let case = "<testcase name=\"a\"><failure/></testcase>";
    for text in [
        format!("<testsuites><testsuite><testsuite>{case}</testsuite></testsuite></testsuites>"),
        format!("<testsuites tests=\"1\" failures=\"1\">{case}</testsuites>"),
        format!("<testrun><testsuite>{case}</testsuite></testrun>"),
        format!("<j:testsuites xmlns:j=\"u\"><j:testsuite>{case}</j:testsuite></j:testsuites>"),
        case.to_owned(),
    ] {
        assert_eq!(counts(&text), "1/0/1/0/0", "{text}");
    }
    let nested = tests(
        "<testsuites name=\"run\"><testsuite name=\"o\"><testsuite name=\"i\"><testcase name=\"a\"/></testsuite></testsuite></testsuites>",
    );
    assert_eq!(nested.suite(nested.cases.first().unwrap()).unwrap().name, "o › i");
}

#[test]
fn documents_that_follow_each_other_are_all_read() {
    let two = "<testsuite><testcase/></testsuite>\n<testsuite><testcase><failure/></testcase></testsuite>";
    assert_eq!(counts(two), "2/1/1/0/0");
    assert_eq!(codes(two), ["junit.several-roots"]);
}

#[test]
fn the_worst_child_decides() {
    for (body, want) in [
        ("<failure/><error/>", "1/0/0/1/0"),
        ("<skipped/><failure/>", "1/0/1/0/0"),
        ("<failure/><skipped message=\"quarantined\"/>", "1/0/1/0/0"),
        ("<skipped message=\"TEST_CASE tagged with !mayfail\"/><failure/>", "1/0/0/0/1"),
        ("<skipped>why</skipped>", "1/0/0/0/1"),
        ("<ignored/>", "1/0/0/0/1"),
        ("<warning/>", "1/1/0/0/0"),
        ("<x:foo><failure>nested</failure></x:foo>", "1/1/0/0/0"),
        ("<failure/><failure/><failure/>", "1/0/1/0/0"),
    ] {
        assert_eq!(suite(&format!("<testcase name=\"a\">{body}</testcase>")), want, "{body}");
    }
}

#[test]
fn attributes_decide_where_no_child_speaks() {
    for (attributes, want) in [
        ("status=\"failed\"", "1/0/1/0/0"),
        ("result=\"failed\" status=\"run\"", "1/0/1/0/0"),
        ("status=\"error\"", "1/0/0/1/0"),
        ("status=\"notrun\" result=\"suppressed\"", "1/0/0/0/1"),
        ("status=\"disabled\"", "1/0/0/0/1"),
        ("status=\"run\" result=\"completed\"", "1/1/0/0/0"),
    ] {
        assert_eq!(suite(&format!("<testcase name=\"a\" {attributes}/>")), want, "{attributes}");
    }
    assert_eq!(
        codes("<testsuite><testcase status=\"failed\"/></testsuite>"),
        ["junit.status-without-failure"]
    );
    assert_eq!(suite("<testcase status=\"disabled\"><skipped/><failure/></testcase>"), "1/0/0/0/1");
}

#[test]
fn attempts_make_a_case_flaky_and_never_hide_its_failure() {
    for (body, want, flaky) in [
        ("<flakyFailure message=\"x\"><stackTrace>t</stackTrace></flakyFailure>", "1/1/0/0/0", 1),
        ("<flakyError/>", "1/1/0/0/0", 1),
        ("<failure/><rerunFailure/>", "1/0/1/0/0", 0),
        ("<failure/><flakyFailure/>", "1/0/1/0/0", 1),
        ("<rerunFailure/>", "1/1/0/0/0", 1),
    ] {
        let text = format!("<testsuite><testcase name=\"a\">{body}</testcase></testsuite>");
        assert_eq!(counts(&text), want, "{body}");
        assert_eq!(tests(&text).counts().flaky, flaky, "{body}");
    }
}

#[test]
fn counts_are_a_second_witness() {
    let passing = "<testcase name=\"a\"/>";
    let undetailed = format!(
        "<testsuites><testsuite name=\"s\" tests=\"3\" failures=\"2\">{passing}</testsuite></testsuites>"
    );
    assert_eq!(counts(&undetailed), "3/1/2/0/0");
    assert_eq!(codes(&undetailed), ["junit.undetailed-failures"]);
    assert_eq!(reading(&undetailed).state, State::Incomplete);
    let attempts = "<testsuite tests=\"4\" failures=\"4\"><testcase><failure/><rerunFailure/><rerunFailure/><rerunFailure/></testcase></testsuite>";
    assert_eq!((counts(attempts).as_str(), reading(attempts).state), ("1/0/1/0/0", State::Ok));
    let at_the_root = format!(
        "<testsuites errors=\"1\" tests=\"1\"><testsuite tests=\"1\">{passing}</testsuite></testsuites>"
    );
    assert_eq!(tests(&at_the_root).counts().errors, 1);
    let wrong = "<testsuite tests=\"1\" failures=\"0\"><testcase><failure/></testcase></testsuite>";
    assert_eq!(counts(wrong), "1/0/1/0/0");
    assert_eq!(codes(wrong), ["junit.counts-differ"]);
    assert_eq!(counts("<testsuite tests=\"NaN\" failures=\"\"><testcase/></testsuite>"), "1/1/0/0/0");
}

#[test]
fn declared_tests_that_never_reported_make_the_file_incomplete() {
    let short = "<testsuite name=\"s\" tests=\"5\"><testcase/><testcase/></testsuite>";
    let read = reading(short);
    assert_eq!((read.state, read.facts.tests.unwrap().not_run), (State::Incomplete, 3));
    let nested = "<testsuites tests=\"5\"><testsuite tests=\"5\"><testcase/></testsuite></testsuites>";
    assert_eq!(tests(nested).not_run, 4);
    let unlisted_skips = "<testsuite tests=\"3\" skipped=\"2\"><testcase/></testsuite>";
    assert_eq!(reading(unlisted_skips).state, State::Ok);
    let catch2 = "<testsuite hostname=\"tbd\" tests=\"50\"><testcase/></testsuite>";
    assert_eq!(reading(catch2).state, State::Ok);
}

#[test]
fn a_summary_without_cases_is_used_and_marked() {
    let summary = "<testsuites tests=\"6\" failures=\"1\"><testsuite tests=\"6\" failures=\"1\" skipped=\"2\"/></testsuites>";
    assert_eq!(counts(summary), "6/3/1/0/2");
    assert!(codes(summary).contains(&"junit.no-detail".to_owned()));
    let beside_cases =
        "<testsuites><testsuite tests=\"3\"/><testsuite tests=\"1\"><testcase/></testsuite></testsuites>";
    assert_eq!(reading(beside_cases).state, State::Incomplete);
}

#[test]
fn a_suite_that_did_not_load_is_a_failing_case() {
    let text = "<testsuites><testsuite name=\"s\" tests=\"0\" errors=\"1\"><error message=\"collection failed\">boom</error></testsuite></testsuites>";
    assert_eq!(counts(text), "1/0/0/1/0");
    let read = tests(text);
    assert_eq!(read.detail(read.cases.first().unwrap()).unwrap().message, "collection failed");
}

#[test]
fn without_records_the_file_is_empty() {
    for text in ["<testsuites/>", "<testsuites tests=\"0\"><testsuite name=\"s\" tests=\"0\"/></testsuites>"]
    {
        assert_eq!(reading(text).state, State::Empty, "{text}");
    }
}

#[test]
fn what_was_read_before_a_cut_stays_read() {
    let whole = "<testsuites><testsuite name=\"s\" tests=\"3\"><testcase name=\"a\"/><testcase name=\"b\"><failure message=\"m\">trace</failure></testcase></testsuite></testsuites>";
    let failure = whole.find("<failure message=\"m\">").unwrap() + 21;
    for end in 13..whole.len() {
        let read = reading(whole.get(..end).unwrap());
        assert_ne!(read.state, State::Ok, "{end}");
        let failed = read.facts.tests.map_or(0, |t| t.counts().failed);
        assert_eq!(failed, u64::from(end >= failure), "{end}");
    }
    assert_eq!(reading("<testsuite><testcase><failure/></testcas></testsuite>").state, State::Unreadable);
}

#[test]
fn messages_come_from_the_attribute_or_the_first_line() {
    let detail = |body: &str| {
        let read = tests(&format!("<testsuite><testcase>{body}</testcase></testsuite>"));
        read.details.into_iter().next().unwrap()
    };
    assert_eq!(detail("<failure message=\"m\">t</failure>").message, "m");
    assert_eq!(detail("<failure>\n  boom\n at x</failure>").message, "boom");
    assert_eq!(
        detail("<failure><![CDATA[a <b> & ]]>]]&gt;<![CDATA[ tail]]></failure>").message,
        "a <b> & ]]> tail"
    );
    assert_eq!(detail("<failure message=\"\"/><system-out>x\nlast words</system-out>").message, "last words");
    assert_eq!(detail("<failure message=\"&#27;[31mred&#27;[0m\"/>").message, "red");
    let both = detail("<failure message=\"call\"/><error message=\"teardown\"/>");
    assert_eq!((both.message.as_str(), both.more), ("teardown", vec!["call".to_owned()]));
}

#[test]
fn logs_are_not_kept() {
    let text = format!(
        "<testsuite><testcase name=\"a\"/><system-out><![CDATA[{}]]></system-out></testsuite>",
        "x".repeat(1 << 20)
    );
    let read = tests(&text);
    assert!(read.details.is_empty());
    assert_eq!(read.counts().passed, 1);
}

#[test]
fn writers_are_recognised() {
    for (text, producer) in [
        ("<testsuites name=\"jest tests\"><testsuite/></testsuites>", "jest"),
        ("<testsuites><testsuite name=\"pytest\"/></testsuites>", "pytest"),
        ("<testsuites id=\"\" name=\"\" tests=\"0\"/>", "playwright"),
        (
            "<testsuite><properties><property name=\"go.version\" value=\"1.22\"/></properties></testsuite>",
            "go test",
        ),
    ] {
        assert_eq!(reading(text).producer.name, producer, "{text}");
    }
}

#[test]
fn durations_of_more_than_a_day_are_not_seconds() {
    let read = tests("<testsuite><testcase time=\"999638317\"/><testcase time=\"1,234.5\"/></testsuite>");
    assert_eq!(read.micros(), Some(1_234_500_000));
}
