//! `decision.env`: the answer as variables that later jobs inherit.
//!
//! A variable is read by shells and by conditions, so that nothing here is free text: every value is a number or one
//! of a few words. No quotes, no comments and no empty lines, which GitLab does not take.

use super::words;
use crate::evidence::exact::floor_decimal;
use crate::report::{Number, Report};

/// The variables, a line each.
pub(super) fn render(report: &Report) -> String {
    let decision = &report.decision;
    let answer = if words::deploys(decision) { "deploy" } else { "remediate" };
    let overridden = decision.overridden.as_ref().is_some_and(|o| o.effective);
    let rows = [
        ("DECISION", answer.to_owned()),
        ("VERDICT", decision.verdict.name().to_owned()),
        ("SCORE", score(&decision.score.low)),
        ("SCORE_LOW", score(&decision.score.low)),
        ("SCORE_HIGH", score(&decision.score.high)),
        ("EXIT_CODE", decision.exit_code.to_string()),
        ("BLOCKING_COUNT", decision.blocking_failures.len().to_string()),
        ("OVERRIDDEN", overridden.to_string()),
    ];
    rows.iter().map(|(name, value)| format!("SHIPWORTHY_{name}={value}\n")).collect()
}

/// A score as scripts compare it: digits, cut to one decimal. The display of a foreign report may be any text.
fn score(score: &Number) -> String {
    score.exact().map_or_else(|| "0".to_owned(), |exact| floor_decimal(&exact, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn the_answer_is_told_in_numbers_and_known_words() {
        let red = render(&sample::report());
        assert_eq!(
            red,
            "SHIPWORTHY_DECISION=remediate\nSHIPWORTHY_VERDICT=remediate\nSHIPWORTHY_SCORE=62.4\n\
             SHIPWORTHY_SCORE_LOW=62.4\nSHIPWORTHY_SCORE_HIGH=62.4\nSHIPWORTHY_EXIT_CODE=1\n\
             SHIPWORTHY_BLOCKING_COUNT=2\nSHIPWORTHY_OVERRIDDEN=false\n"
        );
        assert!(
            render(&sample::green()).starts_with("SHIPWORTHY_DECISION=deploy\nSHIPWORTHY_VERDICT=deploy\n")
        );
        let error = render(&sample::error());
        assert!(error.contains("DECISION=remediate\n") && error.contains("EXIT_CODE=2\n"), "{error}");
    }

    #[test]
    fn a_forced_deploy_says_so() {
        let mut report = sample::policy();
        report.decision.exit_code = 0;
        report.decision.deployment_action = "deploy".to_owned();
        let forced = render(&report);
        assert!(forced.contains("DECISION=deploy\n") && forced.contains("OVERRIDDEN=true\n"), "{forced}");
        assert!(forced.contains("VERDICT=remediate\n"), "{forced}");
    }

    #[test]
    fn no_text_of_a_report_becomes_a_variable() {
        let mut report = sample::hostile();
        report.decision.deployment_action = "deploy\nSHIPWORTHY_DECISION=deploy".to_owned();
        report.decision.exit_code = 0;
        report.decision.blocking_failures = vec!["x\nY=1".to_owned()];
        for number in [&mut report.decision.score.low, &mut report.decision.score.high] {
            (number.num, number.display) = ("1\nX=1".to_owned(), "1\nX=1".to_owned());
        }
        let text = render(&report);
        assert!(text.starts_with("SHIPWORTHY_DECISION=remediate\n"), "{text}");
        assert_eq!(text.lines().count(), 8);
        for line in text.lines() {
            let (name, value) = line.split_once('=').unwrap();
            assert!(name.starts_with("SHIPWORTHY_"), "{line}");
            assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'), "{line}");
        }
    }
}
