//! Sources to evidence: every file is read, detected and parsed on its own and in parallel, then normalised
//! together, in an order that does not depend on threads.

use crate::discover::{Content, Found, Limits, Passed, Source, Unopened, Why, open, read};
use crate::discover::{says_packed, unpacked_name};
use crate::evidence::provenance::{RunOutput, RunRecord};
use crate::evidence::text::shorten;
use crate::evidence::{Diagnostic, Evidence, Item, State, category};
use crate::formats;
use crate::formats::read::encoding::decode;
use crate::formats::read::xml::clean;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
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
    let opened = match open(source, limits, buffer) {
        Ok(opened) => opened,
        Err(Unopened { why, cause }) => return vec![broken(source, state(why), &cause)],
    };
    let damage = opened.damage.as_deref();
    match opened.content {
        Content::Bytes => {
            with_passed_over(damaged(source, read_item(source, &source.path, buffer, buffer), damage))
        }
        Content::Inflated(content) => {
            let item = read_item(source, unpacked_name(&source.path), buffer, &content);
            vec![damaged(source, item, damage)]
        }
        Content::Archive(found) => {
            let mut items = read_all(&found.sources, limits);
            items.extend(found.passed.into_iter().map(passed_over));
            match damage {
                Some(damage) => items.push(broken(source, State::Unreadable, damage)),
                None if items.is_empty() => {
                    let cause = "an archive without a file that could be evidence";
                    items.push(broken(source, State::Empty, cause));
                }
                None => {}
            }
            items
        }
    }
}

/// An item of which only a part could be had, or not the right bytes: what was read stays read.
fn damaged(source: &Source, mut item: Item, damage: Option<&str>) -> Item {
    let Some(damage) = damage else { return item };
    // A digest of half an entry would say that somebody changed the file.
    if source.is_entry() {
        item.sha256.clear();
    }
    if !item.state.is_damaged() {
        item.state = State::Unreadable;
        damage.clone_into(&mut item.cause);
    }
    item.diagnostics.push(unreadable(damage));
    item
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
    match read(source, limits, &mut content) {
        Ok(None) => Ok(content),
        Ok(Some(cause)) | Err(Unopened { cause, .. }) => Err(cause),
    }
}

/// A pack names the files that were passed over when it was made.
fn with_passed_over(item: Item) -> Vec<Item> {
    let passed = item.facts.run.iter().flat_map(|run| &run.passed_over);
    let folder = item.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let blanks: Vec<Item> = passed.map(|(name, why)| blank(&path(name), State::Ignored, why)).collect();
    std::iter::once(item).chain(blanks).collect()
}

/// Reads one file: `stored` are the bytes as they lie there, `content` what they unpack to, `name` its name unpacked.
fn read_item(source: &Source, name: &str, stored: &[u8], content: &[u8]) -> Item {
    let hash = || hex(&Sha256::digest(stored));
    let (item, sha256) = if stored.len() > LARGE {
        rayon::join(|| parse(source, name, content), hash)
    } else {
        (parse(source, name, content), hash())
    };
    Item { id: item_id(&source.path, &sha256), sha256, bytes: stored.len() as u64, ..item }
}

fn parse(source: &Source, name: &str, content: &[u8]) -> Item {
    let decoded = decode(content);
    if RunRecord::is_one(&source.path) {
        return record(&source.path, &decoded.text);
    }
    let (format, mut reading) = formats::read_decoded(name, &decoded);
    if let Some(note) = &source.note {
        reading.diagnostics.insert(0, Diagnostic::warning("archive.entry", note.clone()));
    }
    // Nothing was unpacked, though the name promises it: an error page, a cut download, a damaged head.
    if reading.state.is_harmless() && says_packed(name) {
        let cause = not_packed(&decoded.text);
        reading.diagnostics.push(unreadable(&cause));
        reading.mark(State::Unreadable, cause);
    }
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

/// What a file is that its name calls packed.
fn not_packed(text: &str) -> String {
    match text.trim().lines().next() {
        None => "0 bytes: the upload or the download failed".to_owned(),
        Some(first) => format!("Not an archive: starts with `{}`", clean(&shorten(first, 40))),
    }
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

fn unreadable(cause: &str) -> Diagnostic {
    Diagnostic::error("discover.unreadable", cause).help("download the artifact again")
}

fn broken(source: &Source, state: State, cause: &str) -> Item {
    let mut item = Item { bytes: source.bytes, ..blank(&source.path, state, cause) };
    item.diagnostics.push(if state == State::Unread { unread(cause) } else { unreadable(cause) });
    item
}

fn unread(cause: &str) -> Diagnostic {
    Diagnostic::error("discover.unread", cause)
        .help("upload the files themselves, or a .zip or .tar.gz of them without links and passwords")
}

const fn state(why: Why) -> State {
    match why {
        Why::Ignored => State::Ignored,
        Why::Missing => State::Missing,
        Why::Unreadable => State::Unreadable,
        Why::Unread => State::Unread,
    }
}

fn passed_over(passed: Passed) -> Item {
    let mut item = blank(&passed.path, state(passed.why), &passed.reason);
    if passed.why == Why::Unread {
        item.diagnostics.push(unread(&passed.reason));
    }
    item
}

/// Sorts by path and marks items whose bytes were read already for the same category.
fn normalise(mut items: Vec<Item>) -> Evidence {
    items.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
    hold_by_neighbours(&mut items);
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

/// The folder and the ending of a file.
fn neighbourhood(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder, name.rsplit_once('.').map_or("", |(_, ending)| ending))
}

/// What is nothing by its content, between archives of the same ending, is an archive that was damaged.
fn hold_by_neighbours(items: &mut [Item]) {
    let archives: HashSet<(String, String)> = items
        .iter()
        .filter_map(|item| item.path.rsplit_once("!/"))
        .map(|(archive, _)| neighbourhood(archive))
        .map(|(folder, ending)| (folder.to_owned(), ending.to_owned()))
        .collect();
    for item in items.iter_mut().filter(|i| i.state == State::Ignored && !i.sha256.is_empty()) {
        let (folder, ending) = neighbourhood(&item.path);
        if archives.contains(&(folder.to_owned(), ending.to_owned())) {
            "Not an archive, unlike the files beside it".clone_into(&mut item.cause);
            item.state = State::Unreadable;
            item.diagnostics.push(unreadable(&item.cause));
        }
    }
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
