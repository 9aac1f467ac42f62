//! The decision: verdict, score, categories, criteria, and what to do about them.

use super::{Number, Span, is_zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
