//! autocannon's result.
//!
//! **Written by** `autocannon --json`, and by its programming interface.
//!
//! ```json
//! {"url": "http://localhost/", "duration": 3.01, "errors": 2, "timeouts": 2, "mismatches": 0, "non2xx": 41,
//!  "latency": {"mean": 1.27, "min": 1, "p50": 0, "p97_5": 6, "p99": 7, "max": 7}, "requests": {"total": 121, "sent": 161}}
//! ```
//!
//! Quirks:
//! - `requests.total` counts answers. `errors` are requests that got none, `timeouts` among them; `non2xx` and `mismatches`
//!   (another body than the expected one) are answers.
//! - Times are whole milliseconds, so that each may be one off. There is **no** 95th percentile: it lies between the 90th and
//!   the 97.5th.
//! - Where nothing was answered all times are 0: they are not read.
//! - `requests.p99` and its like are requests a second, `latency.totalCount` is corrected for waiting: neither is a count.
//! - The exit code is 0 whatever happened.
//!
//! **Dropped**: throughput in bytes, the spread of requests a second.

use super::super::read::fault::Read;
use super::super::read::head::Head;
use super::super::read::json::Json;
use super::super::{Format, Reading};
use super::{Errors, count, keep, millis, nanos};
use crate::evidence::Kind;
use crate::evidence::load::{Latency, LoadTest, Percentile, Requests, Rounding};
use crate::evidence::text::shorten;

/// autocannon result.
pub(crate) const FORMAT: Format = Format {
    id: "autocannon",
    title: "autocannon result",
    kind: Kind::Load,
    written_by: "autocannon",
    elements: &[],
    sniff,
    parse,
};

fn sniff(head: &Head<'_>) -> bool {
    head.json()
        .is_some_and(|o| o.has(&["connections", "pipelining"]) && (o.has(&["duration"]) || o.has(&["url"])))
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "autocannon".clone_into(&mut reading.producer.name);
    let mut json = Json::new(reading.text, &reading.damage);
    let mut result = Outcome { latency: Latency::rounded(Rounding::WholeMillis), ..Outcome::default() };
    let outcome = json.object(|json, key| result.property(json, key));
    result.finish(outcome.is_ok(), reading);
    outcome?;
    json.end("result")
}

/// What was read of a file.
#[derive(Debug, Default)]
struct Outcome {
    answers: Option<u64>,
    /// Nothing where the file does not tell; then nobody knows how many failed.
    errors: Option<u64>,
    timeouts: u64,
    mismatches: u64,
    non2xx: Option<u64>,
    latency: Latency,
    micros: Option<u64>,
    finish: String,
}

impl Outcome {
    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        let number = |json: &mut Json<'_>| json.number_as("a count", count);
        match key {
            "errors" => self.errors = number(json)?,
            "timeouts" => self.timeouts = number(json)?.unwrap_or(0),
            "mismatches" => self.mismatches = number(json)?.unwrap_or(0),
            "non2xx" => self.non2xx = number(json)?,
            "duration" => {
                self.micros = json.number_as("a duration", |n| nanos(n, 1_000_000))?.filter(|n| *n > 0)
            }
            "finish" => self.finish = shorten(&json.text()?, 64),
            "requests" => {
                json.object(|json, key| {
                    if key == "total" {
                        self.answers = json.number_as("a count", count)?;
                    }
                    Ok(())
                })?;
            }
            "latency" => {
                json.object(|json, key| self.time(json, key))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn time(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        let percentile = match key {
            "min" => Some(Percentile::MIN),
            "max" => Some(Percentile::MAX),
            _ => key.strip_prefix('p').and_then(|p| Percentile::of_percent(&p.replace('_', "."))),
        };
        let value = json.number_as("a duration", millis)?;
        match (percentile, value) {
            (Some(percentile), Some(value)) => self.latency.set(percentile, value),
            (None, Some(value)) if key == "mean" => self.latency.mean = Some(value),
            _ => {}
        }
        Ok(())
    }

    fn finish(self, whole: bool, reading: &mut Reading<'_>) {
        reading.timestamp.clone_from(&self.finish);
        let answers = self.answers.or(whole.then_some(0));
        // An answer that is no 2xx and has the wrong body is one failure, and nothing tells how many are both.
        let bad = self.non2xx.map(|n| n.max(self.mismatches).min(answers.unwrap_or(0)));
        let unanswered = self.errors.unwrap_or(0);
        let mut errors = Errors::default();
        errors.add("no answer in time", self.timeouts);
        errors.add("no answer: the connection failed", unanswered.saturating_sub(self.timeouts));
        errors.add("an answer that is no 2xx", self.non2xx.unwrap_or(0));
        errors.add("an answer with another body than the expected one", self.mismatches);
        let all = Requests {
            count: answers.map(|n| n.saturating_add(unanswered)),
            failed: answers.and(bad).zip(self.errors).map(|(bad, errors)| bad.saturating_add(errors)),
            latency: if answers.is_some_and(|n| n > 0) { self.latency } else { Latency::default() },
            ..Requests::default()
        };
        keep(
            reading,
            LoadTest { all, errors: errors.into_list(), micros: self.micros, ..LoadTest::default() },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    fn all(counts: &str) -> Requests {
        let text = format!(
            r#"{{"url":"http://a/","connections":2,"pipelining":1,"duration":3.01,"requests":{{"total":40}},"latency":{{"p50":1,"p97_5":6}},{counts}}}"#
        );
        let (format, reading) = read("result.json", &text);
        assert_eq!(format.map(|f| f.id), Some("autocannon"), "{text}");
        reading.facts.load.unwrap().all
    }

    #[test]
    fn requests_without_an_answer_stand_beside_the_answers() {
        let requests = all(r#""errors":3,"timeouts":1,"mismatches":2,"non2xx":5"#);
        assert_eq!((requests.count, requests.failed), (Some(43), Some(8)));
        assert_eq!(requests.latency.given(Percentile::of_percent("97.5").unwrap()), millis("6").as_ref());
    }

    #[test]
    fn failures_that_are_not_told_are_not_none() {
        for counts in [r#""errors":0"#, r#""non2xx":0"#, r#""errors":null,"non2xx":0"#] {
            assert_eq!(all(counts).failed, None, "{counts}");
        }
        assert_eq!(all(r#""errors":0,"non2xx":0"#).failed, Some(0));
    }
}
