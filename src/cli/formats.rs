//! `shipworthy formats`: what can be read.

use super::{Exit, Outcome};
use std::io::Write;

/// List the formats that can be read
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args, out: &mut dyn Write) -> Outcome {
    for format in crate::formats::FORMATS {
        writeln!(out, "{:12} {:9} {}  ({})", format.id, format.kind.name(), format.title, format.written_by)?;
    }
    Ok(Exit::Deploy)
}
