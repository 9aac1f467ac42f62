//! Runs of load tests, each of which may stand in several files.

use super::{Latency, LoadTest, Percentile, Requests};
use crate::evidence::Item;
use crate::evidence::exact::{Exact, ratio};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// One run of a load test, with all files that tell of it.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// The file that tells most and speaks for the run.
    pub item: &'a Item,
    /// The other files.
    pub others: Vec<&'a Item>,
    /// What all of them say together; where they differ, what is worse.
    pub test: Cow<'a, LoadTest>,
}

impl<'a> Run<'a> {
    fn of((item, test): (&'a Item, &'a LoadTest)) -> Self {
        Self { item, others: Vec::new(), test: Cow::Borrowed(test) }
    }

    /// Every file that tells of the run, the one that speaks for it first.
    pub fn files(&self) -> impl Iterator<Item = &'a Item> {
        std::iter::once(self.item).chain(self.others.iter().copied())
    }

    fn has(&self, (item, test): (&Item, &LoadTest)) -> bool {
        item.producer.name == self.item.producer.name
            && folder(&item.path) == folder(&self.item.path)
            && self.files().filter_map(|file| file.facts.load.as_ref()).any(|told| told.is_same_run(test))
    }

    fn add(&mut self, (item, test): (&'a Item, &LoadTest)) {
        self.others.push(item);
        self.test.to_mut().unite(test);
    }
}

/// The runs that files of load tests tell of, by path. A run counts once, in however many files it stands.
#[must_use]
pub fn runs<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<Run<'a>> {
    let mut tests: Vec<(&Item, &LoadTest)> =
        items.into_iter().filter_map(|i| Some((i, i.facts.load.as_ref()?))).collect();
    tests.sort_by(|a, b| b.1.weight().cmp(&a.1.weight()).then_with(|| a.0.path.cmp(&b.0.path)));
    let mut runs: Vec<Run<'a>> = Vec::new();
    for file in tests {
        match runs.iter_mut().find(|run| run.has(file)) {
            Some(run) => run.add(file),
            None => runs.push(Run::of(file)),
        }
    }
    runs.sort_by(|a, b| a.item.path.cmp(&b.item.path));
    runs
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl LoadTest {
    /// Two files that tell of one run: they stand beside each other, or number, failures and response times agree, or only
    /// one of them has a place beside others, and names and numbers fit.
    fn is_same_run(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.all, &other.all);
        let same = |a: Option<&Exact>, b: Option<&Exact>| a.is_some() && a == b;
        let slowest = |r: &Requests| r.latency.given(Percentile::MAX).cloned();
        let times = same(slowest(mine).as_ref(), slowest(theirs).as_ref())
            || same(mine.latency.mean.as_ref(), theirs.latency.mean.as_ref())
            || (mine.latency.is_empty() && theirs.latency.is_empty());
        let agree =
            mine.count.is_some() && mine.count == theirs.count && mine.failed == theirs.failed && times;
        match (&self.part_of, &other.part_of) {
            (Some(mine), Some(theirs)) => mine == theirs,
            (None, None) => agree,
            _ => self.has_names_of(other) && is_near(mine.count, theirs.count),
        }
    }

    fn has_names_of(&self, other: &Self) -> bool {
        let names = |test: &Self| {
            let mut names: Vec<String> = test.rows.iter().map(Requests::title).collect();
            names.sort();
            names
        };
        !self.rows.is_empty() && names(self) == names(other)
    }

    /// How much a file tells of its run.
    fn weight(&self) -> (bool, bool, Option<u64>) {
        let all = &self.all;
        (all.count.is_some(), all.latency.given(Percentile::P95).is_some(), all.count)
    }

    /// Takes in what another file says of the same run; where both say something the worse counts. Names of requests are
    /// each file's own: those of the other one are taken where this one has none.
    fn unite(&mut self, other: &Self) {
        self.all.unite(&other.all);
        if self.rows.is_empty() {
            self.rows.clone_from(&other.rows);
        } else {
            let named = |r: &'_ Requests| (r.method.clone(), r.name.clone());
            let theirs: FxHashMap<_, _> = other.rows.iter().map(|r| (named(r), r)).collect();
            for row in &mut self.rows {
                if let Some(same) = theirs.get(&named(row)) {
                    row.unite(same);
                }
            }
        }
        for threshold in &other.thresholds {
            let mut mine = self.thresholds.iter_mut();
            match mine.find(|t| t.metric == threshold.metric && t.expression == threshold.expression) {
                Some(same) => same.judgement = same.judgement.max(threshold.judgement),
                None => self.thresholds.push(threshold.clone()),
            }
        }
        if self.checks.is_empty() {
            self.checks.clone_from(&other.checks);
        }
        let share = |(passed, all): (u64, u64)| ratio(passed, all);
        self.answers = either(self.answers, other.answers, |a, b| if share(b) < share(a) { b } else { a });
        self.passed_share = either(self.passed_share.take(), other.passed_share.clone(), Exact::min);
        for error in &other.errors {
            match self.errors.iter_mut().find(|e| e.text == error.text) {
                Some(same) => same.count = same.count.max(error.count),
                None => self.errors.push(error.clone()),
            }
        }
        self.micros = self.micros.or(other.micros);
    }
}

impl Requests {
    fn unite(&mut self, other: &Self) {
        self.count = self.count.or(other.count);
        self.failed = either(self.failed, other.failed, u64::max);
        self.failed_share = either(self.failed_share.take(), other.failed_share.clone(), Exact::max);
        self.per_second = either(self.per_second.take(), other.per_second.clone(), Exact::min);
        self.latency.unite(&other.latency);
    }
}

impl Latency {
    /// Takes in what else is told: of each time the slower counts, of the fastest the faster. Times that are rounded otherwise
    /// cannot stand beside these.
    pub fn unite(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else if self.rounding == other.rounding {
            for (percentile, millis) in &other.points {
                let mine = self.points.entry(*percentile).or_insert_with(|| millis.clone());
                let worse = if *percentile == Percentile::MIN { *millis < *mine } else { *millis > *mine };
                if worse {
                    mine.clone_from(millis);
                }
            }
        }
    }
}

/// What one of two says, or where both say something, what comes of both.
fn either<T>(a: Option<T>, b: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(a, b)),
        (a, b) => a.or(b),
    }
}

/// Two counts of one run, one of which was written down some moments before the other.
fn is_near(a: Option<u64>, b: Option<u64>) -> bool {
    let Some((a, b)) = a.zip(b) else { return false };
    a.abs_diff(b) <= a.max(b) / 10
}
