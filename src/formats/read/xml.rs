//! A pull reader for the XML that real tools write, on top of `quick-xml`.
//!
//! It adds what a gate needs: elements that are open at the end are a fault, depth is limited, a `DOCTYPE` is
//! never followed and declarations of external or nested entities are refused, names are local names, and content
//! that nobody asked for is skipped without a copy. What `quick-xml` accepts and no strict parser does (bare `&`, `<` in
//! an attribute, attributes that stand twice or have no quotes, characters that XML does not have) is read as leniently
//! as is safe and noted as damage. Several documents that follow each other, and blank lines before a declaration, are
//! no damage: nothing is hidden by them.

use super::damage::{DamageKind, DamageLog};
use super::fault::{Fault, Read};
use crate::evidence::text::head_and_tail;
use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesDecl, BytesStart, Event};
use std::borrow::Cow;

/// Deeper than this no report goes; recursion over elements is bounded by it.
const MAX_DEPTH: usize = 256;
/// More namespaces than this declares no report.
const MAX_PREFIXES: usize = 64;
/// No reference is longer, its `&` and `;` included.
const MAX_REFERENCE: usize = 64;

/// A pull reader over one document, or over several that were written one after the other.
pub struct Xml<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
    /// An element without content is open, of which the end is still to be told.
    empty: bool,
    /// A declaration was read and its root element was not.
    awaits_root: bool,
    /// A root element was read.
    has_root: bool,
    /// References to control characters are part of XML 1.1.
    is_1_1: bool,
    /// The `DOCTYPE`, which may declare entities.
    doctype: Cow<'a, str>,
    /// Names of the format's elements: in another letter case they are damage.
    names: &'static [&'static str],
    /// Prefixes of namespaces that are declared, with the depth of the element that declares them.
    prefixes: Vec<(usize, &'a str)>,
    damage: DamageLog,
    /// Offset of `text` in the file.
    base: usize,
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
    /// Begins at the start of `text`, which is the text of the log or a part of it.
    #[must_use]
    pub fn new(text: &'a str, damage: &DamageLog) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        Self {
            text,
            reader,
            depth: 0,
            empty: false,
            awaits_root: false,
            has_root: false,
            is_1_1: false,
            doctype: Cow::default(),
            names: &[],
            prefixes: Vec::new(),
            damage: damage.clone(),
            base: damage.offset_of(text),
        }
    }

    /// The same reader for a format with elements of these names: an element whose name differs only in letter case is
    /// damage, because nobody reads it.
    #[must_use]
    pub const fn with_names(mut self, names: &'static [&'static str]) -> Self {
        self.names = names;
        self
    }

    /// Notes damage at a byte offset of this text.
    pub fn note(&self, kind: DamageKind, at: usize, message: impl FnOnce() -> String) {
        self.damage.note(kind, self.base.saturating_add(at), message);
    }

    fn malformed(&self, at: usize, message: &str) {
        self.note(DamageKind::Malformed, at, || message.to_owned());
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
                Event::Start(start) => return self.open(&start, at).map(Some),
                Event::Empty(start) => {
                    self.empty = true;
                    return self.open(&start, at).map(Some);
                }
                Event::End(_) => return Ok(Some(self.close())),
                Event::Text(text) => {
                    if let Some(text) = self.text_node(text.into_inner(), at) {
                        return Ok(Some(text));
                    }
                }
                Event::CData(text) => {
                    self.inside_root(at, "a CDATA section");
                    return Ok(Some(Node::Text(text.into_inner())));
                }
                Event::GeneralRef(name) => {
                    self.inside_root(at, "a reference");
                    return Ok(Some(Node::Text(self.reference(&name, at))));
                }
                Event::DocType(declaration) => {
                    if self.depth > 0 || self.has_root {
                        self.malformed(at, "a DOCTYPE inside or after the root element");
                    }
                    refuse_entities(at, &declaration)?;
                    let rest = self.text.get(at..).and_then(|text| text.strip_prefix("<!DOCTYPE"));
                    let begins = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()));
                    if !begins || !is_doctype(&declaration) {
                        self.malformed(at, "a DOCTYPE that is not well-formed");
                    }
                    self.doctype = declaration.into_inner();
                }
                Event::Decl(declaration) => self.declaration(&declaration, at),
                Event::Comment(comment) => {
                    if comment.contains("--") || comment.ends_with('-') {
                        self.malformed(at, "`--` inside a comment");
                    }
                }
                Event::PI(_) => {}
                Event::Eof => return self.end(at).map(|()| None),
            }
        }
    }

    fn end(&self, at: usize) -> Read<()> {
        if self.depth > 0 {
            return Err(Fault::truncated(at, format!("the file ends inside {} open elements", self.depth)));
        }
        if self.awaits_root {
            return Err(Fault::truncated(at, "the file ends before its root element"));
        }
        Ok(())
    }

    fn declaration(&mut self, declaration: &BytesDecl<'_>, at: usize) {
        if self.depth > 0 {
            self.malformed(at, "an XML declaration inside the root element");
        }
        self.awaits_root = self.depth == 0;
        self.is_1_1 = declaration.contains("1.1");
        if !self.is_declaration(declaration, at) {
            self.malformed(at, "an XML declaration that is not well-formed");
        }
    }

    /// `version`, then perhaps `encoding`, then perhaps `standalone`, and nothing else.
    fn is_declaration(&self, declaration: &str, at: usize) -> bool {
        let content = Element::read(declaration, at, self);
        let fits = |name: &str, value: &str| match name {
            "version" => value
                .strip_prefix("1.")
                .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())),
            "encoding" => value.starts_with(|c: char| c.is_ascii_alphabetic()),
            _ => matches!(value, "yes" | "no"),
        };
        let mut expected = ["version", "encoding", "standalone"].into_iter();
        content.places().next().is_some_and(|place| content.slice(place.name) == "version")
            && content.places().all(|place| {
                let name = content.slice(place.name);
                expected.any(|known| known == name) && fits(name, content.slice(place.value))
            })
    }

    fn inside_root(&self, at: usize, what: &str) {
        if self.depth == 0 {
            self.note(DamageKind::Malformed, at, || format!("{what} outside the root element"));
        }
    }

    /// A piece of text; nothing outside of the root element, where only blank text may stand.
    fn text_node(&self, text: Cow<'a, str>, at: usize) -> Option<Node<'a>> {
        if self.depth == 0 {
            if !text.trim_ascii().is_empty() {
                self.malformed(at, "text outside the root element");
            }
            return None;
        }
        if has_mark(text.as_bytes()) {
            self.check_text(&text, at);
        }
        Some(Node::Text(text))
    }

    fn check_text(&self, text: &str, at: usize) {
        if let Some(bare) = memchr::memchr(b'&', text.as_bytes()) {
            self.malformed(at.saturating_add(bare), "a bare `&` in text: write `&amp;`");
        }
        if let Some(close) = memchr::memmem::find(text.as_bytes(), b"]]>") {
            self.malformed(at.saturating_add(close), "`]]>` in text");
        }
    }

    /// The text of a reference; one that XML does not know stays as it is.
    fn reference(&self, name: &str, at: usize) -> Cow<'a, str> {
        self.check_reference(name, at);
        resolve(name).unwrap_or_else(|| format!("&{name};").into())
    }

    /// True for an entity that the `DOCTYPE` declares.
    fn declares(&self, name: &str) -> bool {
        let declared = self.doctype.split("<!ENTITY").skip(1).map(str::trim_start);
        declared
            .filter_map(|entity| entity.strip_prefix(name))
            .any(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()))
    }

    fn check_reference(&self, name: &str, at: usize) {
        let known = match name.strip_prefix('#') {
            Some(digits) => character(digits).is_some_and(|c| {
                is_xml_character(c) || (self.is_1_1 && c != '\0' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            }),
            None => matches!(name, "lt" | "gt" | "amp" | "quot" | "apos") || self.declares(name),
        };
        if !known {
            let shown = crate::evidence::text::shorten(name, 40);
            self.note(DamageKind::Malformed, at, || format!("`&{}` is no reference of XML", clean(&shown)));
        }
    }

    fn open(&mut self, start: &BytesStart<'a>, at: usize) -> Read<Node<'a>> {
        self.depth = self.depth.saturating_add(1);
        self.awaits_root = false;
        self.has_root = true;
        if self.depth > MAX_DEPTH {
            return Err(Fault::limit(at, format!("more than {MAX_DEPTH} elements are nested")));
        }
        // `quick-xml` lends its events for as long as they live, and the text lives longer.
        let end = self.at().saturating_sub(if self.empty { 2 } else { 1 });
        let tag = self.text.get(end.saturating_sub(start.len())..end).unwrap_or_default();
        let element = Element::read(tag, at, self);
        if element.has_prefix {
            self.check_prefixes(&element);
        }
        self.check_case(element.name(), at);
        Ok(Node::Open(element))
    }

    /// Prefixes have to be declared, by the element itself or one around it.
    fn check_prefixes(&mut self, element: &Element<'a>) {
        self.prefixes.extend(element.declared_prefixes().map(|prefix| (self.depth, prefix)));
        if self.prefixes.len() > MAX_PREFIXES {
            self.malformed(element.at, "more namespaces than any report has");
            return;
        }
        let unbound = element.prefixes().find(|prefix| {
            !matches!(*prefix, "xml" | "xmlns") && !self.prefixes.iter().any(|(_, known)| known == prefix)
        });
        if let Some(prefix) = unbound {
            let shown = crate::evidence::text::shorten(prefix, 40);
            let message = || format!("the prefix `{}` is not declared", clean(&shown));
            self.note(DamageKind::Malformed, element.at, message);
        }
    }

    fn check_case(&self, name: &str, at: usize) {
        if self.names.contains(&name) {
            return;
        }
        if let Some(known) = self.names.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            let message = || format!("`<{name}>` is `<{known}>` in another letter case: not read");
            self.note(DamageKind::Malformed, at, message);
        }
    }

    fn close(&mut self) -> Node<'a> {
        while self.prefixes.pop_if(|(depth, _)| *depth >= self.depth).is_some() {}
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

/// Attributes that are kept in place; most elements have fewer.
const FEW: usize = 6;

/// Where an attribute stands in its tag: its local name and its value.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    name: (u32, u32),
    value: (u32, u32),
}

/// A start tag.
#[derive(Debug)]
pub struct Element<'a> {
    tag: &'a str,
    name: (u32, u32),
    few: [Place; FEW],
    count: usize,
    more: Vec<Place>,
    /// A name has a prefix.
    has_prefix: bool,
    /// A value has a reference or something odd.
    has_reference: bool,
    /// Byte offset of the tag.
    pub at: usize,
}

impl<'a> Element<'a> {
    /// Finds the attributes of a tag, without its brackets. A value without quotes or a name without a value is read as
    /// HTML would, and is damage.
    fn read(tag: &'a str, at: usize, xml: &Xml<'_>) -> Self {
        let bytes = tag.as_bytes();
        let name = Name::at(bytes, 0);
        let mut element = Self {
            tag,
            name: (offset(name.local), offset(name.end)),
            few: [Place::default(); FEW],
            count: 0,
            more: Vec::new(),
            has_prefix: name.local > 0,
            has_reference: false,
            at,
        };
        if !name.is_plain && !is_name(tag.get(..name.end).unwrap_or_default()) {
            let shown = crate::evidence::text::shorten(tag, 40);
            xml.note(DamageKind::Malformed, at, || format!("`{}` is no name of an element", clean(&shown)));
        }
        let (mut cursor, mut marks, mut twice) = (name.end, 0_u64, false);
        loop {
            let place = if let Some((place, end)) = plain_attribute(bytes, cursor) {
                cursor = end;
                place
            } else {
                let Some(attribute) = Attribute::at(tag, cursor) else { break };
                if attribute.is_odd {
                    element.has_reference = true;
                    element.odd(&attribute, cursor, xml);
                }
                cursor = attribute.end;
                element.has_prefix |= attribute.name.local > attribute.name.start;
                attribute.place()
            };
            let mark = mark(bytes, place.name);
            twice |= marks & mark != 0;
            marks |= mark;
            element.push(place);
        }
        if twice {
            element.check_twice(xml);
        }
        element
    }

    /// Says what is not well-formed about an attribute.
    fn odd(&self, attribute: &Attribute, cursor: usize, xml: &Xml<'_>) {
        let content = self.at.saturating_add(1);
        let Attribute { name, form, value, .. } = attribute;
        let start = content.saturating_add(name.start);
        if name.start == cursor {
            xml.malformed(start, "attributes without a space between them");
        }
        if !name.is_plain && !is_name(self.tag.get(name.start..name.end).unwrap_or_default()) {
            xml.malformed(start, "this is no name of an attribute");
        }
        match form {
            Form::Quoted => self.check_value((offset(value.0), offset(value.1)), content, xml),
            Form::Bare => xml.malformed(content.saturating_add(value.0), "a value without quotes"),
            Form::Open => xml.malformed(content.saturating_add(value.0), "a value without a closing quote"),
            Form::Missing => xml.malformed(start, "an attribute without a value"),
        }
    }

    fn push(&mut self, place: Place) {
        match self.few.get_mut(self.count) {
            Some(free) => *free = place,
            None => self.more.push(place),
        }
        self.count = self.count.saturating_add(1);
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        self.few.iter().take(self.count).chain(&self.more).copied()
    }

    fn slice(&self, (from, to): (u32, u32)) -> &'a str {
        self.tag.get(from as usize..to as usize).unwrap_or_default()
    }

    /// `<` and bare `&` in a value, and references that XML does not know.
    fn check_value(&self, value: (u32, u32), content: usize, xml: &Xml<'_>) {
        let text = self.slice(value);
        for within in memchr::memchr2_iter(b'<', b'&', text.as_bytes()) {
            let at = content.saturating_add(value.0 as usize).saturating_add(within);
            match reference_at(text, within) {
                _ if text.as_bytes().get(within) == Some(&b'<') => {
                    xml.malformed(
                        at,
                        "`<` in the value of an attribute: write `&lt;`, and `&quot;` for quotes",
                    );
                }
                Some(name) => xml.check_reference(name, at),
                None => xml.malformed(at, "a bare `&` in the value of an attribute: write `&amp;`"),
            }
        }
    }

    /// An attribute that stands twice. Names with a prefix may share their local name.
    fn check_twice(&self, xml: &Xml<'_>) {
        let mut names: Vec<&str> = self.places().map(|place| self.full_name(place.name)).collect();
        names.sort_unstable();
        let same = names.windows(2).filter(|pair| pair.first() == pair.last());
        // What has no name is damage for that reason already.
        for name in same.filter_map(|pair| pair.first()).filter(|name| !name.is_empty()) {
            xml.note(DamageKind::Duplicate, self.at, || {
                format!("the attribute `{}` stands twice", clean(&crate::evidence::text::shorten(name, 40)))
            });
        }
    }

    /// A name with its prefix.
    fn full_name(&self, (from, to): (u32, u32)) -> &'a str {
        let before = self.tag.get(..from as usize).unwrap_or_default();
        if !before.ends_with(':') {
            return self.slice((from, to));
        }
        let start = before.rfind(|c: char| c.is_ascii_whitespace()).map_or(0, |at| at.saturating_add(1));
        self.tag.get(start..to as usize).unwrap_or_default()
    }

    /// True where the element's name has a namespace prefix.
    #[must_use]
    pub fn has_prefix(&self) -> bool {
        self.prefix(self.name).is_some()
    }

    /// The prefix of a name that has one.
    fn prefix(&self, name: (u32, u32)) -> Option<&'a str> {
        let before = (name.0 as usize).checked_sub(1)?;
        (self.tag.as_bytes().get(before) == Some(&b':')).then(|| self.full_name(name).split(':').next())?
    }

    /// The prefixes that the names of the element and its attributes have.
    fn prefixes(&self) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.name)
            .chain(self.places().map(|place| place.name))
            .filter_map(|name| self.prefix(name))
    }

    /// The prefixes that the element declares.
    fn declared_prefixes(&self) -> impl Iterator<Item = &'a str> {
        let declares = self.places().filter(|place| self.prefix(place.name) == Some("xmlns"));
        declares.map(|place| self.slice(place.name))
    }

    /// The name without its namespace prefix.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.slice(self.name)
    }

    /// Attributes in document order: local names, and values with entities resolved.
    pub fn attrs(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.places().map(|place| (self.slice(place.name), self.value(place)))
    }

    fn value(&self, place: Place) -> Cow<'a, str> {
        let raw = self.slice(place.value);
        if self.has_reference { unescape(raw) } else { Cow::Borrowed(raw) }
    }

    /// The first attribute of that local name.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<Cow<'a, str>> {
        self.places().find(|place| self.slice(place.name) == name).map(|place| self.value(place))
    }

    /// The raw value of the first attribute of that local name, entities not resolved: for numbers.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.places().find(|place| self.slice(place.name) == name).map(|place| self.slice(place.value))
    }
}

/// Tags are shorter than 4 GiB, as files are.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A name: where it begins, where its part behind the prefix does, and where it ends.
#[derive(Debug, Clone, Copy)]
struct Name {
    start: usize,
    local: usize,
    end: usize,
    /// It is made of ASCII letters, digits, `-`, `_` and `.`, and begins with a letter or `_`.
    is_plain: bool,
}

/// What a byte is in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InName {
    /// It ends the name before it.
    End,
    /// A name may begin with it.
    Letter,
    /// It may go on with it.
    Digit,
    Colon,
    /// Perhaps a letter beyond ASCII, perhaps nothing that a name has.
    Other,
}

/// What each byte is, so that one look tells.
#[expect(
    clippy::indexing_slicing,
    reason = "a byte is a place in a table of 256, and this runs at compile time"
)]
static IN_NAME: [InName; 256] = {
    let mut table = [InName::Other; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        table[byte as usize] = InName::classify(byte);
        byte = byte.wrapping_add(1);
    }
    table
};

impl InName {
    fn of(byte: u8) -> Self {
        IN_NAME.get(usize::from(byte)).copied().unwrap_or(Self::Other)
    }

    const fn classify(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Self::Letter,
            b'0'..=b'9' | b'-' | b'.' => Self::Digit,
            b':' => Self::Colon,
            b'=' | b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'"' | b'\'' => Self::End,
            _ => Self::Other,
        }
    }
}

impl Name {
    fn at(bytes: &[u8], start: usize) -> Self {
        let (mut end, mut local, mut is_plain) = (start, start, true);
        for byte in bytes.get(start..).unwrap_or_default() {
            match InName::of(*byte) {
                InName::Letter => {}
                InName::Digit => is_plain &= end > local,
                InName::Colon => {
                    is_plain &= end > local;
                    local = end.saturating_add(1);
                }
                InName::Other => is_plain = false,
                InName::End => break,
            }
            end = end.saturating_add(1);
        }
        Self { start, local, end, is_plain: is_plain && end > local }
    }
}

/// True where `&` or `]` stands in a text. Most texts are the white space between two tags.
fn has_mark(text: &[u8]) -> bool {
    const SHORT: usize = 64;
    if text.len() > SHORT {
        return memchr::memchr2(b'&', b']', text).is_some();
    }
    text.iter().fold(false, |any, byte| any | (*byte == b'&') | (*byte == b']'))
}

/// How the value of an attribute is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Quoted,
    /// Without quotes.
    Bare,
    /// Without a closing quote.
    Open,
    Missing,
}

/// A bit for a name: most names of one tag are told apart by it.
fn mark(bytes: &[u8], (from, to): (u32, u32)) -> u64 {
    let byte = |at: u32| u32::from(bytes.get(at as usize).copied().unwrap_or_default());
    let hash = byte(from).wrapping_mul(5) ^ byte(to.wrapping_sub(1)).wrapping_mul(11) ^ to.wrapping_sub(from);
    1 << (hash & 63)
}

/// An attribute as nearly all are written, and where it ends: one space, a plain name, and a value in double quotes that
/// has no reference. Nothing for all others.
fn plain_attribute(bytes: &[u8], cursor: usize) -> Option<(Place, usize)> {
    let name = bytes.get(cursor..)?.strip_prefix(b" ")?;
    let len = name.iter().position(|byte| !matches!(InName::of(*byte), InName::Letter | InName::Digit))?;
    let value = name.get(len..)?.strip_prefix(b"=\"")?;
    let (Some(end), true) = value_end(value, b'"') else { return None };
    if !name.first().is_some_and(|first| InName::of(*first) == InName::Letter) {
        return None;
    }
    let from = cursor.saturating_add(1);
    let open = from.saturating_add(len).saturating_add(2);
    let close = open.saturating_add(end);
    let place = Place {
        name: (offset(from), offset(from.saturating_add(len))),
        value: (offset(open), offset(close)),
    };
    Some((place, close.saturating_add(1)))
}

/// An attribute in its tag, and where what follows it begins.
struct Attribute {
    name: Name,
    form: Form,
    value: (usize, usize),
    end: usize,
    /// Something about it has to be looked at: it is not what nearly all are.
    is_odd: bool,
}

impl Attribute {
    /// The attribute at or behind `cursor`.
    fn at(tag: &str, cursor: usize) -> Option<Self> {
        let bytes = tag.as_bytes();
        let start = space_end(bytes, cursor);
        if start >= bytes.len() {
            return None;
        }
        let name = Name::at(bytes, start);
        let equals = space_end(bytes, name.end);
        if bytes.get(equals) != Some(&b'=') {
            // A stray sign is passed over, so that there is always an end.
            let sign = tag.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            let end = if name.end == start { start.saturating_add(sign) } else { name.end };
            return Some(Self { name, form: Form::Missing, value: (end, end), end, is_odd: true });
        }
        let value = space_end(bytes, equals.saturating_add(1));
        let rest = bytes.get(value..).unwrap_or_default();
        let Some((&quote @ (b'"' | b'\''), body)) = rest.split_first() else {
            let len = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            let end = value.saturating_add(len);
            return Some(Self { name, form: Form::Bare, value: (value, end), end, is_odd: true });
        };
        let open = value.saturating_add(1);
        let (len, is_clean) = value_end(body, quote);
        let close = open.saturating_add(len.unwrap_or(body.len()));
        let form = if len.is_some() { Form::Quoted } else { Form::Open };
        let is_odd = !is_clean || !name.is_plain || form == Form::Open || start == cursor;
        Some(Self { name, form, value: (open, close), end: close.saturating_add(1), is_odd })
    }

    fn place(&self) -> Place {
        Place {
            name: (offset(self.name.local), offset(self.name.end)),
            value: (offset(self.value.0), offset(self.value.1)),
        }
    }
}

/// Where a value ends, and whether it is free of `<` and `&`. Most values are shorter than what a wide search costs.
fn value_end(body: &[u8], quote: u8) -> (Option<usize>, bool) {
    const NEAR: usize = 8;
    for (at, byte) in body.iter().take(NEAR).enumerate() {
        if *byte == quote {
            return (Some(at), true);
        }
        if matches!(byte, b'<' | b'&') {
            return (memchr::memchr(quote, body), false);
        }
    }
    let far = body.get(NEAR..).unwrap_or_default();
    match memchr::memchr3(quote, b'<', b'&', far) {
        Some(at) if far.get(at) == Some(&quote) => (Some(at.saturating_add(NEAR)), true),
        Some(_) => (memchr::memchr(quote, body), false),
        None => (None, true),
    }
}

fn space_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at = at.saturating_add(1);
    }
    at
}

/// True for a name as XML has them. Beyond ASCII every letter is taken: a flipped bit is no letter.
fn is_name(name: &str) -> bool {
    let starts = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    let goes_on = |c: char| starts(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{b7}') || is_joined(c);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':');
    name.starts_with(starts) && (name.bytes().all(plain) || name.chars().all(goes_on))
}

/// Marks that are written onto the letter before them.
const fn is_joined(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// The name of the reference whose `&` stands at `at`; nothing where there is none.
fn reference_at(text: &str, at: usize) -> Option<&str> {
    let from = at.saturating_add(1);
    let near = text.as_bytes().get(from..).unwrap_or_default();
    let len = near.iter().take(MAX_REFERENCE).position(|b| *b == b';')?;
    let name = text.get(from..from.saturating_add(len))?;
    let is_one =
        name.strip_prefix('#').map_or_else(|| is_name(name), |digits| character_code(digits).is_some());
    is_one.then_some(name)
}

/// Resolves entities; unknown ones and lone `&` stay as they are.
#[must_use]
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for at in memchr::memchr_iter(b'&', text.as_bytes().get(first..).unwrap_or_default()) {
        let at = first.saturating_add(at);
        let Some(value) = reference_at(text, at).and_then(|name| Some((resolve(name)?, name.len()))) else {
            continue;
        };
        out.push_str(text.get(done..at).unwrap_or_default());
        out.push_str(&value.0);
        done = at.saturating_add(value.1).saturating_add(2);
    }
    out.push_str(text.get(done..).unwrap_or_default());
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
            character_code(digits)?;
            let character = character(digits).filter(|c| *c != '\0');
            return Some(Cow::Owned(character.unwrap_or(char::REPLACEMENT_CHARACTER).to_string()));
        }
    }))
}

/// The number in a character reference.
fn character_code(digits: &str) -> Option<u32> {
    match digits.strip_prefix(['x', 'X']) {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok(),
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}

fn character(digits: &str) -> Option<char> {
    character_code(digits).and_then(char::from_u32)
}

/// True for the characters that XML 1.0 has.
const fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// True for the content of a `DOCTYPE`: a name, perhaps an identifier, perhaps declarations in brackets.
fn is_doctype(content: &str) -> bool {
    fn literal(text: &str) -> Option<&str> {
        let text = text.trim_ascii_start();
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        text.get(1..)?.split_once(quote).map(|(_, rest)| rest)
    }
    let content = content.trim_ascii();
    let end = content.find(|c: char| c.is_ascii_whitespace() || c == '[').unwrap_or(content.len());
    let (name, rest) = content.split_at(end);
    let rest = rest.trim_ascii_start();
    let rest = match (rest.strip_prefix("SYSTEM"), rest.strip_prefix("PUBLIC")) {
        (Some(rest), _) => literal(rest),
        (_, Some(rest)) => {
            literal(rest).filter(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace())).and_then(literal)
        }
        _ => Some(rest),
    };
    let rest = rest.map(str::trim_ascii);
    is_name(name)
        && rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']')))
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
        let (mut xml, mut names) = (Xml::new(text, &DamageLog::of(text)), Vec::new());
        while let Some(node) = xml.next()? {
            if let Node::Open(element) = node {
                names.push(element.name().to_owned());
            }
        }
        Ok(names)
    }

    /// What is noted of a text: offset and message.
    fn damage(text: &str) -> Vec<(usize, String)> {
        let log = DamageLog::of(text);
        let mut xml = Xml::new(text, &log).with_names(&["known"]);
        while let Ok(Some(_)) = xml.next() {}
        log.take().0.into_iter().map(|d| (d.at, d.message)).collect()
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
        let text = "<a>x &lt; <![CDATA[y & ]]>z&odd;&#0;</a>";
        let mut xml = Xml::new(text, &DamageLog::of(text));
        xml.next().unwrap();
        assert_eq!(xml.text(100).unwrap(), "x < y & z&odd;\u{fffd}");
    }

    #[test]
    fn depth_is_limited() {
        assert_eq!(names(&"<a>".repeat(300)).unwrap_err().kind, FaultKind::Limit);
    }

    #[test]
    fn attributes_are_read_leniently() {
        let text = "<a x:name='q\"' time=\"1\" name=\"second\" bad=a&b flag t=\"&lt;a&nope;&#65;\"/>";
        let mut xml = Xml::new(text, &DamageLog::of(text));
        let Some(Node::Open(element)) = xml.next().unwrap() else { panic!("no element") };
        let attrs: Vec<_> = element.attrs().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(attrs, ["name=q\"", "time=1", "name=second", "bad=a&b", "flag=", "t=<a&nope;A"]);
        assert_eq!(element.attr("name").unwrap(), "q\"");
    }

    #[test]
    fn what_a_strict_parser_takes_is_no_damage() {
        for text in [
            "\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a - b --><a:b xmlns:a='u' a:c=\"1\" c = '2'/>\n<!-- end -->\n",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x \"ha\">]><a>&x; &#x1F600;<?pi x?></a>",
            "<?xml version='1.1'?><a b='&#x1b;'>&#27;</a>",
            "<a/>\n<?xml version='1.0'?><a/>",
            "<?xml version=\"1.0\" encoding='x' standalone='no' ?><!DOCTYPE a SYSTEM 'a.dtd' [ ] ><a/>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE report PUBLIC \"-//JACOCO//DTD Report 1.1//EN\" \"report.dtd\"><report/>",
            "<größe _x='1' y-2.z='>'>]] ></größe>",
            "<known a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' a9=''/>",
        ] {
            assert_eq!(damage(text), [], "{text}");
        }
    }

    #[test]
    fn what_a_strict_parser_refuses_is_damage() {
        for (text, at) in [
            ("<a b='1<2'/>", 7),
            ("<a b='x & y'/>", 8),
            ("<a b='&nbsp;'/>", 6),
            ("<a b='&#x1b;'/>", 6),
            ("<a>&#0;</a>", 3),
            ("<a>&nbsp;</a>", 3),
            ("<a>x & y</a>", 5),
            ("<a>x ]]> y</a>", 5),
            ("<a b='1' c='2' b='3'/>", 0),
            ("<a xmlns:x='u' x:b='1' x:b='3'/>", 0),
            ("<a x:b='1'/>", 0),
            ("<a><b xmlns:x='u'/><x:c/></a>", 19),
            ("<1:a xmlns:1='u'/>", 0),
            ("<a a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' a9='' a1=''/>", 0),
            ("<a b/>", 3),
            ("<a b=1/>", 5),
            ("<a b='1'c='2'/>", 8),
            ("<a =''/>", 3),
            ("<a><!-- x -- y --></a>", 3),
            ("<a><!-- x ---></a>", 3),
            ("<a><?xml version='1.0'?></a>", 3),
            ("<a><!DOCTYPE b></a>", 3),
            ("<a/>tail", 4),
            ("<a/>&lt;", 4),
            ("<a/><![CDATA[x]]>", 4),
            ("<a><KNOWN/></a>", 3),
            ("<a><1/></a>", 3),
            ("<a><b\u{1}/></a>", 3),
            ("<?xml version='1.o'?><a/>", 0),
            ("<?xml varsion='1.0'?><a/>", 0),
            ("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>", 0),
            ("<!doctype a><a/>", 0),
            ("<!DOCTYPE a PUBLIK \"x\" \"y\"><a/>", 0),
            ("<!DOCTYPE a PUBLIC \"x\"><a/>", 0),
            ("<!DOCTYPE a PUBLIC \"x\"\"y\"><a/>", 0),
            ("<!DOCTYPEa><a/>", 0),
            ("<!DOCTYPE a [<!ENTITY x \"ha\">]><a>&y;</a>", 34),
        ] {
            assert_eq!(damage(text).first().map(|(at, _)| *at), Some(at), "{text}");
        }
    }

    #[test]
    fn kept_text_is_free_of_terminal_escapes() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m\r\n\u{7}x"), "red\n\u{fffd}x");
        assert_eq!(clean("plain\n"), "plain\n");
    }
}
