//! Test results: cases, suites and what their writers declared about them.

use super::paths::{from_folder, normalise};
use super::text::{Arena, Span};
use std::borrow::Cow;

/// The outcome of one test case after its dialect's rules were applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It ran and held.
    Passed,
    /// It did not run, or its outcome was declared not to matter (expected failure).
    Skipped,
    /// An assertion did not hold.
    Failed,
    /// It broke before it could assert: set-up, crash, time-out.
    Error,
}

impl Status {
    /// Failed or broken.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }

    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Error => "error",
        }
    }
}

/// One test case. Text lies in the [`Tests::text`] arena; only cases with something to say have a [`Detail`].
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Index into [`Tests::suites`].
    pub suite: u32,
    /// Display name.
    pub name: Span,
    /// Class, module or file that the dialect names; may be empty.
    pub class: Span,
    /// The outcome.
    pub status: Status,
    /// It failed in an earlier attempt of the same run.
    pub flaky: bool,
    /// Duration in microseconds, where it is known.
    pub micros: Option<u64>,
    /// Index into [`Tests::details`].
    pub detail: Option<u32>,
}

/// What is kept of a case that failed, was skipped with a reason, or was retried.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// First line of what went wrong, or the reason for the skip.
    pub message: String,
    /// Exception or failure type.
    pub kind: String,
    /// Stack trace or long text, head and tail.
    pub trace: String,
    /// Source file, where the dialect names it.
    pub file: String,
    /// Line in that file.
    pub line: Option<u64>,
    /// How often it ran, the last time included.
    pub attempts: u32,
    /// Messages of further failures of the same case, and of earlier attempts.
    pub more: Vec<String>,
    /// What a skip really was: `xfail`, `xpass`, `disabled`.
    pub note: &'static str,
}

/// A suite: its path of names from the root, and what it says about itself.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// Names from the outermost suite to this one, joined with ` › `.
    pub name: String,
    /// Start time as written.
    pub timestamp: String,
    /// Declared wall-clock time in microseconds.
    pub micros: Option<u64>,
    /// Where the suite's tests live (a file), when the dialect says so.
    pub file: String,
}

/// Counts of test cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All cases.
    pub total: u64,
    /// Cases that held.
    pub passed: u64,
    /// Cases with a failed assertion.
    pub failed: u64,
    /// Cases that broke.
    pub errors: u64,
    /// Cases that did not run.
    pub skipped: u64,
    /// Passed or failed cases with an earlier failed attempt.
    pub flaky: u64,
}

impl Counts {
    /// Adds one case.
    pub fn add(&mut self, status: Status, flaky: bool) {
        self.total = self.total.saturating_add(1);
        let slot = match status {
            Status::Passed => &mut self.passed,
            Status::Skipped => &mut self.skipped,
            Status::Failed => &mut self.failed,
            Status::Error => &mut self.errors,
        };
        *slot = slot.saturating_add(1);
        self.flaky = self.flaky.saturating_add(u64::from(flaky));
    }

    /// Sums two counts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total.saturating_add(other.total),
            passed: self.passed.saturating_add(other.passed),
            failed: self.failed.saturating_add(other.failed),
            errors: self.errors.saturating_add(other.errors),
            skipped: self.skipped.saturating_add(other.skipped),
            flaky: self.flaky.saturating_add(other.flaky),
        }
    }

    /// Failed and broken cases.
    #[must_use]
    pub const fn bad(self) -> u64 {
        self.failed.saturating_add(self.errors)
    }

    /// Cases that ran: passed, failed and broken.
    #[must_use]
    pub const fn executed(self) -> u64 {
        self.passed.saturating_add(self.bad())
    }
}

/// Everything that a test-result file says.
#[derive(Debug, Clone, Default)]
pub struct Tests {
    /// Suites in the order in which they open.
    pub suites: Vec<Suite>,
    /// Cases in document order.
    pub cases: Vec<Case>,
    /// Details of the cases that have some.
    pub details: Vec<Detail>,
    /// The text behind the spans of `cases`.
    pub text: Arena,
    /// Cases that the file counts without listing them (a summary without cases).
    pub undetailed: Counts,
    /// Cases that the file declares and does not hold: the run stopped before them.
    pub not_run: u64,
}

impl Tests {
    /// Counts over the listed and the undetailed cases.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = self.undetailed;
        for case in &self.cases {
            counts.add(case.status, case.flaky);
        }
        counts
    }

    /// The detail of a case, where it has one.
    #[must_use]
    pub fn detail(&self, case: &Case) -> Option<&Detail> {
        self.details.get(case.detail? as usize)
    }

    /// Where a case most likely lies in the sources: the file that is told, else its suite's, else its class as a path
    /// (`com.example.Cart` → `com/example/Cart`). Empty where nothing tells.
    #[must_use]
    pub fn source(&self, case: &Case) -> Cow<'_, str> {
        let told = self.detail(case).map_or("", |d| d.file.as_str());
        let suite = || self.suite(case).map_or("", |s| s.file.as_str());
        let class = self.text.get(case.class);
        match (told, suite()) {
            ("", "") if class.contains('/') || !class.contains('.') => Cow::Borrowed(class),
            ("", "") => Cow::Owned(class.replace('.', "/")),
            ("", file) | (file, _) => Cow::Borrowed(file),
        }
    }

    /// Makes source files below a folder relative to it, where a runner wrote them absolutely.
    pub fn make_relative(&mut self, base: &str) {
        let files =
            self.details.iter_mut().map(|d| &mut d.file).chain(self.suites.iter_mut().map(|s| &mut s.file));
        for file in files {
            if let Some(relative) = from_folder(&normalise(file), base) {
                *file = relative.to_owned();
            }
        }
    }

    /// The suite of a case.
    #[must_use]
    pub fn suite(&self, case: &Case) -> Option<&Suite> {
        self.suites.get(case.suite as usize)
    }

    /// Sum of the durations of all cases in microseconds; where no case has one, that of the suites.
    #[must_use]
    pub fn micros(&self) -> Option<u64> {
        let known = |times: &mut dyn Iterator<Item = Option<u64>>| {
            times.flatten().fold(None, |sum: Option<u64>, t| Some(sum.unwrap_or(0).saturating_add(t)))
        };
        known(&mut self.cases.iter().map(|c| c.micros))
            .or_else(|| known(&mut self.suites.iter().map(|s| s.micros)))
    }
}
