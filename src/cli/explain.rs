//! `shipworthy explain`: why, from the report alone.

use super::console::{Console, say};
use super::{Exit, Failure, Outcome, read_report};
use crate::render::hostile::{Encoded, Hostile, Log, encoded};
use crate::report::{Category, Criterion, CriterionState, Number, Report};
use std::path::{Path, PathBuf};

/// Explain a decision, a category or a criterion from a report.json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The report, `shipworthy-report/report.json` by default; then a category (`unit_tests`) or criterion
    /// (`unit_tests/coverage.line`)
    #[arg(value_name = "report.json] [CATEGORY|CRITERION", num_args = 0..=2)]
    words: Vec<String>,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let (path, topic) = match args.words.as_slice() {
        [] => (default_report(), None),
        [only] if is_report(only) => (PathBuf::from(only), None),
        [topic] => (default_report(), Some(topic)),
        [path, topic, ..] => (PathBuf::from(path), Some(topic)),
    };
    let report = read_report(&path)?;
    match topic {
        None => decision(&report, console)?,
        Some(topic) => explain_topic(&report, topic, console)?,
    }
    Ok(Exit::Deploy)
}

fn default_report() -> PathBuf {
    PathBuf::from("shipworthy-report/report.json")
}

fn is_report(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))
        || word.contains(std::path::MAIN_SEPARATOR) && Path::new(word).is_file()
}

fn explain_topic(report: &Report, topic: &str, console: &mut Console<'_>) -> Result<(), Failure> {
    let categories = &report.decision.categories;
    if let Some(found) = categories.iter().find(|c| c.id == topic) {
        return Ok(category(report, found, console)?);
    }
    let named: Vec<&Criterion> =
        categories.iter().flat_map(|c| &c.criteria).filter(|c| c.id == topic || c.measure == topic).collect();
    if named.is_empty() {
        let ids = categories.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
        let message = format!("the report has no category or criterion `{topic}`");
        return Err(Failure::Usage {
            message,
            help: format!("categories are {ids}; a criterion is CATEGORY/MEASURE"),
        });
    }
    for criterion in named {
        explain_criterion(report, criterion, console)?;
    }
    Ok(())
}

fn decision(report: &Report, console: &mut Console<'_>) -> std::io::Result<()> {
    let decision = &report.decision;
    say!(console, "{}: {}", decision.verdict.name(), Hostile(&decision.headline))?;
    let (score, wanted) = (&decision.score.low.display, &report.policy.deploy_at.display);
    say!(console, "score {} of 100, a deploy needs {}", Hostile(score), Hostile(wanted))?;
    for category in &decision.categories {
        let contribution = category.contribution.as_ref().map_or("-", |c| c.low.display.as_str());
        say!(
            console,
            "  {:16} {:15} weight {:>5} %  contributes {}",
            Hostile(&category.id),
            category.state.name(),
            Hostile(&category.weight.display),
            Hostile(contribution)
        )?;
    }
    if !decision.reasons.is_empty() {
        say!(console, "reasons, in order:")?;
    }
    for reason in &decision.reasons {
        say!(console, "  {} {}", Hostile(&reason.code), Hostile(&reason.text))?;
    }
    for (at, step) in (1_u64..).zip(&decision.way_to_green) {
        say!(console, "step {}: {} (about {} minutes)", at, Hostile(&step.text), step.minutes)?;
    }
    if !decision.cheapest_loss.is_empty() {
        say!(console, "the closest call: {}", Hostile(&decision.cheapest_loss))?;
    }
    Ok(())
}

fn category(report: &Report, category: &Category, console: &mut Console<'_>) -> std::io::Result<()> {
    let (title, id) = (Hostile(&category.title), Hostile(&category.id));
    say!(console, "{} ({}): {}", title, id, category.state.name())?;
    let blocking = if category.blocking { "blocking" } else { "not blocking" };
    let weight = Hostile(&category.weight.display);
    say!(console, "  weight {} %, {}; a category scores as its worst criterion", weight, blocking)?;
    if let Some(score) = &category.score {
        say!(console, "  score {} to {}", Hostile(&score.low.display), Hostile(&score.high.display))?;
    }
    if !category.rule.is_empty() {
        say!(console, "  {}", Hostile(&category.rule))?;
    }
    for criterion in &category.criteria {
        explain_criterion(report, criterion, console)?;
    }
    Ok(())
}

fn explain_criterion(
    report: &Report,
    criterion: &Criterion,
    console: &mut Console<'_>,
) -> std::io::Result<()> {
    say!(console, "{}: {}", Hostile(&criterion.id), criterion.state.name())?;
    say!(console, "  {}", Hostile(&criterion.text))?;
    if let Some(value) = &criterion.value {
        let shown = if value.is_exact() {
            exact(&value.low)
        } else {
            encoded!(Log, "{} to {}", exact(&value.low), exact(&value.high))
        };
        say!(
            console,
            "  value {} from {} records; wanted {} {}",
            shown,
            criterion.samples,
            Hostile(&criterion.direction),
            exact(&criterion.target)
        )?;
    }
    if let Some(lost) = criterion.points_lost.as_ref().filter(|_| criterion.state != CriterionState::Pass) {
        say!(console, "  costs {} points by itself", Hostile(&lost.display))?;
    }
    say!(console, "  asked for by {}", Hostile(&criterion.origin))?;
    for id in &criterion.evidence {
        if let Some(item) = report.evidence.iter().find(|e| e.id == *id) {
            let (path, summary) = (Hostile(&item.path), Hostile(&item.summary));
            say!(console, "  evidence {} ({}): {}", path, item.state.name(), summary)?;
        }
    }
    if let Some(fix) = &criterion.fix {
        let (hint, basis) = (Hostile(&fix.hint), Hostile(&fix.basis));
        say!(console, "  fix: {} (about {} minutes: {})", hint, fix.minutes, basis)?;
    }
    Ok(())
}

/// A number as a fraction.
fn exact(number: &Number) -> Encoded<Log> {
    let (num, den) = (Hostile(&number.num), Hostile(&number.den));
    if number.den == "1" { encoded!(Log, "{}", num) } else { encoded!(Log, "{}/{}", num, den) }
}
