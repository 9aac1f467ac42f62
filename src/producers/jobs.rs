//! Results of the jobs that a gate waited for, as `toJSON(needs)` writes them.

use crate::evidence::findings::Disposition;
use crate::evidence::{Diagnostic, Evidence, Facts, Item, Producer, State};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every step held.
    Success,
    /// A step failed.
    Failure,
    /// It was stopped.
    Cancelled,
    /// It did not run.
    Skipped,
}

impl Outcome {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Success => "succeeded",
            Self::Failure => "failed",
            Self::Cancelled => "was cancelled",
            Self::Skipped => "was skipped",
        }
    }
}

#[derive(Debug, Deserialize)]
struct Entry {
    result: Outcome,
}

/// Jobs by their ids, with what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jobs(BTreeMap<String, Outcome>);

impl Jobs {
    /// Reads `{"unit": {"result": "success"}, …}`.
    ///
    /// # Errors
    /// In words: no JSON of this form, or no job in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let jobs: BTreeMap<String, Entry> = serde_json::from_str(text)
            .map_err(|error| format!("the results of the jobs cannot be read: {error}"))?;
        if jobs.is_empty() {
            return Err("the results of the jobs name no job: the gate waits for nothing".to_owned());
        }
        Ok(Self(jobs.into_iter().map(|(id, entry)| (id, entry.result)).collect()))
    }

    /// Adds an item for every job that did not succeed and whose own evidence does not say why. Jobs that are `exempt`
    /// do not matter.
    pub fn apply(&self, evidence: &mut Evidence, exempt: &dyn Fn(&str) -> bool) {
        for (id, outcome) in
            self.0.iter().filter(|(id, outcome)| **outcome != Outcome::Success && !exempt(id))
        {
            let own: Vec<&Item> =
                evidence.items.iter().filter(|i| is_of(id, &i.path) && !i.state.is_harmless()).collect();
            let (state, cause) = match (own.is_empty(), outcome) {
                (true, outcome) => {
                    (State::Missing, format!("the job {} and left no evidence", outcome.in_words()))
                }
                (false, Outcome::Failure) if own.iter().any(|i| tells_of_failure(i)) => continue,
                (false, Outcome::Failure) => {
                    (State::Crashed, "the job failed, and nothing that it left says why".to_owned())
                }
                (false, outcome) => (
                    State::Incomplete,
                    format!("the job {}: what it left may be only a part", outcome.in_words()),
                ),
            };
            evidence.items.push(item(id, state, cause));
        }
        evidence.items.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
    }
}

/// True where a path lies in an artifact of a job: the words of the job's id are among those of a folder or archive.
fn is_of(job: &str, path: &str) -> bool {
    let words = |text: &str| {
        let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        parts.map(str::to_lowercase).collect::<Vec<_>>()
    };
    let job = words(job);
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').map(words).any(|folder| !job.is_empty() && folder.windows(job.len()).any(|w| w == job))
}

/// True where an item itself says that something is wrong.
pub(super) fn tells_of_failure(item: &Item) -> bool {
    let facts = &item.facts;
    item.state.is_damaged()
        || facts.tests.as_ref().is_some_and(|t| t.counts().bad() > 0)
        || facts.findings.as_ref().is_some_and(|f| f.count(Disposition::Counted) > 0)
        || facts
            .pages
            .iter()
            .any(|p| p.rules.iter().any(|r| r.verdict == crate::evidence::pages::RuleVerdict::Fail))
}

fn item(job: &str, state: State, cause: String) -> Item {
    let diagnostic = Diagnostic::error("job.without_evidence", cause.clone()).help(
        "look at the job's log, mend it and run it again; a job that leaves none belongs to `optional_jobs`",
    );
    Item {
        id: format!("job-{job}"),
        path: format!("job {job}"),
        sha256: String::new(),
        bytes: 0,
        format: None,
        kind: None,
        producer: Producer::default(),
        category: None,
        state,
        cause,
        timestamp: String::new(),
        diagnostics: vec![diagnostic],
        facts: Facts::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::tests::{Counts, Tests};

    fn file(path: &str, failed: u64) -> Item {
        let undetailed = Counts { total: failed + 1, passed: 1, failed, ..Counts::default() };
        let tests = Some(Tests { undetailed, ..Tests::default() });
        Item {
            path: path.to_owned(),
            state: State::Ok,
            facts: Facts { tests, ..Facts::default() },
            ..item("x", State::Ok, String::new())
        }
    }

    fn states(jobs: &str, items: Vec<Item>) -> Vec<(String, State)> {
        let mut evidence = Evidence { items, ..Evidence::default() };
        Jobs::parse(jobs).unwrap().apply(&mut evidence, &|id| id == "docs");
        evidence.items.into_iter().filter(|i| i.path.starts_with("job ")).map(|i| (i.path, i.state)).collect()
    }

    #[test]
    fn a_job_that_did_not_succeed_is_missed_where_its_evidence_does_not_say_so() {
        let needs = |result: &str| format!("{{\"unit\": {{\"result\": \"{result}\", \"outputs\": {{}}}}}}");
        let job = |state| vec![("job unit".to_owned(), state)];
        assert_eq!(states(&needs("success"), vec![]), []);
        for result in ["failure", "cancelled", "skipped"] {
            assert_eq!(states(&needs(result), vec![file("e2e/a.xml", 0)]), job(State::Missing), "{result}");
        }
        assert_eq!(states(&needs("failure"), vec![file("results-unit/a.xml", 1)]), []);
        assert_eq!(states(&needs("failure"), vec![file("results-unit/a.xml", 0)]), job(State::Crashed));
        assert_eq!(states(&needs("cancelled"), vec![file("unit-1.zip!/a.xml", 0)]), job(State::Incomplete));
        assert_eq!(states("{\"docs\": {\"result\": \"skipped\"}}", vec![]), []);
    }

    #[test]
    fn artifacts_are_those_whose_folder_has_the_words_of_the_job() {
        for (job, path, want) in [
            ("unit", "unit-customer/a.xml", true),
            ("unit", "community/a.xml", false),
            ("e2e-tests", "results-e2e-tests-1/deep/a.xml", true),
            ("e2e", "a/e2e.zip!/b.xml", true),
            ("unit", "unit.xml", false),
        ] {
            assert_eq!(is_of(job, path), want, "{job} {path}");
        }
    }

    #[test]
    fn what_is_no_result_of_jobs_is_refused() {
        for bad in ["", "{}", "[]", "{\"a\": {}}", "{\"a\": {\"result\": \"great\"}}"] {
            assert!(Jobs::parse(bad).is_err(), "{bad}");
        }
    }
}
