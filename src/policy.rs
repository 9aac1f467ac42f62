//! The policy: what must hold for a deploy. Loaded in two stages, as typed (`raw`) and as checked
//! ([`Policy`]); a mistake is an error with the place in the file and what to write instead.

mod check;
pub mod measures;
pub mod owners;
mod raw;

use crate::evidence::Kind;
use crate::evidence::exact::Exact;
use globset::GlobMatcher;
pub use measures::{Direction, Measure, Unit};
use sha2::{Digest as _, Sha256};

/// The built-in matrix as a policy file.
const SEVEN_STAGE: &str = include_str!("policy/presets/seven-stage.yml");
/// The presets that `preset:NAME` can name.
pub const PRESETS: [&str; 2] = ["automatic", "seven-stage"];

/// A checked policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `automatic`, `preset:…`, or the file's path.
    pub name: String,
    /// Nothing is pinned: what is found is judged.
    pub automatic: bool,
    /// SHA-256 of the text.
    pub digest: String,
    /// Score that a deploy needs, 0 to 100.
    pub deploy_at: Exact,
    /// Categories in order.
    pub categories: Vec<CategoryPolicy>,
    /// Evidence that must be there, whatever its category.
    pub contract: Vec<Requirement>,
    /// CODEOWNERS file to read, as written in the policy.
    pub owners: Option<String>,
}

/// One category of a policy.
#[derive(Debug, Clone)]
pub struct CategoryPolicy {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Share of the whole, 0 to 1.
    pub weight: Exact,
    /// Its failure blocks.
    pub blocking: bool,
    /// Missing evidence holds it.
    pub required: bool,
    /// The evidence that it takes; empty means by what the evidence is.
    pub evidence: Vec<Requirement>,
    /// Its criteria.
    pub criteria: Vec<CriterionPolicy>,
    /// Notes, Markdown.
    pub notes: String,
    /// What to do when it fails, a line of Markdown each.
    pub runbook: Vec<String>,
    /// Owner, or empty.
    pub owner: String,
}

/// One criterion of a policy.
#[derive(Debug, Clone)]
pub struct CriterionPolicy {
    /// The measure.
    pub measure: &'static Measure,
    /// What it should be.
    pub target: Exact,
    /// End of the warn band; the target where there is none.
    pub limit: Exact,
    /// A limit was written.
    pub has_limit: bool,
    /// It blocks.
    pub blocking: bool,
    /// Missing evidence holds it.
    pub required: bool,
    /// Shown, not scored.
    pub advisory: bool,
    /// File and line.
    pub origin: String,
}

/// Evidence by place, kind and producer.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Name for messages.
    pub name: String,
    /// Kind, where it matters.
    pub kind: Option<Kind>,
    /// Glob over the path, where it matters.
    pub path: Option<GlobMatcher>,
    /// Producer, where it matters.
    pub producer: Option<String>,
    /// How many files must be there.
    pub min_files: usize,
    /// File and line.
    pub origin: String,
}

impl Requirement {
    /// True where an item fits. A file of unknown format fits by its path alone: it may be what is expected, damaged.
    #[must_use]
    pub fn matches(&self, path: &str, kind: Option<Kind>, producer: &str) -> bool {
        self.path.as_ref().is_none_or(|glob| glob.is_match(path))
            && (self.kind.is_none_or(|want| kind.is_none_or(|kind| kind == want))
                && (kind.is_some() || self.path.is_some()))
            && self.producer.as_ref().is_none_or(|want| kind.is_none() || producer.eq_ignore_ascii_case(want))
    }
}

/// A mistake in a policy: what, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PolicyError {
    /// What is wrong, with the excerpt of the file.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Policy {
    /// The automatic policy: the built-in matrix with nothing required.
    ///
    /// # Errors
    /// Never, as a test shows; the text is read like any other.
    pub fn automatic() -> Result<Self, PolicyError> {
        let mut policy = Self::parse("automatic", SEVEN_STAGE)?;
        policy.automatic = true;
        for category in &mut policy.categories {
            category.required = false;
            for criterion in &mut category.criteria {
                criterion.required = false;
                "the built-in policy".clone_into(&mut criterion.origin);
            }
        }
        Ok(policy)
    }

    /// A preset by its name, without `preset:`.
    ///
    /// # Errors
    /// Where there is no such preset.
    pub fn preset(name: &str) -> Result<Self, PolicyError> {
        match name {
            "automatic" => Self::automatic(),
            "seven-stage" => Self::parse("preset:seven-stage", SEVEN_STAGE),
            _ => Err(PolicyError {
                message: format!("there is no preset `{name}`"),
                help: format!("presets are {}", PRESETS.join(" and ")),
            }),
        }
    }

    /// Reads and checks the text of a policy file.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn parse(name: &str, text: &str) -> Result<Self, PolicyError> {
        let raw = raw::read(text).map_err(|error| PolicyError {
            message: format!("{name}: {}", error.render()),
            help: "docs/policy.md lists every key".to_owned(),
        })?;
        let mut policy = check::check(name, text, raw)?;
        policy.digest =
            Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exact::whole;

    fn error(text: &str) -> String {
        let error = Policy::parse("p.yml", text).unwrap_err();
        format!("{} / {}", error.message, error.help)
    }

    fn with_criteria(criteria: &str) -> String {
        format!("version: 1\ncategories:\n  a:\n    weight: 100%\n    criteria:\n      {criteria}\n")
    }

    #[test]
    fn the_presets_are_valid_and_the_matrix_sums_to_one() {
        for name in PRESETS {
            let policy = Policy::preset(name).unwrap();
            assert_eq!(policy.categories.len(), 7);
            assert_eq!(policy.categories.iter().fold(whole(0), |sum, c| sum + &c.weight), whole(1));
            assert_eq!(policy.deploy_at, whole(100));
        }
        assert!(Policy::preset("nope").is_err());
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, wants) in [
            (
                "version: 2\ncategories: {a: {weight: 100%, criteria: {tests.failed: {target: 0}}}}",
                &["version", "1"][..],
            ),
            ("version: 1\ncategores: {}", &["categores"]),
            ("version: 1", &["no category"]),
            (&with_criteria("test.failed: { target: 0 }"), &["test.failed", "tests.failed", "6"]),
            (&with_criteria("tests.failed: {}"), &["target"]),
            (&with_criteria("coverage.line: { target: 80 }"), &["80%"]),
            (&with_criteria("coverage.line: { target: 101% }"), &["range"]),
            (&with_criteria("coverage.line: { target: 80%, limit: 90% }"), &["limit"]),
            (&with_criteria("tests.failed: { target: .nan }"), &["finite"]),
            (
                "version: 1\ncategories:\n  a: { weight: 60%, criteria: { tests.failed: { target: 0 } } }",
                &["sum to 60"],
            ),
            ("version: 1\ncategories:\n  a: { weight: 100% }", &["no criterion"]),
            (
                "version: 1\ncategories:\n  a: { weight: -1, criteria: { tests.failed: { target: 0 } } }",
                &["weight"],
            ),
            (
                &format!("{}evidence: [{{ name: x }}]", with_criteria("tests.failed: { target: 0 }")),
                &["everything"],
            ),
            (&format!("{}deploy_at: 101", with_criteria("tests.failed: { target: 0 }")), &["deploy_at"]),
        ] {
            let got = error(text);
            for want in wants {
                assert!(got.contains(want), "{text}\n  gives: {got}\n  wanted: {want}");
            }
        }
    }

    #[test]
    fn duplicate_keys_and_yaml_bombs_are_refused() {
        assert!(error("version: 1\nversion: 1").contains("uplicate"));
        let bomb = format!("version: 1\nx: {}", "[".repeat(100_000));
        assert!(Policy::parse("p.yml", &bomb).is_err());
    }

    #[test]
    fn points_are_normalised() {
        let text = "version: 1\ncategories:\n  a: { weight: 1, criteria: { tests.failed: { target: 0 } } }\n  b: { weight: 3, criteria: { tests.failed: { target: 0 } } }";
        let policy = Policy::parse("p.yml", text).unwrap();
        assert_eq!(policy.categories[1].weight, crate::evidence::exact::ratio(3, 4).unwrap());
        assert!(policy.categories[0].criteria[0].origin.starts_with("p.yml:3"));
    }
}
