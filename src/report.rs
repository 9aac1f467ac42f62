//! The report: the one contract. `report.json` is this type, and every other output derives from it.
//!
//! Its schema is generated from these types (`schemas/report.v1.json`). New keys may come; existing ones keep
//! their names and meanings.

use crate::evidence::exact::{Exact, floor_decimal};
use crate::evidence::{Diagnostic, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the report's schema.
pub const SCHEMA_VERSION: u32 = 1;

/// An exact number and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Number {
    /// Numerator, a decimal integer of any size.
    pub num: String,
    /// Denominator, a positive decimal integer of any size.
    pub den: String,
    /// For people: cut, never rounded up.
    pub display: String,
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

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every blocking criterion holds and the score is reached.
    Deploy,
    /// Something failed.
    Remediate,
    /// Nothing failed for certain, and evidence is missing or damaged.
    Inconclusive,
}

impl Verdict {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Remediate => "remediate",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What the verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The criteria of the policy.
    Policy,
    /// Missing or damaged evidence.
    Evidence,
    /// A digest or an override that does not hold.
    Integrity,
    /// A person, on record.
    Override,
}

/// State of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CriterionState {
    /// A rule says that it does not apply.
    NotApplicable,
    /// Shown, not judged.
    Info,
    /// It holds.
    Pass,
    /// It would not hold, and a waiver covers it.
    Waived,
    /// Between target and limit.
    Warn,
    /// Evidence does not tell.
    Unknown,
    /// It does not hold.
    Fail,
}

impl CriterionState {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            Self::Info => "info",
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

/// State of a category: the worst of its criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CategoryState {
    /// A rule says that it does not apply.
    NotApplicable,
    /// Every criterion holds.
    Pass,
    /// The worst criterion is between target and limit.
    Warn,
    /// Evidence does not tell.
    Unknown,
    /// A criterion does not hold.
    Fail,
}

impl CategoryState {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
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
            components: Vec::new(),
            measures: Vec::new(),
            identities: None,
            tests: None,
            coverage: None,
            findings: None,
            pages: Vec::new(),
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

/// The policy that judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInfo {
    /// `automatic`, `preset:seven-stage`, or the file's path.
    pub name: String,
    /// Nobody wrote a policy: what was found was judged.
    pub automatic: bool,
    /// SHA-256 of the policy's text.
    pub digest: String,
    /// Score that a deploy needs, 0 to 100.
    pub deploy_at: Number,
    /// What was judged of the matrix, and that nothing is pinned; empty with a policy file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Profile that was applied, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// Why that profile: `--profile`, or the rule that chose it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub profile_reason: String,
    /// Git ref that policy and waivers were read from; empty where they are those of the working folder.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub git_ref: String,
    /// Every file that the policy was read from, with its SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PolicyFile>,
    /// Where policy and waivers were read from a git ref: how the working folder's differ from them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PolicyChange>,
}

/// A file that the policy was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyFile {
    /// Path, or `preset:NAME`.
    pub path: String,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// How much one policy asks for beside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strictness {
    /// Whatever it lets deploy, the other does too.
    Tighter,
    /// The other way round.
    Looser,
    /// Neither can be said.
    Other,
}

impl Strictness {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tighter => "tighter",
            Self::Looser => "looser",
            Self::Other => "other",
        }
    }
}

/// One difference between two policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyChange {
    /// What it concerns: `deploy_at`, `unit_tests`, `unit_tests/coverage.line`, `waiver W-1`.
    pub subject: String,
    /// Which way it goes.
    pub strictness: Strictness,
    /// In words: `target 80 % → 75 %`.
    pub text: String,
}

/// The answer and the tree that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The three-valued verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub basis: Basis,
    /// `deploy` or `remediate`.
    pub deployment_action: String,
    /// Exit code of the gate: 0 deploy, 1 remediate, 2 cannot evaluate, 3 inconclusive, 4 integrity, 70 internal.
    pub exit_code: u8,
    /// One sentence: what the answer is and why.
    pub headline: String,
    /// The overall score, 0 to 100, as an interval. Displays have no percent sign.
    pub score: Span,
    /// Ids of the blocking categories that failed.
    pub blocking_failures: Vec<String>,
    /// Every reason against a deploy, in a fixed order.
    pub reasons: Vec<Reason>,
    /// The categories in the order of the policy.
    pub categories: Vec<Category>,
    /// The shortest way to a deploy; empty for a deploy.
    pub way_to_green: Vec<Step>,
    /// For a deploy: the cheapest single loss that would have stopped it, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cheapest_loss: String,
    /// The score without waivers and quarantines, where they change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_score: Option<Span>,
    /// Points that waivers and quarantines add at the low end of the score, where they add any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_bought: Option<Number>,
    /// A person forced a deploy; the verdict stays what it is.
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Override>,
    /// Categories that a person took out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skip>,
}

/// A forced deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Override {
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The exit code that the run had without it.
    pub instead_of: u8,
    /// It took effect; otherwise `problem` says why not.
    pub effective: bool,
    /// Why it does not hold, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
}

/// A category that a person took out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skip {
    /// Id of the category.
    pub category: String,
    /// Why.
    pub reason: String,
    /// Who, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor: String,
}

/// One reason against a deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Stable code, such as `CRITERION_FAILED` or `EVIDENCE_TRUNCATED`.
    pub code: String,
    /// It prevents a deploy by itself.
    pub blocking: bool,
    /// Id of the category, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Id of the criterion, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub criterion: String,
    /// In words.
    pub text: String,
    /// Ids of the evidence.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Category {
    /// Id, such as `unit_tests`.
    pub id: String,
    /// Name for people, such as `Unit tests`.
    pub title: String,
    /// Share of the score, 0 to 1, among the applicable categories of the policy as written; display in percent.
    pub weight: Number,
    /// Its failure blocks a deploy.
    pub blocking: bool,
    /// The worst of its criteria.
    pub state: CategoryState,
    /// 0 to 100; absent where the category does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Span>,
    /// What it adds to the overall score, exact; contributions sum to the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution: Option<Span>,
    /// The score without waivers and quarantines, where they change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_score: Option<Span>,
    /// The rule by which it does not apply, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// One line: what it found, such as `81 tests: 15 failed, 1 error, 1 skipped`.
    pub summary: String,
    /// Its criteria.
    pub criteria: Vec<Criterion>,
    /// Ids of the evidence that speaks for it.
    pub evidence: Vec<String>,
    /// Notes from the policy, Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Owner from the policy, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Criterion {
    /// Id: category and key in the policy, such as `unit_tests/coverage.line`.
    pub id: String,
    /// The measure, such as `coverage.line`.
    pub measure: String,
    /// Name for people, such as `Line coverage`.
    pub title: String,
    /// The state.
    pub state: CriterionState,
    /// The value as an interval; absent where nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Span>,
    /// Unit: `%`, `ms`, `s`, `count` or empty. Ratios are exact between 0 and 1 and displayed in percent.
    pub unit: String,
    /// `>=` where higher is better, `<=` where lower is.
    pub direction: String,
    /// What is counted: `total`, `changed` lines, `new` findings, or the `delta` to the baseline.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// What it is narrowed to, in words: `path src/billing/**, producer jest`; empty for everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub narrowed: String,
    /// For a `delta`: the value of this run that is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Span>,
    /// The value of the baseline, where the criterion compares with it or it was measured alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Span>,
    /// Where it must hold for every component: how each stands, worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Ids of the waivers and quarantines that took records out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<String>,
    /// Records that waivers and quarantines took out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: u64,
    /// The state without waivers and quarantines, where they change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_state: Option<CriterionState>,
    /// The value without waivers and quarantines, where they change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_value: Option<Span>,
    /// What it should be.
    pub target: Number,
    /// End of the warn band, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Number>,
    /// How far the low-scoring end of the value is beyond the target, in the value's unit; below zero it is missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<Number>,
    /// What it gives to its category, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attainment: Option<Span>,
    /// It blocks.
    pub blocking: bool,
    /// Shown, not scored.
    pub advisory: bool,
    /// Missing evidence holds it.
    pub required: bool,
    /// How many records the value rests on.
    pub samples: u64,
    /// Points of the overall score that this criterion alone would cost, at the low end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_lost: Option<Number>,
    /// Where it comes from: policy file and line, or the built-in policy.
    pub origin: String,
    /// Ids of the evidence.
    pub evidence: Vec<String>,
    /// Stable code of the state, such as `BELOW_TARGET`; empty where it passes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason_code: String,
    /// In words: the value against the target, and why it is unknown or does not apply.
    pub text: String,
    /// What to do about it; absent where it passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over by reference")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// How one component stands to a criterion that must hold for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Name of the component; empty for what belongs to none.
    pub component: String,
    /// The state.
    pub state: CriterionState,
    /// The value; absent where nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Span>,
    /// How many records the value rests on.
    pub samples: u64,
    /// Why it is unknown or does not apply, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// One thing that the evidence contract asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractRow {
    /// Name.
    pub name: String,
    /// Id of the category that asks for it, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// The cell of a matrix, such as `browser` → `firefox`; empty for a plain requirement.
    #[serde(default, skip_serializing_if = "indexmap::IndexMap::is_empty")]
    pub cell: indexmap::IndexMap<String, String>,
    /// Files that are there.
    pub found: u64,
    /// Files that must be there.
    pub wanted: u64,
    /// The worst state of the files that are there, `missing` where too few are.
    pub state: State,
    /// Policy file and line.
    pub origin: String,
    /// Ids of the evidence.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// A waiver or a quarantine, with what it did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaiverRow {
    /// Id.
    pub id: String,
    /// `waiver` or `quarantine`.
    pub kind: String,
    /// `active`, `expiring` (14 days or less), `expired`, `unused`, or `over cap`.
    pub state: String,
    /// What it matches, in words.
    pub matches: String,
    /// Who answers for it.
    pub owner: String,
    /// Why, in words.
    pub reason: String,
    /// Why, by a fixed word such as `not_affected`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Last day, `YYYY-MM-DD`.
    pub expires: String,
    /// Days until then; below zero it is expired.
    pub days_left: i64,
    /// Ticket, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ticket: String,
    /// Records that it matches.
    pub matched: u64,
    /// Of them, tests that failed and findings that would count.
    pub covered: u64,
    /// Points that the score would lose at its low end without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// File and line.
    pub origin: String,
}

/// What a person states.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestationRow {
    /// The check that it is about.
    pub check: String,
    /// What is stated.
    pub statement: String,
    /// Who says so.
    pub by: String,
    /// When, `YYYY-MM-DD`.
    pub date: String,
    /// Last day that it counts, `YYYY-MM-DD`.
    pub expires: String,
    /// It holds, says the person.
    pub holds: bool,
    /// `counts`, `expired`, `future`, or `not asked for`.
    pub state: String,
    /// File and line.
    pub origin: String,
}

/// What this run was compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineInfo {
    /// `given`, `first run`, or `unreadable`.
    pub state: String,
    /// Path of the report, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Why it cannot be used, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// When it was judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub timestamp: String,
    /// Its commit, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// Its verdict, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub verdict: String,
    /// Its score, displayed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub score: String,
    /// This score less that one, at the low ends, with its sign.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub score_change: String,
    /// Findings that it did not have; absent where it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_findings: Option<u64>,
    /// Findings that are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_findings: Option<u64>,
    /// Tests that it had and that are gone; absent where it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished_tests: Option<u64>,
    /// Where they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished_groups: Vec<VanishedGroup>,
    /// Source files that it measured and that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished_files: Vec<String>,
}

/// A group of tests of which some are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VanishedGroup {
    /// Id of the category.
    pub category: String,
    /// Class or suite.
    pub group: String,
    /// Tests that are gone.
    pub gone: u64,
    /// Tests that it had.
    pub had: u64,
}

/// A component that the policy names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentRow {
    /// Name; empty for what belongs to none.
    pub name: String,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Tests.
    pub tests: u64,
    /// Failed and broken tests.
    pub failed: u64,
    /// Sum of the durations of its tests in milliseconds.
    pub duration_ms: u64,
    /// Lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Findings that count.
    pub findings: u64,
}

/// A measure that the evidence of a category gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureRow {
    /// Id of the category.
    pub category: String,
    /// The measure.
    pub measure: String,
    /// The value.
    pub value: Span,
    /// How many records it rests on.
    pub samples: u64,
}

/// Digests by which a later run tells what is new and what is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identities {
    /// Tests by class or suite, sorted.
    pub tests: Vec<TestGroup>,
    /// Findings that count, by category.
    pub findings: Vec<FindingGroup>,
}

/// Tests of a class or suite.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestGroup {
    /// Id of the category.
    pub category: String,
    /// Class or suite; empty where a category is one group.
    pub group: String,
    /// Tests.
    pub count: u64,
    /// Eight hex digits a test, sorted; empty in very large runs, where only the count is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digests: String,
}

/// Findings of a category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingGroup {
    /// Id of the category.
    pub category: String,
    /// Findings.
    pub count: u64,
    /// Sixteen hex digits a finding, sorted; empty in very large runs, where only the count is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digests: String,
}

/// What to do about a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// Who, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// What.
    pub hint: String,
    /// How long, in minutes.
    pub minutes: u64,
    /// What the estimate rests on.
    pub basis: String,
}

/// One step of the way to green.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Id of the category, or empty for evidence that belongs to none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Id of the criterion, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub criterion: String,
    /// What to do.
    pub text: String,
    /// How long, in minutes.
    pub minutes: u64,
    /// Who, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
}

/// What is wrong in a failing category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureAnalysis {
    /// Id of the category.
    pub category: String,
    /// `CRITICAL`, `HIGH`, `MEDIUM` or `LOW`.
    pub severity: String,
    /// In words, worst first: `12 unit tests failing in customer portal`.
    pub issues: Vec<String>,
    /// Minutes.
    pub estimated_fix_time: u64,
    /// What the estimate rests on.
    pub basis: String,
    /// Who, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub team: String,
    /// What to do by hand, in order. Markdown of one line each.
    pub manual_steps: Vec<String>,
    /// Groups of failures with one cause: how many, and the message that they share.
    #[serde(default)]
    pub clusters: Vec<Cluster>,
}

/// Failures that share a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// What they share.
    pub message: String,
    /// How many.
    pub count: u64,
    /// One of them.
    pub example: String,
}

/// One artifact file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceItem {
    /// Stable id.
    pub id: String,
    /// Path below the root.
    pub path: String,
    /// SHA-256 in hex; empty where it could not be read.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Id of the format, or empty.
    pub format: String,
    /// `tests`, `coverage`, `findings`, `web`, or empty.
    pub kind: String,
    /// Tool and version, or empty.
    pub producer: String,
    /// Id of the category that it speaks for, or empty.
    pub category: String,
    /// Why that category.
    pub category_reason: String,
    /// What became of it.
    pub state: State,
    /// One line: why the state is not `ok`, or empty.
    pub cause: String,
    /// When it was made, as the file tells it, or empty.
    pub timestamp: String,
    /// What was read, in a few words.
    pub summary: String,
    /// Remarks.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
}

/// Test results over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestsSection {
    /// Counts by category id.
    pub by_category: Vec<TestCounts>,
    /// Failed and broken tests, first the broken, in a stable order.
    pub failures: Vec<TestRow>,
    /// Failures that are counted and not listed.
    pub failures_left_out: u64,
    /// Tests that passed after a failed attempt.
    pub flaky: Vec<TestRow>,
    /// Quarantined tests with their outcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<TestRow>,
    /// Skipped tests with their reasons; the first few hundred.
    pub skipped: Vec<TestRow>,
    /// The slowest tests.
    pub slowest: Vec<TestRow>,
}

/// Counts of tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestCounts {
    /// Id of the category.
    pub category: String,
    /// All.
    pub total: u64,
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Broken.
    pub errors: u64,
    /// Skipped.
    pub skipped: u64,
    /// Flaky.
    pub flaky: u64,
    /// Declared and not reported.
    pub not_run: u64,
    /// Sum of durations in milliseconds.
    pub duration_ms: u64,
}

/// One test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestRow {
    /// Id of the category.
    pub category: String,
    /// Component: what its path or suite calls the part of the product.
    pub component: String,
    /// Suite path.
    pub suite: String,
    /// Class, or empty.
    pub class: String,
    /// Name.
    pub name: String,
    /// `passed`, `failed`, `error` or `skipped`.
    pub status: String,
    /// Duration in milliseconds, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Failure type.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Trace, head and tail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace: String,
    /// Further messages: other failures of the case, earlier attempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// How often it ran.
    pub attempts: u32,
    /// Source file, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Id of the waiver or quarantine that takes it out, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub waiver: String,
    /// Id of the evidence.
    pub evidence: String,
}

/// Coverage over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageSection {
    /// Lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<CoverageTally>,
    /// Functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<CoverageTally>,
    /// Statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<CoverageTally>,
    /// By source file, the most uncovered lines first.
    pub files: Vec<CoverageFile>,
    /// Files that are counted and not listed.
    pub files_left_out: u64,
}

/// Covered of total, open where reports do not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageTally {
    /// Covered for certain.
    pub covered: u64,
    /// Covered at best.
    pub covered_high: u64,
    /// All.
    pub total: u64,
}

/// One source file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageFile {
    /// Path.
    pub path: String,
    /// Lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<CoverageTally>,
    /// Branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<CoverageTally>,
    /// Ranges of uncovered lines, such as `12-15`, the first few dozen.
    pub uncovered: Vec<String>,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
}

/// Findings over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingsSection {
    /// Results read.
    pub read: u64,
    /// Results that count.
    pub counted: u64,
    /// Results that a suppression in the file accepts.
    pub suppressed: u64,
    /// Results whose kind says that nothing failed.
    pub not_failing: u64,
    /// Results that the baseline comparison says are gone.
    pub absent: u64,
    /// Results that count in their file and that a waiver takes out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: u64,
    /// Rules with results that count, worst first.
    pub rules: Vec<RuleRow>,
    /// Results that count, worst first.
    pub list: Vec<FindingRow>,
    /// Results that count and are not listed.
    pub left_out: u64,
    /// Suppressed results with their justifications; the first few hundred.
    pub suppressions: Vec<FindingRow>,
}

/// A rule and how often it was hit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleRow {
    /// Tool.
    pub tool: String,
    /// Rule id.
    pub rule: String,
    /// Worst severity of its results.
    pub severity: String,
    /// Worst level of its results.
    pub level: String,
    /// Results that count.
    pub count: u64,
    /// Short description.
    pub title: String,
    /// Help, Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Documentation, `http` or `https`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uri: String,
}

/// One finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingRow {
    /// Id of the category.
    pub category: String,
    /// Tool.
    pub tool: String,
    /// Rule id.
    pub rule: String,
    /// `critical`, `high`, `medium`, `low`, `info` or `unknown`.
    pub severity: String,
    /// `error`, `warning`, `note` or `none`.
    pub level: String,
    /// Where severity and level come from.
    pub basis: String,
    /// Message.
    pub message: String,
    /// Path, or empty.
    pub path: String,
    /// Line, 0 where unknown.
    pub line: u32,
    /// Owner, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Why it is suppressed, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub justification: String,
    /// Component, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub component: String,
    /// Id of the waiver that takes it out, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub waiver: String,
    /// The baseline did not have it; absent without a baseline that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// Id of the evidence.
    pub evidence: String,
}

/// One audited page: runs of one page by one engine and form factor together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageRow {
    /// `Lighthouse` or `axe-core`.
    pub engine: String,
    /// Version of the engine.
    pub version: String,
    /// URL that was asked for, else reached.
    pub url: String,
    /// Step of a user flow, or empty.
    pub step: String,
    /// `mobile`, `desktop` or empty.
    pub form_factor: String,
    /// Number of runs; values are medians over them.
    pub runs: u64,
    /// `ok`, or why the page is not measured.
    pub state: State,
    /// Why, or empty.
    pub cause: String,
    /// Category scores in percent: median, lowest and highest run; empty where the engine gives none.
    pub scores: Vec<PageScore>,
    /// Page metrics.
    pub metrics: Vec<PageMetric>,
    /// Violated rules.
    pub violations: Vec<ViolationRow>,
    /// Rules that need a person.
    pub incomplete: u64,
    /// Ids of the evidence.
    pub evidence: Vec<String>,
}

/// The score of a page in a category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageScore {
    /// Category of the engine, such as `performance`.
    pub category: String,
    /// Median in percent, or `not measured`.
    pub display: String,
    /// Lowest and highest run in percent, where there are several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spread: String,
}

/// A metric of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageMetric {
    /// Measure id, such as `web.lcp`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Median with its unit.
    pub display: String,
}

/// A violated accessibility rule on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ViolationRow {
    /// Rule id.
    pub rule: String,
    /// `critical`, `serious`, `moderate`, `minor` or empty.
    pub impact: String,
    /// What the rule asks for.
    pub title: String,
    /// Documentation, `http` or `https`, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// WCAG criteria, such as `1.4.3`.
    pub criteria: Vec<String>,
    /// Elements concerned.
    pub nodes: u32,
    /// The first few selectors.
    pub targets: Vec<String>,
}

/// Why nothing could be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorInfo {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}
