//! `shipworthy render`: every output again, from the JSON alone.

use super::templates::TemplateArgs;
use super::{Exit, Outcome, gate, read_report};
use std::io::Write;
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

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let templates = args.templates.load()?;
    let report = read_report(&args.report)?;
    for path in gate::Target::of(&args.out, &args.formats)?.write(&report, &templates, out)? {
        writeln!(out, "{path}")?;
    }
    Ok(Exit::Deploy)
}
