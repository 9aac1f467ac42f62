//! `shipworthy completions` and `shipworthy man`: what a shell and `man` want to know.

use super::{Cli, Exit, Outcome};
use clap::CommandFactory as _;
use std::io::Write;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    clap_complete::generate(args.shell, &mut Cli::command(), "shipworthy", &mut &mut *out);
    Ok(Exit::Deploy)
}

/// Print the manual page, of one command where it is named
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Command, such as `gate`
    command: Option<String>,
}

pub(super) fn man(args: &ManArgs, out: &mut dyn Write) -> Outcome {
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
    clap_mangen::Man::new(page).render(&mut &mut *out)?;
    Ok(Exit::Deploy)
}
