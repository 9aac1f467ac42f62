//! A pull reader for the XML that real tools write, on top of `quick-xml`.
//!
//! It adds what a gate needs: elements that are open at the end are a fault, depth is limited, a `DOCTYPE` is
//! never followed and declarations of external or nested entities are refused, names are local names, attributes
//! and entities are read as leniently as is safe, and content that nobody asked for is skipped without a copy.

use super::fault::{Fault, Read};
use crate::evidence::text::head_and_tail;
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// Deeper than this no report goes; recursion over elements is bounded by it.
const MAX_DEPTH: usize = 256;

/// A pull reader over one document, or over several that were written one after the other.
pub struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
    /// An element without content is open, of which the end is still to be told.
    empty: bool,
    /// A declaration was read and its root element was not.
    awaits_root: bool,
    /// An entity that XML does not know was met and kept literally.
    pub unknown_entity: bool,
    /// Text stands before or after the root element.
    pub text_outside: bool,
}

/// The next thing in the document.
#[derive(Debug)]
pub enum Node<'a> {
    /// A start tag; its content follows, then a [`Node::Close`], for `<a/>` too.
    Open(Element<'a>),
    /// A piece of text, entities resolved; one run of text may come in several pieces.
    Text(Cow<'a, str>),
    /// The end of the innermost open element.
    Close,
}

impl<'a> Xml<'a> {
    /// Begins at the start of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        Self {
            reader,
            depth: 0,
            empty: false,
            awaits_root: false,
            unknown_entity: false,
            text_outside: false,
        }
    }

    /// Byte offset of what comes next.
    #[must_use]
    pub fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// How many elements are open.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// The next node; nothing at the end of the document.
    ///
    /// # Errors
    /// Where the text is cut, not well-formed, too deep, or asks for entities that are never resolved.
    #[expect(
        clippy::should_implement_trait,
        reason = "it is fallible, and an iterator would go on after an error"
    )]
    pub fn next(&mut self) -> Read<Option<Node<'a>>> {
        if std::mem::take(&mut self.empty) {
            return Ok(Some(self.close()));
        }
        loop {
            let at = self.at();
            match self.reader.read_event().map_err(|e| self.fault(&e))? {
                Event::Start(start) => return self.open(start, at).map(Some),
                Event::Empty(start) => {
                    self.empty = true;
                    return self.open(start, at).map(Some);
                }
                Event::End(_) => return Ok(Some(self.close())),
                Event::Text(text) => {
                    let text = text.into_inner();
                    if self.depth > 0 {
                        return Ok(Some(Node::Text(text)));
                    }
                    self.text_outside |= !text.trim().is_empty();
                }
                Event::CData(text) => return Ok(Some(Node::Text(text.into_inner()))),
                Event::GeneralRef(name) => {
                    let name = name.into_inner();
                    let resolved = resolve(&name);
                    self.unknown_entity |= resolved.is_none();
                    return Ok(Some(Node::Text(resolved.unwrap_or_else(|| format!("&{name};").into()))));
                }
                Event::DocType(declaration) => refuse_entities(at, &declaration)?,
                Event::Decl(_) => self.awaits_root = self.depth == 0,
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof if self.depth > 0 => {
                    return Err(Fault::truncated(
                        at,
                        format!("the file ends inside {} open elements", self.depth),
                    ));
                }
                Event::Eof if self.awaits_root => {
                    return Err(Fault::truncated(at, "the file ends before its root element"));
                }
                Event::Eof => return Ok(None),
            }
        }
    }

    fn open(&mut self, start: BytesStart<'a>, at: usize) -> Read<Node<'a>> {
        self.depth = self.depth.saturating_add(1);
        self.awaits_root = false;
        if self.depth > MAX_DEPTH {
            return Err(Fault::limit(at, format!("more than {MAX_DEPTH} elements are nested")));
        }
        Ok(Node::Open(Element { start, at }))
    }

    const fn close(&mut self) -> Node<'a> {
        self.depth = self.depth.saturating_sub(1);
        Node::Close
    }

    /// Calls `each` for every child of the element that was opened last (for every root at the beginning).
    /// What `each` leaves unread of a child is skipped. Text between the children is passed over.
    ///
    /// # Errors
    /// Those of [`Xml::next`] and of `each`.
    pub fn children(&mut self, mut each: impl FnMut(&mut Self, Element<'a>) -> Read<()>) -> Read<()> {
        let level = self.depth;
        loop {
            match self.next()? {
                Some(Node::Open(element)) => {
                    each(self, element)?;
                    self.skip_to(level)?;
                }
                Some(Node::Text(_)) => {}
                Some(Node::Close) | None => return Ok(()),
            }
        }
    }

    /// Skips until no more than `level` elements are open.
    fn skip_to(&mut self, level: usize) -> Read<()> {
        while self.depth > level {
            self.next()?;
        }
        Ok(())
    }

    /// The text of the element that was opened last, that of its descendants included, head and tail of at most
    /// `keep` bytes. The element is read to its end.
    ///
    /// # Errors
    /// Those of [`Xml::next`]; what was read until then is lost, so write down what must not be lost before.
    pub fn text(&mut self, keep: usize) -> Read<String> {
        let mut kept = String::new();
        self.text_into(&mut kept, keep)?;
        Ok(kept)
    }

    /// As [`Xml::text`], into a buffer that holds what was read even if reading fails.
    ///
    /// # Errors
    /// Those of [`Xml::next`].
    pub fn text_into(&mut self, kept: &mut String, keep: usize) -> Read<()> {
        let level = self.depth.saturating_sub(1);
        let result = loop {
            match self.next() {
                Ok(Some(Node::Text(piece))) => {
                    kept.push_str(&piece);
                    // Cut now and then, so that a log of gigabytes costs no more than what is kept of it.
                    if kept.len() > keep.saturating_mul(4).saturating_add(65_536) {
                        *kept = head_and_tail(kept, keep);
                    }
                }
                Ok(_) if self.depth <= level => break Ok(()),
                Ok(_) => {}
                Err(fault) => break Err(fault),
            }
        };
        if kept.len() > keep {
            *kept = head_and_tail(kept, keep);
        }
        result
    }

    fn fault(&self, error: &Error) -> Fault {
        let at = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                Fault::malformed(at, "`<!` begins nothing that XML knows")
            }
            Error::Syntax(syntax) => Fault::truncated(at, format!("the file ends too early: {syntax}")),
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => Fault::malformed(
                at,
                format!("`</{found}>` stands where `</{expected}>` should close the element"),
            ),
            other => Fault::malformed(at, format!("not well-formed XML: {other}")),
        }
    }
}

/// A start tag.
#[derive(Debug)]
pub struct Element<'a> {
    start: BytesStart<'a>,
    /// Byte offset of the tag.
    pub at: usize,
}

impl Element<'_> {
    /// The name without its namespace prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Attributes in document order, values with entities resolved. A value without quotes or a name without a
    /// value is read as HTML would; what makes no sense ends the list.
    pub fn attrs(&self) -> Attrs<'_> {
        Attrs { rest: self.start.attributes_raw() }
    }

    /// The first attribute of that local name.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<Cow<'_, str>> {
        self.raw(name).map(unescape)
    }

    /// The raw value of the first attribute of that local name, entities not resolved: for numbers.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        RawAttrs { rest: self.start.attributes_raw() }.find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

/// Attributes with resolved values.
pub struct Attrs<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attrs<'a> {
    type Item = (&'a str, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = next_attribute(&mut self.rest)?;
        Some((name, unescape(value)))
    }
}

struct RawAttrs<'a> {
    rest: &'a str,
}

impl<'a> Iterator for RawAttrs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        next_attribute(&mut self.rest)
    }
}

fn next_attribute<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    let text = rest.trim_ascii_start();
    let bytes = text.as_bytes();
    let end = bytes
        .iter()
        .position(|b| matches!(b, b'=' | b' ' | b'\t' | b'\r' | b'\n' | b'/'))
        .unwrap_or(bytes.len());
    let name = text.get(..end).filter(|name| !name.is_empty())?;
    let name = match name.bytes().rposition(|b| b == b':') {
        Some(colon) => name.get(colon.saturating_add(1)..)?,
        None => name,
    };
    let after = text.get(end..)?.trim_ascii_start();
    let Some(value) = after.strip_prefix('=').map(str::trim_ascii_start) else {
        *rest = after;
        return Some((name, ""));
    };
    let (value, remaining) = match value.as_bytes().first() {
        Some(&quote @ (b'"' | b'\'')) => {
            let body = value.get(1..)?;
            let close = memchr::memchr(quote, body.as_bytes()).unwrap_or(body.len());
            (body.get(..close)?, body.get(close.saturating_add(1)..).unwrap_or_default())
        }
        _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
    };
    *rest = remaining;
    Some((name, value))
}

/// Resolves entities; unknown ones and lone `&` stay as they are.
#[must_use]
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let (head, mut rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len());
    out.push_str(head);
    while let Some(after) = rest.strip_prefix('&') {
        match after.split_once(';').and_then(|(name, tail)| Some((resolve(name)?, tail))) {
            Some((value, tail)) => {
                out.push_str(&value);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
        let next = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, tail) = rest.split_at(next);
        out.push_str(plain);
        rest = tail;
    }
    Cow::Owned(out)
}

/// The text of a predefined entity or character reference; characters that XML forbids become U+FFFD.
fn resolve(name: &str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => "\u{a0}",
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            let character = char::from_u32(code).filter(|c| *c != '\0');
            return Some(Cow::Owned(character.unwrap_or(char::REPLACEMENT_CHARACTER).to_string()));
        }
    }))
}

/// A `DOCTYPE` is tolerated and never followed. Declaring an external entity, or an entity made of entities, is
/// an attack (XXE, billion laughs): the file is refused.
fn refuse_entities(at: usize, declaration: &str) -> Read<()> {
    for entity in declaration.split("<!ENTITY").skip(1) {
        let body = entity.split('>').next().unwrap_or_default();
        if body.split_whitespace().any(|word| matches!(word, "SYSTEM" | "PUBLIC")) {
            return Err(Fault::refused(at, "declares an external entity, which is never fetched"));
        }
        if body.contains('&') || body.contains('%') {
            return Err(Fault::refused(at, "declares an entity made of entities, which is never expanded"));
        }
    }
    Ok(())
}

/// Removes terminal escape sequences and replaces control characters, for text that is kept and shown.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if is_printable_ascii(text) || text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                while chars.next_if(|c| !('@'..='~').contains(c)).is_some() {}
                chars.next();
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            c if harmless(c) => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    Cow::Owned(out)
}

/// True for the commonest text by far, told in blocks because a compiler makes wide instructions of that.
fn is_printable_ascii(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    text.as_bytes().chunks(32).all(|block| block.iter().fold(true, |all, byte| all & plain(*byte)))
}

#[cfg(test)]
mod tests {
    use super::super::fault::FaultKind;
    use super::*;

    fn names(text: &str) -> Read<Vec<String>> {
        let (mut xml, mut names) = (Xml::new(text), Vec::new());
        while let Some(node) = xml.next()? {
            if let Node::Open(element) = node {
                names.push(element.name().to_owned());
            }
        }
        Ok(names)
    }

    #[test]
    fn open_elements_at_the_end_are_a_fault() {
        for cut in [
            "<?xml version='1.0'?>",
            "<a/><?xml version='1.0'?>",
            "<a><b>",
            "<a>text",
            "<a b=\"",
            "<a><![CDATA[x",
            "<a><!-- x",
            "<a",
        ] {
            assert_eq!(names(cut).unwrap_err().kind, FaultKind::Truncated, "{cut}");
        }
        assert_eq!(names("<a></b>").unwrap_err().kind, FaultKind::Malformed);
        assert_eq!(names("<a/><b/>").unwrap(), ["a", "b"]);
    }

    #[test]
    fn entities_are_never_fetched_or_expanded() {
        let xxe = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        let laughs = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
        for attack in [xxe, laughs] {
            assert_eq!(names(attack).unwrap_err().kind, FaultKind::Refused, "{attack}");
        }
        assert_eq!(
            names("<!DOCTYPE report PUBLIC \"-//JACOCO\" \"report.dtd\"><report/>").unwrap(),
            ["report"]
        );
    }

    #[test]
    fn text_is_joined_over_entities_and_cdata() {
        let mut xml = Xml::new("<a>x &lt; <![CDATA[y & ]]>z&odd;&#0;</a>");
        xml.next().unwrap();
        assert_eq!(xml.text(100).unwrap(), "x < y & z&odd;\u{fffd}");
        assert!(xml.unknown_entity);
    }

    #[test]
    fn depth_is_limited() {
        assert_eq!(names(&"<a>".repeat(300)).unwrap_err().kind, FaultKind::Limit);
    }

    #[test]
    fn attributes_are_read_leniently() {
        let mut xml =
            Xml::new("<a x:name='q\"' time=\"1\" name=\"second\" bad=a&b flag t=\"&lt;a&nope;&#65;\"/>");
        let Some(Node::Open(element)) = xml.next().unwrap() else { panic!("no element") };
        let attrs: Vec<_> = element.attrs().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(attrs, ["name=q\"", "time=1", "name=second", "bad=a&b", "flag=", "t=<a&nope;A"]);
        assert_eq!(element.attr("name").unwrap(), "q\"");
    }

    #[test]
    fn kept_text_is_free_of_terminal_escapes() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\r\n\u{7}x"), "red\n\u{fffd}x");
        assert_eq!(clean("plain\n"), "plain\n");
    }
}
