//! Globs over paths, as they are written in a policy.

use globset::{GlobBuilder, GlobMatcher};

/// A glob: `*` and `?` stay inside a folder, `**` crosses folders, `{a,b}` is either.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Reads a glob. A folder (`src/`) stands for everything below it.
    ///
    /// # Errors
    /// In words, where it is no glob.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_start_matches("./");
        let whole = if text.ends_with('/') { format!("{text}**") } else { text.to_owned() };
        let glob = GlobBuilder::new(whole.trim_start_matches('/')).literal_separator(true).build();
        let matcher = glob.map_err(|error| error.kind().to_string())?.compile_matcher();
        Ok(Self { text: text.to_owned(), matcher })
    }

    /// A name rather than a path: `*` matches any text, slashes included.
    ///
    /// # Errors
    /// In words, where it is no glob.
    pub fn name(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build();
        let matcher = glob.map_err(|error| error.kind().to_string())?.compile_matcher();
        Ok(Self { text: text.to_owned(), matcher })
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True where it would fit whatever it is held against.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        !self.text.is_empty()
            && self.text.chars().all(|c| matches!(c, '*' | '/' | '.'))
            && self.text.contains('*')
            && !self.text.contains("*.")
    }

    /// True where a path fits. Tools that write absolute paths know where a checkout lay, a policy does not: such a path
    /// fits with any of its ends.
    #[must_use]
    pub fn fits(&self, path: &str) -> bool {
        if self.matcher.is_match(path) {
            return true;
        }
        let windows_root = path.as_bytes().get(1) == Some(&b':');
        if !path.starts_with('/') && !windows_root {
            return false;
        }
        path.match_indices('/')
            .any(|(at, _)| path.get(at.saturating_add(1)..).is_some_and(|p| self.matcher.is_match(p)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_in_a_folder_and_absolute_paths_fit_by_their_end() {
        for (glob, path, want) in [
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/b/a.rs", false),
            ("src/**", "src/b/a.rs", true),
            ("src/", "src/b/a.rs", true),
            ("src/**", "/srv/checkout/src/a.rs", true),
            ("src/**", "other/src/a.rs", false),
            ("a/{b,c}/*", "a/c/x", true),
            ("src/**", "C:/ci/src/a.rs", true),
        ] {
            assert_eq!(Pattern::new(glob).unwrap().fits(path), want, "{glob} on {path}");
        }
        assert!(Pattern::name("reset *").unwrap().fits("reset a/b link"));
        assert!(Pattern::new("a/{b").is_err());
    }

    #[test]
    fn a_pattern_that_fits_everything_is_known() {
        for (text, want) in
            [("**", true), ("*", true), ("**/*", true), ("**/*.*", false), ("*.xml", false), ("a/**", false)]
        {
            assert_eq!(Pattern::new(text).unwrap().is_everything(), want, "{text}");
        }
    }
}
