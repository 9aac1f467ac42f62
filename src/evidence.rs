//! The normalised model of evidence: what checks left behind, whatever tool wrote it.
//!
//! An [`Item`] is one artifact file with its [`State`] and its [`Facts`]: tests, coverage, findings, audited
//! pages and load tests. The model knows no format, no policy and no output.

pub mod category;
pub mod changes;
pub mod coverage;
pub mod exact;
pub mod findings;
pub mod load;
pub mod pages;
pub mod paths;
pub mod provenance;
pub mod state;
pub mod tests;
pub mod text;
pub mod time;

pub use state::{Diagnostic, State};

/// What kind of facts a format brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Test results.
    Tests,
    /// Coverage of source code.
    Coverage,
    /// Findings of linters and scanners.
    Findings,
    /// Audits of web pages.
    Web,
    /// Load tests.
    Load,
    /// What a person states; no file format brings it.
    Check,
}

impl Kind {
    /// The kinds that files bring.
    pub const ALL: [Self; 5] = [Self::Tests, Self::Coverage, Self::Findings, Self::Web, Self::Load];

    /// The word used in policies and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tests => "tests",
            Self::Coverage => "coverage",
            Self::Findings => "findings",
            Self::Web => "web",
            Self::Load => "load",
            Self::Check => "check",
        }
    }
}

/// The tool that wrote a file, as the file itself tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Producer {
    /// Lower-case name, such as `pytest` or `codeql`; empty where the file does not tell.
    pub name: String,
    /// Version, or empty.
    pub version: String,
}

/// What was read from one file. A file has one kind of facts, with rare exceptions.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Test results.
    pub tests: Option<tests::Tests>,
    /// Coverage.
    pub coverage: Option<coverage::Coverage>,
    /// Findings.
    pub findings: Option<findings::Findings>,
    /// Audited pages.
    pub pages: Vec<pages::Page>,
    /// A load test.
    pub load: Option<load::LoadTest>,
    /// The record of a run, which is about the files beside it.
    pub run: Option<Box<provenance::RunRecord>>,
}

/// A file that is not what was recorded of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Path of the file.
    pub path: String,
    /// In words.
    pub text: String,
}

/// One artifact file, with what became of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Stable id: the first digits of a digest over path and content.
    pub id: String,
    /// Path below the root that was given, with forward slashes; `a.zip!/b.xml` for an entry of an archive.
    pub path: String,
    /// SHA-256 of the content, lower-case hex.
    pub sha256: String,
    /// Size of the content in bytes.
    pub bytes: u64,
    /// Id of the format, where it was recognised.
    pub format: Option<&'static str>,
    /// Kind of the format, where it was recognised.
    pub kind: Option<Kind>,
    /// Who wrote it.
    pub producer: Producer,
    /// The category it speaks for, and why; nothing where it speaks for none.
    pub category: Option<category::Assigned>,
    /// What became of it.
    pub state: State,
    /// One line: why the state is not `ok`.
    pub cause: String,
    /// When it was made, as the file tells it (any form that the format uses), or empty.
    pub timestamp: String,
    /// Remarks made while reading.
    pub diagnostics: Vec<Diagnostic>,
    /// What was read.
    pub facts: Facts,
}

impl Item {
    /// What was read, in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        if let Some(tests) = &self.facts.tests {
            let c = tests.counts();
            let named =
                [(c.failed, "failed"), (c.errors, "errors"), (c.skipped, "skipped"), (c.flaky, "flaky")];
            let others = named.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
            parts.push(
                [format!("{} tests", c.total)].into_iter().chain(others).collect::<Vec<_>>().join(", "),
            );
        }
        if let Some(coverage) = &self.facts.coverage {
            let totals = coverage::Totals::of(&coverage.files);
            let tally =
                |name: &str, t: Option<coverage::Tally>| t.map(|t| format!("{}/{} {name}", t.low, t.total));
            let metrics = [
                tally("lines", totals.lines),
                tally("branches", totals.branches),
                tally("statements", totals.statements),
            ];
            parts.push(metrics.into_iter().flatten().collect::<Vec<_>>().join(", "));
        }
        if let Some(findings) = &self.facts.findings {
            parts.push(format!(
                "{} results, {} count",
                findings.read,
                findings.count(findings::Disposition::Counted)
            ));
        }
        match self.facts.pages.len() {
            0 => {}
            1 => parts.push("1 page".to_owned()),
            n => parts.push(format!("{n} pages")),
        }
        if let Some(load) = &self.facts.load {
            parts.push(load.summary());
        }
        parts.join("; ")
    }
}

/// All evidence of a run, sorted by path.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The items.
    pub items: Vec<Item>,
    /// Remarks that belong to no single file: unreadable folders, limits that were reached.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that are not what was recorded of them: a matter of integrity, whatever else holds.
    pub breaches: Vec<Breach>,
}

impl Evidence {
    /// Makes source paths relative to the folder that the checkout lay in where the tools ran; an empty text is none.
    pub fn make_relative(&mut self, base: &str) {
        let base = paths::normalise(base);
        if base.is_empty() {
            return;
        }
        for facts in self.items.iter_mut().map(|i| &mut i.facts) {
            if let Some(tests) = &mut facts.tests {
                tests.make_relative(&base);
            }
            if let Some(coverage) = &mut facts.coverage {
                coverage.make_relative(&base);
            }
            if let Some(findings) = &mut facts.findings {
                findings.make_relative(&base);
            }
        }
    }
}
