//! Formats of load tests, and what their readers share: samples to percentiles, and the end of reading.

pub mod artillery;
pub mod autocannon;
pub mod hey;
pub mod jmeter;
pub mod k6;
pub mod k6_points;
pub mod locust;

use super::Reading;
use super::read::csv::{Row, first_line};
use super::read::fault::{Fault, Read};
use super::read::json::Json;
use crate::evidence::exact::{Exact, decimal, floor_decimal, whole};
use crate::evidence::load::{ErrorCount, Latency, LoadTest, Percentile, Requests};
use crate::evidence::text::shorten;
use crate::evidence::{Diagnostic, State};
use num_traits::Signed as _;
use rustc_hash::FxHashMap;

/// What is kept of names and messages.
const MAX_TEXT: usize = 1024;
/// Names of requests that are kept apart. Tests that put an id into every address have one a request.
const MAX_ROWS: usize = 5_000;
/// Errors that are kept apart.
const MAX_ERRORS: usize = 1_000;
/// The percentiles that are computed from samples.
const PERCENTILES: [&str; 8] = ["0", "50", "75", "90", "95", "99", "99.9", "100"];
const NANOS_PER_MILLI: u64 = 1_000_000;

/// Columns by which a table is known, each of one tool.
const COLUMNS: [&[&str]; 4] = [&locust::COLUMNS, &jmeter::COLUMNS, &hey::COLUMNS, &k6_points::COLUMNS];

/// True where the first line has most of the columns of a known table, though no format knows it: a header with a
/// flipped bit, or with a row run into it.
pub(super) fn resembles_table(text: &str) -> bool {
    let line = first_line(text);
    let fields: Vec<&str> = line.split([',', ';', '\t']).map(|f| f.trim().trim_matches('"')).collect();
    COLUMNS.iter().any(|columns| {
        let known = fields.iter().filter(|field| columns.contains(field)).count();
        let nearly =
            fields.iter().filter(|field| columns.iter().any(|column| resembles(field, column))).count();
        known >= 2 && nearly >= 3 && nearly.saturating_mul(2) >= columns.len().min(fields.len())
    })
}

/// The same name but for two characters, or with something behind it.
fn resembles(field: &str, column: &str) -> bool {
    let same_length = field.chars().count() == column.chars().count();
    let differences = || field.chars().zip(column.chars()).filter(|(a, b)| a != b).count();
    field.starts_with(column) || (same_length && differences() <= 2)
}

/// A number of milliseconds; nothing for `N/A`, `NaN`, words and negative numbers.
fn millis(text: &str) -> Option<Exact> {
    decimal(text).filter(|n| !n.is_negative())
}

/// A duration as written, in nanoseconds: `text` times `unit` nanoseconds, cut.
fn nanos(text: &str, unit: u64) -> Option<u64> {
    let text = text.trim();
    match text.parse::<u64>() {
        Ok(whole) => whole.checked_mul(unit),
        Err(_) => u64::try_from((millis(text)? * whole(unit)).to_integer()).ok(),
    }
}

/// A count; nothing for words and negative numbers. `3.0` is 3.
fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| u64::try_from(Some(millis(text)?).filter(Exact::is_integer)?.to_integer()).ok())
}

/// A count that has to be there.
fn counted(json: &mut Json<'_>, what: &str) -> Read<u64> {
    let at = json.at();
    json.number_as("a count", count)?.ok_or_else(|| Fault::malformed(at, format!("`{what}` is no count")))
}

/// Requests as they are read one by one. Memory follows the number of different durations, not of requests.
#[derive(Debug, Clone, Default)]
struct Samples {
    requests: u64,
    failed: u64,
    /// How often each duration in nanoseconds was seen.
    durations: FxHashMap<u64, u64>,
}

impl Samples {
    /// Takes in `requests` of one duration, of which `failed` failed.
    fn add(&mut self, requests: u64, failed: u64, nanos: Option<u64>) {
        self.requests = self.requests.saturating_add(requests);
        self.failed = self.failed.saturating_add(failed);
        if let Some(nanos) = nanos {
            let seen = self.durations.entry(nanos).or_default();
            *seen = seen.saturating_add(requests);
        }
    }

    /// Takes in the duration of a request that is counted elsewhere.
    fn time(&mut self, nanos: u64) {
        let seen = self.durations.entry(nanos).or_default();
        *seen = seen.saturating_add(1);
    }

    /// Takes in all of another.
    #[expect(clippy::iter_over_hash_type, reason = "a sum does not ask for an order")]
    fn unite(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.failed = self.failed.saturating_add(other.failed);
        for (nanos, count) in &other.durations {
            let seen = self.durations.entry(*nanos).or_default();
            *seen = seen.saturating_add(*count);
        }
    }

    /// The percentiles by nearest rank: each is a duration that was measured.
    fn latency(&self) -> Latency {
        let mut latency = Latency::default();
        let mut sorted: Vec<(u64, u64)> = self.durations.iter().map(|(n, c)| (*n, *c)).collect();
        sorted.sort_unstable();
        let timed = sorted.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        if timed == 0 {
            return latency;
        }
        let in_millis = |nanos: u64| whole(nanos) / whole(NANOS_PER_MILLI);
        let (mut seen, mut at) = (0_u64, 0_usize);
        for percentile in PERCENTILES.into_iter().filter_map(Percentile::of_percent) {
            let rank = percentile.rank(timed);
            while let Some((nanos, count)) = sorted.get(at) {
                if seen.saturating_add(*count) >= rank {
                    latency.set(percentile, in_millis(*nanos));
                    break;
                }
                seen = seen.saturating_add(*count);
                at = at.saturating_add(1);
            }
        }
        let sum = sorted
            .iter()
            .fold(0_u128, |sum, (n, c)| sum.saturating_add(u128::from(*n).saturating_mul(u128::from(*c))));
        latency.mean = Some(Exact::new(sum.into(), timed.into()) / whole(NANOS_PER_MILLI));
        latency
    }

    fn requests(&self, name: &str, method: &str, tells_failures: bool) -> Requests {
        Requests {
            name: name.to_owned(),
            method: method.to_owned(),
            count: Some(self.requests),
            failed: tells_failures.then_some(self.failed),
            failed_share: None,
            latency: self.latency(),
            per_second: None,
        }
    }
}

/// Samples by name, in the order of their first appearance.
#[derive(Debug, Default)]
struct Named {
    rows: Vec<(String, Samples)>,
    places: FxHashMap<String, usize>,
    /// Requests of names beyond [`MAX_ROWS`].
    unnamed: u64,
}

impl Named {
    fn add(&mut self, name: &str, requests: u64, failed: u64, nanos: Option<u64>) {
        match self.of(name) {
            Some(samples) => samples.add(requests, failed, nanos),
            None => self.unnamed = self.unnamed.saturating_add(requests),
        }
    }

    fn time(&mut self, name: &str, nanos: u64) {
        if let Some(samples) = self.of(name) {
            samples.time(nanos);
        }
    }

    /// The samples of a name; nothing for a new name where there are too many.
    fn of(&mut self, name: &str) -> Option<&mut Samples> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if self.rows.len() < MAX_ROWS => {
                self.rows.push((shorten(name, MAX_TEXT), Samples::default()));
                let place = self.rows.len().saturating_sub(1);
                self.places.insert(name.to_owned(), place);
                place
            }
            None => return None,
        };
        self.rows.get_mut(place).map(|(_, samples)| samples)
    }

    /// The rows, with a remark where names were too many.
    fn into_rows(self, reading: &mut Reading<'_>, tells_failures: bool) -> Vec<Requests> {
        if self.unnamed > 0 {
            let message = format!(
                "more than {MAX_ROWS} names: {} requests of further names count in the totals only",
                self.unnamed
            );
            let help = "give requests that differ only in an id one name";
            reading.remark(Diagnostic::warning("load.too-many-names", message).help(help));
        }
        self.rows.iter().map(|(name, samples)| samples.requests(name, "", tells_failures)).collect()
    }
}

/// Errors by their text.
#[derive(Debug, Default)]
struct Errors {
    counts: FxHashMap<String, u64>,
    order: Vec<String>,
}

impl Errors {
    fn add(&mut self, text: &str, count: u64) {
        let text = shorten(text.trim(), MAX_TEXT);
        if text.is_empty() || count == 0 {
            return;
        }
        if let Some(known) = self.counts.get_mut(&text) {
            *known = known.saturating_add(count);
        } else if self.order.len() < MAX_ERRORS {
            self.order.push(text.clone());
            self.counts.insert(text, count);
        }
    }

    /// The errors, the most frequent first.
    fn into_list(self) -> Vec<ErrorCount> {
        let count = |text: &String| self.counts.get(text).copied().unwrap_or(0);
        let mut list: Vec<ErrorCount> =
            self.order.iter().map(|text| ErrorCount { text: text.clone(), count: count(text) }).collect();
        list.sort_by_key(|error| std::cmp::Reverse(error.count));
        list
    }
}

/// Takes in what was read: no request at all is a run that examined nothing, and contradictions are told.
fn keep(reading: &mut Reading<'_>, test: LoadTest) {
    if test.all.count == Some(0) {
        reading.mark(State::Noop, "the load test made no request: nothing was measured");
    }
    for requests in std::iter::once(&test.all).chain(&test.rows) {
        contradictions(reading, requests);
    }
    reading.facts.load = Some(test);
}

fn contradictions(reading: &mut Reading<'_>, requests: &Requests) {
    let title = requests.title();
    let name = if title.is_empty() { "all requests" } else { &title };
    if let (Some(count), Some(failed)) = (requests.count, requests.failed)
        && failed > count
    {
        let message = format!("{name}: {failed} of {count} requests failed, more than there were");
        reading.mark(State::Incomplete, message.clone());
        reading.remark(Diagnostic::warning("load.more-failures-than-requests", message));
    }
    if let Some((p, q)) = requests.latency.disorder() {
        let message = format!("{name}: {} is slower than {}, which cannot be", p.name(), q.name());
        reading.remark(Diagnostic::warning("load.percentiles-disagree", message));
    }
}

/// The second witness: totals that a file declares beside its rows. The rows count; rows that are missing make the file
/// incomplete.
fn compare(reading: &mut Reading<'_>, what: &str, declared: Option<u64>, counted: u64) {
    let Some(declared) = declared.filter(|d| *d != counted) else { return };
    let message = format!("declares {declared} {what}, its rows hold {counted}");
    if declared > counted {
        reading.mark(State::Incomplete, format!("{message}: rows are missing"));
    }
    reading.remark(Diagnostic::warning("load.declared-differs", format!("{message}: the rows count")));
}

/// The rows of a table end with a line end; a last one without it was cut.
fn whole_row(row: &Row<'_>) -> Read<()> {
    if row.ended { Ok(()) } else { Err(Fault::truncated(row.at, "the file ends inside a row")) }
}

/// A value for a message.
fn shown(value: &Exact) -> String {
    floor_decimal(value, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_that_were_measured() {
        let mut samples = Samples::default();
        for milli in 1..=200_u64 {
            samples.add(1, u64::from(milli > 190), nanos(&milli.to_string(), NANOS_PER_MILLI));
        }
        let requests = samples.requests("", "", true);
        let points: Vec<(String, Exact)> =
            requests.latency.points().map(|(p, v)| (p.name(), v.clone())).collect();
        let want = [("fastest", 1), ("p50", 100), ("p75", 150), ("p90", 180), ("p95", 190), ("p99", 198)];
        for (have, (name, value)) in points.iter().zip(want) {
            assert_eq!(have, &(name.to_owned(), whole(value)));
        }
        assert_eq!(points.last().unwrap(), &("slowest".to_owned(), whole(200)));
        assert_eq!((requests.count, requests.failed), (Some(200), Some(10)));
        assert_eq!(requests.latency.mean.unwrap(), whole(201) / whole(2));
    }

    #[test]
    fn durations_are_read_in_their_unit() {
        assert_eq!(nanos("0.0042", 1_000_000_000), Some(4_200_000));
        assert_eq!(nanos("17", NANOS_PER_MILLI), Some(17_000_000));
        for text in ["", "-1", "N/A", "NaN", "1e40"] {
            assert_eq!(nanos(text, NANOS_PER_MILLI), None, "{text}");
        }
        assert_eq!(
            (count("12"), count("12.0"), count("12.5"), count("-3")),
            (Some(12), Some(12), None, None)
        );
    }
}
