//! Load tests: how long requests took as bars of one scale, beside what the policy asks for.

use super::web::asked;
use crate::evidence::exact::{Exact, whole};
use crate::report::{CriterionState, LoadRequests, LoadRun, Report};
use serde::Serialize;

/// The percentiles that are drawn and told of every request name, where they are there.
const DRAWN: [&str; 8] = ["p50", "p75", "p90", "p95", "p97.5", "p99", "p99.9", "slowest"];
/// Those in the columns of the table of names.
const COLUMNS: [&str; 4] = ["p50", "p95", "p99", "slowest"];

/// A run with what its numbers mean.
#[derive(Debug, Serialize)]
pub(super) struct RunView<'a> {
    run: &'a LoadRun,
    bars: Vec<Bar<'a>>,
    rows: Vec<Row<'a>>,
    columns: Vec<&'static str>,
    /// What the policy asks of failures, throughput, thresholds and checks, with the states.
    policy: Vec<String>,
    /// Of some names it is known how many requests there were.
    counted: bool,
    crossed: usize,
    unjudged: usize,
    failing_checks: usize,
}

/// A percentile as a bar.
#[derive(Debug, Serialize)]
struct Bar<'a> {
    name: &'a str,
    display: &'a str,
    /// Tenths of a percent of the width.
    filled: u64,
    /// It is longer than the scale.
    beyond: bool,
    look: &'static str,
    /// Where the policy's target stands, in tenths of a percent of the width.
    target: Option<u64>,
    policy: Vec<String>,
}

/// Requests of one name.
#[derive(Debug, Serialize)]
struct Row<'a> {
    requests: &'a LoadRequests,
    /// In the order of the columns; empty where the percentile is not there.
    times: Vec<&'a str>,
}

/// The runs in the order of the report.
pub(super) fn runs(report: &Report) -> Vec<RunView<'_>> {
    report.load.iter().map(|run| view(report, run)).collect()
}

fn view<'a>(report: &'a Report, run: &'a LoadRun) -> RunView<'a> {
    let has = |name: &&str| run.requests.iter().any(|r| r.latency.iter().any(|p| p.percentile == **name));
    let columns: Vec<&'static str> = COLUMNS.into_iter().filter(has).collect();
    let rest = [
        "load.error_rate",
        "load.failures",
        "load.checks",
        "load.thresholds",
        "load.throughput",
        "load.requests",
    ];
    let judged = |judgement: &str| run.thresholds.iter().filter(|t| t.judgement == judgement).count();
    RunView {
        run,
        bars: bars(report, &run.all),
        rows: run.requests.iter().map(|requests| row(requests, &columns)).collect(),
        columns,
        policy: rest.iter().flat_map(|measure| named(report, measure)).collect(),
        counted: run.requests.iter().any(|r| r.requests.is_some()),
        crossed: judged("crossed"),
        unjudged: judged("no sample"),
        failing_checks: run.checks.iter().filter(|c| c.failed > 0).count(),
    }
}

/// What is asked of a measure, with its name in front.
fn named(report: &Report, measure: &str) -> Vec<String> {
    let criteria = report.decision.categories.iter().flat_map(|c| &c.criteria);
    let title = criteria.filter(|c| c.measure == measure).map(|c| c.title.to_lowercase()).next();
    let title = title.unwrap_or_default();
    asked(report, measure, "all runs").into_iter().map(|text| format!("{title} {text}")).collect()
}

fn row<'a>(requests: &'a LoadRequests, columns: &[&'static str]) -> Row<'a> {
    let time = |name: &&'static str| {
        requests.latency.iter().find(|p| p.percentile == **name).map_or("", |p| p.value.display.as_str())
    };
    Row { requests, times: columns.iter().map(time).collect() }
}

/// Bars of one scale. It ends a quarter beyond the highest of the percentiles and targets; the slowest request, which may be
/// far out, runs beyond it.
fn bars<'a>(report: &'a Report, requests: &'a LoadRequests) -> Vec<Bar<'a>> {
    let drawn: Vec<_> = DRAWN
        .iter()
        .filter_map(|name| requests.latency.iter().find(|p| p.percentile == **name))
        .filter_map(|p| Some((p, p.value.exact()?)))
        .collect();
    let targets: Vec<Option<Exact>> =
        drawn.iter().map(|(p, _)| target(report, &measure(&p.percentile))).collect();
    let inner =
        drawn.iter().filter(|(p, _)| p.percentile != "slowest" || drawn.len() == 1).map(|(_, v)| v.clone());
    let highest = inner.chain(targets.iter().flatten().cloned()).max().filter(|end| *end > whole(0));
    let end = highest.unwrap_or_else(|| whole(1)) * whole(5) / whole(4);
    let tenths = |value: &Exact| u64::try_from((value * whole(1_000) / &end).to_integer()).unwrap_or(0);
    let bars = drawn.into_iter().zip(targets).map(|((p, value), target)| Bar {
        name: &p.percentile,
        display: &p.value.display,
        filled: tenths(&value).min(1_000),
        beyond: value > end,
        look: match &target {
            None => "none",
            Some(target) if value <= *target => "pass",
            Some(_) => "fail",
        },
        target: target.as_ref().map(tenths),
        policy: asked(report, &measure(&p.percentile), "all runs"),
    });
    bars.collect()
}

/// The measure of a percentile.
fn measure(name: &str) -> String {
    format!("load.{}", if name == "slowest" { "max" } else { name })
}

/// The strictest target that the policy sets for all requests.
fn target(report: &Report, measure: &str) -> Option<Exact> {
    let criteria = report.decision.categories.iter().flat_map(|c| &c.criteria);
    let asked = criteria.filter(|c| {
        c.measure == measure && c.narrowed.is_empty() && c.state != CriterionState::NotApplicable
    });
    asked.filter_map(|c| c.target.exact()).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn bars_share_a_scale_that_the_slowest_request_may_leave() {
        let report = sample::report();
        let views = runs(&report);
        let bars = &views[0].bars;
        let seen: Vec<_> = bars.iter().map(|b| (b.name, b.filled, b.beyond, b.look, b.target)).collect();
        // The target of 500 ms is the highest, so that the scale ends at 625 ms.
        assert_eq!(
            seen,
            [
                ("p50", 27, false, "none", None),
                ("p95", 480, false, "pass", Some(800)),
                ("p99", 640, false, "none", None),
                ("slowest", 1_000, true, "none", None),
            ]
        );
        assert_eq!(bars[1].policy, ["at most 500 ms (pass over all runs)"]);
    }

    #[test]
    fn a_column_stands_where_a_name_has_its_percentile() {
        let report = sample::report();
        let views = runs(&report);
        assert_eq!(views[0].columns, ["p50", "p95"]);
        assert_eq!(views[0].rows[0].times, ["17.2 ms", "300 ms"]);
        assert_eq!((views[0].crossed, views[0].unjudged, views[0].failing_checks), (1, 1, 1));
    }

    #[test]
    fn a_run_without_a_number_has_no_bar() {
        let mut report = sample::report();
        report.load[0].all.latency.clear();
        assert!(runs(&report)[0].bars.is_empty());
    }
}
