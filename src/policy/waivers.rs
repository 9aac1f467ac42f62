//! Waivers, quarantines and attestations: what people take out of the count, or state, on record and for a while.

use super::grammar::{self, ATTESTATIONS, WAIVERS};
use super::tree::{self, Node};
use super::{Mistakes, Pattern, PolicyError};
use crate::evidence::time::day;
use jiff::civil::Date;

/// What an entry takes out of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiverKind {
    /// Findings or tests, whatever they are.
    Waiver,
    /// A test that comes and goes.
    Quarantine,
}

impl WaiverKind {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Quarantine => "quarantine",
        }
    }
}

/// Takes tests or findings out of the count until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Name of its own.
    pub id: String,
    /// Waiver or quarantine.
    pub kind: WaiverKind,
    /// What it is about.
    pub matches: Match,
    /// Who answers for it.
    pub owner: String,
    /// Why, in words.
    pub reason: String,
    /// Why, in the words of VEX; or empty.
    pub status: String,
    /// Last day that it counts.
    pub expires: Date,
    /// Ticket, or empty.
    pub ticket: String,
    /// File and line.
    pub origin: String,
}

/// What a waiver is about: everything that is written must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    /// Rule id of a finding.
    pub rule: Option<Pattern>,
    /// Source file, or URL of a page.
    pub path: Option<Pattern>,
    /// The tool's own identity of a finding.
    pub fingerprint: Option<String>,
    /// Package that a finding names.
    pub package: Option<Pattern>,
    /// Version of that package.
    pub version: Option<Pattern>,
    /// The tool, in lower case.
    pub tool: Option<String>,
    /// A test.
    pub test: Option<TestPattern>,
}

impl Match {
    /// In words: `rule CVE-2026-1, package openssl`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let text = |p: &Option<Pattern>| p.as_ref().map(|p| p.text().to_owned());
        let parts = [
            ("rule", text(&self.rule)),
            ("path", text(&self.path)),
            ("fingerprint", self.fingerprint.clone()),
            ("package", text(&self.package)),
            ("version", text(&self.version)),
            ("tool", self.tool.clone()),
            ("test", self.test.as_ref().map(|t| t.text.clone())),
        ];
        let named = parts.into_iter().filter_map(|(word, value)| Some(format!("{word} {}", value?)));
        named.collect::<Vec<_>>().join(", ")
    }
}

/// A test by its name, or by class or suite and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPattern {
    text: String,
    group: Option<Pattern>,
    name: Pattern,
}

impl TestPattern {
    /// Reads `name` or `Class › name`; ` > ` and `::` divide as well.
    fn new(text: &str) -> Result<Self, String> {
        let divided = [" › ", " > ", "::"].iter().find_map(|by| text.rsplit_once(by));
        let (group, name) = divided.map_or((None, text), |(group, name)| (Some(group), name));
        let group = group.map(Pattern::name).transpose()?;
        Ok(Self { text: text.to_owned(), group, name: Pattern::name(name)? })
    }

    /// True where a test fits: its name, and its class or suite where one is written.
    #[must_use]
    pub fn fits(&self, suite: &str, class: &str, name: &str) -> bool {
        let group = |glob: &Pattern| {
            let last = suite.rsplit(" › ").next().unwrap_or(suite);
            [class, suite, last].into_iter().any(|g| glob.fits(g))
        };
        // Some names hold the divider themselves.
        (self.name.fits(name) && self.group.as_ref().is_none_or(group)) || self.text == name
    }
}

/// What a person states about a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The check that a criterion asks for.
    pub check: String,
    /// What is stated.
    pub statement: String,
    /// Who says so.
    pub by: String,
    /// When.
    pub date: Date,
    /// Last day that it counts.
    pub expires: Date,
    /// The check holds.
    pub holds: bool,
    /// File and line.
    pub origin: String,
}

/// Reads a file of waivers and quarantines.
pub(super) fn read_waivers(name: &str, text: &str) -> Result<Vec<Waiver>, Mistakes> {
    let tree = tree::read(name, text)?;
    grammar::check(&tree, &WAIVERS)?;
    let list = |key| tree.get(key).into_iter().flat_map(Node::elements);
    let waivers = list("waivers").map(|n| waiver(n, n.get("match").unwrap_or(n), WaiverKind::Waiver));
    let quarantines = list("quarantine").map(|n| waiver(n, n, WaiverKind::Quarantine));
    gather(waivers.chain(quarantines))
}

/// Reads a file of attestations.
pub(super) fn read_attestations(name: &str, text: &str) -> Result<Vec<Attestation>, Mistakes> {
    let tree = tree::read(name, text)?;
    grammar::check(&tree, &ATTESTATIONS)?;
    gather(tree.get("attestations").into_iter().flat_map(Node::elements).map(attestation))
}

fn gather<T>(results: impl Iterator<Item = Result<T, PolicyError>>) -> Result<Vec<T>, Mistakes> {
    let (mut good, mut mistakes) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    Mistakes::none(mistakes)?;
    Ok(good)
}

/// Waivers that part everything among them match everything together.
pub(super) fn check_union(waivers: &[Waiver]) -> Result<(), Mistakes> {
    // Each by the one thing that it names: what names two is narrower than either.
    let alone: [fn(&Match) -> Option<&Pattern>; 4] = [
        |m| m.rule.as_ref().filter(|_| m.path.is_none() && m.package.is_none()),
        |m| m.path.as_ref().filter(|_| m.rule.is_none() && m.package.is_none()),
        |m| m.package.as_ref().filter(|_| m.rule.is_none() && m.path.is_none()),
        |m| m.test.as_ref().filter(|t| t.group.is_none() && m.path.is_none()).map(|t| &t.name),
    ];
    for of in alone {
        let parts: Vec<(&Waiver, &Pattern)> =
            waivers.iter().filter_map(|w| of(&w.matches).map(|p| (w, p))).collect();
        let globs: Vec<&Pattern> = parts.iter().map(|(_, pattern)| *pattern).collect();
        if let (Some((last, _)), true) = (parts.last(), Pattern::fit_nearly_everything(&globs)) {
            return Err(PolicyError {
                message: format!("{}: {} waivers match everything together", last.origin, parts.len()),
                help: "name rules, paths, packages or tests instead of ranges of letters".to_owned(),
            }
            .into());
        }
    }
    Ok(())
}

/// Every waiver has a name of its own, over all files.
pub(super) fn check_ids(waivers: &[Waiver]) -> Result<(), Mistakes> {
    for (at, waiver) in waivers.iter().enumerate() {
        if let Some(first) = waivers.iter().take(at).find(|w| w.id == waiver.id) {
            return Err(PolicyError {
                message: format!("{}: the id `{}` is taken by {}", waiver.origin, waiver.id, first.origin),
                help: "give each waiver and quarantine an id of its own".to_owned(),
            }
            .into());
        }
    }
    Ok(())
}

/// The text of a key that the grammar has checked; empty where it is not written.
fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::scalar).map(str::trim).unwrap_or_default().to_owned()
}

fn date(node: &Node, key: &str) -> Result<Date, PolicyError> {
    day(&text(node, key))
        .ok_or_else(|| node.place.error(&format!("`{key}` is no day"), "write for example `2026-12-31`"))
}

fn waiver(node: &Node, about: &Node, kind: WaiverKind) -> Result<Waiver, PolicyError> {
    let id = text(node, "id");
    Ok(Waiver {
        id: if id.is_empty() { text(node, "test") } else { id },
        kind,
        matches: matches(about)?,
        owner: text(node, "owner"),
        reason: text(node, "reason"),
        status: text(node, "status"),
        expires: date(node, "expires")?,
        ticket: text(node, "ticket"),
        origin: node.place.origin(),
    })
}

fn matches(node: &Node) -> Result<Match, PolicyError> {
    let pattern = |key: &str, read: fn(&str) -> Result<Pattern, String>| {
        let found = node.get(key).and_then(|n| n.scalar().map(|text| (n, text)));
        let read = |(n, text): (&Node, &str)| {
            read(text).map_err(|why| n.place.error(&why, "`*` stands for any text"))
        };
        found.map(read).transpose()
    };
    let word = |key: &str| Some(text(node, key)).filter(|t| !t.is_empty());
    let test = node.get("test").and_then(|n| n.scalar().map(|t| (n, t)));
    let test =
        test.map(|(n, t)| TestPattern::new(t).map_err(|why| n.place.error(&why, "`*` stands for any text")));
    let found = Match {
        rule: pattern("rule", Pattern::name)?,
        path: pattern("path", Pattern::new)?,
        fingerprint: word("fingerprint"),
        package: pattern("package", Pattern::name)?,
        version: pattern("version", Pattern::name)?,
        tool: word("tool").map(|t| t.to_lowercase()),
        test: test.transpose()?,
    };
    refuse_everything(node, &found)?;
    Ok(found)
}

/// A matcher that fits everything would switch the gate off; so would a whole tool or folder without a rule.
fn refuse_everything(node: &Node, found: &Match) -> Result<(), PolicyError> {
    let narrow = |p: &Option<Pattern>| p.as_ref().is_some_and(|p| !p.is_nearly_everything());
    let names_a_test = found.test.as_ref().is_some_and(|t| {
        [Some(&t.name), t.group.as_ref()].into_iter().flatten().any(|p| !p.is_nearly_everything())
    });
    let names_something = narrow(&found.rule)
        || narrow(&found.path)
        || narrow(&found.package)
        || found.fingerprint.is_some()
        || names_a_test;
    if !names_something {
        return Err(node.place.error(
            "this matches everything, or everything of a tool",
            "name a `rule:`, a `path:`, a `package:`, a `fingerprint:` or a `test:`",
        ));
    }
    let about_findings = found.rule.is_some()
        || found.fingerprint.is_some()
        || found.package.is_some()
        || found.version.is_some()
        || found.tool.is_some();
    if found.test.is_some() && about_findings {
        return Err(node.place.error(
            "this can match nothing: a test has no rule, package or fingerprint",
            "write one waiver for the test and one for the finding",
        ));
    }
    Ok(())
}

fn attestation(node: &Node) -> Result<Attestation, PolicyError> {
    let (date, expires) = (date(node, "date")?, date(node, "expires")?);
    if expires < date {
        return Err(node.place.error("this expires before it was stated", "put `expires:` after `date:`"));
    }
    Ok(Attestation {
        check: text(node, "check"),
        statement: text(node, "statement"),
        by: text(node, "by"),
        date,
        expires,
        holds: node.get("holds").and_then(Node::scalar) != Some("false"),
        origin: node.place.origin(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(entry: &str) -> Result<Vec<Waiver>, Mistakes> {
        read_waivers("w.yml", &format!("version: 1\nwaivers:\n  - {{ {entry} }}\n"))
    }

    #[test]
    fn a_waiver_says_what_who_why_and_until_when() {
        let full = "id: W-1, match: { rule: CVE-*, package: openssl }, owner: \"@sec\", reason: not reachable, status: not_affected, expires: 2026-12-31";
        let waivers = one(full).unwrap();
        assert_eq!(waivers[0].matches.in_words(), "rule CVE-*, package openssl");
        assert_eq!(waivers[0].origin, "w.yml:3");
        for missing in ["id: W-1, ", "owner: \"@sec\", ", "reason: not reachable, ", ", expires: 2026-12-31"]
        {
            let error = one(&full.replace(missing, "")).unwrap_err();
            assert!(error.first().message.contains("needs"), "{missing}: {error}");
        }
        assert!(one(&full.replace("2026-12-31", "2026-02-30")).is_err());
        assert!(one(&full.replace("2026-12-31", "never")).is_err());
    }

    #[test]
    fn a_match_of_everything_or_nothing_is_refused() {
        let entry =
            |m: &str| one(&format!("id: a, match: {{ {m} }}, owner: b, reason: c, expires: 2026-12-31"));
        for bad in [
            "rule: '*'",
            "path: '**'",
            "tool: eslint",
            "version: '1.*'",
            "test: '*'",
            "test: a, rule: b",
            "",
            "path: '**/*'",
            "path: /",
            "path: '**/?*'",
            "rule: '?*'",
            "rule: '{*,x}'",
            "rule: '[!~]*'",
            "package: '[!a]*'",
            "test: '?* › ?*'",
            "test: '{a,*}*'",
            "rule: '[!~]*', path: '**/?*'",
            "rule: '!x'",
        ] {
            assert!(entry(bad).is_err(), "{bad}");
        }
        for good in [
            "rule: no-console",
            "path: 'legacy/**'",
            "rule: '*', path: 'legacy/**'",
            "test: 'Cart › *'",
            "fingerprint: ab12",
        ] {
            assert!(entry(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn tests_are_named_with_or_without_their_class() {
        for (pattern, suite, class, name, want) in [
            ("adds an item", "s", "Cart", "adds an item", true),
            ("Cart › adds *", "s", "Cart", "adds an item", true),
            ("Shop › adds an item", "s", "Cart", "adds an item", false),
            ("web::adds an item", "all › web", "Cart", "adds an item", true),
            ("Cart > adds an item", "s", "Cart", "adds an item", true),
            ("a::b", "s", "Cart", "a::b", true),
        ] {
            let pattern = TestPattern::new(pattern).unwrap();
            assert_eq!(pattern.fits(suite, class, name), want, "{}", pattern.text);
        }
    }

    #[test]
    fn waivers_that_match_everything_together_are_refused() {
        let waivers = |matches: &[&str]| {
            let entry = |(n, m): (usize, &&str)| {
                format!("  - {{ id: w{n}, match: {{ {m} }}, owner: b, reason: c, expires: 2026-12-31 }}\n")
            };
            let list: String = matches.iter().enumerate().map(entry).collect();
            read_waivers("w.yml", &format!("version: 1\nwaivers:\n{list}")).unwrap()
        };
        for parts in [
            &["rule: '[a-m]*'", "rule: '[n-zA-Z0-9]*'"][..],
            &["package: '[a-z]*'", "package: '[!a-z]*'"],
            &["test: '[a-z]*'", "test: '[!a-z]*'"],
        ] {
            assert!(check_union(&waivers(parts)).is_err(), "{parts:?}");
        }
        for parts in [
            &["rule: '[a-m]*', path: legacy/", "rule: '[n-zA-Z0-9]*', path: legacy/"][..],
            &["rule: no-console", "rule: 'CVE-*'", "rule: E501", "path: 'src/**'", "test: 'Cart › *'"],
        ] {
            assert!(check_union(&waivers(parts)).is_ok(), "{parts:?}");
        }
    }

    #[test]
    fn ids_are_taken_once() {
        let entry = "{ id: a, match: { rule: x }, owner: b, reason: c, expires: 2026-12-31 }";
        let waivers = read_waivers("w.yml", &format!("version: 1\nwaivers: [{entry}, {entry}]")).unwrap();
        assert!(check_ids(&waivers).is_err());
    }
}
