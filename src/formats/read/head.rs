//! The first look at a file: what it is made of, and the names near its beginning. Formats are told apart by it.

use super::damage::DamageLog;
use super::json::{Json, Shape};
use super::xml::{Node, Xml};

/// How much of a file is looked at first; a JSON file whose telling keys come later is looked at as a whole.
const HEAD_BYTES: usize = 64 * 1024;
/// Start tags that are listed of an XML head.
const HEAD_TAGS: usize = 64;
/// Keys that are listed of all objects together: the telling ones may come after any number of others.
const HEAD_KEYS: usize = 100_000;
/// Elements of an array that are looked at for an object.
const HEAD_ELEMENTS: usize = 16;
/// Levels of a JSON outline.
const OUTLINE_DEPTH: usize = 4;

/// The first look at a file.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    /// File name in lower case, without folders: breaks ties, never decides.
    pub name: String,
    /// The whole text.
    pub text: &'a str,
    /// What it is made of.
    pub body: Body,
}

/// What a file is made of.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing but white space.
    Blank,
    /// Markup: root name, its attributes, and the first start tags with their depths.
    Xml(XmlHead),
    /// JSON: the outline of the first value.
    Json(Outline),
    /// Anything else.
    Text,
}

/// Names near the beginning of an XML file.
#[derive(Debug, Clone, Default)]
pub struct XmlHead {
    /// Local name of the root element.
    pub root: String,
    /// Attributes of the root element, local names.
    pub attrs: Vec<(String, String)>,
    /// Depth (root is 1) and local name of the first start tags.
    pub tags: Vec<(usize, String)>,
}

impl XmlHead {
    /// An attribute of the root.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// True where an element of that name stands near the beginning.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.tags.iter().any(|(_, tag)| tag == name)
    }
}

/// The outline of a JSON value: keys and types, a few levels deep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outline {
    /// Keys with the outlines of their values, in document order.
    Object(Vec<(String, Outline)>),
    /// The outline of the first element that is an object, or of another one; nothing for an empty array.
    Array(Option<Box<Outline>>),
    /// A string, shortened.
    String(String),
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// Null.
    Null,
    /// Not looked at: too deep, or behind the end of what was looked at.
    Unseen,
}

impl Outline {
    /// The value of a key, where this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// True where this is an object with all these keys.
    #[must_use]
    pub fn has(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.get(key).is_some())
    }

    /// The first element, where this is an array that has one.
    #[must_use]
    pub fn first(&self) -> Option<&Self> {
        match self {
            Self::Array(Some(first)) => Some(first),
            _ => None,
        }
    }

    /// The first value of an object that is an object itself, whatever its key.
    #[must_use]
    pub fn first_object(&self) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().map(|(_, v)| v).find(|v| matches!(v, Self::Object(_))),
            _ => None,
        }
    }

    /// True for an array, empty or not.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }
}

impl<'a> Head<'a> {
    /// Looks at the first 64 KiB.
    #[must_use]
    pub fn new(path: &str, text: &'a str) -> Self {
        let end = (0..=HEAD_BYTES.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        Self::of(path, text, text.get(..end).unwrap_or_default())
    }

    /// Looks at the whole text, for JSON whose telling keys come after large values.
    #[must_use]
    pub fn whole(path: &str, text: &'a str) -> Self {
        Self::of(path, text, text)
    }

    /// True where more text follows than the first look takes in.
    #[must_use]
    pub const fn is_long(text: &str) -> bool {
        text.len() > HEAD_BYTES
    }

    fn of(path: &str, text: &'a str, seen: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
        let body = match seen.trim_start().as_bytes().first() {
            None => Body::Blank,
            Some(b'<') => Body::Xml(xml_head(seen)),
            Some(b'{' | b'[') => Body::Json(first_outline(seen)),
            Some(_) => Body::Text,
        };
        Self { name, text, body }
    }

    /// The XML head, where the file is markup.
    #[must_use]
    pub const fn xml(&self) -> Option<&XmlHead> {
        match &self.body {
            Body::Xml(head) => Some(head),
            _ => None,
        }
    }

    /// The JSON outline, where the file is JSON.
    #[must_use]
    pub const fn json(&self) -> Option<&Outline> {
        match &self.body {
            Body::Json(outline) => Some(outline),
            _ => None,
        }
    }

    /// The first lines of a text file, in any number.
    pub fn lines(&self) -> impl Iterator<Item = &'a str> {
        super::lines::lines(self.text).map(|l| l.text)
    }
}

/// A fault ends the look: the file may be cut, or the head is.
fn xml_head(seen: &str) -> XmlHead {
    let (mut xml, mut head) = (Xml::new(seen, &DamageLog::default()), XmlHead::default());
    while head.tags.len() < HEAD_TAGS {
        match xml.next() {
            Ok(Some(Node::Open(element))) => {
                if head.tags.is_empty() {
                    head.root = element.name().to_owned();
                    head.attrs = element.attrs().map(|(n, v)| (n.to_owned(), v.into_owned())).collect();
                }
                head.tags.push((xml.depth(), element.name().to_owned()));
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    head
}

/// The outline of the first value, or in a stream of values of the first that is an object: a first line that is damaged
/// hides nothing of the others.
fn first_outline(seen: &str) -> Outline {
    let (mut json, mut left) = (Json::new(seen, &DamageLog::default()), HEAD_KEYS);
    let (first, mut whole) = outline(&mut json, OUTLINE_DEPTH, &mut left);
    let mut found = None;
    for _ in 0..HEAD_ELEMENTS {
        if matches!(found.as_ref().unwrap_or(&first), Outline::Object(_)) || !whole || json.is_at_end() {
            break;
        }
        let (next, next_whole) = outline(&mut json, OUTLINE_DEPTH, &mut left);
        whole = next_whole;
        found = Some(next);
    }
    found.filter(|found| matches!(found, Outline::Object(_))).unwrap_or(first)
}

/// The outline of the next value, with `left` keys at most, and whether it was read to its end.
fn outline(json: &mut Json<'_>, depth: usize, left: &mut usize) -> (Outline, bool) {
    let Ok(shape) = json.shape() else { return (Outline::Unseen, false) };
    if depth == 0 && matches!(shape, Shape::Object | Shape::Array) {
        let whole = json.skip().is_ok();
        return (Outline::Unseen, whole);
    }
    match shape {
        Shape::Object => {
            let mut entries = Vec::new();
            let whole = json.object(|json, key| {
                if *left == 0 {
                    return json.skip();
                }
                *left = left.saturating_sub(1);
                let (value, whole) = outline(json, depth.saturating_sub(1), left);
                entries.push((key.to_owned(), value));
                if whole {
                    Ok(())
                } else {
                    Err(super::fault::Fault::truncated(json.at(), "the look ends here"))
                }
            });
            (Outline::Object(entries), whole.is_ok())
        }
        Shape::Array => {
            let mut first = None;
            let whole = json.array(|json, index| {
                // A first element that is damaged hides nothing of the others.
                let is_telling = |first: &Option<Box<Outline>>| {
                    first.as_deref().is_some_and(|first| matches!(first, Outline::Object(_)))
                };
                if index >= HEAD_ELEMENTS || is_telling(&first) {
                    return json.skip();
                }
                let (value, whole) = outline(json, depth.saturating_sub(1), left);
                first = Some(Box::new(value));
                if whole {
                    Ok(())
                } else {
                    Err(super::fault::Fault::truncated(json.at(), "the look ends here"))
                }
            });
            (Outline::Array(first), whole.is_ok())
        }
        Shape::String => {
            let text = json.text();
            (Outline::String(text.as_deref().unwrap_or_default().chars().take(80).collect()), text.is_ok())
        }
        Shape::Number => (Outline::Number, json.skip().is_ok()),
        Shape::Bool => (Outline::Bool, json.skip().is_ok()),
        Shape::Null => (Outline::Null, json.skip().is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_json_head_keeps_the_keys_it_saw() {
        let head = Head::new("a.json", "{\"runs\": [{\"tool\": {\"driver\": {\"name\": \"x");
        let outline = head.json().unwrap();
        assert!(outline.get("runs").and_then(Outline::first).is_some_and(|run| run.has(&["tool"])));
    }

    #[test]
    fn telling_keys_may_come_after_any_number_of_others() {
        let others: String = (0..3_000).map(|n| format!("\"k{n}\": {{\"x\": {n}}}, ")).collect();
        let head =
            Head::new("a.json", &format!("{{\"m\": {{{others}\"last\": 1}}, {others}\"runs\": []}}")).body;
        let Body::Json(outline) = head else { panic!("no JSON") };
        assert!(outline.has(&["runs"]) || outline.get("m").is_some_and(|m| m.has(&["last"])));
        let text = format!("{{{others}\"runs\": []}}");
        assert!(Head::whole("a.json", &text).json().unwrap().has(&["runs"]));
    }

    #[test]
    fn an_xml_head_lists_root_attributes_and_tags() {
        let head = Head::new("dir/A.XML", "<?xml version='1.0'?>\n<r a='1'><b/><c>");
        let xml = head.xml().unwrap();
        assert_eq!((head.name.as_str(), xml.root.as_str(), xml.attr("a")), ("a.xml", "r", Some("1")));
        assert!(xml.has("b") && xml.has("c") && !xml.has("d"));
    }
}
