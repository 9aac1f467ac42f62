//! The report: the one contract. `report.json` is this type, and every other output derives from it.
//!
//! Its schema is generated from these types (`schemas/report.v1.json`). New keys may come; existing ones keep
//! their names and meanings.

mod decision;
mod facts;
mod history;
mod load;
mod policy;
mod record;

use crate::evidence::Diagnostic;
use crate::evidence::exact::{Exact, floor_decimal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use decision::*;
pub use facts::*;
pub use history::*;
pub use load::*;
pub use policy::*;
pub use record::*;

/// Version of the report's schema.
pub const SCHEMA_VERSION: u32 = 1;

/// An exact number and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Number {
    /// Numerator, a decimal integer of any size.
    #[serde(deserialize_with = "integer")]
    pub num: String,
    /// Denominator, a positive decimal integer of any size.
    #[serde(deserialize_with = "integer")]
    pub den: String,
    /// For people: cut, never rounded up.
    pub display: String,
}

/// Digits of an integer that are read: far more than any sum of a policy's categories has, and few enough to reckon with.
const MAX_DIGITS: usize = 4_000;

/// An integer of a report, which may be anybody's: one that cannot be reckoned with is refused before anyone does.
fn integer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let is_one =
        !digits.is_empty() && digits.len() <= MAX_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    if is_one { Ok(text) } else { Err(serde::de::Error::custom("this is not an integer of a report")) }
}

impl Default for Number {
    fn default() -> Self {
        Self { num: "0".to_owned(), den: "1".to_owned(), display: "0".to_owned() }
    }
}

impl Number {
    /// A number with its display.
    #[must_use]
    pub fn new(value: &Exact, display: impl Into<String>) -> Self {
        Self { num: value.numer().to_string(), den: value.denom().to_string(), display: display.into() }
    }

    /// A plain number, shown with at most three decimals.
    #[must_use]
    pub fn plain(value: &Exact) -> Self {
        Self::new(value, floor_decimal(value, 3))
    }

    /// The exact value; nothing where the text of a foreign report is no number.
    #[must_use]
    pub fn exact(&self) -> Option<Exact> {
        let (num, den) = (self.num.parse().ok()?, self.den.parse::<num_bigint::BigInt>().ok()?);
        (den.sign() == num_bigint::Sign::Plus).then(|| Exact::new(num, den))
    }
}

/// A number that evidence leaves open between two ends; both are equal where it is exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The low end.
    pub low: Number,
    /// The high end.
    pub high: Number,
}

impl Span {
    /// True where both ends are the same.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.low.num == self.high.num && self.low.den == self.high.den
    }
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this schema.
    pub schema_version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// When it was judged, RFC 3339 in UTC.
    pub timestamp: String,
    /// What was judged.
    pub subject: Subject,
    /// Address at which the pipeline serves the HTML report, `http` or `https`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Template of links to the judged source, `http` or `https`: `{path}` stands for a path below the root of the
    /// repository, percent-encoded, and `{line}` for a line from 1. Empty where it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source_url: String,
    /// By what.
    pub policy: PolicyInfo,
    /// The answer and all that it rests on.
    pub decision: Decision,
    /// What failed, in words, with severity, owner and time.
    pub failures: Vec<FailureAnalysis>,
    /// Every file, with what became of it, sorted by path.
    pub evidence: Vec<EvidenceItem>,
    /// Remarks that belong to no single file.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
    /// What the evidence contract asks for, met or not, in the order of the policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contract: Vec<ContractRow>,
    /// Waivers and quarantines, with what they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverRow>,
    /// What people state that no tool measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<AttestationRow>,
    /// What this run was compared with, and what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineInfo>,
    /// Earlier runs, the oldest first and at most the newest 60; this run is none of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryPoint>,
    /// The components that the policy names, with what was found in each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<ComponentRow>,
    /// Every measure that the evidence of each category gives, asked for or not: what another policy can be tried on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureRow>,
    /// Digests by which a later run tells new findings and vanished tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identities: Option<Identities>,
    /// Test results, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestsSection>,
    /// Coverage, where there is some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageSection>,
    /// Findings, where a scanner ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingsSection>,
    /// Audited pages.
    #[serde(default)]
    pub pages: Vec<PageRow>,
    /// Load tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load: Vec<LoadRun>,
    /// Why nothing could be judged (exit codes 2 and 70), else absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
}

impl Report {
    /// A minimal report of a run that could not judge.
    #[must_use]
    pub fn of_error(tool: Tool, timestamp: String, exit_code: u8, message: &str, help: &str) -> Self {
        let zero = Number { num: "0".to_owned(), den: "1".to_owned(), display: "0.0".to_owned() };
        Self {
            schema_version: SCHEMA_VERSION,
            tool,
            timestamp,
            subject: Subject::default(),
            url: String::new(),
            source_url: String::new(),
            policy: PolicyInfo {
                name: String::new(),
                automatic: false,
                digest: String::new(),
                deploy_at: Number { num: "100".to_owned(), den: "1".to_owned(), display: "100".to_owned() },
                note: String::new(),
                ..PolicyInfo::default()
            },
            decision: Decision {
                verdict: Verdict::Inconclusive,
                basis: Basis::Evidence,
                deployment_action: "remediate".to_owned(),
                exit_code,
                headline: message.to_owned(),
                score: Span { low: zero.clone(), high: zero },
                blocking_failures: Vec::new(),
                reasons: Vec::new(),
                categories: Vec::new(),
                way_to_green: Vec::new(),
                cheapest_loss: String::new(),
                raw_score: None,
                points_bought: None,
                overridden: None,
                skipped: Vec::new(),
            },
            failures: Vec::new(),
            evidence: Vec::new(),
            diagnostics: Vec::new(),
            contract: Vec::new(),
            waivers: Vec::new(),
            attestations: Vec::new(),
            baseline: None,
            history: Vec::new(),
            components: Vec::new(),
            measures: Vec::new(),
            identities: None,
            tests: None,
            coverage: None,
            findings: None,
            pages: Vec::new(),
            load: Vec::new(),
            error: Some(ErrorInfo { message: message.to_owned(), help: help.to_owned() }),
        }
    }
}

/// Who wrote the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `shipworthy`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was judged; empty where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Repository, such as `owner/name`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub repository: String,
    /// Commit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// Branch, tag or other ref.
    #[serde(default, rename = "ref", skip_serializing_if = "String::is_empty")]
    pub git_ref: String,
    /// Branch, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// Branch that a change is made for, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base: String,
    /// Event that started the run, such as `push`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub event: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over by reference")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Why nothing could be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorInfo {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}
