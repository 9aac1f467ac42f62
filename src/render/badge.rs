//! The answer as a badge: a picture in one small file, and the data that badge services draw one of.

use super::words;
use crate::report::{Report, Verdict};
use serde_json::json;

/// What is written left of the answer.
const LABEL: &str = "shipworthy";
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

/// An SVG of two fields. Its texts are ours: words and numbers.
pub(super) fn svg(report: &Report) -> String {
    let (text, colour) = answer(report);
    let width = |text: &str| text.chars().count().saturating_mul(LETTER).saturating_add(ROOM);
    let (left, right) = (width(LABEL), width(&text));
    let all = left.saturating_add(right);
    let (label_at, text_at) = (left / 2, left.saturating_add(right / 2));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" viewBox=\"0 0 {all} 20\" role=\"img\" aria-label=\"{LABEL}: {text}\">\n\
         <title>{LABEL}: {text}</title>\n\
         <rect width=\"{all}\" height=\"20\" rx=\"4\" fill=\"#3b444f\"/>\n\
         <path d=\"M{left} 0h{right}v20H{left}z\" fill=\"{colour}\"/>\n\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\n\
         <text x=\"{label_at}\" y=\"14\">{LABEL}</text>\n\
         <text x=\"{text_at}\" y=\"14\">{text}</text>\n\
         </g>\n\
         </svg>\n"
    )
}

/// What badge services with an endpoint read (the schema of shields' endpoint badge, version 1).
pub(super) fn data(report: &Report) -> Vec<u8> {
    let (text, colour) = answer(report);
    let failed = report.error.is_some();
    let badge =
        json!({ "schemaVersion": 1, "label": LABEL, "message": text, "color": colour, "isError": failed });
    (format!("{badge:#}\n")).into_bytes()
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
        assert!(!svg(&sample::hostile()).contains("script"));
    }
}
