//! The points that k6 writes while it runs: one measured value a line, as JSON lines or CSV.
//!
//! **Written by** `k6 run --out json=FILE` and `--out csv=FILE`.
//!
//! ```text
//! {"metric":"http_req_duration","type":"Point","data":{"time":"2026-04-17T00:00:08Z","value":17.2,"tags":{"name":"cart"}}}
//! ```
//! ```text
//! metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,…
//! http_req_duration,1795271677,17.200000,,,,true,,GET,cart,…
//! ```
//!
//! Every request is counted by `http_reqs`, timed by `http_req_duration` (milliseconds) and judged by `http_req_failed` (1
//! where it **failed**). Percentiles are by nearest rank, k6's own summary interpolates between two ranks.
//!
//! A stream holds the expressions of some thresholds and never whether they held: only a summary tells. It has no end mark; a
//! last line without a line end was cut. **Dropped**: parts of a request's time, data volumes, virtual users, custom metrics.

use super::super::read::csv::{Csv, Row, first_line};
use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Body, Head, Outline};
use super::super::read::json::Json;
use super::super::read::lines::lines;
use super::super::{Format, Reading};
use super::{Errors, MAX_ROWS, MAX_TEXT, NANOS_PER_MILLI, Named, Samples, keep, nanos, whole_row};
use crate::evidence::load::{Check, LoadTest};
use crate::evidence::text::shorten;
use crate::evidence::time::moment;
use crate::evidence::{Diagnostic, Kind};
use indexmap::IndexMap;
use std::borrow::Cow;

/// k6 points.
pub(crate) const FORMAT: Format = Format {
    id: "k6_points",
    title: "k6 points (JSON lines, CSV)",
    kind: Kind::Load,
    written_by: "k6 run --out json, --out csv",
    elements: &[],
    sniff,
    parse,
};

/// The start of the header of the CSV.
const HEADER: &str = "metric_name,timestamp,metric_value,";

fn sniff(head: &Head<'_>) -> bool {
    match &head.body {
        Body::Text => first_line(head.text).starts_with(HEADER),
        Body::Json(outline) => is_line(outline),
        _ => false,
    }
}

fn is_line(outline: &Outline) -> bool {
    let kind = outline.get("type");
    let is_point =
        kind.is_some_and(|k| [Outline::String("Metric".into()), Outline::String("Point".into())].contains(k));
    let data = outline.get("data");
    let is_data = data.is_some_and(|d| d.has(&["time", "value"]) || d.has(&["contains", "thresholds"]));
    (is_point && data.is_some()) || (is_data && outline.has(&["type", "metric"]))
}

/// Columns of a table.
pub(super) const COLUMNS: [&str; 7] =
    ["metric_name", "metric_value", "timestamp", "name", "check", "expected_response", "scenario"];

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "k6".clone_into(&mut reading.producer.name);
    let mut stream = Stream::default();
    let outcome =
        if reading.text.starts_with(HEADER) { stream.table(reading) } else { stream.lines(reading) };
    stream.finish(reading);
    outcome
}

/// One value, with the tags that matter.
#[derive(Debug, Default)]
struct Point<'a> {
    is_point: bool,
    metric: Cow<'a, str>,
    value: Cow<'a, str>,
    /// As it is written: a moment in text, or seconds since 1970.
    time: Cow<'a, str>,
    name: Cow<'a, str>,
    check: Cow<'a, str>,
    error: Cow<'a, str>,
    status: Cow<'a, str>,
}

/// What was read of a file.
#[derive(Debug, Default)]
struct Stream {
    all: Samples,
    by_name: Named,
    /// How often each check passed and failed.
    checks: IndexMap<String, (u64, u64)>,
    errors: Errors,
    judged: u64,
    /// First and last request, in seconds since 1970.
    span: Option<(i64, i64)>,
}

impl Stream {
    fn table(&mut self, reading: &Reading<'_>) -> Read<()> {
        let (mut csv, mut row) = (Csv::new(reading.text, b',', &reading.damage), Row::default());
        csv.next(&mut row)?;
        whole_row(&row)?;
        let names = ["metric_name", "metric_value", "timestamp", "name", "check", "error", "status"];
        let places = names.map(|name| row.place(name).unwrap_or(usize::MAX));
        while csv.next(&mut row)? {
            whole_row(&row)?;
            let [metric, value, time, name, check, error, status] =
                places.map(|place| Cow::Borrowed(row.get(place)));
            self.point(row.at, &Point { is_point: true, metric, value, time, name, check, error, status })?;
        }
        Ok(())
    }

    fn lines(&mut self, reading: &Reading<'_>) -> Read<()> {
        for line in lines(reading.text).filter(|l| !l.text.trim().is_empty()) {
            if !line.ended {
                return Err(Fault::truncated(line.at, "the file ends inside a line"));
            }
            let mut point = Point::default();
            let mut json = Json::new(line.text, &reading.damage);
            let read = json
                .object(|json, key| point.property(json, key))
                .and_then(|read| json.end("line").map(|()| read));
            let read = read.map_err(|fault| Fault { at: fault.at.saturating_add(line.at), ..fault })?;
            if !read {
                return Err(Fault::malformed(line.at, "the line is no JSON object"));
            }
            // The other lines name a metric and hold no value.
            if point.is_point {
                self.point(line.at, &point)?;
            }
        }
        Ok(())
    }

    fn point(&mut self, at: usize, point: &Point<'_>) -> Read<()> {
        let metric = point.metric.as_ref();
        if !matches!(metric, "http_reqs" | "http_req_duration" | "http_req_failed" | "checks") {
            return Ok(());
        }
        let no_number = || Fault::malformed(at, format!("`{}` is no value of {metric}", point.value));
        // One request a point; times in milliseconds; a rate's point is 0 or 1.
        let value = nanos(&point.value, NANOS_PER_MILLI).ok_or_else(no_number)?;
        let is_true = u64::from(value > 0);
        match metric {
            "http_reqs" => {
                let requests = value / NANOS_PER_MILLI;
                self.all.add(requests, 0, None);
                self.by_name.add(&point.name, requests, 0, None);
                self.extend(&point.time);
            }
            "http_req_duration" => {
                self.all.time(value);
                self.by_name.time(&point.name, value);
            }
            "http_req_failed" => {
                self.judged = self.judged.saturating_add(1);
                self.all.add(0, is_true, None);
                self.by_name.add(&point.name, 0, is_true, None);
                let status = || Cow::Owned(format!("status {}", point.status));
                let error =
                    if point.error.is_empty() { status() } else { Cow::Borrowed(point.error.as_ref()) };
                self.errors.add(&error, is_true);
            }
            _ if self.checks.len() < MAX_ROWS || self.checks.contains_key(point.check.as_ref()) => {
                let (passed, failed) = self.checks.entry(shorten(&point.check, MAX_TEXT)).or_default();
                let side = if is_true == 1 { passed } else { failed };
                *side = side.saturating_add(1);
            }
            _ => {}
        }
        Ok(())
    }

    fn extend(&mut self, time: &str) {
        let second = time.parse().ok().or_else(|| Some(moment(time)?.as_second()));
        if let Some(second) = second {
            let (from, to) = self.span.unwrap_or((second, second));
            self.span = Some((from.min(second), to.max(second)));
        }
    }

    fn finish(self, reading: &mut Reading<'_>) {
        let tells_failures = self.judged > 0;
        if tells_failures && self.judged != self.all.requests {
            let message = format!("{} requests were made, {} were judged", self.all.requests, self.judged);
            reading.remark(Diagnostic::warning("k6.unjudged-requests", message));
        }
        let message = "points do not tell whether thresholds held: only a summary does, or k6's exit code";
        let help = "write a summary too: --summary-export, or handleSummary()";
        reading.remark(Diagnostic::info("k6.no-thresholds", message).help(help));
        let checks = self.checks.into_iter();
        let checks: Vec<Check> =
            checks.map(|(name, (passed, failed))| Check { name, passed, failed }).collect();
        let sum = |of: fn(&Check) -> u64| checks.iter().map(of).fold(0, u64::saturating_add);
        let (passed, failed) = (sum(|c| c.passed), sum(|c| c.failed));
        let seconds = self.span.and_then(|(from, to)| u64::try_from(to.saturating_sub(from)).ok());
        let test = LoadTest {
            all: self.all.requests("", "", tells_failures),
            rows: self.by_name.into_rows(reading, tells_failures),
            answers: (!checks.is_empty()).then_some((passed, passed.saturating_add(failed))),
            checks,
            errors: self.errors.into_list(),
            micros: seconds.and_then(|s| s.checked_mul(1_000_000)).filter(|m| *m > 0),
            ..LoadTest::default()
        };
        keep(reading, test);
    }
}

impl<'a> Point<'a> {
    fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "metric" => self.metric = json.text()?,
            "type" => self.is_point = json.text()? == "Point",
            "data" => {
                json.object(|json, key| self.datum(json, key))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn datum(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "value" => self.value = Cow::Borrowed(json.number()?.unwrap_or_default()),
            "time" => self.time = json.text()?,
            "tags" => {
                json.object(|json, key| {
                    match key {
                        "name" => self.name = json.text()?,
                        "check" => self.check = json.text()?,
                        "error" => self.error = json.text()?,
                        "status" => self.status = json.text()?,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;

    #[test]
    fn lines_and_tables_of_one_run_say_the_same() {
        let points =
            [("http_reqs", "1"), ("http_req_duration", "17.2"), ("http_req_failed", "1"), ("checks", "0")];
        let line = |(metric, value): &(&str, &str)| {
            format!(
                r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-04-17T00:00:08Z","value":{value},"tags":{{"name":"cart","status":"500","check":"up"}}}}}}"#
            ) + "\n"
        };
        let row = |(metric, value): &(&str, &str)| format!("{metric},1776384008,{value},up,,cart,500\n");
        let lines: String = points.iter().map(line).collect();
        let header = "metric_name,timestamp,metric_value,check,error,name,status\n";
        let table = header.to_owned() + &points.iter().map(row).collect::<String>();
        for text in [lines, table] {
            let (format, reading) = read("points", &text);
            assert_eq!(format.map(|f| f.id), Some("k6_points"), "{text}");
            let test = reading.facts.load.as_ref().unwrap();
            assert_eq!((test.all.count, test.all.failed, test.answers), (Some(1), Some(1), Some((0, 1))));
            assert_eq!((test.rows[0].name.as_str(), test.errors[0].text.as_str()), ("cart", "status 500"));
            assert!(reading.diagnostics.iter().any(|d| d.code == "k6.no-thresholds"));
        }
    }

    #[test]
    fn a_value_that_is_none_ends_the_file() {
        let text = "metric_name,timestamp,metric_value,name\nhttp_reqs,1,1,a\nhttp_req_failed,1,,a\n";
        assert_eq!(read("points.csv", text).1.state, crate::evidence::State::Unreadable);
    }
}
