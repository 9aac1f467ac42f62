//! Finding the end of a value on plain bytes: the quick half of [`Json`](super::Json).
//!
//! Most of a report is never asked for, so passing over it is what the time goes into. These functions accept
//! exactly what the careful reader accepts without a remark, and say nothing about what they do not accept.

use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// Keys of one object that are compared one by one; beyond it they are looked up.
const FEW: usize = 16;

/// The keys of one object that were seen. As they stand in the text they lie in a stack that all open objects share.
pub(super) struct Known<'t> {
    first: usize,
    /// A bit for each key, by a rough hash: most keys are new, and most of those by this alone.
    marks: u64,
    /// All of them, where there are many, or some are written with escapes.
    many: Option<Box<FxHashSet<Cow<'t, [u8]>>>>,
}

impl<'t> Known<'t> {
    /// Nothing yet of an object that opens.
    pub(super) const fn of(seen: &[&'t [u8]]) -> Self {
        Self { first: seen.len(), marks: 0, many: None }
    }

    /// Takes in a key as it stands in the text; true where the object has it already.
    pub(super) fn again(&mut self, seen: &mut Vec<&'t [u8]>, key: &'t [u8]) -> bool {
        if self.many.is_some() || seen.len().saturating_sub(self.first) >= FEW {
            return !self.all(seen).insert(Cow::Borrowed(key));
        }
        let mark = mark(key);
        let again = self.marks & mark != 0 && seen.get(self.first..).unwrap_or_default().contains(&key);
        self.marks |= mark;
        seen.push(key);
        again
    }

    /// As [`Known::again`], for a key that is written with escapes.
    pub(super) fn again_decoded(&mut self, seen: &[&'t [u8]], key: &[u8]) -> bool {
        !self.all(seen).insert(Cow::Owned(key.to_vec()))
    }

    fn all(&mut self, seen: &[&'t [u8]]) -> &mut FxHashSet<Cow<'t, [u8]>> {
        self.many.get_or_insert_with(|| {
            let own = seen.get(self.first..).unwrap_or_default();
            Box::new(own.iter().map(|key| Cow::Borrowed(*key)).collect())
        })
    }

    /// Leaves the stack as it was before the object.
    pub(super) fn forget(&self, seen: &mut Vec<&'t [u8]>) {
        seen.truncate(self.first);
    }
}

fn mark(key: &[u8]) -> u64 {
    let byte = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or(0));
    let hash = (key.len() as u64) ^ byte(key.first()).wrapping_mul(7) ^ byte(key.last()).wrapping_mul(31);
    1 << (hash & 63)
}

/// The offset behind the value at `at`; nothing where it is cut, not well-formed or deeper than `depth`.
pub(super) fn value<'t>(bytes: &'t [u8], at: usize, depth: usize, seen: &mut Vec<&'t [u8]>) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => clean_string(bytes, at.saturating_add(1)),
        b'{' => object(bytes, space(bytes, at.saturating_add(1)), depth.checked_sub(1)?, seen),
        b'[' => array(bytes, space(bytes, at.saturating_add(1)), depth.checked_sub(1)?, seen),
        _ => literal(bytes, at),
    }
}

/// The offset behind an object of which the bracket is read.
fn object<'t>(bytes: &'t [u8], mut at: usize, depth: usize, seen: &mut Vec<&'t [u8]>) -> Option<usize> {
    if bytes.get(at) == Some(&b'}') {
        return Some(at.saturating_add(1));
    }
    let mut known = Known::of(seen);
    loop {
        let key = bytes.get(at).filter(|b| **b == b'"').map(|_| at.saturating_add(1))?;
        let end = clean_key(bytes, key)?;
        if known.again(seen, bytes.get(key..end.checked_sub(1)?)?) {
            return None;
        }
        let colon = space(bytes, end);
        bytes.get(colon).filter(|b| **b == b':')?;
        let end = space(bytes, value(bytes, space(bytes, colon.saturating_add(1)), depth, seen)?);
        match bytes.get(end)? {
            b',' => at = space(bytes, end.saturating_add(1)),
            b'}' => {
                known.forget(seen);
                return Some(end.saturating_add(1));
            }
            _ => return None,
        }
    }
}

/// The offset behind an array of which the bracket is read.
fn array<'t>(bytes: &'t [u8], mut at: usize, depth: usize, seen: &mut Vec<&'t [u8]>) -> Option<usize> {
    if bytes.get(at) == Some(&b']') {
        return Some(at.saturating_add(1));
    }
    loop {
        let end = space(bytes, value(bytes, at, depth, seen)?);
        match bytes.get(end)? {
            b',' => at = space(bytes, end.saturating_add(1)),
            b']' => return Some(end.saturating_add(1)),
            _ => return None,
        }
    }
}

/// The offset of the first byte from `at` on that is no white space.
pub(super) fn space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at = at.saturating_add(1);
    }
    at
}

/// A string whose content was passed over.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passed {
    /// The offset behind the closing quote.
    pub(super) end: usize,
    pub(super) has_escapes: bool,
    /// It holds characters that JSON wants escaped.
    pub(super) has_control: bool,
    pub(super) has_bad_escape: bool,
}

/// The offset behind a string that a strict parser takes.
fn clean_string(bytes: &[u8], at: usize) -> Option<usize> {
    if let Some(end) = short_string(bytes, at) {
        return Some(end);
    }
    string(bytes, at).filter(|string| !string.has_control && !string.has_bad_escape).map(|string| string.end)
}

/// The offset behind a key that is written as it is. One with escapes may be another one's twin.
fn clean_key(bytes: &[u8], at: usize) -> Option<usize> {
    if let Some(end) = short_string(bytes, at) {
        return Some(end);
    }
    string(bytes, at).filter(|key| !key.has_control && !key.has_escapes).map(|key| key.end)
}

/// Passes over the string whose content begins at `at`; nothing where it is cut.
pub(super) fn string(bytes: &[u8], mut at: usize) -> Option<Passed> {
    let mut passed = Passed::default();
    loop {
        let (len, has_control) = plain(bytes.get(at..)?)?;
        passed.has_control |= has_control;
        let found = at.saturating_add(len);
        if bytes.get(found) == Some(&b'"') {
            return Some(Passed { end: found.saturating_add(1), ..passed });
        }
        passed.has_escapes = true;
        passed.has_bad_escape |= !is_escape(bytes.get(found.saturating_add(1)..)?);
        at = found.saturating_add(2);
    }
}

/// True where a backslash may stand before `rest`.
fn is_escape(rest: &[u8]) -> bool {
    match rest {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => true,
        [b'u', a, b, c, d, ..] => [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()),
        _ => false,
    }
}

/// The bytes that end a run of plain characters in a string: quotes, backslashes and control characters.
#[expect(
    clippy::indexing_slicing,
    reason = "a byte is a place in a table of 256, and this runs at compile time"
)]
static ENDS_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        table[byte as usize] = byte < b' ' || byte == b'"' || byte == b'\\';
        byte = byte.wrapping_add(1);
    }
    table
};

/// The offset behind a string that ends soon and holds nothing that has to be looked at, as most do: they are shorter
/// than what a call to a wide search costs.
pub(super) fn short_string(bytes: &[u8], at: usize) -> Option<usize> {
    const NEAR: usize = 16;
    let near = bytes.get(at..)?;
    let ends = |byte: &u8| ENDS_PLAIN.get(usize::from(*byte)) == Some(&true);
    let len = near.iter().take(NEAR).position(ends)?;
    (near.get(len) == Some(&b'"')).then(|| at.saturating_add(len).saturating_add(1))
}

/// How far the next quote or backslash is, and whether a control character stands before it.
fn plain(bytes: &[u8]) -> Option<(usize, bool)> {
    let len = memchr::memchr2(b'"', b'\\', bytes)?;
    let has_control = bytes.get(..len)?.iter().fold(false, |any, byte| any | (*byte < b' '));
    Some((len, has_control))
}

/// The offset behind a number, boolean, null, NaN or infinity.
fn literal(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let len = rest.iter().position(|b| !is_part_of_literal(*b)).unwrap_or(rest.len());
    is_literal(rest.get(..len)?).then(|| at.saturating_add(len))
}

/// True for the characters that numbers and words are made of.
pub(super) const fn is_part_of_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// True for a number, a boolean, null, and what Python writes for numbers without a value.
pub(super) fn is_literal(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null" | b"NaN" | b"Infinity" | b"-Infinity") || is_number(word)
}

fn is_number(word: &[u8]) -> bool {
    let unsigned = word.strip_prefix(b"-").unwrap_or(word);
    let after_fraction = |rest: &[u8]| match rest {
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => is_digits(exponent),
        _ => rest.is_empty(),
    };
    if matches!(unsigned, [b'0', b'0'..=b'9', ..]) {
        return false;
    }
    match after_digits(unsigned) {
        Some([b'.', fraction @ ..]) => after_digits(fraction).is_some_and(after_fraction),
        Some(rest) => after_fraction(rest),
        None => false,
    }
}

fn is_digits(text: &[u8]) -> bool {
    after_digits(text).is_some_and(<[u8]>::is_empty)
}

/// What follows at least one digit.
fn after_digits(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    text.get(digits..).filter(|_| digits > 0)
}
