//! Source paths as tools write them, brought to one form.

use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// One form for a source path: forward slashes, no `file://`, drive letter, `.` or `..` parts, and none of the
/// prefixes `/_/` and `/_1/` that deterministic .NET builds write for the root of the repository. Web addresses are left alone.
#[must_use]
pub fn normalise(path: &str) -> Cow<'_, str> {
    let path = path.trim();
    if path.starts_with("http://") || path.starts_with("https://") || is_plain(path) {
        return Cow::Borrowed(path);
    }
    let slashed = path.replace('\\', "/");
    let rest = strip_scheme_and_drive(&slashed);
    let rest = strip_deterministic_prefix(rest);
    let absolute = rest.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    Cow::Owned(if absolute { format!("/{joined}") } else { joined })
}

/// Nothing to do, by far the commonest case.
fn is_plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    !bytes.contains(&b'\\')
        && !bytes.contains(&b':')
        && !bytes.starts_with(b"/_")
        && !bytes.ends_with(b"/")
        && !path.split('/').skip(usize::from(bytes.starts_with(b"/"))).any(|p| matches!(p, "" | "." | ".."))
}

fn strip_scheme_and_drive(path: &str) -> &str {
    let rest = path.strip_prefix("file:").map_or(path, |rest| {
        let after = rest.trim_start_matches('/');
        rest.get(rest.len().saturating_sub(after.len()).saturating_sub(1)..)
            .filter(|r| r.starts_with('/'))
            .unwrap_or(after)
    });
    let bare = rest.strip_prefix('/').unwrap_or(rest);
    match bare.as_bytes() {
        [letter, b':', b'/', ..] | [letter, b':'] if letter.is_ascii_alphabetic() => {
            bare.get(2..).unwrap_or_default()
        }
        _ => rest,
    }
}

fn strip_deterministic_prefix(path: &str) -> &str {
    path.strip_prefix("/_")
        .and_then(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix('/'))
        .unwrap_or(path)
}

/// For every path the name under which it is united with others: an absolute path takes the one relative path
/// of the set that it ends in. With two candidates or none it stays as it is: nothing is guessed.
#[must_use]
pub fn canonical<'a>(paths: impl IntoIterator<Item = &'a str>) -> FxHashMap<&'a str, &'a str> {
    let (mut relative, mut absolute): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for path in paths {
        if path.starts_with('/') { absolute.push(path) } else { relative.push(path) }
    }
    if relative.is_empty() || absolute.is_empty() {
        return FxHashMap::default();
    }
    let known: rustc_hash::FxHashSet<&str> = relative.into_iter().collect();
    let mut names = FxHashMap::default();
    for path in absolute {
        let mut tails = path.match_indices('/').filter_map(|(at, _)| path.get(at.saturating_add(1)..));
        let mut candidates = tails.by_ref().filter(|tail| tail.contains('/') && known.contains(tail));
        if let (Some(only), None) = (candidates.next(), candidates.next()) {
            names.insert(path, only);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_all_systems_take_one_form() {
        for (written, want) in [
            ("src/a.py", "src/a.py"),
            ("./src//a.py", "src/a.py"),
            ("C:\\repo\\src\\a.cs", "/repo/src/a.cs"),
            ("file:///C:/repo/a.cs", "/repo/a.cs"),
            ("file:////server/a.cs", "/server/a.cs"),
            ("/_/src/a.cs", "src/a.cs"),
            ("/_12/src/a.cs", "src/a.cs"),
            ("src/x/../a.c", "src/a.c"),
            ("../shared/a.c", "../shared/a.c"),
            ("/../a.c", "/a.c"),
            ("https://host/a.js", "https://host/a.js"),
            (".github/a.yml", ".github/a.yml"),
        ] {
            assert_eq!(normalise(written), want, "{written}");
        }
    }

    #[test]
    fn an_absolute_path_takes_the_one_relative_name_it_ends_in() {
        let names = canonical(["/ci/shop/src/a.js", "src/a.js", "/ci/shop/src/b.js"]);
        assert_eq!(names.get("/ci/shop/src/a.js"), Some(&"src/a.js"));
        assert_eq!(names.get("/ci/shop/src/b.js"), None);
        let ambiguous = canonical(["/ci/shop/src/a.js", "src/a.js", "shop/src/a.js"]);
        assert!(ambiguous.is_empty());
    }
}
