//! Finds the files that may be evidence: folders, globs and single files; archives are opened in memory.
//!
//! The only stage that opens inputs. It never follows a link out of the root, never unpacks to disk, and every
//! limit it reaches is a remark that names the file and the limit.

mod archive;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files, folders and globs, as given.
    pub paths: Vec<PathBuf>,
    /// Folders that are never entered, such as the one that the report is written to.
    pub exclude: Vec<PathBuf>,
    /// Limits on what is read.
    pub limits: Limits,
}

/// Limits on what is read, so that hostile input costs no more than a message.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file, and largest entry of an archive, in bytes.
    pub file_bytes: u64,
    /// Sum of all entries of one archive, in bytes.
    pub archive_bytes: u64,
    /// Entries of one archive.
    pub archive_entries: usize,
    /// How many times larger than its packed form an entry may get, once it is larger than 64 MiB.
    pub inflate_ratio: u64,
    /// Archives inside archives.
    pub nesting: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 4 << 30,
            archive_bytes: 8 << 30,
            archive_entries: 100_000,
            inflate_ratio: 200,
            nesting: 3,
        }
    }
}

/// One file or archive entry that may be evidence, not yet read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as shown: as given for a file argument, below the root for a file in a folder.
    pub path: String,
    /// Size in bytes as far as it is known, for reading the largest first.
    pub bytes: u64,
    /// The file was named by the user, so that it is read whatever its name.
    pub named: bool,
    place: Place,
    nesting: u32,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Entry { archive: Arc<Vec<u8>>, index: usize },
}

/// A path that is no evidence, and why: passed over, out of reach, or not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Path as shown.
    pub path: String,
    /// Why it was not read.
    pub reason: String,
    /// What that means for the decision.
    pub why: Why,
}

/// What it means that a path was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing: excluded, or no evidence by its ending.
    Ignored,
    /// It was named and is not there.
    Missing,
    /// It is there and cannot be read.
    Unreadable,
}

/// What was found, sorted by path.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to read.
    pub sources: Vec<Source>,
    /// Files that are not read.
    pub passed: Vec<Passed>,
}

/// Finds the sources of a request.
#[must_use]
pub fn discover(request: &Request) -> Found {
    let mut found = walk::walk(request);
    found.sources.sort_by(|a, b| a.path.cmp(&b.path));
    found.passed.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What a source turned out to be.
#[derive(Debug)]
pub enum Opened {
    /// A plain file: its content is in the buffer.
    Bytes,
    /// A gzip file: the packed bytes are in the buffer, the content is here.
    Inflated(Vec<u8>),
    /// An archive with these entries.
    Archive(Vec<Source>),
}

/// Reads the bytes of a source as they lie there into `buffer`, which is cleared first.
///
/// # Errors
/// In words: it cannot be opened, or is larger than a limit.
pub fn read(source: &Source, limits: &Limits, buffer: &mut Vec<u8>) -> Result<(), String> {
    buffer.clear();
    match &source.place {
        Place::File(path) => walk::read_file(path, limits, buffer),
        Place::Entry { archive, index } => archive::read_entry(archive, *index, limits, buffer),
    }
}

/// Reads a source into `buffer`, which is cleared first, and opens it where it is packed.
///
/// # Errors
/// In words: it cannot be opened, is larger than a limit, or is a broken archive.
pub fn open(source: &Source, limits: &Limits, buffer: &mut Vec<u8>) -> Result<Opened, String> {
    read(source, limits, buffer)?;
    match buffer.as_slice() {
        [0x1F, 0x8B, ..] => archive::gunzip(buffer, limits).map(Opened::Inflated),
        [b'P', b'K', 3 | 5, 4 | 6, ..] if source.nesting >= limits.nesting => {
            Err(format!("more than {} archives are packed in each other", limits.nesting))
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            let entries = archive::entries(&source.path, std::mem::take(buffer), source.nesting, limits)?;
            Ok(Opened::Archive(entries))
        }
        _ => Ok(Opened::Bytes),
    }
}

/// Ending of packs: zip archives whose entries go by their own names.
pub const PACK_ENDING: &str = ".swz";

/// Endings of files that are never evidence, so that they are not even opened.
const NO_EVIDENCE: [&str; 58] = [
    "html", "htm", "css", "js", "mjs", "cjs", "ts", "tsx", "jsx", "map", "md", "rst", "png", "jpg", "jpeg",
    "gif", "svg", "ico", "webp", "webm", "mp4", "woff", "woff2", "ttf", "eot", "pdf", "py", "pyc", "java",
    "class", "jar", "war", "rs", "go", "c", "h", "cc", "cpp", "hpp", "o", "so", "a", "dll", "exe", "rb",
    "php", "cs", "kt", "swift", "sh", "toml", "lock", "gcda", "gcno", "exec", "db", "sqlite", "pdb",
];

/// True where the ending says that the file is no evidence.
fn is_no_evidence(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| NO_EVIDENCE.contains(&ending.to_ascii_lowercase().as_str()))
}
