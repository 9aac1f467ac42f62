//! Links from a place in the report to its source, at the commit that was judged.
//!
//! The template comes from the pipeline or from the user, and a report that is rendered again may come from anywhere, so
//! it is checked here each time; paths come from artifacts, and whatever is no plain path inside a repository gets no
//! link.

use super::escape::{is_link, visible};
use std::fmt::Write as _;

const PATH: &str = "{path}";
const LINE: &str = "{line}";

/// Why a text is no template of links to source; nothing where it is one.
///
/// A template is an `http` or `https` address with `{path}`, and with `{line}` where the server can show a line.
#[must_use]
pub fn fault(template: &str) -> Option<&'static str> {
    let Some(rest) = template.strip_prefix("https://").or_else(|| template.strip_prefix("http://")) else {
        return Some("it does not begin with `https://` or `http://`");
    };
    if !template.contains(PATH) {
        return Some("it does not say where the path stands: `{path}` is missing");
    }
    let plain = template.replace(PATH, "").replace(LINE, "");
    if plain.contains(['{', '}']) {
        return Some("it knows other places than `{path}` and `{line}`");
    }
    let odd = |c: char| !c.is_ascii_graphic() || "\"'<>\\^`|()".contains(c);
    if plain.contains(odd) || !is_link(template) {
        return Some("it holds characters that no address has");
    }
    // A path that ran into the server's name would lead to another server.
    match rest.split_once('/') {
        Some((server, _)) if !server.is_empty() && !server.contains(['{', '@']) => None,
        _ => Some("it has no `/` behind the server's name"),
    }
}

/// The address of a line of a file, or of the file where the line is 0. Nothing without a template, and nothing for what
/// is no path inside a repository: absolute, with `..`, a scheme or a drive, or with characters that nobody sees.
#[must_use]
pub fn of(template: &str, path: &str, line: u64) -> Option<String> {
    if fault(template).is_some() || !is_inside(path) {
        return None;
    }
    let template = match line {
        0 => without_line(template)?,
        line => template.replace(LINE, &line.to_string()),
    };
    Some(template.replace(PATH, &coded(path)))
}

/// True for a relative path that stays inside of its root and hides nothing.
#[must_use]
pub fn is_inside(path: &str) -> bool {
    let schemed = path.split('/').next().is_some_and(|first| first.contains(':'));
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    !schemed && !path.contains(['\\', '\n', '\t']) && path.split('/').all(plain) && visible(path) == path
}

/// The template without the parts of its query and fragment that are about a line; nothing where the line is a part of the
/// address itself.
fn without_line(template: &str) -> Option<String> {
    let (address, fragment) = template.split_once('#').unwrap_or((template, ""));
    let (base, query) = address.split_once('?').unwrap_or((address, ""));
    let about_line = |part: &str| part.contains(LINE) || part.starts_with("line");
    let query: Vec<&str> = query.split('&').filter(|part| !part.is_empty() && !about_line(part)).collect();
    let mut out = base.to_owned();
    for (text, mark) in [(query.join("&"), '?'), (fragment.to_owned(), '#')] {
        if !text.is_empty() && !text.contains(LINE) {
            out.push(mark);
            out.push_str(&text);
        }
    }
    (!out.contains(LINE)).then_some(out)
}

/// A path with every segment percent-encoded: only the unreserved characters of RFC 3986, section 2.3, stay.
fn coded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: &str = "https://github.com/meridian/shop/blob/0123abcd/{path}#L{line}";

    #[test]
    fn a_place_has_an_address() {
        let at = |path, line| of(GITHUB, path, line);
        let base = "https://github.com/meridian/shop/blob/0123abcd/";
        assert_eq!(at("src/a.rs", 7), Some(format!("{base}src/a.rs#L7")));
        assert_eq!(at("src/a.rs", 0), Some(format!("{base}src/a.rs")));
        assert_eq!(
            at("app/[id]/ä b#c?d%{line}.tsx", 7),
            Some(format!("{base}app/%5Bid%5D/%C3%A4%20b%23c%3Fd%25%7Bline%7D.tsx#L7"))
        );
    }

    #[test]
    fn a_place_without_a_line_has_the_address_of_its_file() {
        let cases = [
            (
                "https://e.org/x?path=/{path}&version=GCab&line={line}",
                "https://e.org/x?path=/a.c&version=GCab",
            ),
            ("https://e.org/x/{path}?line={line}", "https://e.org/x/a.c"),
            (
                "https://e.org/{path}?line={line}&lineEnd={line}&lineStyle=plain&_a=b",
                "https://e.org/a.c?_a=b",
            ),
            ("https://e.org/x/{path}?plain=1#L{line}", "https://e.org/x/a.c?plain=1"),
            ("https://e.org/x/{path}#top", "https://e.org/x/a.c#top"),
        ];
        for (template, file) in cases {
            assert_eq!(of(template, "a.c", 0).as_deref(), Some(file));
        }
        assert_eq!(of("https://e.org/{line}/{path}", "a.c", 0), None);
    }

    #[test]
    fn what_leads_elsewhere_is_no_link() {
        for path in [
            "",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a/./b",
            "a//b",
            "a/",
            "C:/a",
            "c:a",
            "javascript:alert(1)",
            "https://evil.example/a",
            "webpack:/a",
            "a\\b",
            "a\nb",
            "a\u{202e}b",
            "a\u{0}b",
        ] {
            assert_eq!(of(GITHUB, path, 1), None, "{path:?}");
        }
    }

    #[test]
    fn a_template_is_an_address_with_a_path_behind_its_server() {
        assert_eq!(fault(GITHUB), None);
        for bad in [
            "",
            "javascript:alert('{path}')",
            "ftp://e.org/{path}",
            "https://e.org/x",
            "https://e.org{path}",
            "https://e.org{path}/x",
            "https:///{path}",
            "https://user@e.org/{path}",
            "https://e.org/{path}/{commit}",
            "https://e.org/ {path}",
            "https://e.org/\"><script>{path}",
            "https://e.org/{path})[x](",
            "https://e.org/\u{202e}{path}",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
            assert_eq!(of(bad, "a.rs", 1), None, "{bad}");
        }
    }
}
