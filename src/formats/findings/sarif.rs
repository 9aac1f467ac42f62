//! SARIF: results of linters and scanners, in every version that is in use.
//!
//! **Written by** CodeQL, Semgrep, Trivy, Grype, Snyk, Checkov, `gitleaks`, `ESLint`'s formatter, ruff, `clippy-sarif`,
//! .NET compilers, `SpotBugs`, Bandit, zizmor and about everything else that looks for problems.
//!
//! **Versions** 1.0.0, 2.0.0 with its `csd` betas, 2.1.0 with its betas and release candidates, the 2.2 draft (read
//! as 2.1.0, with a warning), and files with `runs` and no version (read, with a warning). Any other version makes
//! the file unreadable; its results are still listed.
//!
//! ```json
//! {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "demo", "rules": [{"id": "R1"}]}},
//!   "results": [{"ruleId": "R1", "message": {"text": "bad"}, "locations": [{"physicalLocation":
//!     {"artifactLocation": {"uri": "src/a.c"}, "region": {"startLine": 3}}}]}]}]}
//! ```
//!
//! One pass over the text. Rules, invocations and base addresses may stand behind the results, so every result is
//! kept as slices of the text until its run ends and is resolved then; a file that is cut in the middle keeps what
//! was read before. The older versions differ in names and not in meaning, so the names of all versions are
//! accepted side by side.
//!
//! **Dropped**: code flows, stacks, graphs, fixes, snippets, embedded artifacts, taxonomies (they do not change what
//! counts); results that did not fail, which are counted; results in external files, which make the file incomplete.
//!
//! Parts: `run` collects a run and resolves it, `tooling` holds rules and finds them, `result` reads one
//! result, `health` tells whether the tool did its work, `place` makes paths, `message` texts and `grade`
//! severities.

mod grade;
mod health;
mod message;
mod place;
mod result;
mod run;
mod tooling;

#[cfg(test)]
mod tests;

use super::super::read::fault::Read;
use super::super::read::head::{Head, Outline};
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use crate::evidence::state::Diagnostic;
use crate::evidence::{Kind, State};
use run::{Run, Sink};

/// SARIF.
pub(crate) const FORMAT: Format = Format {
    id: "sarif",
    title: "SARIF",
    kind: Kind::Findings,
    written_by: "CodeQL, Semgrep, Trivy, Grype, Snyk, Checkov, gitleaks, ESLint, ruff, clippy, SpotBugs and many more",
    elements: &[],
    sniff,
    parse,
};

/// Properties of a run that tell SARIF where neither a version nor a tool is written.
const ONLY_HERE: [&str; 6] = [
    "invocations",
    "artifacts",
    "columnKind",
    "originalUriBaseIds",
    "versionControlProvenance",
    "logicalLocations",
];

fn sniff(head: &Head<'_>) -> bool {
    let Some(outline) = head.json() else { return false };
    let word = |key: &str| match outline.get(key) {
        Some(Outline::String(text)) => Some(text.to_ascii_lowercase()),
        _ => None,
    };
    let schema_says = word("$schema").is_some_and(|schema| schema.contains("sarif"));
    let version = word("version");
    match outline.get("runs") {
        Some(runs) => {
            let run_says = runs.first().is_some_and(|run| {
                run.has(&["tool"]) || (run.has(&["results"]) && ONLY_HERE.iter().any(|key| run.has(&[key])))
            });
            let looks_2 = version.as_deref().is_some_and(|v| v.starts_with("2.") && known(v).is_some());
            let looks_1 = version.as_deref() == Some("1.0.0")
                && (runs.first().is_none() || runs.first().is_some_and(|run| run.has(&["results"])));
            schema_says || run_says || looks_2 || looks_1
        }
        // A file that calls itself SARIF and has no runs must not pass as something unknown.
        None => schema_says,
    }
}

/// What a version means for the reader; nothing for one that is not known.
fn known(version: &str) -> Option<Version> {
    match version {
        "1.0.0" | "2.0.0" | "2.1.0" => Some(Version::Final),
        _ if version.starts_with("2.2") => Some(Version::Draft),
        _ if ["1.0.0-", "2.0.0-", "2.1.0-"].iter().any(|v| version.starts_with(v)) => Some(Version::Final),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Final,
    Draft,
}

/// What the outermost object says.
#[derive(Default)]
struct Log {
    version: Option<String>,
    runs: u64,
    has_runs: bool,
    inline_results: bool,
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    let mut json = Json::new(reading.text, &reading.damage);
    let (mut log, mut sink) = (Log::default(), Sink::default());
    let outcome = read_log(&mut json, reading, &mut log, &mut sink);
    reading.facts.findings = Some(sink.into_findings());
    outcome?;
    log.judge(reading);
    json.end("report")
}

fn read_log<'a>(json: &mut Json<'a>, reading: &mut Reading<'a>, log: &mut Log, sink: &mut Sink) -> Read<()> {
    json.object(|json, key| match key {
        "version" => {
            log.version = json.scalar()?.map(|v| v.trim().to_ascii_lowercase());
            Ok(())
        }
        "runs" => {
            if json.null()? {
                return Ok(());
            }
            log.has_runs |= json.array(|json, _| {
                log.runs = log.runs.saturating_add(1);
                let mut run = Run::default();
                let outcome = run.read(json);
                // A run that is cut in the middle is resolved with what is known of it.
                run.finish(outcome.is_ok(), reading, sink);
                outcome
            })?;
            Ok(())
        }
        "inlineExternalProperties" => json
            .array(|json, _| {
                json.object(|json, key| {
                    if key == "results" && json.shape()? == Shape::Array {
                        json.array(|json, _| {
                            log.inline_results = true;
                            json.skip()
                        })?;
                    }
                    Ok(())
                })
                .map(drop)
            })
            .map(drop),
        _ => json.skip(),
    })
    .map(drop)
}

impl Log {
    fn judge(&self, reading: &mut Reading<'_>) {
        match self.version.as_deref().map(|v| (v, known(v))) {
            None => {
                reading.remark(Diagnostic::warning("sarif.no-version", "no `version`: read as SARIF 2.1.0"));
            }
            Some((version, Some(Version::Draft))) => reading.remark(Diagnostic::warning(
                "sarif.draft-version",
                format!("version {version} is a draft: read as SARIF 2.1.0"),
            )),
            Some((_, Some(Version::Final))) => {}
            Some((version, None)) => {
                reading.mark(State::Unreadable, format!("SARIF version `{version}` is not known"));
            }
        }
        if !self.has_runs {
            reading.mark(State::Unreadable, "`runs` is missing or null: the tool did not finish");
        } else if self.runs == 0 {
            reading.mark(State::Empty, "no run in it");
        }
        if self.inline_results {
            reading.mark(State::Incomplete, "results in `inlineExternalProperties` are not read");
        }
    }
}
