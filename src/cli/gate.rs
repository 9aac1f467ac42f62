//! `shipworthy gate`: reads, decides, reports, and answers by its exit code.

use super::code::CodeArgs;
use super::context::ContextArgs;
use super::question::Question;
use super::source::PolicyArgs;
use super::templates::{TemplateArgs, unrendered};
use super::{Exit, Failure, Outcome};
use crate::assemble::tool;
use crate::ci::Wanted;
use crate::render::{Output, SHEETS, Templates, render, sheets, terminal};
use crate::report::Report;
use crate::{emit, host};
use std::io::{IsTerminal as _, Write};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    // Whatever happens, a report.json says it: scripts look there, not at the terminal.
    match catch_unwind(AssertUnwindSafe(|| evaluate(args, out))) {
        Ok(Err(Failure::Usage { message, help })) => {
            write_error_report(args, Exit::CannotEvaluate, &message, &help, out);
            Err(Failure::Usage { message, help })
        }
        Ok(outcome) => outcome,
        Err(_) => {
            let (message, help) = (
                "an internal error: this is a bug in Shipworthy",
                "please report it with the command line and, if you can, the artifacts",
            );
            write_error_report(args, Exit::Internal, message, help, out);
            Err(Failure::Internal { message: message.to_owned(), help: help.to_owned() })
        }
    }
}

fn evaluate(args: &Args, out: &mut dyn Write) -> Outcome {
    super::use_threads(args.jobs)?;
    let target = Target::of(&args.out, &args.formats)?;
    let templates = args.templates.load()?;
    args.code.check()?;
    let mut report = Question {
        paths: &args.paths,
        exclude: &args.out,
        policy: &args.policy,
        context: &args.context,
        history: &args.history,
        jobs_result: args.jobs_result.as_deref(),
    }
    .report()?;
    args.code.add_to(&mut report, &args.context);
    // The process ends soon, and the memory with it.
    let report = ManuallyDrop::new(report);
    let written = target.write(&report, &templates, out)?;
    let color = std::io::stdout().is_terminal() && host::environment("NO_COLOR").is_empty();
    let told = terminal(&report, &written, color);
    match target {
        // Standard output carries the report; what people read goes beside it.
        Target::Standard(_) => write!(anstream::stderr(), "{told}")?,
        _ => write!(out, "{told}")?,
    }
    tell_pipeline(args, &report, &target, &templates, out)?;
    let exit = exit_of(report.decision.exit_code);
    if args.advisory && matches!(exit, Exit::Remediate | Exit::Inconclusive) {
        writeln!(out, "advisory: exit 0 instead of {}", exit.code())?;
        return Ok(Exit::Deploy);
    }
    Ok(exit)
}

/// Outputs, annotations and summary for the pipeline. Where its files cannot be written the gate still answers.
fn tell_pipeline(
    args: &Args,
    report: &Report,
    target: &Target<'_>,
    templates: &Templates,
    out: &mut dyn Write,
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
    if !matches!(target, Target::Standard(_)) {
        write!(out, "{}", told.commands)?;
    }
    for (variable, content) in told.appended {
        let path = host::environment(variable);
        if path.is_empty() {
            continue;
        }
        if let Err(message) = emit::append(Path::new(&path), &content) {
            writeln!(anstream::stderr(), "warning: {variable}: {message}")?;
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

/// Where the outputs go.
pub(super) enum Target<'a> {
    /// A folder, one file an output.
    Folder(&'a Path, Vec<Output>),
    /// A pipe or a device, which is written to and never replaced.
    Stream(&'a Path, Output),
    /// Standard output.
    Standard(Output),
}

impl<'a> Target<'a> {
    /// Decides by what `path` is. JSON is always among the files of a folder, and last: where it is, all others are.
    pub(super) fn of(path: &'a Path, names: &[String]) -> Result<Self, Failure> {
        let mut outputs = outputs(names)?;
        let standard = path.as_os_str() == "-";
        if !standard && !emit::is_stream(path) {
            outputs.retain(|o| *o != Output::Json);
            outputs.push(Output::Json);
            return Ok(Self::Folder(path, outputs));
        }
        match outputs.as_slice() {
            [only] if standard => Ok(Self::Standard(*only)),
            [only] => Ok(Self::Stream(path, *only)),
            _ => Err(Failure::Usage {
                message: format!("{} takes one output, not {}", path.display(), outputs.len()),
                help: "name one with --formats, such as --formats json".to_owned(),
            }),
        }
    }

    /// The files that are written, by output.
    fn written(&self) -> Vec<(Output, String)> {
        match self {
            Self::Folder(folder, outputs) => {
                let path = |o: Output| folder.join(o.file_name()).to_string_lossy().into_owned();
                outputs.iter().map(|o| (*o, path(*o))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Writes every output and answers the paths of the files.
    pub(super) fn write(
        &self,
        report: &Report,
        templates: &Templates,
        out: &mut dyn Write,
    ) -> Result<Vec<String>, Failure> {
        match self {
            Self::Folder(folder, outputs) => {
                emit::create_folder(folder).map_err(unwritable)?;
                let paths = outputs.iter().map(|output| {
                    let path = folder.join(output.file_name());
                    if *output == Output::Html {
                        write_sheets(folder, report, templates)?;
                    }
                    emit::write(&path, &rendered(*output, report, templates)?).map_err(unwritable)?;
                    Ok(path.to_string_lossy().into_owned())
                });
                paths.collect()
            }
            Self::Stream(path, output) => {
                emit::write(path, &rendered(*output, report, templates)?).map_err(unwritable)?;
                Ok(Vec::new())
            }
            Self::Standard(output) => {
                out.write_all(&rendered(*output, report, templates)?)?;
                Ok(Vec::new())
            }
        }
    }
}

/// The static pages of a large report. Those of an earlier run are taken away: a link must not lead into another run.
fn write_sheets(folder: &Path, report: &Report, templates: &Templates) -> Result<(), Failure> {
    let own = folder.join(SHEETS);
    if own.is_dir() {
        for (name, path) in host::files_below(&own).map_err(unwritable)? {
            if name.ends_with(".html") {
                emit::remove(&path).map_err(unwritable)?;
            }
        }
    }
    let pages = sheets(report, templates).map_err(|error| unrendered(SHEETS, templates, &error))?;
    if !pages.is_empty() {
        emit::create_folder(&own).map_err(unwritable)?;
    }
    for (path, content) in pages {
        emit::write(&folder.join(path), content.as_bytes()).map_err(unwritable)?;
    }
    Ok(())
}

fn unwritable(message: String) -> Failure {
    Failure::Usage { message, help: "give a folder that can be written to with --out".to_owned() }
}

fn rendered(output: Output, report: &Report, templates: &Templates) -> Result<Vec<u8>, Failure> {
    render(output, report, templates).map_err(|error| unrendered(output.file_name(), templates, &error))
}

/// The outputs by name, each once.
fn outputs(names: &[String]) -> Result<Vec<Output>, Failure> {
    let mut outputs = Vec::new();
    for name in names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()) {
        let output = Output::ALL.into_iter().find(|o| o.name() == name).ok_or_else(|| Failure::Usage {
            message: format!("there is no output `{name}`"),
            help: format!("outputs are {}", Output::ALL.map(Output::name).join(", ")),
        })?;
        if !outputs.contains(&output) {
            outputs.push(output);
        }
    }
    Ok(outputs)
}

/// A minimal report for the runs that could not judge, in every output that is asked for and wherever the folder can be
/// written, and the same answer to the pipeline: an output that stays away could be taken for anything.
fn write_error_report(args: &Args, exit: Exit, message: &str, help: &str, out: &mut dyn Write) {
    let timestamp = args.context.timestamp().unwrap_or_else(|_| host::now());
    let report = Report::of_error(tool(), timestamp, exit.code(), message, help);
    let only_json = || Target::Folder(&args.out, vec![Output::Json]);
    let target = Target::of(&args.out, &args.formats).unwrap_or_else(|_| only_json());
    // The error itself is told on the terminal; that it cannot be stored as well adds nothing.
    if args.out.as_os_str() != "-" && !emit::is_stream(&args.out) {
        let built_in = Templates::default();
        let _unwritable = target.write(&report, &built_in, out);
        let _unwritable = tell_pipeline(args, &report, &target, &built_in, out);
    }
}
