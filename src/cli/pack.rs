//! `shipworthy pack`: the evidence of one job in one file, for a gate that reads those of all jobs.

use super::console::{Console, say};
use super::run::provenance;
use super::{Exit, Failure, Outcome, guard};
use crate::collect::{fingerprints, raw};
use crate::discover::{Limits, PACK_ENDING, Request, discover};
use crate::emit::{self, Entry};
use crate::evidence::provenance::{PACK_RECORD, RunOutput, RunRecord, Shard};
use crate::evidence::text::shown;
use crate::render::hostile::Hostile;
use std::path::PathBuf;

/// Pack the evidence of a job into one small file, with its digests and where it comes from
///
/// `shipworthy gate *.swz` decides on any number of packs as it does on the folders that they were made of.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders or globs with what the checks left behind
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The pack; its name ends in .swz
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Folder that the evidence goes by, as the artifact's folder would be; by default the pack's name, `.` for none
    #[arg(long = "as", value_name = "LABEL")]
    label: Option<String>,
    /// Category that the evidence speaks for
    #[arg(long, value_name = "ID")]
    category: Option<String>,
    /// Which shard of how many, such as 2/5
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// What the tool ended with
    #[arg(long, value_name = "CODE")]
    exit_code: Option<i32>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let name = args.out.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(stem) = name.strip_suffix(PACK_ENDING).filter(|stem| !stem.is_empty()) else {
        return Err(Failure::Usage {
            message: format!("{} does not end in {PACK_ENDING}", shown(&args.out)),
            help: format!("write for example --out unit{PACK_ENDING}"),
        });
    };
    let label = args.label.clone().unwrap_or_else(|| stem.to_owned());
    let folder = if label == "." { String::new() } else { format!("{label}/") };
    if label != "." && label.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(Failure::Usage {
            message: format!("`{label}` is no name of a folder"),
            help: "write for example --as unit-1".to_owned(),
        });
    }
    let request =
        Request { paths: args.paths.clone(), exclude: vec![args.out.clone()], limits: Limits::default() };
    guard::use_threads(None);
    let found = discover(&request);
    if let Some(passed) = found.passed.iter().find(|p| p.why != crate::discover::Why::Ignored) {
        return Err(unreadable(format!("{}: {}", passed.path, passed.reason)));
    }
    let passed_over = found.passed.iter().map(|p| (p.path.clone(), p.reason.clone())).collect();
    let sources = found.sources.clone();
    let outputs = fingerprints(found, &request.limits).map_err(unreadable)?;
    let record = RunRecord {
        category: args.category.clone().unwrap_or_default(),
        exit_code: args.exit_code,
        shard: args.shard,
        outputs,
        passed_over,
        ..provenance()
    };
    let mut entries = Vec::new();
    for source in &sources {
        let content = raw(source, &request.limits).map_err(unreadable)?;
        entries.push(Entry { name: format!("{folder}{}", source.path), content });
    }
    entries.push(Entry { name: format!("{folder}{PACK_RECORD}"), content: written(&record)? });
    let unwritable = |message| Failure::Usage {
        message,
        help: "give a place that can be written to with --out".to_owned(),
    };
    if let Some(folder) = args.out.parent().filter(|f| !f.as_os_str().is_empty()) {
        emit::create_folder(folder).map_err(unwritable)?;
    }
    emit::write_archive(&args.out, &entries).map_err(unwritable)?;
    let bytes: u64 = record.outputs.iter().map(|o: &RunOutput| o.bytes).sum();
    let (files, size) = (record.outputs.len(), bytes.div_ceil(1_024));
    say!(console, "packed {} files of {} KiB as {}", files, size, Hostile(&args.out.to_string_lossy()))?;
    Ok(Exit::Deploy)
}

fn unreadable(message: String) -> Failure {
    Failure::Usage { message, help: "look whether the paths are there and can be read".to_owned() }
}

fn written(record: &RunRecord) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(record).map_err(|error| Failure::Internal {
        message: format!("the record cannot be written: {error}"),
        help: "please report it".to_owned(),
    })
}
