//! The command line: one file a command. The only module that knows `clap`.

mod attest;
mod code;
mod completions;
mod console;
mod context;
mod exit;
mod explain;
mod formats;
mod gate;
mod guard;
mod history;
mod init;
mod inspect;
mod pack;
mod policy;
mod question;
mod reading;
mod render;
mod run;
mod site;
mod source;
mod target;
mod templates;
mod verify;

use crate::render::escape::terminal_lines;
use clap::{Parser, Subcommand};
use console::Console;
pub use exit::Exit;
use reading::read_report;
use std::ffi::OsString;
use std::process::ExitCode;

/// Reads what a pipeline's checks left behind, judges it, and answers deploy or remediate.
#[derive(Debug, Parser)]
#[command(name = "shipworthy", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Gate(Box<gate::Args>),
    Init(init::Args),
    Policy(policy::Args),
    Inspect(inspect::Args),
    Explain(explain::Args),
    Render(render::Args),
    Formats(formats::Args),
    Run(run::Args),
    Pack(pack::Args),
    Site(site::Args),
    Templates(templates::Args),
    Attest(attest::Args),
    Verify(Box<verify::Args>),
    Completions(completions::Args),
    Man(completions::ManArgs),
}

/// Runs the command line and answers its exit code.
#[must_use]
pub fn main() -> ExitCode {
    guard::prepare();
    let out = anstream::AutoStream::auto(std::io::stdout().lock());
    let mut console = Console::on(out, anstream::stderr());
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let exit = guard::unwound(|| answer(&arguments, &mut console));
    exit.unwrap_or_else(|| complain(Failure::bug(), &mut console)).into()
}

/// What a command line answers.
fn answer(arguments: &[OsString], console: &mut Console<'_>) -> Exit {
    let outcome = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command.run(console),
        Err(error) if error.use_stderr() => return refuse(&error, arguments, console),
        // Help and version are no errors.
        Err(asked) => console
            .document(format!("{}", asked.render().ansi()).as_bytes())
            .map(|()| Exit::Deploy)
            .map_err(Failure::from),
    };
    let flushed = console.flush().map_err(Failure::from);
    match outcome.and_then(|exit| flushed.map(|()| exit)) {
        Ok(exit) => exit,
        Err(failure) => complain(failure, console),
    }
}

impl Command {
    fn run(self, console: &mut Console<'_>) -> Outcome {
        match self {
            Self::Gate(args) => gate::run(&args, console),
            Self::Init(args) => init::run(&args, console),
            Self::Policy(args) => policy::run(&args, console),
            Self::Run(args) => run::run(&args),
            Self::Pack(args) => pack::run(&args, console),
            Self::Site(args) => site::run(&args, console),
            Self::Templates(args) => templates::run(&args, console),
            Self::Attest(args) => attest::run(&args, console),
            Self::Verify(args) => verify::run(&args, console),
            Self::Completions(args) => completions::run(&args, console),
            Self::Man(args) => completions::man(&args, console),
            Self::Explain(args) => explain::run(&args, console),
            Self::Render(args) => render::run(&args, console),
            Self::Inspect(args) => inspect::run(&args, console),
            Self::Formats(args) => formats::run(&args, console),
        }
    }
}

/// A command line that is no command. Where it asked for a gate, what an earlier one left must not answer for it.
fn refuse(error: &clap::Error, arguments: &[OsString], console: &mut Console<'_>) -> Exit {
    let text = terminal_lines(&error.render().to_string());
    console.aside(&format!("{text}\n"));
    if arguments.get(1).is_some_and(|command| command == "gate") {
        gate::refused(arguments, &text, console);
    }
    Exit::CannotEvaluate
}

fn complain(failure: Failure, console: &mut Console<'_>) -> Exit {
    let exit = failure.exit();
    let (Failure::Usage { message, help } | Failure::Internal { message, help }) = failure;
    console.aside(&format!("{}\n", terminal_lines(&format!("error: {message}\n  help: {help}"))));
    exit
}

/// Why a command could not do its work.
#[derive(Debug)]
enum Failure {
    /// The user asked for something that cannot be done.
    Usage { message: String, help: String },
    /// A bug in Shipworthy.
    Internal { message: String, help: String },
}

impl Failure {
    /// A panic.
    fn bug() -> Self {
        Self::Internal {
            message: "an internal error: this is a bug in Shipworthy".to_owned(),
            help: "please report it with the command line and, if you can, the artifacts".to_owned(),
        }
    }

    /// What the process answers.
    const fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::CannotEvaluate,
            Self::Internal { .. } => Exit::Internal,
        }
    }
}

impl From<std::io::Error> for Failure {
    /// Of standard output, where it is not simply closed.
    fn from(error: std::io::Error) -> Self {
        Self::Usage {
            message: format!("standard output cannot be written: {error}"),
            help: "look where the output is sent".to_owned(),
        }
    }
}

/// The result of a command.
type Outcome = Result<Exit, Failure>;
