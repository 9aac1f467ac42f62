//! `shipworthy render`: every output again, from the JSON alone.

use super::console::{Console, say};
use super::target::Target;
use super::templates::TemplateArgs;
use super::{Exit, Outcome, guard, read_report};
use crate::render::hostile::Hostile;
use std::path::PathBuf;

/// Write the outputs again from a report.json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The report to read
    report: PathBuf,
    /// Folder to write to; with one format also a pipe, a device, or `-` for standard output
    #[arg(long, value_name = "DIR", default_value = "shipworthy-report")]
    out: PathBuf,
    /// Outputs to write
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "html,md,yaml,json")]
    formats: Vec<String>,
    #[command(flatten)]
    templates: TemplateArgs,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let templates = args.templates.load()?;
    let report = read_report(&args.report)?;
    guard::use_threads(None);
    for path in Target::of(&args.out, &args.formats)?.write(&report, &templates, console)? {
        say!(console, "{}", Hostile(&path))?;
    }
    Ok(Exit::Deploy)
}
