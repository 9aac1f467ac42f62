//! `shipworthy gate`: reads, decides, reports, and answers by its exit code.

use super::code::CodeArgs;
use super::console::Console;
use super::context::ContextArgs;
use super::question::Question;
use super::source::PolicyArgs;
use super::target::Target;
use super::templates::{TemplateArgs, unrendered};
use super::{Cli, Exit, Failure, Outcome, guard};
use crate::assemble::tool;
use crate::ci::Wanted;
use crate::render::hostile::{Hostile, Log, encoded};
use crate::render::{Output, Templates, terminal};
use crate::report::Report;
use crate::{emit, host};
use clap::CommandFactory as _;
use clap::parser::ValueSource;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

/// Read artifacts, judge them, write the report, and answer by the exit code
///
/// 0 deploy, 1 remediate, 2 cannot evaluate, 3 inconclusive, 4 integrity, 70 internal error.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders or globs with what the checks left behind
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    context: ContextArgs,
    /// Earlier runs for charts over time: a report.json, or a folder with such files at any depth; can be given again.
    /// The report shows the newest 60, and no decision rests on them
    #[arg(long, value_name = "PATH")]
    history: Vec<PathBuf>,
    #[command(flatten)]
    templates: TemplateArgs,
    #[command(flatten)]
    code: CodeArgs,
    /// Folder that the report is written to; with one format also a pipe, a device, or `-` for standard output
    #[arg(long, value_name = "DIR", default_value = "shipworthy-report")]
    out: PathBuf,
    /// Outputs to write; `json` is always among them
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "html,md,yaml,json")]
    formats: Vec<String>,
    /// Results of the jobs that the gate waited for, as `toJSON(needs)` writes them; `@FILE` reads them from a file
    #[arg(long, value_name = "JSON|@FILE")]
    jobs_result: Option<String>,
    /// Annotations of each type that the pipeline is told at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    annotations: usize,
    /// Write no summary to the pipeline
    #[arg(long)]
    no_summary: bool,
    /// Exit 0 where the answer would be remediate or inconclusive, and say so
    #[arg(long)]
    advisory: bool,
    /// Number of threads, all cores by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let target = Target::of(&args.out, &args.formats);
    // Whatever happens, a report.json says it: scripts look there, not at the terminal.
    let (target, outcome) = match target {
        Ok(target) => {
            let outcome = guard::unwound(|| evaluate(args, &target, console));
            (Some(target), outcome.unwrap_or_else(|| Err(Failure::bug())))
        }
        Err(failure) => (Target::of_error(&args.out), Err(failure)),
    };
    if let (Some(target), Err(failure)) = (&target, &outcome) {
        write_error_report(args, target, failure, console);
    }
    outcome
}

fn evaluate(args: &Args, target: &Target<'_>, console: &mut Console<'_>) -> Outcome {
    guard::use_threads(args.jobs);
    let templates = args.templates.load()?;
    args.code.check()?;
    let mut report = Question {
        paths: &args.paths,
        exclude: &args.out,
        policy: &args.policy,
        context: &args.context,
        history: &args.history,
        jobs_result: args.jobs_result.as_deref(),
        begin: &|| target.clear(),
    }
    .report()?;
    args.code.add_to(&mut report, &args.context);
    // The process ends soon, and the memory with it.
    let report = ManuallyDrop::new(report);
    let written = target.write(&report, &templates, console)?;
    let color = std::io::stdout().is_terminal() && host::environment("NO_COLOR").is_empty();
    let mut told = terminal(&report, &written, color);
    let exit = exit_of(report.decision.exit_code);
    let waived = args.advisory && matches!(exit, Exit::Remediate | Exit::Inconclusive);
    if waived {
        told.push_str(encoded!(Log, "advisory: exit 0 instead of {}\n", exit.code()).as_str());
    }
    if target.is_standard() {
        // Standard output carries the report; what people read goes beside it.
        console.aside(&told);
    } else {
        console.document(told.as_bytes())?;
    }
    tell_pipeline(args, &report, target, &templates, console)?;
    console.flush()?;
    Ok(if waived { Exit::Deploy } else { exit })
}

/// Outputs, annotations and summary for the pipeline. Where its files cannot be written the gate still answers.
fn tell_pipeline(
    args: &Args,
    report: &Report,
    target: &Target<'_>,
    templates: &Templates,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    let written = target.written();
    let written: Vec<(Output, &str)> =
        written.iter().map(|(output, path)| (*output, path.as_str())).collect();
    let wanted = Wanted { annotations: args.annotations, summary: !args.no_summary, templates };
    let told = args
        .context
        .ci()
        .tell(report, &written, wanted, &host::environment)
        .map_err(|error| unrendered("what the pipeline is told", templates, &error))?;
    if !target.is_standard() {
        console.commands(&told.commands)?;
    }
    for (variable, content) in told.appended {
        let path = host::environment(variable);
        if path.is_empty() {
            continue;
        }
        if let Err(message) = emit::append(Path::new(&path), &content) {
            console.aside(&format!("{}\n", encoded!(Log, "warning: {}: {}", variable, Hostile(&message))));
        }
    }
    Ok(())
}

const fn exit_of(code: u8) -> Exit {
    match code {
        0 => Exit::Deploy,
        1 => Exit::Remediate,
        2 => Exit::CannotEvaluate,
        3 => Exit::Inconclusive,
        4 => Exit::Integrity,
        _ => Exit::Internal,
    }
}

/// A minimal report for the runs that could not judge, in every output that is asked for or lies there, and the same
/// answer to the pipeline: an output that stays away could be taken for anything.
fn write_error_report(args: &Args, target: &Target<'_>, failure: &Failure, console: &mut Console<'_>) {
    let timestamp = args.context.timestamp().unwrap_or_else(|_| host::now());
    let (Failure::Usage { message, help } | Failure::Internal { message, help }) = failure;
    let report = Report::of_error(tool(), timestamp, failure.exit().code(), message, help);
    // That the error cannot be stored as well adds nothing to it.
    let _told_on_standard_error = guard::unwound(|| {
        target.write_error(&report, console);
        let _unwritable = tell_pipeline(args, &report, target, &Templates::default(), console);
    });
}

/// A command line that names a gate and cannot be read: its folder, where it names one or an earlier run made it, says so.
pub(super) fn refused(arguments: &[OsString], message: &str, console: &mut Console<'_>) {
    let lenient = Cli::command().ignore_errors(true).try_get_matches_from(arguments);
    let Some(gate) = lenient.ok().and_then(|mut matches| matches.remove_subcommand()).map(|(_, gate)| gate)
    else {
        return;
    };
    let named = matches!(gate.value_source("out"), Some(ValueSource::CommandLine));
    let out = gate.try_get_one::<PathBuf>("out").ok().flatten();
    if let Some(out) = out.filter(|out| named || out.is_dir()) {
        let message = message.trim_start_matches("error: ");
        let help = "`shipworthy gate --help` lists what it takes";
        let report = Report::of_error(tool(), host::now(), Exit::CannotEvaluate.code(), message, help);
        if let Some(target) = Target::of_error(out) {
            target.write_error(&report, console);
        }
    }
}
