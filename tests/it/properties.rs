//! The invariants of the decision, on random policies and evidence.

use proptest::prelude::*;
use shipworthy::decide::interval::Interval;
use shipworthy::decide::{Context, Judged, assign, judge};
use shipworthy::evidence::category::Assigned;
use shipworthy::evidence::coverage::{Coverage, FileCoverage, Line};
use shipworthy::evidence::exact::whole;
use shipworthy::evidence::tests::{Counts, Tests};
use shipworthy::evidence::{Evidence, Facts, Item, Kind, Producer, State};
use shipworthy::policy::Policy;
use shipworthy::report::{CriterionState, Verdict};
use std::sync::LazyLock;

/// Nothing is known beside policy and evidence.
static CONTEXT: LazyLock<Context> = LazyLock::new(Context::default);
const CATEGORIES: [&str; 3] = ["a", "b", "c"];

/// One category: its weight, whether it blocks, and its targets.
#[derive(Debug, Clone)]
struct Asked {
    weight: u32,
    blocking: bool,
    pass_rate: u32,
    limit: u32,
    coverage: Option<u32>,
}

/// What a category's evidence holds.
#[derive(Debug, Clone, Copy)]
struct Found {
    passed: u64,
    failed: u64,
    covered: u32,
    lines: u32,
    tests_state: State,
    coverage_state: State,
}

fn asked() -> impl Strategy<Value = Asked> {
    (1..5_u32, any::<bool>(), 0..=100_u32, 0..=100_u32, prop::option::of(0..=100_u32)).prop_map(
        |(weight, blocking, pass_rate, limit, coverage)| Asked {
            weight,
            blocking,
            pass_rate,
            limit: limit.min(pass_rate),
            coverage,
        },
    )
}

fn found(states: &'static [State]) -> impl Strategy<Value = Found> {
    let state = || prop::sample::select(states);
    (0..5_u64, prop_oneof![3 => Just(0_u64), 1 => 0..4_u64], 0..=10_u32, 1..=10_u32, state(), state())
        .prop_map(|(passed, failed, covered, lines, tests_state, coverage_state)| Found {
            passed,
            failed,
            covered: covered.min(lines),
            lines,
            tests_state,
            coverage_state,
        })
}

const WHOLE: &[State] = &[State::Ok];
const ANY: &[State] = &[State::Ok, State::Ok, State::Ok, State::Truncated, State::Crashed, State::Missing];

fn case(states: &'static [State]) -> impl Strategy<Value = (Policy, Vec<Found>)> {
    (
        prop::collection::vec(asked(), 3),
        prop::collection::vec(found(states), 3),
        prop_oneof![Just(100_u32), 0..=100_u32],
    )
        .prop_map(|(asked, found, deploy_at)| (policy(&asked, deploy_at), found))
}

fn policy(asked: &[Asked], deploy_at: u32) -> Policy {
    use std::fmt::Write as _;
    let mut text = format!("version: 1\ndeploy_at: {deploy_at}\ncategories:\n");
    for (id, a) in CATEGORIES.iter().zip(asked) {
        let Asked { weight, blocking, pass_rate, limit, coverage } = a;
        write!(text, "  {id}:\n    weight: {weight}\n    blocking: {blocking}\n    evidence: [{{ path: \"{id}/**\" }}]\n    criteria:\n").unwrap();
        writeln!(text, "      tests.pass_rate: {{ target: {pass_rate}%, limit: {limit}% }}").unwrap();
        if let Some(coverage) = coverage {
            writeln!(text, "      coverage.line: {{ target: {coverage}% }}").unwrap();
        }
    }
    Policy::parse("generated.yml", &text).unwrap()
}

fn item(path: String, kind: Kind, state: State, facts: Facts) -> Item {
    Item {
        id: path.clone(),
        category: Some(Assigned::new("", "")),
        path,
        sha256: String::new(),
        bytes: 0,
        format: None,
        kind: Some(kind),
        producer: Producer::default(),
        state,
        cause: String::new(),
        timestamp: String::new(),
        diagnostics: Vec::new(),
        facts,
    }
}

fn evidence(policy: &Policy, found: &[Found]) -> Evidence {
    let mut items = Vec::new();
    for (id, f) in CATEGORIES.iter().zip(found) {
        let undetailed =
            Counts { total: f.passed + f.failed, passed: f.passed, failed: f.failed, ..Counts::default() };
        let tests = Some(Tests { undetailed, ..Tests::default() });
        items.push(item(
            format!("{id}/tests.xml"),
            Kind::Tests,
            f.tests_state,
            Facts { tests, ..Facts::default() },
        ));
        let lines =
            (1..=f.lines).map(|number| Line { number, hits: u32::from(number <= f.covered) }).collect();
        let file = FileCoverage { lines, ..FileCoverage::new("x") };
        let coverage = Some(Coverage { files: vec![file], ..Coverage::default() });
        items.push(item(
            format!("{id}/coverage.xml"),
            Kind::Coverage,
            f.coverage_state,
            Facts { coverage, ..Facts::default() },
        ));
    }
    let mut evidence = Evidence { items, ..Evidence::default() };
    assign(policy, &mut evidence, &CONTEXT);
    evidence
}

fn order(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Remediate => 0,
        Verdict::Inconclusive => 1,
        Verdict::Deploy => 2,
    }
}

fn low(judged: &Judged<'_>) -> shipworthy::evidence::exact::Exact {
    judged.score.clone().unwrap_or_else(|| Interval::exact(whole(0))).low
}

/// The same evidence with every damaged file whole again, and more records in it.
fn resolved(found: &[Found], passed: u64, failed: u64, covered: u32, uncovered: u32) -> Vec<Found> {
    let mend = |f: &Found| {
        let mut f = *f;
        if f.tests_state != State::Ok {
            (f.tests_state, f.passed, f.failed) = (State::Ok, f.passed + passed, f.failed + failed);
        }
        if f.coverage_state != State::Ok {
            // New lines behind the known ones: covered first, so that known hits stay hits.
            f.coverage_state = State::Ok;
            f.covered += covered;
            f.lines += covered + uncovered;
        }
        f
    };
    found.iter().map(mend).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// I1: the score is exactly 100 if and only if every scored criterion passes.
    #[test]
    fn a_hundred_means_that_every_criterion_passes((policy, found) in case(ANY)) {
        let evidence = evidence(&policy, &found);
        let judged = judge(&policy, &evidence, &CONTEXT);
        let passes = judged.categories.iter().flat_map(|c| &c.criteria).all(|c| c.state == CriterionState::Pass);
        prop_assert_eq!(low(&judged) == whole(100), passes);
    }

    /// I2: deploy implies that no blocking criterion fails or is unknown, and that the score is reached.
    #[test]
    fn deploy_rests_on_every_blocking_criterion((policy, found) in case(ANY)) {
        let evidence = evidence(&policy, &found);
        let judged = judge(&policy, &evidence, &CONTEXT);
        if judged.verdict == Verdict::Deploy {
            let blocking = judged.categories.iter().flat_map(|c| &c.criteria).filter(|c| c.policy.blocking);
            for criterion in blocking {
                prop_assert!(!matches!(criterion.state, CriterionState::Fail | CriterionState::Unknown));
            }
            prop_assert!(low(&judged) >= policy.deploy_at);
            prop_assert!(evidence.items.iter().all(|i| i.state == State::Ok));
        }
    }

    /// I3: mending damaged evidence, whatever it turns out to hold, never contradicts a definite verdict.
    #[test]
    fn mending_evidence_never_contradicts((policy, found) in case(ANY), more in (0..50_u64, 0..50_u64, 0..50_u32, 0..50_u32)) {
        let before = evidence(&policy, &found);
        let before = judge(&policy, &before, &CONTEXT).verdict;
        let (passed, failed, covered, uncovered) = more;
        let after = evidence(&policy, &resolved(&found, passed, failed, covered, uncovered));
        let after = judge(&policy, &after, &CONTEXT).verdict;
        prop_assert!(before == Verdict::Inconclusive || before == after, "{:?} became {:?}", before, after);
    }

    /// I4: improving one number never moves the verdict down.
    #[test]
    fn improving_never_harms((policy, found) in case(ANY), which in 0..3_usize) {
        let before = evidence(&policy, &found);
        let before = judge(&policy, &before, &CONTEXT);
        let mut better = found.clone();
        let f = &mut better[which];
        if f.failed > 0 {
            (f.failed, f.passed) = (f.failed - 1, f.passed + 1);
        } else {
            f.covered = (f.covered + 1).min(f.lines);
        }
        let after = evidence(&policy, &better);
        let after = judge(&policy, &after, &CONTEXT);
        prop_assert!(order(after.verdict) >= order(before.verdict));
        prop_assert!(low(&after) >= low(&before));
    }

    /// I5: inconclusive appears only where the open evidence could still lead to a deploy, and where every
    /// open criterion blocks, to a remediation.
    #[test]
    fn inconclusive_is_sharp((policy, found) in case(ANY)) {
        let open = evidence(&policy, &found);
        if judge(&policy, &open, &CONTEXT).verdict == Verdict::Inconclusive {
            let best = evidence(&policy, &resolved(&found, 1_000_000_000, 0, 1_000, 0));
            let best = judge(&policy, &best, &CONTEXT);
            // A thousand lines stand for "as many as it takes"; a share can come close to 100 % and not reach it.
            let shares = best.categories.iter().flat_map(|c| &c.criteria).all(|c| c.state == CriterionState::Pass);
            prop_assert!(best.verdict == Verdict::Deploy || !shares);
        }
    }

    /// I6: the order of the evidence changes nothing. (Threads and whole reports: `cli`.)
    #[test]
    fn order_changes_nothing((policy, found) in case(ANY), turn in 0..6_usize, flip in any::<bool>()) {
        let in_order = evidence(&policy, &found);
        let mut shuffled = in_order.clone();
        shuffled.items.rotate_left(turn);
        if flip {
            shuffled.items.reverse();
        }
        let (a, b) = (judge(&policy, &in_order, &CONTEXT), judge(&policy, &shuffled, &CONTEXT));
        let states = |j: &Judged<'_>| j.categories.iter().flat_map(|c| c.criteria.iter().map(|k| k.state)).collect::<Vec<_>>();
        prop_assert_eq!((a.verdict, &a.score, states(&a)), (b.verdict, &b.score, states(&b)));
    }

    /// I7: damage never helps, whatever was read before it.
    #[test]
    fn damage_never_deploys((policy, found) in case(WHOLE), which in 0..3_usize, coverage in any::<bool>()) {
        let whole_evidence = evidence(&policy, &found);
        let before = judge(&policy, &whole_evidence, &CONTEXT).verdict;
        let mut damaged = found.clone();
        let slot = if coverage { &mut damaged[which].coverage_state } else { &mut damaged[which].tests_state };
        *slot = State::Truncated;
        let after = evidence(&policy, &damaged);
        let after = judge(&policy, &after, &CONTEXT).verdict;
        prop_assert!(after != Verdict::Deploy);
        prop_assert!(before == Verdict::Remediate || after == Verdict::Inconclusive);
    }

    /// I8: the score is an interval in 0 to 100, and the contributions sum to it.
    #[test]
    fn scores_are_in_range_and_contributions_sum((policy, found) in case(ANY)) {
        let evidence = evidence(&policy, &found);
        let judged = judge(&policy, &evidence, &CONTEXT);
        let score = judged.score.clone().unwrap_or_else(|| Interval::exact(whole(0)));
        prop_assert!(whole(0) <= score.low && score.low <= score.high && score.high <= whole(100));
        let told = shipworthy::decide::tell::tell(&judged);
        let parts = told.categories.iter().filter_map(|c| c.contribution.as_ref()?.low.exact());
        prop_assert_eq!(parts.fold(whole(0), |sum, part| sum + part), score.low);
    }

    /// A way to green is empty exactly for a deploy, and each step names something to do.
    #[test]
    fn there_is_always_a_way_to_green((policy, found) in case(ANY)) {
        let evidence = evidence(&policy, &found);
        let judged = judge(&policy, &evidence, &CONTEXT);
        let plan = shipworthy::remedy::plan(&judged, &shipworthy::policy::owners::Owners::default());
        prop_assert_eq!(plan.steps.is_empty(), judged.verdict == Verdict::Deploy);
        prop_assert!(plan.steps.iter().all(|s| !s.text.is_empty()));
    }
}
