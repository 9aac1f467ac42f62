//! The report as bytes: a web page, Markdown, YAML, JSON, and text for a terminal. Pure.
//!
//! In goes the [`Report`] and nothing else: no clock, no environment, no files, so that the same report gives
//! the same bytes anywhere. Renderers judge nothing and compute no score; they show what the report says. All
//! text in a report may be hostile and passes through [`escape`] at the border of each output.

pub mod escape;
mod html;
mod json;
mod markdown;
pub mod prose;
#[cfg(test)]
mod sample;
mod site;
mod templates;
mod terminal;
mod words;
mod yaml;

use crate::report::Report;
pub use site::{SiteRun, site};
pub use terminal::terminal;

/// A kind of file that a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// A web page in one file.
    Html,
    /// A summary for job pages and comments.
    Markdown,
    /// The decision document.
    Yaml,
    /// The report itself.
    Json,
}

/// Everything that there is to know about one output.
#[derive(Debug)]
struct Row {
    output: Output,
    name: &'static str,
    file: &'static str,
    title: &'static str,
}

/// The outputs. JSON is the last one, so that its presence says that the others are complete.
const OUTPUTS: [Row; 4] = [
    Row { output: Output::Html, name: "html", file: "report.html", title: "a web page in one file" },
    Row { output: Output::Markdown, name: "md", file: "report.md", title: "a summary in Markdown" },
    Row { output: Output::Yaml, name: "yaml", file: "report.yaml", title: "the decision document" },
    Row { output: Output::Json, name: "json", file: "report.json", title: "the whole report as data" },
];

impl Output {
    /// Every output, in the order in which they are written.
    pub const ALL: [Self; 4] = [Self::Html, Self::Markdown, Self::Yaml, Self::Json];

    /// The word for it on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        self.row().file
    }

    /// What it is, for help texts.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// The output with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        OUTPUTS.iter().find(|row| row.name == name).map(|row| row.output)
    }

    fn row(self) -> &'static Row {
        let [html, markdown, yaml, json] = &OUTPUTS;
        match self {
            Self::Html => html,
            Self::Markdown => markdown,
            Self::Yaml => yaml,
            Self::Json => json,
        }
    }
}

/// Why an output could not be made: a bug in a template or a serialiser, never a matter of the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A template does not fit the report.
    #[error("the template {name} cannot be rendered: {source}")]
    Template {
        /// Its file.
        name: &'static str,
        /// What the engine says.
        #[source]
        source: minijinja::Error,
    },
    /// The serialiser refused the report.
    #[error("the report cannot be written as {name}: {message}")]
    Serialize {
        /// The output.
        name: &'static str,
        /// What the serialiser says.
        message: String,
    },
}

/// The report as the bytes of one output.
///
/// # Errors
///
/// [`RenderError`], which is a bug of this program.
pub fn render(output: Output, report: &Report) -> Result<Vec<u8>, RenderError> {
    let refused = |message: String| RenderError::Serialize { name: output.name(), message };
    match output {
        Output::Html => html::render(report).map(String::into_bytes),
        Output::Markdown => markdown::render(report).map(String::into_bytes),
        Output::Yaml => yaml::render(report).map(String::into_bytes).map_err(|e| refused(e.to_string())),
        Output::Json => json::render(report).map_err(|e| refused(e.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_outputs() {
        for (row, output) in OUTPUTS.iter().zip(Output::ALL) {
            assert_eq!((row.output, output.file_name()), (output, row.file));
            assert_eq!(Output::from_name(row.name), Some(output));
        }
        assert_eq!(Output::from_name("pdf"), None);
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        for output in Output::ALL {
            for report in [sample::report(), sample::green(), sample::hostile(), sample::error()] {
                assert_eq!(render(output, &report).unwrap(), render(output, &report).unwrap());
            }
        }
    }
}
