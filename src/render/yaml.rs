//! `report.yaml`: the decision document, for machines that want the answer and not the records behind it.
//!
//! The first nine keys of `decision_report` and those inside them keep their names and meanings; the keys
//! after them may grow.

use crate::evidence::State;
use crate::report::{
    Basis, Category, CategoryState, FailureAnalysis, Reason, Report, Span, Step, Subject, Tool, Verdict,
};
use indexmap::IndexMap;
use serde::Serialize;

/// The document.
#[derive(Debug, Serialize)]
struct Document<'a> {
    decision_report: DecisionReport<'a>,
}

#[derive(Debug, Serialize)]
struct DecisionReport<'a> {
    timestamp: &'a str,
    overall_score: f64,
    deployment_ready: bool,
    deployment_action: &'a str,
    blocking_failures: &'a [String],
    test_results: IndexMap<&'a str, Outcome<'a>>,
    failure_analysis: Vec<Analysis<'a>>,
    manual_recommendations: Vec<Recommendation<'a>>,
    verdict: Verdict,
    basis: Basis,
    exit_code: u8,
    headline: &'a str,
    score: Interval<'a>,
    reasons: &'a [Reason],
    way_to_green: &'a [Step],
    #[serde(skip_serializing_if = "str::is_empty")]
    cheapest_loss: &'a str,
    not_applicable: IndexMap<&'a str, &'a str>,
    policy: Policy<'a>,
    subject: &'a Subject,
    evidence: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a crate::report::ErrorInfo>,
    tool: &'a Tool,
}

/// One applicable category.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    passed: bool,
    score: f64,
    weight: f64,
    state: CategoryState,
    blocking: bool,
    summary: &'a str,
}

#[derive(Debug, Serialize)]
struct Analysis<'a> {
    category: &'a str,
    severity: &'a str,
    issues: &'a [String],
    estimated_fix_time: u64,
    basis: &'a str,
}

#[derive(Debug, Serialize)]
struct Recommendation<'a> {
    category: &'a str,
    priority: &'a str,
    estimated_time: u64,
    team: &'a str,
    manual_steps: &'a [String],
}

/// Both ends of the score, as they are displayed.
#[derive(Debug, Serialize)]
struct Interval<'a> {
    low: &'a str,
    high: &'a str,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    name: &'a str,
    automatic: bool,
    digest: &'a str,
    deploy_at: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

#[derive(Debug, Serialize)]
struct Evidence<'a> {
    path: &'a str,
    state: State,
    format: &'a str,
    category: &'a str,
    sha256: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cause: &'a str,
}

/// The document as YAML.
///
/// # Errors
///
/// Where the serialiser refuses a value, which none of these types brings about.
pub(super) fn render(report: &Report) -> Result<String, serde_saphyr::ser_error::Error> {
    serde_saphyr::to_string(&document(report))
}

fn document(report: &Report) -> Document<'_> {
    let decision = &report.decision;
    let applicable = |c: &&Category| c.state != CategoryState::NotApplicable;
    Document {
        decision_report: DecisionReport {
            timestamp: &report.timestamp,
            overall_score: number(&decision.score.low.display),
            deployment_ready: decision.deployment_action == "deploy",
            deployment_action: &decision.deployment_action,
            blocking_failures: &decision.blocking_failures,
            test_results: decision.categories.iter().filter(applicable).map(outcome).collect(),
            failure_analysis: report.failures.iter().map(analysis).collect(),
            manual_recommendations: report.failures.iter().map(recommendation).collect(),
            verdict: decision.verdict,
            basis: decision.basis,
            exit_code: decision.exit_code,
            headline: &decision.headline,
            score: interval(&decision.score),
            reasons: &decision.reasons,
            way_to_green: &decision.way_to_green,
            cheapest_loss: &decision.cheapest_loss,
            not_applicable: decision
                .categories
                .iter()
                .filter(|c| c.state == CategoryState::NotApplicable)
                .map(|c| (c.id.as_str(), c.rule.as_str()))
                .collect(),
            policy: Policy {
                name: &report.policy.name,
                automatic: report.policy.automatic,
                digest: &report.policy.digest,
                deploy_at: number(&report.policy.deploy_at.display),
                note: &report.policy.note,
            },
            subject: &report.subject,
            evidence: report.evidence.iter().map(evidence).collect(),
            error: report.error.as_ref(),
            tool: &report.tool,
        },
    }
}

fn outcome(category: &Category) -> (&str, Outcome<'_>) {
    let outcome = Outcome {
        passed: category.state == CategoryState::Pass,
        score: category.score.as_ref().map_or(0.0, |s| number(&s.low.display)),
        weight: ratio(&category.weight),
        state: category.state,
        blocking: category.blocking,
        summary: &category.summary,
    };
    (&category.id, outcome)
}

fn analysis(failure: &FailureAnalysis) -> Analysis<'_> {
    Analysis {
        category: &failure.category,
        severity: &failure.severity,
        issues: &failure.issues,
        estimated_fix_time: failure.estimated_fix_time,
        basis: &failure.basis,
    }
}

fn recommendation(failure: &FailureAnalysis) -> Recommendation<'_> {
    Recommendation {
        category: &failure.category,
        priority: &failure.severity,
        estimated_time: failure.estimated_fix_time,
        team: &failure.team,
        manual_steps: &failure.manual_steps,
    }
}

fn evidence(item: &crate::report::EvidenceItem) -> Evidence<'_> {
    Evidence {
        path: &item.path,
        state: item.state,
        format: &item.format,
        category: &item.category,
        sha256: &item.sha256,
        cause: &item.cause,
    }
}

fn interval(span: &Span) -> Interval<'_> {
    Interval { low: &span.low.display, high: &span.high.display }
}

/// The number that is displayed. `<0.1` is more than nothing and is written as the 0.0 that it was cut to.
fn number(display: &str) -> f64 {
    display.parse().ok().filter(|n: &f64| n.is_finite()).unwrap_or(0.0)
}

/// A share of one, cut to six decimals.
fn ratio(number: &crate::report::Number) -> f64 {
    number.exact().map_or(0.0, |exact| self::number(&crate::evidence::exact::floor_decimal(&exact, 6)))
}
