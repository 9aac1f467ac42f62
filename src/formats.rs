//! The formats that are read: one table, one file each.
//!
//! A [`Format`] tells by the content of a file whether it is its own, and reads it into [`Facts`]. Formats know
//! the evidence model and the shared readers in [`mod@read`], never each other. Adding one is a file, a row in
//! [`FORMATS`] and a folder of fixtures.

pub mod coverage;
pub mod findings;
pub mod load;
pub mod read;
pub mod tests;
mod unread;
pub mod web;

use crate::evidence::coverage::Coverage;
use crate::evidence::state::Severity;
use crate::evidence::{Diagnostic, Facts, Kind, Producer, State};
use read::damage::{Damage, DamageKind, DamageLog, first_control};
use read::encoding::Decoded;
use read::fault::{Fault, FaultKind, Read, line_and_column};
use read::head::{Body, Head};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One format: how to know it and how to read it.
#[derive(Debug)]
pub struct Format {
    /// Stable id, the name of its file and of its fixtures folder.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it brings.
    pub kind: Kind,
    /// Tools that write it, for the table of formats.
    pub written_by: &'static str,
    /// Names of the XML elements that are read; none for other texts.
    pub elements: &'static [&'static str],
    /// Does this file belong to the format? Decided by content.
    pub sniff: fn(&Head<'_>) -> bool,
    /// Reads the file into `reading`. What is read before a fault stays read.
    pub parse: fn(&mut Reading<'_>) -> Read<()>,
}

/// Every format, in the order of the documentation.
pub const FORMATS: &[&Format] = &[
    &tests::junit::FORMAT,
    &coverage::lcov::FORMAT,
    &coverage::cobertura::FORMAT,
    &coverage::jacoco::FORMAT,
    &coverage::clover::FORMAT,
    &coverage::istanbul::FORMAT,
    &coverage::gocover::FORMAT,
    &findings::sarif::FORMAT,
    &web::lighthouse::FORMAT,
    &web::axe::FORMAT,
    &load::k6::FORMAT,
    &load::k6_points::FORMAT,
    &load::locust::FORMAT,
    &load::jmeter::FORMAT,
    &load::artillery::FORMAT,
    &load::autocannon::FORMAT,
    &load::hey::FORMAT,
];

/// The format with an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|f| f.id == id)
}

/// Remarks of one code that are kept of a file; the rest is counted.
const MAX_REMARKS_PER_CODE: usize = 20;

/// A file being read: its text, and what has been read of it so far.
#[derive(Debug)]
pub struct Reading<'a> {
    /// Path as shown.
    pub path: &'a str,
    /// The decoded text.
    pub text: &'a str,
    /// What was read.
    pub facts: Facts,
    /// Who wrote the file.
    pub producer: Producer,
    /// When, as the file tells it.
    pub timestamp: String,
    /// `Ok` until something says otherwise; the worst word wins.
    pub state: State,
    /// Why the state is not `Ok`.
    pub cause: String,
    /// Remarks.
    pub diagnostics: Vec<Diagnostic>,
    /// What a strict parser would refuse, noted by the readers.
    pub damage: DamageLog,
    left_out: std::collections::BTreeMap<String, u64>,
}

impl<'a> Reading<'a> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            text,
            facts: Facts::default(),
            producer: Producer::default(),
            timestamp: String::new(),
            state: State::Ok,
            cause: String::new(),
            diagnostics: Vec::new(),
            damage: DamageLog::of(text),
            left_out: std::collections::BTreeMap::new(),
        }
    }

    /// Adds a remark. Of one code the first few are kept and the rest is counted.
    pub fn remark(&mut self, diagnostic: Diagnostic) {
        let same = self.diagnostics.iter().filter(|d| d.code == diagnostic.code).count();
        if same < MAX_REMARKS_PER_CODE {
            self.diagnostics.push(diagnostic);
        } else {
            let count = self.left_out.entry(diagnostic.code).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Adds a warning at a byte offset of the text.
    pub fn warn(&mut self, at: usize, code: &str, message: impl Into<String>) {
        let same = self.diagnostics.iter().filter(|d| d.code == code).count();
        // The line costs a pass over the text, so it is looked up only for remarks that are kept.
        let remark = Diagnostic::warning(code, message);
        let remark = if same < MAX_REMARKS_PER_CODE {
            remark.at_line(line_and_column(self.text, at).0)
        } else {
            remark
        };
        self.remark(remark);
    }

    /// Marks the file as damaged in some way; the worst state and its cause are kept.
    pub fn mark(&mut self, state: State, cause: impl Into<String>) {
        if state > self.state {
            self.state = state;
            self.cause = cause.into();
        }
    }

    /// Takes in the remarks and the state of a reading of the part of the text that follows what was read so far.
    fn take_in(&mut self, part: Self) {
        part.diagnostics.into_iter().for_each(|diagnostic| self.remark(diagnostic));
        for (code, more) in part.left_out {
            let count = self.left_out.entry(code).or_default();
            *count = count.saturating_add(more);
        }
        self.mark(part.state, part.cause);
        let (damage, more) = part.damage.take();
        self.damage.add_more(more);
        damage.into_iter().for_each(|Damage { kind, at, message }| self.damage.note(kind, at, || message));
    }

    /// Notes a record that cannot be used, at a byte offset of the text: the file is not `ok`.
    pub fn damaged(&self, at: usize, message: impl Into<String>) {
        self.damage.note(DamageKind::Missing, at, || message.into());
    }

    /// Marks the file as what the noted damage makes of it.
    fn settle_damage(&mut self, format: &str) {
        let (damage, more) = self.damage.take();
        for Damage { kind, at, message } in damage {
            let (line, column) = line_and_column(self.text, at);
            self.mark(kind.state(), format!("line {line}, column {column}: {message}"));
            let code = format!("{format}.{}", kind.code());
            self.remark(Diagnostic::error(&code, message).at_line(line));
        }
        if more > 0 {
            let code = format!("{format}.{}", DamageKind::Missing.code());
            self.remark(Diagnostic::info(&code, format!("{more} more damaged places")));
        }
    }

    /// Writes down why reading stopped.
    fn stop(&mut self, format: &str, fault: &Fault) {
        let (line, column) = line_and_column(self.text, fault.at);
        let (state, problem) = match fault.kind {
            FaultKind::Truncated => (State::Truncated, "truncated"),
            FaultKind::Malformed => (State::Unreadable, "malformed"),
            FaultKind::Refused => (State::Unreadable, "refused"),
            FaultKind::Limit => (State::Unreadable, "limit"),
        };
        self.mark(state, format!("line {line}, column {column}: {}", fault.message));
        let code = format!("{format}.{problem}");
        self.remark(Diagnostic::error(&code, fault.message.clone()).at_line(line).help(fault.help));
    }

    /// Closes the list of remarks with what was left out of it.
    fn finish(&mut self) {
        for (code, count) in std::mem::take(&mut self.left_out) {
            self.diagnostics.push(Diagnostic::info(&code, format!("{count} more remarks of this kind")));
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy)]
pub enum Detection {
    /// One format claims it.
    Known(&'static Format),
    /// Several do.
    Ambiguous(&'static Format, &'static Format),
    /// None does.
    Unknown,
}

/// Tells the format of a text by its content.
#[must_use]
pub fn detect(path: &str, text: &str) -> Detection {
    match claims(&Head::new(path, text)) {
        Detection::Unknown if Head::is_long(text) && text.trim_start().starts_with(['{', '[']) => {
            claims(&Head::whole(path, text))
        }
        detection => detection,
    }
}

/// The format whose elements an XML file has in another letter case, where no format knows it as it is.
fn misspelt(head: &Head<'_>) -> Option<&'static Format> {
    let known = |name: &str| {
        let words = FORMATS.iter().flat_map(|format| format.elements);
        words.copied().find(|word| word.eq_ignore_ascii_case(name)).map(str::to_owned)
    };
    let mut head = head.clone();
    let Body::Xml(xml) = &mut head.body else { return None };
    let names = std::iter::once(&mut xml.root).chain(xml.tags.iter_mut().map(|(_, tag)| tag));
    for name in names {
        if let Some(word) = known(name) {
            *name = word;
        }
    }
    match claims(&head) {
        Detection::Known(format) => Some(format),
        Detection::Ambiguous(..) | Detection::Unknown => None,
    }
}

fn claims(head: &Head<'_>) -> Detection {
    let mut claims = FORMATS.iter().copied().filter(|f| (f.sniff)(head));
    match (claims.next(), claims.next()) {
        (None, _) => Detection::Unknown,
        (Some(only), None) => Detection::Known(only),
        (Some(a), Some(b)) => Detection::Ambiguous(a, b),
    }
}

/// Detects and reads one text. Never fails and never panics: whatever goes wrong is a state with its cause.
#[must_use]
pub fn read<'a>(path: &'a str, text: &'a str) -> (Option<&'static Format>, Reading<'a>) {
    let mut reading = Reading::new(path, text);
    let format = match detect(path, text) {
        Detection::Known(format) => {
            parse(format, &mut reading);
            Some(format)
        }
        Detection::Ambiguous(a, b) => {
            reading.mark(State::Ambiguous, format!("both {} and {} claim it", a.title, b.title));
            None
        }
        Detection::Unknown => {
            unknown(&mut reading);
            None
        }
    };
    reading.finish();
    (format, reading)
}

/// As [`read()`], of a text that was decoded from bytes. Bytes that its encoding does not have are damage: a flipped bit
/// looks the same.
#[must_use]
pub fn read_decoded<'a>(path: &'a str, decoded: &'a Decoded<'_>) -> (Option<&'static Format>, Reading<'a>) {
    let (format, mut reading) = read(path, &decoded.text);
    reading.diagnostics.splice(0..0, decoded.remarks.iter().cloned());
    let may_hide = format.is_some() || reading.state == State::Unrecognised;
    if let Some(at) = decoded.invalid.filter(|_| may_hide) {
        reading.mark(State::Unreadable, format!("byte {at}: not text in the encoding of the file"));
    }
    (format, reading)
}

fn parse(format: &'static Format, reading: &mut Reading<'_>) {
    let text = reading.text;
    let control = if text.len() < LONG {
        run(format, reading);
        first_control(text)
    } else {
        rayon::join(|| run(format, reading), || first_control(text)).1
    };
    if let Some(at) = control {
        let message = "a character that no text has: a torn write, or a flipped bit";
        reading.damage.note(DamageKind::Malformed, at, || message.to_owned());
    }
    reading.settle_damage(format.id);
    if reading.state == State::Ok && is_empty(&reading.facts) {
        reading.mark(State::Empty, "no record in it");
    }
}

/// Texts from this size on are looked through for forbidden characters by a second thread.
const LONG: usize = 1 << 20;

fn run(format: &'static Format, reading: &mut Reading<'_>) {
    // A reader's bug must cost one file, not the run; what it had read until then stays.
    match catch_unwind(AssertUnwindSafe(|| (format.parse)(reading))) {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => reading.stop(format.id, &fault),
        Err(_) => {
            reading.mark(State::Unreadable, "the reader failed: this is a bug in Shipworthy");
            let help = "please report it with the file";
            reading.remark(
                Diagnostic::error("internal.reader-panic", "the reader of this format failed").help(help),
            );
        }
    }
}

/// True where no record was read.
fn is_empty(facts: &Facts) -> bool {
    let no_tests = facts.tests.as_ref().is_none_or(|t| t.counts().total == 0);
    let no_coverage = facts.coverage.as_ref().is_none_or(Coverage::is_empty);
    // A findings file with a tool that ran is a result, even with nothing found.
    let no_findings = facts.findings.as_ref().is_none_or(|f| f.read == 0 && f.tools.is_empty());
    // A list of failures with none in it is a result of the load test that it stands beside.
    let no_load = facts.load.as_ref().is_none_or(|l| {
        l.part_of.is_none() && l.all.count.map_or_else(|| l.all.latency.is_empty(), |count| count == 0)
    });
    no_tests && no_coverage && no_findings && no_load && facts.pages.is_empty()
}

/// What a file's name says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Xml,
    Json,
    Coverage,
    Load,
    Nothing,
}

impl Claim {
    fn of(name: &str) -> Self {
        match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "xml" | "trx" | "nunit" => Self::Xml,
            "json" | "sarif" => Self::Json,
            "info" | "lcov" => Self::Coverage,
            "jtl" => Self::Load,
            "csv" if load::locust::TABLES.iter().any(|ending| name.ends_with(ending)) => Self::Load,
            "out" | "txt" | "cov" if name.starts_with("cover") => Self::Coverage,
            _ => Self::Nothing,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Xml => "XML",
            Self::Json => "JSON",
            Self::Coverage => "coverage",
            Self::Load => "load test",
            Self::Nothing => "evidence",
        }
    }
}

/// Well-formed text of no known format is `unrecognised`; text that is not what its name says is `unreadable`; text
/// that claims nothing is `ignored`.
fn unknown(reading: &mut Reading<'_>) {
    let head = Head::new(reading.path, reading.text);
    let claim = Claim::of(&head.name);
    match head.body {
        Body::Blank if claim == Claim::Nothing => reading.mark(State::Ignored, "an empty file"),
        Body::Blank => reading.mark(State::Empty, "the file is empty: its writer died or wrote nothing"),
        Body::Xml(_) if let Some(format) = misspelt(&head) => {
            let title = format.title;
            reading.mark(State::Unreadable, format!("{title} with names in another letter case: not read"));
        }
        Body::Xml(xml) => unknown_xml(reading, &xml.root, claim),
        Body::Json(_) => unknown_json(reading, head.name.ends_with(".sarif"), claim),
        Body::Text
            if [".csv", ".jtl"].iter().any(|ending| head.name.ends_with(ending))
                && load::resembles_table(reading.text) =>
        {
            reading.mark(State::Unreadable, "the header of a load test's table is damaged");
        }
        Body::Text if head.name.ends_with(".csv") && first_control(reading.text).is_some() => {
            reading.mark(State::Unreadable, "a table with characters that no text has: a torn write");
        }
        Body::Text if claim == Claim::Nothing => reading.mark(State::Ignored, "text of no known format"),
        Body::Text => {
            let first = reading.text.trim_start().lines().next().unwrap_or_default();
            let start = read::xml::clean(&crate::evidence::text::shorten(first, 60)).into_owned();
            reading.mark(State::Unreadable, format!("it is no {}: it begins with `{start}`", claim.name()));
        }
    }
    let told = reading.diagnostics.iter().any(|d| d.severity == Severity::Error);
    if matches!(reading.state, State::Unreadable | State::Truncated) && !told {
        let help = "look at the step that writes or downloads the file";
        reading.remark(Diagnostic::error("detect.not-what-it-says", reading.cause.clone()).help(help));
    }
}

fn unknown_xml(reading: &mut Reading<'_>, root: &str, claim: Claim) {
    if is_html(root, reading.text) {
        let state = if claim == Claim::Nothing { State::Ignored } else { State::Unreadable };
        return reading.mark(state, "it is a web page (HTML), not a report");
    }
    match whole_xml(reading.text, &reading.damage) {
        Ok(()) if root.is_empty() => reading.mark(State::Truncated, "it ends before its root element"),
        Ok(()) if matches!(claim, Claim::Json | Claim::Coverage) => {
            reading.mark(State::Unreadable, format!("it is XML, though its name says {}", claim.name()));
        }
        Ok(()) if let Some(known) = unread::of_xml(root, reading.text).filter(|known| known.is_red) => {
            let cause = format!("{} with failures, which is not read", known.title);
            reading.mark(State::Unread, cause.clone());
            reading.remark(Diagnostic::error("detect.unread", cause).help(known.help));
        }
        Ok(()) => {
            let cause = format!("XML with the root element `{root}`, of no known format");
            reading.mark(State::Unrecognised, cause);
        }
        Err(fault) => reading.stop("xml", &fault),
    }
    reading.settle_damage("xml");
}

fn unknown_json(reading: &mut Reading<'_>, says_sarif: bool, claim: Claim) {
    match whole_json(reading.text, &reading.damage) {
        // Decision, section 3: an empty list names no tool that ran, so that it cannot be told from one that did not.
        Ok(()) if is_empty_list(reading.text) => {
            let help = "let `shipworthy run` record the step that writes it, or have the tool write a format that names itself";
            reading.mark(
                State::Noop,
                "an empty list: it does not tell which tool ran, nor that it looked at anything",
            );
            reading.remark(Diagnostic::warning("detect.empty-list", reading.cause.clone()).help(help));
        }
        Ok(()) if matches!(claim, Claim::Xml | Claim::Coverage) => {
            reading.mark(State::Unreadable, format!("it is JSON, though its name says {}", claim.name()));
        }
        Ok(()) if says_sarif => {
            reading.mark(State::Unreadable, "it is JSON, but no SARIF, though its name says so")
        }
        Ok(()) => reading.mark(State::Unrecognised, "JSON of no known format"),
        Err(fault) => reading.stop("json", &fault),
    }
    reading.settle_damage("json");
}

/// `[]`, with white space anywhere.
fn is_empty_list(text: &str) -> bool {
    text.bytes().filter(|b| !b.is_ascii_whitespace()).eq(*b"[]")
}

fn is_html(root: &str, text: &str) -> bool {
    let start = text.trim_start().get(..15).unwrap_or_default().to_ascii_lowercase();
    root.eq_ignore_ascii_case("html") || start.starts_with("<!doctype html")
}

fn whole_xml(text: &str, damage: &DamageLog) -> Read<()> {
    let mut xml = read::xml::Xml::new(text, damage);
    while xml.next()?.is_some() {}
    Ok(())
}

/// One JSON value, or a stream of them (JSON lines).
fn whole_json(text: &str, damage: &DamageLog) -> Read<()> {
    let mut json = read::json::Json::new(text, damage);
    while !json.is_at_end() {
        json.skip()?;
    }
    Ok(())
}

#[cfg(test)]
mod unknown_tests {
    use super::*;

    #[test]
    fn what_no_format_claims_is_told_apart_by_what_its_name_promises() {
        for (path, text, want) in [
            ("a.xml", "", State::Empty),
            (".gitkeep", "", State::Ignored),
            ("a.xml", "<!DOCTYPE html><html></html>", State::Unreadable),
            ("a.xml", "<other/>", State::Unrecognised),
            ("a.xml", "<other>", State::Truncated),
            ("a.xml", "<?xml version='1.0'?>", State::Truncated),
            ("a.xml", "[INFO] running\n<testsuites/>", State::Unreadable),
            ("a.xml", "{}", State::Unreadable),
            ("a.json", "{\"a\": 1}", State::Unrecognised),
            ("a.json", "[ ]\n", State::Noop),
            ("a.json", "{\"a\": 1,}", State::Unreadable),
            ("a.json", "404: Not Found", State::Unreadable),
            ("a.sarif", "{\"a\": 1}", State::Unreadable),
            ("lcov.info", "T", State::Unreadable),
            ("cover.out", "", State::Empty),
            ("results.jtl", "", State::Empty),
            ("build.log", "compiling", State::Ignored),
        ] {
            let (format, reading) = read(path, text);
            assert!(format.is_none());
            assert_eq!(reading.state, want, "{path}: {text}");
        }
    }
}
