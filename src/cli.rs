//! The command line: one file a command. The only module that knows `clap`.

mod attest;
mod code;
mod completions;
mod context;
mod exit;
mod explain;
mod formats;
mod gate;
mod history;
mod init;
mod inspect;
mod pack;
mod policy;
mod question;
mod render;
mod run;
mod site;
mod source;
mod templates;
mod verify;

use clap::{Parser, Subcommand};
pub use exit::Exit;
use std::io::Write as _;
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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe while printing them is none either.
            let _closed_pipe = error.print();
            return if error.use_stderr() { Exit::CannotEvaluate.into() } else { Exit::Deploy.into() };
        }
    };
    let mut out = anstream::AutoStream::auto(std::io::stdout().lock());
    let outcome = match cli.command {
        Command::Gate(args) => gate::run(&args, &mut out),
        Command::Init(args) => init::run(&args, &mut out),
        Command::Policy(args) => policy::run(&args, &mut out),
        Command::Run(args) => run::run(&args),
        Command::Pack(args) => pack::run(&args, &mut out),
        Command::Site(args) => site::run(&args, &mut out),
        Command::Templates(args) => templates::run(&args, &mut out),
        Command::Attest(args) => attest::run(&args, &mut out),
        Command::Verify(args) => verify::run(&args, &mut out),
        Command::Completions(args) => completions::run(&args, &mut out),
        Command::Man(args) => completions::man(&args, &mut out),
        Command::Explain(args) => explain::run(&args, &mut out),
        Command::Render(args) => render::run(&args, &mut out),
        Command::Inspect(args) => inspect::run(&args, &mut out),
        Command::Formats(args) => formats::run(&args, &mut out),
    };
    // A reader that has seen enough closes the pipe: that is its right and no failure.
    let flushed = out.flush();
    match outcome.and_then(|exit| flushed.map(|()| exit).map_err(Failure::from)) {
        Ok(exit) => exit.into(),
        Err(Failure::Pipe(exit)) => exit.into(),
        Err(Failure::Usage { message, help }) => complain(&message, &help, Exit::CannotEvaluate),
        Err(Failure::Internal { message, help }) => complain(&message, &help, Exit::Internal),
    }
}

fn complain(message: &str, help: &str, exit: Exit) -> ExitCode {
    let mut err = anstream::stderr().lock();
    let _nowhere_left_to_say_it = writeln!(err, "error: {message}\n  help: {help}");
    exit.into()
}

/// Why a command could not do its work.
#[derive(Debug)]
enum Failure {
    /// Standard output was closed or cannot be written.
    Pipe(Exit),
    /// The user asked for something that cannot be done.
    Usage { message: String, help: String },
    /// A bug in Shipworthy.
    Internal { message: String, help: String },
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Pipe(Exit::Deploy),
            _ => Self::Usage {
                message: format!("standard output cannot be written: {error}"),
                help: "look where the output is sent".to_owned(),
            },
        }
    }
}

/// Reads a report.json.
fn read_report(path: &std::path::Path) -> Result<crate::report::Report, Failure> {
    let help = "give the path of a report.json that `shipworthy gate` wrote".to_owned();
    let text =
        crate::host::read_text(path).map_err(|message| Failure::Usage { message, help: help.clone() })?;
    serde_json::from_str(&text).map_err(|error| Failure::Usage {
        message: format!("{} is no report of Shipworthy: {error}", path.display()),
        help,
    })
}

/// The result of a command.
type Outcome = Result<Exit, Failure>;

/// All work from here on runs on `jobs` threads, or on all cores. To be called once, before any work.
fn use_threads(jobs: Option<usize>) -> Result<(), Failure> {
    let Some(jobs) = jobs else { return Ok(()) };
    rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global().map_err(|error| Failure::Usage {
        message: format!("{jobs} threads cannot be started: {error}"),
        help: "give a smaller number with --jobs".to_owned(),
    })
}
