//! k6's summary at the end of a test, in its three forms.
//!
//! **Written by** k6, in three dialects that say the same with other words and **opposite booleans**:
//!
//! | form | where from | a threshold | a rate |
//! |---|---|---|---|
//! | export | `--summary-export` | `"p(95)<500": true` says that it was **crossed** | `passes`, `fails`, `value` |
//! | data | `handleSummary(data)` | `"p(95)<500": {"ok": true}` says that it **held** | `values.passes`, `.fails`, `.rate` |
//! | machine-readable 1.0 | `--new-machine-readable-summary` | not in it | `values.matches`, `.total`, `.rate` |
//!
//! ```json
//! {"metrics": {"http_reqs": {"count": 878, "rate": 35.9}, "http_req_duration": {"p(95)": 30.02, "med": 20.1,
//!   "thresholds": {"p(95)<1000": false}}, "http_req_failed": {"passes": 349, "fails": 529, "value": 0.397}},
//!  "root_group": {"checks": {"status is 200": {"passes": 529, "fails": 349}}}}
//! ```
//!
//! Quirks:
//! - `http_req_failed` counts *whether a request failed*: its `passes` are the requests that **failed**. Every threshold may
//!   hold while a third of the requests fail.
//! - A threshold on a metric that never got a sample "holds", with zeros for values: here it is not judged, and times that
//!   are 0 all over (no sample, or connections that were refused) are none.
//! - A threshold is judged again from the values beside it; one that cannot be as it is said is told and counts as crossed.
//! - Percentiles are those that `summaryTrendStats` asks for: by default there is no `p(99)`.
//! - Values of `{name:…}`, `{scenario:…}` and other tags stand beside the total and are parts of it.
//! - Requests of gRPC, WebSocket and browser count beside those of HTTP.
//! - Iterations that were dropped are load that never came; a script that throws leaves no trace in a summary.
//! - The machine-readable form has no thresholds: whether they held, only k6's exit code (99) tells.
//! - People trim the data: a rate may stand without its numbers and counts as a share, a count that is not there is not 0.
//!
//! Times are milliseconds, the duration of the machine-readable form is seconds. **Dropped**: parts of a request's time,
//! data volumes, virtual users, custom metrics without a threshold.

use super::super::read::fault::Read;
use super::super::read::head::{Head, Outline};
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use super::{MAX_ERRORS, MAX_ROWS, MAX_TEXT, counted, keep, nanos, shown};
use crate::evidence::exact::{Exact, decimal, ratio, whole};
use crate::evidence::load::{Check, Judgement, Latency, LoadTest, Percentile, Requests, Threshold};
use crate::evidence::text::shorten;
use crate::evidence::{Diagnostic, Kind};
use indexmap::IndexMap;
use num_traits::Zero as _;

/// k6 summary.
pub(crate) const FORMAT: Format =
    Format { id: "k6", title: "k6 summary", kind: Kind::Load, written_by: "k6", elements: &[], sniff, parse };

fn sniff(head: &Head<'_>) -> bool {
    head.json().is_some_and(|outline| is_summary(outline) || is_machine_readable(outline))
}

/// Metrics that every summary has some of.
const TELLING: [&str; 7] =
    ["iterations", "iteration_duration", "vus", "vus_max", "http_reqs", "data_received", "data_sent"];

fn is_summary(outline: &Outline) -> bool {
    let is_begun = outline.get("options").is_some_and(|o| o.has(&["summaryTrendStats"]))
        || outline.get("state").is_some_and(|s| s.has(&["testRunDurationMs"]));
    let has_root = outline.get("root_group").is_some_and(|group| group.has(&["path", "groups", "checks"]));
    let Some(metrics @ Outline::Object(_)) = outline.get("metrics") else {
        return is_begun || (has_root && outline.has(&["metrics"]));
    };
    has_root || TELLING.iter().any(|name| metrics.get(name).is_some_and(|m| matches!(m, Outline::Object(_))))
}

fn is_machine_readable(outline: &Outline) -> bool {
    outline.get("results").and_then(|r| r.get("metrics")).is_some_and(Outline::is_array)
        && (outline.get("metadata").is_some_and(|m| m.has(&["k6_version"]))
            || outline.has(&["config", "version"]))
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "k6".clone_into(&mut reading.producer.name);
    let mut json = Json::new(reading.text, &reading.damage);
    let mut summary = Summary::default();
    let outcome = json.object(|json, key| summary.property(json, key));
    summary.finish(outcome.is_ok(), reading);
    outcome?;
    json.end("summary")
}

/// One metric: numbers by their names, thresholds by their expressions.
#[derive(Debug, Default)]
struct Metric {
    values: Vec<(String, Exact)>,
    /// Expression, whether the file says that it held, and where it stands.
    thresholds: Vec<(String, bool, usize)>,
}

impl Metric {
    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "thresholds" => json.object(|json, expression| self.threshold(json, expression)).map(drop),
            "values" => json.object(|json, key| self.value(json, key)).map(drop),
            _ => self.value(json, key),
        }
    }

    fn value(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        if matches!(key, "type" | "contains") {
            return json.skip();
        }
        let number = |json: &mut Json<'_>| json.number_as("a number", decimal);
        let is_count = matches!(key, "passes" | "fails" | "count" | "matches" | "total");
        // A metric without a sample has no mean and no rate, which is written as `null`.
        if let Some(value) = if is_count { number(json)? } else { json.or_null(number)? } {
            self.values.push((key.to_owned(), value));
        }
        Ok(())
    }

    /// A bare `true` says that it was crossed, `ok: true` that it held; anything else is no "held".
    fn threshold(&mut self, json: &mut Json<'_>, expression: &str) -> Read<()> {
        let at = json.at();
        let held = if json.shape()? == Shape::Bool {
            json.boolean()? == Some(false)
        } else {
            let mut ok = false;
            json.object(|json, key| {
                if key == "ok" {
                    ok = json.boolean()? == Some(true);
                }
                Ok(())
            })?;
            ok
        };
        self.thresholds.push((shorten(expression, MAX_TEXT), held, at));
        Ok(())
    }

    fn get(&self, name: &str) -> Option<&Exact> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    fn whole(&self, name: &str) -> Option<u64> {
        let value = self.get(name)?;
        value.is_integer().then(|| u64::try_from(value.to_integer()).ok())?
    }

    /// Of a rate: its share alone, where nothing tells how often it was asked.
    fn bare_rate(&self) -> Option<Exact> {
        let rate = self.get("rate").or_else(|| self.get("value"));
        rate.filter(|rate| self.tally().is_none() && **rate <= whole(1)).cloned()
    }

    /// Of a rate: how often it was true, and how often it was asked.
    fn tally(&self) -> Option<(u64, u64)> {
        match (self.whole("passes"), self.whole("fails")) {
            (Some(passes), Some(fails)) => Some((passes, passes.checked_add(fails)?)),
            _ => Some((self.whole("matches")?, self.whole("total")?)),
        }
    }

    /// A rate was asked, or a trend is not 0 all over. A counter at 0 is a number like any other.
    fn has_sample(&self) -> bool {
        if let Some((_, asked)) = self.tally() {
            return asked > 0;
        }
        let is_trend = self.values.iter().any(|(name, _)| name == "avg" || name.starts_with("p("));
        !is_trend || self.values.iter().any(|(_, value)| !value.is_zero())
    }

    /// Of a trend in milliseconds.
    fn latency(&self) -> Latency {
        let mut latency = Latency::default();
        latency.mean = self.get("avg").cloned();
        for (name, value) in &self.values {
            if let Some(percentile) = percentile(name) {
                latency.set(percentile, value.clone());
            }
        }
        latency
    }

    /// Judges an expression by the values beside it; nothing where these do not tell.
    fn judge(&self, expression: &str) -> Option<(bool, &Exact)> {
        let at = expression.find(['<', '>', '=', '!'])?;
        let (left, rest) = (expression.get(..at)?.trim(), expression.get(at..)?);
        let end = rest.find(|c| !matches!(c, '<' | '>' | '=' | '!'))?;
        let (operator, bound) = (rest.get(..end)?, decimal(rest.get(end..)?)?);
        let value = match percentile(left) {
            Some(wanted) => &self.values.iter().find(|(name, _)| percentile(name) == Some(wanted))?.1,
            None if left == "rate" && self.tally().is_some() => {
                self.get("rate").or_else(|| self.get("value"))?
            }
            None => self.get(left)?,
        };
        let holds = match operator {
            ">=" => *value >= bound,
            "<=" => *value <= bound,
            "<" => *value < bound,
            ">" => *value > bound,
            "!=" => *value != bound,
            "==" | "===" => *value == bound,
            _ => return None,
        };
        Some((holds, value))
    }
}

/// `min`, `med`, `max`, `p(99.9)`, and `p95` of the machine-readable form.
fn percentile(name: &str) -> Option<Percentile> {
    match name {
        "min" => Some(Percentile::MIN),
        "med" => Some(Percentile::MEDIAN),
        "max" => Some(Percentile::MAX),
        _ => {
            let rest = name.strip_prefix('p')?;
            Percentile::of_percent(rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')).unwrap_or(rest))
        }
    }
}

/// What was read of a file.
#[derive(Debug, Default)]
struct Summary {
    metrics: IndexMap<String, Metric>,
    checks: Vec<Check>,
    micros: Option<u64>,
    version: String,
    generated: String,
    is_machine_readable: bool,
}

impl Summary {
    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "metrics" => json.object(|json, name| self.metric(json, name)).map(drop),
            "root_group" => self.group(json),
            "state" => self.number(json, "testRunDurationMs", 1_000),
            "config" => self.number(json, "duration", 1_000_000),
            "results" => {
                self.is_machine_readable = true;
                json.object(|json, key| self.result(json, key)).map(drop)
            }
            "metadata" => json
                .object(|json, key| {
                    match key {
                        "k6_version" => self.version = shorten(&json.text()?, 64),
                        "generated_at" => self.generated = shorten(&json.text()?, 64),
                        _ => {}
                    }
                    Ok(())
                })
                .map(drop),
            _ => Ok(()),
        }
    }

    /// The duration of the run: one number of an object, in units of `micros`.
    fn number(&mut self, json: &mut Json<'_>, wanted: &str, micros: u64) -> Read<()> {
        json.object(|json, key| {
            if key == wanted {
                self.micros = json.number_as("a duration", |n| nanos(n, micros))?.filter(|n| *n > 0);
            }
            Ok(())
        })
        .map(drop)
    }

    fn metric(&mut self, json: &mut Json<'_>, name: &str) -> Read<()> {
        let mut metric = Metric::default();
        let outcome = json.object(|json, key| metric.property(json, key));
        self.metrics.insert(shorten(name, MAX_TEXT), metric);
        outcome.map(drop)
    }

    /// The machine-readable form lists what the others map.
    fn result(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "metrics" => json.array(|json, _| self.named_metric(json)).map(drop),
            "checks" => json
                .object(|json, key| if key == "results" { self.check_list(json) } else { json.skip() })
                .map(drop),
            _ => Ok(()),
        }
    }

    fn named_metric(&mut self, json: &mut Json<'_>) -> Read<()> {
        let (mut name, mut metric) = (String::new(), Metric::default());
        let outcome = json.object(|json, key| {
            if key == "name" {
                name = shorten(&json.text()?, MAX_TEXT);
                return Ok(());
            }
            metric.property(json, key)
        });
        self.metrics.insert(name, metric);
        outcome.map(drop)
    }

    /// Groups and checks are lists in one dialect and maps in the other.
    fn group(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.object(|json, key| match (key, json.shape()?) {
            ("groups", Shape::Array) => json.array(|json, _| self.group(json)).map(drop),
            ("groups", Shape::Object) => json.object(|json, _| self.group(json)).map(drop),
            ("checks", Shape::Array) => self.check_list(json),
            ("checks", Shape::Object) => json.object(|json, name| self.check(json, name)).map(drop),
            _ => Ok(()),
        })
        .map(drop)
    }

    fn check_list(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.array(|json, _| self.check(json, "")).map(drop)
    }

    fn check(&mut self, json: &mut Json<'_>, name: &str) -> Read<()> {
        let mut check = Check { name: shorten(name, MAX_TEXT), passed: 0, failed: 0 };
        let outcome = json.object(|json, key| {
            match key {
                "name" => check.name = shorten(&json.text()?, MAX_TEXT),
                "passes" => check.passed = counted(json, key)?,
                "fails" => check.failed = counted(json, key)?,
                _ => {}
            }
            Ok(())
        });
        if self.checks.len() < MAX_ROWS {
            self.checks.push(check);
        }
        outcome.map(drop)
    }

    fn finish(self, whole: bool, reading: &mut Reading<'_>) {
        reading.producer.version.clone_from(&self.version);
        reading.timestamp.clone_from(&self.generated);
        let thresholds = self.thresholds(reading);
        if self.is_machine_readable {
            let message =
                "this form of the summary has no thresholds: only k6's exit code tells whether they held";
            let help = "write the data of handleSummary() too, without --new-machine-readable-summary";
            reading.remark(Diagnostic::info("k6.no-thresholds", message).help(help));
        }
        if let Some(dropped) =
            self.metrics.get("dropped_iterations").and_then(|m| m.whole("count")).filter(|n| *n > 0)
        {
            let message =
                format!("{dropped} iterations were dropped: less load was made than the test asks for");
            let help = "give the scenario more virtual users (preAllocatedVUs, maxVUs)";
            reading.remark(Diagnostic::warning("k6.dropped-iterations", message).help(help));
        }
        // A summary that is whole and has no metric of requests is one of a test that made none.
        let none = Requests { count: whole.then_some(0), ..Requests::default() };
        let all = self.all(reading).unwrap_or(none);
        if whole && all.count.is_none() {
            let message = "the summary does not tell how many requests there were";
            let help = "write the data of handleSummary() as they are";
            reading.remark(Diagnostic::warning("k6.no-count", message).help(help));
        }
        let answers = self.answers(reading);
        let test = LoadTest {
            all,
            rows: self.tagged(),
            thresholds,
            answers,
            passed_share: self
                .metrics
                .get("checks")
                .and_then(Metric::bare_rate)
                .filter(|_| answers.is_none()),
            checks: self.checks,
            micros: self.micros,
            ..LoadTest::default()
        };
        keep(reading, test);
    }

    fn thresholds(&self, reading: &mut Reading<'_>) -> Vec<Threshold> {
        let mut thresholds = Vec::new();
        for (name, metric) in &self.metrics {
            for (expression, held, at) in metric.thresholds.iter().take(MAX_ERRORS) {
                let judgement = match metric.judge(expression).filter(|(holds, _)| holds != held) {
                    _ if *held && !metric.has_sample() => {
                        let message = format!(
                            "`{expression}` of {name} was not put to the test: its metric has no sample, or nothing but zeros"
                        );
                        let help = "look whether the metric's name and tags are those that requests carry";
                        reading
                            .remark(Diagnostic::warning("k6.threshold-without-sample", message).help(help));
                        Judgement::NoSample
                    }
                    Some((_, value)) => {
                        let (said, is) = if *held { ("held", "crossed") } else { ("was crossed", "held") };
                        let message = format!(
                            "says that `{expression}` of {name} {said}, and by its value {} it is {is}: it counts as crossed",
                            shown(value)
                        );
                        reading.warn(*at, "k6.threshold-contradiction", message);
                        Judgement::Crossed
                    }
                    None if *held => Judgement::Held,
                    None => Judgement::Crossed,
                };
                thresholds.push(Threshold {
                    metric: name.clone(),
                    expression: expression.clone(),
                    judgement,
                });
            }
        }
        thresholds
    }

    /// All requests, of every protocol that was used.
    fn all(&self, reading: &mut Reading<'_>) -> Option<Requests> {
        let mut all: Option<Requests> = None;
        for protocol in &PROTOCOLS {
            let Some(requests) = self.requests(protocol, "") else { continue };
            if let (Some((_, judged)), Some(count)) = (self.tally(protocol.failed, ""), requests.count)
                && judged != count
            {
                let message = format!("{count} {} requests were made, {judged} were judged", protocol.name);
                reading.remark(Diagnostic::warning("k6.unjudged-requests", message));
            }
            all = Some(match all {
                Some(all) => together(all, requests),
                None => requests,
            });
        }
        all
    }

    fn tally(&self, metric: &str, tag: &str) -> Option<(u64, u64)> {
        self.metrics.get(&format!("{metric}{tag}"))?.tally()
    }

    /// The requests of a protocol with a tag, or all of them; nothing where there is no metric of it.
    fn requests(&self, protocol: &Protocol, tag: &str) -> Option<Requests> {
        let metric = |name: &str| self.metrics.get(&format!("{name}{tag}"));
        let counted = metric(protocol.count);
        let tally = self.tally(protocol.failed, tag);
        let trend = metric(protocol.duration);
        let count = counted.and_then(|m| m.whole("count")).or(tally.map(|(_, total)| total));
        if count.is_none() && trend.is_none() && counted.is_none() {
            return None;
        }
        Some(Requests {
            count,
            failed: tally.map(|(failed, _)| failed),
            failed_share: metric(protocol.failed).and_then(Metric::bare_rate),
            latency: trend
                .filter(|t| count != Some(0) && t.has_sample())
                .map(Metric::latency)
                .unwrap_or_default(),
            per_second: counted.and_then(|m| m.get("rate")).cloned(),
            ..Requests::default()
        })
    }

    /// Parts of the requests, by their tags.
    fn tagged(&self) -> Vec<Requests> {
        let mut rows: Vec<Requests> = Vec::new();
        for protocol in &PROTOCOLS {
            let metrics = [protocol.duration, protocol.failed, protocol.count];
            let tags = self.metrics.keys().filter_map(|key| {
                let (name, rest) = key.split_once('{')?;
                metrics.contains(&name).then(|| (rest.trim_end_matches('}'), format!("{{{rest}")))
            });
            for (name, tag) in tags {
                // What k6 adds by itself: the requests that did not fail.
                let known = rows.iter().any(|r| r.name == name && r.method == protocol.name);
                if !known
                    && name != "expected_response:true"
                    && rows.len() < MAX_ROWS
                    && let Some(requests) = self.requests(protocol, &tag)
                {
                    rows.push(Requests {
                        name: name.to_owned(),
                        method: protocol.name.to_owned(),
                        ..requests
                    });
                }
            }
        }
        rows
    }

    /// Answers to all checks, by the metric and by the checks themselves: where they differ, the worse counts.
    fn answers(&self, reading: &mut Reading<'_>) -> Option<(u64, u64)> {
        let metric = self.tally("checks", "");
        let sum = |of: fn(&Check) -> u64| self.checks.iter().map(of).fold(0, u64::saturating_add);
        let (passed, failed) = (sum(|c| c.passed), sum(|c| c.failed));
        let listed = (!self.checks.is_empty()).then_some((passed, passed.saturating_add(failed)));
        match (metric, listed) {
            (Some(declared), Some(listed)) if declared != listed => {
                let message = format!(
                    "{} of {} checks passed, and the checks by name say {} of {}: the worse counts",
                    declared.0, declared.1, listed.0, listed.1
                );
                reading.remark(Diagnostic::warning("k6.checks-differ", message));
                let share = |(passed, total): (u64, u64)| ratio(passed, total);
                Some(if share(declared) < share(listed) { declared } else { listed })
            }
            (metric, listed) => listed.or(metric),
        }
        .filter(|(_, total)| *total > 0)
    }
}

/// The metrics of one protocol.
struct Protocol {
    name: &'static str,
    count: &'static str,
    /// A rate of requests that failed.
    failed: &'static str,
    duration: &'static str,
}

/// Built-in metrics (<https://grafana.com/docs/k6/latest/using-k6/metrics/reference/>).
const PROTOCOLS: [Protocol; 4] = [
    Protocol { name: "HTTP", count: "http_reqs", failed: "http_req_failed", duration: "http_req_duration" },
    Protocol { name: "gRPC", count: "grpc_reqs", failed: "grpc_req_failed", duration: "grpc_req_duration" },
    Protocol {
        name: "WebSocket",
        count: "ws_sessions",
        failed: "ws_session_failed",
        duration: "ws_connecting",
    },
    Protocol {
        name: "browser",
        count: "browser_http_reqs",
        failed: "browser_http_req_failed",
        duration: "browser_http_req_duration",
    },
];

/// Requests of two protocols: numbers are summed, and of times the slower counts.
fn together(a: Requests, b: Requests) -> Requests {
    let sum = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
    let mut latency = a.latency;
    latency.unite(&b.latency);
    // The mean of both is not known.
    latency.mean = None;
    Requests {
        count: sum(a.count, b.count),
        failed: sum(a.failed, b.failed),
        // Shares alone cannot be put together: the worse counts.
        failed_share: a.failed_share.into_iter().chain(b.failed_share).max(),
        latency,
        per_second: a.per_second.zip(b.per_second).map(|(a, b)| a + b),
        ..Requests::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    fn parsed(text: &str) -> Reading<'_> {
        let (format, reading) = read("summary.json", text);
        assert_eq!(format.map(|f| f.id), Some("k6"), "{text}");
        reading
    }

    fn judgements(reading: &Reading<'_>) -> Vec<Judgement> {
        reading.facts.load.as_ref().unwrap().thresholds.iter().map(|t| t.judgement).collect()
    }

    fn codes<'r>(reading: &'r Reading<'_>) -> Vec<&'r str> {
        reading.diagnostics.iter().map(|d| d.code.as_ref()).collect()
    }

    const REQUESTS: &str =
        r#""http_reqs":{"count":4,"rate":2},"http_req_failed":{"passes":1,"fails":3,"value":0.25}"#;

    #[test]
    fn a_bare_boolean_says_crossed_and_an_object_says_held() {
        for (threshold, want) in [
            ("true", Judgement::Crossed),
            ("false", Judgement::Held),
            (r#"{"ok":true}"#, Judgement::Held),
            (r#"{"ok":false}"#, Judgement::Crossed),
            (r#"{"ok":null}"#, Judgement::Crossed),
            ("{}", Judgement::Crossed),
        ] {
            // The value is not there, so that nothing can be judged again.
            let text = format!(
                r#"{{"metrics":{{{REQUESTS},"http_req_duration":{{"avg":5,"thresholds":{{"p(99)<9":{threshold}}}}}}}}}"#
            );
            assert_eq!(judgements(&parsed(&text)), [want], "{threshold}");
        }
    }

    #[test]
    fn a_threshold_that_its_own_value_contradicts_counts_as_crossed_and_is_told() {
        for (expression, said, contradicts) in [
            ("p(95)<500", "false", true),
            ("p(95) < 700", "false", false),
            ("p(95)<=600", "false", false),
            ("avg>=600", "false", true),
            ("med==600", "true", true),
            ("max!=600", "true", true),
            ("p(95)<500", "true", false),
        ] {
            let text = format!(
                r#"{{"metrics":{{{REQUESTS},"http_req_duration":{{"avg":500,"med":600,"max":700,"p(95)":600,"thresholds":{{"{expression}":{said}}}}}}}}}"#
            );
            let reading = parsed(&text);
            let crossed = said == "true" || contradicts;
            let want = if crossed { Judgement::Crossed } else { Judgement::Held };
            assert_eq!(judgements(&reading), [want], "{expression}");
            assert_eq!(codes(&reading).contains(&"k6.threshold-contradiction"), contradicts, "{expression}");
        }
    }

    #[test]
    fn a_rate_is_judged_by_its_rate() {
        let text = r#"{"metrics":{"http_reqs":{"count":4},"http_req_failed":{"passes":1,"fails":3,"value":0.25,"thresholds":{"rate<0.2":false}}}}"#;
        assert_eq!(judgements(&parsed(text)), [Judgement::Crossed]);
    }

    #[test]
    fn a_threshold_without_a_sample_is_not_put_to_the_test() {
        let empty = [
            r#""errors":{"passes":0,"fails":0,"value":0,"thresholds":{"rate<0.1":false}}"#,
            r#""wait":{"avg":0,"min":0,"med":0,"max":0,"p(95)":0,"thresholds":{"p(95)<500":false}}"#,
        ];
        for metric in empty {
            let text = format!(r#"{{"metrics":{{{REQUESTS},{metric}}}}}"#);
            let reading = parsed(&text);
            assert_eq!(judgements(&reading), [Judgement::NoSample], "{metric}");
            assert!(codes(&reading).contains(&"k6.threshold-without-sample"));
        }
        // A counter at 0 is a number like any other.
        let text = format!(
            r#"{{"metrics":{{{REQUESTS},"dropped_iterations":{{"count":0,"rate":0,"thresholds":{{"count<1":false}}}}}}}}"#
        );
        assert_eq!(judgements(&parsed(&text)), [Judgement::Held]);
    }

    #[test]
    fn the_machine_readable_form_is_read_and_says_that_it_has_no_thresholds() {
        let text = r#"{"version":"1.0.0","metadata":{"generated_at":"2026-03-01T10:00:00Z","k6_version":"2.1.0"},
            "config":{"duration":24.5,"script":"x.js"},
            "results":{"metrics":[
                {"name":"http_reqs","type":"counter","values":{"count":878,"rate":35.9}},
                {"name":"http_req_failed","type":"rate","values":{"rate":0.397,"matches":349,"total":878}},
                {"name":"http_req_duration","type":"trend","values":{"avg":21.1,"med":20.1,"p90":28.4,"p95":30.02}}],
              "checks":{"metrics":[],"results":[{"name":"status is 200","path":"::status is 200","passes":529,"fails":349}]}}}"#;
        let reading = parsed(text);
        let test = reading.facts.load.as_ref().unwrap();
        assert_eq!((test.all.count, test.all.failed, test.answers), (Some(878), Some(349), Some((529, 878))));
        assert_eq!(test.all.latency.given(Percentile::P95), decimal("30.02").as_ref());
        assert_eq!((test.micros, reading.producer.version.as_str()), (Some(24_500_000), "2.1.0"));
        assert!(codes(&reading).contains(&"k6.no-thresholds"));
    }

    #[test]
    fn protocols_are_summed_and_one_without_requests_hides_no_times() {
        let text = |sessions: &str| {
            format!(
                r#"{{"metrics":{{{REQUESTS},"http_req_duration":{{"avg":8,"p(95)":9}},"ws_sessions":{{"count":{sessions}}},"ws_connecting":{{"avg":20,"p(95)":30}}}}}}"#
            )
        };
        for (sessions, count, p95) in [("0", 4, 9), ("2", 6, 30)] {
            let text = text(sessions);
            let all = parsed(&text).facts.load.unwrap().all;
            assert_eq!(all.count, Some(count));
            assert_eq!(all.latency.given(Percentile::P95), Some(&whole(p95)));
            assert_eq!(all.latency.mean, None);
        }
    }

    #[test]
    fn of_two_tallies_of_the_checks_the_worse_counts() {
        for (metric, listed) in [((9, 1), (8, 2)), ((8, 2), (9, 1))] {
            let text = format!(
                r#"{{"metrics":{{{REQUESTS},"checks":{{"passes":{},"fails":{}}}}},"root_group":{{"checks":{{"a":{{"passes":{},"fails":{}}}}}}}}}"#,
                metric.0, metric.1, listed.0, listed.1
            );
            let reading = parsed(&text);
            assert_eq!(reading.facts.load.as_ref().unwrap().answers, Some((8, 10)));
            assert!(codes(&reading).contains(&"k6.checks-differ"));
        }
    }

    #[test]
    fn a_check_without_its_failures_is_no_check() {
        let text = format!(
            r#"{{"metrics":{{{REQUESTS}}},"root_group":{{"checks":{{"a":{{"passes":3,"fails":null}}}}}}}}"#
        );
        assert_eq!(parsed(&text).state, crate::evidence::State::Unreadable);
    }

    #[test]
    fn a_count_that_was_left_out_is_not_zero() {
        let text = r#"{"metrics":{"http_reqs":{"values":{"rate":31.2}},"http_req_duration":{"values":{"p(95)":412.5}},"http_req_failed":{"values":{"rate":0.001}}}}"#;
        let reading = parsed(text);
        let all = &reading.facts.load.as_ref().unwrap().all;
        assert_eq!((reading.state, all.count, all.failed), (crate::evidence::State::Ok, None, None));
        assert_eq!(all.error_rate(), decimal("0.001"));
        assert!(codes(&reading).contains(&"k6.no-count"));
        assert_eq!(all.latency.given(Percentile::P95), decimal("412.5").as_ref());
    }

    #[test]
    fn a_whole_summary_without_requests_examined_nothing_and_a_cut_one_is_cut() {
        let whole = r#"{"metrics":{"iterations":{"count":3,"rate":1}}}"#;
        assert_eq!(parsed(whole).state, crate::evidence::State::Noop);
        let cut = r#"{"metrics":{"iterations":{"count":3,"rate":1},"vus":{"#;
        assert_eq!(parsed(cut).state, crate::evidence::State::Truncated);
    }
}
