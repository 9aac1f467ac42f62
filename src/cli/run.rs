//! `shipworthy run`: runs a tool, keeps its exit code, and records beside its results what ran.

use super::{Exit, Failure, Outcome, guard};
use crate::ci::Ci;
use crate::collect::fingerprints;
use crate::discover::{Request, discover};
use crate::evidence::provenance::{RECORD, RunOutput, RunRecord, Shard};
use crate::{emit, host};
use std::path::{Path, PathBuf};

/// Run a tool, keep its exit code, and record beside its results what ran and what it left
///
/// The record lets the gate tell a tool that broke off from one that found nothing, and evidence of another commit or an
/// older attempt from that of this run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder that the tool writes its results to; the record is written there
    #[arg(long, value_name = "DIR", default_value = ".")]
    results: PathBuf,
    /// Category that the results speak for
    #[arg(long, value_name = "ID")]
    category: Option<String>,
    /// Which shard of how many, such as 2/5
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// Name of the record, for several runs with one folder
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The command
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let name = args.name.as_ref().map_or_else(|| RECORD.to_owned(), |name| format!("{name}.{RECORD}"));
    let record = args.results.join(&name);
    emit::create_folder(&args.results).map_err(unwritable)?;
    // An old record must not speak for this run, should it be stopped before it can write its own.
    emit::remove(&record).map_err(unwritable)?;
    guard::use_threads(None);
    let before = outputs(&args.results)?;
    let started = host::now();
    let exit_code = host::run(&args.command).map_err(|message| Failure::Usage {
        message,
        help: "give the command behind `--`, as in `shipworthy run -- npm test`".to_owned(),
    })?;
    let left = outputs(&args.results)?;
    let run = RunRecord {
        category: args.category.clone().unwrap_or_default(),
        command: args.command.clone(),
        exit_code: Some(exit_code),
        started,
        ended: host::now(),
        shard: args.shard,
        outputs: left.into_iter().filter(|o| !before.contains(o) && !RunRecord::is_one(&o.path)).collect(),
        ..provenance()
    };
    let text = serde_json::to_string_pretty(&run).map_err(|error| Failure::Internal {
        message: format!("the record cannot be written: {error}"),
        help: "please report it".to_owned(),
    })?;
    emit::write(&record, (text + "\n").as_bytes()).map_err(unwritable)?;
    Ok(Exit::Tool(u8::try_from(exit_code).unwrap_or(u8::MAX)))
}

fn unwritable(message: String) -> Failure {
    Failure::Usage { message, help: "give a folder that can be written to with --results".to_owned() }
}

/// What pipeline and repository say of this run.
pub(super) fn provenance() -> RunRecord {
    let run = Ci::named("auto", &host::environment).run(&host::environment);
    let (commit, tree) = host::git_head().unwrap_or_default();
    RunRecord {
        shipworthy_run: 1,
        commit: if commit.is_empty() { run.subject.commit } else { commit },
        tree,
        run: run.id,
        attempt: run.attempt.parse().unwrap_or_default(),
        job: run.job,
        ..RunRecord::default()
    }
}

/// The files of a folder that may be evidence, with their digests.
fn outputs(folder: &Path) -> Result<Vec<RunOutput>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let request = Request { paths: vec![folder.to_owned()], ..Request::default() };
    fingerprints(discover(&request), &request.limits).map_err(|message| Failure::Usage {
        message,
        help: "give the folder of the results with --results".to_owned(),
    })
}
