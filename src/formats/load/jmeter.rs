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
//! - A transaction (`Number of samples in transaction : n, …`) stands for its samples, which may be rows before it, rows
//!   behind it, elements inside of it, or not saved at all. It is a row by its label, and counts as a request only where none
//!   of its samples is there. Where it failed and none of its samples did (an assertion on the whole of it), it is one more
//!   request that failed.
//! - A sample inside a sample is a redirect or an embedded resource: the outer one stands for it, unless it is a transaction.
//!   In the CSV of JMeter 5 such parts are rows behind their sample, named `label-0`, `label-1` …
//! - `SampleCount` and `ErrorCount` make one row stand for several samples.
//! - Messages in quotes may span lines.
//!
//! The CSV has no end mark; a last row without a line end was cut. **Dropped**: sizes, thread names, response data.

mod threads;

use super::super::read::csv::{Csv, Row, first_line};
use super::super::read::damage::DamageLog;
use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Body, Head};
use super::super::read::xml::{Element, Node, Xml};
use super::super::{Format, Reading};
use super::{Errors, MAX_TEXT, NANOS_PER_MILLI, Named, Samples, count, keep, nanos, whole_row};
use crate::evidence::load::LoadTest;
use crate::evidence::text::shorten;
use crate::evidence::{Diagnostic, Kind, State};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use threads::{Inside, Span, Thread, Transaction};

/// JMeter results.
pub(crate) const FORMAT: Format = Format {
    id: "jmeter",
    title: "JMeter results (JTL)",
    kind: Kind::Load,
    written_by: "JMeter, Taurus, BlazeMeter",
    elements: &ELEMENTS,
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

/// Columns of a table.
pub(super) const COLUMNS: [&str; 10] = [
    "timeStamp",
    "elapsed",
    "label",
    "threadName",
    "responseCode",
    "responseMessage",
    "success",
    "failureMessage",
    "allThreads",
    "Latency",
];

/// The delimiter of a table, its columns, and whether a header names them.
fn layout(text: &str) -> Option<(u8, Columns, bool)> {
    let line = first_line(text);
    DELIMITERS.into_iter().find_map(|delimiter| {
        let mut row = Row::default();
        Csv::new(line, delimiter, &DamageLog::default()).next(&mut row).ok()?;
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
        Some((delimiter, columns, has_header)) => run.table(reading, delimiter, &columns, has_header),
        None => run.elements(reading),
    };
    run.finish(reading);
    outcome
}

/// The elements of the XML form.
const ELEMENTS: [&str; 6] =
    ["testResults", "httpSample", "sample", "assertionResult", "failure", "failureMessage"];

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

/// The whole run while it is read.
#[derive(Debug, Default)]
struct Run {
    samples: Samples,
    by_label: Named,
    errors: Errors,
    untold: u64,
    from: Option<u64>,
    to: u64,
    threads: FxHashMap<String, Thread>,
}

impl Run {
    /// Takes in a row, or an element that stands in no other.
    fn row(&mut self, sample: &Sample<'_>, inside: Inside) {
        let taken = match self.threads.get_mut(sample.thread.as_ref()) {
            Some(thread) => thread.take(sample, inside),
            None => self.threads.entry(sample.thread.to_string()).or_default().take(sample, inside),
        };
        let Some(ended) = taken else { return };
        self.add(sample);
        ended.iter().for_each(|transaction| self.count_alone(transaction));
    }

    /// What a transaction counts for beside its samples.
    fn count_alone(&mut self, transaction: &Transaction) {
        let failed = if transaction.inside.failed { 0 } else { transaction.failed };
        if !transaction.is_whole {
            self.samples.add(transaction.requests, failed, transaction.nanos);
        } else if failed > 0 {
            self.samples.add(failed, failed, None);
        }
        self.errors.add(&transaction.error, failed);
    }

    /// Takes in what every sample tells; requests are those of samples that are no transactions.
    fn add(&mut self, sample: &Sample<'_>) {
        let failed = sample.failed.unwrap_or(0);
        self.untold = self.untold.saturating_add(u64::from(sample.failed.is_none()));
        self.by_label.add(&sample.label, sample.requests, failed, sample.nanos);
        if !sample.is_transaction() {
            self.samples.add(sample.requests, failed, sample.nanos);
            self.errors.add(&sample.error(), failed);
        }
        if let Some((start, end)) = sample.span() {
            self.from = Some(self.from.map_or(start, |from| from.min(start)));
            self.to = self.to.max(end);
        }
    }

    fn table(
        &mut self,
        reading: &Reading<'_>,
        delimiter: u8,
        columns: &Columns,
        has_header: bool,
    ) -> Read<()> {
        let (mut csv, mut row) = (Csv::new(reading.text, delimiter, &reading.damage), Row::default());
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
            let sample = Sample::of_row(reading, &row, columns)?;
            self.row(&sample, Inside::default());
        }
        Ok(())
    }

    fn elements(&mut self, reading: &Reading<'_>) -> Read<()> {
        let mut xml = Xml::new(reading.text, &reading.damage).with_names(FORMAT.elements);
        // Samples that are open, with their depths and what of their own samples is there.
        let mut open: Vec<(usize, Sample<'static>, Inside)> = Vec::new();
        while let Some(node) = xml.next()? {
            match node {
                Node::Open(element) if matches!(element.name(), "httpSample" | "sample") => {
                    open.push((xml.depth(), Sample::of_element(reading, &element), Inside::default()));
                }
                Node::Open(element) if element.name() == "failureMessage" => {
                    let message = xml.text(MAX_TEXT)?;
                    if let Some((_, sample, _)) = open.last_mut().filter(|_| !message.trim().is_empty()) {
                        sample.failure = Cow::Owned(message);
                    }
                }
                Node::Close if open.last().is_some_and(|(depth, ..)| *depth > xml.depth()) => {
                    if let Some((_, sample, inside)) = open.pop() {
                        self.element(&sample, inside, open.last_mut().map(|(_, outer, has)| (outer, has)));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes in an element. Inside of another one only the samples of a transaction count.
    fn element(
        &mut self,
        sample: &Sample<'_>,
        inside: Inside,
        outer: Option<(&mut Sample<'static>, &mut Inside)>,
    ) {
        match outer {
            None => self.row(sample, inside),
            Some((outer, _)) if !outer.is_transaction() => {}
            Some((_, has)) => {
                self.add(sample);
                if sample.is_transaction() {
                    self.count_alone(&Transaction::around(sample, inside));
                }
                has.add(sample.has_failed());
            }
        }
    }

    fn finish(mut self, reading: &mut Reading<'_>) {
        let open: Vec<Transaction> = self.threads.values_mut().flat_map(Thread::finish).collect();
        open.iter().for_each(|transaction| self.count_alone(transaction));
        let tells_failures = self.untold == 0;
        if !tells_failures {
            let message = format!("{} samples do not say whether they succeeded", self.untold);
            let help = "have JMeter save `success` (jmeter.save.saveservice.successful=true)";
            reading.mark(State::Incomplete, message.clone());
            reading.remark(Diagnostic::warning("jmeter.no-success", message).help(help));
        }
        let total = &self.samples;
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

/// A number of a sample; nothing where it was not saved. One that cannot be read is damage.
fn usable<T>(
    reading: &Reading<'_>,
    at: usize,
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let text = text.trim();
    let value = read(text);
    if value.is_none() && !text.is_empty() {
        reading.damaged(at, format!("`{}` is not a number", shorten(text, 40)));
    }
    value
}

impl<'s> Sample<'s> {
    fn of_row(reading: &Reading<'_>, row: &'s Row<'_>, columns: &Columns) -> Read<Self> {
        let field = |place: Option<usize>| place.map_or("", |place| row.get(place));
        let success = columns.success.map(|place| row.get(place).trim());
        if success.is_some_and(|s| !is_word_of_truth(s)) {
            let message = format!("`{}` stands where true or false should be", field(columns.success));
            return Err(Fault::malformed(row.at, message));
        }
        let mut sample = Self {
            label: Cow::Borrowed(row.get(columns.label)),
            thread: Cow::Borrowed(field(columns.thread)),
            // It may be a date in any form that the user chose.
            millis_since_1970: field(columns.time).trim().parse().ok(),
            nanos: usable(reading, row.at, field(columns.elapsed), |text| nanos(text, NANOS_PER_MILLI)),
            code: Cow::Borrowed(field(columns.code)),
            message: Cow::Borrowed(field(columns.message)),
            failure: Cow::Borrowed(field(columns.failure)),
            ..Self::default()
        };
        let [samples, errors] =
            [columns.samples, columns.errors].map(|place| usable(reading, row.at, field(place), count));
        sample.judge(success.map(|s| s == "true"), samples, errors);
        Ok(sample)
    }

    fn of_element(reading: &Reading<'_>, element: &Element<'_>) -> Sample<'static> {
        let mut sample = Sample::default();
        let (mut success, mut samples, mut errors) = (None, None, None);
        let at = element.at;
        for (name, value) in element.attrs() {
            match name {
                "t" => sample.nanos = usable(reading, at, &value, |text| nanos(text, NANOS_PER_MILLI)),
                "ts" => sample.millis_since_1970 = usable(reading, at, &value, |text| text.parse().ok()),
                "s" => {
                    if !is_word_of_truth(&value) {
                        reading
                            .damaged(at, "a sample whose `s` is neither true nor false: it counts as failed");
                    }
                    success = Some(value == "true");
                }
                "lb" => sample.label = Cow::Owned(value.into_owned()),
                "tn" => sample.thread = Cow::Owned(value.into_owned()),
                "rc" => sample.code = Cow::Owned(value.into_owned()),
                "rm" => sample.message = Cow::Owned(value.into_owned()),
                "sc" => samples = usable(reading, at, &value, count),
                "ec" => errors = usable(reading, at, &value, count),
                _ => {}
            }
        }
        sample.judge(success, samples, errors);
        sample
    }

    fn has_failed(&self) -> bool {
        self.failed.is_some_and(|failed| failed > 0)
    }

    fn is_transaction(&self) -> bool {
        self.message.starts_with(TRANSACTION)
    }

    /// How many samples a transaction says that it has, at least one.
    fn declared(&self) -> u64 {
        let rest = self.message.strip_prefix(TRANSACTION).and_then(|rest| rest.split(',').next());
        rest.and_then(|rest| count(rest.trim_start_matches([' ', ':']))).unwrap_or(1).max(1)
    }

    /// Start and end in milliseconds since 1970.
    fn span(&self) -> Option<Span> {
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
    fn judge(&mut self, success: Option<bool>, samples: Option<u64>, errors: Option<u64>) {
        self.requests = samples.filter(|n| *n > 0).unwrap_or(1);
        let (told, at_least) = (errors, success.map(|held| u64::from(!held)));
        self.failed = match (told, at_least) {
            (Some(told), least) => Some(told.max(least.unwrap_or(0)).min(self.requests)),
            (None, Some(0)) => Some(0),
            // Nothing says how many of the samples behind a failed row failed: all may have.
            (None, Some(_)) => Some(self.requests),
            (None, None) => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success";

    /// Requests, failures and state of a table with these rows.
    fn counts(rows: &[&str]) -> (u64, u64, State) {
        let text = format!("{HEADER}\n{}\n", rows.join("\n"));
        let (format, reading) = read("results.jtl", &text);
        assert_eq!(format.map(|f| f.id), Some("jmeter"));
        let all = &reading.facts.load.as_ref().unwrap().all;
        (all.count.unwrap(), all.failed.unwrap(), reading.state)
    }

    const OF_TWO: &str =
        r#"buy,200,"Number of samples in transaction : 2, number of failing samples : 0",t,"#;

    #[test]
    fn a_transaction_stands_for_its_samples_wherever_they_are() {
        let transaction = format!("1000000000000,50,{OF_TWO}true");
        let samples = ["1000000000001,20,look,200,OK,t,true", "1000000000025,20,pay,200,OK,t,true"];
        let leave = "1000000000060,9,leave,200,OK,t,true";
        assert_eq!(counts(&[samples[0], samples[1], &transaction, leave]), (3, 0, State::Ok), "before it");
        assert_eq!(counts(&[&transaction, samples[0], samples[1], leave]), (3, 0, State::Ok), "behind it");
        assert_eq!(counts(&[&transaction, leave]), (2, 0, State::Ok), "nowhere");
        assert_eq!(counts(&[leave, &transaction]), (2, 0, State::Ok), "nowhere, at the end");
    }

    #[test]
    fn a_transaction_that_failed_is_never_lost() {
        let transaction = format!("1000000000000,50,{OF_TWO}false");
        let good = ["1000000000001,20,look,200,OK,t,true", "1000000000025,20,pay,200,OK,t,true"];
        let bad = "1000000000025,20,pay,500,no,t,false";
        let leave = "1000000000060,9,leave,200,OK,t,true";
        assert_eq!(counts(&[&transaction, leave]), (2, 1, State::Ok), "its samples are nowhere");
        assert_eq!(counts(&[good[0], good[1], &transaction, leave]), (4, 1, State::Ok), "they succeeded");
        assert_eq!(counts(&[&transaction, good[0], good[1], leave]), (4, 1, State::Ok), "they follow");
        assert_eq!(counts(&[good[0], bad, &transaction, leave]), (3, 1, State::Ok), "one of them failed");
        assert_eq!(counts(&[&transaction, good[0], bad, leave]), (3, 1, State::Ok), "and follows");
        let of_another = "1000000000025,20,pay,500,no,u,false";
        assert_eq!(counts(&[of_another, &transaction, leave]), (3, 2, State::Ok), "another thread's failed");
    }

    #[test]
    fn a_transaction_inside_of_another_takes_no_samples_from_it() {
        let inner = format!("1000000000000,45,{OF_TWO}true");
        let outer = format!("1000000000000,50,{}true", OF_TWO.replace("buy", "visit"));
        let samples = ["1000000000001,20,look,200,OK,t,true", "1000000000025,20,pay,200,OK,t,true"];
        assert_eq!(counts(&[samples[0], samples[1], &inner, &outer]), (2, 0, State::Ok));
        assert_eq!(counts(&[&outer, &inner, samples[0], samples[1]]), (2, 0, State::Ok));
    }

    #[test]
    fn parts_are_numbered_rows_inside_of_their_samples_time() {
        let page = "1000000000000,50,page,200,OK,t,true";
        let part = |n: &str, start: u64, success: bool| format!("{start},10,page-{n},200,OK,t,{success}");
        let at = 1_000_000_000_000;
        assert_eq!(counts(&[page, &part("0", at, true), &part("1", at + 11, true)]), (1, 0, State::Ok));
        assert_eq!(counts(&[page, &part("0", at, true), &part("0-0", at, true)]), (1, 0, State::Ok));
        assert_eq!(counts(&[page, &part("1", at + 11, true)]), (2, 0, State::Ok), "there is no part 0");
        assert_eq!(counts(&[page, &part("0", at + 60, true)]), (2, 0, State::Ok), "it came later");
        assert_eq!(counts(&[page, &part("0", at, false)]), (2, 1, State::Ok), "a failure is never a part");
    }

    #[test]
    fn a_row_that_stands_for_several_samples_fails_at_least_once() {
        let rows =
            "timeStamp,elapsed,label,success,SampleCount,ErrorCount\n1,5,a,false,10,0\n2,5,a,true,10,3\n";
        let (_, reading) = read("results.jtl", rows);
        let all = &reading.facts.load.as_ref().unwrap().all;
        assert_eq!((all.count, all.failed), (Some(20), Some(4)));
    }
}
