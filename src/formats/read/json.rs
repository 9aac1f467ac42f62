//! A pull reader for JSON that borrows, skips and never builds a tree.
//!
//! Readers ask for what they need; everything else is skipped, with brackets, strings and literals checked on
//! the way. A value of another type than the one asked for is skipped and answered with nothing, because one odd
//! value must not cost the file. `NaN` and infinities, which Python writes, are numbers without a value.

mod scan;

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

/// A cursor over one JSON text, or over several that follow each other.
#[derive(Debug, Clone)]
pub struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Json<'a> {
    /// Begins at the start of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
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

    /// Calls `each` with every key of the object; a value that `each` leaves unread is skipped. Anything else
    /// than an object is skipped without a call; the answer says whether it was one.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed, and those of `each`.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, &str) -> Read<()>) -> Read<bool> {
        if self.shape()? != Shape::Object {
            self.skip()?;
            return Ok(false);
        }
        self.open()?;
        if self.closes(b'}') {
            return Ok(true);
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in quotes"));
            }
            let key = self.quoted()?;
            self.skip_space();
            self.expect(b':', "`:` after the key")?;
            self.value(|json| each(json, &key))?;
            if self.comma_or_close(b'}')? {
                return Ok(true);
            }
        }
    }

    /// Calls `each` with every element's index; an element that `each` leaves unread is skipped. Anything else
    /// than an array is skipped without a call; the answer says whether it was one.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed, and those of `each`.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self, usize) -> Read<()>) -> Read<bool> {
        if self.shape()? != Shape::Array {
            self.skip()?;
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
        match scan::value(self.text.as_bytes(), self.at, MAX_DEPTH.saturating_sub(self.depth)) {
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

    /// A string; nothing for a value of another type.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn string(&mut self) -> Read<Option<Cow<'a, str>>> {
        if self.shape()? != Shape::String {
            self.skip()?;
            return Ok(None);
        }
        self.quoted().map(Some)
    }

    /// A string, or an empty one for a value of another type.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn text(&mut self) -> Read<Cow<'a, str>> {
        Ok(self.string()?.unwrap_or_default())
    }

    /// A string, number or boolean as text; nothing for null, objects and arrays.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn scalar(&mut self) -> Read<Option<Cow<'a, str>>> {
        match self.shape()? {
            Shape::String => self.quoted().map(Some),
            Shape::Number | Shape::Bool => self.literal().map(|l| Some(Cow::Borrowed(l))),
            _ => self.skip().map(|()| None),
        }
    }

    /// A number as it is written; nothing for a value of another type.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn number(&mut self) -> Read<Option<&'a str>> {
        if self.shape()? != Shape::Number {
            self.skip()?;
            return Ok(None);
        }
        self.literal().map(Some)
    }

    /// A whole number that fits; nothing for anything else. `3.0` is 3.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn whole(&mut self) -> Read<Option<i64>> {
        Ok(self.number()?.and_then(|n| n.parse().ok().or_else(|| n.strip_suffix(".0")?.parse().ok())))
    }

    /// A boolean; nothing for a value of another type.
    ///
    /// # Errors
    /// Where the text is cut or not well-formed.
    pub fn boolean(&mut self) -> Read<Option<bool>> {
        if self.shape()? != Shape::Bool {
            self.skip()?;
            return Ok(None);
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
        let Some((end, escaped)) = scan::string(self.text.as_bytes(), start) else {
            return Err(Fault::truncated(self.at, "the file ends inside a string"));
        };
        self.at = end;
        Ok((self.text.get(start..end.saturating_sub(1)).unwrap_or_default(), escaped))
    }

    fn quoted(&mut self) -> Read<Cow<'a, str>> {
        let at = self.at;
        let (raw, escaped) = self.quoted_raw()?;
        if escaped { unescape(raw, at).map(Cow::Owned) } else { Ok(Cow::Borrowed(raw)) }
    }
}

/// Resolves escapes; lone surrogates become U+FFFD.
fn unescape(raw: &str, at: usize) -> Read<String> {
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
            Some('u') => {
                rest = unicode_escape(chars.as_str(), &mut out)
                    .ok_or_else(|| Fault::malformed(at, "a `\\u` escape without four hex digits"))?;
                continue;
            }
            _ => return Err(Fault::malformed(at, "a backslash escapes nothing that JSON knows")),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    Ok(out)
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

    #[test]
    fn values_of_other_types_are_skipped() {
        let mut seen = Vec::new();
        let text = r#"{"a": {"x":[1,{"y":null}]}, "b": 3.0, "c": "ü\u00fc\n", "d": true, "e": NaN}"#;
        let mut json = Json::new(text);
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
            assert_eq!(Json::new(&format!("\"{escaped}\"")).text().unwrap(), want, "{escaped}");
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
            let (mut quick, mut careful) = (Json::new(text), Json::new(text));
            assert_eq!(quick.skip(), careful.skip_with_care(), "{text}");
            if quick.depth == 0 {
                assert_eq!(quick.at, careful.at, "{text}");
            }
        }
    }

    #[test]
    fn every_prefix_is_a_fault() {
        let text = r#"{"a":[1,-2.5e3,"x\"y",true,null,{}]}"#;
        for end in 0..text.len() {
            assert_eq!(
                Json::new(text.get(..end).unwrap()).skip().unwrap_err().kind,
                FaultKind::Truncated,
                "{}",
                text.get(..end).unwrap()
            );
        }
        assert!(Json::new(text).skip().is_ok());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in ["[1,]", "{\"a\":1,}", "{a:1}", "[01x]", "{\"a\" 1}", "[tru ]", "'a'", "[\"\\x\"]"] {
            let mut json = Json::new(bad);
            let result = if bad.contains("\\x") {
                json.array(|j, _| j.string().map(drop)).map(drop)
            } else {
                json.skip()
            };
            assert_eq!(result.unwrap_err().kind, FaultKind::Malformed, "{bad}");
        }
        assert_eq!(Json::new(&"[".repeat(600)).skip().unwrap_err().kind, FaultKind::Limit);
    }
}
