//! Where a result is: artifact, base address and line, brought to one path.

use super::super::super::read::fault::Read;
use super::super::super::read::json::{Json, Shape};
use super::tooling::index;
use crate::evidence::paths;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// No path is longer.
const MAX_PATH: usize = 16_384;
/// Roots that paths are made relative to.
const MAX_ROOTS: usize = 32;
/// A chain of base addresses longer than this is a mistake.
const MAX_BASES: usize = 32;

/// A place as a result writes it.
#[derive(Debug, Default)]
pub(super) struct Place<'a> {
    pub(super) uri: Cow<'a, str>,
    base: Cow<'a, str>,
    index: Option<usize>,
    pub(super) line: u32,
}

impl<'a> Place<'a> {
    /// True where the place names an artifact.
    pub(super) fn is_known(&self) -> bool {
        !self.uri.is_empty() || self.index.is_some()
    }

    /// A location of a result, in any version.
    pub(super) fn of_location(json: &mut Json<'a>) -> Read<Self> {
        let mut place = Self::default();
        let mut target = Self::default();
        json.object(|json, key| {
            match key {
                "physicalLocation" | "resultFile" => place.physical(json)?,
                "analysisTarget" => target.physical(json)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(if place.is_known() { place } else { target })
    }

    fn physical(&mut self, json: &mut Json<'a>) -> Read<()> {
        json.object(|json, key| {
            match key {
                "artifactLocation" | "fileLocation" => self.artifact(json)?,
                "region" => self.region(json)?,
                _ => self.property(json, key)?,
            }
            Ok(())
        })
        .map(drop)
    }

    fn region(&mut self, json: &mut Json<'a>) -> Read<()> {
        json.object(|json, key| {
            if key == "startLine" {
                self.line = json.number_as("a line number", |n| n.parse::<u32>().ok())?.unwrap_or(0);
            }
            Ok(())
        })
        .map(drop)
    }

    /// An artifact location; a bare string is its address.
    pub(super) fn artifact(&mut self, json: &mut Json<'a>) -> Read<()> {
        if json.shape()? == Shape::String {
            self.uri = json.text()?;
            return Ok(());
        }
        json.object(|json, key| self.property(json, key)).map(drop)
    }

    fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "uri" => self.uri = json.text()?,
            "uriBaseId" => self.base = json.text()?,
            "index" | "fileIndex" => self.index = index(json)?,
            _ => {}
        }
        Ok(())
    }
}

/// The artifacts and base addresses of a run.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    artifacts: Vec<Place<'a>>,
    bases: FxHashMap<String, Place<'a>>,
    /// Absolute folders that paths are made relative to, in order of preference.
    roots: Vec<String>,
}

impl<'a> Places<'a> {
    /// `run.artifacts`, or `run.files` as an array or as the object keyed by address of older versions.
    pub(super) fn read_artifacts(&mut self, json: &mut Json<'a>) -> Read<()> {
        if json.shape()? == Shape::Object {
            return json
                .object(|json, key| {
                    self.artifacts.push(Place { uri: Cow::Owned(key.to_owned()), ..Place::default() });
                    json.skip()
                })
                .map(drop);
        }
        json.array(|json, _| {
            let mut place = Place::default();
            json.object(|json, key| match key {
                "location" | "fileLocation" => place.artifact(json),
                "uri" | "uriBaseId" => place.property(json, key),
                _ => json.skip(),
            })?;
            self.artifacts.push(place);
            Ok(())
        })
        .map(drop)
    }

    pub(super) fn read_bases(&mut self, json: &mut Json<'a>) -> Read<()> {
        json.object(|json, name| {
            let mut place = Place::default();
            place.artifact(json)?;
            self.bases.insert(name.to_owned(), place);
            Ok(())
        })
        .map(drop)
    }

    /// Collects the folders that absolute paths are made relative to: the working folder, then every absolute base.
    pub(super) fn finish(&mut self, working_directory: &str) {
        let mut bases: Vec<&str> = self
            .bases
            .values()
            .filter(|b| b.base.is_empty() && is_absolute(&b.uri))
            .map(|b| b.uri.as_ref())
            .collect();
        bases.sort_unstable_by_key(|uri| (std::cmp::Reverse(uri.len()), *uri));
        let folder = |uri: &str| paths::normalise(&decoded(uri)).trim_end_matches('/').to_owned();
        let roots = std::iter::once(working_directory).chain(bases).map(folder);
        self.roots = roots.filter(|root| root.len() > 1 && root.starts_with('/')).take(MAX_ROOTS).collect();
    }

    /// The path of a place: resolved, decoded, relative to the root where that is known.
    pub(super) fn path(&self, place: &Place<'a>) -> String {
        let place = match place.index.and_then(|i| self.artifacts.get(i)) {
            Some(artifact) if place.uri.is_empty() => artifact,
            _ => place,
        };
        if place.uri.is_empty() {
            return String::new();
        }
        let based = self.based(place).unwrap_or_else(|| place.uri.clone().into_owned());
        let bare = without_variable(&based);
        let path = if is_web(bare) { bare.to_owned() } else { paths::normalise(&decoded(bare)).into_owned() };
        let below = |root: &String| path.strip_prefix(root.as_str())?.strip_prefix('/').map(str::to_owned);
        match self.roots.iter().find_map(below) {
            Some(relative) if !relative.is_empty() => relative,
            _ => path,
        }
    }

    /// The address with its relative bases before it. The outermost absolute base is the root that paths are
    /// relative to, so it is left out. Nothing for a chain that bites its own tail.
    fn based(&self, place: &Place<'a>) -> Option<String> {
        if place.uri.len() > MAX_PATH {
            return None;
        }
        let mut path = place.uri.clone().into_owned();
        let mut next = place.base.as_ref();
        for _ in 0..MAX_BASES {
            match self.bases.get(next) {
                Some(base) if !is_absolute(&path) && !is_absolute(&base.uri) => {
                    if path.len().saturating_add(base.uri.len()) > MAX_PATH {
                        return None;
                    }
                    if !base.uri.is_empty() {
                        path = format!("{}/{path}", base.uri.trim_end_matches('/'));
                    }
                    next = base.base.as_ref();
                }
                Some(base) if !is_absolute(&path) && !base.base.is_empty() => return Some(path),
                _ => return Some(path),
            }
        }
        None
    }
}

fn is_web(uri: &str) -> bool {
    uri.starts_with("http://") || uri.starts_with("https://")
}

/// True for an address with a scheme or drive, and for a path from the root.
fn is_absolute(uri: &str) -> bool {
    uri.starts_with(['/', '\\'])
        || uri.split_once(':').is_some_and(|(scheme, _)| {
            !scheme.is_empty()
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        })
}

/// Without a leading `%SRCROOT%/`, which some tools write into the address itself.
fn without_variable(uri: &str) -> &str {
    let rest = uri.strip_prefix('%').and_then(|t| t.split_once("%/"));
    rest.filter(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'))
        .map_or(uri, |(_, rest)| rest)
}

/// Percent escapes resolved; as written where they do not give UTF-8.
fn decoded(uri: &str) -> Cow<'_, str> {
    if !uri.contains('%') {
        return Cow::Borrowed(uri);
    }
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = tail.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match escape
            .filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|h| u8::from_str_radix(h, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(uri), Cow::Owned)
}
