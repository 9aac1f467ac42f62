//! Folders, globs and files.

use super::{Found, Limits, Passed, Place, Request, Source, Unopened, Why, could_be_evidence};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Finds the files of every path that was given.
pub(super) fn walk(request: &Request) -> Found {
    let mut found = Found::default();
    let roots: Vec<PathBuf> = request.paths.iter().flat_map(|path| expand(path, &mut found.passed)).collect();
    let several = roots.len() > 1;
    for root in &roots {
        match fs::metadata(root) {
            Ok(meta) if meta.is_dir() => walk_folder(request, root, several, &mut found),
            Ok(meta) => found.sources.push(file(shown(root), meta.len(), true, root.clone())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                found.passed.push(passed(shown(root), "there is no such file or folder", Why::Missing));
            }
            Err(error) => found.passed.push(passed(shown(root), &cannot("opened", &error), Why::Unreadable)),
        }
    }
    found
}

fn file(path: String, bytes: u64, named: bool, place: PathBuf) -> Source {
    Source { path, bytes, named, note: None, budget: None, place: Place::File(place), nesting: 0 }
}

fn passed(path: String, reason: &str, why: Why) -> Passed {
    Passed { path, reason: reason.to_owned(), why }
}

/// Why something could not be done, without the numbers and names of the system's library.
fn cannot(what: &str, error: &std::io::Error) -> String {
    let cause = match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotFound => "it is gone".to_owned(),
        kind => kind.to_string(),
    };
    format!("Cannot be {what}: {cause}")
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Wildcards and alternatives make a pattern large only together; a path needs few of them.
const MAX_WILDCARDS: usize = 64;

/// A path that exists is itself; one with wildcards that does not is a glob, as shells without globs leave it. What
/// lies where the glob looks and cannot be read is passed.
fn expand(path: &Path, unread: &mut Vec<Passed>) -> Vec<PathBuf> {
    let text = shown(path);
    let wild = text.matches(['*', '?', '[', '{', ',']).count();
    if !text.contains(['*', '?', '[']) || wild > MAX_WILDCARDS || path.exists() {
        return vec![path.to_owned()];
    }
    let Ok(glob) = globset::GlobBuilder::new(&text).literal_separator(true).build() else {
        return vec![path.to_owned()];
    };
    let fixed: PathBuf = path
        .components()
        .take_while(|c| !c.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
        .collect();
    let base = if fixed.as_os_str().is_empty() { Path::new(".") } else { fixed.as_path() };
    let matcher = glob.compile_matcher();
    // `unit-*` means the folders of that name; `unit-*/**` means the files in them.
    let names_folders = !text.ends_with("**");
    // Without `**` nothing below the glob's own depth can fit.
    let below = path.components().count().saturating_sub(fixed.components().count());
    let depth = if text.contains("**") || text.contains('{') { usize::MAX } else { below };
    let mut walker = WalkDir::new(base).min_depth(1).max_depth(depth).sort_by_file_name().into_iter();
    let mut found: Vec<PathBuf> = Vec::new();
    while let Some(entry) = walker.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unread.extend(unwalked(&error, base));
                continue;
            }
        };
        let path = entry.path().strip_prefix("./").map_or_else(|_| entry.path().to_owned(), Path::to_owned);
        let folder = entry.file_type().is_dir();
        if (folder && !names_folders) || !matcher.is_match(&path) {
            continue;
        }
        match accept(base, &entry) {
            _ if folder || entry.file_type().is_file() => found.push(path),
            Accepted::File(_) | Accepted::LinkToFolder => found.push(path),
            Accepted::Not(reason, why) => unread.push(passed(shown(&path), reason, why)),
        }
        if folder {
            walker.skip_current_dir();
        }
    }
    // A glob that matches nothing stays in the list, so that it is reported as missing.
    if found.is_empty() && unread.is_empty() { vec![path.to_owned()] } else { found }
}

/// A folder that could not be read. Where there is none at all the path is missing, which is said elsewhere.
fn unwalked(error: &walkdir::Error, root: &Path) -> Option<Passed> {
    let path = error.path().unwrap_or(root);
    let cause = error.io_error().map_or_else(|| "a loop of links".to_owned(), |e| cannot("read", e));
    let gone = error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound) && path == root;
    (!gone).then(|| passed(shown(path), &cause, Why::Unreadable))
}

fn walk_folder(request: &Request, root: &Path, several: bool, found: &mut Found) {
    let prefix = if several { format!("{}/", shown(root).trim_end_matches('/')) } else { String::new() };
    let mut walker = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = walker.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.passed.extend(unwalked(&error, root));
                continue;
            }
        };
        let below = entry.path().strip_prefix(root).unwrap_or_else(|_| entry.path());
        let path = format!("{prefix}{}", shown(below));
        if entry.file_type().is_dir() {
            if entry.depth() > 0
                && let Some(reason) = excluded(request, &entry)
            {
                found.passed.push(passed(path, reason, Why::Ignored));
                walker.skip_current_dir();
            }
            continue;
        }
        match accept(root, &entry) {
            Accepted::File(bytes) => found.sources.push(file(path, bytes, false, entry.into_path())),
            Accepted::LinkToFolder => {
                found.passed.push(passed(path, "link to a folder, read by its own path", Why::Ignored));
            }
            Accepted::Not(reason, why) => found.passed.push(passed(path, reason, why)),
        }
    }
}

/// Why a folder is not entered.
fn excluded(request: &Request, entry: &DirEntry) -> Option<&'static str> {
    let path = entry.path();
    let parent = path.parent().and_then(Path::file_name);
    match entry.file_name().to_string_lossy().as_ref() {
        ".git" => Some("excluded: version control"),
        "node_modules" => Some("excluded: installed packages"),
        "shipworthy-report" => Some("excluded: written by Shipworthy"),
        "debug" | "release" if parent.is_some_and(|p| p == "target") => Some("excluded: build folder"),
        _ if path.join("pyvenv.cfg").is_file() => Some("excluded: virtual environment"),
        _ if request.exclude.iter().any(|out| same_place(out, path)) => {
            Some("excluded: written by Shipworthy")
        }
        _ => None,
    }
}

fn same_place(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Whether what is no folder may be evidence.
enum Accepted {
    /// A file of this size.
    File(u64),
    /// A link to a folder below the root.
    LinkToFolder,
    /// Neither, why, and what that means.
    Not(&'static str, Why),
}

/// What could be evidence by its name and cannot be reached holds the decision: somebody meant it to be read.
fn accept(root: &Path, entry: &DirEntry) -> Accepted {
    if !could_be_evidence(&entry.file_name().to_string_lossy()) {
        return Accepted::Not("no evidence by its ending", Why::Ignored);
    }
    if entry.path_is_symlink() {
        let (Ok(target), Ok(root)) = (entry.path().canonicalize(), root.canonicalize()) else {
            return Accepted::Not("Link to nothing", Why::Unread);
        };
        if !target.starts_with(root) {
            return Accepted::Not("Link out of the folder: not followed", Why::Unread);
        }
    }
    match fs::metadata(entry.path()) {
        Ok(meta) if meta.is_file() => Accepted::File(meta.len()),
        Ok(meta) if meta.is_dir() => Accepted::LinkToFolder,
        Ok(_) => Accepted::Not("Neither a file nor a folder", Why::Unread),
        Err(_) => Accepted::Not("Link to nothing", Why::Unread),
    }
}

/// What is read of a pipe: nothing tells beforehand how long it is.
const PIPE: u64 = 64 << 20;

/// Reads a file or pipe into the buffer, up to the limit.
#[expect(clippy::disallowed_methods, reason = "discover is the stage that opens inputs")]
pub(super) fn read_file(path: &Path, limits: &Limits, buffer: &mut Vec<u8>) -> Result<(), Unopened> {
    let refused = |what, e: &std::io::Error| Unopened::unreadable(cannot(what, e));
    let meta = fs::metadata(path).map_err(|e| refused("opened", &e))?;
    let limit = if meta.is_file() { limits.file_bytes } else { PIPE.min(limits.file_bytes) };
    // Before anything is read: what is too large costs a message.
    if meta.is_file() && meta.len() > limit {
        return Err(Unopened::too_large(limits));
    }
    if is_device(&meta) {
        return Err(Unopened::unreadable("Neither a file nor a pipe".to_owned()));
    }
    let file = fs::File::open(path).map_err(|e| refused("opened", &e))?;
    let len = usize::try_from(meta.len().min(limit)).unwrap_or(0);
    if meta.is_file() && len >= LARGE && read_blocks(&file, len, buffer) {
        return Ok(());
    }
    buffer.clear();
    buffer.reserve(len.saturating_add(1));
    let read = (&file).take(limit.saturating_add(1)).read_to_end(buffer).map_err(|e| refused("read", &e))?;
    if read as u64 > limit {
        return Err(Unopened::unreadable(format!("Larger than {} MiB (the limit here)", limit >> 20)));
    }
    Ok(())
}

/// Devices never end, or wait for somebody to type.
#[cfg(unix)]
fn is_device(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = meta.file_type();
    kind.is_char_device() || kind.is_block_device() || kind.is_socket()
}

/// There is nothing to tell it by.
#[cfg(not(unix))]
const fn is_device(_meta: &fs::Metadata) -> bool {
    false
}

/// From this size on a file is read by all threads: most of the time goes into the pages that it is copied to.
const LARGE: usize = 8 << 20;
/// What a thread reads at a time.
const BLOCK: usize = 4 << 20;

/// Reads the `len` bytes of a file in parallel. `false` where that does not work out, or the file is longer by now.
#[cfg(unix)]
fn read_blocks(file: &fs::File, len: usize, buffer: &mut Vec<u8>) -> bool {
    use rayon::prelude::*;
    use std::os::unix::fs::FileExt as _;
    // Fresh zeroed memory costs nothing until it is written to.
    *buffer = vec![0; len];
    let read = buffer.par_chunks_mut(BLOCK).enumerate().all(|(number, block)| {
        let offset = number.saturating_mul(BLOCK) as u64;
        file.read_exact_at(block, offset).is_ok()
    });
    read && file.read_at(&mut [0], len as u64).is_ok_and(|more| more == 0)
}

/// There is no reading at an offset without moving the file's own position.
#[cfg(not(unix))]
const fn read_blocks(_file: &fs::File, _len: usize, _buffer: &mut Vec<u8>) -> bool {
    false
}
