//! `report.json`: the report itself.

use crate::report::Report;

/// The report as indented JSON that ends in a line feed.
///
/// # Errors
///
/// Where the serialiser refuses a value, which none of the report's types brings about.
pub(super) fn render(report: &Report) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = serde_json::to_vec_pretty(report)?;
    out.push(b'\n');
    Ok(out)
}
