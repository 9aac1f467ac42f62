//! Load tests in the words of the people who mend them.

use super::words::{NAMED, and_more, code, literal, plural};
use super::{Broken, Remedy};
use crate::decide::lens::Load;
use crate::decide::measure::{Measured, percentile_of};
use crate::evidence::exact::{Exact, floor_decimal, percent_display};
use crate::evidence::load::{Judgement, Requests};
use crate::report::Fix;

const MINUTES_SLOW: u64 = 60;
const MINUTES_FAILING: u64 = 30;

/// What to do about a measure of load tests that misses its target.
pub(super) fn load(broken: &Broken<'_, '_>) -> Remedy {
    let measure = broken.criterion.policy.measure;
    let loads = broken.lens.loads(&broken.items(), broken.look());
    let (what, lines, minutes, basis) = match measure.id {
        "load.thresholds" => {
            ("thresholds that the load test crossed", crossed(&loads), MINUTES_SLOW, "each threshold")
        }
        "load.checks" => {
            ("checks of the load test that failed", failing_checks(&loads), MINUTES_FAILING, "each check")
        }
        "load.error_rate" | "load.failures" => (
            "requests that failed under load",
            failing(&loads),
            MINUTES_FAILING,
            "each kind of failing request",
        ),
        _ => {
            ("requests that are slow under load", slow(&loads, measure.id), MINUTES_SLOW, "each slow request")
        }
    };
    let count = lines.len().max(1) as u64;
    let value = match &broken.criterion.reading.measured {
        Measured::Value(value) => measure.unit.with_unit(&value.high),
        _ => String::new(),
    };
    Remedy {
        fix: Fix {
            owner: String::new(),
            hint: format!("look into {what}: {}", and_more(&lines)),
            minutes: count.min(NAMED as u64).saturating_mul(minutes),
            basis: format!("{minutes} minutes for {basis}, and for {NAMED} at most"),
        },
        issues: vec![format!("{} is {value}", measure.title)],
        steps: lines.iter().take(NAMED).map(|line| format!("look into {}", literal(line))).collect(),
        clusters: Vec::new(),
    }
}

fn crossed(loads: &[Load<'_>]) -> Vec<String> {
    let thresholds = loads.iter().flat_map(|l| &l.run.test.thresholds);
    let crossed = thresholds.filter(|t| t.judgement == Judgement::Crossed);
    crossed.map(|t| format!("{} of {}", code(&t.expression), t.metric)).collect()
}

fn failing_checks(loads: &[Load<'_>]) -> Vec<String> {
    let mut checks: Vec<_> = loads.iter().flat_map(|l| &l.run.test.checks).filter(|c| c.failed > 0).collect();
    checks.sort_by_key(|c| std::cmp::Reverse(c.failed));
    checks
        .into_iter()
        .map(|c| format!("{}: {} of {} failed", code(&c.name), c.failed, c.passed.saturating_add(c.failed)))
        .collect()
}

/// Rows that tell something; of a run without any, all of its requests.
fn rows<'l>(loads: &'l [Load<'_>], tells: impl Fn(&Requests) -> bool) -> Vec<(&'l Requests, String)> {
    let mut found = Vec::new();
    for load in loads {
        let known = found.len();
        let rows = load.run.test.rows.iter().filter(|r| load.is_whole && tells(r));
        found.extend(rows.map(|r| (r, r.title())));
        if found.len() == known {
            let looked_at = load.requests().filter(|r| tells(r));
            let name = |r: &Requests| if r.name.is_empty() { load.run.item.path.clone() } else { r.title() };
            found.extend(looked_at.map(|r| (r, name(r))));
        }
    }
    found
}

fn failing(loads: &[Load<'_>]) -> Vec<String> {
    let mut rows = rows(loads, |r| r.failed.is_some_and(|n| n > 0));
    rows.sort_by_key(|(r, _)| std::cmp::Reverse(r.failed));
    rows.into_iter()
        .map(|(r, name)| {
            let share =
                r.error_rate().map(|rate| format!(" ({} %)", percent_display(&rate))).unwrap_or_default();
            format!("{name}: {} failed{share}", plural(r.failed.unwrap_or(0), "request"))
        })
        .collect()
}

fn slow(loads: &[Load<'_>], measure: &str) -> Vec<String> {
    let Some(percentile) = percentile_of(measure) else { return Vec::new() };
    let mut rows: Vec<(Exact, String)> = rows(loads, |r| !r.latency.is_empty())
        .into_iter()
        .filter_map(|(r, name)| Some((r.latency.between(percentile)?.0, name)))
        .collect();
    rows.sort_by(|a, b| b.cmp(a));
    rows.into_iter()
        .map(|(millis, name)| format!("{name}: {} at {} ms", percentile.name(), floor_decimal(&millis, 1)))
        .collect()
}
