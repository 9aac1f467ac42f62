//! The way to green: the smallest set of fixes that turns the decision into a deploy.

use super::MINUTES_RERUN;
use super::words::again;
use crate::decide::interval::Interval;
use crate::decide::{Judged, JudgedCategory, JudgedCriterion};
use crate::evidence::State;
use crate::evidence::exact::{Exact, whole};
use crate::report::{CriterionState, Fix, Step, Verdict};
use num_traits::{One as _, Zero as _};

/// The id of a criterion: category and key.
pub(super) fn id(category: &JudgedCategory<'_>, criterion: &JudgedCriterion<'_>) -> String {
    format!("{}/{}", category.policy.id, criterion.policy.key)
}

/// What must be done, then the cheapest choice of what else reaches the score; cheapest first.
pub(super) fn steps(judged: &Judged<'_>, fixes: &[(String, Fix)]) -> Vec<Step> {
    if judged.verdict == Verdict::Deploy {
        return Vec::new();
    }
    let mut steps: Vec<Step> = evidence_steps(judged);
    let chosen = choose(judged, fixes);
    for category in &judged.categories {
        for criterion in &category.criteria {
            let key = id(category, criterion);
            let Some((_, fix)) = fixes.iter().find(|(k, _)| *k == key && chosen.contains(&key)) else {
                continue;
            };
            // Producing a damaged file again is one step, however many criteria wait for it.
            let waits = criterion.state == CriterionState::Unknown
                && criterion.reading.items.iter().any(|i| i.state.is_damaged());
            if !waits {
                let (category, criterion) = (category.policy.id.clone(), key);
                steps.push(Step {
                    category,
                    criterion,
                    text: fix.hint.clone(),
                    minutes: fix.minutes,
                    owner: fix.owner.clone(),
                });
            }
        }
    }
    steps.sort_by(|a, b| a.minutes.cmp(&b.minutes).then_with(|| a.text.cmp(&b.text)));
    steps
}

fn evidence_steps(judged: &Judged<'_>) -> Vec<Step> {
    let lacks = judged.lacks.iter().map(|lack| Step {
        category: lack.category.clone(),
        criterion: String::new(),
        text: format!("provide {}: {} of {} files are there", lack.name, lack.found, lack.wanted),
        minutes: MINUTES_RERUN,
        owner: String::new(),
    });
    let damaged = judged.damaged.iter().map(|item| Step {
        category: item.category.as_ref().map(|c| c.category.clone()).unwrap_or_default(),
        criterion: String::new(),
        text: match item.state {
            State::Unrecognised => {
                format!("convert {} to a known format, or keep it out: it is of none", item.path)
            }
            state => again(state, &item.path),
        },
        minutes: MINUTES_RERUN,
        owner: String::new(),
    });
    let changed = judged.lens.evidence.breaches.iter().map(|breach| Step {
        category: String::new(),
        criterion: String::new(),
        text: format!("find out who changed {}, and produce it again", breach.path),
        minutes: MINUTES_RERUN,
        owner: String::new(),
    });
    lacks.chain(damaged).chain(changed).collect()
}

/// One way to treat a category: which of its criteria to fix, what it scores then, what that takes.
struct Treatment {
    keys: Vec<String>,
    score: Exact,
    minutes: u64,
}

/// The criteria to fix: those that block, and of the others the fewest (then cheapest) that reach the score.
fn choose(judged: &Judged<'_>, fixes: &[(String, Fix)]) -> Vec<String> {
    let scored: Vec<&JudgedCategory<'_>> = judged.categories.iter().filter(|c| c.score.is_some()).collect();
    let options: Vec<Vec<Treatment>> = scored.iter().map(|c| options(c, fixes)).collect();
    let weights: Vec<&Exact> = scored.iter().map(|c| &c.policy.weight).collect();
    let needed = &judged.policy.deploy_at * &judged.weight / whole(100);
    let mut best: Option<(usize, u64, Vec<String>)> = None;
    search(&options, &weights, &needed, &mut Vec::new(), &mut best);
    best.map(|(_, _, keys)| keys).unwrap_or_default()
}

/// Fixing the worst criteria first is the only sensible order inside a category, because it scores as its worst one.
fn options(category: &JudgedCategory<'_>, fixes: &[(String, Fix)]) -> Vec<Treatment> {
    let low = |c: &&JudgedCriterion<'_>| {
        c.attainment.as_ref().map_or_else(Exact::one, |a: &Interval| a.low.clone())
    };
    let scored: Vec<&JudgedCriterion<'_>> =
        category.criteria.iter().filter(|c| c.attainment.is_some() && !c.policy.advisory).collect();
    let must = |c: &&JudgedCriterion<'_>| {
        c.policy.blocking && matches!(c.state, CriterionState::Fail | CriterionState::Unknown)
    };
    let (mut chosen, mut rest): (Vec<_>, Vec<_>) = scored.into_iter().partition(must);
    rest.retain(|c| matches!(c.state, CriterionState::Fail | CriterionState::Warn | CriterionState::Unknown));
    rest.sort_by_key(low);
    let mut options = Vec::new();
    loop {
        let keys: Vec<String> = chosen.iter().map(|c| id(category, c)).collect();
        let minutes = fixes.iter().filter(|(k, _)| keys.contains(k)).map(|(_, f)| f.minutes).sum();
        options.push(Treatment {
            keys,
            score: rest.iter().map(low).min().unwrap_or_else(Exact::one),
            minutes,
        });
        if rest.is_empty() {
            return options;
        }
        chosen.push(rest.remove(0));
    }
}

/// Tries every combination, cutting off what already takes more than the best. With a handful of categories and
/// criteria this is exact and instant.
fn search(
    options: &[Vec<Treatment>],
    weights: &[&Exact],
    needed: &Exact,
    taken: &mut Vec<usize>,
    best: &mut Option<(usize, u64, Vec<String>)>,
) {
    let picked = || options.iter().zip(taken.iter()).filter_map(|(list, &at)| list.get(at));
    let count: usize = picked().map(|o| o.keys.len()).sum();
    let minutes: u64 = picked().map(|o| o.minutes).sum();
    if best.as_ref().is_some_and(|(n, m, _)| (count, minutes) >= (*n, *m)) {
        return;
    }
    let Some(next) = options.get(taken.len()) else {
        let score = picked().zip(weights).fold(Exact::zero(), |sum, (o, w)| sum + &o.score * *w);
        if score >= *needed {
            let keys = picked().flat_map(|o| o.keys.clone()).collect();
            *best = Some((count, minutes, keys));
        }
        return;
    };
    for at in 0..next.len() {
        taken.push(at);
        search(options, weights, needed, taken, best);
        taken.pop();
    }
}
