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
pub mod hostile;
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
    /// What stands in every one of ours, and in nobody else's; empty where nothing does.
    mark: &'static str,
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

    /// True where the first bytes of a file are those of such an output of this program.
    #[must_use]
    pub fn made(self, content: &[u8]) -> bool {
        let mark = self.row().mark;
        !mark.is_empty() && memchr::memmem::find(content, mark.as_bytes()).is_some()
    }

    /// The output with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|output| output.name() == name)
    }

    const fn row(self) -> Row {
        let (name, file, title, mark) = match self {
            Self::Html => ("html", "report.html", "a web page in one file", " · Shipworthy</title>"),
            Self::Markdown => ("md", "report.md", "a summary in Markdown", "<sub>exit "),
            Self::Yaml => ("yaml", "report.yaml", "the decision document", "decision_report:\n"),
            Self::Junit => (
                "junit",
                "junit.xml",
                "criteria and failing tests as test results",
                "<testsuites name=\"Shipworthy\"",
            ),
            Self::CodeQuality => {
                ("codequality", "gl-code-quality-report.json", "findings for GitLab's code quality", "")
            }
            Self::Sarif => {
                ("sarif", "report.sarif", "the findings that count as SARIF", "\"name\": \"Shipworthy\"")
            }
            Self::Env => {
                ("env", "decision.env", "the answer as variables for later jobs", "SHIPWORTHY_DECISION=")
            }
            Self::Comment => (
                "comment",
                "comment.md",
                "the summary as a comment that later runs replace",
                "<!-- shipworthy",
            ),
            Self::GitLabLinks => (
                "gl-annotations",
                "gl-annotations.json",
                "a link to the report on GitLab's job page",
                "\"Shipworthy\": [",
            ),
            Self::Badge => ("badge", "badge.svg", "the answer as a badge", "<title>shipworthy: "),
            Self::BadgeData => (
                "badge-data",
                "badge.json",
                "the answer for services that draw badges",
                "\"label\": \"shipworthy\"",
            ),
            Self::Json => (
                "json",
                "report.json",
                "the whole report as data",
                "{\n  \"schema_version\": 1,\n  \"tool\": {",
            ),
        };
        Row { name, file, title, mark }
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
        for output in Output::ALL {
            for report in [sample::hostile(), sample::huge(1)] {
                let text = String::from_utf8(render(output, &report).unwrap()).unwrap();
                let hidden = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                let bad = text.chars().find(|&c| (c.is_control() && c != '\n' && c != '\t') || hidden(c));
                assert_eq!(bad, None, "{}", output.file_name());
            }
        }
    }

    #[test]
    fn every_document_that_answers_is_known_again() {
        for report in
            [sample::report(), sample::green(), sample::hostile(), sample::error(), sample::policy()]
        {
            for output in Output::ALL {
                let without = matches!(output, Output::CodeQuality | Output::GitLabLinks);
                assert!(output.made(&render(output, &report).unwrap()) || without, "{}", output.file_name());
            }
        }
        assert!(!Output::Junit.made(b"<testsuites name=\"jest\">") && !Output::Json.made(b""));
    }

    #[test]
    fn no_line_of_an_output_is_a_command_to_a_log_reader() {
        for output in Output::ALL {
            let text = String::from_utf8(render(output, &sample::hostile()).unwrap()).unwrap();
            let command = text.lines().find(|line| {
                line.trim_start().starts_with("::")
                    || ["##[", "##vso[", "##teamcity["].iter().any(|c| line.contains(c))
            });
            assert_eq!(command, None, "{}", output.file_name());
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
