//! hey's CSV: one row a request that was answered.
//!
//! **Written by** `hey -o csv`.
//!
//! ```text
//! response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset
//! 0.0042,0.0000,0.0000,0.0000,0.0042,0.0000,200,0.0033
//! ```
//!
//! Times are **seconds** with four decimals. A status of 400 or more is a failure. Requests that got no answer (refused,
//! timed out) are in no row: hey prints them and leaves them out of the file, which is remarked on.
//!
//! The file has no end mark; a last row without a line end was cut.

use super::super::read::csv::{Csv, Row, first_line};
use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Body, Head};
use super::super::{Format, Reading};
use super::{Errors, Samples, keep, nanos, whole_row};
use crate::evidence::load::LoadTest;
use crate::evidence::{Diagnostic, Kind};

/// hey CSV.
pub(crate) const FORMAT: Format =
    Format { id: "hey", title: "hey CSV", kind: Kind::Load, written_by: "hey", elements: &[], sniff, parse };

const NANOS_PER_SECOND: u64 = 1_000_000_000;
/// The start of the header, far enough to be no other table's.
const HEADER: &str = "response-time,DNS+dialup,DNS,";

/// The columns.
pub(super) const COLUMNS: [&str; 8] = [
    "response-time",
    "DNS+dialup",
    "DNS",
    "Request-write",
    "Response-delay",
    "Response-read",
    "status-code",
    "offset",
];

fn sniff(head: &Head<'_>) -> bool {
    matches!(head.body, Body::Text) && first_line(head.text).starts_with(HEADER)
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "hey".clone_into(&mut reading.producer.name);
    let mut table = Table::default();
    let outcome = table.read(reading);
    let all = table.samples.requests("", "", true);
    let micros = (table.last > 0).then_some(table.last / 1_000);
    keep(reading, LoadTest { all, errors: table.errors.into_list(), micros, ..LoadTest::default() });
    let message =
        "hey leaves requests without an answer out of this file: its own summary tells how many there were";
    let help = "ask for as many requests as hey was to make: a criterion `load.requests` with that target";
    reading.remark(Diagnostic::info("hey.only-answers", message).help(help));
    outcome
}

#[derive(Debug, Default)]
struct Table {
    samples: Samples,
    errors: Errors,
    /// When the last answer was there, in nanoseconds from the start.
    last: u64,
}

impl Table {
    fn read(&mut self, reading: &Reading<'_>) -> Read<()> {
        let (mut csv, mut row) = (Csv::new(reading.text, b',', &reading.damage), Row::default());
        csv.next(&mut row)?;
        whole_row(&row)?;
        let place = |name| row.place(name);
        let (time, status, offset) = (place("response-time"), place("status-code"), place("offset"));
        let (Some(time), Some(status)) = (time, status) else {
            return Err(Fault::malformed(row.at, "the columns response-time and status-code are not there"));
        };
        while csv.next(&mut row)? {
            whole_row(&row)?;
            let duration = nanos(row.get(time), NANOS_PER_SECOND);
            let code: Option<u16> = row.get(status).trim().parse().ok();
            let (Some(duration), Some(code)) = (duration, code) else {
                return Err(Fault::malformed(row.at, "a row has no time or no status"));
            };
            let failed = code >= 400;
            self.samples.add(1, u64::from(failed), Some(duration));
            if failed {
                self.errors.add(&format!("status {code}"), 1);
            }
            let start = offset.and_then(|o| nanos(row.get(o), NANOS_PER_SECOND)).unwrap_or(0);
            self.last = self.last.max(start.saturating_add(duration));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;

    #[test]
    fn a_status_of_400_and_more_is_a_failure_and_a_row_without_one_is_no_row() {
        let header =
            "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset";
        let row = |status: &str| format!("0.0042,0,0,0,0.0042,0,{status},0.0033");
        let text = format!("{header}\n{}\n{}\n{}\n", row("200"), row("399"), row("400"));
        let (format, reading) = read("results.csv", &text);
        assert_eq!(format.map(|f| f.id), Some("hey"));
        let all = &reading.facts.load.as_ref().unwrap().all;
        assert_eq!((all.count, all.failed), (Some(3), Some(1)));
        let text = format!("{header}\n{}\n{}\n", row("200"), row(""));
        assert_eq!(read("results.csv", &text).1.state, crate::evidence::State::Unreadable);
    }
}
