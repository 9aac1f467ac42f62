//! Rows of delimiter-separated values, as RFC 4180 has them: fields in quotes may hold delimiters, line ends and doubled
//! quotes. Line ends of all systems, any one-byte delimiter.

use super::damage::{DamageKind, DamageLog};
use super::fault::{Fault, Read};
use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;

/// More fields than this has no row of any tool.
const MAX_FIELDS: usize = 4_096;

/// A cursor over rows. A row that is not as wide as the first one and a quote where none belongs are damage: rows may
/// have run into each other.
#[derive(Debug)]
pub struct Csv<'a> {
    text: &'a str,
    at: usize,
    delimiter: u8,
    damage: DamageLog,
    /// Offset of `text` in the file.
    base: usize,
    /// Fields of the first row.
    width: usize,
}

/// One row. It is filled again for every row, so that reading a million of them needs no memory.
#[derive(Debug, Default)]
pub struct Row<'a> {
    /// Byte offset of its first character.
    pub at: usize,
    /// The fields, unquoted.
    pub fields: Vec<Cow<'a, str>>,
    /// A line end follows; only the last row of a text may have none.
    pub ended: bool,
}

impl Row<'_> {
    /// A field by its place; empty where the row is shorter.
    #[must_use]
    pub fn get(&self, place: usize) -> &str {
        self.fields.get(place).map_or("", |field| field.as_ref())
    }

    /// The place of a field with this text, without regard to case: a column by its name.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.trim().eq_ignore_ascii_case(name))
    }
}

impl<'a> Csv<'a> {
    /// Begins at the start of `text`, which is the text of the log or a part of it.
    #[must_use]
    pub fn new(text: &'a str, delimiter: u8, damage: &DamageLog) -> Self {
        Self { text, at: 0, delimiter, damage: damage.clone(), base: damage.offset_of(text), width: 0 }
    }

    fn note(&self, at: usize, message: impl FnOnce() -> String) {
        self.damage.note(DamageKind::Missing, self.base.saturating_add(at), message);
    }

    /// Compares the width of a row with that of the first one. A row that is cut is told as such.
    fn check_width(&mut self, row: &Row<'_>) {
        let (width, found) = (self.width, row.fields.len());
        if width == 0 {
            self.width = found;
        } else if found != width && row.ended {
            self.note(row.at, || format!("a row has {found} columns, the first one has {width}"));
        }
    }

    /// Reads the next row that is not blank; `false` at the end.
    ///
    /// # Errors
    /// Where the text ends inside quotes, and where a row has more fields than any tool writes.
    pub fn next(&mut self, row: &mut Row<'a>) -> Read<bool> {
        loop {
            row.fields.clear();
            row.at = self.at;
            if self.at >= self.text.len() {
                return Ok(false);
            }
            while self.field(row)? {
                if row.fields.len() > MAX_FIELDS {
                    return Err(Fault::limit(row.at, format!("a row has more than {MAX_FIELDS} fields")));
                }
            }
            let blank = row.fields.len() == 1 && row.get(0).trim().is_empty();
            if !blank {
                self.check_width(row);
                return Ok(true);
            }
        }
    }

    /// Reads one field and what ends it; `true` where another one follows in the row.
    fn field(&mut self, row: &mut Row<'a>) -> Read<bool> {
        let quoted = self.text.as_bytes().get(self.at) == Some(&b'"');
        let mut field = if quoted { self.quoted()? } else { Cow::Borrowed("") };
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = memchr3(self.delimiter, b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let plain = rest.get(..end).unwrap_or_default();
        if !plain.is_empty() {
            if quoted || memchr(b'"', plain.as_bytes()).is_some() {
                self.note(self.at, || "a stray quote".to_owned());
            }
            // What follows closing quotes is kept with the field, so that the columns behind it keep their places.
            field =
                if field.is_empty() { Cow::Borrowed(plain) } else { Cow::Owned(field.into_owned() + plain) };
        }
        row.fields.push(field);
        self.at = self.at.saturating_add(end);
        let ending = rest.as_bytes().get(end).copied();
        row.ended = matches!(ending, Some(b'\n' | b'\r'));
        self.at = self.at.saturating_add(match (ending, rest.as_bytes().get(end.saturating_add(1))) {
            (None, _) => 0,
            (Some(b'\r'), Some(b'\n')) => 2,
            _ => 1,
        });
        Ok(ending == Some(self.delimiter))
    }

    /// What stands between quotes, with doubled quotes made one.
    fn quoted(&mut self) -> Read<Cow<'a, str>> {
        let start = self.at;
        let mut from = start.saturating_add(1);
        let mut field = Cow::Borrowed("");
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let Some(len) = memchr(b'"', rest.as_bytes()) else {
                return Err(Fault::truncated(start, "the file ends inside a field in quotes"));
            };
            let part = rest.get(..len).unwrap_or_default();
            let after = from.saturating_add(len).saturating_add(1);
            let doubled = self.text.as_bytes().get(after) == Some(&b'"');
            if field.is_empty() && !doubled {
                field = Cow::Borrowed(part);
            } else {
                let field = field.to_mut();
                field.push_str(part);
                if doubled {
                    field.push('"');
                }
            }
            if !doubled {
                self.at = after;
                return Ok(field);
            }
            from = after.saturating_add(1);
        }
    }
}

/// The first line of a text, without its end.
#[must_use]
pub fn first_line(text: &str) -> &str {
    let text = text.trim_start_matches(['\n', '\r', '\u{feff}']);
    let end = memchr2(b'\n', b'\r', text.as_bytes()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Place, fields and whether a line end follows.
    type Seen = (usize, Vec<String>, bool);

    fn rows(text: &str, delimiter: u8) -> (Vec<Seen>, Option<Fault>) {
        let (mut csv, mut row, mut rows) =
            (Csv::new(text, delimiter, &DamageLog::default()), Row::default(), Vec::new());
        loop {
            match csv.next(&mut row) {
                Ok(true) => {
                    rows.push((row.at, row.fields.iter().map(|f| f.to_string()).collect(), row.ended));
                }
                Ok(false) => return (rows, None),
                Err(fault) => return (rows, Some(fault)),
            }
        }
    }

    fn fields(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        rows(text, delimiter).0.into_iter().map(|(_, fields, _)| fields).collect()
    }

    #[test]
    fn quotes_hold_delimiters_line_ends_and_quotes() {
        assert_eq!(
            fields("a,\"b, \"\"c\"\"\r\nd\",\r\n,\"\",e\n", b','),
            [vec!["a", "b, \"c\"\r\nd", ""], vec!["", "", "e"]]
        );
        assert_eq!(fields("a;b,c\n\n  \nd", b';'), [vec!["a", "b,c"], vec!["d"]]);
        assert_eq!(fields("\"a\"\"\"b,ü\r", b','), [vec!["a\"b", "ü"]]);
    }

    #[test]
    fn rows_of_another_width_and_stray_quotes_are_damage() {
        for (text, at) in [
            ("a,b\n1,2\n\n\"x,\"\"y\",2\n", vec![]),
            ("a,b\n1,2,3\n4,5\n", vec![4]),
            ("a,b\n1\n", vec![4]),
            ("a,b\nx\"y,2\n", vec![4]),
            ("a,b\n\"x\"y,2\n", vec![7]),
            ("a,b\n1,2\n3", vec![]),
        ] {
            let log = DamageLog::of(text);
            let (mut csv, mut row) = (Csv::new(text, b',', &log), Row::default());
            while csv.next(&mut row).unwrap() {}
            assert_eq!(log.take().0.iter().map(|d| d.at).collect::<Vec<_>>(), at, "{text}");
        }
    }

    #[test]
    fn a_cut_shows() {
        assert_eq!(rows("a,b\nc,d", b',').0.last().unwrap(), &(4, vec!["c".into(), "d".into()], false));
        let (whole, fault) = rows("a,b\nc,\"d", b',');
        assert_eq!((whole.len(), fault.unwrap().at), (1, 6));
        assert_eq!(rows("", b',').0.len(), 0);
    }
}
