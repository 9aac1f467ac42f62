//! Policies beside each other: what *tighter* promises, how layers merge, where each value comes from, and what the
//! schema of the language accepts.

use crate::support::{files_below, root, same_as_committed};
use proptest::prelude::*;
use serde_json::Value;
use shipworthy::decide::{Context, assign, judge};
use shipworthy::evidence::category::Assigned;
use shipworthy::evidence::coverage::{Coverage, FileCoverage, Line};
use shipworthy::evidence::findings::{Class, Disposition, Finding, Findings, Level, Severity, Tool};
use shipworthy::evidence::tests::{Counts, Tests};
use shipworthy::evidence::{Evidence, Facts, Item, Kind, Producer, State};
use shipworthy::policy::diff::{Strictness, diff, overall};
use shipworthy::policy::{Chosen, PRESETS, Policy, SchemaOf, load, schema};
use shipworthy::report::{CriterionState, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CATEGORIES: [&str; 3] = ["a", "b", "c"];
/// What criteria judge, and the unit of their bounds.
const MEASURES: [(&str, &str); 3] = [("tests.pass_rate", "%"), ("coverage.line", "%"), ("findings.high", "")];

#[derive(Debug, Clone)]
struct DraftCriterion {
    present: bool,
    target: u32,
    band: u32,
    has_limit: bool,
    blocking: bool,
    required: bool,
    advisory: bool,
    min_samples: u32,
}

#[derive(Debug, Clone)]
struct DraftCategory {
    present: bool,
    weight: u32,
    blocking: bool,
    required: bool,
    on_main_only: bool,
    criteria: Vec<DraftCriterion>,
}

#[derive(Debug, Clone)]
struct Draft {
    deploy_at: u32,
    strict: bool,
    categories: Vec<DraftCategory>,
    contract: Vec<Option<u32>>,
    waives: bool,
}

/// Mostly true, so that most drafts judge something.
fn mostly() -> impl Strategy<Value = bool> {
    prop_oneof![4 => Just(true), 1 => Just(false)]
}

fn draft_criterion() -> impl Strategy<Value = DraftCriterion> {
    (
        (
            mostly(),
            prop_oneof![1 => 0..=100_u32, 2 => 0..=60_u32, 1 => Just(100_u32)],
            0..=30_u32,
            any::<bool>(),
        ),
        (any::<bool>(), mostly(), any::<bool>(), any::<bool>(), 1..4_u32),
    )
        .prop_map(|((present, target, band, has_limit), (blocking, required, a, b, min_samples))| {
            DraftCriterion {
                present,
                target,
                band,
                has_limit,
                blocking,
                required,
                advisory: a && b,
                min_samples,
            }
        })
}

fn draft_category() -> impl Strategy<Value = DraftCategory> {
    (
        (mostly(), 0..4_u32, any::<bool>(), mostly(), any::<bool>(), any::<bool>()),
        prop::collection::vec(draft_criterion(), MEASURES.len()),
    )
        .prop_map(|((present, weight, blocking, required, a, b), criteria)| DraftCategory {
            present,
            weight,
            blocking,
            required,
            on_main_only: a && b,
            criteria,
        })
}

fn draft() -> impl Strategy<Value = Draft> {
    (
        prop_oneof![2 => Just(100_u32), 1 => 0..=100_u32],
        any::<bool>(),
        prop::collection::vec(draft_category(), CATEGORIES.len()),
        prop::collection::vec(prop::option::of(0..3_u32), 2),
        any::<bool>(),
    )
        .prop_map(|(deploy_at, strict, categories, contract, waives)| Draft {
            deploy_at,
            strict,
            categories,
            contract,
            waives,
        })
}

/// Takes one thing of another draft over, by number.
fn with_one_from(base: &Draft, other: &Draft, which: usize) -> Draft {
    let mut new = base.clone();
    let (category, criterion) = ((which / 8) % CATEGORIES.len(), (which / 32) % MEASURES.len());
    let (mine, theirs) = (&mut new.categories[category], &other.categories[category]);
    match which % 16 {
        0 => new.deploy_at = other.deploy_at,
        1 => new.strict = other.strict,
        2 => new.contract.clone_from(&other.contract),
        3 => new.waives = other.waives,
        4 => mine.weight = theirs.weight,
        5 => mine.present = theirs.present,
        6 => mine.required = theirs.required,
        7 => mine.on_main_only = theirs.on_main_only,
        8 => mine.criteria[criterion].present = theirs.criteria[criterion].present,
        9 => mine.criteria[criterion].blocking = theirs.criteria[criterion].blocking,
        10 => mine.criteria[criterion].required = theirs.criteria[criterion].required,
        11 => mine.criteria[criterion].advisory = theirs.criteria[criterion].advisory,
        12 => mine.criteria[criterion].min_samples = theirs.criteria[criterion].min_samples,
        13 => mine.criteria[criterion].has_limit = theirs.criteria[criterion].has_limit,
        14 => mine.criteria[criterion].band = theirs.criteria[criterion].band,
        _ => mine.criteria[criterion].target = theirs.criteria[criterion].target,
    }
    new
}

/// The draft as a policy; nothing where it is none (no category, no criterion, no weight).
fn policy(draft: &Draft) -> Option<Policy> {
    let mut text = format!("version: 1\ndeploy_at: {}\nquarantine_max: 0\n", draft.deploy_at);
    if draft.strict {
        text.push_str("unrecognised: block\n");
    }
    if draft.waives {
        text.push_str("waivers: w.yml\n");
    }
    text.push_str("categories:\n");
    for (id, c) in CATEGORIES.iter().zip(&draft.categories).filter(|(_, c)| c.present) {
        writeln!(
            text,
            "  {id}:\n    weight: {}\n    blocking: {}\n    required: {}",
            c.weight, c.blocking, c.required
        )
        .ok()?;
        if c.on_main_only {
            text.push_str("    applies_when: { branch: main }\n");
        }
        text.push_str("    criteria:\n");
        for ((measure, unit), k) in MEASURES.iter().zip(&c.criteria).filter(|(_, k)| k.present) {
            let higher = *unit == "%";
            let limit = if higher { k.target.saturating_sub(k.band) } else { k.target + k.band };
            let limit = if k.has_limit { format!(", limit: {limit}{unit}") } else { String::new() };
            writeln!(
                text,
                "      {measure}: {{ target: {}{unit}{limit}, blocking: {}, required: {}, advisory: {}, min_samples: {} }}",
                k.target, k.blocking, k.required, k.advisory, k.min_samples
            )
            .ok()?;
        }
    }
    text.push_str("evidence:\n");
    for (id, files) in CATEGORIES.iter().zip(&draft.contract).filter_map(|(id, files)| Some((id, (*files)?)))
    {
        writeln!(text, "  - {{ path: \"{id}/**\", min_files: {files} }}").ok()?;
    }
    let waivers =
        "version: 1\nwaivers: [{ id: W, match: { rule: waived }, owner: o, reason: r, expires: 2999-01-01 }]";
    let read = |path: &str| match path {
        "p.yml" => Ok(text.clone()),
        "w.yml" => Ok(waivers.to_owned()),
        other => Err(other.to_owned()),
    };
    load("p.yml", &read).ok()?.policy(&Chosen::default()).ok()
}

/// What a category's evidence holds: nothing where the file is not there.
#[derive(Debug, Clone)]
struct Found {
    tests: Option<(u64, u64, State)>,
    coverage: Option<(u32, u32, State)>,
    findings: Option<(usize, usize, State)>,
}

fn found() -> impl Strategy<Value = Found> {
    let state =
        || prop_oneof![40 => Just(State::Ok), 1 => Just(State::Truncated), 1 => Just(State::Unrecognised)];
    let few = || prop_oneof![5 => Just(0_u32), 1 => 0..3_u32];
    (
        prop::option::weighted(0.9, (1..6_u64, few().prop_map(u64::from), state())),
        prop::option::weighted(0.85, (1..=10_u32, few(), state())),
        prop::option::weighted(0.85, (few().prop_map(|n| n as usize), 0..2_usize, state())),
    )
        .prop_map(|(tests, coverage, findings)| Found { tests, coverage, findings })
}

fn item(path: String, kind: Kind, category: &str, state: State, facts: Facts) -> Item {
    Item {
        id: path.clone(),
        path,
        sha256: String::new(),
        bytes: 0,
        format: None,
        kind: Some(kind),
        producer: Producer::default(),
        category: Some(Assigned::new(category, "")),
        state,
        cause: String::new(),
        timestamp: String::new(),
        diagnostics: Vec::new(),
        facts,
    }
}

fn findings(real: usize, waived: usize) -> Findings {
    let mut findings = Findings { tools: vec![Tool::default()], ..Findings::default() };
    let (rule, accepted, empty) =
        (findings.text.push("real"), findings.text.push("waived"), findings.text.push(""));
    for at in 0..real + waived {
        findings.list.push(Finding {
            rule: if at < real { rule } else { accepted },
            message: empty,
            path: empty,
            line: 1,
            tool: 0,
            level: Level::Error,
            severity: Severity::High,
            basis: empty,
            disposition: Disposition::Counted,
            class: Class::Security,
            fingerprint: empty,
            justification: empty,
        });
    }
    findings.read = (real + waived) as u64;
    findings
}

fn evidence(found: &[Found]) -> Evidence {
    let mut items = Vec::new();
    for (id, f) in CATEGORIES.iter().zip(found) {
        if let Some((passed, failed, state)) = f.tests {
            let undetailed = Counts { total: passed + failed, passed, failed, ..Counts::default() };
            let tests = Some(Tests { undetailed, ..Tests::default() });
            items.push(item(
                format!("{id}/tests.xml"),
                Kind::Tests,
                id,
                state,
                Facts { tests, ..Facts::default() },
            ));
        }
        if let Some((hit, missed, state)) = f.coverage {
            let lines =
                (1..=hit + missed).map(|number| Line { number, hits: u32::from(number <= hit) }).collect();
            let files = vec![FileCoverage { lines, ..FileCoverage::new("x") }];
            let coverage = Some(Coverage { files, ..Coverage::default() });
            items.push(item(
                format!("{id}/cov.xml"),
                Kind::Coverage,
                id,
                state,
                Facts { coverage, ..Facts::default() },
            ));
        }
        if let Some((real, waived, state)) = f.findings {
            let findings = Some(findings(real, waived));
            items.push(item(
                format!("{id}/scan.sarif"),
                Kind::Findings,
                id,
                state,
                Facts { findings, ..Facts::default() },
            ));
        }
    }
    Evidence { items, ..Evidence::default() }
}

fn verdict(policy: &Policy, found: &[Found], context: &Context) -> Verdict {
    let mut evidence = evidence(found);
    assign(policy, &mut evidence, context);
    judge(policy, &evidence, context).verdict
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    /// Whatever a policy that is called tighter lets deploy, the other lets deploy too; without a difference both
    /// decide alike.
    #[test]
    fn a_tighter_policy_never_deploys_where_the_other_does_not(
        (old, donor) in (draft(), draft()),
        changes in prop::collection::vec(0..512_usize, 1..4),
        evidences in prop::collection::vec(prop::collection::vec(found(), CATEGORIES.len()), 12),
        branch in prop_oneof![Just("main"), Just("other"), Just("")],
    ) {
        let new = changes.iter().fold(old.clone(), |draft, which| with_one_from(&draft, &donor, *which));
        let (Some(old), Some(new)) = (policy(&old), policy(&new)) else { return Ok(()) };
        let context = Context { branch: branch.to_owned(), ..Context::default() };
        let changes = diff(&old, &new);
        for found in &evidences {
            let (a, b) = (verdict(&old, found, &context), verdict(&new, found, &context));
            let (old_deploys, new_deploys) = (a == Verdict::Deploy, b == Verdict::Deploy);
            match overall(&changes) {
                Some(Strictness::Tighter) => prop_assert!(old_deploys || !new_deploys, "{changes:?}"),
                Some(Strictness::Looser) => prop_assert!(new_deploys || !old_deploys, "{changes:?}"),
                Some(Strictness::Other) => {}
                None => prop_assert_eq!(old_deploys, new_deploys),
            }
        }
    }

    /// I1 with waivers: the score is exactly 100 if and only if every scored criterion passes or is waived.
    #[test]
    fn a_hundred_means_that_every_criterion_passes_or_is_waived(
        draft in draft(),
        found in prop::collection::vec(found(), CATEGORIES.len()),
    ) {
        let Some(policy) = policy(&draft) else { return Ok(()) };
        let context = Context::default();
        let mut evidence = evidence(&found);
        assign(&policy, &mut evidence, &context);
        let judged = judge(&policy, &evidence, &context);
        let weighted = judged.categories.iter().filter(|c| c.score.is_some() && c.policy.weight > shipworthy::evidence::exact::whole(0));
        let holds = weighted.flat_map(|c| &c.criteria).filter(|c| !c.policy.advisory && c.attainment.is_some())
            .all(|c| matches!(c.state, CriterionState::Pass | CriterionState::Waived));
        if let Some(score) = &judged.score {
            prop_assert_eq!(score.low == shipworthy::evidence::exact::whole(100), holds);
            let raw = judged.raw_score.as_ref().expect("raw where effective");
            prop_assert!(raw.low <= score.low, "a waiver for findings takes nothing away");
        }
    }
}

/// What a layer may say, as a tree of plain values.
fn layer() -> impl Strategy<Value = Value> {
    let criterion = (0..=100_u32, any::<bool>()).prop_map(
        |(target, blocking)| serde_json::json!({ "target": format!("{target}%"), "blocking": blocking }),
    );
    let criteria = prop::collection::btree_map(
        prop::sample::select(&["tests.pass_rate", "coverage.line"][..]),
        criterion,
        0..3,
    );
    let category = (prop::option::of(1..9_u32), criteria, prop::collection::vec("[a-z]{3}", 0..3)).prop_map(
        |(weight, criteria, runbook)| {
            let mut category = serde_json::Map::new();
            weight.map(|w| category.insert("weight".to_owned(), w.into()));
            category.insert("criteria".to_owned(), serde_json::json!(criteria));
            (!runbook.is_empty()).then(|| category.insert("runbook".to_owned(), runbook.into()));
            Value::Object(category)
        },
    );
    let categories = prop::collection::btree_map(prop::sample::select(&["a", "b"][..]), category, 0..3);
    (prop::option::of(0..=100_u32), categories).prop_map(|(deploy_at, categories)| {
        let mut layer = serde_json::Map::new();
        deploy_at.map(|d| layer.insert("deploy_at".to_owned(), d.into()));
        layer.insert("categories".to_owned(), serde_json::json!(categories));
        Value::Object(layer)
    })
}

/// What the bottom layer always says, so that every stack of layers is a policy.
fn bottom() -> Value {
    let category = || serde_json::json!({ "weight": 1, "criteria": { "tests.failed": { "target": 0 } } });
    serde_json::json!({ "categories": { "a": category(), "b": category() } })
}

/// The specification of merging, as short as it can be said.
fn merged(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut all = base.clone();
            for (key, value) in over {
                let below = all.get(key).cloned().unwrap_or(Value::Null);
                all.insert(key.clone(), merged(&below, value));
            }
            Value::Object(all)
        }
        (_, over) => over.clone(),
    }
}

/// Numbers and texts alike: YAML knows no difference that would matter here.
fn texts(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), texts(v))).collect(),
        Value::Array(list) => list.iter().map(texts).collect(),
        Value::String(text) => Value::String(text.clone()),
        other => Value::String(other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Presets and files < the file itself < its profile: maps merge, lists replace. What `policy show` prints is the
    /// merged tree, and the origin of each value is a line in which it stands.
    #[test]
    fn layers_merge_and_each_value_keeps_its_origin(layers in prop::collection::vec(layer(), 1..4), profile in layer()) {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let all: Vec<Value> = std::iter::once(bottom()).chain(layers).collect();
        for (at, layer) in all.iter().enumerate() {
            let mut text = "version: 1\n".to_owned();
            if at > 0 {
                writeln!(text, "extends: {}.yml", at - 1).unwrap();
            }
            if at + 1 == all.len() {
                let profiles = serde_json::json!({ "profiles": { "p": profile } });
                text.push_str(&serde_saphyr::to_string(&profiles).unwrap());
            }
            text.push_str(&serde_saphyr::to_string(layer).unwrap());
            files.insert(format!("{at}.yml"), text);
        }
        let read = |path: &str| files.get(path).cloned().ok_or_else(|| format!("no {path}"));
        let loaded = load(&format!("{}.yml", all.len() - 1), &read).unwrap();
        let chosen = Chosen { name: "p".to_owned(), ..Chosen::default() };
        let shown = loaded.shown(&chosen).unwrap();

        let want = all.iter().chain([&profile]).fold(serde_json::json!({ "version": 1 }), |base, over| merged(&base, over));
        let text: String = shown.iter().filter(|l| l.origin != "default")
            .map(|l| format!("{}{}\n", "  ".repeat(l.depth), l.text)).collect();
        let got: Value = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        prop_assert_eq!(texts(&got), texts(&want));

        for line in shown.iter().filter(|l| !l.origin.is_empty() && l.origin != "default") {
            let (file, number) = line.origin.rsplit_once(':').unwrap();
            let source = files[file].lines().nth(number.parse::<usize>().unwrap() - 1).unwrap();
            let value = line.text.rsplit(' ').next().unwrap().trim_matches('\'');
            prop_assert!(source.contains(value), "{} is not in `{source}`", line.text);
        }
    }
}

#[test]
fn the_committed_schemas_are_those_of_the_language() {
    for (of, name) in SchemaOf::ALL {
        same_as_committed(&root().join("schemas").join(name), &format!("{:#}\n", schema(of)));
    }
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn the_schema_accepts_what_the_language_accepts() {
    let validator = jsonschema::validator_for(&schema(SchemaOf::Policy)).unwrap();
    let presets = root().join("src/policy/presets");
    assert_eq!(files_below(&presets).len() + 1, PRESETS.len());
    for file in files_below(&presets) {
        let value = yaml(&std::fs::read_to_string(&file).unwrap());
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.display());
    }
}

/// Mistakes in the form are seen by the schema, so that an editor shows them; those in the meaning only by the program.
#[test]
fn the_schema_refuses_every_mistake_in_the_form() {
    let policy = jsonschema::validator_for(&schema(SchemaOf::Policy)).unwrap();
    let waivers = jsonschema::validator_for(&schema(SchemaOf::Waivers)).unwrap();
    let mut seen = 0;
    for file in files_below(&root().join("tests/mistakes")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let about_waivers = name.ends_with(".waivers.yml");
        if !name.starts_with("form-") || (name.contains("waiver") && !about_waivers) {
            continue;
        }
        let value = yaml(&std::fs::read_to_string(&file).unwrap());
        let validator = if about_waivers { &waivers } else { &policy };
        assert!(!validator.is_valid(&value), "{name} passes the schema");
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn presets_are_ordered_by_what_they_ask_for() {
    let preset = |name| Policy::preset(name).unwrap();
    let between = |a, b| overall(&diff(&preset(a), &preset(b)));
    assert_eq!(between("seven-stage", "seven-stage"), None);
    assert_eq!(
        between("seven-stage", "strict"),
        Some(Strictness::Other),
        "the quarantine is capped otherwise"
    );
}
