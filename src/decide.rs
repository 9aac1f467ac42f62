//! The decision: measures to criteria to categories to verdict. Pure, exact and total.
//!
//! [`judge`] is a function of policy and evidence alone; it reads no clock, no environment and no file. The
//! engine works on [`Judged`] values with exact numbers; [`tell`] turns them into the report's tree.

mod assign;
pub mod interval;
pub mod measure;
pub mod tell;

use crate::evidence::exact::{Exact, whole};
use crate::evidence::{Evidence, Item};
use crate::policy::{CategoryPolicy, CriterionPolicy, Policy};
use crate::report::{CategoryState, CriterionState, Verdict};
pub use assign::assign;
use interval::{Interval, attainment};
use measure::{Measured, Reading};
use num_traits::Zero as _;

/// A criterion with its value and state.
#[derive(Debug, Clone)]
pub struct JudgedCriterion<'a> {
    /// What was asked.
    pub policy: &'a CriterionPolicy,
    /// What was measured.
    pub reading: Reading<'a>,
    /// How it stands.
    pub state: CriterionState,
    /// What it gives to its category; nothing where it does not apply.
    pub attainment: Option<Interval>,
    /// The rule by which it does not apply, or why it is unknown; empty otherwise.
    pub why: String,
}

/// A category with its criteria.
#[derive(Debug, Clone)]
pub struct JudgedCategory<'a> {
    /// What was asked.
    pub policy: &'a CategoryPolicy,
    /// Its criteria.
    pub criteria: Vec<JudgedCriterion<'a>>,
    /// The worst of them.
    pub state: CategoryState,
    /// The lowest attainment of the scored criteria; nothing where none applies.
    pub score: Option<Interval>,
}

/// Evidence that the contract asks for and that is not there.
#[derive(Debug, Clone)]
pub struct Lack {
    /// Name of the requirement.
    pub name: String,
    /// How many files were found and how many are asked for.
    pub found: usize,
    /// How many are asked for.
    pub wanted: usize,
    /// Where the policy asks for it.
    pub origin: String,
    /// Category that asks for it, or empty.
    pub category: String,
}

/// The judgement with exact numbers.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Categories in the order of the policy.
    pub categories: Vec<JudgedCategory<'a>>,
    /// Overall score, 0 to 100; nothing where no category applies.
    pub score: Option<Interval>,
    /// Sum of the weights of the categories that apply.
    pub weight: Exact,
    /// Requirements that are not met.
    pub lacks: Vec<Lack>,
    /// Items that hide something, whatever their category.
    pub damaged: Vec<&'a Item>,
    /// The answer.
    pub verdict: Verdict,
}

/// Judges evidence by a policy. The items must have been assigned ([`assign()`]) under the same policy.
#[must_use]
pub fn judge<'a>(policy: &'a Policy, evidence: &'a Evidence) -> Judged<'a> {
    let categories: Vec<JudgedCategory<'a>> =
        policy.categories.iter().map(|c| judge_category(policy, c, evidence)).collect();
    let lacks = lacks(policy, evidence);
    let damaged: Vec<&Item> = evidence.items.iter().filter(|i| i.state.is_damaged()).collect();
    let (score, weight) = overall(&categories);
    let verdict = verdict(policy, &categories, score.as_ref(), lacks.is_empty() && damaged.is_empty());
    Judged { policy, categories, score, weight, lacks, damaged, verdict }
}

fn judge_category<'a>(
    policy: &Policy,
    category: &'a CategoryPolicy,
    evidence: &'a Evidence,
) -> JudgedCategory<'a> {
    let criteria: Vec<_> =
        category.criteria.iter().map(|c| judge_criterion(policy, category, c, evidence)).collect();
    let scored = || criteria.iter().filter(|c| !c.policy.advisory);
    let state = scored().map(|c| category_state(c.state)).max().unwrap_or(CategoryState::NotApplicable);
    let lowest = |a: Interval, b: &Interval| Interval {
        low: a.low.min(b.low.clone()),
        high: a.high.min(b.high.clone()),
    };
    let score = scored().filter_map(|c| c.attainment.as_ref()).fold(None, |score: Option<Interval>, a| {
        Some(score.map_or_else(|| a.clone(), |score| lowest(score, a)))
    });
    JudgedCategory { policy: category, criteria, state, score }
}

const fn category_state(state: CriterionState) -> CategoryState {
    match state {
        CriterionState::NotApplicable | CriterionState::Info => CategoryState::NotApplicable,
        CriterionState::Pass | CriterionState::Waived => CategoryState::Pass,
        CriterionState::Warn => CategoryState::Warn,
        CriterionState::Unknown => CategoryState::Unknown,
        CriterionState::Fail => CategoryState::Fail,
    }
}

fn judge_criterion<'a>(
    policy: &Policy,
    category: &CategoryPolicy,
    criterion: &'a CriterionPolicy,
    evidence: &'a Evidence,
) -> JudgedCriterion<'a> {
    let reading = measure::draw(criterion.measure, category, evidence);
    let (state, attainment, why) = match &reading.measured {
        Measured::Value(value) => {
            let state =
                interval::judge(value, &criterion.target, &criterion.limit, criterion.measure.direction);
            let why = match reading.items.iter().find(|i| i.state.is_damaged()) {
                Some(item) if state == CriterionState::Unknown => {
                    format!("{} is {}", item.path, item.state.name())
                }
                None if state == CriterionState::Unknown => {
                    "the target lies inside of what the evidence leaves open".to_owned()
                }
                _ => String::new(),
            };
            (state, Some(attainment(value, &criterion.target, criterion.measure.direction)), why)
        }
        Measured::Unknown(why) => (CriterionState::Unknown, Some(Interval::unit()), why.clone()),
        Measured::Absent if policy.automatic => {
            (CriterionState::NotApplicable, None, "automatic policy: nothing found".to_owned())
        }
        Measured::Absent if !criterion.required => {
            (CriterionState::NotApplicable, None, "not required by the policy, and not measured".to_owned())
        }
        Measured::Absent => {
            let why = format!("there is no {} evidence that measures it", criterion.measure.kind.name());
            (CriterionState::Unknown, Some(Interval::unit()), why)
        }
    };
    let state = if criterion.advisory && state != CriterionState::NotApplicable {
        CriterionState::Info
    } else {
        state
    };
    JudgedCriterion { policy: criterion, reading, state, attainment, why }
}

/// 100·Σ(W·S)/Σ(W) over the categories that apply.
fn overall(categories: &[JudgedCategory<'_>]) -> (Option<Interval>, Exact) {
    let (mut low, mut high, mut weight) = (Exact::zero(), Exact::zero(), Exact::zero());
    for category in categories {
        let Some(score) = &category.score else { continue };
        low += &category.policy.weight * &score.low;
        high += &category.policy.weight * &score.high;
        weight += &category.policy.weight;
    }
    let score = (!weight.is_zero())
        .then(|| Interval { low: whole(100) * low / &weight, high: whole(100) * high / &weight });
    (score, weight)
}

/// Requirements of the contract, and of categories, that fewer files meet than they ask for. A file that is there
/// and damaged is no lack: it speaks for itself.
fn lacks(policy: &Policy, evidence: &Evidence) -> Vec<Lack> {
    let own = policy
        .categories
        .iter()
        .filter(|c| c.required)
        .flat_map(|c| c.evidence.iter().map(move |r| (c.id.as_str(), r)));
    let contract = policy.contract.iter().map(|r| ("", r));
    let lack = |(category, requirement): (&str, &crate::policy::Requirement)| {
        let there =
            |i: &&Item| !matches!(i.state, crate::evidence::State::Ignored | crate::evidence::State::Missing);
        let fits = |i: &&Item| requirement.matches(&i.path, i.kind, &i.producer.name);
        let found = evidence.items.iter().filter(there).filter(fits).count();
        (found < requirement.min_files).then(|| Lack {
            name: requirement.name.clone(),
            found,
            wanted: requirement.min_files,
            origin: requirement.origin.clone(),
            category: category.to_owned(),
        })
    };
    own.chain(contract).filter_map(lack).collect()
}

/// True, false, or not known.
type Kleene = Option<bool>;

const fn kleene(state: CriterionState) -> Kleene {
    match state {
        CriterionState::Fail => Some(false),
        CriterionState::Unknown => None,
        _ => Some(true),
    }
}

fn and(a: Kleene, b: Kleene) -> Kleene {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// B ∧ S ∧ E: every blocking criterion holds, the score is reached, the evidence is whole. A failure decides even
/// where other evidence is missing, because more evidence cannot rescue it.
fn verdict(
    policy: &Policy,
    categories: &[JudgedCategory<'_>],
    score: Option<&Interval>,
    whole_evidence: bool,
) -> Verdict {
    let blocking =
        categories.iter().flat_map(|c| &c.criteria).filter(|c| c.policy.blocking && !c.policy.advisory);
    let holds = blocking.map(|c| kleene(c.state)).reduce(and).unwrap_or(Some(true));
    let reached = match score {
        Some(score) if score.low >= policy.deploy_at => Some(true),
        Some(score) if score.high < policy.deploy_at => Some(false),
        _ => None,
    };
    match and(and(holds, reached), whole_evidence.then_some(true)) {
        Some(true) => Verdict::Deploy,
        Some(false) => Verdict::Remediate,
        None => Verdict::Inconclusive,
    }
}
