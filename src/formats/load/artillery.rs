//! Artillery's report, of both layouts.
//!
//! **Written by** `artillery run --output FILE`. **Versions** 1 and 2.
//!
//! ```json
//! {"aggregate": {"counters": {"http.requests": 16, "http.responses": 13, "http.codes.200": 8, "errors.ETIMEDOUT": 2},
//!   "firstMetricAt": 1795273014553, "lastMetricAt": 1795273018555,
//!   "summaries": {"http.response_time": {"min": 0, "max": 152, "p95": 149.9}}}, "intermediate": []}
//! ```
//! ```json
//! {"aggregate": {"scenariosCreated": 16, "requestsCompleted": 14, "latency": {"median": 1, "p95": 151}, "rps": {"count": 24},
//!   "codes": {"200": 5, "500": 9}, "errors": {"ECONNREFUSED": 4}}, "intermediate": []}
//! ```
//!
//! Quirks:
//! - A counter that never moved is absent. Requests without an answer are the difference of `http.requests` (version 1:
//!   `rps.count`) and `http.responses` (`requestsCompleted`); they failed, and so did answers with a status of 400 or more.
//! - A failed expectation or capture is among the errors, whatever the status was: there are at least as many failures.
//! - Times are milliseconds. Percentiles of version 2 come from a sketch and are within one percent; in version 1 all of
//!   `latency` is null where nothing was answered.
//! - Counters of `metrics-by-endpoint` are parts of the others, and their names may hold dots.
//! - What `ensure` said is not in the file: only the exit code tells.
//!
//! **Dropped**: the series over time, virtual users, sizes.

use super::super::read::fault::Read;
use super::super::read::head::{Head, Outline};
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use super::{Errors, MAX_ROWS, MAX_TEXT, count, keep, millis};
use crate::evidence::load::{Latency, LoadTest, Percentile, Requests, Rounding};
use crate::evidence::text::shorten;
use crate::evidence::{Diagnostic, Kind};
use indexmap::IndexMap;

/// Artillery report.
pub(crate) const FORMAT: Format = Format {
    id: "artillery",
    title: "Artillery report",
    kind: Kind::Load,
    written_by: "Artillery",
    elements: &[],
    sniff,
    parse,
};

/// What is sent, by the engines that send it.
const SENT: [&str; 3] = ["http.requests", "websocket.messages_sent", "socketio.emit"];
const BY_ENDPOINT: &str = "plugins.metrics-by-endpoint.";

fn sniff(head: &Head<'_>) -> bool {
    let Some(outline) = head.json() else { return false };
    // An aggregate that is none is a damaged one.
    outline.has(&["aggregate", "intermediate"])
        || outline.get("aggregate").is_some_and(|a| {
            let second =
                a.has(&["counters"]) && (a.has(&["firstCounterAt"]) || a.has(&["rates"]) || is_counted(a));
            second || a.has(&["scenariosCreated", "requestsCompleted"])
        })
}

fn is_counted(aggregate: &Outline) -> bool {
    aggregate.get("counters").is_some_and(|c| SENT.iter().chain(&["vusers.created"]).any(|key| c.has(&[key])))
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "artillery".clone_into(&mut reading.producer.name);
    let mut json = Json::new(reading.text, &reading.damage);
    let mut report = Aggregate::default();
    let outcome = json.object(|json, key| {
        if key == "aggregate" {
            return json.object(|json, key| report.property(json, key)).map(drop);
        }
        Ok(())
    });
    report.finish(reading);
    outcome?;
    json.end("report")
}

/// What was read of a file.
#[derive(Debug, Default)]
struct Aggregate {
    counters: IndexMap<String, u64>,
    times: IndexMap<String, Latency>,
    /// First and last metric, in milliseconds since 1970.
    span: [Option<u64>; 2],
    timestamp: String,
}

impl Aggregate {
    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "counters" => self.counts(json, ""),
            "codes" => self.counts(json, "http.codes."),
            "errors" => self.counts(json, "errors."),
            "requestsCompleted" => {
                let answered = json.number_as("a count", count)?.unwrap_or(0);
                self.counters.insert("http.responses".to_owned(), answered);
                Ok(())
            }
            "rps" => json
                .object(|json, key| {
                    if key == "count" {
                        let sent = json.number_as("a count", count)?.unwrap_or(0);
                        self.counters.insert("http.requests".to_owned(), sent);
                    }
                    Ok(())
                })
                .map(drop),
            "latency" => self.time(json, "http.response_time", Rounding::None),
            "summaries" => json.object(|json, name| self.time(json, name, Rounding::OnePercent)).map(drop),
            "timestamp" => {
                self.timestamp = shorten(&json.text()?, 64);
                Ok(())
            }
            "firstMetricAt" => {
                self.span[0] = json.number_as("a count", count)?;
                Ok(())
            }
            "lastMetricAt" => {
                self.span[1] = json.number_as("a count", count)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn counts(&mut self, json: &mut Json<'_>, prefix: &str) -> Read<()> {
        json.object(|json, key| {
            // Endpoints may be without end; every other counter counts.
            let has_room = self.counters.len() < MAX_ROWS || !key.starts_with(BY_ENDPOINT);
            if let Some(number) = json.number_as("a count", count)?.filter(|_| has_room) {
                self.counters.insert(format!("{prefix}{}", shorten(key, MAX_TEXT)), number);
            }
            Ok(())
        })
        .map(drop)
    }

    fn time(&mut self, json: &mut Json<'_>, name: &str, rounding: Rounding) -> Read<()> {
        let mut latency = Latency::rounded(rounding);
        let outcome = json.object(|json, key| {
            let percentile = match key {
                "min" => Some(Percentile::MIN),
                "median" => Some(Percentile::MEDIAN),
                "max" => Some(Percentile::MAX),
                "p999" => Percentile::of_percent("99.9"),
                _ => key.strip_prefix('p').and_then(Percentile::of_percent),
            };
            if json.shape()? != Shape::Number {
                return Ok(());
            }
            let value = json.number_as("a duration", millis)?;
            match (percentile, value) {
                (Some(percentile), Some(value)) => latency.set(percentile, value),
                (None, Some(value)) if key == "mean" => latency.mean = Some(value),
                _ => {}
            }
            Ok(())
        });
        if self.times.len() < MAX_ROWS || !name.starts_with(BY_ENDPOINT) {
            self.times.insert(shorten(name, MAX_TEXT), latency);
        }
        outcome.map(drop)
    }

    fn get(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or(0)
    }

    /// The sum of the counters whose names begin so and go on as `keeps` likes it.
    fn sum(&self, prefix: &str, keeps: impl Fn(&str) -> bool) -> u64 {
        let named = self.counters.iter().filter(|(name, _)| name.strip_prefix(prefix).is_some_and(&keeps));
        named.map(|(_, n)| *n).fold(0, u64::saturating_add)
    }

    fn finish(mut self, reading: &mut Reading<'_>) {
        reading.timestamp.clone_from(&self.timestamp);
        let message = "what `ensure` said is not in the file: only the exit code tells";
        reading.remark(Diagnostic::info("artillery.no-ensure", message));
        let sent = SENT.iter().map(|name| self.get(name)).fold(0, u64::saturating_add);
        let answered = self.get("http.responses").max(self.sum("http.codes.", |_| true));
        let unanswered = self.get("http.requests").saturating_sub(answered);
        let bad = self.sum("http.codes.", is_failure);
        let failed = unanswered.saturating_add(bad).max(self.sum("errors.", |_| true)).min(sent);
        let expectations = (self.get("plugins.expect.ok"), self.get("plugins.expect.failed"));
        let asked = expectations.0.saturating_add(expectations.1);
        let [first, last] = self.span;
        let span = first.zip(last).map(|(first, last)| last.saturating_sub(first).saturating_mul(1_000));
        let latency = self.times.shift_remove("http.response_time").unwrap_or_default();
        let all = Requests { count: Some(sent), failed: Some(failed), latency, ..Requests::default() };
        let rows = self.endpoints();
        let test = LoadTest {
            all,
            rows,
            errors: self.errors(),
            answers: (asked > 0).then_some((expectations.0, asked)),
            micros: span.filter(|m| *m > 0),
            ..LoadTest::default()
        };
        keep(reading, test);
    }

    fn errors(&self) -> Vec<crate::evidence::load::ErrorCount> {
        let mut errors = Errors::default();
        for (name, n) in &self.counters {
            if let Some(error) = name.strip_prefix("errors.") {
                errors.add(error, *n);
            } else if let Some(code) = name.strip_prefix("http.codes.").filter(|code| is_failure(code)) {
                errors.add(&format!("status {code}"), *n);
            }
        }
        errors.into_list()
    }

    /// The requests by endpoint, where the plug-in that tells them apart was on.
    fn endpoints(&self) -> Vec<Requests> {
        let mut rows: IndexMap<&str, (u64, u64)> = IndexMap::new();
        for (name, n) in &self.counters {
            let Some(rest) = name.strip_prefix(BY_ENDPOINT) else { continue };
            let (endpoint, failed) = match (rest.rsplit_once(".codes."), rest.split_once(".errors.")) {
                (Some((endpoint, code)), _) => (endpoint, is_failure(code)),
                (None, Some((endpoint, _))) => (endpoint, true),
                _ => continue,
            };
            let (all, bad) = rows.entry(endpoint).or_default();
            *all = all.saturating_add(*n);
            *bad = bad.saturating_add(if failed { *n } else { 0 });
        }
        let row = |(endpoint, (all, failed)): (&str, (u64, u64))| Requests {
            name: endpoint.to_owned(),
            count: Some(all),
            failed: Some(failed),
            latency: self
                .times
                .get(&format!("{BY_ENDPOINT}response_time.{endpoint}"))
                .cloned()
                .unwrap_or_default(),
            ..Requests::default()
        };
        rows.into_iter().map(row).collect()
    }
}

/// A status of 400 or more, and what is no status.
fn is_failure(code: &str) -> bool {
    code.len() != 3 || !code.starts_with(['1', '2', '3'])
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    fn all(text: &str) -> Requests {
        let (format, reading) = read("report.json", text);
        assert_eq!(format.map(|f| f.id), Some("artillery"), "{text}");
        reading.facts.load.unwrap().all
    }

    #[test]
    fn requests_without_an_answer_failed_and_so_did_bad_answers() {
        let text = r#"{"aggregate":{"counters":{"vusers.created":9,"http.requests":10,"http.responses":8,"http.codes.200":5,"http.codes.503":3,"errors.ETIMEDOUT":2},"rates":{}},"intermediate":[]}"#;
        assert_eq!((all(text).count, all(text).failed), (Some(10), Some(5)));
        // Without the counter of answers their codes tell.
        let text = r#"{"aggregate":{"counters":{"http.requests":10,"http.codes.2xx":7,"http.codes.5xx":2},"rates":{}}}"#;
        assert_eq!(all(text).failed, Some(3));
        // A failed expectation is an error, whatever the status was.
        let text = r#"{"aggregate":{"counters":{"http.requests":10,"http.responses":10,"http.codes.200":10,"errors.Failed expectations for request":4},"rates":{}}}"#;
        assert_eq!(all(text).failed, Some(4));
    }

    #[test]
    fn endpoints_without_end_hide_no_failure() {
        let endpoints: String =
            (0..MAX_ROWS).map(|n| format!(r#""{BY_ENDPOINT}/a/{n}.codes.200":1,"#)).collect();
        let text = format!(
            r#"{{"aggregate":{{"counters":{{{endpoints}"http.requests":6000,"http.responses":6000,"http.codes.500":7}},"rates":{{}}}}}}"#
        );
        assert_eq!(all(&text).failed, Some(7));
    }
}
