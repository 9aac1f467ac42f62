//! `shipworthy explain`: why, from the report alone.

use super::{Exit, Failure, Outcome, read_report};
use crate::render::escape::terminal as safe;
use crate::report::{Category, Criterion, CriterionState, Report};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Explain a decision, a category or a criterion from a report.json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The report, `shipworthy-report/report.json` by default; then a category (`unit_tests`) or criterion
    /// (`unit_tests/coverage.line`)
    #[arg(value_name = "report.json] [CATEGORY|CRITERION", num_args = 0..=2)]
    words: Vec<String>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let (path, topic) = match args.words.as_slice() {
        [] => (default_report(), None),
        [only] if is_report(only) => (PathBuf::from(only), None),
        [topic] => (default_report(), Some(topic)),
        [path, topic, ..] => (PathBuf::from(path), Some(topic)),
    };
    let report = read_report(&path)?;
    match topic {
        None => decision(&report, out)?,
        Some(topic) => explain_topic(&report, topic, out)?,
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

fn explain_topic(report: &Report, topic: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let categories = &report.decision.categories;
    if let Some(found) = categories.iter().find(|c| c.id == topic) {
        return Ok(category(report, found, out)?);
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
        explain_criterion(report, criterion, out)?;
    }
    Ok(())
}

fn decision(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    let decision = &report.decision;
    writeln!(out, "{}: {}", decision.verdict.name(), safe(&decision.headline))?;
    writeln!(
        out,
        "score {} of 100, a deploy needs {}",
        decision.score.low.display, report.policy.deploy_at.display
    )?;
    for category in &decision.categories {
        let contribution = category.contribution.as_ref().map_or("-", |c| c.low.display.as_str());
        writeln!(
            out,
            "  {:16} {:15} weight {:>5} %  contributes {contribution}",
            category.id,
            category.state.name(),
            category.weight.display
        )?;
    }
    if !decision.reasons.is_empty() {
        writeln!(out, "reasons, in order:")?;
    }
    for reason in &decision.reasons {
        writeln!(out, "  {} {}", reason.code, safe(&reason.text))?;
    }
    for (at, step) in (1..).zip(&decision.way_to_green) {
        writeln!(out, "step {at}: {} (about {} minutes)", safe(&step.text), step.minutes)?;
    }
    if !decision.cheapest_loss.is_empty() {
        writeln!(out, "the closest call: {}", safe(&decision.cheapest_loss))?;
    }
    Ok(())
}

fn category(report: &Report, category: &Category, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} ({}): {}", safe(&category.title), category.id, category.state.name())?;
    let blocking = if category.blocking { "blocking" } else { "not blocking" };
    writeln!(
        out,
        "  weight {} %, {blocking}; a category scores as its worst criterion",
        category.weight.display
    )?;
    if let Some(score) = &category.score {
        writeln!(out, "  score {} to {}", score.low.display, score.high.display)?;
    }
    if !category.rule.is_empty() {
        writeln!(out, "  {}", safe(&category.rule))?;
    }
    for criterion in &category.criteria {
        explain_criterion(report, criterion, out)?;
    }
    Ok(())
}

fn explain_criterion(report: &Report, criterion: &Criterion, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}: {}", criterion.id, criterion.state.name())?;
    writeln!(out, "  {}", safe(&criterion.text))?;
    if let Some(value) = &criterion.value {
        let exact = |n: &crate::report::Number| {
            if n.den == "1" { n.num.clone() } else { format!("{}/{}", n.num, n.den) }
        };
        let shown = if value.is_exact() {
            exact(&value.low)
        } else {
            format!("{} to {}", exact(&value.low), exact(&value.high))
        };
        writeln!(
            out,
            "  value {shown} from {} records; wanted {} {}",
            criterion.samples,
            criterion.direction,
            exact(&criterion.target)
        )?;
    }
    if let Some(lost) = criterion.points_lost.as_ref().filter(|_| criterion.state != CriterionState::Pass) {
        writeln!(out, "  costs {} points by itself", lost.display)?;
    }
    writeln!(out, "  asked for by {}", safe(&criterion.origin))?;
    for id in &criterion.evidence {
        if let Some(item) = report.evidence.iter().find(|e| e.id == *id) {
            writeln!(
                out,
                "  evidence {} ({}): {}",
                safe(&item.path),
                item.state.name(),
                safe(&item.summary)
            )?;
        }
    }
    if let Some(fix) = &criterion.fix {
        writeln!(out, "  fix: {} (about {} minutes: {})", safe(&fix.hint), fix.minutes, safe(&fix.basis))?;
    }
    Ok(())
}
