//! Azure Pipelines: logging commands.

use super::Written;
use super::annotations::{Annotation, Level};
use crate::evidence::text::shorten;
use crate::render::Output;
use crate::render::escape::{disarm_command, one_line};
use crate::report::Report;

const MAX_MESSAGE: usize = 1_000;

/// Issues, the decision as a variable for later stages, and the summary.
pub(super) fn commands(
    report: &Report,
    notes: &[Annotation],
    written: &[Written<'_>],
    summary: bool,
) -> String {
    let mut lines: Vec<String> = notes.iter().map(issue).collect();
    for (name, value) in [
        ("decision", report.decision.deployment_action.as_str()),
        ("verdict", report.decision.verdict.name()),
        ("score", &report.decision.score.low.display),
    ] {
        lines.push(format!("##vso[task.setvariable variable={name};isOutput=true]{}", text(value)));
    }
    let page = written.iter().find(|(output, _)| *output == Output::Markdown).filter(|_| summary);
    lines.extend(page.map(|(_, path)| format!("##vso[task.uploadsummary]{}", text(path))));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn issue(note: &Annotation) -> String {
    let word = match note.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let place = match (note.file.as_str(), note.line) {
        ("", _) => String::new(),
        (file, 0) => format!("sourcepath={};", property(file)),
        (file, line) => format!("sourcepath={};linenumber={line};", property(file)),
    };
    format!("##vso[task.logissue type={word};{place}]{}", text(&format!("{}: {}", note.title, note.message)))
}

/// One line in which the log reader finds no further command.
fn text(text: &str) -> String {
    let text = disarm_command(&shorten(&one_line(text), MAX_MESSAGE));
    text.replace('%', "%AZP25")
}

fn property(value: &str) -> String {
    text(value).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_no_second_command() {
        let note = Annotation {
            level: Level::Warning,
            file: "a;b]c.js".to_owned(),
            line: 7,
            title: "t".to_owned(),
            message: "x\n##vso[task.setvariable variable=decision]deploy".to_owned(),
        };
        assert_eq!(
            issue(&note),
            "##vso[task.logissue type=warning;sourcepath=a%3Bb%5Dc.js;linenumber=7;]t: x # #vso[task.setvariable variable=decision]deploy"
        );
    }
}
