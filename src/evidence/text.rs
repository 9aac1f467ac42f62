//! Compact storage for the many short strings of a report: one buffer, eight bytes a reference.

use std::path::Path;

/// A reference to a string in the [`Arena`] that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// True where no text was stored.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// One growing buffer of text. A million test names cost their bytes and nothing else.
#[derive(Debug, Clone, Default)]
pub struct Arena(String);

impl Arena {
    /// Stores `text`. Past 4 GiB of text in one file the reference is empty; no reader keeps that much.
    pub fn push(&mut self, text: &str) -> Span {
        let (Ok(start), Ok(len)) = (u32::try_from(self.0.len()), u32::try_from(text.len())) else {
            return Span::default();
        };
        if start.checked_add(len).is_none() {
            return Span::default();
        }
        self.0.push_str(text);
        Span { start, len }
    }

    /// The text behind a reference; empty for a reference of another arena.
    #[must_use]
    pub fn get(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.0.get(start..start.saturating_add(span.len as usize)).unwrap_or_default()
    }
}

/// A hash of several texts that is the same in every build and on every machine (FNV-1a, 64 bits).
#[must_use]
pub fn stable_hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xFF]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Cuts `text` to at most `max` bytes, at a character border, keeping its head and its tail and saying
/// how much was left out between them.
#[must_use]
pub fn head_and_tail(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let head_end = floor_char_boundary(text, max.saturating_mul(2) / 3);
    let tail_start = ceil_char_boundary(text, text.len().saturating_sub(max / 3));
    let (head, tail) = (text.get(..head_end).unwrap_or_default(), text.get(tail_start..).unwrap_or_default());
    let left_out = text.len().saturating_sub(head.len()).saturating_sub(tail.len());
    format!("{head}\n… {left_out} bytes left out …\n{tail}")
}

/// Cuts `text` to at most `max` bytes at a character border, ending in `…` where something was cut.
#[must_use]
pub fn shorten(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let end = floor_char_boundary(text, max.saturating_sub('…'.len_utf8()));
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// A path as messages name it: on one line, whatever is in it.
#[must_use]
pub fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}

fn ceil_char_boundary(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at = at.saturating_add(1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arena_gives_back_what_was_stored() {
        let mut arena = Arena::default();
        let (a, b) = (arena.push("grüße"), arena.push(""));
        assert_eq!(arena.get(a), "grüße");
        assert!(b.is_empty());
        assert_eq!(arena.get(b), "");
    }

    #[test]
    fn cuts_fall_on_character_borders() {
        let text = "ä".repeat(100);
        assert!(head_and_tail(&text, 21).starts_with("ä"));
        assert!(head_and_tail(&text, 21).contains("bytes left out"));
        assert!(shorten(&text, 10).len() <= 10);
        assert_eq!(shorten("abc", 3), "abc");
    }
}
