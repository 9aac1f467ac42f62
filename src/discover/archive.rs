//! Zip and gzip, in memory, with limits: a bomb costs a message.

use super::{Limits, PACK_ENDING, Place, Source, is_no_evidence};
use std::io::{Cursor, Read};
use std::sync::Arc;
use zip::ZipArchive;

/// Below this size the inflate ratio does not matter.
const RATIO_FLOOR: u64 = 64 << 20;

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, String> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|e| format!("a broken zip archive: {e}"))
}

/// The entries of a zip archive that may be evidence.
pub(super) fn entries(
    path: &str,
    bytes: Vec<u8>,
    nesting: u32,
    limits: &Limits,
) -> Result<Vec<Source>, String> {
    let bytes = Arc::new(bytes);
    let mut archive = open(&bytes)?;
    if archive.len() > limits.archive_entries {
        return Err(format!("{} entries, more than the limit of {}", archive.len(), limits.archive_entries));
    }
    let (mut sources, mut total) = (Vec::new(), 0_u64);
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|e| format!("a broken zip archive: {e}"))?;
        let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
        if !entry.is_file() || is_no_evidence(&name) {
            continue;
        }
        if entry.encrypted() {
            return Err(format!("`{name}` in it is encrypted"));
        }
        total = total.saturating_add(entry.size());
        // The name is only shown, never opened; still no part of it may look like a way out of the archive.
        let name =
            name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect::<Vec<_>>().join("/");
        let place = Place::Entry { archive: Arc::clone(&bytes), index };
        sources.push(Source {
            // A pack stands for the folder that it was made of.
            path: if path.ends_with(PACK_ENDING) { name } else { format!("{path}!/{name}") },
            bytes: entry.size(),
            named: false,
            place,
            nesting: nesting.saturating_add(1),
        });
    }
    if total > limits.archive_bytes {
        return Err(format!(
            "unpacks to {} MiB, more than the limit of {} MiB",
            total >> 20,
            limits.archive_bytes >> 20
        ));
    }
    Ok(sources)
}

/// Inflates one entry into the buffer.
pub(super) fn read_entry(
    archive: &[u8],
    index: usize,
    limits: &Limits,
    buffer: &mut Vec<u8>,
) -> Result<(), String> {
    let mut archive = open(archive)?;
    let entry = archive.by_index(index).map_err(|e| format!("a broken zip entry: {e}"))?;
    let packed = entry.compressed_size();
    inflate(entry, packed, limits, buffer)
}

/// Inflates a gzip file of one or more members.
pub(super) fn gunzip(packed: &[u8], limits: &Limits) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    inflate(flate2::read::MultiGzDecoder::new(packed), packed.len() as u64, limits, &mut content)?;
    Ok(content)
}

/// Reads to the end, or to the first limit: the size that a packed file declares is not to be trusted.
fn inflate(
    mut unpacked: impl Read,
    packed: u64,
    limits: &Limits,
    buffer: &mut Vec<u8>,
) -> Result<(), String> {
    let by_ratio = packed.saturating_mul(limits.inflate_ratio).max(RATIO_FLOOR);
    let limit = limits.file_bytes.min(by_ratio);
    let read = unpacked
        .by_ref()
        .take(limit.saturating_add(1))
        .read_to_end(buffer)
        .map_err(|e| format!("cannot be unpacked: {e}"))?;
    if read as u64 > limit {
        return Err(format!("unpacks to more than {} MiB from {} KiB: cut off", limit >> 20, packed >> 10));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn names_that_climb_out_of_the_archive_stay_inside() {
        let zip = zipped(&[("../../etc/a.xml", b"<a/>"), ("b/c.png", b"")]);
        let sources = entries("x.zip", zip, 0, &Limits::default()).unwrap();
        assert_eq!(sources.iter().map(|s| s.path.as_str()).collect::<Vec<_>>(), ["x.zip!/etc/a.xml"]);
        let mut buffer = Vec::new();
        super::super::open(sources.first().unwrap(), &Limits::default(), &mut buffer).unwrap();
        assert_eq!(buffer, b"<a/>");
    }

    #[test]
    fn bombs_are_cut_off() {
        let limits = Limits { file_bytes: 1 << 20, ..Limits::default() };
        let zip = zipped(&[("bomb.xml", &vec![b' '; 4 << 20])]);
        let sources = entries("x.zip", zip, 0, &limits).unwrap();
        let error = super::super::open(sources.first().unwrap(), &limits, &mut Vec::new()).unwrap_err();
        assert!(error.contains("cut off"), "{error}");
        let few = Limits { archive_entries: 1, ..Limits::default() };
        assert!(entries("x.zip", zipped(&[("a.xml", b""), ("b.xml", b"")]), 0, &few).is_err());
    }

    #[test]
    fn a_broken_archive_is_an_error_in_words() {
        let mut zip = zipped(&[("a.xml", b"<a/>")]);
        zip.truncate(20);
        assert!(entries("x.zip", zip, 0, &Limits::default()).unwrap_err().contains("broken zip"));
        assert!(gunzip(&[0x1F, 0x8B, 8, 0], &Limits::default()).unwrap_err().contains("cannot be unpacked"));
    }
}
