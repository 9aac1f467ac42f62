//! axe-core result.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::{Format, Reading};
use crate::evidence::Kind;

/// axe-core result.
pub(crate) const FORMAT: Format =
    Format { id: "axe", title: "axe-core result", kind: Kind::Web, written_by: "", sniff, parse };

fn sniff(_: &Head<'_>) -> bool {
    false
}

fn parse(_: &mut Reading<'_>) -> Read<()> {
    Ok(())
}
