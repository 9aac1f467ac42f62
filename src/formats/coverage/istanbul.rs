//! Istanbul JSON.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::{Format, Reading};
use crate::evidence::Kind;

/// Istanbul JSON.
pub(crate) const FORMAT: Format =
    Format { id: "istanbul", title: "Istanbul JSON", kind: Kind::Coverage, written_by: "", sniff, parse };

fn sniff(_: &Head<'_>) -> bool {
    false
}

fn parse(_: &mut Reading<'_>) -> Read<()> {
    Ok(())
}
