//! JUnit XML.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::{Format, Reading};
use crate::evidence::Kind;

/// JUnit XML.
pub(crate) const FORMAT: Format =
    Format { id: "junit", title: "JUnit XML", kind: Kind::Tests, written_by: "", sniff, parse };

fn sniff(_: &Head<'_>) -> bool {
    false
}

fn parse(_: &mut Reading<'_>) -> Read<()> {
    Ok(())
}
