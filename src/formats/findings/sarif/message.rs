//! Messages: placeholders, escapes, links, and secrets that must not be repeated.

use std::borrow::Cow;

/// What is looked at of a message: far more than is shown, and little enough for a message that every result repeats.
const MAX_TEXT: usize = 16_384;

/// The beginning of a text, as far as it is looked at.
pub(super) fn beginning(text: &str) -> &str {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Digits of a placeholder, and its closing brace.
const MAX_NUMBER: usize = 8;

/// Replaces `{n}` by the arguments and `{{`, `}}` by single braces. A placeholder without an argument stays.
pub(super) fn fill(template: &str, arguments: &[Cow<'_, str>]) -> String {
    let mut out = String::new();
    let mut rest = beginning(template);
    while out.len() < MAX_TEXT
        && let Some(at) = rest.find(['{', '}'])
    {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        if let Some(after) = tail.strip_prefix("{{") {
            out.push('{');
            rest = after;
        } else if let Some(after) = tail.strip_prefix("}}") {
            out.push('}');
            rest = after;
        } else if let Some((argument, after)) = placeholder(tail, arguments) {
            out.push_str(beginning(argument));
            rest = after;
        } else {
            let width = tail.chars().next().map_or(0, char::len_utf8);
            let (brace, after) = tail.split_at(width);
            out.push_str(brace);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The argument that `{n}` at the start of `text` stands for, and what follows it.
fn placeholder<'t>(text: &'t str, arguments: &'t [Cow<'_, str>]) -> Option<(&'t str, &'t str)> {
    let body = text.strip_prefix('{')?;
    let end = body.bytes().take(MAX_NUMBER).position(|byte| byte == b'}')?;
    let (number, after) = (body.get(..end)?, body.get(end.saturating_add(1)..)?);
    let argument = arguments.get(number.parse::<usize>().ok()?)?;
    Some((argument.as_ref(), after))
}

/// Replaces `[text](3)`, a link to a related location, by its text. Links to web pages stay as they are.
pub(super) fn without_location_links(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, tail)) = rest.split_once("](") {
        let link = before.rfind('[').zip(tail.split_once(')')).filter(|(_, (target, _))| {
            target.starts_with("sarif:") || (!target.is_empty() && target.bytes().all(|b| b.is_ascii_digit()))
        });
        if let Some((open, (_, after))) = link {
            let (head, label) = before.split_at(open);
            out.push_str(head);
            out.push_str(label.strip_prefix('[').unwrap_or(label));
            rest = after;
        } else {
            out.push_str(before);
            out.push_str("](");
            rest = tail;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Masks what may be a credential: long runs of letters with digits, and what stands in quotes. Too much is
/// masked rather than too little.
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote: Option<char> = None;
    for piece in text.split_inclusive(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '=')))
    {
        let end = piece
            .chars()
            .next_back()
            .filter(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '=')));
        let word = end.map_or(piece, |c| piece.strip_suffix(c).unwrap_or(piece));
        if is_suspicious(word, quote.is_some()) {
            out.extend(word.chars().take(2));
            out.push_str("***");
        } else {
            out.push_str(word);
        }
        if let Some(c) = end {
            out.push(c);
            match quote {
                Some(open) if open == c => quote = None,
                None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
                _ => {}
            }
        }
    }
    out
}

fn is_suspicious(word: &str, quoted: bool) -> bool {
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let has_letter = word.chars().any(char::is_alphabetic);
    let size = word.chars().count();
    (size >= 8 && has_digit) || size >= 24 || (quoted && size >= 6 && has_letter)
}
