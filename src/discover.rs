//! Finds the files that may be evidence: folders, globs and single files; archives are opened in memory.
//!
//! The only stage that opens inputs. It never follows a link out of the root, never unpacks to disk, and every
//! limit it reaches is a remark that names the file and the limit.

mod archive;
mod tar;
mod walk;
mod zip;

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
    /// How many times its size a packed file or an archive may unpack to, once that is more than 64 MiB.
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
            inflate_ratio: 64,
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
    /// What is odd about it; said in the report.
    pub note: Option<String>,
    /// What it may unpack to, where an outer archive has a limit.
    budget: Option<u64>,
    place: Place,
    nesting: u32,
}

impl Source {
    /// True for an entry of an archive.
    #[must_use]
    pub const fn is_entry(&self) -> bool {
        matches!(self.place, Place::Entry { .. })
    }
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Entry { archive: Arc<Vec<u8>>, span: archive::Span },
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
    /// It is there, could be evidence, and is not opened.
    Unread,
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

/// A source that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What it turned out to be.
    pub content: Content,
    /// What is wrong with it, where only a part could be read.
    pub damage: Option<String>,
}

/// What a source turned out to be.
#[derive(Debug)]
pub enum Content {
    /// A plain file: its content is in the buffer.
    Bytes,
    /// A gzip file: the packed bytes are in the buffer, the content is here.
    Inflated(Vec<u8>),
    /// An archive with these entries.
    Archive(Found),
}

/// Why a source could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// What that means for the decision.
    pub why: Why,
    /// In words.
    pub cause: String,
}

impl Unopened {
    const fn unread(cause: String) -> Self {
        Self { why: Why::Unread, cause }
    }

    const fn unreadable(cause: String) -> Self {
        Self { why: Why::Unreadable, cause }
    }

    fn too_large(limits: &Limits) -> Self {
        Self::unreadable(format!("Larger than {} MiB (the limit for a file)", limits.file_bytes >> 20))
    }
}

/// Reads the bytes of a source as they lie there into `buffer`, which is cleared first. What is wrong with an entry of
/// an archive whose content is there all the same is answered.
///
/// # Errors
/// It cannot be opened, or is larger than a limit.
pub fn read(source: &Source, limits: &Limits, buffer: &mut Vec<u8>) -> Result<Option<String>, Unopened> {
    buffer.clear();
    match &source.place {
        Place::File(path) => walk::read_file(path, limits, buffer).map(|()| None),
        Place::Entry { archive, span } => archive::read_entry(archive, span, limits, buffer),
    }
}

/// Reads a source into `buffer`, which is cleared first, and opens it where it is packed.
///
/// # Errors
/// It cannot be opened, is larger than a limit, or is of a kind that is not opened.
pub fn open(source: &Source, limits: &Limits, buffer: &mut Vec<u8>) -> Result<Opened, Unopened> {
    let damage = read(source, limits, buffer)?;
    let opened = archive::open(source, limits, buffer)?;
    Ok(Opened { damage: damage.or(opened.damage), ..opened })
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

/// False where the ending says that the file is no evidence, packed or not.
fn could_be_evidence(name: &str) -> bool {
    unpacked_name(name)
        .rsplit_once('.')
        .is_none_or(|(_, ending)| !NO_EVIDENCE.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Endings of archives and packed files, whether they are opened or not.
const PACKED: [&str; 22] = [
    "zip", "swz", "gz", "gzip", "tgz", "tar", "taz", "tbz", "tbz2", "txz", "tzst", "7z", "rar", "xz", "bz2",
    "zst", "zstd", "lz4", "lzma", "lz", "cpio", "cab",
];

/// Endings that a download in parts or a copy adds.
const ADDED: [&str; 9] = ["part", "partial", "tmp", "temp", "download", "crdownload", "bak", "old", "orig"];

/// True where a file is an archive or packed by its name.
#[must_use]
pub fn says_packed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let mut endings = name.rsplit('.');
    let last = endings.next().unwrap_or_default();
    let added = ADDED.contains(&last) || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
    let ending = if added { endings.next().unwrap_or_default() } else { last };
    // The last piece is the name itself, not an ending.
    endings.next().is_some() && PACKED.contains(&ending)
}

/// The name of what a gzip file holds: `junit.xml` for `junit.xml.gz`.
#[must_use]
pub fn unpacked_name(path: &str) -> &str {
    let Some((name, ending)) = path.rsplit_once('.') else { return path };
    if ["gz", "gzip"].iter().any(|e| ending.eq_ignore_ascii_case(e)) { name } else { path }
}
