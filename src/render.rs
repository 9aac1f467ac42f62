//! The report as bytes: a web page, Markdown, YAML, JSON, files that pipelines read, and text for a terminal. Pure.
//!
//! In goes the [`Report`] and nothing else: no clock, no environment, no files, so that the same report gives
//! the same bytes anywhere. Renderers judge nothing and compute no score; they show what the report says. All
//! text in a report may be hostile and passes through [`escape`] at the border of each output.

mod badge;
mod chart;
mod codequality;
mod dotenv;
pub mod escape;
mod fingerprint;
mod html;
mod json;
mod junit;
mod links;
mod markdown;
mod outline;
pub mod permalink;
pub mod prose;
#[cfg(test)]
mod sample;
mod sarif;
mod site;
mod templates;
mod terminal;
mod words;
mod yaml;

use crate::report::Report;
pub use site::{SiteRun, site};
pub use templates::{TemplateError, Templates};
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
    /// Criteria and failing tests as test results.
    Junit,
    /// Findings for GitLab's code quality.
    CodeQuality,
    /// The findings that count as SARIF.
    Sarif,
    /// The answer as variables.
    Env,
    /// The summary as a comment.
    Comment,
    /// A link to the report on GitLab's job page.
    GitLabLinks,
    /// The answer as a picture.
    Badge,
    /// The answer for services that draw badges.
    BadgeData,
    /// The report itself.
    Json,
}

/// Everything that there is to know about one output.
#[derive(Debug)]
struct Row {
    name: &'static str,
    file: &'static str,
    title: &'static str,
}

impl Output {
    /// Every output, in the order in which they are written. JSON is the last one, so that its presence says that the
    /// others are complete.
    pub const ALL: [Self; 12] = [
        Self::Html,
        Self::Markdown,
        Self::Yaml,
        Self::Junit,
        Self::CodeQuality,
        Self::Sarif,
        Self::Env,
        Self::Comment,
        Self::GitLabLinks,
        Self::Badge,
        Self::BadgeData,
        Self::Json,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The name of its file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        self.row().file
    }

    /// What it is, for help texts.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// The output with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|output| output.name() == name)
    }

    const fn row(self) -> Row {
        let (name, file, title) = match self {
            Self::Html => ("html", "report.html", "a web page in one file"),
            Self::Markdown => ("md", "report.md", "a summary in Markdown"),
            Self::Yaml => ("yaml", "report.yaml", "the decision document"),
            Self::Junit => ("junit", "junit.xml", "criteria and failing tests as test results"),
            Self::CodeQuality => {
                ("codequality", "gl-code-quality-report.json", "findings for GitLab's code quality")
            }
            Self::Sarif => ("sarif", "report.sarif", "the findings that count as SARIF"),
            Self::Env => ("env", "decision.env", "the answer as variables for later jobs"),
            Self::Comment => ("comment", "comment.md", "the summary as a comment that later runs replace"),
            Self::GitLabLinks => {
                ("gl-annotations", "gl-annotations.json", "a link to the report on GitLab's job page")
            }
            Self::Badge => ("badge", "badge.svg", "the answer as a badge"),
            Self::BadgeData => ("badge-data", "badge.json", "the answer for services that draw badges"),
            Self::Json => ("json", "report.json", "the whole report as data"),
        };
        Row { name, file, title }
    }
}

/// Why an output could not be made: a mistake in a template or a serialiser, never a matter of the report.
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

/// The report as the bytes of one output, in the templates of this program or a team's own.
///
/// # Errors
///
/// [`RenderError`]: one of the team's templates does not fit, or a bug of this program.
pub fn render(output: Output, report: &Report, templates: &Templates) -> Result<Vec<u8>, RenderError> {
    let refused = |message: String| RenderError::Serialize { name: output.name(), message };
    match output {
        Output::Html => html::render(report, templates).map(String::into_bytes),
        Output::Markdown => markdown::render(report, templates).map(String::into_bytes),
        Output::Yaml => yaml::render(report).map(String::into_bytes).map_err(|e| refused(e.to_string())),
        Output::Junit => Ok(junit::render(report).into_bytes()),
        Output::CodeQuality => codequality::render(report).map_err(|e| refused(e.to_string())),
        Output::Sarif => sarif::render(report).map_err(|e| refused(e.to_string())),
        Output::Env => Ok(dotenv::render(report).into_bytes()),
        Output::Comment => markdown::comment(report, templates).map(String::into_bytes),
        Output::GitLabLinks => links::render(report).map_err(|e| refused(e.to_string())),
        Output::Badge => Ok(badge::svg(report).into_bytes()),
        Output::BadgeData => Ok(badge::data(report)),
        Output::Json => json::render(report).map_err(|e| refused(e.to_string())),
    }
}

/// Folder beside the web page for the static pages of [`sheets`].
pub const SHEETS: &str = html::SHEETS;

/// Static pages for the rows that a large web page has only packed: path beside the page, and content. None for a run of
/// ordinary size.
///
/// # Errors
///
/// As [`render`].
pub fn sheets(report: &Report, templates: &Templates) -> Result<Vec<(String, String)>, RenderError> {
    html::sheets(report, templates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(output: Output, report: &Report) -> Result<Vec<u8>, RenderError> {
        super::render(output, report, &Templates::default())
    }

    #[test]
    fn every_output_has_a_name_and_a_file_of_its_own() {
        for output in Output::ALL {
            assert_eq!(Output::from_name(output.name()), Some(output));
            let same = Output::ALL.iter().filter(|o| o.file_name() == output.file_name());
            assert_eq!(same.count(), 1, "{}", output.file_name());
        }
        assert_eq!(Output::from_name("pdf"), None);
        assert_eq!(Output::ALL.last(), Some(&Output::Json));
    }

    #[test]
    fn no_output_carries_a_sequence_or_a_control_character() {
        // JSON is the data itself, which whoever shows it escapes.
        for output in Output::ALL.into_iter().filter(|o| *o != Output::Json) {
            for report in [sample::hostile(), sample::huge(1)] {
                let text = String::from_utf8(render(output, &report).unwrap()).unwrap();
                let bad = text.chars().find(|&c| c.is_control() && c != '\n' && c != '\t');
                assert_eq!(bad, None, "{}", output.file_name());
            }
        }
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
