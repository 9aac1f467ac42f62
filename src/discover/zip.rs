//! Zip archives by their central directory, read here entry by entry: a library that indexes by name loses one of two
//! entries that share it, and a directory that is cut or hides an entry has to be seen.

use super::archive::{Entry, Kind, Listing, Packing, Span, at, le16, le32, le64};
use memchr::memmem;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
/// Length of the end record without its comment.
const END_LENGTH: usize = 22;
/// A size or offset of this value stands in the 64-bit fields instead.
const IN_ZIP64: u64 = 0xFFFF_FFFF;

/// True where the bytes end like a zip archive, whatever they begin with.
pub(super) fn ends_like_one(bytes: &[u8]) -> bool {
    bytes.len().checked_sub(END_LENGTH).is_some_and(|at| bytes.get(at..).is_some_and(|b| b.starts_with(END)))
}

/// Where the central directory lies, and what its end says of it.
struct Directory {
    from: usize,
    to: usize,
    entries: u64,
    /// What has to be added to offsets: the archive may follow other data.
    shift: usize,
    damage: Option<String>,
}

/// Reads the directory, or what is left of the entries where there is none.
pub(super) fn list(bytes: &[u8], limit: usize) -> Listing {
    let mut listing = Listing::default();
    let Some(directory) = directory(bytes) else {
        listing.damage("Corrupt zip: the end is missing");
        recover(bytes, 0, bytes.len(), limit, &mut listing);
        return listing;
    };
    if let Some(damage) = &directory.damage {
        listing.damage(damage);
    }
    let (mut at, mut seen) = (directory.from, 0_u64);
    // What each entry takes up, so that what lies between them is looked at as well.
    let mut taken: Vec<(usize, usize)> = Vec::new();
    while at < directory.to && !listing.is_over(limit) {
        let Some((entry, header, next)) = central(bytes, at, &directory) else { break };
        seen = seen.saturating_add(1);
        at = next;
        if let Some(end) = entry.span.from.checked_add(entry.span.packed).filter(|_| entry.span.from > 0) {
            taken.push((header, end));
        } else {
            listing.damage(&format!("Corrupt zip: no content for `{}`", entry.name));
        }
        listing.entries.push(entry);
    }
    if at != directory.to || seen != directory.entries {
        listing.damage(&format!("Corrupt zip: the directory lists {seen} of {} entries", directory.entries));
    }
    hidden(bytes, &directory, taken, limit, &mut listing);
    listing
}

/// The end record, and the 64-bit one where there is one.
fn directory(bytes: &[u8]) -> Option<Directory> {
    let tail = bytes.len().saturating_sub(END_LENGTH.saturating_add(0xFFFF));
    let ends = memmem::rfind(bytes.get(tail..)?, END)?;
    let end = tail.checked_add(ends)?;
    let record = bytes.get(end..)?;
    let after = END_LENGTH.checked_add(le16(record, 20)?.into())?;
    let (mut entries, mut size, mut offset) =
        (u64::from(le16(record, 10)?), u64::from(le32(record, 12)?), u64::from(le32(record, 16)?));
    let mut to = end;
    let locator = end.checked_sub(20).and_then(|at| bytes.get(at..end)).filter(|b| b.starts_with(LOCATOR64));
    if locator.is_some() {
        let found = memmem::rfind(bytes.get(..end)?, END64)?;
        let record = bytes.get(found..)?;
        (entries, size, offset) = (le64(record, 32)?, le64(record, 40)?, le64(record, 48)?);
        to = found;
    }
    let from = to.checked_sub(usize::try_from(size).ok()?)?;
    let shift = from.checked_sub(usize::try_from(offset).ok()?)?;
    let damage = (record.len() != after).then(|| match record.len() > after {
        true => "Corrupt zip: data after the end".to_owned(),
        false => "Corrupt zip: the end is cut".to_owned(),
    });
    Some(Directory { from, to, entries, shift, damage })
}

/// One entry of the directory, where its local header lies, and where the next one begins.
fn central(bytes: &[u8], at: usize, directory: &Directory) -> Option<(Entry, usize, usize)> {
    let record = bytes.get(at..directory.to)?;
    if !record.starts_with(CENTRAL) {
        return None;
    }
    let (name, extra, comment) = (le16(record, 28)?, le16(record, 30)?, le16(record, 32)?);
    let name_end = 46_usize.checked_add(name.into())?;
    let extra_end = name_end.checked_add(extra.into())?;
    let next = at.checked_add(extra_end)?.checked_add(comment.into())?;
    let raw = record.get(46..name_end)?;
    let (mut packed, mut size, mut offset) =
        (u64::from(le32(record, 20)?), u64::from(le32(record, 24)?), u64::from(le32(record, 42)?));
    wide(record.get(name_end..extra_end)?, [&mut size, &mut packed, &mut offset]);
    let header = directory.shift.checked_add(usize::try_from(offset).ok()?)?;
    let packed = usize::try_from(packed).unwrap_or(usize::MAX);
    let from = content_of(bytes, header).unwrap_or(0);
    let crc = Some(le32(record, 16)?);
    let flags = le16(record, 8)?;
    let mode = le32(record, 38)? >> 16;
    let kind = kind(raw, flags, mode, packed, size);
    let span = Span { from, packed, size, packing: packing(le16(record, 10)?), crc };
    Some((Entry { name: String::from_utf8_lossy(raw).into_owned(), kind, span }, header, next))
}

/// Sizes and offset of more than 32 bits, in the order that the format gives them.
fn wide(mut extra: &[u8], fields: [&mut u64; 3]) {
    while let (Some(id), Some(length)) = (le16(extra, 0), le16(extra, 2)) {
        let Some(body) = extra.get(4..4_usize.saturating_add(length.into())) else { return };
        if id == 1 {
            let mut place = 0;
            for field in fields {
                if *field == IN_ZIP64
                    && let Some(value) = le64(body, place)
                {
                    *field = value;
                    place = place.saturating_add(8);
                }
            }
            return;
        }
        extra = extra.get(4_usize.saturating_add(length.into())..).unwrap_or_default();
    }
}

/// Where the content of an entry begins, behind its local header.
fn content_of(bytes: &[u8], header: usize) -> Option<usize> {
    let local = bytes.get(header..)?;
    let names = usize::from(le16(local, 26)?).checked_add(le16(local, 28)?.into())?;
    let from = header.checked_add(30)?.checked_add(names)?;
    (local.starts_with(LOCAL) && from <= bytes.len()).then_some(from)
}

const fn packing(method: u16) -> Packing {
    match method {
        0 => Packing::Stored,
        8 => Packing::Deflated,
        other => Packing::Unknown(other),
    }
}

fn kind(name: &[u8], flags: u16, mode: u32, packed: usize, size: u64) -> Kind {
    match mode & 0o170_000 {
        0o120_000 => return Kind::Link(String::new()),
        0 | 0o100_000 | 0o040_000 => {}
        _ => return Kind::Other("special file"),
    }
    if flags & 1 == 1 {
        return Kind::Other("encrypted");
    }
    // An empty folder, deflated, takes two bytes.
    match name.ends_with(b"/") || name.ends_with(b"\\") {
        true if size == 0 && packed <= 2 => Kind::Folder,
        true => Kind::FolderWithContent,
        false => Kind::File,
    }
}

/// Entries that the directory does not list: what lies between those that it lists is looked through.
fn hidden(
    bytes: &[u8],
    directory: &Directory,
    mut taken: Vec<(usize, usize)>,
    limit: usize,
    listing: &mut Listing,
) {
    taken.sort_unstable();
    taken.push((directory.from, directory.to));
    let mut cursor = 0;
    for (from, to) in taken {
        if cursor == 0 && from > 0 {
            listing.damage("Corrupt zip: data before the first entry");
        }
        if from > cursor {
            recover(bytes, cursor, from, limit, listing);
        }
        cursor = cursor.max(to);
    }
}

/// Entries by their local headers alone.
fn recover(bytes: &[u8], from: usize, to: usize, limit: usize, listing: &mut Listing) {
    let mut at = from;
    while let Some(found) = bytes.get(at..to).and_then(|gap| memmem::find(gap, LOCAL)) {
        if listing.is_over(limit) {
            return;
        }
        let header = at.saturating_add(found);
        at = header.saturating_add(LOCAL.len());
        let Some((entry, end)) = local(bytes, header, to) else { continue };
        listing.damage(&format!("Corrupt zip: the directory does not list `{}`", entry.name));
        at = end.max(at);
        listing.entries.push(entry);
    }
}

/// An entry by its local header, and where it ends.
fn local(bytes: &[u8], header: usize, to: usize) -> Option<(Entry, usize)> {
    let record = bytes.get(header..)?;
    let from = content_of(bytes, header)?;
    let raw = at(record, 30, le16(record, 26)?.into())?;
    let flags = le16(record, 6)?;
    let (mut packed, mut size) = (usize::try_from(le32(record, 18)?).ok()?, u64::from(le32(record, 22)?));
    let mut crc = Some(le32(record, 14)?);
    // Sizes that stand behind the content, or in 64-bit fields: it lasts until the next header at most.
    if flags & 8 != 0 || size == IN_ZIP64 {
        let rest = bytes.get(from..to)?;
        packed = memmem::find(rest, b"PK").unwrap_or(rest.len());
        (size, crc) = (u64::MAX, None);
    }
    let kind = kind(raw, flags, 0, packed, size);
    let span = Span { from, packed, size, packing: packing(le16(record, 8)?), crc };
    let entry = Entry { name: String::from_utf8_lossy(raw).into_owned(), kind, span };
    Some((entry, from.saturating_add(packed).min(to)))
}
