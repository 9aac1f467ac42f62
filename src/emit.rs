//! Writes outputs: a temporary file beside the target, then a rename, so that nobody ever reads half a report.
//!
//! What is no regular file (a device, a pipe) is written to and never replaced.

use crate::evidence::text::shown;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How often, and how long each time, is waited for another run that writes into the same folder. One that takes longer
/// is not waited for: a report that stays away is worse than two that are written at once.
const LOCK_TRIES: u32 = 500;
const LOCK_WAIT: Duration = Duration::from_millis(20);
/// Names that are tried for a temporary file.
const NAME_TRIES: u32 = 100;

/// Creates the output folder, with its parents.
///
/// # Errors
/// In words.
pub fn create_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|e| format!("the folder {} cannot be made: {e}", shown(path)))
}

/// True for what is there and is neither a file nor a folder: a pipe, a device.
#[must_use]
pub fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// Writes one output.
///
/// # Errors
/// In words; the old file is untouched then.
pub fn write(path: &Path, content: &[u8]) -> Result<(), String> {
    let result = if replaceable(path) { replace(path, content) } else { write_stream(path, content) };
    result.map_err(|e| unwritten(path, &e))
}

/// Writes to what is there and is no regular file: a pipe, a device.
///
/// # Errors
/// Those of the stream; a pipe that nobody reads any more is one.
pub fn write_stream(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(content)
}

/// That a file cannot be written, in words.
#[must_use]
pub fn unwritten(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be written: {error}", shown(path))
}

/// Keeps other runs from writing into a folder as long as it lives, where the file system can do that.
#[must_use]
pub fn lock(folder: &Path) -> Option<File> {
    let folder = File::options().read(true).open(folder).ok()?;
    for _ in 0..LOCK_TRIES {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            Err(fs::TryLockError::Error(_)) => return None,
        }
    }
    None
}

/// Takes a document of an earlier run away, with what was left of writing it: a file is removed, and where that cannot be,
/// emptied. What a link leads to is emptied, and a device is left alone.
///
/// # Errors
/// In words, where the document is still there.
pub fn discard(path: &Path) -> Result<(), String> {
    for temporary in temporaries(path) {
        let _another_run_was_faster = fs::remove_file(temporary);
    }
    let result = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(meta) if meta.is_file() => fs::remove_file(path).or_else(|_| empty(path)),
        // A pipe among the documents is nobody's output, and whoever wrote to it would wait for a reader.
        Ok(_) if is_pipe(path) => fs::remove_file(path),
        _ if !replaceable(path) && !path.is_dir() => Ok(()),
        _ => empty(path),
    };
    result.map_err(|e| unwritten(path, &e))
}

fn empty(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).truncate(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map(|_| ()),
    }
}

/// Takes a file away, where it is there.
///
/// # Errors
/// In words.
pub fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {e}", shown(path)))
        }
        _ => Ok(()),
    }
}

/// Takes a folder away with everything in it.
///
/// # Errors
/// In words.
pub fn remove_folder(path: &Path) -> Result<(), String> {
    fs::remove_dir_all(path).map_err(|e| format!("{} cannot be removed: {e}", shown(path)))
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, with forward slashes.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// Writes a zip archive whose bytes depend on its entries alone: no times, no owners, no order but the given one.
///
/// # Errors
/// In words.
pub fn write_archive(path: &Path, entries: &[Entry]) -> Result<(), String> {
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let broken = |e: &dyn std::fmt::Display| format!("{} cannot be written: {e}", shown(path));
    for entry in entries {
        archive.start_file(&*entry.name, options).map_err(|e| broken(&e))?;
        archive.write_all(&entry.content).map_err(|e| broken(&e))?;
    }
    let content = archive.finish().map_err(|e| broken(&e))?.into_inner();
    write(path, &content)
}

/// Puts content behind what stands in a file.
///
/// # Errors
/// In words.
pub fn append(path: &Path, content: &[u8]) -> Result<(), String> {
    // A pipe would be waited for until somebody reads it, and a pipeline names a file.
    if is_pipe(path) {
        return Err(format!("{} is a pipe", shown(path)));
    }
    let written =
        OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| file.write_all(content));
    written.map_err(|e| unwritten(path, &e))
}

/// Only regular files are replaced, and only names that are not yet taken are created. A link is followed, so that
/// its target is what counts.
fn replaceable(path: &Path) -> bool {
    fs::metadata(path).map_or_else(|e| e.kind() == io::ErrorKind::NotFound, |meta| meta.is_file())
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo())
}

#[cfg(not(unix))]
const fn is_pipe(_: &Path) -> bool {
    false
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // The target of a link is replaced, not the link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (temporary, mut file) = temporary(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    drop(file);
    let result = written.and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        // The error that is told is the first one.
        let _already_gone = fs::remove_file(&temporary);
    }
    result
}

/// A new file beside `path`. Its name is that of no other run: processes of two machines or containers may have one number.
fn temporary(path: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let start = prefix(path)?;
    let mut tries = 0_u32;
    loop {
        let name = format!("{start}{}-{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let temporary = path.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && tries < NAME_TRIES => {
                tries = tries.saturating_add(1);
            }
            other => return other.map(|file| (temporary, file)),
        }
    }
}

/// What the names of a file's temporary files begin with.
fn prefix(path: &Path) -> io::Result<String> {
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    Ok(format!(".{}.", name.to_string_lossy()))
}

/// What runs that were stopped in the middle of writing a file left beside it.
fn temporaries(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(start), Ok(entries)) = (prefix(path), fs::read_dir(folder)) else { return Vec::new() };
    let ours = |name: &str| name.starts_with(&start) && name.ends_with(".tmp");
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| ours(name)).map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write(&path, b"long old content").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::metadata(&path).unwrap().len(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_and_a_link_are_never_replaced() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        write(Path::new("/dev/null"), b"x").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        write(&target, b"old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, b"newer").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&target).unwrap().len(), 5);
        let null = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write(&null, b"x").unwrap();
        assert!(fs::symlink_metadata(&null).unwrap().is_symlink());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_in_words() {
        assert!(write(Path::new("no/such/folder/x"), b"").unwrap_err().contains("cannot be written"));
    }
}
