//! `shipworthy attest`: the decision as an in-toto statement, for the platform to sign.

use super::console::Console;
use super::{Exit, Failure, Outcome, read_report};
use crate::render::escape;
use crate::report::Report;
use crate::{emit, host};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// Type of the statement (in-toto Attestation Framework, Statement v1).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// Type of the predicate: a decision of Shipworthy.
const PREDICATE: &str = "urn:shipworthy:decision:v1";

/// Bytes of a file that the statement is about.
const MAX_SUBJECT: u64 = 4 << 30;

/// Write the decision of a report as an in-toto statement, for the platform's attest action to sign
///
/// Subjects are the report's commit and the artifacts that are named. The statement carries the verdict, and the digests of
/// the policy, of every piece of evidence and of the report.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The report.json
    report: PathBuf,
    /// Artifacts that the decision is about, such as the binaries that would be deployed
    #[arg(long = "subject", value_name = "FILE")]
    subjects: Vec<PathBuf>,
    /// Write the predicate alone, for tools that make the statement themselves
    #[arg(long)]
    predicate: bool,
    /// Where to write it; standard output by default
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let report = read_report(&args.report)?;
    let digest = file_digest(&args.report)?;
    let predicate = predicate(&report, &digest);
    let document = if args.predicate {
        predicate
    } else {
        json!({ "_type": STATEMENT, "subject": subjects(&report, &args.subjects)?, "predicateType": PREDICATE, "predicate": predicate })
    };
    let text = escape::json(&format!("{document:#}\n"));
    match &args.out {
        None => console.document(text.as_bytes())?,
        Some(path) => emit::write(path, text.as_bytes()).map_err(|message| Failure::Usage {
            message,
            help: "give a place that can be written to with --out".to_owned(),
        })?,
    }
    Ok(Exit::Deploy)
}

fn hex(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn file_digest(path: &Path) -> Result<String, Failure> {
    host::read_bytes(path, MAX_SUBJECT)
        .map(|content| hex(&content))
        .map_err(|message| Failure::Usage { message, help: "name files that are there".to_owned() })
}

/// The commit, and the files that are named.
fn subjects(report: &Report, files: &[PathBuf]) -> Result<Vec<Value>, Failure> {
    let mut subjects = Vec::new();
    if !report.subject.commit.is_empty() {
        let name = if report.subject.repository.is_empty() { "commit" } else { &report.subject.repository };
        subjects.push(json!({ "name": name, "digest": { "gitCommit": report.subject.commit } }));
    }
    for file in files {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        subjects.push(json!({ "name": name, "digest": { "sha256": file_digest(file)? } }));
    }
    if subjects.is_empty() {
        return Err(Failure::Usage {
            message:
                "the report knows no commit, and no artifact is named: the statement would be about nothing"
                    .to_owned(),
            help: "name what would be deployed with --subject FILE".to_owned(),
        });
    }
    Ok(subjects)
}

fn predicate(report: &Report, digest: &str) -> Value {
    let decision = &report.decision;
    let evidence = report.evidence.iter().filter(|e| !e.sha256.is_empty());
    let materials: Vec<Value> = evidence
        .map(|e| json!({ "name": e.path, "digest": { "sha256": e.sha256 }, "state": e.state, "category": e.category }))
        .collect();
    let files: Vec<Value> = report
        .policy
        .files
        .iter()
        .map(|f| json!({ "name": f.path, "digest": { "sha256": f.sha256 } }))
        .collect();
    json!({
        "verifier": { "id": "shipworthy", "version": report.tool.version },
        "timeVerified": report.timestamp,
        "decision": {
            "verdict": decision.verdict,
            "deploymentAction": decision.deployment_action,
            "basis": decision.basis,
            "exitCode": decision.exit_code,
            "score": decision.score,
            "blockingFailures": decision.blocking_failures,
            "override": decision.overridden,
            "skipped": decision.skipped,
        },
        "policy": { "name": report.policy.name, "profile": report.policy.profile, "digest": { "sha256": report.policy.digest }, "files": files },
        "evidence": materials,
        "report": { "digest": { "sha256": digest } },
    })
}
