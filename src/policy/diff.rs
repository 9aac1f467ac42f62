//! Two policies side by side: what the second asks for beside the first.
//!
//! *Tighter* is a promise, held by a property test: whatever a tighter policy lets deploy, the other lets deploy
//! too, on any evidence. Where that cannot be said, a difference is *other*, however small it looks: with
//! `deploy_at` below 100, for example, a further category can raise the score.

use super::{CategoryPolicy, CriterionPolicy, Direction, Pattern, Policy, Requirement, Scope, Waiver};
use crate::evidence::Kind;
use crate::evidence::exact::{Exact, floor_decimal, whole};
use num_traits::Zero as _;

/// Which way a difference goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strictness {
    /// What the second lets deploy, the first does too.
    Tighter,
    /// The other way round.
    Looser,
    /// Neither can be said.
    Other,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it concerns: `deploy_at`, `unit_tests`, `unit_tests/coverage.line`, `waiver W-1`.
    pub subject: String,
    /// Which way it goes.
    pub strictness: Strictness,
    /// In words.
    pub text: String,
}

/// All differences taken together: nothing where there is none.
#[must_use]
pub fn overall(changes: &[Change]) -> Option<Strictness> {
    let first = changes.first()?.strictness;
    Some(if changes.iter().all(|c| c.strictness == first) { first } else { Strictness::Other })
}

/// What `new` asks for beside `old`, in the order of the policies.
#[must_use]
pub fn diff(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut diff = Diff { old, new, changes: Vec::new() };
    diff.whole();
    for category in &old.categories {
        match new.categories.iter().find(|c| c.id == category.id) {
            Some(other) => diff.category(category, other),
            None => diff.only(category, Side::Old),
        }
    }
    for category in new.categories.iter().filter(|c| old.categories.iter().all(|o| o.id != c.id)) {
        diff.only(category, Side::New);
    }
    diff.contract("evidence", &old.contract, &new.contract);
    diff.waivers();
    diff.changes
}

/// Which of the two policies has something that the other has not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

struct Diff<'a> {
    old: &'a Policy,
    new: &'a Policy,
    changes: Vec<Change>,
}

/// `Tighter` where the second value asks for more.
fn by(tighter: bool) -> Strictness {
    if tighter { Strictness::Tighter } else { Strictness::Looser }
}

/// True where a category always has a score: one criterion applies whatever the evidence is. Only then can nothing
/// that is added bring a score where there was none.
fn always_scored(policy: &Policy) -> bool {
    !policy.automatic && policy.categories.iter().any(|c| !c.weight.is_zero() && always_applies(c))
}

fn always_applies(category: &CategoryPolicy) -> bool {
    let always = |c: &CriterionPolicy| {
        c.required
            && !c.advisory
            && c.applies_when.is_always()
            && matches!(c.scope, Scope::Total)
            && !c.measure.needs_baseline()
    };
    category.applies_when.is_always() && category.criteria.iter().any(always)
}

impl Diff<'_> {
    fn say(&mut self, subject: &str, strictness: Strictness, text: impl Into<String>) {
        self.changes.push(Change { subject: subject.to_owned(), strictness, text: text.into() });
    }

    /// Both need every scored criterion to pass, so that weights above zero decide nothing.
    fn all_or_nothing(&self) -> bool {
        self.old.deploy_at == whole(100) && self.new.deploy_at == whole(100)
    }

    /// What a change is worth that adds to the score's denominator in `side`.
    fn added(&self, side: Side) -> Strictness {
        let (without, tighter) = match side {
            Side::New => (self.old, Strictness::Tighter),
            Side::Old => (self.new, Strictness::Looser),
        };
        if self.all_or_nothing() && always_scored(without) { tighter } else { Strictness::Other }
    }

    fn whole(&mut self) {
        let (old, new) = (self.old, self.new);
        if old.deploy_at != new.deploy_at {
            let text = format!("{} → {}", floor_decimal(&old.deploy_at, 3), floor_decimal(&new.deploy_at, 3));
            self.say("deploy_at", by(new.deploy_at > old.deploy_at), text);
        }
        if old.automatic != new.automatic {
            self.say(
                "policy",
                Strictness::Other,
                "one of the two is the automatic policy, which pins nothing",
            );
        }
        if old.unrecognised_blocks != new.unrecognised_blocks {
            let text = if new.unrecognised_blocks { "warn → block" } else { "block → warn" };
            self.say("unrecognised", by(new.unrecognised_blocks), text);
        }
        if old.optional_jobs != new.optional_jobs {
            self.say("optional_jobs", Strictness::Other, "other jobs may end as they like");
        }
        if old.quarantine_max != new.quarantine_max {
            self.say("quarantine_max", Strictness::Other, "the cap of the quarantine differs");
        }
        let uses = |p: &Policy| {
            p.categories
                .iter()
                .flat_map(|c| &c.criteria)
                .any(|c| c.each || !c.narrow.components.is_empty() || c.measure.id == "tests.duration")
        };
        let parts =
            |p: &Policy| p.components.iter().map(|c| (c.name.clone(), c.paths.clone())).collect::<Vec<_>>();
        if parts(old) != parts(new) && (uses(old) || uses(new)) {
            self.say("components", Strictness::Other, "the components that criteria hold for differ");
        }
        if old.attestations != new.attestations {
            self.say("attestations", Strictness::Other, "other statements of people");
        }
    }

    /// A category that only one of the two has.
    fn only(&mut self, category: &CategoryPolicy, side: Side) {
        let word = if side == Side::New { "added" } else { "taken away" };
        let others = if side == Side::New { self.old } else { self.new };
        let by_kind = |c: &CategoryPolicy| Kind::ALL.iter().any(|kind| kind.name() == c.id);
        // What takes evidence by name or by kind leaves less to the others.
        let takes =
            !category.evidence.is_empty() || by_kind(category) || others.categories.iter().any(by_kind);
        let strictness = if takes { Strictness::Other } else { self.added(side) };
        self.say(&category.id, strictness, word);
    }

    fn category(&mut self, old: &CategoryPolicy, new: &CategoryPolicy) {
        self.weight(old, new);
        if old.required != new.required {
            let text = format!("required {} → {}", old.required, new.required);
            self.say(&old.id, by(new.required), text);
        }
        if old.applies_when != new.applies_when {
            self.say(&old.id, Strictness::Other, "it applies under another condition");
        }
        if old.evidence.iter().map(selector).eq(new.evidence.iter().map(selector)) {
            self.contract(&old.id, &old.evidence, &new.evidence);
        } else {
            self.say(&old.id, Strictness::Other, "it takes other evidence");
        }
        for criterion in &old.criteria {
            match new.criteria.iter().find(|c| c.key == criterion.key) {
                Some(other) => self.criterion(old, criterion, other),
                None => self.lone(old, criterion, Side::Old),
            }
        }
        for criterion in new.criteria.iter().filter(|c| old.criteria.iter().all(|o| o.key != c.key)) {
            self.lone(new, criterion, Side::New);
        }
    }

    fn weight(&mut self, old: &CategoryPolicy, new: &CategoryPolicy) {
        if old.weight == new.weight {
            return;
        }
        let show = |w: &Exact| floor_decimal(&(w * whole(100)), 1);
        let text = format!("weight {} % → {} %", show(&old.weight), show(&new.weight));
        match (old.weight.is_zero(), new.weight.is_zero()) {
            // With a score of 100 needed, any weight above zero asks for the same.
            (false, false) if self.all_or_nothing() => {}
            (true, false) => self.say(&old.id, self.added(Side::New), text),
            (false, true) => self.say(&old.id, self.added(Side::Old), text),
            _ => self.say(&old.id, Strictness::Other, text),
        }
    }

    /// A criterion that only one of the two has. In a category that always has a score it can only lower it.
    fn lone(&mut self, category: &CategoryPolicy, criterion: &CriterionPolicy, side: Side) {
        let subject = format!("{}/{}", category.id, criterion.key);
        let word = if side == Side::New { "added" } else { "taken away" };
        if criterion.advisory {
            return;
        }
        let without = if side == Side::New { self.old } else { self.new };
        let scored = without.categories.iter().find(|c| c.id == category.id).is_some_and(always_applies)
            && !without.automatic;
        let strictness = if scored { by(side == Side::New) } else { self.added(side) };
        self.say(&subject, strictness, word);
    }

    fn criterion(&mut self, category: &CategoryPolicy, old: &CriterionPolicy, new: &CriterionPolicy) {
        let subject = format!("{}/{}", category.id, old.key);
        match (old.advisory, new.advisory) {
            (true, true) => return,
            (false, true) => return self.lone_as(category, new, Side::Old, "it only advises now"),
            (true, false) => return self.lone_as(category, new, Side::New, "it judges now"),
            (false, false) => {}
        }
        let same = (old.measure.id, &old.check, old.scope, old.each)
            == (new.measure.id, &new.check, new.scope, new.each);
        if !same || old.narrow != new.narrow {
            return self.say(&subject, Strictness::Other, "it judges something else");
        }
        if old.applies_when != new.applies_when {
            self.say(&subject, Strictness::Other, "it applies under another condition");
        }
        let unit = old.measure.unit;
        let higher = old.measure.direction == Direction::Higher;
        for (word, a, b) in [("target", &old.target, &new.target), ("limit", &old.limit, &new.limit)] {
            if a != b && (word == "target" || old.has_limit || new.has_limit) {
                let text = format!("{word} {} → {}", unit.with_unit(a), unit.with_unit(b));
                self.say(&subject, by((b > a) == higher), text);
            }
        }
        for (word, a, b) in
            [("blocking", old.blocking, new.blocking), ("required", old.required, new.required)]
        {
            if a != b {
                self.say(&subject, by(b), format!("{word} {a} → {b}"));
            }
        }
        if old.min_samples != new.min_samples {
            let text = format!("min_samples {} → {}", old.min_samples, new.min_samples);
            self.say(&subject, by(new.min_samples > old.min_samples), text);
        }
    }

    fn lone_as(&mut self, category: &CategoryPolicy, criterion: &CriterionPolicy, side: Side, text: &str) {
        let before = self.changes.len();
        self.lone(category, &CriterionPolicy { advisory: false, ..criterion.clone() }, side);
        if let Some(change) = self.changes.get_mut(before) {
            text.clone_into(&mut change.text);
        }
    }

    /// Requirements, compared as a whole and cell by cell.
    fn contract(&mut self, subject: &str, old: &[Requirement], new: &[Requirement]) {
        let same = |a: &Requirement, b: &Requirement| a.name == b.name && selector(a) == selector(b);
        let pairs = old.iter().filter_map(|a| Some((a, new.iter().find(|b| same(a, b))?)));
        for (a, b) in pairs.collect::<Vec<_>>() {
            if a.min_files != b.min_files {
                let text = format!("{}: {} → {} files", a.name, a.min_files, b.min_files);
                self.say(subject, by(b.min_files > a.min_files), text);
            }
            if a.max_age != b.max_age {
                let age = |r: &Requirement| r.max_age.unwrap_or(i64::MAX);
                self.say(subject, by(age(b) < age(a)), format!("{}: max_age differs", a.name));
            }
        }
        for (side, list, others) in [(Side::Old, old, new), (Side::New, new, old)] {
            for lone in list.iter().filter(|a| !others.iter().any(|b| same(a, b))) {
                let word = if side == Side::New { "asked for" } else { "no longer asked for" };
                self.say(subject, by(side == Side::New), format!("{} is {word}", lone.name));
            }
        }
    }

    /// A waiver for findings lowers counts that should be low. One for tests takes passing tests out as well as
    /// failing ones, which can lower a share: neither tighter nor looser.
    fn waivers(&mut self) {
        let alike =
            |a: &Waiver, b: &Waiver| (&a.matches, a.expires, a.kind) == (&b.matches, b.expires, b.kind);
        for (side, list, others) in [
            (Side::Old, &self.old.waivers, &self.new.waivers),
            (Side::New, &self.new.waivers, &self.old.waivers),
        ] {
            for waiver in list.iter().filter(|a| others.iter().all(|b| !alike(a, b))) {
                let about_tests = waiver.matches.test.is_some() || waiver.matches.rule.is_none();
                let strictness = if about_tests { Strictness::Other } else { by(side == Side::Old) };
                let word = if side == Side::New { "added" } else { "taken away" };
                self.changes.push(Change {
                    subject: format!("{} {}", waiver.kind.name(), waiver.id),
                    strictness,
                    text: format!("{word}: {}, until {}", waiver.matches.in_words(), waiver.expires),
                });
            }
        }
    }
}

/// What a requirement selects, for comparison.
fn selector(r: &Requirement) -> (Option<&str>, Option<Kind>, Option<&str>) {
    (r.path.as_ref().map(Pattern::text), r.kind, r.producer.as_deref())
}
