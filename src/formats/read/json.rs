//! A pull reader for JSON that borrows, skips and never builds a tree.
//!
//! Readers ask for what they need; everything else is skipped, with brackets, strings and literals checked on
//! the way. A value of another type than the one asked for is skipped, answered with nothing and noted as damage, and
//! so is a key that stands twice: the file is read on, and is not `ok`. What a tool may write as `null` is
//! asked for by [`Json::or_null`]. `NaN` and infinities, which Python writes, are numbers without a value.

mod scan;

use super::damage::{DamageKind, DamageLog};
use super::fault::{Fault, Read};
use std::borrow::Cow;

/// Deeper than this no report goes.
const MAX_DEPTH: usize = 512;

/// The type of the next value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number, `NaN` and infinities included.
    Number,
    /// `true` or `false`
    Bool,
    /// `null`
    Null,
}

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "a list",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }
}

/// A cursor over one JSON text, or over several that follow each other.
#[derive(Debug)]
pub struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    damage: DamageLog,
    /// Offset of `text` in the file.
    base: usize,
    /// The keys of the open objects that were met, the innermost object's last.
    seen: Vec<&'a [u8]>,
}

impl<'a> Json<'a> {
    /// Begins at the start of `text`, which is the text of the log or a part of it.
    #[must_use]
    pub fn new(text: &'a str, damage: &DamageLog) -> Self {
        let base = damage.offset_of(text);
        Self { text, at: 0, depth: 0, damage: damage.clone(), base, seen: Vec::new() }
    }

    /// A second cursor at the same place, for a look ahead: what it meets is noted nowhere, because the first one meets
    /// it again.
    #[must_use]
    pub fn look(&self) -> Self {
        let Self { text, at, depth, base, .. } = *self;
        Self { text, at, depth, damage: DamageLog::default(), base, seen: Vec::new() }
    }

    /// Notes damage at a byte offset of this text.
    fn note(&self, kind: DamageKind, at: usize, message: impl FnOnce() -> String) {
        self.damage.note(kind, self.base.saturating_add(at), message);
    }

    /// Notes a part that is missing or cannot be used, at a byte offset of this text.
    pub fn damaged(&self, at: usize, message: &str) {
        self.note(DamageKind::Missing, at, || message.to_owned());
    }

    /// Notes that the value at a byte offset of this text cannot be used for what its key says.
    pub fn unusable(&self, at: usize, expected: &str) {
        self.note(DamageKind::WrongType, at, || format!("{} is not {expected}", self.subject(at)));
    }

    /// The value at an offset by the key that it stands under.
    fn subject(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or_default().trim_ascii_end();
        let key = before.strip_suffix(':').and_then(|rest| rest.trim_ascii_end().strip_suffix('"'));
        let name =
            key.map(|key| key.rfind('"').and_then(|open| key.get(open.saturating_add(1)..)).unwrap_or(key));
        let shown = |name| format!("`{}`", super::xml::clean(&crate::evidence::text::shorten(name, 60)));
        name.map_or_else(|| "a value".to_owned(), shown)
    }

    /// Skips a value of another type than the expected one, and notes that.
    fn wrong_type(&mut self, expected: &str) -> Read<()> {
        let (found, at) = (self.shape()?, self.at);
        self.note(DamageKind::WrongType, at, || {
            format!("{} is {}, expected {expected}", self.subject(at), found.name())
        });
        self.skip()
    }

    /// Reads a `null`, where the next value is one: for what a format may leave out.
    ///
    /// # Errors
    /// At the end of the text, and where no value begins.
    pub fn null(&mut self) -> Read<bool> {
        let is_null = self.shape()? == Shape::Null;
        if is_null {
            self.literal()?;
        }
        Ok(is_null)
    }

    /// Byte offset of what comes next.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at = self.at.saturating_add(1);
        }
    }

    /// True where nothing but white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.peek().is_none()
    }

    /// Makes sure that nothing but white space is left behind `what`.
    ///
    /// # Errors
    /// Where more text follows.
    pub fn end(&mut self, what: &str) -> Read<()> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(Fault::malformed(self.at, format!("more text follows the end of the {what}")))
    }

    /// The type of the next value, which stays unread.
    ///
    /// # Errors
    /// At the end of the text, and where no value begins.
    pub fn shape(&mut self) -> Read<Shape> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => Ok(Shape::Object),
            Some(b'[') => Ok(Shape::Array),
            Some(b'"') => Ok(Shape::String),
            Some(b't' | b'f') => Ok(Shape::Bool),
            Some(b'n') => Ok(Shape::Null),
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => Ok(Shape::Number),
            Some(_) => {
                Err(Fault::malformed(self.at, format!("`{}` stands where a value should begin", self.here())))
            }
            None => Err(Fault::truncated(self.at, "the file ends where a value should begin")),
        }
    }

    /// The character at the cursor, for messages.
    fn here(&self) -> char {
        self.text.get(self.at..).and_then(|t| t.chars().next()).unwrap_or(' ')
    }

    /// What `read` gives; nothing for a `null`, which tools write here for "none".
    ///
    /// # Errors
    /// At the end of the text, where no value begins, and those of `read`.
    pub fn or_null<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<Option<T>>) -> Read<Option<T>> {
        if self.null()? { Ok(None) } else { read(self) }
    }

    /// Calls `each` with every key of the object; a value that `each` leaves unread is skipped. Anything else
    /// than an object is damage, and skipped without a call; the answer says whether it was one.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed, and those of `each`.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, &str) -> Read<()>) -> Read<bool> {
        if self.shape()? != Shape::Object {
            self.wrong_type("an object")?;
            return Ok(false);
        }
        self.open()?;
        if self.closes(b'}') {
            return Ok(true);
        }
        let mut known = scan::Known::of(&self.seen);
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in quotes"));
            }
            let at = self.at;
            let (raw, has_escapes) = self.quoted_raw()?;
            let key = if has_escapes { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) };
            let again = match &key {
                Cow::Borrowed(key) => known.again(&mut self.seen, key.as_bytes()),
                Cow::Owned(key) => known.again_decoded(&self.seen, key.as_bytes()),
            };
            if again {
                let shown = super::xml::clean(&crate::evidence::text::shorten(&key, 60)).into_owned();
                self.note(DamageKind::Duplicate, at, || {
                    format!("the key `{shown}` stands twice in one object")
                });
            }
            self.skip_space();
            self.expect(b':', "`:` after the key")?;
            self.value(|json| each(json, &key))?;
            if self.comma_or_close(b'}')? {
                known.forget(&mut self.seen);
                return Ok(true);
            }
        }
    }

    /// Calls `each` with every element's index; an element that `each` leaves unread is skipped. Anything else
    /// than an array is damage, and skipped without a call; the answer says whether it was one.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed, and those of `each`.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self, usize) -> Read<()>) -> Read<bool> {
        if self.shape()? != Shape::Array {
            self.wrong_type("a list")?;
            return Ok(false);
        }
        self.open()?;
        if self.closes(b']') {
            return Ok(true);
        }
        let mut index = 0_usize;
        loop {
            self.value(|json| each(json, index))?;
            index = index.saturating_add(1);
            if self.comma_or_close(b']')? {
                return Ok(true);
            }
        }
    }

    /// Lets `each` read one value and skips it where it was left unread.
    fn value(&mut self, each: impl FnOnce(&mut Self) -> Read<()>) -> Read<()> {
        self.skip_space();
        let before = self.at;
        each(self)?;
        if self.at == before { self.skip() } else { Ok(()) }
    }

    fn open(&mut self) -> Read<()> {
        self.at = self.at.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(Fault::limit(self.at, format!("more than {MAX_DEPTH} values are nested")));
        }
        Ok(())
    }

    fn closes(&mut self, close: u8) -> bool {
        self.skip_space();
        let closed = self.peek() == Some(close);
        if closed {
            self.at = self.at.saturating_add(1);
            self.depth = self.depth.saturating_sub(1);
        }
        closed
    }

    /// After a value: `false` after a comma, `true` after the closing bracket.
    fn comma_or_close(&mut self, close: u8) -> Read<bool> {
        if self.closes(close) {
            return Ok(true);
        }
        let comma = self.at;
        self.expect(b',', "a comma or the closing bracket")?;
        self.skip_space();
        if self.peek() == Some(close) {
            return Err(Fault::malformed(comma, "a comma stands before the closing bracket"));
        }
        Ok(false)
    }

    fn expect(&mut self, byte: u8, what: &str) -> Read<()> {
        if self.peek() == Some(byte) {
            self.at = self.at.saturating_add(1);
            return Ok(());
        }
        Err(self.expected(what))
    }

    fn expected(&self, what: &str) -> Fault {
        match self.peek() {
            Some(_) => Fault::malformed(self.at, format!("`{}` stands where {what} should be", self.here())),
            None => Fault::truncated(self.at, format!("the file ends where {what} should be")),
        }
    }

    /// Skips one value of any type, checking its form.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn skip(&mut self) -> Read<()> {
        self.skip_space();
        let open = self.seen.len();
        let left = MAX_DEPTH.saturating_sub(self.depth);
        let end = scan::value(self.text.as_bytes(), self.at, left, &mut self.seen);
        self.seen.truncate(open);
        match end {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            // Something is wrong with it: the careful way finds out what, and where.
            None => self.skip_with_care(),
        }
    }

    fn skip_with_care(&mut self) -> Read<()> {
        match self.shape()? {
            Shape::Object => self.object(|json, _| json.skip_with_care()).map(drop),
            Shape::Array => self.array(|json, _| json.skip_with_care()).map(drop),
            Shape::String => self.quoted_raw().map(drop),
            Shape::Number | Shape::Bool | Shape::Null => self.literal().map(drop),
        }
    }

    /// The text of one value of any type, unread.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn raw(&mut self) -> Read<&'a str> {
        self.skip_space();
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// A string; nothing for a value of another type, which is damage.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn string(&mut self) -> Read<Option<Cow<'a, str>>> {
        if self.shape()? != Shape::String {
            return self.wrong_type("a string").map(|()| None);
        }
        self.quoted().map(Some)
    }

    /// A string, or an empty one for a value of another type, which is damage.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn text(&mut self) -> Read<Cow<'a, str>> {
        Ok(self.string()?.unwrap_or_default())
    }

    /// A string, number or boolean as text; nothing for null, and for objects and arrays, which are damage.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn scalar(&mut self) -> Read<Option<Cow<'a, str>>> {
        match self.shape()? {
            Shape::String => self.quoted().map(Some),
            Shape::Number | Shape::Bool => self.literal().map(|l| Some(Cow::Borrowed(l))),
            Shape::Null => self.skip().map(|()| None),
            Shape::Object | Shape::Array => self.wrong_type("a single value").map(|()| None),
        }
    }

    /// A number as it is written; nothing for a value of another type and for `NaN` and infinities, which are damage.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn number(&mut self) -> Read<Option<&'a str>> {
        self.skip_space();
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) && self.shape()? != Shape::Number {
            return self.wrong_type("a number").map(|()| None);
        }
        let at = self.at;
        let number = self.literal()?;
        let is_finite = number.ends_with(|c: char| c.is_ascii_digit());
        if !is_finite {
            self.unusable(at, "a finite number");
        }
        Ok(Some(number).filter(|_| is_finite))
    }

    /// A number as `read` takes it; nothing for a value of another type and for a number that `read` does not take,
    /// which are damage.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn number_as<T>(
        &mut self,
        expected: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Read<Option<T>> {
        self.skip_space();
        let at = self.at;
        let Some(number) = self.number()? else { return Ok(None) };
        let value = read(number);
        if value.is_none() {
            self.unusable(at, expected);
        }
        Ok(value)
    }

    /// A whole number that fits; nothing for anything else, which is damage. `3.0` is 3.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn whole(&mut self) -> Read<Option<i64>> {
        self.number_as("a whole number", |number| {
            number.parse().ok().or_else(|| number.strip_suffix(".0")?.parse().ok())
        })
    }

    /// A boolean; nothing for a value of another type, which is damage.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn boolean(&mut self) -> Read<Option<bool>> {
        if self.shape()? != Shape::Bool {
            return self.wrong_type("a boolean").map(|()| None);
        }
        Ok(Some(self.literal()? == "true"))
    }

    /// A run of literal characters: number, boolean, null, NaN, infinity.
    fn literal(&mut self) -> Read<&'a str> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let len = rest.bytes().position(|b| !scan::is_part_of_literal(b)).unwrap_or(rest.len());
        let word = rest.get(..len).unwrap_or_default();
        if !scan::is_literal(word.as_bytes()) {
            let unfinished = len == rest.len();
            let message = format!("`{}` is no JSON value", word.chars().take(20).collect::<String>());
            return Err(if unfinished {
                Fault::truncated(self.at, message)
            } else {
                Fault::malformed(self.at, message)
            });
        }
        self.at = self.at.saturating_add(len);
        Ok(word)
    }

    /// A quoted string's raw content and whether it holds escapes; the cursor stands behind it afterwards.
    fn quoted_raw(&mut self) -> Read<(&'a str, bool)> {
        let start = self.at.saturating_add(1);
        if let Some(end) = scan::short_string(self.text.as_bytes(), start) {
            self.at = end;
            return Ok((self.text.get(start..end.saturating_sub(1)).unwrap_or_default(), false));
        }
        let Some(string) = scan::string(self.text.as_bytes(), start) else {
            return Err(Fault::truncated(self.at, "the file ends inside a string"));
        };
        let raw = self.text.get(start..string.end.saturating_sub(1)).unwrap_or_default();
        if string.has_control {
            let within = raw.bytes().position(|byte| byte < b' ').unwrap_or(0);
            self.note(DamageKind::Malformed, start.saturating_add(within), || {
                "a control character or line end inside a string".to_owned()
            });
        }
        if string.has_bad_escape {
            self.note(DamageKind::Malformed, self.at, || {
                "a string with an escape that JSON does not have".to_owned()
            });
        }
        self.at = string.end;
        Ok((raw, string.has_escapes))
    }

    fn quoted(&mut self) -> Read<Cow<'a, str>> {
        let (raw, escaped) = self.quoted_raw()?;
        Ok(if escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) })
    }
}

/// Resolves escapes; lone surrogates become U+FFFD, and what is no escape stays as it is.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, tail)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = tail.chars();
        match chars.next() {
            Some(c @ ('"' | '\\' | '/')) => out.push(c),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') if let Some(after) = unicode_escape(chars.as_str(), &mut out) => {
                rest = after;
                continue;
            }
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// Reads the digits behind `\u`, and the low surrogate that may follow; answers what is left.
fn unicode_escape<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let hex = |t: &str| t.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let (first, mut rest) = (hex(text)?, text.get(4..)?);
    let mut code = first;
    if (0xD800..0xDC00).contains(&first)
        && let Some(second) = rest.strip_prefix("\\u").and_then(hex).filter(|s| (0xDC00..0xE000).contains(s))
    {
        code = ((first & 0x3FF) << 10 | (second & 0x3FF)).saturating_add(0x1_0000);
        rest = rest.get(6..)?;
    }
    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::super::fault::FaultKind;
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::new(text, &DamageLog::of(text))
    }

    /// What is noted of a text: offset and kind.
    fn damage(json: &Json<'_>) -> Vec<(usize, DamageKind)> {
        json.damage.take().0.into_iter().map(|d| (d.at, d.kind)).collect()
    }

    #[test]
    fn a_key_that_stands_twice_is_damage_however_it_is_written() {
        for (text, twice) in [
            (r#"{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}"#, vec![]),
            (r#"{"level": 1, "x": 2, "le\u0076el": 3}"#, vec![21]),
            (r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#, vec![23, 32]),
        ] {
            let want: Vec<_> = twice.iter().map(|at| (*at, DamageKind::Duplicate)).collect();
            let (mut quick, mut careful) = (json(text), json(text));
            quick.skip().unwrap();
            careful.skip_with_care().unwrap();
            assert_eq!((damage(&quick), damage(&careful)), (want.clone(), want), "{text}");
        }
        let many: String = (0..100).map(|n| format!("\"k{n}\": 0,")).collect();
        for twice in [0, 1, 30, 99] {
            let text = format!("{{{many}\"k{twice}\": 1}}");
            let mut json = json(&text);
            json.skip().unwrap();
            assert_eq!(damage(&json).len(), 1, "k{twice}");
        }
    }

    #[test]
    fn strings_that_a_strict_parser_refuses_are_damage_whether_they_are_read_or_skipped() {
        for (text, at) in [
            ("[\"a\u{0}b\"]", 3),
            ("[\"a\nb\"]", 3),
            ("[\"0123456789abcdefghij\tb\"]", 22),
            (r#"["a\x"]"#, 1),
            (r#"["a\u12"]"#, 1),
            (r#"["a\u12g4"]"#, 1),
        ] {
            for skipped in [true, false] {
                let mut json = json(text);
                if skipped {
                    json.skip().unwrap();
                } else {
                    json.array(|json, _| json.string().map(drop)).unwrap();
                }
                assert_eq!(damage(&json), [(at, DamageKind::Malformed)], "{text}");
            }
        }
    }

    #[test]
    fn values_of_other_types_are_damage() {
        type Ask = fn(&mut Json<'_>) -> Read<()>;
        let asks: [(Ask, &[&str]); 7] = [
            (|json| json.object(|json, _| json.skip()).map(drop), &["{}"]),
            (|json| json.array(|json, _| json.skip()).map(drop), &["[]"]),
            (|json| json.string().map(drop), &["\"\""]),
            (|json| json.number().map(drop), &["1", "1.5"]),
            (|json| json.whole().map(drop), &["1"]),
            (|json| json.boolean().map(drop), &["true"]),
            (|json| json.scalar().map(drop), &["\"\"", "1", "1.5", "true", "null"]),
        ];
        for (ask, fitting) in asks {
            for value in ["{}", "[]", "\"\"", "1", "1.5", "true", "null", "NaN"] {
                let mut json = json(value);
                ask(&mut json).unwrap();
                assert!(json.is_at_end());
                let fits = fitting.contains(&value) || (value == "NaN" && fitting.len() == 5);
                assert_eq!(damage(&json).is_empty(), fits, "{value} beside {fitting:?}");
            }
        }
        let mut json = json("[null, 1]");
        json.array(|json, _| json.or_null(Json::number).map(drop)).unwrap();
        assert_eq!(damage(&json), []);
    }

    #[test]
    fn values_of_other_types_are_skipped() {
        let mut seen = Vec::new();
        let text = r#"{"a": {"x":[1,{"y":null}]}, "b": 3.0, "c": "ü\u00fc\n", "d": true, "e": NaN}"#;
        let mut json = json(text);
        json.object(|json, key| {
            match key {
                "a" => assert_eq!(json.string()?, None),
                "b" => assert_eq!(json.whole()?, Some(3)),
                "c" => assert_eq!(json.text()?, "üü\n"),
                "d" => assert_eq!(json.boolean()?, Some(true)),
                _ => {}
            }
            seen.push(key.to_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
        assert!(json.is_at_end());
    }

    #[test]
    fn surrogate_pairs_are_joined() {
        for (escaped, want) in [
            ("\\ud83d\\ude00", "😀"),
            ("\\ud800\\udc00", "\u{10000}"),
            ("\\udbff\\udfff", "\u{10ffff}"),
            ("\\ud83dx", "\u{fffd}x"),
        ] {
            assert_eq!(json(&format!("\"{escaped}\"")).text().unwrap(), want, "{escaped}");
        }
    }

    #[test]
    fn the_quick_and_the_careful_way_of_skipping_agree() {
        let text = r#" {"a":[1,-2.5e+3,"x\"y",true,null,{},[]] , "b" : [NaN,-Infinity,1e5,"ü\u00fc"],"c":{"d":"e"}} x"#;
        let mut variants: Vec<String> =
            (0..text.len()).filter_map(|end| text.get(..end)).map(str::to_owned).collect();
        for at in 0..text.len() {
            if let (Some(head), Some(tail)) = (text.get(..at), text.get(at + 1..)) {
                variants.extend(
                    ["", "\"", "\\", "}", "]", "{", "[", ",", ":", "-", ".", "e", "0", " "]
                        .map(|new| format!("{head}{new}{tail}")),
                );
            }
        }
        for depth in [1, MAX_DEPTH, MAX_DEPTH + 1] {
            variants.push("[".repeat(depth) + &"]".repeat(depth));
        }
        for text in &variants {
            let (mut quick, mut careful) = (json(text), json(text));
            assert_eq!(quick.skip(), careful.skip_with_care(), "{text}");
            if quick.depth == 0 {
                assert_eq!(quick.at, careful.at, "{text}");
                assert_eq!(damage(&quick), damage(&careful), "{text}");
            }
        }
    }

    #[test]
    fn every_prefix_is_a_fault() {
        let text = r#"{"a":[1,-2.5e3,"x\"y",true,null,{}]}"#;
        for end in 0..text.len() {
            assert_eq!(
                json(text.get(..end).unwrap()).skip().unwrap_err().kind,
                FaultKind::Truncated,
                "{}",
                text.get(..end).unwrap()
            );
        }
        assert!(json(text).skip().is_ok());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in ["[1,]", "{\"a\":1,}", "{a:1}", "[01x]", "{\"a\" 1}", "[tru ]", "'a'", "[01]", "[-01]"] {
            assert_eq!(json(bad).skip().unwrap_err().kind, FaultKind::Malformed, "{bad}");
        }
        assert_eq!(json(&"[".repeat(600)).skip().unwrap_err().kind, FaultKind::Limit);
    }
}
