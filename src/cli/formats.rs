//! `shipworthy formats`: what can be read.

use super::console::{Console, say};
use super::{Exit, Outcome};

/// List the formats that can be read
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args, console: &mut Console<'_>) -> Outcome {
    for format in crate::formats::FORMATS {
        say!(console, "{:12} {:9} {}  ({})", format.id, format.kind.name(), format.title, format.written_by)?;
    }
    Ok(Exit::Deploy)
}
