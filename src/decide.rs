//! The decision: measures to criteria to categories to verdict. Pure, exact and total.
//!
//! [`judge`] is a function of policy and evidence alone; it reads no clock, no environment and no file. The
//! engine works on [`Judged`] values with exact numbers; [`tell`] turns them into the report's tree.

mod assign;
pub mod baseline;
pub mod context;
pub mod interval;
pub mod lens;
pub mod measure;
pub mod replay;
pub mod tell;
pub mod waive;

use crate::evidence::exact::{Exact, whole};
use crate::evidence::{Evidence, Item, Kind, State};
use crate::policy::{CategoryPolicy, CriterionPolicy, Policy, Requirement, Scope};
use crate::report::{CategoryState, CriterionState, Verdict};
pub use assign::assign;
pub use context::{Baseline, Context, Force};
use interval::{Interval, attainment};
use lens::{Lens, Look};
use measure::{Measured, Reading};
use num_traits::Zero as _;
use waive::Waivers;

/// How a criterion came out: value, state, and what it gives.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// What was measured, after the scope was applied.
    pub reading: Reading<'a>,
    /// How it stands.
    pub state: CriterionState,
    /// What it gives to its category; nothing where it does not apply.
    pub attainment: Option<Interval>,
    /// The rule by which it does not apply, or why it is unknown; empty otherwise.
    pub why: String,
    /// For a delta: the value of this run.
    pub now: Option<Interval>,
    /// What the baseline measured alike.
    pub before: Option<Interval>,
}

/// How one component stands to a criterion that must hold for each.
#[derive(Debug, Clone)]
pub struct JudgedPart<'a> {
    /// Name; empty for what belongs to no component.
    pub component: String,
    /// How it came out.
    pub outcome: Outcome<'a>,
}

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
    /// For a delta: the value of this run.
    pub now: Option<Interval>,
    /// What the baseline measured alike.
    pub before: Option<Interval>,
    /// How it came out without waivers, where they change it.
    pub raw: Option<Outcome<'a>>,
    /// How each component stands, worst first, where it must hold for every one.
    pub parts: Vec<JudgedPart<'a>>,
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
    /// The same without waivers.
    pub raw_score: Option<Interval>,
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
#[derive(Debug)]
pub struct Judged<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// What the criteria looked at.
    pub lens: Lens<'a>,
    /// Categories in the order of the policy.
    pub categories: Vec<JudgedCategory<'a>>,
    /// Overall score, 0 to 100; nothing where no category applies.
    pub score: Option<Interval>,
    /// The same without waivers.
    pub raw_score: Option<Interval>,
    /// Sum of the weights of the categories that apply.
    pub weight: Exact,
    /// Requirements that are not met.
    pub lacks: Vec<Lack>,
    /// Items that hold a deploy, whatever their category: they hide something, or the policy asks for what they are not.
    pub damaged: Vec<&'a Item>,
    /// The answer.
    pub verdict: Verdict,
}

/// How a criterion is measured: by category, criterion, component and which waivers hold.
pub type Measurer<'d, 'a> =
    dyn Fn(&CategoryPolicy, &CriterionPolicy, Option<Option<usize>>, Waivers) -> Reading<'a> + 'd;

/// Judges evidence by a policy. The items must have been assigned ([`assign()`]) under the same policy.
#[must_use]
pub fn judge<'a>(policy: &'a Policy, evidence: &'a Evidence, context: &'a Context) -> Judged<'a> {
    let lens = Lens::new(policy, evidence, context);
    let categories = judge_categories(&lens, &|category, criterion, part, waivers| {
        measure::of_criterion(&lens, category, criterion, Look { part, ..Look::of(criterion, waivers) })
    });
    conclude(lens, categories)
}

/// The score that evidence would have without one waiver, by its place in the policy.
#[must_use]
pub fn judge_without(judged: &Judged<'_>, waiver: usize) -> Option<Interval> {
    let lens = &judged.lens;
    let categories = judge_categories(lens, &|category, criterion, part, _| {
        let look = Look { part, ..Look::of(criterion, Waivers::Without(waiver)) };
        measure::of_criterion(lens, category, criterion, look)
    });
    overall(&categories, |c| c.score.as_ref()).0
}

/// Judges every category with measures from wherever they come.
pub(crate) fn judge_categories<'a>(lens: &Lens<'a>, measurer: &Measurer<'_, 'a>) -> Vec<JudgedCategory<'a>> {
    lens.policy.categories.iter().map(|c| Judge { lens, measurer, category: c }.category()).collect()
}

/// Score, contract and verdict over judged categories.
pub(crate) fn conclude<'a>(lens: Lens<'a>, categories: Vec<JudgedCategory<'a>>) -> Judged<'a> {
    let (policy, evidence, context) = (lens.policy, lens.evidence, lens.context);
    let lacks = lacks(policy, evidence, context);
    let damaged: Vec<&Item> = evidence.items.iter().filter(|i| holds(policy, context, i)).collect();
    let (score, weight) = overall(&categories, |c| c.score.as_ref());
    let (raw_score, _) = overall(&categories, |c| c.raw_score.as_ref());
    let whole_evidence = match (evidence.breaches.is_empty(), lacks.is_empty() && damaged.is_empty()) {
        (false, _) => Some(false),
        (true, true) => Some(true),
        (true, false) => None,
    };
    let verdict = verdict(policy, &categories, score.as_ref(), whole_evidence);
    Judged { policy, lens, categories, score, raw_score, weight, lacks, damaged, verdict }
}

/// True where an item alone holds a deploy: it is damaged, or it is of no known format where the policy asks for
/// something else. What belongs to a category that a person took out holds nothing.
fn holds(policy: &Policy, context: &Context, item: &Item) -> bool {
    let skipped = item.category.as_ref().is_some_and(|c| context.skipped(&c.category).is_some());
    let named = || {
        requirements(policy)
            .any(|(_, r)| r.path.is_some() && r.matches(&item.path, item.kind, &item.producer.name))
    };
    let unknown = item.state == State::Unrecognised && (policy.unrecognised_blocks || named());
    !skipped && (item.state.is_damaged() || unknown)
}

/// Every requirement with the category that asks for it.
pub(crate) fn requirements(policy: &Policy) -> impl Iterator<Item = (Option<&CategoryPolicy>, &Requirement)> {
    let own = policy.categories.iter().flat_map(|c| c.evidence.iter().map(move |r| (Some(c), r)));
    own.chain(policy.contract.iter().map(|r| (None, r)))
}

/// One category being judged.
struct Judge<'l, 'a, 'd> {
    lens: &'l Lens<'a>,
    measurer: &'l Measurer<'d, 'a>,
    category: &'a CategoryPolicy,
}

impl<'a> Judge<'_, 'a, '_> {
    fn category(&self) -> JudgedCategory<'a> {
        let criteria: Vec<_> = self.category.criteria.iter().map(|c| self.criterion(c)).collect();
        let scored = || criteria.iter().filter(|c| !c.policy.advisory);
        let state = scored().map(|c| category_state(c.state)).max().unwrap_or(CategoryState::NotApplicable);
        let score = lowest(scored().filter_map(|c| c.attainment.as_ref()));
        let raw = |c: &JudgedCriterion<'a>| match &c.raw {
            Some(raw) => raw.attainment.clone(),
            None => c.attainment.clone(),
        };
        let raws: Vec<Interval> = scored().filter_map(raw).collect();
        JudgedCategory { policy: self.category, state, score, raw_score: lowest(raws.iter()), criteria }
    }

    fn criterion(&self, criterion: &'a CriterionPolicy) -> JudgedCriterion<'a> {
        let (outcome, parts) = self.outcome(criterion, Waivers::Applied);
        let raw = (!self.lens.waived.is_idle()).then(|| self.outcome(criterion, Waivers::Ignored).0);
        let raw =
            raw.filter(|raw| raw.reading.measured != outcome.reading.measured || raw.state != outcome.state);
        let covered = outcome.state == CriterionState::Pass
            && raw.as_ref().is_some_and(|raw| {
                !matches!(raw.state, CriterionState::Pass | CriterionState::NotApplicable)
            });
        let state = match outcome.state {
            CriterionState::NotApplicable => CriterionState::NotApplicable,
            _ if criterion.advisory => CriterionState::Info,
            _ if covered => CriterionState::Waived,
            state => state,
        };
        let Outcome { reading, attainment, why, now, before, .. } = outcome;
        JudgedCriterion { policy: criterion, reading, state, attainment, why, now, before, raw, parts }
    }

    /// The outcome over everything, or the worst over the components where it must hold for each.
    fn outcome(
        &self,
        criterion: &'a CriterionPolicy,
        waivers: Waivers,
    ) -> (Outcome<'a>, Vec<JudgedPart<'a>>) {
        if let Some(rule) = self.excused(criterion) {
            return (Outcome::not_applicable(rule), Vec::new());
        }
        if !criterion.each {
            return (self.one(criterion, None, waivers), Vec::new());
        }
        let names = self.lens.policy.components.iter().map(|c| c.name.as_str()).enumerate();
        let asked = |name: &str| {
            criterion.narrow.components.is_empty() || criterion.narrow.components.iter().any(|c| c == name)
        };
        let named = names.filter(|(_, name)| asked(name)).map(|(at, name)| (name, Some(at)));
        let rest = criterion.narrow.components.is_empty().then_some(("", None));
        let parts = named.chain(rest).map(|(name, part)| JudgedPart {
            component: name.to_owned(),
            outcome: self.one(criterion, Some(part), waivers),
        });
        // What belongs to no component is judged where there is something.
        let mut parts: Vec<_> = parts
            .filter(|p| !p.component.is_empty() || !matches!(p.outcome.reading.measured, Measured::Absent))
            .collect();
        parts.sort_by_cached_key(|p| {
            let low = p.outcome.attainment.as_ref().map_or_else(|| whole(2), |a| a.low.clone());
            (std::cmp::Reverse(p.outcome.state), low)
        });
        let worst = parts.first().map(|p| p.outcome.clone());
        let mut outcome =
            worst.unwrap_or_else(|| Outcome::not_applicable("no component is asked for".to_owned()));
        outcome.attainment = lowest(parts.iter().filter_map(|p| p.outcome.attainment.as_ref()));
        (outcome, parts)
    }

    /// The rule by which a criterion does not apply before anything is measured.
    fn excused(&self, criterion: &CriterionPolicy) -> Option<String> {
        let context = self.lens.context;
        let skipped = context.skipped(&self.category.id);
        skipped
            .or_else(|| context.excused(&self.category.applies_when))
            .or_else(|| context.excused(&criterion.applies_when))
    }

    fn one(
        &self,
        criterion: &'a CriterionPolicy,
        part: Option<Option<usize>>,
        waivers: Waivers,
    ) -> Outcome<'a> {
        let mut reading = (self.measurer)(self.category, criterion, part, waivers);
        let component =
            part.map(|p| p.and_then(|p| self.lens.policy.components.get(p)).map_or("", |c| c.name.as_str()));
        let baseline = &self.lens.context.baseline;
        let before = baseline::before(baseline, self.category, criterion, component);
        let mut now = None;
        if let (Scope::Delta, Measured::Value(value), false) =
            (criterion.scope, &reading.measured, self.lens.recorded)
        {
            now = Some(value.clone());
            reading.measured = match &before {
                Some(before) => Measured::Value(Interval {
                    low: &value.low - &before.high,
                    high: &value.high - &before.low,
                }),
                None => measure::no_baseline(baseline),
            };
        }
        if let Measured::Value(_) = reading.measured
            && reading.samples < criterion.min_samples
            && criterion.min_samples > 1
        {
            let why = format!("{} records, and {} are needed", reading.samples, criterion.min_samples);
            reading.measured = Measured::Unknown(why);
        }
        Outcome { now, before, ..self.stand(criterion, reading) }
    }

    /// State and attainment of a reading.
    fn stand(&self, criterion: &CriterionPolicy, reading: Reading<'a>) -> Outcome<'a> {
        let (state, given, why) = match &reading.measured {
            Measured::Value(value) => {
                let state =
                    interval::judge(value, &criterion.target, &criterion.limit, criterion.measure.direction);
                let given = if criterion.scope == Scope::Delta {
                    interval::all_or_nothing(value, &criterion.target, criterion.measure.direction)
                } else {
                    attainment(value, &criterion.target, criterion.measure.direction)
                };
                (
                    state,
                    Some(given),
                    if state == CriterionState::Unknown { open(&reading) } else { String::new() },
                )
            }
            Measured::NotApplicable(rule) => (CriterionState::NotApplicable, None, rule.clone()),
            Measured::Unknown(why) => (CriterionState::Unknown, Some(Interval::unit()), why.clone()),
            Measured::Absent if self.lens.policy.automatic => {
                (CriterionState::NotApplicable, None, "automatic policy: nothing found".to_owned())
            }
            Measured::Absent if !criterion.required => (
                CriterionState::NotApplicable,
                None,
                "not required by the policy, and not measured".to_owned(),
            ),
            Measured::Absent => (CriterionState::Unknown, Some(Interval::unit()), absent(criterion)),
        };
        Outcome { reading, state, attainment: given, why, now: None, before: None }
    }
}

impl Outcome<'_> {
    fn not_applicable(rule: String) -> Self {
        let reading =
            Reading { measured: Measured::NotApplicable(rule.clone()), samples: 0, items: Vec::new() };
        Self {
            reading,
            state: CriterionState::NotApplicable,
            attainment: None,
            why: rule,
            now: None,
            before: None,
        }
    }
}

/// Why a value does not tell.
fn open(reading: &Reading<'_>) -> String {
    match reading.items.iter().find(|i| i.state.is_damaged()) {
        Some(item) => format!("{} is {}", item.path, item.state.name()),
        None => "the target lies inside of what the evidence leaves open".to_owned(),
    }
}

fn absent(criterion: &CriterionPolicy) -> String {
    match criterion.measure.kind {
        Kind::Check => format!("nobody has attested `{}`", criterion.check),
        kind => {
            let narrowed = criterion.narrow.in_words();
            let of = if narrowed.is_empty() { String::new() } else { format!(" of {narrowed}") };
            format!("there is no {} evidence{of} that measures it", kind.name())
        }
    }
}

/// The lowest of several attainments, end by end.
fn lowest<'i>(attainments: impl Iterator<Item = &'i Interval>) -> Option<Interval> {
    attainments.fold(None, |lowest: Option<Interval>, a| {
        Some(match lowest {
            None => a.clone(),
            Some(l) => Interval { low: l.low.min(a.low.clone()), high: l.high.min(a.high.clone()) },
        })
    })
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

/// 100·Σ(W·S)/Σ(W) over the categories that apply, and Σ(W).
fn overall<'c, 'a: 'c>(
    categories: &'c [JudgedCategory<'a>],
    score: impl Fn(&'c JudgedCategory<'a>) -> Option<&'c Interval>,
) -> (Option<Interval>, Exact) {
    let (mut low, mut high, mut weight) = (Exact::zero(), Exact::zero(), Exact::zero());
    for category in categories {
        let Some(score) = score(category) else { continue };
        low += &category.policy.weight * &score.low;
        high += &category.policy.weight * &score.high;
        weight += &category.policy.weight;
    }
    let score = (!weight.is_zero())
        .then(|| Interval { low: whole(100) * low / &weight, high: whole(100) * high / &weight });
    (score, weight)
}

/// The items that meet a requirement. A file that is there and damaged is among them: it speaks for itself.
pub(crate) fn meeting<'e>(
    requirement: &'e Requirement,
    evidence: &'e Evidence,
) -> impl Iterator<Item = &'e Item> {
    let there = |i: &&Item| {
        !matches!(i.state, State::Ignored | State::Missing | State::Superseded) && i.facts.run.is_none()
    };
    let fits = |i: &&Item| requirement.matches(&i.path, i.kind, &i.producer.name);
    evidence.items.iter().filter(there).filter(fits)
}

/// True where a category's requirements must be met: it is required, applies, and nobody took it out.
pub(crate) fn is_asked(category: Option<&CategoryPolicy>, context: &Context) -> bool {
    category.is_none_or(|c| {
        c.required && context.skipped(&c.id).is_none() && context.excused(&c.applies_when).is_none()
    })
}

/// Requirements of the contract, and of categories, that fewer files meet than they ask for.
fn lacks(policy: &Policy, evidence: &Evidence, context: &Context) -> Vec<Lack> {
    let asked = requirements(policy).filter(|(category, _)| is_asked(*category, context));
    let lack = |(category, requirement): (Option<&CategoryPolicy>, &Requirement)| {
        let found = meeting(requirement, evidence).count();
        (found < requirement.min_files).then(|| Lack {
            name: requirement.name.clone(),
            found,
            wanted: requirement.min_files,
            origin: requirement.origin.clone(),
            category: category.map(|c| c.id.clone()).unwrap_or_default(),
        })
    };
    asked.filter_map(lack).collect()
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
    whole_evidence: Kleene,
) -> Verdict {
    let blocking =
        categories.iter().flat_map(|c| &c.criteria).filter(|c| c.policy.blocking && !c.policy.advisory);
    let holds = blocking.map(|c| kleene(c.state)).reduce(and).unwrap_or(Some(true));
    let reached = match score {
        Some(score) if score.low >= policy.deploy_at => Some(true),
        Some(score) if score.high < policy.deploy_at => Some(false),
        _ => None,
    };
    match and(and(holds, reached), whole_evidence) {
        Some(true) => Verdict::Deploy,
        Some(false) => Verdict::Remediate,
        None => Verdict::Inconclusive,
    }
}
