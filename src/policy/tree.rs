//! A YAML document as a tree in which every value knows the file, line and column that it stands at. Layers of a
//! policy are merged as trees, so that each effective value keeps its origin.

use super::PolicyError;
use granit_parser::{Event, Parser, ScanError};
use indexmap::IndexMap;
use std::cell::Cell;
use std::rc::Rc;

/// Longest file that is read, deepest nesting, and most nodes once aliases are expanded: far beyond what a person
/// writes, and small enough that no file can exhaust the machine.
const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 50_000;

/// A file that a policy is read from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Path, or `preset:NAME`.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    /// It is a policy by what it says, so that a message may show a line of it. Any other file may be anything: one with
    /// a secret in it, named so that a message shows it.
    is_shown: Cell<bool>,
}

/// Where a value stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    source: Rc<Source>,
    /// From 1; 0 for the command line.
    line: usize,
    /// From 0, in characters.
    column: usize,
    /// Length in characters; at least 1.
    width: usize,
}

impl Place {
    /// `shipworthy.yml:12`.
    pub(super) fn origin(&self) -> String {
        match self.line {
            0 => self.source.name.clone(),
            line => format!("{}:{line}", self.source.name),
        }
    }

    /// The file.
    pub(super) fn file(&self) -> &str {
        &self.source.name
    }

    /// An error here, with the line and a mark below what is wrong.
    pub(super) fn error(&self, message: &str, help: impl Into<String>) -> PolicyError {
        PolicyError { message: format!("{}: {message}{}", self.origin(), self.excerpt()), help: help.into() }
    }

    fn excerpt(&self) -> String {
        let shown = self.line.checked_sub(1).filter(|_| self.source.is_shown.get());
        let Some(line) = shown.and_then(|n| self.source.text.lines().nth(n)) else {
            return String::new();
        };
        let gutter = self.line.to_string();
        let width = self.width.min(line.chars().count().saturating_sub(self.column)).max(1);
        let margin = " ".repeat(gutter.len());
        let mark = format!("{}{}", " ".repeat(self.column), "^".repeat(width));
        format!("\n  {gutter} | {line}\n  {margin} | {mark}")
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a node holds. Scalars stay text: what they mean is for the reader of the key to say.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// A scalar; quoted ones are text and never a number or a word of the language.
    Scalar {
        text: String,
        quoted: bool,
    },
    List(Vec<Node>),
    /// In the order of the file; the place of a key lies beside its value.
    Map(IndexMap<String, (Place, Node)>),
}

impl Node {
    /// `a map`, for messages.
    pub(super) const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(map) => map.get(key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Keys and values of a map, in order; nothing for everything else.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Place, &Self)> {
        let map = match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        };
        map.into_iter().flatten().map(|(key, (place, node))| (key.as_str(), place, node))
    }

    /// The elements of a list, or the node itself where a single value may stand for a list of one.
    pub(super) fn elements(&self) -> &[Self] {
        match &self.value {
            Value::List(list) => list,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Lays `over` on top: maps merge key by key, everything else replaces, and `null` takes an inherited key away.
    pub(super) fn merge(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Map(base), Value::Map(over)) => {
                for (key, (place, node)) in over {
                    match base.entry(key) {
                        indexmap::map::Entry::Occupied(slot) if matches!(node.value, Value::Null) => {
                            slot.shift_remove();
                        }
                        indexmap::map::Entry::Occupied(mut slot) => {
                            slot.get_mut().1.merge(node);
                        }
                        indexmap::map::Entry::Vacant(slot) => {
                            slot.insert((place, node));
                        }
                    }
                }
            }
            (value, over_value) => {
                *value = over_value;
                self.place = over.place;
            }
        }
    }

    /// Places without lines, for what no file says.
    pub(super) fn forget_lines(&mut self) {
        self.place.line = 0;
        match &mut self.value {
            Value::List(list) => list.iter_mut().for_each(Self::forget_lines),
            Value::Map(map) => map.values_mut().for_each(|(place, node)| {
                place.line = 0;
                node.forget_lines();
            }),
            Value::Null | Value::Scalar { .. } => {}
        }
    }

    /// Takes a key out of a map.
    pub(super) fn take(&mut self, key: &str) -> Option<Self> {
        match &mut self.value {
            Value::Map(map) => map.shift_remove(key).map(|(_, node)| node),
            _ => None,
        }
    }
}

/// Reads the text of a file: a map that says of which version it is. Before it has said that, nothing of it is quoted.
pub(super) fn read(name: &str, text: &str) -> Result<Node, PolicyError> {
    let (root, twice) = read_map(name, text)?;
    if !root.get("version").and_then(Node::scalar).is_some_and(is_version) {
        return Err(root.place.error("`version: 1` is missing", "add a line with `version: 1`"));
    }
    quoted(root, twice)
}

/// The root of a file that may be quoted, unless a key stands in it twice.
fn quoted(root: Node, twice: Option<Twice>) -> Result<Node, PolicyError> {
    root.place.source.is_shown.set(true);
    match twice {
        None => Ok(root),
        Some(Twice { place, key, first }) => Err(place.error(
            &format!("duplicate key `{key}`: it stands in line {first} already"),
            "keep one of the two",
        )),
    }
}

/// True for a version of the language, known or to come.
fn is_version(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Reads what the command line sets, which is its own to quote.
pub(super) fn read_option(name: &str, text: &str) -> Result<Node, PolicyError> {
    let (root, twice) = read_map(name, text)?;
    quoted(root, twice)
}

/// A key that a map has twice.
struct Twice {
    place: Place,
    key: String,
    /// The line of the first.
    first: usize,
}

fn read_map(name: &str, text: &str) -> Result<(Node, Option<Twice>), PolicyError> {
    let source = Rc::new(Source { name: name.to_owned(), text: text.to_owned(), is_shown: Cell::new(false) });
    let start = Place { source: Rc::clone(&source), line: 0, column: 0, width: 1 };
    if text.len() > MAX_BYTES {
        return Err(start
            .error("the file is larger than 1 MiB", "a policy is a page or two: is this the right file?"));
    }
    let options = granit_parser::options! { emit_comments: false };
    let mut builder = Builder { source, anchors: IndexMap::new(), nodes: 0, twice: None };
    let mut events = Parser::new_from_str_with_options(text, options);
    let mut root = None;
    while let Some(event) = events.next() {
        let (event, span) = event.map_err(|error| builder.broken(&error))?;
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(..) if root.is_some() => {
                return Err(builder
                    .place(span)
                    .error("a second document begins here", "keep one document in the file"));
            }
            Event::DocumentStart(..) => {}
            event => root = Some(builder.node(event, span, &mut events, 0)?),
        }
    }
    match root {
        Some(root) if matches!(root.value, Value::Map(_)) => Ok((root, builder.twice)),
        Some(root) if !matches!(root.value, Value::Null) => Err(root
            .place
            .error(&format!("this is {}, and the file is a map", root.kind()), "begin with `version: 1`")),
        _ => Err(start.error("the file is empty", "begin with `version: 1`")),
    }
}

type Events<'t> = Parser<'t, granit_parser::StrInput<'t>>;

struct Builder {
    source: Rc<Source>,
    anchors: IndexMap<usize, Node>,
    nodes: usize,
    twice: Option<Twice>,
}

impl Builder {
    fn place(&self, span: granit_parser::Span) -> Place {
        let width = if span.start.line() == span.end.line() {
            span.end.col().saturating_sub(span.start.col())
        } else {
            usize::MAX
        };
        Place {
            source: Rc::clone(&self.source),
            line: span.start.line(),
            column: span.start.col(),
            width: width.max(1),
        }
    }

    fn broken(&self, error: &ScanError) -> PolicyError {
        let (line, column) = (error.marker().line(), error.marker().col());
        let place = Place { source: Rc::clone(&self.source), line, column, width: 1 };
        place.error(
            &format!("this is no YAML: {}", error.info()),
            "look at the indentation, the quotes and the brackets",
        )
    }

    /// Counts nodes, so that aliases of aliases cannot blow a small file up.
    fn spend(&mut self, nodes: usize, place: &Place) -> Result<(), PolicyError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        Err(place
            .error("the file unfolds to more than 50,000 values", "write out what its aliases stand for"))
    }

    fn node<'t>(
        &mut self,
        event: Event<'t>,
        span: granit_parser::Span,
        events: &mut Events<'t>,
        depth: usize,
    ) -> Result<Node, PolicyError> {
        let place = self.place(span);
        self.spend(1, &place)?;
        if depth > MAX_DEPTH {
            return Err(place
                .error("this is nested too deeply", "no part of the language goes deeper than ten levels"));
        }
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let quoted = style != granit_parser::ScalarStyle::Plain;
                let null = !quoted && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let text = text.into_owned();
                (anchor, if null { Value::Null } else { Value::Scalar { text, quoted } })
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.list(events, depth)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.map(events, depth)?),
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    return Err(
                        place.error("this alias stands inside of what it names", "write the value out")
                    );
                };
                self.spend(size(&node), &place)?;
                return Ok(node);
            }
            _ => return Err(place.error("this is no YAML value", "write a value, a list or a map")),
        };
        let node = Node { place, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list<'t>(&mut self, events: &mut Events<'t>, depth: usize) -> Result<Value, PolicyError> {
        let mut list = Vec::new();
        while let Some(event) = events.next() {
            let (event, span) = event.map_err(|error| self.broken(&error))?;
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            list.push(self.node(event, span, events, depth.saturating_add(1))?);
        }
        Ok(Value::List(list))
    }

    fn map<'t>(&mut self, events: &mut Events<'t>, depth: usize) -> Result<Value, PolicyError> {
        let mut map: IndexMap<String, (Place, Node)> = IndexMap::new();
        while let Some(event) = events.next() {
            let (event, span) = event.map_err(|error| self.broken(&error))?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, span, events, depth.saturating_add(1))?;
            let Some(name) = key.scalar().map(str::to_owned) else {
                return Err(key
                    .place
                    .error(&format!("a key is a word, and this is {}", key.kind()), "write `key: value`"));
            };
            if let Some((first, _)) = map.get(&name) {
                // Whether the key may be shown is known at the end of the file.
                let (place, first) = (key.place.clone(), first.line);
                self.twice.get_or_insert(Twice { place, key: name.clone(), first });
            }
            let Some(event) = events.next() else { break };
            let (event, span) = event.map_err(|error| self.broken(&error))?;
            let value = self.node(event, span, events, depth.saturating_add(1))?;
            map.insert(name, (key.place, value));
        }
        Ok(Value::Map(map))
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(list) => list.iter().map(size).fold(1, usize::saturating_add),
        Value::Map(map) => map.values().map(|(_, n)| size(n)).fold(1, usize::saturating_add),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read_option("p.yml", text).unwrap_err().message
    }

    #[test]
    fn every_value_knows_its_place() {
        let tree = read_option("p.yml", "a: 1\nb:\n  - x: 'two'\n").unwrap();
        assert_eq!(tree.get("a").unwrap().place.origin(), "p.yml:1");
        let x = tree.get("b").unwrap().elements()[0].get("x").unwrap();
        assert_eq!((x.place.origin(), x.scalar()), ("p.yml:3".to_owned(), Some("two")));
        assert_eq!(
            x.place.error("wrong", "").message,
            "p.yml:3: wrong\n  3 |   - x: 'two'\n    |        ^^^^^"
        );
    }

    #[test]
    fn maps_merge_lists_replace_and_null_takes_away() {
        let mut base = read_option("a.yml", "m: { x: 1, y: 2 }\nl: [1, 2]\ngone: 1\n").unwrap();
        base.merge(read_option("b.yml", "m: { y: 3, z: 4 }\nl: [5]\ngone: null\n").unwrap());
        let m = base.get("m").unwrap();
        let texts: Vec<_> = m
            .entries()
            .map(|(k, _, v)| format!("{k}={} {}", v.scalar().unwrap(), v.place.origin()))
            .collect();
        assert_eq!(texts, ["x=1 a.yml:1", "y=3 b.yml:1", "z=4 b.yml:1"]);
        assert_eq!(base.get("l").unwrap().elements().len(), 1);
        assert!(base.get("gone").is_none());
    }

    #[test]
    fn what_could_mislead_or_exhaust_is_refused() {
        assert!(refused("a: 1\na: 2").contains("line 1 already"));
        assert!(refused("a: 1\n---\nb: 2").contains("second document"));
        assert!(refused("").contains("empty"));
        assert!(refused("- 1").contains("a list"));
        assert!(refused("a: [1").contains("no YAML"));
        assert!(refused("a: &x [*x]").contains("alias") || refused("a: &x [*x]").contains("no YAML"));
        assert!(refused(&format!("a: {}", "[".repeat(200))).contains("p.yml:1"));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
        assert!(refused(bomb).contains("50,000"));
    }
}
