//! Every format on every fixture: recognised by its own format alone, read as expected, and never fooled by a cut.

use crate::support::{files_below, root, same_as_committed, shipworthy};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use shipworthy::evidence::load::Judgement;
use shipworthy::evidence::{Facts, Kind, State};
use shipworthy::formats::read::encoding::decode;
use shipworthy::formats::read::head::Head;
use shipworthy::formats::{FORMATS, Format, read};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The end of a whole record or document: files of these formats may hold several, and what is missing behind the
/// end of one cannot be seen. A Go profile marks no end at all.
const ENDS: [(&str, &[&str]); 3] =
    [("gocover", &[""]), ("lcov", &["end_of_record"]), ("junit", &["</testsuites>", "</testsuite>"])];

/// Tables and streams, in which each line is whole by itself.
const LINES: [&str; 4] = ["hey", "jmeter", "k6_points", "locust"];

/// True where a cut falls behind a whole record or document.
fn is_whole(format: &Format, cut: &str) -> bool {
    if LINES.contains(&format.id) && !cut.starts_with('<') && cut.ends_with(['\n', '\r']) {
        return true;
    }
    let behind = |end: &&str| cut.rfind(end).is_some_and(|at| !cut[at + end.len()..].contains('<'));
    ENDS.iter().any(|(id, ends)| *id == format.id && ends.iter().any(behind))
}

fn folder(format: &Format) -> PathBuf {
    root().join("fixtures").join(format.kind.name()).join(format.id)
}

/// The cases of a format: folders but for the sources that made them.
fn cases(format: &Format) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder(format)).unwrap_or_else(|_| panic!("{} has no fixtures folder", format.id));
    let mut cases: Vec<PathBuf> =
        entries.map(|e| e.unwrap().path()).filter(|p| p.is_dir() && !p.ends_with("source")).collect();
    cases.sort();
    cases
}

fn inputs(case: &Path) -> Vec<PathBuf> {
    let is_input = |p: &PathBuf| !["ORIGIN.md", "expected.json"].iter().any(|n| p.ends_with(n));
    files_below(case).into_iter().filter(is_input).collect()
}

/// Every input of every format, for loops that take their time: they share it among the processors.
fn every_input() -> Vec<(&'static Format, PathBuf)> {
    let of = |format: &'static Format| {
        cases(format).iter().flat_map(|c| inputs(c)).map(|input| (format, input)).collect::<Vec<_>>()
    };
    FORMATS.iter().copied().flat_map(of).collect()
}

#[test]
fn ids_are_unique_and_every_format_is_documented() {
    let ids: BTreeSet<&str> = FORMATS.iter().map(|f| f.id).collect();
    assert_eq!(ids.len(), FORMATS.len());
    let docs = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    for format in FORMATS {
        let row = format!(
            "| `{}` | {} | {} | {} |",
            format.id,
            format.title,
            format.written_by,
            format.kind.name()
        );
        assert!(docs.contains(&row), "docs/formats.md has no row `{row}`");
        assert!(!format.written_by.is_empty(), "{}", format.id);
    }
}

#[test]
fn every_format_has_its_cases() {
    for format in FORMATS {
        let names: Vec<String> =
            cases(format).iter().map(|c| c.file_name().unwrap().to_string_lossy().into_owned()).collect();
        assert!(names.len() >= 3, "{}: {names:?}", format.id);
        assert!(names.iter().any(|n| n.contains("truncated")), "{}: no truncated case", format.id);
        assert!(names.iter().any(|n| n.contains("empty")), "{}: no empty case", format.id);
        for case in cases(format) {
            assert!(case.join("ORIGIN.md").is_file(), "{} does not say where it comes from", case.display());
        }
    }
}

#[test]
fn no_fixture_is_claimed_by_two_formats() {
    for format in FORMATS {
        for input in cases(format).iter().flat_map(|c| inputs(c)) {
            let bytes = std::fs::read(&input).unwrap();
            let text = decode(&bytes).text;
            let head = Head::whole(&input.to_string_lossy(), &text);
            let claims: Vec<&str> = FORMATS.iter().filter(|f| (f.sniff)(&head)).map(|f| f.id).collect();
            let foreign = claims.iter().any(|id| *id != format.id);
            assert!(!foreign && claims.len() <= 1, "{}: {claims:?}", input.display());
        }
    }
}

/// What `inspect` says of a case, without what only identifies the file.
fn inspected(case: &Path) -> Value {
    let relative = case.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    let output = shipworthy(&["inspect", "--format", "json", &relative]);
    let mut files = Map::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
        let path = object.remove("path").unwrap();
        let state = object.get("state").cloned();
        object.retain(|key, _| !matches!(key.as_str(), "sha256" | "bytes"));
        if let Some(Value::Array(remarks)) = object.get("diagnostics") {
            let codes: BTreeSet<&str> = remarks.iter().filter_map(|d| d["code"].as_str()).collect();
            object.insert("diagnostics".to_owned(), json!(codes));
        }
        if state != Some(json!("ignored")) {
            files.insert(path.as_str().unwrap().to_owned(), Value::Object(object));
        }
    }
    files.shift_remove("expected.json");
    Value::Object(files)
}

#[test]
fn fixtures_read_as_expected() {
    FORMATS.par_iter().flat_map(|format| cases(format)).for_each(|case| {
        let expected = serde_json::to_string_pretty(&inspected(&case)).unwrap() + "\n";
        same_as_committed(&case.join("expected.json"), &expected);
    });
}

/// Failures that a reading holds: failed tests, findings that count, failed requests, crossed thresholds.
fn failures(facts: &Facts) -> u64 {
    let tests = facts.tests.as_ref().map_or(0, |t| t.counts().bad().saturating_sub(t.undetailed.bad()));
    let findings = facts.findings.as_ref().map_or(0, |f| f.counted().count() as u64);
    let load = facts.load.as_ref().map_or(0, |l| {
        let requests = l.all.failed.unwrap_or(0);
        requests + l.judged(Judgement::Crossed) + l.errors.iter().map(|e| e.count).sum::<u64>()
    });
    tests + findings + load
}

/// Places to cut a text at: all of a small one, a spread of a large one.
fn cuts(text: &str) -> Vec<usize> {
    let step = (text.len() / 300).max(1);
    (0..text.len()).step_by(step).filter(|&at| text.is_char_boundary(at)).collect()
}

#[test]
fn a_cut_file_is_never_ok_and_keeps_the_failures_before_the_cut() {
    every_input().into_par_iter().with_max_len(1).for_each(|(format, input)| {
        let bytes = std::fs::read(&input).unwrap();
        let text = decode(&bytes).text;
        let path = input.to_string_lossy();
        let (found, whole) = read(&path, &text);
        if found.is_some() && whole.state != State::Unreadable {
            cut_everywhere(format, &path, &text);
        }
    });
}

fn cut_everywhere(format: &Format, path: &str, text: &str) {
    let mut before = 0;
    for at in cuts(text.trim_end()) {
        let (_, cut) = read(path, &text[..at]);
        if cut.state == State::Ok {
            assert!(is_whole(format, &text[..at]), "{path} reads as ok when cut at byte {at}");
        } else if LINES.contains(&format.id) && !text[..at].contains('\n') {
            // The header of a table is cut: no format is left that the name could promise.
            assert!(cut.state.is_damaged() || cut.state == State::Ignored, "{path} cut at byte {at}");
        } else {
            assert!(cut.state.is_damaged(), "{path} is {} when cut at byte {at}", cut.state.name());
        }
        let now = failures(&cut.facts);
        if format.kind == Kind::Tests {
            assert!(now >= before, "{path}: a failure read before is lost when cut at byte {at}");
            before = now;
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    every_input().into_par_iter().with_max_len(1).for_each(|(_, input)| {
        let bytes = std::fs::read(&input).unwrap();
        let step = (bytes.len() / 60).max(1);
        for at in (0..bytes.len()).step_by(step) {
            for mask in [0x01, 0x80, 0xFF] {
                let mut damaged = bytes.clone();
                damaged[at] ^= mask;
                let text = decode(&damaged).text;
                let (_, reading) = read("damaged", &text);
                let panicked = reading.diagnostics.iter().any(|d| d.code == "internal.reader-panic");
                assert!(!panicked, "{} panics when byte {at} is changed by {mask:#x}", input.display());
            }
        }
    });
}

/// Real files of other projects with the answers that those projects committed, where they are at hand.
#[test]
fn the_corpus_has_no_false_pass() {
    let Some(corpus) = std::env::var_os("SHIPWORTHY_CORPUS").map(PathBuf::from) else {
        println!("skipped: SHIPWORTHY_CORPUS is not set");
        return;
    };
    for row in std::fs::read_to_string(corpus.join("expected.tsv")).unwrap().lines().skip(1) {
        let [kind, _, path, expected] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a broken row: {row}")
        };
        let expected: Value = serde_json::from_str(expected).unwrap();
        let Ok(bytes) = std::fs::read(corpus.join(path)) else { continue };
        let text = decode(&bytes).text;
        let (_, reading) = read(path, &text);
        let bad = expected["bad"].as_u64().or(expected["counted"].as_u64()).unwrap_or(0);
        if matches!(kind, "tests" | "findings") && bad > 0 && reading.state == State::Ok {
            let read = failures(&reading.facts) + reading.facts.tests.map_or(0, |t| t.undetailed.bad());
            assert!(read > 0, "{path} has {bad} failures and reads as clean");
        }
    }
}
