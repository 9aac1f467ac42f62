//! Lines of a text format, with their numbers and whether the last one was ended.

/// One line without its end.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Line number, from 1.
    pub number: u64,
    /// Byte offset of its first character.
    pub at: usize,
    /// The text without `\n` or `\r\n`.
    pub text: &'a str,
    /// A line end follows; only the last line of a text may have none.
    pub ended: bool,
}

/// Walks over lines.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0_usize;
    let mut number = 0_u64;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest.as_bytes());
        let raw = rest.get(..end.unwrap_or(rest.len()))?;
        number = number.saturating_add(1);
        let line = Line { number, at, text: raw.strip_suffix('\r').unwrap_or(raw), ended: end.is_some() };
        at = at.saturating_add(raw.len()).saturating_add(1);
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_all_systems() {
        let got: Vec<_> = lines("a\r\n\nb").map(|l| (l.number, l.text, l.ended)).collect();
        assert_eq!(got, [(1, "a", true), (2, "", true), (3, "b", false)]);
        assert_eq!(lines("").count(), 0);
    }
}
