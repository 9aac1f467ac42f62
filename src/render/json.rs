//! `report.json`: the report itself.

use super::escape;
use crate::report::Report;
use serde::Serialize;

/// The report as indented JSON that ends in a line feed.
///
/// # Errors
///
/// Where the serialiser refuses a value, which none of the report's types brings about.
pub(super) fn render(report: &Report) -> Result<Vec<u8>, serde_json::Error> {
    document(report)
}

/// Any document as indented JSON: in a log it is text, and nothing in it acts on a terminal.
pub(super) fn document(content: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(content)?;
    text.push('\n');
    Ok(escape::json(&text).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn what_is_written_reads_back_as_the_same_report() {
        for report in [sample::report(), sample::green(), sample::hostile(), sample::error()] {
            let bytes = render(&report).unwrap();
            assert_eq!(serde_json::from_slice::<Report>(&bytes).unwrap(), report);
            assert!(bytes.ends_with(b"}\n"));
        }
    }
}
