//! `shipworthy init`: a first policy that pins what is there today.

use super::console::{Console, say};
use super::{Exit, Failure, Outcome, guard};
use crate::assemble::{Frame, assemble};
use crate::collect::collect;
use crate::decide::{Context, assign, judge};
use crate::discover::{Limits, Request, discover};
use crate::evidence::State;
use crate::evidence::text::shown;
use crate::policy::{Owners, Policy};
use crate::remedy;
use crate::render::escape;
use crate::render::hostile::Hostile;
use crate::report::{CategoryState, Criterion, CriterionState, EvidenceItem, Report};
use crate::{emit, host};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Files of a folder that are pinned one by one; beyond it their folder is.
const MAX_SINGLE: usize = 3;

/// Write a first policy that pins the evidence found and states each criterion with today's value
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders or globs with what the checks of a complete run left behind
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Where to write it; `-` for standard output
    #[arg(long, value_name = "FILE", default_value = "shipworthy.yml")]
    out: PathBuf,
    /// Replace a policy that is there
    #[arg(long)]
    overwrite: bool,
    /// Number of threads, all cores by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let standard = args.out.as_os_str() == "-";
    if !standard && !args.overwrite && host::is_file(&args.out) {
        return Err(Failure::Usage {
            message: format!("{} is there already", shown(&args.out)),
            help: "replace it with --overwrite, or write elsewhere with --out".to_owned(),
        });
    }
    let report = today(args)?;
    let good = report.evidence.iter().filter(|e| pins(e)).count();
    if good == 0 {
        return Err(Failure::Usage {
            message: "no evidence that could be pinned was found".to_owned(),
            help: "give the folder with the artifacts of a complete run; `shipworthy inspect` tells what is in it".to_owned(),
        });
    }
    let text = write_policy(&report);
    // What is written has to be a policy: a mistake here would be ours.
    Policy::parse("shipworthy.yml", &text)?;
    if standard {
        console.document(text.as_bytes())?;
        return Ok(Exit::Deploy);
    }
    emit::write(&args.out, text.as_bytes()).map_err(|message| Failure::Usage {
        message,
        help: "give a place that can be written to with --out".to_owned(),
    })?;
    say!(console, "wrote {}: {} pieces of evidence are pinned", Hostile(&args.out.to_string_lossy()), good)?;
    for item in report.evidence.iter().filter(|e| e.state.is_damaged()) {
        let (path, cause) = (Hostile(&item.path), Hostile(&item.cause));
        say!(console, "  left out: {} is {}: {}", path, item.state.name(), cause)?;
    }
    say!(console, "next: read it, then `shipworthy gate {}`", Hostile(&paths(args)))?;
    Ok(Exit::Deploy)
}

fn paths(args: &Args) -> String {
    args.paths.iter().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// What the automatic policy finds.
fn today(args: &Args) -> Result<Report, Failure> {
    let policy = Policy::automatic()?;
    let request =
        Request { paths: args.paths.clone(), exclude: vec![args.out.clone()], limits: Limits::default() };
    guard::use_threads(args.jobs);
    let mut evidence = collect(discover(&request), &request.limits);
    let context = Context::default();
    assign(&policy, &mut evidence, &context);
    let judged = judge(&policy, &evidence, &context);
    let owners = Owners::default();
    let plan = remedy::plan(&judged, &owners);
    Ok(assemble(&judged, plan, &owners, Frame { timestamp: host::now(), ..Frame::default() }))
}

fn pins(item: &EvidenceItem) -> bool {
    item.state == State::Ok && !item.kind.is_empty()
}

fn write_policy(report: &Report) -> String {
    let mut text = String::from(HEAD);
    for category in report.decision.categories.iter().filter(|c| c.state != CategoryState::NotApplicable) {
        // Points: what is missing of the built-in matrix needs no shares of its own.
        let _infallible = write!(
            text,
            "  {}:\n    title: {}\n    weight: {}\n    blocking: {}\n    criteria:\n",
            category.id, category.title, category.weight.display, category.blocking
        );
        for criterion in category.criteria.iter().filter(|c| c.state != CriterionState::NotApplicable) {
            text.push_str(&criterion_line(criterion));
        }
    }
    text.push_str(CONTRACT);
    for (pattern, kind, files) in pinned(report) {
        let _infallible =
            writeln!(text, "  - {{ path: {}, kind: {kind}, min_files: {files} }}", scalar(&pattern));
    }
    text
}

/// A path as a YAML scalar: between single quotes, and one that needs escapes as JSON, which is YAML as well.
fn scalar(path: &str) -> String {
    let json = escape::json(&serde_json::Value::from(path).to_string());
    if json.contains("\\u") || path.contains(char::is_control) || path.starts_with("::") {
        json
    } else {
        format!("'{}'", path.replace('\'', "''"))
    }
}

const HEAD: &str = "\
# What must hold for a deploy. `shipworthy policy check` looks for mistakes, `shipworthy policy show --origin` prints
# every effective value, `shipworthy policy measures` lists what can be asked for.
version: 1

# The score that a deploy needs. At 100 every criterion has to hold.
deploy_at: 100

# Weights are points, and shares of the score. A category that blocks holds the deploy whatever the score is.
categories:
";

const CONTRACT: &str = "
# What must be there, whatever its category: a report that never arrives is missed, and the answer is then inconclusive.
evidence:
";

/// A criterion in its short form, with what it is today.
fn criterion_line(criterion: &Criterion) -> String {
    let unit = match criterion.unit.as_str() {
        "count" => "",
        unit => unit,
    };
    let value = criterion.value.as_ref().map_or_else(
        || "not measured".to_owned(),
        |v| {
            if v.is_exact() {
                format!("{}{unit}", v.low.display)
            } else {
                format!("{} to {}{unit}", v.low.display, v.high.display)
            }
        },
    );
    let met = if criterion.state == CriterionState::Pass { "" } else { ", which does not hold" };
    let bound =
        format!("{}: \"{} {}{unit}\"", criterion.measure, criterion.direction, criterion.target.display);
    format!("      {bound:<36} # today {value}{met}\n")
}

/// The globs to pin: single files, and folders of many files of one ending and kind.
fn pinned(report: &Report) -> Vec<(String, String, usize)> {
    let mut groups: BTreeMap<(String, String, String), Vec<&str>> = BTreeMap::new();
    for item in report.evidence.iter().filter(|e| pins(e)) {
        let (folder, name) = item.path.rsplit_once('/').unwrap_or(("", &item.path));
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        groups.entry((folder.to_owned(), ending.to_owned(), item.kind.clone())).or_default().push(&item.path);
    }
    let mut pinned = Vec::new();
    for ((folder, ending, kind), files) in groups {
        if files.len() <= MAX_SINGLE || ending.is_empty() {
            pinned.extend(files.iter().map(|f| (globset::escape(f), kind.clone(), 1)));
        } else {
            let below =
                if folder.is_empty() { String::new() } else { format!("{}/", globset::escape(&folder)) };
            pinned.push((format!("{below}*.{ending}"), kind, files.len()));
        }
    }
    pinned
}
