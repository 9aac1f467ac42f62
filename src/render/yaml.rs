//! `report.yaml`: the decision document, for machines that want the answer and not the records behind it.
//!
//! The first nine keys of `decision_report` and those inside them keep their names and meanings; the keys
//! after them may grow.

use super::escape;
use crate::evidence::State;
use crate::report::{
    AttestationRow, BaselineInfo, Basis, Category, CategoryState, ComponentRow, ContractRow, FailureAnalysis,
    Override, PolicyChange, PolicyFile, Reason, Report, Skip, Span, Step, Subject, Tool, Verdict, WaiverRow,
};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

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
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    overridden: Option<&'a Override>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    skipped: &'a [Skip],
    #[serde(skip_serializing_if = "Option::is_none")]
    score_without_waivers: Option<Interval<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points_bought_by_waivers: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contract: Vec<Requirement<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waivers: Vec<Waiver<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    attestations: &'a [AttestationRow],
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a BaselineInfo>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    components: &'a [ComponentRow],
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

/// What the evidence contract asks for.
#[derive(Debug, Serialize)]
struct Requirement<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    cell: &'a IndexMap<String, String>,
    found: u64,
    wanted: u64,
    state: State,
    origin: &'a str,
}

/// A waiver or a quarantine, and what it did.
#[derive(Debug, Serialize)]
struct Waiver<'a> {
    id: &'a str,
    kind: &'a str,
    state: &'a str,
    matches: &'a str,
    owner: &'a str,
    reason: &'a str,
    expires: &'a str,
    days_left: i64,
    covered: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    name: &'a str,
    automatic: bool,
    digest: &'a str,
    deploy_at: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    profile: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    profile_reason: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    git_ref: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    files: &'a [PolicyFile],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    changes: &'a [PolicyChange],
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
    let tree = serde_json::to_value(document(report));
    let tree = tree.map_err(|error| error.to_string())?;
    Ok(escape::yaml_document(&serde_saphyr::to_string(&scalars(tree))?))
}

/// The same tree with every text as a scalar that nothing in it can leave, hide or act from.
fn scalars(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(escape::yaml_scalar(&text)),
        Value::Array(list) => Value::Array(list.into_iter().map(scalars).collect()),
        Value::Object(map) => Value::Object(
            map.into_iter().map(|(key, value)| (escape::yaml_scalar(&key), scalars(value))).collect(),
        ),
        other => other,
    }
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
            policy: policy(&report.policy),
            subject: &report.subject,
            evidence: report.evidence.iter().map(evidence).collect(),
            error: report.error.as_ref(),
            tool: &report.tool,
            overridden: decision.overridden.as_ref(),
            skipped: &decision.skipped,
            score_without_waivers: decision.raw_score.as_ref().map(interval),
            points_bought_by_waivers: decision.points_bought.as_ref().map(|p| number(&p.display)),
            contract: report.contract.iter().map(requirement).collect(),
            waivers: report.waivers.iter().map(waiver).collect(),
            attestations: &report.attestations,
            baseline: report.baseline.as_ref(),
            components: &report.components,
        },
    }
}

fn policy(policy: &crate::report::PolicyInfo) -> Policy<'_> {
    Policy {
        name: &policy.name,
        automatic: policy.automatic,
        digest: &policy.digest,
        deploy_at: number(&policy.deploy_at.display),
        note: &policy.note,
        profile: &policy.profile,
        profile_reason: &policy.profile_reason,
        git_ref: &policy.git_ref,
        files: &policy.files,
        changes: &policy.changes,
    }
}

fn requirement(row: &ContractRow) -> Requirement<'_> {
    Requirement {
        name: &row.name,
        cell: &row.cell,
        found: row.found,
        wanted: row.wanted,
        state: row.state,
        origin: &row.origin,
    }
}

fn waiver(row: &WaiverRow) -> Waiver<'_> {
    Waiver {
        id: &row.id,
        kind: &row.kind,
        state: &row.state,
        matches: &row.matches,
        owner: &row.owner,
        reason: &row.reason,
        expires: &row.expires,
        days_left: row.days_left,
        covered: row.covered,
        points: row.points.as_ref().map(|p| number(&p.display)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn parsed(report: &Report) -> Value {
        let text = render(report).unwrap();
        let document: Value = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        document["decision_report"].clone()
    }

    #[test]
    fn the_keys_that_others_read_come_first_and_mean_what_they_meant() {
        let report = sample::report();
        let document = parsed(&report);
        let keys: Vec<&str> = document.as_object().unwrap().keys().take(9).map(String::as_str).collect();
        let named = [
            "timestamp",
            "overall_score",
            "deployment_ready",
            "deployment_action",
            "blocking_failures",
            "test_results",
            "failure_analysis",
            "manual_recommendations",
            "verdict",
        ];
        assert_eq!(keys, named);
        assert_eq!(document["timestamp"], "2026-08-20T14:30:00Z");
        assert_eq!(document["overall_score"], 62.4);
        assert_eq!(document["deployment_ready"], false);
        assert_eq!(document["deployment_action"], "remediate");
        let unit = &document["test_results"]["unit_tests"];
        assert_eq!(
            (&unit["passed"], &unit["score"], &unit["weight"]),
            (&false.into(), &81.4.into(), &0.15.into())
        );
        assert_eq!(document["test_results"].get("accessibility"), None);
        assert_eq!(document["not_applicable"]["accessibility"], "automatic policy: nothing found");
        assert_eq!(document["failure_analysis"][0]["estimated_fix_time"], 90);
        assert_eq!(document["manual_recommendations"][0]["priority"], "CRITICAL");
        assert_eq!(document["manual_recommendations"][0]["team"], "Portal Team");
    }

    #[test]
    fn hostile_text_comes_back_as_it_was() {
        let report = sample::hostile();
        let document = parsed(&report);
        assert_eq!(document["headline"], sample::PAYLOAD);
        assert_eq!(document["policy"]["note"], sample::PAYLOAD);
        assert_eq!(document["failure_analysis"][0]["issues"][0], sample::PAYLOAD);
        assert_eq!(document["manual_recommendations"][0]["manual_steps"][1], sample::PAYLOAD);
        assert_eq!(document["evidence"][3]["path"], sample::PAYLOAD);
        assert_eq!(document["override"]["reason"], sample::PAYLOAD);
        assert_eq!(document["waivers"][0]["matches"], sample::PAYLOAD);
        assert_eq!(document["contract"][0]["cell"][sample::PAYLOAD], sample::PAYLOAD);
    }

    #[test]
    fn what_a_policy_adds_comes_after_the_keys_that_were_there() {
        let document = parsed(&sample::policy());
        assert_eq!(document["override"]["actor"], "ada");
        assert_eq!(document["override"]["instead_of"], 1);
        assert_eq!(document["skipped"][0]["category"], "performance");
        assert_eq!(document["points_bought_by_waivers"], 4.3);
        assert_eq!(document["score_without_waivers"]["low"], "58.1");
        assert_eq!(document["contract"][1]["cell"]["browser"], "firefox");
        assert_eq!(document["waivers"][1]["state"], "expired");
        assert_eq!(document["attestations"][0]["by"], "Grace H.");
        assert_eq!(document["baseline"]["vanished_tests"], 7);
        assert_eq!(document["components"][0]["failed"], 9);
        assert_eq!(document["policy"]["profile"], "release");
        assert!(document.get("identities").is_none() && document.get("measures").is_none());
        let plain = parsed(&sample::green());
        let added = ["override", "skipped", "contract", "waivers", "attestations", "baseline", "components"];
        assert!(added.iter().all(|key| plain.get(key).is_none()), "{plain}");
    }

    #[test]
    fn awkward_words_stay_words() {
        let words = [
            "yes", "no", "null", "~", "1e3", "0x10", "- a", "a: b", "# c", "", " ", "!!str x", "&a", "*a",
            "%a", "|", ">",
        ];
        let mut report = sample::report();
        for word in words {
            report.decision.headline = word.to_owned();
            report.decision.categories[0].id = word.to_owned();
            let document = parsed(&report);
            assert_eq!(document["headline"], word);
            assert!(document["test_results"].get(word).is_some(), "{word:?}");
        }
    }

    #[test]
    fn a_score_is_never_better_than_it_is_displayed() {
        let read = ["99.9", "100", "<0.1", "inf"].map(|text| number(text).to_string());
        assert_eq!(read, ["99.9", "100", "0", "0"]);
    }
}
