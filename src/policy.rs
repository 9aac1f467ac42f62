//! The policy: what must hold for a deploy.
//!
//! A policy is loaded in stages: each file becomes a `tree` whose every value knows its line, the `grammar` checks its
//! structure, presets, files and a profile are laid over each other (`load`), and the result is checked for its
//! meaning (`check`). A mistake is an error with the place in the file and what to write instead.

mod check;
pub mod diff;
mod grammar;
mod load;
pub mod measures;
pub mod owners;
mod pattern;
mod schema;
mod show;
mod tree;
pub mod waivers;

use crate::evidence::Kind;
use crate::evidence::exact::Exact;
pub use grammar::{Keys, keys, nearest};
use indexmap::IndexMap;
pub use load::{Chosen, Loaded, PolicyFile, Reader, load};
pub use measures::{Direction, Measure, Unit};
pub use owners::Owners;
pub use pattern::Pattern;
pub use schema::{SchemaOf, schema};
pub use show::Shown;
pub use waivers::{Attestation, Waiver, WaiverKind};

/// The built-in policies as files, by the name behind `preset:`.
const PRESET_FILES: [(&str, &str); 3] = [
    ("seven-stage", include_str!("policy/presets/seven-stage.yml")),
    ("minimal", include_str!("policy/presets/minimal.yml")),
    ("strict", include_str!("policy/presets/strict.yml")),
];
/// The presets that `preset:NAME` can name.
pub const PRESETS: [&str; 4] = ["automatic", "minimal", "seven-stage", "strict"];
/// Where a policy lies if nobody says where.
pub const USUAL_PLACES: [&str; 4] =
    ["shipworthy.yml", "shipworthy.yaml", ".shipworthy.yml", ".github/shipworthy.yml"];

/// A checked policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `automatic`, `preset:…`, or the file's path.
    pub name: String,
    /// Nothing is pinned: what is found is judged.
    pub automatic: bool,
    /// Score that a deploy needs, 0 to 100.
    pub deploy_at: Exact,
    /// Categories in order.
    pub categories: Vec<CategoryPolicy>,
    /// Evidence that must be there, whatever its category.
    pub contract: Vec<Requirement>,
    /// Parts of the product; the first that fits wins.
    pub components: Vec<Component>,
    /// Who owns a path.
    pub owners: OwnersSource,
    /// Waivers and quarantines, expired ones included.
    pub waivers: Vec<Waiver>,
    /// How many tests may be in quarantine.
    pub quarantine_max: QuarantineMax,
    /// What people state.
    pub attestations: Vec<Attestation>,
    /// Jobs that may end as they like: names, `*` is any text.
    pub optional_jobs: Vec<Pattern>,
    /// A well-formed file of no known format holds the deploy.
    pub unrecognised_blocks: bool,
    /// Profile that was applied and why; empty where none was.
    pub profile: Chosen,
    /// What is odd about it and no mistake: `policy check` says it.
    pub warnings: Vec<PolicyError>,
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
    /// It applies only where this fits.
    pub applies_when: When,
    /// Its criteria.
    pub criteria: Vec<CriterionPolicy>,
    /// Notes, Markdown.
    pub notes: String,
    /// What to do when it fails, a line of Markdown each.
    pub runbook: Vec<String>,
    /// Owner, or empty.
    pub owner: String,
    /// File and line.
    pub origin: String,
}

/// What of a measure is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everything.
    #[default]
    Total,
    /// Changed lines.
    Changed,
    /// Findings that the baseline did not have.
    New,
    /// The value less that of the baseline.
    Delta,
}

impl Scope {
    /// The word used in policies and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Delta => "delta",
        }
    }
}

/// Which records a criterion looks at; empty lists mean all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Tools that wrote the file, lower case.
    pub producers: Vec<String>,
    /// Tools that a findings file names, lower case.
    pub tools: Vec<String>,
    /// Globs over source files, pages and artifact paths.
    pub paths: Vec<Pattern>,
    /// Names of components.
    pub components: Vec<String>,
}

impl Narrow {
    /// In words: `path src/billing/**, producer jest`; empty for everything.
    #[must_use]
    pub fn in_words(&self) -> String {
        let paths: Vec<String> = self.paths.iter().map(|p| p.text().to_owned()).collect();
        let parts = [
            ("producer", &self.producers),
            ("tool", &self.tools),
            ("path", &paths),
            ("component", &self.components),
        ];
        let named = parts.iter().filter(|(_, list)| !list.is_empty());
        named.map(|(word, list)| format!("{word} {}", list.join(" or "))).collect::<Vec<_>>().join(", ")
    }

    /// True where nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// A condition: everything that is written must fit, each by one of its values. Nothing written always fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Branches.
    pub branch: Vec<Pattern>,
    /// Branches that a change is made for.
    pub base: Vec<Pattern>,
    /// Events.
    pub event: Vec<String>,
    /// A changed file is among these.
    pub changed: Vec<Pattern>,
    /// File and line; empty where nothing is written.
    pub origin: String,
}

impl When {
    /// True where nothing is written.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        self.branch.is_empty() && self.base.is_empty() && self.event.is_empty() && self.changed.is_empty()
    }
}

/// One criterion of a policy.
#[derive(Debug, Clone)]
pub struct CriterionPolicy {
    /// Key in the policy: the measure, or a name of its own.
    pub key: String,
    /// The measure.
    pub measure: &'static Measure,
    /// The check that a person has to attest; empty for everything that is measured.
    pub check: String,
    /// Name for people.
    pub title: String,
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
    /// What of the measure is counted.
    pub scope: Scope,
    /// Which records are looked at.
    pub narrow: Narrow,
    /// It must hold for every component.
    pub each: bool,
    /// Fewer records than this are no answer.
    pub min_samples: u64,
    /// It applies only where this fits.
    pub applies_when: When,
    /// File and line.
    pub origin: String,
}

/// Evidence by place, kind and producer. A matrix and shards are a requirement for every cell.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Name for messages.
    pub name: String,
    /// The cell of a matrix, in the order of the policy; empty for a plain requirement.
    pub cell: IndexMap<String, String>,
    /// Kind, where it matters.
    pub kind: Option<Kind>,
    /// Glob over the path, where it matters.
    pub path: Option<Pattern>,
    /// Producer, where it matters.
    pub producer: Option<String>,
    /// How many files must be there.
    pub min_files: usize,
    /// Older files are stale, in seconds.
    pub max_age: Option<i64>,
    /// File and line.
    pub origin: String,
}

impl Requirement {
    /// True where an item fits. A file of unknown format fits by its path alone: it may be what is expected, damaged.
    #[must_use]
    pub fn matches(&self, path: &str, kind: Option<Kind>, producer: &str) -> bool {
        self.path.as_ref().is_none_or(|glob| glob.fits(path))
            && (self.kind.is_none_or(|want| kind.is_none_or(|kind| kind == want))
                && (kind.is_some() || self.path.is_some()))
            && self.producer.as_ref().is_none_or(|want| kind.is_none() || producer.eq_ignore_ascii_case(want))
    }
}

/// A part of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Name.
    pub name: String,
    /// Globs over source files and artifact paths.
    pub paths: Vec<Pattern>,
    /// Who owns what no other rule gives to somebody, or empty.
    pub owner: String,
}

impl Policy {
    /// The component of a record: by its source file first, then by the artifact that it stands in.
    #[must_use]
    pub fn component_of(&self, source: &str, artifact: &str) -> Option<usize> {
        let among = |path: &str| {
            let fits = |c: &Component| !path.is_empty() && c.paths.iter().any(|p| p.fits(path));
            self.components.iter().position(fits)
        };
        among(source).or_else(|| among(artifact))
    }
}

/// Where the owners of paths come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnersSource {
    /// CODEOWNERS at its usual places.
    UsualPlaces,
    /// A CODEOWNERS file, and the policy's line that names it.
    File(String, String),
    /// A map in the policy.
    Map(Vec<(String, String)>),
}

/// How many tests may be in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuarantineMax {
    /// A number.
    Tests(u64),
    /// A share of the executed tests, 0 to 1, and at least one test unless it is 0.
    Share(Exact),
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

/// Every mistake that was found, at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.first().message)]
pub struct Mistakes(Vec<PolicyError>);

impl Mistakes {
    /// Nothing where the list is empty.
    pub(crate) fn none(mistakes: Vec<PolicyError>) -> Result<(), Self> {
        if mistakes.is_empty() { Ok(()) } else { Err(Self(mistakes)) }
    }

    /// Every mistake, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[PolicyError] {
        &self.0
    }

    /// All of them in one message: the first one's help, and every excerpt.
    #[must_use]
    pub fn first(&self) -> PolicyError {
        let help = String::new();
        self.0.first().cloned().unwrap_or(PolicyError { message: help.clone(), help })
    }
}

impl From<PolicyError> for Mistakes {
    fn from(error: PolicyError) -> Self {
        Self(vec![error])
    }
}

impl Policy {
    /// The automatic policy: the built-in matrix with nothing required.
    ///
    /// # Errors
    /// Never, as a test shows; the text is read like any other.
    pub fn automatic() -> Result<Self, Mistakes> {
        let mut policy = Self::preset("seven-stage")?;
        "automatic".clone_into(&mut policy.name);
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
    pub fn preset(name: &str) -> Result<Self, Mistakes> {
        if name == "automatic" {
            return Self::automatic();
        }
        load(&format!("preset:{name}"), &no_files)?.policy(&Chosen::default())
    }

    /// Reads and checks the text of a policy file that names no other file.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse(name: &str, text: &str) -> Result<Self, Mistakes> {
        let read = |path: &str| if path == name { Ok(text.to_owned()) } else { no_files(path) };
        load(name, &read)?.policy(&Chosen::default())
    }
}

fn no_files(path: &str) -> Result<String, String> {
    Err(format!("{path} cannot be read here"))
}

#[cfg(test)]
mod tests;
