//! LCOV tracefile.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::{Format, Reading};
use crate::evidence::Kind;

/// LCOV tracefile.
pub(crate) const FORMAT: Format =
    Format { id: "lcov", title: "LCOV tracefile", kind: Kind::Coverage, written_by: "", sniff, parse };

fn sniff(_: &Head<'_>) -> bool {
    false
}

fn parse(_: &mut Reading<'_>) -> Read<()> {
    Ok(())
}
