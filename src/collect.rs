//! Sources to evidence: every file is read, detected and parsed on its own and in parallel, then normalised
//! together, in an order that does not depend on threads.

use crate::discover::{Found, Limits, Opened, Passed, Source, Why, open, read};
use crate::evidence::provenance::{RunOutput, RunRecord};
use crate::evidence::{Diagnostic, Evidence, Item, State, category};
use crate::formats;
use crate::formats::read::encoding::{Decoded, decode};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Above this size hashing runs beside parsing.
const LARGE: usize = 4 << 20;

/// Reads everything that was found.
#[must_use]
pub fn collect(found: Found, limits: &Limits) -> Evidence {
    let Found { mut sources, passed } = found;
    // The largest first, so that none of them is left for one thread at the end.
    sources.sort_by_key(|s| Reverse(s.bytes));
    let mut items: Vec<Item> = read_all(&sources, limits);
    items.extend(passed.into_iter().map(passed_over));
    normalise(items)
}

fn read_all(sources: &[Source], limits: &Limits) -> Vec<Item> {
    let lists: Vec<Vec<Item>> = sources
        .par_iter()
        .with_max_len(1)
        .map_init(Vec::new, |buffer, source| read_source(source, limits, buffer))
        .collect();
    lists.into_iter().flatten().collect()
}

/// Reads one source; an archive gives an item an entry.
fn read_source(source: &Source, limits: &Limits, buffer: &mut Vec<u8>) -> Vec<Item> {
    match open(source, limits, buffer) {
        Ok(Opened::Bytes) => with_passed_over(read_item(source, buffer, buffer)),
        Ok(Opened::Inflated(content)) => vec![read_item(source, buffer, &content)],
        Ok(Opened::Archive(entries)) if entries.is_empty() => {
            vec![broken(source, State::Empty, "an archive without a file that could be evidence")]
        }
        Ok(Opened::Archive(entries)) => read_all(&entries, limits),
        Err(cause) => vec![broken(source, State::Unreadable, &cause)],
    }
}

/// Digests of the files that were found, sorted by path. Archives are digested as they are.
///
/// # Errors
/// In words, where one cannot be read.
pub fn fingerprints(found: Found, limits: &Limits) -> Result<Vec<RunOutput>, String> {
    let digested = |source: &Source| {
        let content = raw(source, limits).map_err(|why| format!("{}: {why}", source.path))?;
        let (path, bytes) = (source.path.clone(), content.len() as u64);
        Ok(RunOutput { path, sha256: hex(&Sha256::digest(&content)), bytes })
    };
    let mut outputs: Vec<RunOutput> =
        found.sources.par_iter().map(digested).collect::<Result<_, String>>()?;
    outputs.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(outputs)
}

/// The bytes of a source as they lie there.
///
/// # Errors
/// In words.
pub fn raw(source: &Source, limits: &Limits) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    read(source, limits, &mut content)?;
    Ok(content)
}

/// A pack names the files that were passed over when it was made.
fn with_passed_over(item: Item) -> Vec<Item> {
    let passed = item.facts.run.iter().flat_map(|run| &run.passed_over);
    let folder = item.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let blanks: Vec<Item> = passed.map(|(name, why)| blank(&path(name), State::Ignored, why)).collect();
    std::iter::once(item).chain(blanks).collect()
}

/// Reads one file: `stored` are the bytes as they lie there, `content` what they unpack to.
fn read_item(source: &Source, stored: &[u8], content: &[u8]) -> Item {
    let hash = || hex(&Sha256::digest(stored));
    let (item, sha256) = if stored.len() > LARGE {
        rayon::join(|| parse(source, content), hash)
    } else {
        (parse(source, content), hash())
    };
    Item { id: item_id(&source.path, &sha256), sha256, bytes: stored.len() as u64, ..item }
}

fn parse(source: &Source, content: &[u8]) -> Item {
    let Decoded { text, remarks } = decode(content);
    if RunRecord::is_one(&source.path) {
        return record(&source.path, &text);
    }
    let (format, mut reading) = formats::read(&source.path, &text);
    reading.diagnostics.splice(0..0, remarks);
    // A file that the user named is never passed over in silence.
    if source.named && reading.state == State::Ignored {
        reading.state = State::Unrecognised;
    }
    let mut item = Item {
        id: String::new(),
        path: source.path.clone(),
        sha256: String::new(),
        bytes: 0,
        format: format.map(|f| f.id),
        kind: format.map(|f| f.kind),
        producer: reading.producer,
        category: None,
        state: reading.state,
        cause: reading.cause,
        timestamp: reading.timestamp,
        diagnostics: reading.diagnostics,
        facts: reading.facts,
    };
    item.category = category::infer(&item);
    item
}

/// The record of a run: no evidence by itself, and damaged where it cannot be read.
fn record(path: &str, text: &str) -> Item {
    match RunRecord::parse(text) {
        Ok(run) => {
            let mut item = blank(path, State::Ignored, "the record of a run");
            item.facts.run = Some(Box::new(run));
            item
        }
        Err(cause) => blank(path, State::Unreadable, &cause),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

fn item_id(path: &str, sha256: &str) -> String {
    let digest = hex(&Sha256::digest(format!("{path}\0{sha256}")));
    format!("e-{}", digest.get(..10).unwrap_or_default())
}

/// An item of which nothing could be read.
fn blank(path: &str, state: State, cause: &str) -> Item {
    Item {
        id: item_id(path, ""),
        path: path.to_owned(),
        sha256: String::new(),
        bytes: 0,
        format: None,
        kind: None,
        producer: crate::evidence::Producer::default(),
        category: None,
        state,
        cause: cause.to_owned(),
        timestamp: String::new(),
        diagnostics: Vec::new(),
        facts: crate::evidence::Facts::default(),
    }
}

fn broken(source: &Source, state: State, cause: &str) -> Item {
    let mut item = Item { bytes: source.bytes, ..blank(&source.path, state, cause) };
    item.diagnostics
        .push(Diagnostic::error("discover.unreadable", cause).help("download the artifact again"));
    item
}

fn passed_over(passed: Passed) -> Item {
    let state = match passed.why {
        Why::Ignored => State::Ignored,
        Why::Missing => State::Missing,
        Why::Unreadable => State::Unreadable,
    };
    blank(&passed.path, state, &passed.reason)
}

/// Sorts by path and marks items whose bytes were read already for the same category.
fn normalise(mut items: Vec<Item>) -> Evidence {
    items.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
    let mut first: HashMap<(String, Option<String>), String> = HashMap::new();
    for item in &mut items {
        let has_records = item.format.is_some() && !item.sha256.is_empty();
        if !has_records {
            continue;
        }
        let key = (item.sha256.clone(), item.category.as_ref().map(|c| c.category.clone()));
        match first.get(&key) {
            // A damaged file stays damaged however often it is there.
            Some(path) if item.state == State::Ok => {
                item.state = State::Duplicate;
                item.cause = format!("the same bytes as {path}");
            }
            Some(_) => {}
            None => {
                first.insert(key, item.path.clone());
            }
        }
    }
    Evidence { items, ..Evidence::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_lower_case_and_padded() {
        assert_eq!(hex(&[0, 0xAB, 7]), "00ab07");
    }

    #[test]
    fn ids_depend_on_path_and_content() {
        assert_ne!(item_id("a", "1"), item_id("b", "1"));
        assert_ne!(item_id("a", "1"), item_id("a", "2"));
        assert_eq!(item_id("a", "1"), item_id("a", "1"));
    }
}
