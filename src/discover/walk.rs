//! Folders, globs and files.

use super::{Found, Limits, Passed, Place, Request, Source, Why, is_no_evidence};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Finds the files of every path that was given.
pub(super) fn walk(request: &Request) -> Found {
    let mut found = Found::default();
    let roots: Vec<PathBuf> = request.paths.iter().flat_map(|path| expand(path)).collect();
    let several = roots.len() > 1;
    for root in &roots {
        match fs::metadata(root) {
            Ok(meta) if meta.is_dir() => walk_folder(request, root, several, &mut found),
            Ok(meta) => found.sources.push(Source {
                path: shown(root),
                bytes: meta.len(),
                named: true,
                place: Place::File(root.clone()),
                nesting: 0,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                found.passed.push(passed(shown(root), "there is no such file or folder", Why::Missing));
            }
            Err(error) => {
                found.passed.push(passed(shown(root), &format!("cannot be opened: {error}"), Why::Unreadable))
            }
        }
    }
    found
}

fn passed(path: String, reason: &str, why: Why) -> Passed {
    Passed { path, reason: reason.to_owned(), why }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// A path that exists is itself; one with wildcards that does not is a glob, as shells without globs leave it.
fn expand(path: &Path) -> Vec<PathBuf> {
    let text = shown(path);
    if !text.contains(['*', '?', '[']) || path.exists() {
        return vec![path.to_owned()];
    }
    let Ok(glob) = globset::GlobBuilder::new(&text).literal_separator(true).build() else {
        return vec![path.to_owned()];
    };
    let fixed: PathBuf = path
        .components()
        .take_while(|c| !c.as_os_str().to_string_lossy().contains(['*', '?', '[']))
        .collect();
    let base = if fixed.as_os_str().is_empty() { Path::new(".") } else { fixed.as_path() };
    let matcher = glob.compile_matcher();
    // `unit-*` means the folders of that name; `unit-*/**` means the files in them.
    let names_folders = !text.ends_with("**");
    let mut walker = WalkDir::new(base).min_depth(1).sort_by_file_name().into_iter();
    let mut found: Vec<PathBuf> = Vec::new();
    while let Some(entry) = walker.next() {
        let Ok(entry) = entry else { continue };
        let path = entry.path().strip_prefix("./").map_or_else(|_| entry.path().to_owned(), Path::to_owned);
        let folder = entry.file_type().is_dir();
        if (entry.file_type().is_file() || (folder && names_folders)) && matcher.is_match(&path) {
            found.push(path);
            if folder {
                walker.skip_current_dir();
            }
        }
    }
    // A glob that matches nothing stays in the list, so that it is reported as missing.
    if found.is_empty() { vec![path.to_owned()] } else { found }
}

fn walk_folder(request: &Request, root: &Path, several: bool, found: &mut Found) {
    let prefix = if several { format!("{}/", shown(root).trim_end_matches('/')) } else { String::new() };
    let mut walker = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = walker.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(|| shown(root), shown);
                found.passed.push(passed(path, &format!("cannot be read: {error}"), Why::Unreadable));
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
            Ok(bytes) => found.sources.push(Source {
                path,
                bytes,
                named: false,
                place: Place::File(entry.into_path()),
                nesting: 0,
            }),
            Err(reason) => found.passed.push(passed(path, reason, Why::Ignored)),
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

/// The size of a file that may be evidence, or why it is passed over.
fn accept(root: &Path, entry: &DirEntry) -> Result<u64, &'static str> {
    if is_no_evidence(&entry.file_name().to_string_lossy()) {
        return Err("no evidence by its ending");
    }
    if entry.path_is_symlink() {
        let (Ok(target), Ok(root)) = (entry.path().canonicalize(), root.canonicalize()) else {
            return Err("a link to nothing");
        };
        if !target.starts_with(root) {
            return Err("a link out of the folder");
        }
    }
    let meta = fs::metadata(entry.path()).map_err(|_gone| "a link to nothing")?;
    if meta.is_file() { Ok(meta.len()) } else { Err("neither a file nor a folder") }
}

/// Reads a file, pipe or device into the buffer, up to the limit.
#[expect(clippy::disallowed_methods, reason = "discover is the stage that opens inputs")]
pub(super) fn read_file(path: &Path, limits: &Limits, buffer: &mut Vec<u8>) -> Result<(), String> {
    let file = fs::File::open(path).map_err(|e| format!("cannot be opened: {e}"))?;
    let len = file.metadata().ok().and_then(|m| usize::try_from(m.len().min(limits.file_bytes)).ok());
    let len = len.unwrap_or(0);
    if len >= LARGE && read_blocks(&file, len, buffer) {
        return Ok(());
    }
    buffer.clear();
    buffer.reserve(len.saturating_add(1));
    let read = (&file)
        .take(limits.file_bytes.saturating_add(1))
        .read_to_end(buffer)
        .map_err(|e| format!("cannot be read: {e}"))?;
    if read as u64 > limits.file_bytes {
        return Err(format!("larger than the limit of {} MiB for a file", limits.file_bytes >> 20));
    }
    Ok(())
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
