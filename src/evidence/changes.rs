//! What a change touches: files and lines, from a unified diff.

use std::collections::BTreeMap;

/// Changed files with the ranges of added or changed lines, first and last, in the new version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    files: BTreeMap<String, Vec<(u32, u32)>>,
}

impl Changes {
    /// Reads a unified diff as `git diff` and `diff -u` write it. Deleted files stay in the list without lines.
    ///
    /// # Errors
    /// In words, where a hunk has no header that tells its lines, or the text is no diff.
    pub fn parse(diff: &str) -> Result<Self, String> {
        let mut reader = DiffReader::default();
        for (number, line) in (1_usize..).zip(diff.lines()) {
            reader.line(line).map_err(|why| format!("line {number}: {why}"))?;
        }
        reader.close_file();
        if reader.changes.files.is_empty() && !diff.trim().is_empty() {
            return Err("it names no file".to_owned());
        }
        if reader.left_old > 0 || reader.left_new > 0 {
            return Err("it ends inside of a hunk".to_owned());
        }
        Ok(reader.changes)
    }

    /// Paths of the changed files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The changed ranges of a file; nothing where it has not changed. Reports may name a file by a longer path
    /// (absolute) or a shorter one (below a folder); where several changed files could be meant, all of them are.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Vec<(u32, u32)>> {
        if let Some(ranges) = self.files.get(path) {
            return Some(ranges.clone());
        }
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|head| head.ends_with('/'));
        let fitting = self.files.iter().filter(|(changed, _)| ends(path, changed) || ends(changed, path));
        let ranges: Vec<&Vec<(u32, u32)>> = fitting.map(|(_, ranges)| ranges).collect();
        (!ranges.is_empty()).then(|| ranges.into_iter().flatten().copied().collect())
    }

    /// True where a line of a file is among the changed ones; line 0, the whole file, is where any line is. What
    /// names no file may be anywhere.
    #[must_use]
    pub fn has(&self, path: &str, line: u32) -> bool {
        path.is_empty()
            || self.of(path).is_some_and(|ranges| {
                if line == 0 {
                    !ranges.is_empty()
                } else {
                    ranges.iter().any(|(a, b)| (*a..=*b).contains(&line))
                }
            })
    }
}

#[derive(Default)]
struct DiffReader {
    changes: Changes,
    old_path: Option<String>,
    path: Option<String>,
    ranges: Vec<(u32, u32)>,
    next: u32,
    left_old: u32,
    left_new: u32,
}

impl DiffReader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if self.left_old > 0 || self.left_new > 0 {
            self.hunk_line(line);
            return Ok(());
        }
        if line.starts_with("diff --git ") {
            self.close_file();
        } else if let Some(path) = line.strip_prefix("--- ") {
            self.close_file();
            self.old_path = file_name(path);
        } else if let Some(path) = line.strip_prefix("+++ ") {
            // A deleted file goes by its old name.
            self.path = file_name(path).or_else(|| self.old_path.take());
        } else if let Some(path) =
            line.strip_prefix("rename to ").or_else(|| line.strip_prefix("Binary files "))
        {
            let path = path
                .strip_suffix(" differ")
                .and_then(|p| p.rsplit_once(" and "))
                .map_or(path, |(_, new)| new);
            self.path = self.path.take().or_else(|| file_name(path));
        } else if let Some(header) = line.strip_prefix("@@ ") {
            if self.path.is_none() {
                return Err("a hunk before any file is named".to_owned());
            }
            (self.left_old, self.next, self.left_new) =
                hunk(header).ok_or_else(|| format!("`{line}` does not tell its lines"))?;
        }
        Ok(())
    }

    fn hunk_line(&mut self, line: &str) {
        match line.as_bytes().first() {
            Some(b'+') => {
                match self.ranges.last_mut() {
                    Some((_, end)) if end.checked_add(1) == Some(self.next) => *end = self.next,
                    _ => self.ranges.push((self.next, self.next)),
                }
                self.left_new = self.left_new.saturating_sub(1);
                self.next = self.next.saturating_add(1);
            }
            Some(b'-') => self.left_old = self.left_old.saturating_sub(1),
            Some(b'\\') => {}
            _ => {
                self.left_old = self.left_old.saturating_sub(1);
                self.left_new = self.left_new.saturating_sub(1);
                self.next = self.next.saturating_add(1);
            }
        }
    }

    fn close_file(&mut self) {
        if let Some(path) = self.path.take() {
            self.changes.files.entry(path).or_default().append(&mut self.ranges);
        }
        self.ranges.clear();
        self.old_path = None;
    }
}

/// `b/src/a.rs`, perhaps quoted and with a time behind a tab; nothing for `/dev/null`.
fn file_name(text: &str) -> Option<String> {
    let text = text.split('\t').next().unwrap_or_default().trim();
    let text =
        text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).map_or_else(|| text.to_owned(), unquote);
    if text == "/dev/null" || text.is_empty() {
        return None;
    }
    let plain = ["a/", "b/", "i/", "w/", "c/", "o/"].iter().find_map(|p| text.strip_prefix(p));
    Some(plain.unwrap_or(&text).to_owned())
}

/// Git's quoting: backslash, a letter or three octal digits a byte.
fn unquote(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let octal = tail
            .get(..3)
            .and_then(|d| std::str::from_utf8(d).ok())
            .and_then(|d| u8::from_str_radix(d, 8).ok());
        if let Some(byte) = octal {
            bytes.push(byte);
            rest = tail.get(3..).unwrap_or_default();
        } else if let [letter, tail @ ..] = tail {
            bytes.push(match letter {
                b't' => b'\t',
                b'n' => b'\n',
                letter => *letter,
            });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `-12,3 +14,5 @@ fn x`: old lines, first new line, new lines.
fn hunk(header: &str) -> Option<(u32, u32, u32)> {
    let (old, rest) = header.strip_prefix('-')?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let read = |text: &str| match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    let ((_, old_count), (start, new_count)): ((u32, u32), (u32, u32)) = (read(old)?, read(new)?);
    Some((old_count, start, new_count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "diff --git a/src/a.rs b/src/a.rs\nindex 1..2 100644\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,4 @@ fn a\n one\n+two\n+three\n four\n@@ -10 +12,2 @@\n-old\n+new\n+-- not a header\ndiff --git a/gone.rs b/gone.rs\n--- a/gone.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n--- old text\ndiff --git \"a/\\303\\244.rs\" \"b/\\303\\244.rs\"\n--- /dev/null\n+++ \"b/\\303\\244.rs\"\n@@ -0,0 +1 @@\n+x\n";

    #[test]
    fn added_lines_are_those_of_the_new_version() {
        let changes = Changes::parse(DIFF).unwrap();
        assert_eq!(changes.paths().collect::<Vec<_>>(), ["gone.rs", "src/a.rs", "ä.rs"]);
        assert_eq!(changes.of("src/a.rs"), Some(vec![(2, 3), (12, 13)]));
        assert_eq!(changes.of("gone.rs"), Some(vec![]));
        assert!(
            changes.has("/srv/checkout/src/a.rs", 3) && changes.has("a.rs", 12) && !changes.has("a.rs", 4)
        );
        assert!(changes.has("src/a.rs", 0) && !changes.has("gone.rs", 0) && !changes.has("b.rs", 0));
        assert!(changes.has("", 7), "a finding without a place may be on a changed line");
    }

    #[test]
    fn what_is_no_whole_diff_is_refused() {
        assert!(Changes::parse("hello\n").is_err());
        assert!(Changes::parse("--- a/x\n+++ b/x\n@@ -1,2 +1,9 @@\n+a\n").is_err());
        assert!(Changes::parse("--- a/x\n+++ b/x\n@@ nonsense\n").is_err());
        assert_eq!(Changes::parse("").unwrap().paths().count(), 0);
    }
}
