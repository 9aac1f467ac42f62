//! GitHub Actions, and what Gitea and Forgejo take over from it: step outputs and workflow commands.

use super::Written;
use super::annotations::{Annotation, Level};
use crate::evidence::exact::floor_decimal;
use crate::evidence::text::shorten;
use crate::render::escape::{disarm_command, one_line, visible};
use crate::render::{Output, RenderError, Templates, render};
use crate::report::{Number, Report};
use sha2::{Digest as _, Sha256};

/// The runner cuts messages at 4,096 characters; nobody reads half of that.
const MAX_MESSAGE: usize = 1_000;

/// The step outputs, a line each: words of closed sets, numbers, digests, and paths that the command line named. No text
/// of an artifact is among them, because a line break in one would be a second output.
pub(super) fn outputs(
    report: &Report,
    written: &[Written<'_>],
    templates: &Templates,
) -> Result<String, RenderError> {
    let decision = &report.decision;
    let path = |output: Output| written.iter().find(|(o, _)| *o == output).map_or("", |(_, path)| *path);
    let folder = path(Output::Json).rsplit_once(['/', '\\']).map_or(".", |(folder, _)| folder);
    let failed: u64 =
        report.tests.iter().flat_map(|t| &t.by_category).map(|c| c.failed.saturating_add(c.errors)).sum();
    let digest = Sha256::digest(render(Output::Json, report, templates)?);
    let digest = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let rows = [
        ("decision", decision.deployment_action.clone()),
        ("verdict", decision.verdict.name().to_owned()),
        ("score", number(&decision.score.low)),
        ("score-low", number(&decision.score.low)),
        ("score-high", number(&decision.score.high)),
        ("exit-code", decision.exit_code.to_string()),
        ("blocking-count", decision.blocking_failures.len().to_string()),
        ("failed-count", failed.to_string()),
        ("overridden", decision.overridden.as_ref().is_some_and(|o| o.effective).to_string()),
        ("categories", categories(report)),
        ("report-dir", folder.to_owned()),
        ("report-html", path(Output::Html).to_owned()),
        ("report-md", path(Output::Markdown).to_owned()),
        ("report-json", path(Output::Json).to_owned()),
        ("report-digest", digest),
        ("tool-version", report.tool.version.clone()),
    ];
    Ok(rows.iter().map(|(name, value)| format!("{name}={}\n", harmless(value))).collect())
}

/// A score as scripts compare it: digits, cut to one decimal.
fn number(score: &Number) -> String {
    score.exact().map_or_else(|| "0".to_owned(), |exact| floor_decimal(&exact, 1))
}

/// A value that cannot end its line, whatever a path or an id holds.
fn harmless(value: &str) -> String {
    one_line(value)
}

/// `{"unit_tests":{"state":"fail","score":"87.3","weight":"15"}}`: ids from the policy, words and numbers.
fn categories(report: &Report) -> String {
    let entry = |c: &crate::report::Category| {
        let score = c.score.as_ref().map_or_else(String::new, |s| s.low.display.clone());
        (c.id.clone(), serde_json::json!({ "state": c.state, "score": score, "weight": c.weight.display }))
    };
    let map: serde_json::Map<String, serde_json::Value> =
        report.decision.categories.iter().map(entry).collect();
    serde_json::Value::Object(map).to_string()
}

/// Workflow commands for annotations.
pub(super) fn commands(notes: &[Annotation]) -> String {
    notes.iter().map(command).collect()
}

fn command(note: &Annotation) -> String {
    let word = match note.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let mut properties = Vec::new();
    if !note.file.is_empty() {
        properties.push(format!("file={}", property(&note.file)));
        if note.line > 0 {
            properties.push(format!("line={}", note.line));
        }
    }
    properties.push(format!("title={}", property(&note.title)));
    format!("::{word} {}::{}\n", properties.join(","), data(&note.message))
}

/// Text behind a command. The older form of commands, `##[…]`, is read anywhere in a line.
fn data(text: &str) -> String {
    let text = disarm_command(&shorten(&visible(text), MAX_MESSAGE));
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_a_command_of_its_own() {
        let note = Annotation {
            level: Level::Error,
            file: "a,b:c\n::error::x.js".to_owned(),
            line: 3,
            title: "t::x,y".to_owned(),
            message: "one\r\n::set-output name=decision::deploy\n##[add-mask]x 100%".to_owned(),
        };
        assert_eq!(
            command(&note),
            "::error file=a%2Cb%3Ac %3A%3Aerror%3A%3Ax.js,line=3,title=t%3A%3Ax%2Cy::one%0A: :set-output name=decision::deploy%0A# #[add-mask]x 100%25\n"
        );
    }

    #[test]
    fn a_value_cannot_end_its_line() {
        assert_eq!(harmless("a\nb=c\r"), "a b=c");
        assert!(!harmless("x\ny\rz").contains(['\n', '\r']));
    }
}
