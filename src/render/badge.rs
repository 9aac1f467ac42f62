//! The answer as a badge: a picture in one small file, and the data that badge services draw one of.

use super::escape::{self, one_line};
use super::hostile::{Hostile, Xml, encoded};
use super::words;
use crate::evidence::text::shorten;
use crate::report::{Report, Verdict};
use serde_json::json;

/// What is written left of the answer.
const LABEL: &str = "shipworthy";
/// Bytes of the answer.
const MAX_TEXT: usize = 60;
/// Width of a letter at 11 px in the faces that are asked for, and room beside a text.
const LETTER: usize = 7;
const ROOM: usize = 12;

/// Answer and colour; the colours keep 4.5 to 1 against white.
fn answer(report: &Report) -> (String, &'static str) {
    let score = words::span(&report.decision.score);
    let forced = report.decision.overridden.as_ref().is_some_and(|o| o.effective);
    match report.decision.verdict {
        _ if report.error.is_some() => ("cannot evaluate".to_owned(), "#b3261e"),
        _ if words::is_withheld(&report.decision) => ("override does not hold".to_owned(), "#b3261e"),
        verdict if forced => (format!("forced, {}", verdict.name()), "#875400"),
        Verdict::Deploy => (format!("deploy {score}"), "#1a7334"),
        Verdict::Remediate => (format!("remediate {score}"), "#b3261e"),
        Verdict::Inconclusive => ("inconclusive".to_owned(), "#6639ba"),
    }
}

/// An SVG of two fields. The text is of words and numbers, and in a foreign report of whatever it shows for them.
pub(super) fn svg(report: &Report) -> String {
    let (text, colour) = answer(report);
    let text = shorten(&one_line(&text), MAX_TEXT);
    let width = |text: &str| text.chars().count().saturating_mul(LETTER).saturating_add(ROOM);
    let (left, right) = (width(LABEL), width(&text));
    let all = left.saturating_add(right);
    let (label_at, text_at) = (left / 2, left.saturating_add(right / 2));
    let text = Hostile(&text);
    let svg = encoded!(
        Xml,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"20\" viewBox=\"0 0 {} 20\" role=\"img\" aria-label=\"{}: {}\">\n\
         <title>{}: {}</title>\n\
         <rect width=\"{}\" height=\"20\" rx=\"4\" fill=\"#3b444f\"/>\n\
         <path d=\"M{} 0h{}v20H{}z\" fill=\"{}\"/>\n\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\n\
         <text x=\"{}\" y=\"14\">{}</text>\n\
         <text x=\"{}\" y=\"14\">{}</text>\n\
         </g>\n\
         </svg>\n",
        all,
        all,
        LABEL,
        text,
        LABEL,
        text,
        all,
        left,
        right,
        left,
        colour,
        label_at,
        LABEL,
        text_at,
        text
    );
    svg.to_string()
}

/// What badge services with an endpoint read (the schema of shields' endpoint badge, version 1).
pub(super) fn data(report: &Report) -> Vec<u8> {
    let (text, colour) = answer(report);
    let failed = report.error.is_some();
    let badge =
        json!({ "schemaVersion": 1, "label": LABEL, "message": text, "color": colour, "isError": failed });
    escape::json(&format!("{badge:#}\n")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn a_badge_says_the_answer_in_words_and_never_more_than_that() {
        for (report, want) in [(sample::green(), "deploy 100"), (sample::error(), "cannot evaluate")] {
            assert!(svg(&report).contains(&format!("<title>shipworthy: {want}</title>")), "{}", svg(&report));
        }
        let mut forced = sample::policy();
        forced.decision.verdict = Verdict::Remediate;
        assert!(!svg(&forced).contains("deploy "), "a forced deploy is no plain one");
        let mut foreign = sample::report();
        foreign.decision.score.low.display = "<script>".to_owned();
        foreign.decision.score.high.display = "<script>".to_owned();
        (foreign.decision.score.low.num, foreign.decision.score.high.num) = ("1".to_owned(), "1".to_owned());
        for report in [sample::hostile(), foreign] {
            assert!(!svg(&report).contains("<script"), "{}", svg(&report));
        }
    }
}
