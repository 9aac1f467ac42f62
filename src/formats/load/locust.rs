//! Locust: the tables of `--csv` and the list of `--json`.
//!
//! **Written by** Locust, in five files:
//!
//! | file | what it holds |
//! |---|---|
//! | `PREFIX_stats.csv` | a row a request name, and one `Aggregated` with an empty type, always the last |
//! | `PREFIX_stats_history.csv` | the same as a series over time; the totals of the last aggregated row are those of the run |
//! | `PREFIX_failures.csv` | what failed, with `Occurrences`; only a header where nothing did |
//! | `PREFIX_exceptions.csv` | what the test's own code threw; only a header where it did not |
//! | `--json`, `--json-file` | a list of request names with their response times as a histogram |
//!
//! ```text
//! Type,Name,Request Count,Failure Count,Median Response Time,…,50%,66%,…,99.99%,100%
//! GET,/cart,148,0,6,…,6,7,…,64,64
//! ,Aggregated,148,0,6,…,6,7,…,64,64
//! ```
//!
//! Quirks:
//! - Times are milliseconds, and percentiles are **rounded**: two significant digits from 100 ms on. A target inside the
//!   rounding stays open. The fastest and slowest are exact.
//! - `Aggregated` is the sum of the other rows, not one of them. A table without it was cut.
//! - Percentiles are `N/A` where nothing was requested; with no request at all Locust ends with exit code 0.
//! - An exception in the test's own code is no failed request: the load was not the one that was meant, so the file is
//!   `incomplete`.
//! - Older versions write the series in steps of ten seconds: that of a short run holds the moment before the first request,
//!   which says nothing.
//! - The percentiles of a series are those of the last seconds and are not read.
//! - The tables may be some requests older than the list of the same run, which is written last and speaks for it.
//! - Older versions write `method` and `"# requests"`; before 1.0 there is no `Type` column.
//!
//! **Dropped**: sizes, requests without an answer, the series itself, tracebacks.

use super::super::read::csv::{Csv, Row, first_line};
use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Body, Head, Outline};
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use super::{
    Errors, MAX_TEXT, NANOS_PER_MILLI, Samples, compare, count, counted, keep, millis, nanos, whole_row,
};
use crate::evidence::exact::{Exact, whole};
use crate::evidence::load::{Latency, LoadTest, Percentile, Requests, Rounding};
use crate::evidence::text::shorten;
use crate::evidence::{Kind, State};

/// Locust statistics.
pub(crate) const FORMAT: Format = Format {
    id: "locust",
    title: "Locust statistics",
    kind: Kind::Load,
    written_by: "Locust",
    elements: &[],
    sniff,
    parse,
};

/// Endings of the names of the tables.
pub(in crate::formats) const TABLES: [&str; 4] =
    ["_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv"];
/// Columns of the tables.
pub(super) const COLUMNS: [&str; 13] = [
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Timestamp",
    "User Count",
    "Method",
    "Error",
    "Occurrences",
    "Message",
    "Traceback",
];

/// The five files, told by their headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Stats,
    History,
    Failures,
    Exceptions,
}

impl Table {
    /// Tells a table by its header; a header that is cut is none.
    fn of(header: &str) -> Option<Self> {
        let has =
            |name: &str| header.split(',').any(|field| field.trim_matches('"').eq_ignore_ascii_case(name));
        if has("Timestamp") && has("User Count") {
            Some(Self::History)
        } else if (has("Request Count") || has("# requests")) && (has("Failure Count") || has("# failures")) {
            Some(Self::Stats)
        } else if has("Method") && has("Occurrences") && has("Error") {
            Some(Self::Failures)
        } else if has("Count") && has("Message") && has("Traceback") {
            Some(Self::Exceptions)
        } else {
            None
        }
    }

    /// How the path of the file ends behind the prefix of the run.
    const fn ending(self) -> &'static str {
        let [stats, history, failures, exceptions] = TABLES;
        match self {
            Self::Stats => stats,
            Self::History => history,
            Self::Failures => failures,
            Self::Exceptions => exceptions,
        }
    }
}

fn sniff(head: &Head<'_>) -> bool {
    match &head.body {
        Body::Text => Table::of(first_line(head.text)).is_some(),
        Body::Json(outline) => outline.first().is_some_and(is_entry),
        _ => false,
    }
}

fn is_entry(outline: &Outline) -> bool {
    outline.has(&["name", "num_requests", "num_failures"])
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "locust".clone_into(&mut reading.producer.name);
    match Table::of(first_line(reading.text)) {
        None => list(reading),
        Some(table) => {
            let prefix = reading.path.strip_suffix(table.ending());
            // A table under another name stands alone; but for that of all requests it is a part all the same.
            let part_of =
                prefix.or_else(|| (table != Table::Stats).then_some(reading.path)).map(str::to_owned);
            let mut test = LoadTest { part_of, ..LoadTest::default() };
            let outcome = match table {
                Table::Stats => stats(reading, &mut test),
                Table::History => history(reading, &mut test),
                Table::Failures => failures(reading, &mut test),
                Table::Exceptions => exceptions(reading, &mut test),
            };
            keep(reading, test);
            outcome
        }
    }
}

/// Where the columns of a table of statistics stand.
struct Columns {
    kind: Option<usize>,
    name: usize,
    requests: usize,
    failures: usize,
    median: Option<usize>,
    mean: Option<usize>,
    fastest: Option<usize>,
    slowest: Option<usize>,
    per_second: Option<usize>,
    percentiles: Vec<(Percentile, usize)>,
}

impl Columns {
    fn of(header: &Row<'_>) -> Read<Self> {
        let any = |names: &[&str]| names.iter().find_map(|name| header.place(name));
        let missing = |what: &str| Fault::malformed(header.at, format!("the table has no column {what}"));
        let percentile = |(place, field): (usize, &std::borrow::Cow<'_, str>)| {
            Some((Percentile::of_percent(field.trim().strip_suffix('%')?)?, place))
        };
        Ok(Self {
            kind: any(&["Type", "Method"]),
            name: any(&["Name"]).ok_or_else(|| missing("Name"))?,
            requests: any(&["Total Request Count", "Request Count", "# requests"])
                .ok_or_else(|| missing("Request Count"))?,
            failures: any(&["Total Failure Count", "Failure Count", "# failures"])
                .ok_or_else(|| missing("Failure Count"))?,
            median: any(&["Total Median Response Time", "Median Response Time"]),
            mean: any(&["Total Average Response Time", "Average Response Time"]),
            fastest: any(&["Total Min Response Time", "Min Response Time"]),
            slowest: any(&["Total Max Response Time", "Max Response Time"]),
            per_second: any(&["Requests/s"]),
            percentiles: header.fields.iter().enumerate().filter_map(percentile).collect(),
        })
    }

    fn requests(&self, reading: &Reading<'_>, row: &Row<'_>, of_run: bool) -> Read<Requests> {
        let number = |place: usize| {
            count(row.get(place)).ok_or_else(|| {
                Fault::malformed(row.at, format!("`{}` is no number of requests", row.get(place)))
            })
        };
        let mut requests = Requests {
            name: shorten(row.get(self.name), MAX_TEXT),
            method: self.kind.map_or_else(String::new, |place| shorten(row.get(place), MAX_TEXT)),
            count: Some(number(self.requests)?),
            failed: Some(number(self.failures)?),
            ..Requests::default()
        };
        let latency = &mut requests.latency;
        latency.rounding = Rounding::TwoDigits;
        if requests.count == Some(0) {
            return Ok(requests);
        }
        let value = |place: Option<usize>| {
            let text = row.get(place?).trim();
            let value = millis(text);
            // Locust writes `N/A` where there is no time.
            if value.is_none() && !matches!(text, "" | "N/A") {
                reading.damaged(row.at, format!("`{}` is not a number", shorten(text, 40)));
            }
            value
        };
        latency.mean = value(self.mean);
        let ends = [(Percentile::MIN, self.fastest), (Percentile::MAX, self.slowest)];
        let given = self.percentiles.iter().map(|(p, place)| (*p, Some(*place))).filter(|_| of_run);
        let median = [(Percentile::MEDIAN, self.median)];
        for (percentile, place) in ends.into_iter().chain(given).chain(median) {
            if let Some(millis) = value(place) {
                latency.set(percentile, millis);
            }
        }
        if of_run {
            requests.per_second = value(self.per_second);
        }
        Ok(requests)
    }
}

/// `Aggregated`, or in older versions `Total`, in a row without a type.
fn is_aggregated(requests: &Requests) -> bool {
    requests.method.is_empty() && matches!(requests.name.as_str(), "Aggregated" | "Total")
}

fn stats(reading: &mut Reading<'_>, test: &mut LoadTest) -> Read<()> {
    let (mut csv, mut row) = (Csv::new(reading.text, b',', &reading.damage), Row::default());
    csv.next(&mut row)?;
    whole_row(&row)?;
    let columns = Columns::of(&row)?;
    let mut aggregated = None;
    let outcome = each(&mut csv, &mut row, |row| {
        let requests = columns.requests(reading, row, true)?;
        if is_aggregated(&requests) {
            aggregated = Some(Requests { name: String::new(), ..requests });
        } else {
            test.rows.push(requests);
        }
        Ok(())
    });
    let ended = aggregated.is_some();
    sum_up(reading, test, aggregated);
    outcome?;
    if ended {
        Ok(())
    } else {
        Err(Fault::truncated(reading.text.len(), "the table ends without its row `Aggregated`"))
    }
}

/// The rows count; the aggregated row is their witness and has what cannot be summed.
fn sum_up(reading: &mut Reading<'_>, test: &mut LoadTest, aggregated: Option<Requests>) {
    let sum = |of: fn(&Requests) -> Option<u64>| test.rows.iter().filter_map(of).fold(0, u64::saturating_add);
    let (requests, failed) = (sum(|r| r.count), sum(|r| r.failed));
    if let Some(all) = &aggregated {
        compare(reading, "requests", all.count, requests);
        compare(reading, "failures", all.failed, failed);
    }
    test.all = Requests { count: Some(requests), failed: Some(failed), ..aggregated.unwrap_or_default() };
}

fn history(reading: &mut Reading<'_>, test: &mut LoadTest) -> Read<()> {
    let (mut csv, mut row) = (Csv::new(reading.text, b',', &reading.damage), Row::default());
    csv.next(&mut row)?;
    whole_row(&row)?;
    let (columns, time) = (Columns::of(&row)?, row.place("Timestamp").unwrap_or_default());
    let (mut first, mut last) = (None, 0_u64);
    test.all.count = Some(0);
    let mut moments = 0_u64;
    let outcome = each(&mut csv, &mut row, |row| {
        let requests = columns.requests(reading, row, false)?;
        if is_aggregated(&requests) {
            moments = moments.saturating_add(1);
            test.all = Requests { name: String::new(), ..requests };
        }
        let second = count(row.get(time));
        if second.is_none() {
            reading.damaged(row.at, "a row without a time");
        }
        if let Some(second) = second {
            first.get_or_insert(second);
            last = last.max(second);
        }
        Ok(())
    });
    test.micros = first.map(|first| last.saturating_sub(first).saturating_mul(1_000_000)).filter(|m| *m > 0);
    if moments == 1 && test.all.count == Some(0) {
        // The first moment is written before the first request.
        test.all = Requests::default();
    }
    outcome
}

fn failures(reading: &mut Reading<'_>, test: &mut LoadTest) -> Read<()> {
    let (mut csv, mut row, mut errors) =
        (Csv::new(reading.text, b',', &reading.damage), Row::default(), Errors::default());
    csv.next(&mut row)?;
    whole_row(&row)?;
    check_last(reading, &row, &["Occurrences", "Last Seen"]);
    let places = ["Method", "Name", "Error", "Occurrences"].map(|name| row.place(name).unwrap_or_default());
    let mut failed = 0_u64;
    let outcome = each(&mut csv, &mut row, |row| {
        let [method, name, error, times] = places.map(|place| row.get(place));
        let times = occurrences(reading, row, times);
        failed = failed.saturating_add(times);
        errors.add(&format!("{method} {name}: {error}"), times);
        Ok(())
    });
    test.all.failed = Some(failed);
    test.errors = errors.into_list();
    outcome
}

fn exceptions(reading: &mut Reading<'_>, test: &mut LoadTest) -> Read<()> {
    let (mut csv, mut row, mut errors) =
        (Csv::new(reading.text, b',', &reading.damage), Row::default(), Errors::default());
    csv.next(&mut row)?;
    whole_row(&row)?;
    check_last(reading, &row, &["Traceback", "Nodes"]);
    let places = ["Count", "Message"].map(|name| row.place(name).unwrap_or_default());
    let mut thrown = 0_u64;
    let outcome = each(&mut csv, &mut row, |row| {
        let [times, message] = places.map(|place| row.get(place));
        let times = occurrences(reading, row, times);
        thrown = thrown.saturating_add(times);
        errors.add(message, times);
        Ok(())
    });
    test.errors = errors.into_list();
    if thrown > 0 {
        let cause =
            format!("the test's own code threw {thrown} times: the load was not the one that was meant");
        reading.mark(State::Incomplete, cause);
    }
    outcome
}

/// A header that goes on behind its last column has swallowed a row.
fn check_last(reading: &Reading<'_>, header: &Row<'_>, last: &[&str]) {
    if !header.fields.last().is_some_and(|field| last.contains(&field.trim())) {
        reading.damaged(header.at, "a header that no version of Locust writes: a row ran into it");
    }
}

/// How often something happened: at least once, where the count cannot be read.
fn occurrences(reading: &Reading<'_>, row: &Row<'_>, text: &str) -> u64 {
    count(text).unwrap_or_else(|| {
        reading.damaged(row.at, format!("`{}` is not a count", shorten(text.trim(), 40)));
        1
    })
}

/// Every row that is left; one that is cut ends it.
fn each<'a>(csv: &mut Csv<'a>, row: &mut Row<'a>, mut take: impl FnMut(&Row<'a>) -> Read<()>) -> Read<()> {
    while csv.next(row)? {
        whole_row(row)?;
        take(row)?;
    }
    Ok(())
}

/// The list of `--json`: an entry a request name.
fn list(reading: &mut Reading<'_>) -> Read<()> {
    let mut json = Json::new(reading.text, &reading.damage);
    let (mut test, mut all) = (LoadTest::default(), Samples::default());
    let (mut from, mut to) = (None::<u64>, 0_u64);
    let outcome = json.array(|json, _| {
        let mut entry = Entry::default();
        let outcome = json.object(|json, key| entry.property(json, key));
        all.unite(&entry.samples);
        from = match (from, entry.from) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        to = to.max(entry.to);
        test.rows.push(entry.into_requests());
        outcome.map(drop)
    });
    test.all = Requests {
        count: Some(all.requests),
        failed: Some(all.failed),
        latency: rounded(&all, test.rows.iter()),
        ..Requests::default()
    };
    test.micros = from.map(|from| to.saturating_sub(from)).filter(|m| *m > 0);
    keep(reading, test);
    outcome?;
    json.end("list")
}

/// Percentiles of a histogram of rounded times, with the ends as they are given.
fn rounded<'r>(samples: &Samples, rows: impl Iterator<Item = &'r Requests> + Clone) -> Latency {
    let mut latency = Latency::rounded(Rounding::TwoDigits);
    let fastest = rows.clone().filter_map(|r| r.latency.given(Percentile::MIN)).min();
    let slowest = rows.filter_map(|r| r.latency.given(Percentile::MAX)).max();
    for (percentile, value) in [(Percentile::MIN, fastest), (Percentile::MAX, slowest)] {
        if let Some(value) = value {
            latency.set(percentile, value.clone());
        }
    }
    let computed = samples.latency();
    computed.points().for_each(|(percentile, value)| latency.set(percentile, value.clone()));
    latency.mean = computed.mean;
    latency
}

/// One entry of the list.
#[derive(Debug, Default)]
struct Entry {
    name: String,
    method: String,
    samples: Samples,
    ends: [Option<Exact>; 2],
    total: Option<Exact>,
    /// Start and last request, in microseconds since 1970.
    from: Option<u64>,
    to: u64,
}

impl Entry {
    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "name" => self.name = shorten(&json.text()?, MAX_TEXT),
            "method" => self.method = shorten(&json.text()?, MAX_TEXT),
            "num_requests" => self.samples.requests = counted(json, key)?,
            "num_failures" => self.samples.failed = counted(json, key)?,
            "min_response_time" => self.ends[0] = json.number_as("a duration", millis)?,
            "max_response_time" => self.ends[1] = json.number_as("a duration", millis)?,
            "total_response_time" => self.total = json.number_as("a duration", millis)?,
            "start_time" => {
                self.from = json.number_as("a duration", |n| nanos(n, 1_000_000))?.filter(|n| *n > 0)
            }
            "last_request_timestamp" if json.shape()? == Shape::Number => {
                self.to = json.number_as("a duration", |n| nanos(n, 1_000_000))?.unwrap_or(0);
            }
            "response_times" => {
                json.object(|json, millis| {
                    let times = json.number_as("a count", count)?.unwrap_or(0);
                    if let Some(nanos) = nanos(millis, NANOS_PER_MILLI) {
                        let seen = self.samples.durations.entry(nanos).or_default();
                        *seen = seen.saturating_add(times);
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    fn into_requests(self) -> Requests {
        let mut ends = Requests::default();
        for (percentile, value) in [Percentile::MIN, Percentile::MAX].into_iter().zip(self.ends) {
            if let Some(value) = value.filter(|_| self.samples.requests > 0) {
                ends.latency.set(percentile, value);
            }
        }
        let mut latency = rounded(&self.samples, std::iter::once(&ends));
        latency.mean = self
            .total
            .filter(|_| self.samples.requests > 0)
            .map(|total| total / whole(self.samples.requests));
        Requests {
            name: self.name,
            method: self.method,
            count: Some(self.samples.requests),
            failed: Some(self.samples.failed),
            failed_share: None,
            latency,
            per_second: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    fn parsed<'a>(path: &'a str, text: &'a str) -> Reading<'a> {
        let (format, reading) = read(path, text);
        assert_eq!(format.map(|f| f.id), Some("locust"), "{text}");
        reading
    }

    const HEADER: &str = "Type,Name,Request Count,Failure Count,Median Response Time,95%";

    #[test]
    fn the_rows_count_and_the_aggregated_row_is_their_witness() {
        for (aggregated, state) in [
            (",Aggregated,10,1,5,9", State::Ok),
            (",Aggregated,9,0,5,9", State::Ok),
            (",Aggregated,12,1,5,9", State::Incomplete),
        ] {
            let text = format!("{HEADER}\nGET,/,6,1,5,9\nGET,/a,4,0,5,9\n{aggregated}\n");
            let reading = parsed("x_stats.csv", &text);
            let all = &reading.facts.load.as_ref().unwrap().all;
            assert_eq!((all.count, all.failed, reading.state), (Some(10), Some(1), state), "{aggregated}");
            assert_eq!(reading.diagnostics.is_empty(), aggregated.contains(",10,"), "{aggregated}");
        }
    }

    #[test]
    fn a_table_without_its_last_row_was_cut() {
        let text = format!("{HEADER}\nGET,/,6,1,5,9\n");
        let reading = parsed("x_stats.csv", &text);
        assert_eq!(reading.state, State::Truncated);
        assert_eq!(reading.facts.load.as_ref().unwrap().all.failed, Some(1), "what was read stays");
    }

    #[test]
    fn what_is_not_available_is_not_zero() {
        let text = format!("{HEADER}\n,Aggregated,0,0,N/A,N/A\n");
        let reading = parsed("x_stats.csv", &text);
        assert_eq!(reading.state, State::Noop);
        assert!(reading.facts.load.as_ref().unwrap().all.latency.is_empty());
    }

    #[test]
    fn an_entry_without_its_failures_is_no_entry() {
        let text = r#"[{"name":"/","method":"GET","num_requests":3,"num_failures":null}]"#;
        assert_eq!(parsed("x.json", text).state, State::Unreadable);
    }
}
