//! Measures of load tests. Numbers of requests are summed over runs; of percentiles and of the throughput the worst run
//! counts, because percentiles of two runs cannot be put together.

use super::super::interval::{HIDDEN, Interval};
use super::super::lens::Load;
use super::{Draw, Measured};
use crate::evidence::exact::{Exact, whole};
use crate::evidence::load::{Judgement, Percentile, Requests};
use crate::policy::Measure;

/// Draws a measure of load tests.
pub(super) fn measure(draw: &Draw<'_, '_>, measure: &Measure) -> (Measured, u64) {
    let runs = draw.lens.loads(&draw.items, draw.look);
    let requests: Vec<&Requests> = runs.iter().flat_map(Load::requests).collect();
    let counts: Vec<u64> = requests.iter().filter_map(|r| r.count).collect();
    let made = counts.iter().copied().fold(0, u64::saturating_add);
    if !counts.is_empty() && made == 0 {
        return (Measured::Unknown("the load test made no request".to_owned()), 0);
    }
    let value = match measure.id {
        "load.requests" => (!counts.is_empty()).then(|| Interval::count(made, draw.damaged)),
        "load.failures" => failures(&requests).map(|(low, high)| Interval {
            low: whole(low),
            high: whole(high) + whole(if draw.damaged { HIDDEN } else { 0 }),
        }),
        "load.error_rate" => error_rate(&requests, made, draw.damaged),
        "load.throughput" => throughput(&runs, draw.damaged),
        "load.thresholds" => thresholds(&runs, draw.damaged),
        "load.checks" => checks(&runs, draw.damaged),
        id => percentile_of(id).and_then(|p| slowest(&requests, p, draw.damaged)),
    };
    // Parts of the requests may be timed without being counted: each is at least one.
    let samples = made.max(requests.len() as u64);
    (value.map_or(Measured::Absent, Measured::Value), samples)
}

/// The percentile that a measure names.
#[must_use]
pub fn percentile_of(id: &str) -> Option<Percentile> {
    match id {
        "load.max" => Some(Percentile::MAX),
        _ => Percentile::of_percent(id.strip_prefix("load.p")?),
    }
}

/// Between how many requests failed; nothing where no file tells. Where only some tell, all of the others may have.
fn failures(requests: &[&Requests]) -> Option<(u64, u64)> {
    let told = requests.iter().any(|r| r.failed.is_some());
    let low = requests.iter().filter_map(|r| r.failed).fold(0, u64::saturating_add);
    let high = requests.iter().map(|r| r.failed.or(r.count).unwrap_or(HIDDEN)).fold(0, u64::saturating_add);
    told.then_some((low, high))
}

/// The share of all requests that failed. Where a run tells its share alone, that of all lies between those of the runs.
fn error_rate(requests: &[&Requests], made: u64, damaged: bool) -> Option<Interval> {
    if requests.iter().any(|r| r.failed_share.is_some()) {
        return between(requests.iter().map(|r| r.error_rate()), damaged);
    }
    let (low, high) = failures(requests)?;
    // Of how many they are the failures is not told.
    let of_unknown = requests.iter().any(|r| r.count.is_none() && r.failed != Some(0));
    if of_unknown { Some(Interval::unit()) } else { Interval::share(low, high, made, damaged) }
}

/// Between which ends the share of all lies, by the shares of the parts; a part without one may have any.
fn between(shares: impl Iterator<Item = Option<Exact>>, damaged: bool) -> Option<Interval> {
    let shares: Option<Vec<Exact>> = shares.collect();
    let Some(shares) = shares.filter(|_| !damaged) else { return Some(Interval::unit()) };
    Some(Interval { low: shares.iter().min()?.clone(), high: shares.iter().max()?.clone() })
}

/// A percentile of the slowest run. What lies beyond the highest one that is given is not known, and nothing is of requests
/// without times.
fn slowest(requests: &[&Requests], percentile: Percentile, damaged: bool) -> Option<Interval> {
    let between: Vec<(Exact, Option<Exact>)> =
        requests.iter().filter_map(|r| r.latency.between(percentile)).collect();
    let low = between.iter().map(|(low, _)| low).max()?.clone();
    let untimed = requests.iter().any(|r| r.latency.is_empty() && r.count.is_some_and(|n| n > 0));
    let ends: Option<Vec<&Exact>> = between.iter().map(|(_, high)| high.as_ref()).collect();
    let high = ends.filter(|_| !damaged && !untimed).and_then(|ends| ends.into_iter().max().cloned());
    let high = high.unwrap_or_else(|| low.clone() + whole(HIDDEN));
    Some(Interval { low, high })
}

fn throughput(runs: &[Load<'_>], damaged: bool) -> Option<Interval> {
    let of = |run: &Load<'_>| {
        if run.is_whole {
            run.run.test.per_second()
        } else {
            run.requests().filter_map(|r| r.per_second.clone()).min()
        }
    };
    let lowest = runs.iter().filter_map(of).min()?;
    // A run that does not tell how long it took may be the slowest.
    let is_open = damaged || runs.iter().any(|run| run.run.test.all.count.is_some() && of(run).is_none());
    Some(Interval { low: if is_open { whole(0) } else { lowest.clone() }, high: lowest })
}

fn thresholds(runs: &[Load<'_>], damaged: bool) -> Option<Interval> {
    let tests = runs.iter().filter(|r| r.is_whole).map(|r| &r.run.test);
    let judged: Vec<_> = tests.filter(|test| !test.thresholds.is_empty()).collect();
    let sum = |judgement| judged.iter().map(|test| test.judged(judgement)).fold(0, u64::saturating_add);
    let mut crossed = Interval::count(sum(Judgement::Crossed), damaged);
    // A threshold without a sample holds in k6's eyes; here nobody knows.
    crossed.high += whole(sum(Judgement::NoSample));
    (!judged.is_empty()).then_some(crossed)
}

fn checks(runs: &[Load<'_>], damaged: bool) -> Option<Interval> {
    let tests: Vec<_> = runs.iter().filter(|r| r.is_whole).map(|r| &r.run.test).collect();
    if tests.iter().any(|test| test.passed_share.is_some()) {
        return between(tests.iter().filter_map(|test| test.passed().map(Some)), damaged);
    }
    let (passed, all) = tests
        .iter()
        .filter_map(|test| test.answers)
        .fold((0, 0), |(p, a): (u64, u64), (passed, all)| (p.saturating_add(passed), a.saturating_add(all)));
    Interval::share(passed, passed, all, damaged)
}
