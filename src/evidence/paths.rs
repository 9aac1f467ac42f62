//! Source paths as tools write them, brought to one form.

use rustc_hash::{FxHashMap, FxHashSet};
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

/// A path below a folder, from there; nothing where it lies elsewhere. The folder has the form of [`normalise`].
#[must_use]
pub fn from_folder<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder.trim_end_matches('/'))?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// For every path that takes another name, the name under which it is united with others and shown.
///
/// An absolute path takes the one relative path of the set that it ends in, which also tells where the repository
/// lies; other absolute paths below that place are named from there. With two candidates or none a path stays as it
/// is: nothing is guessed. Where all paths are absolute, the folders that they share are left out.
#[must_use]
pub fn canonical<'a>(paths: impl IntoIterator<Item = &'a str>) -> FxHashMap<&'a str, &'a str> {
    let (mut relative, mut absolute): (FxHashSet<&str>, Vec<&str>) = (FxHashSet::default(), Vec::new());
    for path in paths {
        if path.starts_with('/') {
            absolute.push(path);
        } else {
            relative.insert(path);
        }
    }
    if relative.is_empty() {
        return below(&absolute, common_folder(&absolute)).collect();
    }
    let mut names = FxHashMap::default();
    let mut roots: Vec<&str> = Vec::new();
    for path in &absolute {
        let tails = path.match_indices('/').filter_map(|(at, _)| path.get(at.saturating_add(1)..));
        let mut candidates = tails.filter(|tail| tail.contains('/') && relative.contains(tail));
        if let (Some(only), None) = (candidates.next(), candidates.next()) {
            names.insert(*path, only);
            roots.extend(path.strip_suffix(only));
        }
    }
    roots.sort_unstable();
    roots.dedup();
    if let [root] = roots.as_slice() {
        for (path, name) in below(&absolute, root) {
            // A name that a relative path has already is taken only by a path that ends in it, above.
            if !relative.contains(name) {
                names.entry(path).or_insert(name);
            }
        }
    }
    names
}

/// The folder, with its last slash, that all paths lie in.
fn common_folder<'a>(paths: &[&'a str]) -> &'a str {
    let Some((first, rest)) = paths.split_first() else { return "" };
    let mut shared = first.len();
    for path in rest {
        let equal = first.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        shared = shared.min(equal);
    }
    let end = first
        .as_bytes()
        .get(..shared)
        .and_then(|s| s.iter().rposition(|b| *b == b'/'))
        .map_or(0, |at| at.saturating_add(1));
    first.get(..end).unwrap_or_default()
}

/// The paths below a folder, with their names from there.
fn below<'a>(paths: &[&'a str], folder: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    paths
        .iter()
        .filter_map(move |path| Some((*path, path.strip_prefix(folder).filter(|name| !name.is_empty())?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_its_folder() {
        assert_eq!(from_folder("/w/shop/src/a.ts", "/w/shop"), Some("src/a.ts"));
        assert_eq!(from_folder("/w/shop/src/a.ts", "/w/shop/"), Some("src/a.ts"));
        assert_eq!(from_folder("/w/shopping/a.ts", "/w/shop"), None);
        assert_eq!(from_folder("/w/shop/", "/w/shop"), None);
    }

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
            ("../lib/a.c", "../lib/a.c"),
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
        assert_eq!(names.get("/ci/shop/src/b.js"), Some(&"src/b.js"));
        let ambiguous = canonical(["/ci/shop/src/a.js", "src/a.js", "shop/src/a.js"]);
        assert!(ambiguous.is_empty());
        let all_absolute = canonical(["/ci/shop/a/x.js", "/ci/shop/b/x.js"]);
        assert_eq!(all_absolute.get("/ci/shop/a/x.js"), Some(&"a/x.js"));
        assert!(canonical(["a.js", "/ci/b.js"]).is_empty());
    }
}
