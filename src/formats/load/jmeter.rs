//! JMeter results (JTL), as CSV or XML: one row or element a sample.
//!
//! **Written by** `jmeter -l FILE`, the listeners, and tools that write the same (Taurus, BlazeMeter). **Versions** CSV of
//! all, XML since 2.1 (`testResults version="1.2"`).
//!
//! ```text
//! timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes
//! 1549967385359,17,Cart,200,OK,Thread Group 1-1,text,true,,1110
//! ```
//! ```xml
//! <testResults version="1.2"><httpSample t="17" ts="1549967385359" s="true" lb="Cart" rc="200" rm="OK"/></testResults>
//! ```
//!
//! Quirks:
//! - Which columns and attributes there are is a setting, the delimiter too. Without `elapsed` the latency is unknown, not
//!   0; without `success` the failures are.
//! - JMeter 2 writes no header by default: then the columns are those of its defaults, told by their contents.
//! - A transaction (`Number of samples in transaction : n, …`) stands for its samples: it is a row by its label and counts
//!   as a request only where its samples are not there.
//! - A sample inside a sample is a redirect or an embedded resource: the outer one stands for it, unless it is a transaction.
//!   In the CSV of JMeter 5 such parts are rows behind their sample, named `label-0`, `label-1` …
//! - `SampleCount` and `ErrorCount` make one row stand for several samples.
//! - Messages in quotes may span lines.
//!
//! The CSV has no end mark; a last row without a line end was cut. **Dropped**: sizes, thread names, response data.

use super::super::read::csv::{Csv, Row, first_line};
use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Body, Head};
use super::super::read::xml::{Element, Node, Xml};
use super::super::{Format, Reading};
use super::{Errors, MAX_TEXT, NANOS_PER_MILLI, Named, Samples, count, keep, nanos, whole_row};
use crate::evidence::load::LoadTest;
use crate::evidence::{Diagnostic, Kind, State};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// JMeter results.
pub(crate) const FORMAT: Format = Format {
    id: "jmeter",
    title: "JMeter results (JTL)",
    kind: Kind::Load,
    written_by: "JMeter, Taurus, BlazeMeter",
    sniff,
    parse,
};

/// Delimiters that people set.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// The columns of JMeter 2 without a header, as far as all its versions agree.
const HEADERLESS: Columns = Columns {
    time: Some(0),
    elapsed: Some(1),
    label: 2,
    thread: Some(5),
    code: Some(3),
    message: Some(4),
    success: Some(7),
    failure: None,
    samples: None,
    errors: None,
};
/// How the message of a transaction begins.
const TRANSACTION: &str = "Number of samples in transaction";

fn sniff(head: &Head<'_>) -> bool {
    match &head.body {
        Body::Xml(xml) => {
            xml.root == "testResults"
                && (xml.attr("version").is_some() || xml.has("httpSample") || xml.has("sample"))
        }
        Body::Text => layout(head.text).is_some(),
        _ => false,
    }
}

/// The delimiter of a table, its columns, and whether a header names them.
fn layout(text: &str) -> Option<(u8, Columns, bool)> {
    let line = first_line(text);
    DELIMITERS.into_iter().find_map(|delimiter| {
        let mut row = Row::default();
        Csv::new(line, delimiter).next(&mut row).ok()?;
        match Columns::of(&row) {
            Some(columns) => Some((delimiter, columns, true)),
            None => is_sample(&row).then_some((delimiter, HEADERLESS, false)),
        }
    })
}

/// A row of the default columns: milliseconds since 1970, duration, label, …, success.
fn is_sample(row: &Row<'_>) -> bool {
    let digits =
        |place: usize| row.get(place).bytes().all(|b| b.is_ascii_digit()) && !row.get(place).is_empty();
    row.fields.len() >= 9 && row.get(0).len() == 13 && digits(0) && digits(1) && is_word_of_truth(row.get(7))
}

fn is_word_of_truth(text: &str) -> bool {
    matches!(text.trim(), "true" | "false")
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "jmeter".clone_into(&mut reading.producer.name);
    let mut run = Run::default();
    let outcome = match layout(reading.text) {
        Some((delimiter, columns, has_header)) => run.table(reading.text, delimiter, &columns, has_header),
        None => run.elements(reading.text),
    };
    run.finish(reading);
    outcome
}

/// Where the columns of a table stand.
#[derive(Debug, Clone, Copy)]
struct Columns {
    time: Option<usize>,
    elapsed: Option<usize>,
    label: usize,
    thread: Option<usize>,
    code: Option<usize>,
    message: Option<usize>,
    success: Option<usize>,
    failure: Option<usize>,
    samples: Option<usize>,
    errors: Option<usize>,
}

impl Columns {
    /// By the names in a header; nothing where it is no header of JMeter.
    fn of(header: &Row<'_>) -> Option<Self> {
        let place = |name: &str| header.fields.iter().position(|f| f.trim() == name);
        let columns = Self {
            time: place("timeStamp"),
            elapsed: place("elapsed"),
            label: place("label")?,
            thread: place("threadName"),
            code: place("responseCode"),
            message: place("responseMessage"),
            success: place("success"),
            failure: place("failureMessage"),
            samples: place("SampleCount"),
            errors: place("ErrorCount"),
        };
        let telling = [columns.time, columns.elapsed, columns.code, columns.success, columns.thread];
        (telling.iter().flatten().count() >= 2).then_some(columns)
    }
}

/// One sample, from a row or an element.
#[derive(Debug, Default)]
struct Sample<'s> {
    label: Cow<'s, str>,
    thread: Cow<'s, str>,
    millis_since_1970: Option<u64>,
    nanos: Option<u64>,
    /// Nothing where neither success nor errors are told.
    failed: Option<u64>,
    requests: u64,
    code: Cow<'s, str>,
    message: Cow<'s, str>,
    /// What an assertion says.
    failure: Cow<'s, str>,
}

/// The sample that parts may follow.
#[derive(Debug)]
struct Outer {
    label: String,
    /// Start and end in milliseconds since 1970, where they are told.
    span: Option<(u64, u64)>,
}

/// The whole run while it is read.
#[derive(Debug, Default)]
struct Run {
    samples: Samples,
    transactions: Samples,
    by_label: Named,
    errors: Errors,
    untold: u64,
    from: Option<u64>,
    to: u64,
    /// The last sample of each thread.
    last: FxHashMap<String, Outer>,
}

impl Run {
    fn add(&mut self, sample: &Sample<'_>) {
        let failed = sample.failed.unwrap_or(0);
        self.untold = self.untold.saturating_add(u64::from(sample.failed.is_none()));
        let is_transaction = sample.is_transaction();
        let total = if is_transaction { &mut self.transactions } else { &mut self.samples };
        total.add(sample.requests, failed, sample.nanos);
        self.by_label.add(&sample.label, sample.requests, failed, sample.nanos);
        if failed > 0 && !is_transaction {
            self.errors.add(&sample.error(), failed);
        }
        if let Some((start, end)) = sample.span() {
            self.from = Some(self.from.map_or(start, |from| from.min(start)));
            self.to = self.to.max(end);
        }
    }

    /// True for the row of a part: `label-0` behind the row of `label`, by the same thread, and inside of its time. Any
    /// other row is what the next ones may be parts of.
    fn is_part(&mut self, sample: &Sample<'_>) -> bool {
        let Some(outer) = self.last.get_mut(sample.thread.as_ref()) else {
            let outer = Outer { label: sample.label.clone().into_owned(), span: sample.span() };
            self.last.insert(sample.thread.clone().into_owned(), outer);
            return false;
        };
        let number = sample.label.strip_prefix(outer.label.as_str()).and_then(|rest| rest.strip_prefix('-'));
        let numbered = number.is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
        let inside = outer.span.zip(sample.span()).is_none_or(|(outer, part)| {
            // Each time is cut to a millisecond by itself.
            part.0.saturating_add(1) >= outer.0 && part.1 <= outer.1.saturating_add(1)
        });
        if numbered && inside {
            return true;
        }
        outer.label.clear();
        outer.label.push_str(&sample.label);
        outer.span = sample.span();
        false
    }

    fn table(&mut self, text: &str, delimiter: u8, columns: &Columns, has_header: bool) -> Read<()> {
        let (mut csv, mut row) = (Csv::new(text, delimiter), Row::default());
        if has_header {
            csv.next(&mut row)?;
            whole_row(&row)?;
        }
        while csv.next(&mut row)? {
            whole_row(&row)?;
            // Appended runs repeat the header.
            if has_header && row.get(columns.label) == "label" {
                continue;
            }
            let sample = Sample::of_row(&row, columns)?;
            if !self.is_part(&sample) {
                self.add(&sample);
            }
        }
        Ok(())
    }

    fn elements(&mut self, text: &str) -> Read<()> {
        let mut xml = Xml::new(text);
        // Samples that are open, with their depths.
        let mut open: Vec<(usize, Sample<'static>)> = Vec::new();
        while let Some(node) = xml.next()? {
            match node {
                Node::Open(element) if matches!(element.name(), "httpSample" | "sample") => {
                    open.push((xml.depth(), Sample::of_element(&element)));
                }
                Node::Open(element) if element.name() == "failureMessage" => {
                    let message = xml.text(MAX_TEXT)?;
                    if let Some((_, sample)) = open.last_mut().filter(|_| !message.trim().is_empty()) {
                        sample.failure = Cow::Owned(message);
                    }
                }
                Node::Close if open.last().is_some_and(|(depth, _)| *depth > xml.depth()) => {
                    let ended = open.pop();
                    // Inside of another one only the samples of a transaction count.
                    let counts = open.last().is_none_or(|(_, outer)| outer.is_transaction());
                    if let Some((_, sample)) = ended.filter(|_| counts) {
                        self.add(&sample);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(self, reading: &mut Reading<'_>) {
        let tells_failures = self.untold == 0;
        if !tells_failures {
            let message = format!("{} samples do not say whether they succeeded", self.untold);
            let help = "have JMeter save `success` (jmeter.save.saveservice.successful=true)";
            reading.mark(State::Incomplete, message.clone());
            reading.remark(Diagnostic::warning("jmeter.no-success", message).help(help));
        }
        let only_transactions = self.samples.requests == 0;
        let total = if only_transactions { &self.transactions } else { &self.samples };
        if total.requests > 0 && total.durations.is_empty() {
            let message = "the durations were not saved: the latency is unknown";
            let help = "have JMeter save `elapsed` (jmeter.save.saveservice.time=true)";
            reading.remark(Diagnostic::warning("jmeter.no-elapsed", message).help(help));
        }
        let test = LoadTest {
            all: total.requests("", "", tells_failures),
            rows: self.by_label.into_rows(reading, tells_failures),
            errors: self.errors.into_list(),
            micros: self
                .from
                .map(|from| self.to.saturating_sub(from).saturating_mul(1_000))
                .filter(|m| *m > 0),
            ..LoadTest::default()
        };
        keep(reading, test);
    }
}

impl<'s> Sample<'s> {
    fn of_row(row: &'s Row<'_>, columns: &Columns) -> Read<Self> {
        let field = |place: Option<usize>| place.map_or("", |place| row.get(place));
        let success = columns.success.map(|place| row.get(place).trim());
        if success.is_some_and(|s| !is_word_of_truth(s)) {
            let message = format!("`{}` stands where true or false should be", field(columns.success));
            return Err(Fault::malformed(row.at, message));
        }
        let mut sample = Self {
            label: Cow::Borrowed(row.get(columns.label)),
            thread: Cow::Borrowed(field(columns.thread)),
            millis_since_1970: columns.time.and_then(|place| row.get(place).trim().parse().ok()),
            nanos: columns.elapsed.and_then(|place| nanos(row.get(place), NANOS_PER_MILLI)),
            code: Cow::Borrowed(field(columns.code)),
            message: Cow::Borrowed(field(columns.message)),
            failure: Cow::Borrowed(field(columns.failure)),
            ..Self::default()
        };
        sample.judge(success.map(|s| s == "true"), field(columns.samples), field(columns.errors));
        Ok(sample)
    }

    fn of_element(element: &Element<'_>) -> Sample<'static> {
        let attr = |name: &str| Cow::Owned(element.attr(name).map(Cow::into_owned).unwrap_or_default());
        let mut sample = Sample {
            label: attr("lb"),
            millis_since_1970: element.raw("ts").and_then(|ts| ts.parse().ok()),
            nanos: element.raw("t").and_then(|t| nanos(t, NANOS_PER_MILLI)),
            code: attr("rc"),
            message: attr("rm"),
            ..Sample::default()
        };
        let raw = |name| element.raw(name).unwrap_or_default();
        sample.judge(element.raw("s").map(|s| s == "true"), raw("sc"), raw("ec"));
        sample
    }

    fn is_transaction(&self) -> bool {
        self.message.starts_with(TRANSACTION)
    }

    /// Start and end in milliseconds since 1970.
    fn span(&self) -> Option<(u64, u64)> {
        let start = self.millis_since_1970?;
        Some((start, start.saturating_add(self.nanos? / NANOS_PER_MILLI)))
    }

    /// What went wrong, in words.
    fn error(&self) -> Cow<'_, str> {
        if self.failure.trim().is_empty() {
            Cow::Owned(format!("{} {}", self.code, self.message))
        } else {
            Cow::Borrowed(&self.failure)
        }
    }

    /// How many requests it stands for, and how many of them failed: a failed sample is at least one failure.
    fn judge(&mut self, success: Option<bool>, samples: &str, errors: &str) {
        self.requests = count(samples).filter(|n| *n > 0).unwrap_or(1);
        let (told, at_least) = (count(errors), success.map(|held| u64::from(!held)));
        self.failed = match (told, at_least) {
            (Some(told), least) => Some(told.max(least.unwrap_or(0)).min(self.requests)),
            (None, Some(0)) => Some(0),
            // Nothing says how many of the samples behind a failed row failed: all may have.
            (None, Some(_)) => Some(self.requests),
            (None, None) => None,
        };
    }
}
