//! Tar archives: ustar, GNU and pax names, every entry by its header. What cannot be followed is named.

use super::archive::{Entry, Kind, Listing, Packing, Span, at};

const BLOCK: usize = 512;
/// Where the magic stands in a header.
const MAGIC: usize = 257;

/// True where the bytes begin with a header.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    let Some(block) = bytes.get(..BLOCK) else { return false };
    is_header(block) || (block.get(MAGIC..).is_some_and(|b| b.starts_with(b"ustar")))
}

/// True where the checksum of a header holds, which is counted with blanks in its own place.
fn is_header(block: &[u8]) -> bool {
    let sum: u64 =
        (0..).zip(block).map(|(n, byte)| if (148..156).contains(&n) { 32 } else { u64::from(*byte) }).sum();
    !block.starts_with(&[0]) && octal(at(block, 148, 8).unwrap_or_default()) == Some(sum)
}

/// A number in octal digits, or in binary with the highest bit set.
fn octal(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        return rest.iter().try_fold(0_u64, |sum, byte| sum.checked_mul(256)?.checked_add((*byte).into()));
    }
    let digits: Vec<u8> = field.iter().copied().filter(|b| !matches!(b, 0 | b' ')).collect();
    digits.iter().try_fold(0_u64, |sum, digit| {
        sum.checked_mul(8)?.checked_add(u64::from(digit.checked_sub(b'0').filter(|d| *d < 8)?))
    })
}

/// Text up to its first NUL.
fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field.split(|b| *b == 0).next().unwrap_or_default()).into_owned()
}

/// What extension headers say of the entry that follows them.
#[derive(Default)]
struct Said {
    name: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

/// Reads every header.
pub(super) fn list(bytes: &[u8], limit: usize) -> Listing {
    let mut listing = Listing::default();
    let (mut place, mut ended, mut said) = (0, false, Said::default());
    while let Some(block) = at(bytes, place, BLOCK) {
        if listing.is_over(limit) {
            return listing;
        }
        let content = place.saturating_add(BLOCK);
        if block.iter().all(|b| *b == 0) {
            ended = true;
            place = content;
            continue;
        }
        if !is_header(block) {
            // One damaged header does not hide the entries behind it.
            if !listing.damaged() {
                listing.damage(&format!("Corrupt tar: no header at byte {place}"));
            }
            place = content;
            continue;
        }
        if ended {
            listing.damage("Corrupt tar: entries after the end");
            ended = false;
        }
        let length = said.size.take().or_else(|| octal(at(block, 124, 12).unwrap_or_default()));
        let packed = length.and_then(|l| usize::try_from(l).ok()).unwrap_or(usize::MAX);
        if bytes.len().saturating_sub(content) < packed {
            listing.damage("Corrupt tar: it ends in the middle of an entry");
        }
        take(block, bytes, content, packed, &mut said, &mut listing);
        place = content.saturating_add(packed.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX));
    }
    if !ended {
        listing.damage("Corrupt tar: the end is missing");
    }
    listing
}

/// One header with its content: an extension of the next one, or an entry.
fn take(block: &[u8], bytes: &[u8], from: usize, packed: usize, said: &mut Said, listing: &mut Listing) {
    let kind = block.get(156).copied().unwrap_or_default();
    let content = bytes.get(from..).and_then(|b| b.get(..packed.min(b.len()))).unwrap_or_default();
    match kind {
        b'L' => return said.name = Some(text(content)),
        b'K' => return said.link = Some(text(content)),
        b'x' => return pax(content, said),
        b'g' => return,
        _ => {}
    }
    let said = std::mem::take(said);
    let name = said.name.unwrap_or_else(|| header_name(block));
    let link = said.link.unwrap_or_else(|| text(at(block, 157, 100).unwrap_or_default()));
    let folder = name.ends_with('/');
    let kind = match kind {
        _ if said.sparse => Kind::Other("sparse"),
        b'0' | 0 | b'7' if folder && packed > 0 => Kind::FolderWithContent,
        b'0' | 0 | b'7' if folder => Kind::Folder,
        b'0' | 0 | b'7' => Kind::File,
        b'5' if packed > 0 => Kind::FolderWithContent,
        b'5' => Kind::Folder,
        b'1' => Kind::SecondName(link),
        b'2' => Kind::Link(link),
        b'S' => Kind::Other("sparse"),
        _ => Kind::Other("special file"),
    };
    let span = Span { from, packed, size: packed as u64, packing: Packing::Stored, crc: None };
    listing.entries.push(Entry { name, kind, span });
}

/// The name in a header: ustar divides long ones.
fn header_name(block: &[u8]) -> String {
    let name = text(at(block, 0, 100).unwrap_or_default());
    let prefix = text(at(block, 345, 155).unwrap_or_default());
    let divided = at(block, MAGIC, 6) == Some(b"ustar\0") && !prefix.is_empty();
    if divided { format!("{prefix}/{name}") } else { name }
}

/// Records of a pax header: `LENGTH KEY=VALUE` and a line feed each.
fn pax(mut content: &[u8], said: &mut Said) {
    while let Some(blank) = content.iter().position(|b| *b == b' ') {
        let length = content.get(..blank).and_then(|b| std::str::from_utf8(b).ok()?.parse::<usize>().ok());
        let Some(record) = length.and_then(|l| content.get(blank.saturating_add(1)..l)) else { return };
        let record = String::from_utf8_lossy(record);
        match record.trim_end_matches('\n').split_once('=') {
            Some(("path", value)) => said.name = Some(value.to_owned()),
            Some(("linkpath", value)) => said.link = Some(value.to_owned()),
            Some(("size", value)) => said.size = value.parse().ok(),
            Some((key, _)) if key.starts_with("GNU.sparse") => said.sparse = true,
            _ => {}
        }
        content = length.and_then(|l| content.get(l..)).unwrap_or_default();
    }
}
