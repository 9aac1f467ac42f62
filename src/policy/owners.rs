//! CODEOWNERS: who owns a path. The last rule that matches wins, as on the code hosts.

use super::pattern::compile;
use globset::GlobMatcher;

/// The rules of a CODEOWNERS file.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    rules: Vec<(GlobMatcher, String)>,
}

impl Owners {
    /// Reads the text of a CODEOWNERS file. Lines that are no rule (GitLab's section heads, broken globs) are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut rules = Vec::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            let Some((pattern, owners)) = line.split_once(char::is_whitespace) else { continue };
            if pattern.starts_with(['[', '^']) {
                continue;
            }
            let owners = owners.split_whitespace().collect::<Vec<_>>().join(" ");
            rules.extend(globs(pattern).into_iter().map(|glob| (glob, owners.clone())));
        }
        Self { rules }
    }

    /// Rules of a policy: globs and owners, of which the last that fits wins.
    #[must_use]
    pub fn of_rules(rules: &[(String, String)]) -> Self {
        let rules = rules
            .iter()
            .flat_map(|(pattern, owners)| globs(pattern).into_iter().map(|g| (g, owners.clone())));
        Self { rules: rules.collect() }
    }

    /// The owners of a path, or an empty text.
    #[must_use]
    pub fn of(&self, path: &str) -> &str {
        let path = path.trim_start_matches('/');
        self.rules.iter().rev().find(|(glob, _)| glob.is_match(path)).map_or("", |(_, owners)| owners)
    }
}

/// A pattern matches the path itself and, as a folder, everything below it; without a slash it matches at any depth.
fn globs(pattern: &str) -> Vec<GlobMatcher> {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let body = pattern.trim_start_matches('/').trim_end_matches('/');
    let base = if anchored { body.to_owned() } else { format!("**/{body}") };
    let own = (!pattern.ends_with('/')).then(|| base.clone());
    // `docs/*` owns the files in docs, not those in folders below it.
    let below = (!body.ends_with("/*")).then(|| format!("{base}/**"));
    own.into_iter().chain(below).filter_map(|glob| compile(&glob, true).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_matches_wins() {
        let owners = Owners::parse(
            "* @all\n*.js @web # comment\n/docs/ @docs\nsrc/api @api @lead\n[Section]\n/apps/* @apps\n",
        );
        for (path, want) in [
            ("a.txt", "@all"),
            ("deep/er/a.js", "@web"),
            ("docs/a/b.md", "@docs"),
            ("x/docs/a.md", "@all"),
            ("src/api/v1.rs", "@api @lead"),
            ("/src/api", "@api @lead"),
            ("apps/one", "@apps"),
            ("apps/one/two", "@all"),
        ] {
            assert_eq!(owners.of(path), want, "{path}");
        }
        assert_eq!(Owners::default().of("a"), "");
    }
}
