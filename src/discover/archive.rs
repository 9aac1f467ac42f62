//! Archives and packed files, in memory, with limits: a bomb costs a message. Which kind one is, its content says;
//! whatever cannot be opened is named and never passed over.

use super::{
    Content, Found, Limits, Opened, PACK_ENDING, Passed, Place, Source, Unopened, Why, could_be_evidence,
};
use super::{tar, zip};
use flate2::Crc;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

/// What a file may unpack to, however small it is.
const BUDGET_FLOOR: u64 = 64 << 20;

/// Where an entry lies in its archive, and what the archive says of it.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) packed: usize,
    /// Unpacked; the largest number where nothing tells.
    pub(super) size: u64,
    pub(super) packing: Packing,
    pub(super) crc: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Stored,
    Deflated,
    /// A method by its number.
    Unknown(u16),
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// By its name a folder, and there are bytes in it.
    FolderWithContent,
    /// A link, and where it leads, as far as that is told.
    Link(String),
    /// Another name of an entry of the same archive.
    SecondName(String),
    /// Neither a plain file nor a folder nor a link.
    Other(&'static str),
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The entries of an archive, and the first damage to it.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) entries: Vec<Entry>,
    damage: Option<String>,
}

impl Listing {
    pub(super) fn damage(&mut self, cause: &str) {
        self.damage.get_or_insert_with(|| cause.to_owned());
    }

    pub(super) const fn damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// True where there are more entries than the limit allows: nothing more is listed.
    pub(super) const fn is_over(&self, limit: usize) -> bool {
        self.entries.len() > limit
    }
}

/// Bytes of a length at a place.
pub(super) fn at(bytes: &[u8], from: usize, length: usize) -> Option<&[u8]> {
    bytes.get(from..from.checked_add(length)?)
}

pub(super) fn le16(bytes: &[u8], from: usize) -> Option<u16> {
    at(bytes, from, 2)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn le32(bytes: &[u8], from: usize) -> Option<u32> {
    at(bytes, from, 4)?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn le64(bytes: &[u8], from: usize) -> Option<u64> {
    at(bytes, from, 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// Kinds of archives that are not opened, by their first bytes.
const NOT_OPENED: [(&[u8], &str); 10] = [
    (b"7z\xBC\xAF\x27\x1C", "7z"),
    (b"Rar!\x1A\x07", "rar"),
    (b"\xFD7zXZ\0", "xz"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"\x04\x22\x4D\x18", "lz4"),
    (b"LZIP\x01", "lzip"),
    (b"\x1F\x9D", "compress"),
    (b"\x1F\xA0", "compress"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"!<arch>\n", "ar"),
];

/// What the bytes are, by themselves.
enum Magic {
    Gzip,
    Zip,
    Tar,
    NotOpened(&'static str),
    Plain,
}

fn magic(bytes: &[u8]) -> Magic {
    match bytes {
        [0x1F, 0x8B, ..] => Magic::Gzip,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Magic::Zip,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => Magic::NotOpened("bzip2"),
        _ => match NOT_OPENED.iter().find(|(start, _)| bytes.starts_with(start)) {
            Some((_, name)) => Magic::NotOpened(name),
            None if zip::ends_like_one(bytes) => Magic::Zip,
            None if tar::is_one(bytes) => Magic::Tar,
            None => Magic::Plain,
        },
    }
}

/// What a file of this size may unpack to.
fn budget(bytes: u64, limits: &Limits) -> u64 {
    bytes.saturating_mul(limits.inflate_ratio).max(BUDGET_FLOOR).min(limits.archive_bytes)
}

/// Opens what lies in the buffer, layer by layer.
pub(super) fn open(source: &Source, limits: &Limits, buffer: &mut Vec<u8>) -> Result<Opened, Unopened> {
    let budget = source.budget.unwrap_or_else(|| budget(buffer.len() as u64, limits));
    let (mut inflated, mut damage, mut layers): (Option<Vec<u8>>, _, _) = (None, None, 0);
    loop {
        let bytes: &[u8] = inflated.as_deref().unwrap_or(buffer);
        match magic(bytes) {
            Magic::Plain => break,
            Magic::NotOpened(kind) => {
                return Err(Unopened::unread(format!("{kind} archive: this kind is not opened")));
            }
            Magic::Gzip if layers > limits.nesting => return Err(too_deep(limits)),
            Magic::Zip | Magic::Tar if source.nesting >= limits.nesting => return Err(too_deep(limits)),
            Magic::Gzip => {
                layers = layers.saturating_add(1);
                let (content, fault) = gunzip(bytes, budget.min(limits.file_bytes))?;
                damage = damage.or(fault);
                inflated = Some(content);
            }
            kind @ (Magic::Zip | Magic::Tar) => {
                let bytes = inflated.take().unwrap_or_else(|| std::mem::take(buffer));
                let listing = match kind {
                    Magic::Tar => tar::list(&bytes, limits.archive_entries),
                    _ => zip::list(&bytes, limits.archive_entries),
                };
                let damage = damage.or(listing.damage).or_else(|| folder_with_content(&listing.entries));
                let found = entries(source, bytes, listing.entries, budget, limits)?;
                return Ok(Opened { content: Content::Archive(found), damage });
            }
        }
    }
    let content = inflated.map_or(Content::Bytes, Content::Inflated);
    Ok(Opened { content, damage })
}

/// The first entry that is a folder by its name, and is none.
fn folder_with_content(entries: &[Entry]) -> Option<String> {
    let entry = entries.iter().find(|e| e.kind == Kind::FolderWithContent)?;
    Some(format!("Corrupt archive: the folder `{}` has content", entry.name))
}

fn too_deep(limits: &Limits) -> Unopened {
    Unopened::unreadable(format!("More than {} archives are packed in each other", limits.nesting))
}

/// The entries that may be evidence, and those that are named alone.
fn entries(
    source: &Source,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    budget: u64,
    limits: &Limits,
) -> Result<Found, Unopened> {
    if entries.len() > limits.archive_entries {
        return Err(Unopened::unreadable(format!(
            "More than {} entries (the limit)",
            limits.archive_entries
        )));
    }
    let entries: Vec<Entry> = entries.into_iter().filter(|e| could_be_evidence(&e.name)).collect();
    let total = entries.iter().fold(0_u64, |sum, e| sum.saturating_add(declared(&e.span, limits)));
    if total > budget {
        let unpacked = format!("Unpacks to {} MiB ({} MiB allowed for its size)", total >> 20, budget >> 20);
        return Err(Unopened::unreadable(unpacked));
    }
    let archive = Arc::new(bytes);
    let files: HashSet<String> =
        entries.iter().filter(|e| e.kind == Kind::File).map(|e| e.name.clone()).collect();
    let mut names = Names { archive: &source.path, seen: HashSet::new(), numbers: HashMap::new() };
    let mut found = Found::default();
    for entry in entries {
        // The same bytes stand under the other name.
        let again = matches!(&entry.kind, Kind::SecondName(of) if files.contains(of));
        if again || entry.kind == Kind::Folder {
            continue;
        }
        let (path, note) = names.shown(&entry.name);
        if let Some(reason) = left_out(&entry) {
            found.passed.push(Passed { path, reason, why: Why::Unread });
            continue;
        }
        let size = declared(&entry.span, limits);
        found.sources.push(Source {
            path,
            bytes: size,
            named: false,
            note,
            budget: Some(share(source.nesting, size, total, budget)),
            place: Place::Entry { archive: Arc::clone(&archive), span: entry.span },
            nesting: source.nesting.saturating_add(1),
        });
    }
    Ok(found)
}

/// Why an entry is not opened.
fn left_out(entry: &Entry) -> Option<String> {
    match (&entry.kind, entry.span.packing) {
        (Kind::Link(_) | Kind::SecondName(_), _) => Some("Link in an archive: not followed".to_owned()),
        (Kind::Other(what), _) => Some(format!("{what} in an archive: not opened")),
        (_, Packing::Unknown(method)) => Some(format!("Packed by zip method {method}: not opened")),
        (Kind::File | Kind::Folder | Kind::FolderWithContent, Packing::Stored | Packing::Deflated) => None,
    }
}

/// What an entry may unpack to where it is an archive itself: its part of what the outer one may, so that archives in
/// archives together cost no more than that. Directly in the outermost one the ratio of any file does as well.
fn share(nesting: u32, size: u64, total: u64, budget: u64) -> u64 {
    let part = u128::from(budget).saturating_mul(size.into()).checked_div(total.max(1).into());
    let part = part.and_then(|s| u64::try_from(s).ok()).unwrap_or(budget);
    if nesting == 0 { part.max(size.saturating_mul(NESTED_RATIO)).min(budget) } else { part }
}

/// How many times its size an archive in the outermost one may unpack to, however small its part of that is.
const NESTED_RATIO: u64 = 64;

/// What an entry unpacks to, or at most can where nothing tells.
fn declared(span: &Span, limits: &Limits) -> u64 {
    let most = (span.packed as u64).saturating_mul(limits.inflate_ratio);
    if span.size == u64::MAX { most } else { span.size }
}

/// Paths as shown: two entries of one name get two.
struct Names<'a> {
    archive: &'a str,
    seen: HashSet<String>,
    numbers: HashMap<String, u32>,
}

impl Names<'_> {
    /// The path, and what is odd about it.
    fn shown(&mut self, name: &str) -> (String, Option<String>) {
        let name = name.replace('\\', "/");
        // The name is only shown, never opened; still no part of it may look like a way out of the archive.
        let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
        let name = if parts.is_empty() { "unnamed".to_owned() } else { parts.join("/") };
        let first = path(self.archive, &name);
        if self.seen.insert(first.clone()) {
            return (first, None);
        }
        // The number stands in front: endings say what a file is.
        let next = self.numbers.entry(name.clone()).or_insert(1);
        loop {
            *next = next.saturating_add(1);
            let path = path(self.archive, &format!("({next})/{name}"));
            if self.seen.insert(path.clone()) {
                return (path, Some(format!("Entry {next} named `{name}`")));
            }
        }
    }
}

/// A pack stands for the folder that it was made of.
fn path(archive: &str, name: &str) -> String {
    if archive.ends_with(PACK_ENDING) { name.to_owned() } else { format!("{archive}!/{name}") }
}

/// Unpacks one entry into the buffer; answers what is wrong with it.
pub(super) fn read_entry(
    archive: &[u8],
    span: &Span,
    limits: &Limits,
    buffer: &mut Vec<u8>,
) -> Result<Option<String>, Unopened> {
    let rest = archive.get(span.from..).unwrap_or_default();
    let packed = rest.get(..span.packed.min(rest.len())).unwrap_or_default();
    let size = declared(span, limits);
    if size > limits.file_bytes {
        return Err(Unopened::too_large(limits));
    }
    let fault = match span.packing {
        Packing::Deflated => inflate(flate2::read::DeflateDecoder::new(packed), size, buffer),
        _ => inflate(packed, size, buffer),
    };
    let mut crc = Crc::new();
    crc.update(buffer);
    let damage = if let Some(fault) = fault {
        Some(format!("Corrupt entry: {fault}"))
    } else if span.size != u64::MAX && buffer.len() as u64 != span.size {
        Some(format!("Corrupt entry: {} of {} bytes", buffer.len(), span.size))
    } else if span.crc.is_some_and(|want| want != crc.sum()) {
        Some("Corrupt entry: the checksum differs".to_owned())
    } else {
        None
    };
    Ok(damage)
}

/// Inflates a gzip file of one or more members; answers what is wrong behind what could be read.
fn gunzip(packed: &[u8], limit: u64) -> Result<(Vec<u8>, Option<String>), Unopened> {
    let mut content = Vec::new();
    let mut decoder = flate2::bufread::GzDecoder::new(packed);
    loop {
        let fault = inflate(&mut decoder, limit.saturating_sub(content.len() as u64), &mut content);
        if let Some(fault) = fault {
            if content.len() as u64 > limit {
                return Err(Unopened::unreadable(format!("Unpacks to more than {} MiB", limit >> 20)));
            }
            return Ok((content, Some(format!("Corrupt gzip: {fault}"))));
        }
        let rest = decoder.into_inner();
        // Blocks of tapes are filled up with zeros.
        if rest.iter().all(|b| *b == 0) {
            return Ok((content, None));
        }
        if !rest.starts_with(&[0x1F, 0x8B]) {
            return Ok((content, Some("Corrupt gzip: data after the end".to_owned())));
        }
        decoder = flate2::bufread::GzDecoder::new(rest);
    }
}

/// Reads to the end or one byte beyond the limit, since the size that a packed file declares is not to be trusted; what
/// came before a fault stays.
fn inflate(unpacked: impl Read, limit: u64, buffer: &mut Vec<u8>) -> Option<&'static str> {
    let before = buffer.len();
    match unpacked.take(limit.saturating_add(1)).read_to_end(buffer) {
        Ok(read) if read as u64 > limit => Some("more than it declares"),
        Ok(_) => None,
        Err(_) if buffer.len() == before => Some("it cannot be unpacked"),
        Err(_) => Some("it cannot be unpacked to its end"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            zip.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(content).unwrap();
        gz.finish().unwrap()
    }

    /// An archive of one header and its content an entry, with the two blocks that end it.
    fn tarred(entries: &[(&str, u8, &[u8])]) -> Vec<u8> {
        let mut tar = Vec::new();
        for (name, kind, content) in entries {
            let mut block = [0; 512];
            block[..name.len()].copy_from_slice(name.as_bytes());
            block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            block[148..156].fill(b' ');
            block[156] = *kind;
            block[257..263].copy_from_slice(b"ustar\0");
            let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
            block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            tar.extend(block);
            tar.extend(*content);
            tar.resize(tar.len().next_multiple_of(512), 0);
        }
        tar.resize(tar.len() + 1024, 0);
        tar
    }

    fn named(path: &str) -> Source {
        let place = Place::File(path.into());
        Source { path: path.to_owned(), bytes: 0, named: false, note: None, budget: None, place, nesting: 0 }
    }

    type Entries = Vec<(String, Vec<u8>)>;

    /// What every entry holds, and what is wrong with the archive or an entry.
    fn opened(path: &str, bytes: Vec<u8>, limits: &Limits) -> Result<(Entries, Vec<String>), String> {
        let mut buffer = bytes;
        let opened = open(&named(path), limits, &mut buffer).map_err(|e| e.cause)?;
        let mut wrong: Vec<String> = opened.damage.into_iter().collect();
        let Content::Archive(found) = opened.content else { panic!("no archive") };
        wrong.extend(found.passed.iter().map(|p| format!("{}: {}", p.path, p.reason)));
        let mut entries = Vec::new();
        for source in &found.sources {
            let mut content = Vec::new();
            wrong.extend(super::super::read(source, limits, &mut content).map_err(|e| e.cause)?);
            wrong.extend(source.note.clone());
            entries.push((source.path.clone(), content));
        }
        Ok((entries, wrong))
    }

    fn names(entries: &[(String, Vec<u8>)]) -> Vec<&str> {
        entries.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn names_that_climb_out_of_the_archive_stay_inside() {
        let zip = zipped(&[("../../etc/a.xml", b"<a/>"), ("b/c.png", b"")]);
        let (entries, wrong) = opened("x.zip", zip, &Limits::default()).unwrap();
        assert_eq!(entries, [("x.zip!/etc/a.xml".to_owned(), b"<a/>".to_vec())]);
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn bombs_are_cut_off() {
        let limits = Limits { archive_bytes: 1 << 20, ..Limits::default() };
        let zip = zipped(&[("bomb.xml", &vec![b' '; 4 << 20])]);
        assert!(opened("x.zip", zip.clone(), &limits).unwrap_err().contains("Unpacks to 4 MiB"));
        // A size that is declared too small cuts the entry off there.
        let mut lies = zip;
        let at = memchr::memmem::rfind(&lies, b"PK\x01\x02").unwrap() + 24;
        lies[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
        let (entries, wrong) = opened("x.zip", lies, &limits).unwrap();
        assert_eq!(entries[0].1.len(), 1001);
        assert!(wrong[0].contains("more than it declares"), "{wrong:?}");
        let few = Limits { archive_entries: 1, ..Limits::default() };
        assert!(opened("x.zip", zipped(&[("a.xml", b""), ("b.xml", b"")]), &few).is_err());
        let mut bomb = gzipped(&vec![b' '; 65 << 20]);
        assert!(bomb.len() < 1 << 20);
        let refused = open(&named("x.xml.gz"), &Limits::default(), &mut bomb).unwrap_err();
        assert_eq!(refused.cause, "Unpacks to more than 64 MiB");
    }

    #[test]
    fn archives_in_archives_share_what_the_outer_one_may_unpack_to() {
        let mut bytes = zipped(&[("a.xml", b"<a/>")]);
        for name in ["b.zip", "c.zip"] {
            bytes = zipped(&[(name, &bytes), ("other.txt", b"a word")]);
        }
        let mut opened = open(&named("x.zip"), &Limits::default(), &mut bytes).unwrap();
        let mut total = 64 << 20;
        while let Content::Archive(found) = opened.content {
            let Some(inner) = found.sources.iter().find(|s| s.path.ends_with(".zip")) else { break };
            assert!(inner.budget.unwrap() < total);
            total = inner.budget.unwrap();
            opened = super::super::open(inner, &Limits::default(), &mut Vec::new()).unwrap();
        }
        assert!(total < 64 << 20);
    }

    #[test]
    fn a_damaged_zip_is_said_and_what_is_there_is_read() {
        let zip = zipped(&[("a.xml", b"<a/>"), ("b.xml", b"<bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/>")]);
        let central = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
        let second = memchr::memmem::rfind(&zip, b"PK\x01\x02").unwrap();
        let mut one_gone = zip.clone();
        one_gone.drain(central..second);
        let mut flipped = zip.clone();
        flipped[0] ^= 1;
        let mut content = zip.clone();
        let at = memchr::memmem::find(&content, b"<a/>").unwrap_or(40);
        content[at + 1] ^= 1;
        let behind = [&zip[..], b"more"].concat();
        let before = [b"<testsuite/>", &zip[..]].concat();
        for (what, bytes, count) in [
            ("cut", zip[..central + 10].to_vec(), 2),
            ("cut before the directory", zip[..central].to_vec(), 2),
            ("an entry that is not listed", one_gone, 2),
            ("flipped head", flipped, 2),
            ("flipped content", content, 2),
            ("data behind", behind, 2),
            ("data before", before, 2),
        ] {
            let (entries, wrong) = opened("x.zip", bytes, &Limits::default()).unwrap();
            assert!(!wrong.is_empty(), "{what}: {entries:?}");
            assert!(entries.len() >= count.min(2), "{what}: {entries:?} {wrong:?}");
        }
        for at in 4..zip.len() {
            let (entries, wrong) = opened("x.zip", zip[..at].to_vec(), &Limits::default()).unwrap();
            assert!(!wrong.is_empty(), "cut at {at}: {entries:?}");
        }
    }

    #[test]
    fn odd_entries_are_read_or_named() {
        let mut zip = zipped(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>"), ("c.xml/", b"<c/>")]);
        while let Some(at) = memchr::memmem::find(&zip, b"b.xml") {
            zip[at] = b'a';
        }
        let (entries, wrong) = opened("x.zip", zip, &Limits::default()).unwrap();
        assert_eq!(names(&entries), ["x.zip!/a.xml", "x.zip!/(2)/a.xml", "x.zip!/c.xml"]);
        assert_eq!(entries[1].1, b"<b/>");
        assert_eq!(wrong, ["Corrupt archive: the folder `c.xml/` has content", "Entry 2 named `a.xml`"]);

        let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_symlink("l.xml", "a.xml", ::zip::write::SimpleFileOptions::default()).unwrap();
        let (entries, wrong) =
            opened("x.zip", zip.finish().unwrap().into_inner(), &Limits::default()).unwrap();
        assert!(entries.is_empty());
        assert_eq!(wrong, ["x.zip!/l.xml: Link in an archive: not followed"]);
    }

    #[test]
    fn tar_and_its_packed_forms_are_read() {
        let long = format!("{}/a.xml", "d".repeat(200));
        let pax = format!("{} path=p/b.xml\n", "00 path=p/b.xml\n".len());
        let tar = tarred(&[
            ("x", b'L', long.as_bytes()),
            ("short", b'0', b"<a/>"),
            ("x", b'x', pax.as_bytes()),
            ("short", b'0', b"<b/>"),
            ("d/", b'5', b""),
            ("l.xml", b'2', b""),
            ("s.xml", b'S', b""),
        ]);
        for bytes in [tar.clone(), gzipped(&tar), gzipped(&gzipped(&tar))] {
            let (entries, wrong) = opened("x.tar", bytes, &Limits::default()).unwrap();
            assert_eq!(entries[0], (format!("x.tar!/{long}"), b"<a/>".to_vec()));
            assert_eq!(entries[1], ("x.tar!/p/b.xml".to_owned(), b"<b/>".to_vec()));
            assert_eq!(
                wrong,
                [
                    "x.tar!/l.xml: Link in an archive: not followed",
                    "x.tar!/s.xml: sparse in an archive: not opened"
                ]
            );
        }
    }

    #[test]
    fn a_damaged_tar_is_said_and_what_is_there_is_read() {
        let tar = tarred(&[("a.xml", b'0', b"<a/>"), ("b.xml", b'0', b"<b/>")]);
        for at in 512..tar.len() - 512 {
            let (_, wrong) = opened("x.tar", tar[..at].to_vec(), &Limits::default()).unwrap();
            assert!(!wrong.is_empty(), "cut at {at}");
        }
        let mut flipped = tar.clone();
        flipped[3] ^= 1;
        let (entries, wrong) = opened("x.tar", flipped, &Limits::default()).unwrap();
        assert_eq!((names(&entries), wrong.len()), (vec!["x.tar!/b.xml"], 1));
        let more = [&tar[..], &tarred(&[("c.xml", b'0', b"<c/>")])].concat();
        let (entries, wrong) = opened("x.tar", more, &Limits::default()).unwrap();
        assert_eq!((entries.len(), wrong), (3, vec!["Corrupt tar: entries after the end".to_owned()]));
    }

    #[test]
    fn a_damaged_gzip_keeps_what_came_before() {
        let content: Vec<u8> =
            (0..20_000_u32).flat_map(|n| format!("<case n='{n}'/>").into_bytes()).collect();
        let whole = gzipped(&content);
        let open = |mut bytes: Vec<u8>| {
            let opened = open(&named("x.xml.gz"), &Limits::default(), &mut bytes).unwrap();
            let Content::Inflated(content) = opened.content else { panic!("not packed") };
            (content, opened.damage)
        };
        assert_eq!(open(whole.clone()), (content.clone(), None));
        assert_eq!(open([&whole[..], &whole[..], &[0; 100]].concat()).1, None);
        let (part, damage) = open(whole[..whole.len() / 2].to_vec());
        assert!(!part.is_empty() && content.starts_with(&part) && damage.is_some());
        assert!(open([&whole[..], b"more"].concat()).1.unwrap().contains("after the end"));
    }
}
