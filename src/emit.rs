//! Writes outputs: a temporary file beside the target, then a rename, so that nobody ever reads half a report.
//!
//! What is no regular file (a device, a pipe) is written to and never replaced.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Creates the output folder, with its parents.
///
/// # Errors
/// In words.
pub fn create_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|e| format!("the folder {} cannot be made: {e}", path.display()))
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
    let result = if replaceable(path) { replace(path, content) } else { write_through(path, content) };
    result.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Takes a file away, where it is there.
///
/// # Errors
/// In words.
pub fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {e}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Takes a folder away with everything in it.
///
/// # Errors
/// In words.
pub fn remove_folder(path: &Path) -> Result<(), String> {
    fs::remove_dir_all(path).map_err(|e| format!("{} cannot be removed: {e}", path.display()))
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
    let broken = |e: &dyn std::fmt::Display| format!("{} cannot be written: {e}", path.display());
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
    let written =
        OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| file.write_all(content));
    written.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Only regular files are replaced, and only names that are not yet taken are created. A link is followed, so that
/// its target is what counts.
fn replaceable(path: &Path) -> bool {
    fs::metadata(path).map_or_else(|e| e.kind() == io::ErrorKind::NotFound, |meta| meta.is_file())
}

fn write_through(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(content)
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // The target of a link is replaced, not the link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    let temporary = path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let result = written.and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        // The file may not even have been created; the error that is told is the first one.
        let _already_gone = fs::remove_file(&temporary);
    }
    result
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
