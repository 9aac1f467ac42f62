//! Load tests for the report: each run once, what failed and what is slow first.

use crate::evidence::exact::{Exact, floor_decimal, percent_display, whole};
use crate::evidence::load::{self, Judgement, LoadTest, Percentile, Requests, Run};
use crate::evidence::{Evidence, Item};
use crate::report::{LoadCheck, LoadError, LoadPercentile, LoadRequests, LoadRun, LoadThreshold, Number};
use std::cmp::Reverse;

/// Names of requests, thresholds, checks and errors that are listed of a run.
const MAX_ROWS: usize = 500;

/// Every run that counts.
pub(super) fn runs(evidence: &Evidence) -> Vec<LoadRun> {
    load::runs(super::counting(evidence)).iter().map(run).collect()
}

fn run(run: &Run<'_>) -> LoadRun {
    let (item, test) = (run.item, run.test.as_ref());
    let worst = run.files().max_by_key(|i| i.state).unwrap_or(item);
    let throughput =
        test.per_second().map(|rate| Number::new(&rate, format!("{}/s", floor_decimal(&rate, 1))));
    LoadRun {
        path: item.path.clone(),
        tool: tool(item),
        state: worst.state,
        cause: worst.cause.clone(),
        duration_ms: test.micros.map(|micros| micros / 1_000),
        throughput,
        exactness: test.all.latency.rounding.in_words().to_owned(),
        all: requests(&test.all),
        requests: rows(test),
        requests_left_out: test.rows.len().saturating_sub(MAX_ROWS) as u64,
        thresholds: thresholds(test),
        checks: checks(test),
        errors: errors(test),
        evidence: run.files().map(|item| item.id.clone()).collect(),
    }
}

fn tool(item: &Item) -> String {
    match item.producer.version.as_str() {
        "" => item.producer.name.clone(),
        version => format!("{} {version}", item.producer.name),
    }
}

fn requests(requests: &Requests) -> LoadRequests {
    let percentile = |(percentile, millis): (Percentile, &Exact)| LoadPercentile {
        percentile: percentile.name(),
        value: Number::new(millis, time(millis)),
    };
    LoadRequests {
        name: requests.title(),
        requests: requests.count,
        failed: requests.failed,
        error_rate: requests.error_rate().map(|r| Number::new(&r, format!("{} %", percent_display(&r)))),
        latency: requests.latency.points().map(percentile).collect(),
    }
}

/// Milliseconds for people, cut: `0.42 ms`, `17.2 ms`, `1530 ms`.
fn time(millis: &Exact) -> String {
    let places = match millis {
        n if *n < whole(1) => 2,
        n if *n < whole(100) => 1,
        _ => 0,
    };
    format!("{} ms", floor_decimal(millis, places))
}

fn rows(test: &LoadTest) -> Vec<LoadRequests> {
    let mut rows: Vec<&Requests> = test.rows.iter().collect();
    let slow = |r: &Requests| r.latency.given(Percentile::P95).cloned();
    rows.sort_by_cached_key(|r| {
        (Reverse(r.error_rate().filter(|rate| *rate > whole(0))), Reverse(slow(r)), r.title())
    });
    rows.into_iter().take(MAX_ROWS).map(requests).collect()
}

fn thresholds(test: &LoadTest) -> Vec<LoadThreshold> {
    let order = [Judgement::Crossed, Judgement::NoSample, Judgement::Held];
    let sorted = order.into_iter().flat_map(|j| test.thresholds.iter().filter(move |t| t.judgement == j));
    sorted
        .take(MAX_ROWS)
        .map(|t| LoadThreshold {
            metric: t.metric.clone(),
            expression: t.expression.clone(),
            judgement: t.judgement.name().to_owned(),
        })
        .collect()
}

fn checks(test: &LoadTest) -> Vec<LoadCheck> {
    let mut checks: Vec<&load::Check> = test.checks.iter().collect();
    checks.sort_by_key(|c| Reverse(c.failed));
    let row = |c: &load::Check| LoadCheck { name: c.name.clone(), passed: c.passed, failed: c.failed };
    checks.into_iter().take(MAX_ROWS).map(row).collect()
}

fn errors(test: &LoadTest) -> Vec<LoadError> {
    let error = |e: &load::ErrorCount| LoadError { text: e.text.clone(), count: e.count };
    let mut errors: Vec<LoadError> = test.errors.iter().map(error).collect();
    errors.sort_by_key(|e| Reverse(e.count));
    errors.truncate(MAX_ROWS);
    errors
}
