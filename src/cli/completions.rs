//! `shipworthy completions` and `shipworthy man`: what a shell and `man` want to know.

use super::console::Console;
use super::{Cli, Exit, Outcome};
use clap::CommandFactory as _;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "shipworthy", &mut script);
    console.document(&script)?;
    Ok(Exit::Deploy)
}

/// Print the manual page, of one command where it is named
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Command, such as `gate`
    command: Option<String>,
}

pub(super) fn man(args: &ManArgs, console: &mut Console<'_>) -> Outcome {
    let mut cli = Cli::command();
    cli.build();
    let page = match &args.command {
        None => cli,
        Some(name) => {
            let found = cli.get_subcommands().find(|c| c.get_name() == name).cloned();
            found.ok_or_else(|| super::Failure::Usage {
                message: format!("there is no command `{name}`"),
                help: "`shipworthy help` lists them".to_owned(),
            })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    console.document(&text)?;
    Ok(Exit::Deploy)
}
