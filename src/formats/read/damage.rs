//! Damage that does not stop a reader: what a strict parser of the format refuses, noted where it stands while the
//! rest is still read, so that no failure behind it is lost. A file with damage is never `ok`.

use super::super::State;
use std::sync::{Arc, Mutex, PoisonError};

/// Entries that are kept of one file; the rest is counted.
const MAX_ENTRIES: usize = 64;

/// What kind of damage it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// The text is not well-formed.
    Malformed,
    /// A key of a JSON object, or an attribute of an element, stands twice.
    Duplicate,
    /// A value of another type than the format has there.
    WrongType,
    /// A part that belongs there is missing or cannot be used: a row, a column, a list.
    Missing,
}

impl DamageKind {
    /// The state of a file with this damage. What is not well-formed is not the format; what is well-formed may hide
    /// something.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Malformed | Self::Duplicate => State::Unreadable,
            Self::WrongType | Self::Missing => State::Incomplete,
        }
    }

    /// The last part of the code of its diagnostic.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "not-well-formed",
            Self::Duplicate => "duplicate",
            Self::WrongType => "wrong-type",
            Self::Missing => "damaged-record",
        }
    }
}

/// One damaged place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What kind of damage.
    pub kind: DamageKind,
    /// Byte offset in the text of the file.
    pub at: usize,
    /// What is wrong, without the place.
    pub message: String,
}

/// Where readers note damage. Readers of parts of one text share the log of the file.
#[derive(Debug, Clone, Default)]
pub struct DamageLog {
    /// Address and length of the text of the file, so that offsets in a part of it become offsets in the whole.
    start: usize,
    len: usize,
    entries: Arc<Mutex<Entries>>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: Vec<Damage>,
    more: u64,
}

impl DamageLog {
    /// A log of the damage in `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { start: text.as_ptr().addr(), len: text.len(), entries: Arc::default() }
    }

    /// The offset in the file at which `part`, a piece of the file's text, begins; 0 for any other text.
    #[must_use]
    pub fn offset_of(&self, part: &str) -> usize {
        part.as_ptr().addr().checked_sub(self.start).filter(|at| *at <= self.len).unwrap_or(0)
    }

    /// Notes damage at a byte offset of the file.
    pub fn note(&self, kind: DamageKind, at: usize, message: impl FnOnce() -> String) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.kept.len() < MAX_ENTRIES {
            entries.kept.push(Damage { kind, at, message: message() });
        } else {
            entries.more = entries.more.saturating_add(1);
        }
    }

    /// Counts damage that a log of a part had no room for.
    pub fn add_more(&self, more: u64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.more = entries.more.saturating_add(more);
    }

    /// Takes out what was noted, in the order of the text, and how much more there was.
    #[must_use]
    pub fn take(&self) -> (Vec<Damage>, u64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Entries { mut kept, more } = std::mem::take(&mut *entries);
        kept.sort_by_key(|damage| damage.at);
        (kept, more)
    }
}

/// The offset of the first character that no text format has: a control character other than tab and line ends, or one
/// of the two that Unicode keeps out of texts. Torn writes and flipped bits leave them.
#[must_use]
pub fn first_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // Whole blocks are looked at without a branch, which compilers turn into wide instructions.
    let suspicious = |block: &&[u8]| block.iter().fold(false, |any, byte| any | is_suspicious(*byte));
    let blocks = bytes.chunks(BLOCK).enumerate().filter(|(_, block)| suspicious(block));
    blocks.map(|(number, _)| number.saturating_mul(BLOCK)).find_map(|start| {
        let end = bytes.len().min(start.saturating_add(BLOCK));
        (start..end).find(|at| is_forbidden(bytes.get(*at..).unwrap_or_default()))
    })
}

/// A control character that no text has, or the first byte of some rare ones.
const fn is_suspicious(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xEF)
}

/// True where a character begins that no text has.
const fn is_forbidden(bytes: &[u8]) -> bool {
    match bytes {
        // U+FFFE and U+FFFF.
        [0xEF, 0xBF, 0xBE | 0xBF, ..] => true,
        [0xEF, ..] | [] => false,
        [byte, ..] => is_suspicious(*byte),
    }
}

const BLOCK: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_of_parts_are_those_of_the_file() {
        let text = String::from("0123456789");
        let log = DamageLog::of(&text);
        assert_eq!(log.offset_of(text.get(4..).unwrap()), 4);
        assert_eq!(log.offset_of("elsewhere"), 0);
        log.note(DamageKind::Malformed, 7, || "b".to_owned());
        log.clone().note(DamageKind::WrongType, 2, || "a".to_owned());
        let (kept, more) = log.take();
        assert_eq!(kept.iter().map(|d| d.at).collect::<Vec<_>>(), [2, 7]);
        assert_eq!((more, log.take().0.len()), (0, 0));
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let log = DamageLog::of("");
        (0..MAX_ENTRIES + 3).for_each(|at| log.note(DamageKind::Missing, at, String::new));
        let (kept, more) = log.take();
        assert_eq!((kept.len(), more), (MAX_ENTRIES, 3));
    }

    #[test]
    fn control_characters_are_found_wherever_they_stand() {
        let clean = "a\tb\r\nü€\u{7f}\u{fffd}".repeat(100);
        assert_eq!(first_control(&clean), None);
        for at in [0, 1, 255, 256, 257, 600] {
            let at = (at..).find(|at| clean.is_char_boundary(*at)).unwrap();
            for bad in ["\0", "\u{b}", "\u{1b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
                let mut text = clean.clone();
                text.insert_str(at, bad);
                assert_eq!(first_control(&text), Some(at), "{bad:?} at {at}");
            }
        }
    }
}
