//! Globs over paths and names, as they are written in a policy.

use globset::{GlobBuilder, GlobMatcher};

/// A glob: `*` and `?` stay inside a folder, `**` crosses folders, `{a,b}` is either.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
    /// What it is held against, for the question whether it fits everything: one list for each way of writing it.
    witnesses: fn() -> Vec<Vec<String>>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// Longest glob, in bytes.
const MAX_LENGTH: usize = 1024;
/// Most alternatives of all braces of a glob.
const MAX_ALTERNATIVES: usize = 100;
/// Deepest braces in braces.
const MAX_DEPTH: usize = 3;

/// Compiles a glob, after it is known to be one of a size that a person writes: a library that compiles thousands of
/// alternatives takes its time, and panics at the end of it.
pub(super) fn compile(text: &str, stays_in_folder: bool) -> Result<GlobMatcher, String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("{} bytes ({MAX_LENGTH} allowed)", text.len()));
    }
    if text.starts_with('!') {
        return Err("`!` excludes nothing here; write `\\!` for the character".to_owned());
    }
    braces(text)?;
    let glob = GlobBuilder::new(text).literal_separator(stays_in_folder).backslash_escape(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

/// Braces of a bounded size, with lists in them and no ranges.
fn braces(text: &str) -> Result<(), String> {
    let (mut depth, mut alternatives, mut escaped) = (0_usize, 0_usize, false);
    let mut words: Vec<String> = Vec::new();
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => {
                depth = depth.saturating_add(1);
                alternatives = alternatives.saturating_add(1);
                words.push(String::new());
            }
            '}' => {
                depth = depth.saturating_sub(1);
                let word = words.pop().unwrap_or_default();
                if word.contains("..") && !word.contains(['/', ',']) {
                    return Err(format!("`{{{word}}}` is a range: list the values, as in `{{1,2,3}}`"));
                }
            }
            ',' if depth > 0 => alternatives = alternatives.saturating_add(1),
            _ => {}
        }
        if let (Some(word), true) = (words.last_mut(), c != '{') {
            word.push(c);
        }
        if depth > MAX_DEPTH {
            return Err(format!("braces in braces, more than {MAX_DEPTH} deep"));
        }
        if alternatives > MAX_ALTERNATIVES {
            return Err(format!("more than {MAX_ALTERNATIVES} alternatives"));
        }
    }
    match words.last() {
        Some(word) if word.contains("..") => Err("an open range in braces".to_owned()),
        _ => Ok(()),
    }
}

fn no_glob(why: String) -> String {
    format!("this is no glob: {why}")
}

impl Pattern {
    /// Reads a glob. A folder (`src/`) stands for everything below it.
    ///
    /// # Errors
    /// In words, where it is no glob.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_start_matches("./");
        let whole = if text.ends_with('/') { format!("{text}**") } else { text.to_owned() };
        let matcher = compile(whole.trim_start_matches('/'), true).map_err(no_glob)?;
        Ok(Self { text: text.to_owned(), matcher, witnesses: paths })
    }

    /// A name rather than a path: `*` matches any text, slashes included.
    ///
    /// # Errors
    /// In words, where it is no glob.
    pub fn name(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let matcher = compile(text, false).map_err(no_glob)?;
        Ok(Self { text: text.to_owned(), matcher, witnesses: names })
    }

    /// A glob over names of branches, as `main` and `release/*`.
    ///
    /// # Errors
    /// In words, where it is no glob, and where it can never fit a branch: such a rule would never apply, and nothing
    /// would say so.
    pub fn branch(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix("refs/heads/") {
            return Err(format!("a branch goes by its name alone: write `{name}`"));
        }
        if text.starts_with("refs/") {
            return Err("only branches are compared here, and this is none".to_owned());
        }
        if !text.contains('{') && text.contains(',') {
            let names: Vec<String> = text.split(',').map(|name| format!("\"{}\"", name.trim())).collect();
            return Err(format!(
                "this is one name with a comma in it: write a list, `[{}]`",
                names.join(", ")
            ));
        }
        Self::name(text)
    }

    /// A glob over events of pipelines, as `pull_request`.
    ///
    /// # Errors
    /// In words, where it is no glob, and where it can never fit an event.
    pub fn event(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.contains('-') {
            return Err(format!("events are written with `_`: write `{}`", text.replace('-', "_")));
        }
        Self::name(text)
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True where it fits whatever it is held against, however it is written.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        (self.witnesses)().iter().flatten().all(|witness| self.fits(witness))
    }

    /// True where it fits nearly everything that a tool writes: all but what begins with one character, say. One that
    /// fits three of four names, which have nothing in common, names none of them.
    #[must_use]
    pub fn is_nearly_everything(&self) -> bool {
        Self::fit_nearly_everything(&[self])
    }

    /// True where globs of one kind fit nearly everything together.
    #[must_use]
    pub fn fit_nearly_everything(globs: &[&Self]) -> bool {
        globs.first().is_some_and(|first| {
            (first.witnesses)().iter().any(|all| {
                let fits = all.iter().filter(|witness| globs.iter().any(|glob| glob.fits(witness))).count();
                fits.saturating_mul(4) >= all.len().saturating_mul(3)
            })
        })
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

/// Names as rules, packages, versions and tests have them, of every kind that a glob can tell apart: by their first and
/// last characters, alphabets, separators and lengths.
fn names() -> Vec<Vec<String>> {
    const KNOWN: [&str; 60] = [
        "no-console",
        "E501",
        "CVE-2026-12345",
        "B602",
        "java:S1234",
        "GHSA-4w2v-q235-vp99",
        "S",
        "W0612",
        "x",
        "unused_variable",
        "org.apache.logging.log4j:log4j-core",
        "@scope/package",
        "openssl",
        "libssl3",
        "7",
        "adds an item to the cart",
        "test_checkout",
        "Cart renders (chromium)",
        "should return 404?",
        "Ünïcödé",
        "日本語の試験",
        "1.2.3",
        "v10.0.0-rc.1+build",
        "[param-0]",
        "test[a/b]",
        "generic.secrets.gitleaks",
        "DL3008",
        "react/jsx-key",
        "import/no-unresolved",
        "sql_injection",
        "XSS",
        "PMD.EmptyCatchBlock",
        "CKV_AWS_20",
        "lodash",
        "AVD-DS-0002",
        "SQUID:S00112",
        "color-contrast",
        "image-alt",
        "github.com/pkg/errors",
        "com.example.ShopTest",
        "GET /api/v1/items",
        "#42",
        "it's fine",
        "a > b",
        "module::tests::works",
        "TestParse/empty",
        "クラス",
        "0",
        "2026-01-31",
        "ZAP-10021",
        "rust/unsafe",
        "$ref",
        "-Wall",
        "_private",
        "(anonymous)",
        "a b",
        "N/A",
        "eslint-plugin-x",
        "Button › shows",
        "max-len",
    ];
    let mut all: Vec<String> = KNOWN.map(str::to_owned).to_vec();
    // Every letter and digit begins and ends a name, as often as any other.
    for (turn, c) in ('a'..='z').chain('A'..='Z').chain('0'..='9').enumerate() {
        let middle = ["-rule.", "_", "", " is ", "/x/", ":42:", "ß", "0.9"].get(turn % 8).copied();
        all.push(format!("{c}{}{c}", middle.unwrap_or_default()));
        all.push(format!("{c}{}", "long-name".repeat(turn % 3)));
    }
    vec![all]
}

/// Paths of sources and addresses of pages, of every shape that a glob can tell apart. A tool writes all of its paths
/// in one way: below the checkout, in one folder, from the root of the machine, or as addresses.
fn paths() -> Vec<Vec<String>> {
    const BELOW: [&str; 12] = [
        "src/",
        "lib/core/",
        "packages/web/src/components/",
        "App/Http/Controllers/",
        ".github/workflows/",
        "0/",
        "_build/gen/",
        "@types/x/",
        "docs/a/b/c/",
        "Z/",
        "test/",
        "ünïcödé/日本/",
    ];
    const ABSOLUTE: [&str; 4] =
        ["/srv/ci/work/app/", "C:/agent/work/lib/", "/home/runner/x/", "/builds/a/b/src/core/"];
    const HOSTS: [&str; 4] =
        ["https://shop.example/", "http://localhost:8080/", "https://a.b.c/x/", "http://10.0.0.1/"];
    const FILES: [&str; 14] = [
        "main.rs",
        "index.test.tsx",
        "Makefile",
        "a",
        ".env",
        "checkout.py",
        "Dockerfile.prod",
        "UPPER.JAVA",
        "0.c",
        "日本語.kt",
        "cart?id=1&x=2",
        "_init.rb",
        "go.sum",
        "with blank.php",
    ];
    let join = |folders: &[&str]| {
        folders.iter().flat_map(|folder| FILES.iter().map(move |file| format!("{folder}{file}"))).collect()
    };
    vec![join(&BELOW), join(&[""]), join(&ABSOLUTE), join(&HOSTS)]
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
    fn a_pattern_that_fits_everything_is_known_however_it_is_written() {
        for text in ["**", "**/*", "/", "**/**", "**/?*", "/**", "**/{a,*}", "**/{?,?*}"] {
            assert!(Pattern::new(text).unwrap().is_everything(), "{text}");
        }
        for text in ["*", "**/*.*", "*.xml", "a/**"] {
            assert!(!Pattern::new(text).unwrap().is_everything(), "{text}");
        }
        for text in [
            "*",
            "{**,x}",
            "{x,**/*}",
            "http*/**",
            "**/[!~]*",
            "**/[!.]*",
            "[!~]**",
            "**/*[!~]",
            "{*,*/**}",
            "**/??*",
            "*/**",
            "**/*[!0-9]",
            "**/[a-zA-Z.]*",
            "{*,*/*,*/*/*,*/*/*/*,*/*/*/*/*}",
            "**/*.*",
        ] {
            let pattern = Pattern::new(text).unwrap();
            assert!(pattern.is_nearly_everything(), "{text}");
        }
        for text in
            ["src/**", "**/*.js", "**/src/**", "**/*.{js,ts}", "legacy/", "**/test*/**", "a/b.c", "src/*"]
        {
            assert!(!Pattern::new(text).unwrap().is_nearly_everything(), "{text}");
        }
    }

    #[test]
    fn a_name_that_fits_everything_is_known_however_it_is_written() {
        for text in [
            "*",
            "**",
            "?*",
            "*?",
            "{*,x}",
            "{a,*}*",
            "{[!a]*,[a]*}",
            "{?,??*}",
            "***",
            "*[!~]*",
            "[!~]*",
            "[!a]*",
            "[a-zA-Z0-9]*",
            "??*",
            "?*?",
            "*[!x]",
            "[!~][!~]*",
            "{[!a]*,b}",
            "[!0]*",
            "[^~]*",
            "{a*,[!a]*}",
            "[a-zA-Z]*",
            "{[a-m]*,[n-z]*,[A-Z]*,[0-9]*}",
        ] {
            assert!(Pattern::name(text).unwrap().is_nearly_everything(), "{text}");
        }
        for text in
            ["CVE-*", "*-*", "test_*", "no-*", "*e*", "[a-z]*", "E???", "react/*", "1.*", "*(chromium)", "x"]
        {
            assert!(!Pattern::name(text).unwrap().is_nearly_everything(), "{text}");
        }
    }

    #[test]
    fn globs_that_no_person_writes_are_refused_in_words() {
        let nested = (0..500).fold("a".to_owned(), |inner, _| format!("{{a,{inner}}}"));
        let many = format!("{{{}}}", (0..5000).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
        let short = format!("{{{}}}", ["a"; 200].join(","));
        for (text, why) in [
            (nested.as_str(), "allowed"),
            (many.as_str(), "allowed"),
            ("{a,{a,{a,{a,{a}}}}}", "braces in braces"),
            (short.as_str(), "alternatives"),
            ("{1..1000000000}", "is a range"),
            ("x{1..", "range"),
            ("{a,{1..9}}", "is a range"),
            ("!src/**", "excludes nothing"),
            ("a/{b", "unclosed"),
            (&"?".repeat(5000), "allowed"),
        ] {
            for refused in [Pattern::new(text), Pattern::name(text)] {
                let said = refused.unwrap_err();
                assert!(said.contains(why), "{text}: {said}");
            }
        }
        assert!(Pattern::name("\\!important").unwrap().fits("!important"));
        assert!(Pattern::new(&"**/".repeat(300)).is_ok());
    }
}
