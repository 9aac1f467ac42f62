//! One test case: what its attributes and children say, and what follows from it.

use super::super::super::Reading;
use super::super::super::read::fault::Read;
use super::super::super::read::numbers;
use super::super::super::read::xml::{Element, Xml, clean};
use super::{MAX_MICROS, MAX_NAME};
use crate::evidence::tests::{Case, Detail, Status, Tests};
use crate::evidence::text::{Arena, Span, shorten};

/// Bytes kept of one trace, of one message, and of the output of a case that says nothing else.
const MAX_TRACE: usize = 8_192;
const MAX_MESSAGE: usize = 1_024;
const MAX_OUTPUT: usize = 2_048;
/// Messages kept of one case beyond the first.
const MAX_MORE: usize = 8;

/// A case while it is read.
pub(super) struct Outcome {
    suite: u32,
    name: Span,
    class: Span,
    micros: Option<u64>,
    odd_time: bool,
    /// The worst of its children; `None` where no child speaks.
    said: Option<Status>,
    skipped_too: bool,
    /// Catch2 tolerates the failure, or the case is disabled.
    tolerated: bool,
    word: Word,
    /// A word or an element that may say how the case went, and that nobody knows.
    unknown: Option<String>,
    reruns: u32,
    problems: u32,
    flaky: bool,
    detail: Detail,
    output: String,
    status: Status,
}

/// What the attributes `status` and `result` say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Nothing, or that the case passed.
    Nothing,
    /// A word that is on no list: the case may have passed or not.
    Unknown,
    Skipped,
    Disabled,
    Failed,
    Error,
}

impl Word {
    fn of(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "failed" | "fail" | "failure" | "timeout" | "timedout" | "aborted" => Self::Failed,
            "error" | "errored" | "broken" | "crashed" => Self::Error,
            "disabled" => Self::Disabled,
            "skipped" | "skip" | "notrun" | "not_run" | "suppressed" | "ignored" | "pending" | "todo"
            | "inactive" => Self::Skipped,
            "" | "passed" | "pass" | "success" | "successful" | "succeeded" | "ok" | "run" | "ran"
            | "completed" | "complete" | "executed" | "finished" | "expected" | "warning" | "true" => {
                Self::Nothing
            }
            _ => Self::Unknown,
        }
    }
}

/// Children of a case that say nothing about how it went.
const SILENT: [&str; 7] =
    ["system-out", "system-err", "properties", "attachments", "warning", "assertions", "output"];

/// What `CTest` says of a test that did not run because something was broken.
const BROKEN: [&str; 5] = [
    "Unable to find executable",
    "Failed to start",
    "Fixture dependency failed",
    "Required Files Missing",
    "Missing Configuration",
];

/// Stores a name, which is nearly always short enough as it is.
fn store(text: &mut Arena, name: &str) -> Span {
    if name.len() <= MAX_NAME { text.push(name) } else { text.push(&shorten(name, MAX_NAME)) }
}

impl Outcome {
    fn new(suite: u32) -> Self {
        Self {
            suite,
            name: Span::default(),
            class: Span::default(),
            micros: None,
            odd_time: false,
            said: None,
            skipped_too: false,
            tolerated: false,
            word: Word::Nothing,
            unknown: None,
            reruns: 0,
            problems: 0,
            flaky: false,
            detail: Detail::default(),
            output: String::new(),
            status: Status::Passed,
        }
    }

    /// A case that stands for its suite.
    pub(super) fn of_suite(text: &mut Arena, suite: u32) -> Self {
        Self { name: text.push("(the suite itself)"), ..Self::new(suite) }
    }

    /// A case with the attributes of its element.
    pub(super) fn of_case(
        element: &Element<'_>,
        suite: u32,
        tests: &mut Tests,
        last_class: &mut Span,
    ) -> Self {
        let mut outcome = Self::new(suite);
        for (name, value) in element.attrs() {
            match name {
                "name" if outcome.name.is_empty() => {
                    outcome.name = store(&mut tests.text, &clean(&value));
                }
                "classname" | "class" if outcome.class.is_empty() => {
                    let class = clean(&value);
                    if tests.text.get(*last_class) != class {
                        *last_class = store(&mut tests.text, &class);
                    }
                    outcome.class = *last_class;
                }
                "time" | "duration" => {
                    outcome.micros = numbers::micros(&value).filter(|t| *t <= MAX_MICROS);
                    outcome.odd_time = outcome.micros.is_none() && !value.trim().is_empty();
                }
                "status" | "result" => outcome.take_word(name, &value),
                "file" | "filepath" => outcome.detail.file = clean(&value).into_owned(),
                "line" | "lineno" => outcome.detail.line = value.trim().parse().ok(),
                _ => {}
            }
        }
        if outcome.name.is_empty() {
            let ordinal = tests.cases.len().saturating_add(1);
            outcome.name = tests.text.push(&format!("(unnamed test {ordinal})"));
        }
        outcome
    }

    /// A word that says something outweighs one that nobody knows.
    fn take_word(&mut self, attribute: &str, value: &str) {
        let word = Word::of(value);
        if matches!(self.word, Word::Nothing | Word::Unknown) && word != Word::Nothing {
            self.word = word;
        }
        if word == Word::Unknown {
            self.unknown = Some(format!("`{attribute}=\"{}\"`", clean(&shorten(value.trim(), 40))));
        }
    }

    /// Reads one child of the case; children of children never set a status. The answer says whether it is one that is
    /// known.
    pub(super) fn child<'a>(
        &mut self,
        xml: &mut Xml<'a>,
        child: &Element<'a>,
        budget: &mut usize,
    ) -> Read<bool> {
        match child.name() {
            // The formatter of ExUnit writes `<failed>`.
            "failure" | "failed" => self.problem(xml, child, Status::Failed, budget),
            "error" => self.problem(xml, child, Status::Error, budget),
            "skipped" | "ignored" | "disabled" => self.skip(xml, child),
            "flakyFailure" | "flakyError" => {
                self.flaky = true;
                self.attempt(xml, child)
            }
            "rerunFailure" | "rerunError" => self.attempt(xml, child),
            "system-out" | "system-err"
                if self.said.is_some_and(Status::is_bad) || self.word != Word::Nothing =>
            {
                // It may be all that there is to say why the case failed (CTest).
                if self.detail.message.is_empty() {
                    xml.text_into(&mut self.output, MAX_OUTPUT)
                } else {
                    Ok(())
                }
            }
            name if SILENT.contains(&name) => Ok(()),
            name => {
                // An element of another namespace is an extension; any other may be a result.
                if !child.has_prefix() {
                    self.unknown = Some(format!("`<{name}>`"));
                }
                return Ok(false);
            }
        }
        .map(|()| true)
    }

    /// `<failure>` or `<error>`: the first message is the headline, the others are kept beside it.
    pub(super) fn problem<'a>(
        &mut self,
        xml: &mut Xml<'a>,
        element: &Element<'a>,
        status: Status,
        budget: &mut usize,
    ) -> Read<()> {
        self.problems = self.problems.saturating_add(1);
        let worse = self.said.is_none_or(|said| status > said);
        self.said = Some(self.said.map_or(status, |said| said.max(status)));
        let (mut message, mut kind) = (String::new(), String::new());
        for (name, value) in element.attrs() {
            match name {
                "message" => message = shorten(clean(&value).trim(), MAX_MESSAGE),
                "type" => kind = shorten(&clean(&value), 200),
                "file" | "filepath" if self.detail.file.is_empty() => {
                    self.detail.file = clean(&value).into_owned()
                }
                "line" | "lineno" if self.detail.line.is_none() => {
                    self.detail.line = value.trim().parse().ok()
                }
                _ => {}
            }
        }
        let keep = MAX_TRACE.min(*budget).max(MAX_MESSAGE);
        let mut trace = String::new();
        let result = xml.text_into(&mut trace, keep);
        let trace = clean(trace.trim_matches(['\n', '\r', ' '])).into_owned();
        *budget = budget.saturating_sub(trace.len());
        if message.is_empty() {
            message = shorten(
                trace.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default(),
                MAX_MESSAGE,
            );
        }
        if worse {
            let earlier = std::mem::replace(&mut self.detail.message, message);
            if !earlier.is_empty() {
                self.more(earlier);
            }
            self.detail.kind = kind;
            self.detail.trace = trace;
        } else {
            self.more(message);
        }
        result
    }

    fn more(&mut self, message: String) {
        if self.detail.more.len() < MAX_MORE {
            self.detail.more.push(message);
        }
    }

    fn skip<'a>(&mut self, xml: &mut Xml<'a>, element: &Element<'a>) -> Read<()> {
        self.skipped_too = true;
        let message = element.attr("message").map(|m| clean(m.trim()).into_owned()).unwrap_or_default();
        let kind = element.attr("type").unwrap_or_default().into_owned();
        if BROKEN.iter().any(|broken| message.starts_with(broken)) {
            self.skipped_too = false;
            self.said = Some(self.said.map_or(Status::Error, |said| said.max(Status::Error)));
            self.detail.message = shorten(&message, MAX_MESSAGE);
            return Ok(());
        }
        self.tolerated |= message.contains("tagged with !mayfail");
        self.detail.note = match () {
            () if kind == "pytest.xfail" => "xfail",
            () if message.contains("passes unexpectedly") => "xpass",
            () => self.detail.note,
        };
        if !message.is_empty() {
            if self.said.is_none() {
                self.detail.message = shorten(&message, MAX_MESSAGE);
            }
            return Ok(());
        }
        let mut text = String::new();
        let result = xml.text_into(&mut text, MAX_MESSAGE);
        if self.said.is_none() {
            self.detail.message = clean(text.trim()).into_owned();
        }
        result
    }

    /// An earlier attempt that failed.
    fn attempt<'a>(&mut self, xml: &mut Xml<'a>, element: &Element<'a>) -> Read<()> {
        self.reruns = self.reruns.saturating_add(1);
        let message = element.attr("message").map(|m| clean(m.trim()).into_owned()).unwrap_or_default();
        if !message.is_empty() {
            self.more(shorten(&message, MAX_MESSAGE));
            return Ok(());
        }
        let mut text = String::new();
        let result = xml.text_into(&mut text, MAX_MESSAGE);
        let first = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        self.more(shorten(&clean(first), MAX_MESSAGE));
        result
    }

    /// Decides the status, and says what was contradictory.
    pub(super) fn settle(&mut self, at: usize, reading: &mut Reading<'_>) {
        self.tolerated |= self.word == Word::Disabled && self.skipped_too;
        self.status = match (self.said, self.word) {
            (Some(_), _) if self.skipped_too && self.tolerated => Status::Skipped,
            (Some(said), _) => {
                if self.skipped_too {
                    reading.warn(
                        at,
                        "junit.skipped-and-failed",
                        "a case is both skipped and failed: it counts as failed",
                    );
                }
                said
            }
            (None, _) if self.skipped_too => Status::Skipped,
            (None, Word::Failed | Word::Error) => {
                reading.warn(
                    at,
                    "junit.status-without-failure",
                    "a case says failed in its attributes and holds no failure: it counts as failed",
                );
                if self.word == Word::Error { Status::Error } else { Status::Failed }
            }
            (None, Word::Skipped | Word::Disabled) => Status::Skipped,
            (None, Word::Nothing | Word::Unknown) => Status::Passed,
        };
        if self.status != Status::Passed || self.said.is_some() {
            self.unknown = None;
        }
        if self.reruns > 0 && !self.flaky && self.status == Status::Passed {
            reading.warn(at, "junit.rerun-without-failure", "a case was run again after a failure and holds no final result: it counts as passed and flaky");
            self.flaky = true;
        }
        if self.odd_time {
            reading.warn(
                at,
                "junit.odd-duration",
                "a duration that is negative, no number or longer than a day: it is not used",
            );
        }
        if self.word == Word::Disabled && self.detail.note.is_empty() {
            self.detail.note = "disabled";
        }
    }

    /// What may say that the case did not pass, where nothing that is known says how it went.
    pub(super) fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// What a writer may count beyond the case itself: earlier attempts, and further failures of the same attempt.
    pub(super) const fn beyond_one(&self) -> u32 {
        self.reruns.saturating_add(self.problems.saturating_sub(1))
    }

    /// The case, its detail stored where there is something to say.
    pub(super) fn into_case(mut self, tests: &mut Tests) -> Case {
        let status = self
            .said
            .map_or(self.status, |said| if self.status == Status::Passed { said } else { self.status });
        if self.detail.message.is_empty() && status.is_bad() {
            let last = self.output.trim_end();
            self.detail.message = shorten(&clean(last.lines().next_back().unwrap_or_default()), MAX_MESSAGE);
            self.detail.trace = clean(last).into_owned();
        }
        self.detail.attempts = self.reruns.saturating_add(1);
        let has_detail = status != Status::Passed || self.flaky;
        let detail = has_detail.then(|| {
            tests.details.push(self.detail);
            u32::try_from(tests.details.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        Case {
            suite: self.suite,
            name: self.name,
            class: self.class,
            status,
            flaky: self.flaky,
            micros: self.micros,
            detail,
        }
    }
}
