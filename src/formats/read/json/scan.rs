//! Finding the end of a value on plain bytes: the quick half of [`Json`](super::Json).
//!
//! Most of a report is never asked for, so passing over it is what the time goes into. These functions accept
//! exactly what the careful reader accepts and say nothing about what they do not accept.

/// The offset behind the value at `at`; nothing where it is cut, not well-formed or deeper than `depth`.
pub(super) fn value(bytes: &[u8], at: usize, depth: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string(bytes, at.saturating_add(1)).map(|(end, _)| end),
        b'{' => object(bytes, space(bytes, at.saturating_add(1)), depth.checked_sub(1)?),
        b'[' => array(bytes, space(bytes, at.saturating_add(1)), depth.checked_sub(1)?),
        _ => literal(bytes, at),
    }
}

/// The offset behind an object of which the bracket is read.
fn object(bytes: &[u8], mut at: usize, depth: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b'}') {
        return Some(at.saturating_add(1));
    }
    loop {
        let key = bytes.get(at).filter(|b| **b == b'"').map(|_| at.saturating_add(1))?;
        let colon = space(bytes, string(bytes, key)?.0);
        bytes.get(colon).filter(|b| **b == b':')?;
        let end = space(bytes, value(bytes, space(bytes, colon.saturating_add(1)), depth)?);
        match bytes.get(end)? {
            b',' => at = space(bytes, end.saturating_add(1)),
            b'}' => return Some(end.saturating_add(1)),
            _ => return None,
        }
    }
}

/// The offset behind an array of which the bracket is read.
fn array(bytes: &[u8], mut at: usize, depth: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b']') {
        return Some(at.saturating_add(1));
    }
    loop {
        let end = space(bytes, value(bytes, at, depth)?);
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

/// The offset behind the closing quote of a string whose content begins at `at`, and whether it holds escapes.
pub(super) fn string(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        let found = at.saturating_add(quote_or_backslash(bytes.get(at..)?)?);
        if bytes.get(found) == Some(&b'"') {
            return Some((found.saturating_add(1), escaped));
        }
        escaped = true;
        at = found.saturating_add(2);
    }
}

/// Most strings are shorter than what a call to a wide search costs.
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const NEAR: usize = 16;
    let near = bytes.iter().take(NEAR).position(|b| matches!(b, b'"' | b'\\'));
    near.or_else(|| Some(memchr::memchr2(b'"', b'\\', bytes.get(NEAR..)?)?.saturating_add(NEAR)))
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
