//! Systematic damage: every key, value, attribute, element and cell of every fixture is damaged in many ways, and two
//! independent witnesses judge what became of it. A strict parser: what it refuses is never `ok` and never harmless. And
//! the reading of the undamaged file: a value of the wrong type never makes a file look better and stay `ok`.
//!
//! `cargo test` damages eight places of each kind in each file, the same in every run. `SHIPWORTHY_MUTANTS=200` takes
//! that many, and `cargo test --test it damage -- --nocapture` prints how many mutants there were.

use crate::support::{files_below, root};
use rayon::prelude::*;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use shipworthy::evidence::coverage::Totals;
use shipworthy::evidence::load::Judgement;
use shipworthy::evidence::pages::RuleVerdict;
use shipworthy::evidence::{Facts, State};
use shipworthy::formats::read::encoding::decode;
use shipworthy::formats::{FORMATS, Reading, read, read_decoded};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// Places of one kind that are damaged in one file.
const SAMPLE: usize = 8;

/// A damaged text, and what was done to it.
struct Mutant {
    what: String,
    bytes: Vec<u8>,
    /// A value was replaced by one of another type or by no value, so that the file may not look better than before.
    wrong_type: bool,
    /// The undamaged text is one that a strict parser takes.
    was_strict: bool,
}

impl Mutant {
    const fn new(what: String, bytes: Vec<u8>) -> Self {
        Self { what, bytes, wrong_type: false, was_strict: true }
    }

    const fn wrong_type(what: String, bytes: Vec<u8>) -> Self {
        Self { what, bytes, wrong_type: true, was_strict: true }
    }
}

/// Inputs of all fixtures, without the large ones: they have nothing that the small ones do not have.
fn inputs() -> Vec<(PathBuf, Vec<u8>)> {
    let folders = FORMATS.iter().map(|f| root().join("fixtures").join(f.kind.name()).join(f.id));
    let files: BTreeSet<PathBuf> = folders.flat_map(|folder| files_below(&folder)).collect();
    let is_input = |path: &PathBuf| {
        !path.ends_with("ORIGIN.md")
            && !path.ends_with("expected.json")
            && !path.components().any(|c| c.as_os_str() == "source")
    };
    let all = files.into_iter().filter(is_input).map(|path| {
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    });
    all.filter(|(path, bytes)| {
        let text = decode(bytes).text.into_owned();
        read(&path.to_string_lossy(), &text).0.is_some()
    })
    .collect()
}

/// All places, or a spread of them.
fn spread<T>(places: Vec<T>) -> Vec<T> {
    let wanted = std::env::var("SHIPWORTHY_MUTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(SAMPLE);
    let step = places.len().div_ceil(wanted.max(1)).max(1);
    places.into_iter().step_by(step).collect()
}

// ---- The strict parsers.

/// Any JSON value, refused where an object has a key twice.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_str<E>(self, _: &str) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        while seq.next_element::<Strict>()?.is_some() {}
        Ok(Strict)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !keys.insert(key) {
                return Err(A::Error::custom("a key stands twice"));
            }
            map.next_value::<Strict>()?;
        }
        Ok(Strict)
    }
}

/// True where a strict parser of what the undamaged text is made of refuses a text.
fn is_refused(format: &str, original: &str, bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return true };
    let text = text.trim_start_matches('\u{feff}');
    let has_control = text.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r'));
    if has_control || format == "k6_points" && original.starts_with('{') {
        return has_control
            || text
                .lines()
                .any(|line| !line.trim().is_empty() && serde_json::from_str::<Strict>(line).is_err());
    }
    match original.trim_start().chars().next() {
        Some('{' | '[') => {
            // Python writes numbers without a value, and JavaScript cuts texts in the middle of a pair of surrogates.
            let tolerated = |error: &serde_json::Error| {
                let error = error.to_string();
                error.contains("surrogate") || error.contains("end of hex escape")
            };
            let has_nan = ["NaN", "Infinity"].iter().any(|n| text.contains(n));
            serde_json::from_str::<Strict>(text).is_err_and(|error| !tolerated(&error)) && !has_nan
        }
        Some('<') => {
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
            roxmltree::Document::parse_with_options(text.trim_start(), options).is_err()
        }
        _ => false,
    }
}

// ---- What a reading says, so that two can be compared.

/// Covered, and all that there are.
type Covered = (u64, u64);

/// The bad news of a reading: larger is worse.
#[derive(Debug, Clone, Default, PartialEq)]
struct News {
    failures: u64,
    violations: u64,
    bad_pages: u64,
    /// Covered and all, of lines and of branches.
    coverage: [Option<Covered>; 2],
    damaged: bool,
}

impl News {
    fn of(reading: &Reading<'_>) -> Self {
        let facts: &Facts = &reading.facts;
        let tests = facts.tests.as_ref().map_or(0, |t| t.counts().bad());
        let findings = facts.findings.as_ref().map_or(0, |f| f.counted().count() as u64);
        let load = facts.load.as_ref().map_or(0, |l| {
            l.all.failed.unwrap_or(0)
                + l.judged(Judgement::Crossed)
                + l.errors.iter().map(|e| e.count).sum::<u64>()
        });
        let totals = facts.coverage.as_ref().map(|c| Totals::of(&c.files)).unwrap_or_default();
        let rules = facts.pages.iter().flat_map(|page| &page.rules);
        Self {
            failures: tests + findings + load,
            violations: rules.filter(|rule| rule.verdict == RuleVerdict::Fail).count() as u64,
            bad_pages: facts.pages.iter().filter(|page| page.state != State::Ok).count() as u64,
            coverage: [totals.lines, totals.branches].map(|tally| tally.map(|t| (t.low, t.total))),
            damaged: reading.state.is_damaged(),
        }
    }

    /// In which way the news are better than before, if they are.
    fn better_than(&self, before: &Self) -> Option<&'static str> {
        let covers_more = |(now, then): (&Option<Covered>, &Option<Covered>)| match (now, then) {
            (Some((low, all)), Some((low_then, all_then))) => {
                u128::from(*low) * u128::from(*all_then) > u128::from(*low_then) * u128::from(*all)
            }
            _ => false,
        };
        match () {
            () if self.failures < before.failures => Some("fewer failures"),
            () if self.violations < before.violations => Some("fewer violations"),
            () if self.bad_pages < before.bad_pages => Some("fewer bad pages"),
            () if !self.damaged && before.damaged => Some("no longer damaged"),
            () if self.coverage.iter().zip(&before.coverage).any(covers_more) => Some("more coverage"),
            () => None,
        }
    }
}

/// What is wrong with how a mutant is read, if anything is.
fn fault(format: &str, path: &str, original: &str, before: &News, mutant: &Mutant) -> Option<&'static str> {
    let decoded = decode(&mutant.bytes);
    let (_, reading) = read_decoded(path, &decoded);
    if reading.diagnostics.iter().any(|d| d.code == "internal.reader-panic") {
        return Some("the reader panics");
    }
    if reading.state.is_damaged() {
        return None;
    }
    // Several documents in one file are read one after the other.
    let several = reading.diagnostics.iter().any(|d| d.code == "junit.several-roots");
    if !several && mutant.was_strict && is_refused(format, original, &mutant.bytes) {
        return Some("a strict parser refuses it");
    }
    if !mutant.wrong_type {
        return None;
    }
    if reading.state != State::Ok {
        return Some("a value of the wrong type makes it harmless");
    }
    News::of(&reading).better_than(before)
}

// ---- The mutators.

/// Where a JSON value stands, with the key before it.
struct JsonPlace {
    key: Option<(usize, usize)>,
    value: (usize, usize),
}

/// The places of all values of a well-formed JSON text.
fn json_places(text: &str) -> Vec<JsonPlace> {
    let mut places = Vec::new();
    let mut at = 0;
    while text[at..].trim_start().starts_with(['{', '[']) {
        at += text[at..].len() - text[at..].trim_start().len();
        at = json_value(text, at, None, &mut places);
        if text[at..].trim().is_empty() {
            break;
        }
    }
    places
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

fn string_end(text: &str, at: usize) -> usize {
    let mut escaped = false;
    for (offset, c) in text[at + 1..].char_indices() {
        match c {
            '"' if !escaped => return at + 1 + offset + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn json_value(text: &str, at: usize, key: Option<(usize, usize)>, places: &mut Vec<JsonPlace>) -> usize {
    let at = skip_space(text, at);
    let index = places.len();
    places.push(JsonPlace { key, value: (at, at) });
    let end = match text[at..].chars().next() {
        Some('"') => string_end(text, at),
        Some(open @ ('{' | '[')) => {
            let mut at = skip_space(text, at + 1);
            while !text[at..].starts_with(['}', ']']) && at < text.len() {
                let key = (open == '{').then(|| (at, string_end(text, at)));
                if let Some((_, end)) = key {
                    at = skip_space(text, end) + 1;
                }
                at = skip_space(text, json_value(text, at, key, places));
                if text[at..].starts_with(',') {
                    at = skip_space(text, at + 1);
                }
            }
            at + 1
        }
        _ => at + text[at..].find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(text[at..].len()),
    };
    places[index].value = (at, end);
    end
}

fn splice(text: &str, (from, to): (usize, usize), new: &str) -> Vec<u8> {
    [&text[..from], new, &text[to..]].concat().into_bytes()
}

fn json_mutants(text: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    // A document that is another one as a whole, or a list whose only element is, is no damage.
    let is_whole = |place: &JsonPlace| {
        let (before, after) = (&text[..place.value.0], &text[place.value.1..]);
        before.trim_end_matches([' ', '\n', '[']).is_empty()
            && after.trim_start_matches([' ', '\n', ']']).is_empty()
    };
    let inner = json_places(text).into_iter().filter(|place| !is_whole(place));
    for place in spread(inner.collect()) {
        let old = &text[place.value.0..place.value.1];
        let name = place.key.map_or("(element)", |(from, to)| &text[from..to]);
        let shape = |text: &str| match text.as_bytes().first() {
            Some(b't' | b'f') => 'b',
            Some(b'-' | b'0'..=b'9') => '0',
            Some(first) => char::from(*first),
            None => ' ',
        };
        for new in [
            "null",
            "\"\"",
            "\"x\"",
            "0",
            "-1",
            "1e9",
            "[]",
            "[null]",
            "{}",
            "{\"x\": null}",
            "true",
            "false",
        ] {
            // A list that became empty and the like are edits that nobody can see.
            if shape(new) != shape(old) {
                let what = format!("{name}: {new} for {}", old.chars().take(30).collect::<String>());
                mutants.push(Mutant::wrong_type(what, splice(text, place.value, new)));
            }
        }
        let Some(key) = place.key else { continue };
        let written = &text[key.0..key.1];
        for (how, bytes) in [
            ("twice", splice(text, (key.0, key.0), &format!("{written}: null, "))),
            ("twice, later", splice(text, (place.value.1, place.value.1), &format!(", {written}: null"))),
            ("NUL in the key", splice(text, (key.0 + 1, key.0 + 1), "\0")),
            ("line end in the key", splice(text, (key.0 + 1, key.0 + 1), "\n")),
            ("no colon", splice(text, (key.1, place.value.0), " ")),
            ("no closing quote", splice(text, (key.1 - 1, key.1), "")),
        ] {
            mutants.push(Mutant::new(format!("{name}: {how}"), bytes));
        }
    }
    mutants
}

/// A tag: where its name stands, and where the values of its attributes do.
struct Tag {
    name: (usize, usize),
    attributes: Vec<((usize, usize), (usize, usize))>,
}

/// The start tags of a well-formed XML text.
fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('<').map(|n| at + n) {
        let rest = &text[open..];
        let passed = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"), ("</", ">")];
        if let Some((_, end)) = passed.iter().find(|(start, _)| rest.starts_with(start)) {
            at = rest.find(end).map_or(text.len(), |n| open + n + end.len());
            continue;
        }
        let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/');
        let name_end = rest.find(is_end).map_or(text.len(), |n| open + n);
        let mut tag = Tag { name: (open + 1, name_end), attributes: Vec::new() };
        at = name_end;
        loop {
            at = skip_space(text, at);
            if at >= text.len() || text[at..].starts_with(['>', '/']) {
                break;
            }
            let Some(equals) = text[at..].find('=').map(|n| at + n) else { return tags };
            let value = skip_space(text, equals + 1);
            let Some(quote) = text[value..].chars().next() else { return tags };
            let Some(close) = text[value + 1..].find(quote).map(|n| value + 1 + n) else { return tags };
            tag.attributes.push(((at, at + text[at..equals].trim_end().len()), (value + 1, close)));
            at = close + 1;
        }
        tags.push(tag);
    }
    tags
}

fn xml_mutants(text: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for tag in spread(tags(text)) {
        let name = &text[tag.name.0..tag.name.1];
        let end_tag = format!("</{name}>");
        for (how, new) in [
            ("upper case", name.to_uppercase()),
            ("control character", format!("{name}\u{1}")),
            ("NUL", format!("\0{name}")),
            ("a digit first", format!("1{name}")),
            ("comment", format!("!-- {name} -- {name}")),
        ] {
            let mut bytes = splice(text, tag.name, &new);
            // The end tag goes along, so that only the name is wrong.
            if let Some(end) =
                String::from_utf8(bytes.clone()).ok().and_then(|t| t[tag.name.0..].find(&end_tag))
            {
                let from = tag.name.0 + end;
                bytes.splice(from..from + end_tag.len(), format!("</{new}>").into_bytes());
            }
            let wrong_type = how == "upper case" && new != name;
            let what = format!("<{name}>: {how}");
            mutants.push(Mutant { wrong_type, ..Mutant::new(what, bytes) });
        }
        for (attribute, value) in tag.attributes {
            let key = &text[attribute.0..attribute.1];
            let old = &text[value.0..value.1];
            let what =
                |how: &str| format!("<{name} {key}=\"{}\">: {how}", old.chars().take(30).collect::<String>());
            for (how, bytes) in [
                ("<", splice(text, (value.0, value.0), "a<b ")),
                ("bare &", splice(text, (value.0, value.0), "a & b ")),
                ("unknown entity", splice(text, (value.0, value.0), "&nbsp;")),
                ("NUL", splice(text, (value.0, value.0), "\0")),
                ("reference to NUL", splice(text, (value.0, value.0), "&#0;")),
                ("twice", splice(text, (attribute.0, attribute.0), &format!("{key}=\"\" "))),
                ("no quotes", splice(text, (value.0 - 1, value.1 + 1), "x")),
                ("no closing quote", splice(text, (value.1, value.1 + 1), "")),
                ("no value", splice(text, (attribute.1, value.1 + 1), "")),
            ] {
                mutants.push(Mutant::new(what(how), bytes));
            }
            let is_number =
                !old.is_empty() && old.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
            for new in ["x", "1;2", "0x10", "99999999999999999999999", "NaN"].iter().filter(|_| is_number) {
                let bytes = splice(text, value, new);
                mutants.push(Mutant::wrong_type(what(new), bytes));
            }
        }
    }
    mutants
}

/// The fourth cell of a branch of LCOV is a name, which may be anything.
fn is_name_of_arm(line: &str, cell: usize) -> bool {
    line.starts_with("BRDA:") && cell == 3
}

/// Lines and cells of texts that are neither.
fn line_mutants(text: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, at + line.trim_end().len()));
        at += line.len();
    }
    for (from, to) in spread(lines) {
        let line = &text[from..to];
        let what = |how: &str| format!("`{}`: {how}", line.chars().take(60).collect::<String>());
        let zeros = "\0".repeat(line.len());
        mutants.push(Mutant::wrong_type(what("zero-filled"), splice(text, (from, to), &zeros)));
        if to < text.trim_end().len() {
            let end = to + text[to..].find(|c: char| !c.is_whitespace()).unwrap_or(0);
            mutants.push(Mutant::wrong_type(what("merged"), splice(text, (to, end), "")));
            let merged = splice(text, (to, end), ",");
            mutants.push(Mutant::wrong_type(what("merged, with a comma"), merged));
        }
        mutants.push(Mutant::wrong_type(what("a quote before it"), splice(text, (from, from), "\"")));
        let mut cell = from;
        for (cell_number, part) in line.split([',', ':', ' ']).enumerate() {
            let range = (cell, cell + part.len());
            cell = range.1 + 1;
            if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) {
                for new in ["x", "1x", "99999999999999999999999"]
                    .iter()
                    .filter(|_| !is_name_of_arm(line, cell_number))
                {
                    let bytes = splice(text, range, new);
                    mutants.push(Mutant::wrong_type(what(&format!("{new} for {part}")), bytes));
                }
            }
        }
    }
    mutants
}

/// Damage that knows nothing of formats.
fn byte_mutants(bytes: &[u8], was_strict: bool) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let mut push =
        |what: String, bytes: Vec<u8>| mutants.push(Mutant { was_strict, ..Mutant::new(what, bytes) });
    for at in spread((0..bytes.len()).collect()) {
        for mask in [0x01, 0x08, 0x20, 0x80] {
            let mut copy = bytes.to_vec();
            copy[at] ^= mask;
            push(format!("byte {at} ^ {mask:#x}"), copy);
        }
        let mut copy = bytes.to_vec();
        copy.remove(at);
        push(format!("byte {at} lost"), copy);
        for length in [16, 512] {
            let mut copy = bytes.to_vec();
            let end = copy.len().min(at + length);
            copy[at..end].fill(0);
            push(format!("{length} zeros at {at}"), copy);
            let mut copy = bytes.to_vec();
            let end = copy.len().min(at + length);
            copy.drain(at..end);
            push(format!("{length} bytes lost at {at}"), copy);
        }
    }
    mutants
}

fn mutants(format: &str, bytes: &[u8], text: &str) -> Vec<Mutant> {
    let was_strict = !is_refused(format, text, bytes);
    let mut mutants = byte_mutants(bytes, was_strict);
    // Texts in other encodings, and those that are cut already, are damaged as bytes only.
    let is_plain = std::str::from_utf8(bytes).is_ok_and(|plain| plain == text);
    if is_plain && was_strict {
        mutants.extend(match text.trim_start().chars().next() {
            Some('{' | '[') => json_mutants(text),
            Some('<') => xml_mutants(text),
            _ => line_mutants(text),
        });
    }
    mutants
}

#[test]
fn damage_is_never_ok_and_never_looks_better() {
    let inputs = inputs();
    let results: Vec<(String, u64, Vec<String>)> = inputs
        .par_iter()
        .map(|(path, bytes)| {
            let decoded = decode(bytes);
            let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            let (format, reading) = read_decoded(&shown, &decoded);
            let format = format.unwrap().id;
            let before = News::of(&reading);
            let mut faults = Vec::new();
            let mutants = mutants(format, bytes, &decoded.text);
            for mutant in &mutants {
                if let Some(fault) = fault(format, &shown, &decoded.text, &before, mutant) {
                    faults.push(format!("{shown}: {}: {fault}", mutant.what));
                }
            }
            (format.to_owned(), mutants.len() as u64, faults)
        })
        .collect();
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let (mut report, mut faults) = (String::new(), 0);
    for (format, number, own) in &results {
        let (all, bad) = counts.entry(format).or_default();
        *all += number;
        *bad += own.len() as u64;
        faults += own.len();
        own.iter().take(12).for_each(|fault| writeln!(report, "{fault}").unwrap());
    }
    for (format, (all, bad)) in &counts {
        println!("{format}: {all} mutants, {bad} read wrongly");
    }
    assert!(faults == 0, "{faults} mutants are read wrongly, among them\n{report}");
}

#[test]
fn the_strict_parsers_refuse_what_they_should() {
    for (original, bad) in [
        ("{}", "{\"a\": 1, \"a\": 2}"),
        ("{}", "{\"a\": [{\"b\": 1, \"b\": 2}]}"),
        ("[]", "[1,]"),
        ("<a/>", "<a b='<'/>"),
        ("<a/>", "<a b='' b=''/>"),
        ("<a/>", "<a>&nbsp;</a>"),
        ("<a/>", "<a><!-- -- --></a>"),
        ("x", "a\0b"),
    ] {
        assert!(is_refused("", original, bad.as_bytes()), "{bad}");
        assert!(!is_refused("", original, original.as_bytes()), "{original}");
    }
}
