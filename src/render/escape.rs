//! Borders of the outputs: hostile text goes in, text that cannot act comes out.
//!
//! Names, messages and traces are written by whoever wrote the tests, tools and pages. One function for each
//! place that such text can land in; nothing else in the renderers escapes by hand.

use std::fmt::Write as _;

/// Text as it can be shown: escape sequences are gone, and characters that hide or reorder others are
/// replaced by `�`. Line feeds and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut chars),
            '\u{9b}' => skip_csi(&mut chars),
            '\n' | '\t' => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            _ if is_deceptive(c) => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// True for controls, for direction marks and for tags: characters that no reader sees.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips what follows an ESC: a control sequence, a string up to its terminator, or one character.
fn skip_sequence(chars: &mut Rest<'_>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_csi(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(chars),
        Some(c) if c.is_ascii_graphic() => {
            chars.next();
        }
        _ => {}
    }
}

/// Skips parameters and the final character of a control sequence; a broken one ends where it breaks.
fn skip_csi(chars: &mut Rest<'_>) {
    while chars.next_if(|c| ('\u{20}'..='\u{3f}').contains(c)).is_some() {}
    chars.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
}

/// Skips a command string. It ends at BEL or ESC, or at the end of its line: an open one must not eat a text.
fn skip_string(chars: &mut Rest<'_>) {
    chars.next();
    while chars.next_if(|&c| !matches!(c, '\u{7}' | '\u{1b}' | '\u{9c}' | '\n')).is_some() {}
    match chars.peek() {
        Some('\u{7}' | '\u{9c}') => {
            chars.next();
        }
        Some('\u{1b}') => {
            chars.next();
            chars.next_if_eq(&'\\');
        }
        _ => {}
    }
}

/// Text on one line: every run of white space is one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in visible(text).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// For XML text and quoted attributes: what XML 1.0 takes, without markup. With every `>` goes the end of a
/// CDATA section. An attribute is one line, because readers turn its line feeds into spaces.
#[must_use]
pub fn xml(text: &str) -> String {
    let text = visible(text);
    let mut breaks = breaks(&text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            _ if breaks.stand_at(at) => reference(c, &mut out),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// For HTML text and quoted attributes.
#[must_use]
pub fn html(text: &str) -> String {
    let text = visible(text);
    let mut breaks = breaks(&text);
    let mut out = String::with_capacity(text.len().saturating_add(text.len() / 8));
    for (at, c) in text.char_indices() {
        match c {
            _ if breaks.stand_at(at) => reference(c, &mut out),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// For running text and table cells in Markdown, and for HTML blocks in it: one line in which nothing is markup,
/// a mention, a reference or a link.
///
/// Marks become entities, which neither Markdown nor HTML reads as structure. What GitHub links by itself is
/// broken by an invisible `&#8203;`, which the eye does not notice.
#[must_use]
pub fn markdown(text: &str) -> String {
    let line = one_line(text);
    let mut out = String::with_capacity(line.len().saturating_mul(2));
    // The text may come to stand first in its line, where a log reader takes `::` for a command.
    let line = match line.strip_prefix(':').filter(|rest| rest.starts_with(':')) {
        Some(rest) => {
            reference(':', &mut out);
            rest
        }
        None => &line,
    };
    for (at, word) in line.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let mark = if at == 0 { list_mark(word) } else { None };
        markdown_word(word, mark, &mut out);
    }
    out
}

/// Position of the character that makes a first word a list or a rule.
fn list_mark(word: &str) -> Option<usize> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    match word.as_bytes().get(digits..) {
        Some(b"." | b")") if digits > 0 => Some(digits),
        Some(rest) if digits == 0 && rest.iter().all(|b| b"-+=".contains(b)) => Some(0),
        _ => None,
    }
}

fn markdown_word(word: &str, mark: Option<usize>, out: &mut String) {
    let commit = is_commit(word);
    let mut before = ' ';
    for (at, c) in word.char_indices() {
        let rest = word.get(at..).unwrap_or_default();
        let after = rest.chars().nth(1).unwrap_or(' ');
        let special = match c {
            '<' | '>' | '&' | '$' | '\\' | '`' | '*' | '[' | ']' | '|' | '~' => true,
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            _ => mark == Some(at),
        };
        if special {
            reference(c, out);
        } else if c == '.' && before.eq_ignore_ascii_case(&'w') {
            out.push_str("&#8203;.");
        } else {
            out.push(c);
        }
        let linked = matches!(c, '@' | '#') || (c == '-' && before == 'H') || rest.starts_with("://");
        if linked || (commit && at == 3) {
            out.push_str("&#8203;");
        }
        before = c;
    }
}

/// True for what GitHub takes for a commit.
fn is_commit(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    (7..=40).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_hexdigit())
        && word.bytes().any(|b| b.is_ascii_digit())
}

/// Inline code in Markdown: a run of backticks that is longer than any inside. Pipes stay in their cell.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    let line = disarm_command(&one_line(text)).replace('|', "\\|");
    if line.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&line, '`').saturating_add(1));
    let pad = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{line}{pad}{ticks}")
}

/// A fenced block in Markdown, with a fence that is longer than any run of backticks inside.
#[must_use]
pub fn markdown_fence(text: &str) -> String {
    let text = visible(text);
    let ticks = "`".repeat(longest_run(&text, '`').saturating_add(1).max(3));
    let mut out = format!("{ticks}text\n");
    for line in text.trim_end().lines() {
        let _infallible = writeln!(out, "{}", disarm_command(line.trim_end()));
    }
    out.push_str(&ticks);
    out
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0_usize;
    let mut run = 0_usize;
    for c in text.chars() {
        run = if c == of { run.saturating_add(1) } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// For a terminal and for a log: one line without sequences, and without what log readers obey.
#[must_use]
pub fn terminal(text: &str) -> String {
    disarm_command(&one_line(text))
}

/// For a terminal and for a log: several lines, each as [`terminal`] leaves it, with its indentation.
#[must_use]
pub fn terminal_lines(text: &str) -> String {
    let lines: Vec<String> = visible(text).lines().map(|line| disarm_command(line.trim_end())).collect();
    lines.join("\n")
}

/// Lines that log readers take for commands (`::error::`, `##[group]`, `##vso[…]`, `##teamcity[…]`) are made plain text.
#[must_use]
pub fn disarm_command(text: &str) -> String {
    let mut breaks = breaks(text);
    let mut out = String::with_capacity(text.len().saturating_add(1));
    for (at, c) in text.char_indices() {
        if breaks.stand_at(at) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// Markup that is safe already, without lines that log readers take for commands.
#[must_use]
pub fn disarm_markup(markup: &str) -> String {
    let mut breaks = breaks(markup);
    let mut out = String::with_capacity(markup.len());
    for (at, c) in markup.char_indices() {
        if breaks.stand_at(at) { reference(c, &mut out) } else { out.push(c) }
    }
    out
}

/// For the text of a JSON document, which may be printed to a log: inside of its strings the characters that act on
/// a terminal, hide others or begin a command are written as escapes. What it says stays the same.
#[must_use]
pub fn json(document: &str) -> String {
    // No line of a document begins with a text, so that only hashes matter.
    let mut breaks = Breaks::of(hashes(document).collect());
    let mut out = String::with_capacity(document.len());
    let (mut copied, mut at) = (0_usize, 0_usize);
    while let Some(ahead) = document.as_bytes().get(at..).and_then(|rest| rest.iter().position(is_special)) {
        at = at.saturating_add(ahead);
        let Some(c) = document.get(at..).and_then(|rest| rest.chars().next()) else { break };
        if breaks.stand_at(at) || is_escaped(c) {
            out.push_str(document.get(copied..at).unwrap_or_default());
            copied = at.saturating_add(c.len_utf8());
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        }
        at = at.saturating_add(c.len_utf8());
    }
    out.push_str(document.get(copied..).unwrap_or_default());
    out
}

/// True for the bytes of a JSON document that are looked at: all but printable ASCII and line feeds, and hashes.
const fn is_special(byte: &u8) -> bool {
    !matches!(*byte, b'\n' | b' '..=b'"' | b'$'..=b'~')
}

/// True for characters that data carries as escapes.
fn is_escaped(c: char) -> bool {
    is_deceptive(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Before a text becomes a YAML scalar: what must be written as an escape stands behind a mark, which forces the quotes
/// that escapes need. [`yaml_document`] writes the escapes.
#[must_use]
pub fn yaml_scalar(text: &str) -> String {
    let mut breaks = breaks(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        // A long text is folded at any space, so that any word may come to begin a line.
        let first = before.is_whitespace() && rest.starts_with("::");
        let known = matches!(c, '\n' | '\t') || !is_escaped(c);
        let mark = rest.starts_with(YAML_MARK_WRITTEN);
        if breaks.stand_at(at) || first || mark || !known {
            let _infallible = write!(out, "{YAML_MARK}{:08X}", u32::from(c));
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

/// The mark of [`yaml_scalar`] in a text, and what the writer makes of it.
const YAML_MARK: char = '\u{1}';
const YAML_MARK_WRITTEN: &str = "\\x01";

/// A YAML document of such scalars with their escapes.
#[must_use]
pub fn yaml_document(document: &str) -> String {
    // A backslash of a text is written twice, so that what looks like the mark behind one is text.
    let mut out = String::with_capacity(document.len());
    let mut rest = document;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (written, length) = match after {
            _ if after.starts_with(YAML_MARK_WRITTEN.trim_start_matches('\\')) => ("\\U", 3),
            _ if after.starts_with('\\') => ("\\\\", 1),
            _ => ("\\", 0),
        };
        out.push_str(written);
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Places in a text, the first first.
struct Breaks {
    next: usize,
    rest: std::vec::IntoIter<usize>,
}

impl Breaks {
    fn of(mut places: Vec<usize>) -> Self {
        places.sort_unstable();
        places.dedup();
        let mut rest = places.into_iter();
        Self { next: rest.next().unwrap_or(usize::MAX), rest }
    }

    /// True for one of the places; they are asked for in their order.
    fn stand_at(&mut self, at: usize) -> bool {
        let is_here = self.next == at;
        if is_here {
            self.next = self.rest.next().unwrap_or(usize::MAX);
        }
        is_here
    }
}

/// Where a break keeps log readers from taking text for a command: before the second colon of a `::` that begins a
/// line, and before the second of the two hashes of `##[`, `##vso[` and their like, which some readers find anywhere.
fn breaks(text: &str) -> Breaks {
    let mut places = Vec::new();
    if text.contains("::") {
        let mut start = 0_usize;
        for line in text.split_inclusive(['\n', '\r']) {
            let words = line.trim_start();
            if words.starts_with("::") {
                let lead = line.len().saturating_sub(words.len());
                places.push(start.saturating_add(lead).saturating_add(1));
            }
            start = start.saturating_add(line.len());
        }
    }
    places.extend(hashes(text));
    Breaks::of(places)
}

/// The second hash of every command that begins with two.
fn hashes(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices('#').filter_map(|(at, _)| second_hash(text, at))
}

/// Where the second hash of a command stands that begins with the one at `at`. Readers that compare as languages do see
/// no joiner between the two.
fn second_hash(text: &str, at: usize) -> Option<usize> {
    let unseen = |c: char| is_deceptive(c) || matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    let next = text.get(at.saturating_add(1)..)?.trim_start_matches(unseen);
    let word = next.strip_prefix('#')?.trim_start_matches(|c: char| c.is_alphanumeric() || unseen(c));
    word.starts_with('[').then(|| text.len().saturating_sub(next.len()))
}

/// A character reference.
fn reference(c: char, out: &mut String) {
    let _infallible = write!(out, "&#{};", u32::from(c));
}

/// True for addresses that a page may link to: `http`, `https` and `mailto`, with nothing hidden in them.
#[must_use]
pub fn is_link(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default().to_ascii_lowercase();
    uri.contains(':')
        && matches!(scheme.as_str(), "http" | "https" | "mailto")
        && !uri.chars().any(|c| c.is_whitespace() || is_deceptive(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_hidden_characters_do_not_survive() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m \u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}"), "red link");
        assert_eq!(visible("a\u{202e}b\u{0}c\u{9b}2Jd"), "a\u{fffd}b\u{fffd}cd");
        assert_eq!(visible("one\r\ntwo\rthree\u{2028}four"), "one\ntwo\nthree\nfour");
        assert_eq!(visible("\u{1b}]open string\nnext line"), "\nnext line");
        assert_eq!(visible("grüße 👩‍💻 \t中"), "grüße 👩‍💻 \t中");
    }

    #[test]
    fn xml_takes_any_text() {
        assert_eq!(xml("a]]>b & \"c\" <d>"), "a]]&gt;b &amp; &quot;c&quot; &lt;d&gt;");
        assert_eq!(xml("\u{0}\u{1b}[1mx\u{ffff}\u{fffe}\r\ny\u{7f}"), "\u{fffd}x\u{fffd}\u{fffd}\ny\u{fffd}");
    }

    #[test]
    fn markdown_text_is_no_markup() {
        assert_eq!(markdown("a|b `c` [d](e)"), "a&#124;b &#96;c&#96; &#91;d&#93;(e)");
        assert_eq!(markdown("<f> &g *h* _i_ j_k"), "&#60;f&#62; &#38;g &#42;h&#42; &#95;i&#95; j_k");
        assert_eq!(markdown("- item"), "&#45; item");
        assert_eq!(markdown("12. item"), "12&#46; item");
        assert_eq!(markdown("took 1.5 s - long"), "took 1.5 s - long");
        assert_eq!(markdown("a\n\n# b"), "a #&#8203; b");
    }

    #[test]
    fn markdown_text_notifies_and_links_nobody() {
        for (text, left) in [("@org/team", "@org"), ("fixes #12", "#12"), ("GH-12", "GH-12")] {
            assert!(!markdown(text).contains(left), "{}", markdown(text));
        }
        assert!(!markdown("see https://evil.example").contains("https://"));
        assert!(!markdown("see www.evil.example").contains("www."));
        assert!(!markdown("at 0123abcd").contains("0123abcd"));
    }

    #[test]
    fn code_cannot_be_left_by_backticks() {
        assert_eq!(markdown_code("a``b"), "```a``b```");
        assert_eq!(markdown_code("`a|b`"), "`` `a\\|b` ``");
        let fence = markdown_fence("x\n````\n## out\n```");
        assert!(fence.starts_with("`````text\n") && fence.ends_with("\n`````"), "{fence}");
    }

    #[test]
    fn log_commands_are_plain_text() {
        assert_eq!(disarm_command("  ::error::boo"), "  : :error::boo");
        assert_eq!(disarm_command("a ##[add-mask]b"), "a # #[add-mask]b");
        assert_eq!(
            disarm_command("##vso[task.x]y ##\u{200d}teamcity[z"),
            "# #vso[task.x]y # #\u{200d}teamcity[z"
        );
        assert_eq!(disarm_command("#\u{200d}#vso[x"), "#\u{200d} #vso[x");
        assert_eq!(disarm_command("## heading [link]"), "## heading [link]");
        assert_eq!(terminal("a\n::add-mask::b"), "a ::add-mask::b");
        assert_eq!(terminal("\u{a0}::add-mask::b"), ": :add-mask::b");
        assert_eq!(terminal_lines("a\n  ::add-mask::b\r::c"), "a\n  : :add-mask::b\n: :c");
        assert_eq!(disarm_command("std::vec::Vec"), "std::vec::Vec");
    }

    #[test]
    fn json_says_the_same_and_acts_nowhere() {
        let text = "a ##vso[b ##[c #d \u{202e}\u{9b}\u{ad} é 👩‍💻 \u{2028} \u{7f}\n::x \u{e0041}";
        let plain = serde_json::Value::from(text).to_string();
        let safe = json(&plain);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        assert!(
            safe.contains("#\\u0023vso[b #\\u0023[c #d \\u202e\\u009b\\u00ad é 👩‍💻 \\u2028 \\u007f\\n::x"),
            "{safe}"
        );
        assert!(safe.contains("\\udb40\\udc41"), "{safe}");
        assert_eq!(json("{\"a\": 1}\n"), "{\"a\": 1}\n");
    }

    #[test]
    fn only_known_schemes_are_links() {
        assert!(is_link("https://example.org/a?b=c") && is_link("mailto:a@b.c"));
        for bad in
            ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "java\nscript:x", "/rel", "http"]
        {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
