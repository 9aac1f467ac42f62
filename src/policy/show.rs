//! The effective policy as YAML, each value with the place that it comes from.

use super::Mistakes;
use super::load::{Chosen, Loaded};
use super::tree::{Node, Value};

/// Values that hold where nothing is written, by the level that they belong to.
const POLICY_DEFAULTS: [(&str, &str); 3] =
    [("deploy_at", "100"), ("quarantine_max", "1%"), ("unrecognised", "warn")];
const CATEGORY_DEFAULTS: [(&str, &str); 2] = [("blocking", "true"), ("required", "true")];

/// One effective value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Nesting, from 0.
    pub depth: usize,
    /// `key: value`, `key:`, or `- value`.
    pub text: String,
    /// File and line, `default`, or empty for the head of a map or list.
    pub origin: String,
}

impl Loaded {
    /// Every effective value under a profile, in the order of the policy.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn shown(&self, wanted: &Chosen) -> Result<Vec<Shown>, Mistakes> {
        self.policy(wanted)?;
        let (tree, _) = self.effective(wanted)?;
        let mut lines = Vec::new();
        map(&tree, 0, &mut lines);
        for (key, value) in POLICY_DEFAULTS.iter().filter(|(key, _)| tree.get(key).is_none()) {
            lines.push(default(0, key, value));
        }
        Ok(lines)
    }
}

fn default(depth: usize, key: &str, value: &str) -> Shown {
    Shown { depth, text: format!("{key}: {value}"), origin: "default".to_owned() }
}

fn map(node: &Node, depth: usize, lines: &mut Vec<Shown>) {
    for (key, _, value) in node.entries() {
        entry(&format!("{}:", scalar(key, false)), value, depth, lines);
        if depth == 0 && key == "categories" {
            with_category_defaults(value, lines);
        }
    }
}

/// Puts the defaults of each category behind its last line.
fn with_category_defaults(categories: &Node, lines: &mut Vec<Shown>) {
    for (id, _, category) in categories.entries() {
        let head = format!("{}:", scalar(id, false));
        let Some(start) = lines.iter().rposition(|l| l.depth == 1 && l.text == head) else { continue };
        let below = lines.iter().skip(start.saturating_add(1)).take_while(|l| l.depth > 1).count();
        let missing = CATEGORY_DEFAULTS.iter().filter(|(key, _)| category.get(key).is_none());
        let end = start.saturating_add(below).saturating_add(1);
        lines.splice(end..end, missing.map(|(key, value)| default(2, key, value)));
    }
}

fn entry(head: &str, node: &Node, depth: usize, lines: &mut Vec<Shown>) {
    let deeper = depth.saturating_add(1);
    let line = |text: String, origin: String| Shown { depth, text, origin };
    match &node.value {
        Value::Null => lines.push(line(format!("{head} null"), node.place.origin())),
        Value::Scalar { text, quoted } => {
            lines.push(line(format!("{head} {}", scalar(text, *quoted)), node.place.origin()));
        }
        Value::List(list) if list.is_empty() => lines.push(line(format!("{head} []"), node.place.origin())),
        Value::List(list) => {
            lines.push(line(head.to_owned(), String::new()));
            for element in list {
                match &element.value {
                    Value::Map(_) => {
                        lines.push(Shown { depth: deeper, text: "-".to_owned(), origin: String::new() });
                        map(element, deeper.saturating_add(1), lines);
                    }
                    _ => entry("-", element, deeper, lines),
                }
            }
        }
        Value::Map(_) => {
            lines.push(line(head.to_owned(), String::new()));
            map(node, deeper, lines);
        }
    }
}

/// A scalar in the plainest form that reads back as the same text.
fn scalar(text: &str, quoted: bool) -> String {
    let plain = !quoted
        && !text.is_empty()
        && text.trim() == text
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.contains('\n')
        && !text.starts_with([
            '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '{', '[', ']', '}', ',', '#', '?', '-',
        ]);
    if plain {
        text.to_owned()
    } else if text.contains('\n') || text.chars().any(char::is_control) {
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
