//! Which records waivers and quarantines take out of the count, and which entries are expired, unused or too many.

use super::context::Context;
use crate::evidence::exact::whole;
use crate::evidence::findings::{Disposition, Finding, Findings};
use crate::evidence::pages::{Page, RuleResult, RuleVerdict};
use crate::evidence::tests::Counts;
use crate::evidence::time::{day_of, days_between};
use crate::evidence::{Evidence, Item};
use crate::policy::waivers::Match;
use crate::policy::{Policy, QuarantineMax, Waiver, WaiverKind};
use rustc_hash::FxHashMap;

/// Days ahead that an expiry is announced.
const NOTICE_DAYS: i64 = 14;

/// Which waivers hold in a look at the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waivers {
    /// All that are in force.
    Applied,
    /// None: what the evidence says by itself.
    Ignored,
    /// All but one, by its place in the policy.
    Without(usize),
}

impl Waivers {
    fn holds(self, waiver: usize) -> bool {
        match self {
            Self::Applied => true,
            Self::Ignored => false,
            Self::Without(one) => waiver != one,
        }
    }
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// In force.
    Active,
    /// In force for at most two more weeks.
    Expiring,
    /// In force, and it matches nothing that would count against a deploy.
    Unused,
    /// Its last day is over: it takes nothing out.
    Expired,
    /// More tests are in quarantine than the policy allows: none of the quarantine takes anything out.
    OverCap,
}

impl Standing {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expiring => "expiring",
            Self::Unused => "unused",
            Self::Expired => "expired",
            Self::OverCap => "over cap",
        }
    }
}

/// What one waiver did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// What became of it.
    pub standing: Standing,
    /// Days until its last day; below zero it is over.
    pub days_left: i64,
    /// Records that it matches.
    pub matched: u64,
    /// Of them, those that would count against a deploy: failed tests, findings, violations.
    pub covered: u64,
}

/// The records that waivers take out, by item.
#[derive(Debug, Default)]
pub struct Waived {
    tests: Vec<FxHashMap<usize, usize>>,
    findings: Vec<FxHashMap<usize, usize>>,
    /// What each waiver of the policy did, in its order.
    pub effects: Vec<Effect>,
    /// Tests in quarantine, and how many may be.
    pub quarantine: (u64, u64),
}

impl Waived {
    /// Matches every waiver with every record.
    #[must_use]
    pub fn of(policy: &Policy, evidence: &Evidence, context: &Context) -> Self {
        let today = day_of(context.as_of);
        let days_left = |w: &Waiver| days_between(today, w.expires);
        let mut waived = Self {
            tests: vec![FxHashMap::default(); evidence.items.len()],
            findings: vec![FxHashMap::default(); evidence.items.len()],
            effects: policy
                .waivers
                .iter()
                .map(|w| Effect {
                    standing: Standing::Active,
                    days_left: days_left(w),
                    matched: 0,
                    covered: 0,
                })
                .collect(),
            quarantine: (0, 0),
        };
        if policy.waivers.is_empty() {
            return waived;
        }
        let counting = evidence.items.iter().enumerate().filter(|(_, i)| !i.state.is_harmless());
        for (at, item) in counting.clone() {
            waived.match_tests(policy, at, item);
            waived.match_findings(policy, at, item);
            waived.match_rules(policy, item);
        }
        let executed = counting.filter_map(|(_, i)| i.facts.tests.as_ref()).map(|t| t.counts());
        waived.cap(policy, executed.fold(Counts::default(), Counts::plus).executed());
        waived.settle();
        waived
    }

    fn match_tests(&mut self, policy: &Policy, at: usize, item: &Item) {
        let Some(tests) = &item.facts.tests else { return };
        let about: Vec<_> = entries(policy).filter_map(|(w, m)| Some((w, m, m.test.as_ref()?))).collect();
        if about.is_empty() {
            return;
        }
        for (index, case) in tests.cases.iter().enumerate() {
            let (suite, class) =
                (tests.suite(case).map_or("", |s| s.name.as_str()), tests.text.get(case.class));
            let name = tests.text.get(case.name);
            let fits =
                |m: &Match| m.path.as_ref().is_none_or(|p| p.fits(&tests.source(case)) || p.fits(&item.path));
            for (waiver, m, test) in &about {
                if test.fits(suite, class, name) && fits(m) {
                    self.note(*waiver, case.status.is_bad());
                    if self.in_force(*waiver)
                        && let Some(of_item) = self.tests.get_mut(at)
                    {
                        of_item.entry(index).or_insert(*waiver);
                    }
                }
            }
        }
    }

    fn match_findings(&mut self, policy: &Policy, at: usize, item: &Item) {
        let Some(findings) = &item.facts.findings else { return };
        let about: Vec<_> = entries(policy).filter(|(_, m)| m.test.is_none()).collect();
        for (index, finding) in findings.list.iter().enumerate() {
            if finding.disposition != Disposition::Counted {
                continue;
            }
            for (waiver, m) in &about {
                if fits_finding(m, findings, finding) {
                    self.note(*waiver, true);
                    if self.in_force(*waiver)
                        && let Some(of_item) = self.findings.get_mut(at)
                    {
                        of_item.entry(index).or_insert(*waiver);
                    }
                }
            }
        }
    }

    fn match_rules(&mut self, policy: &Policy, item: &Item) {
        for page in &item.facts.pages {
            for rule in page.rules.iter().filter(|r| r.verdict == RuleVerdict::Fail) {
                for (waiver, _) in entries(policy).filter(|(_, m)| fits_rule(m, page, rule)) {
                    self.note(waiver, true);
                }
            }
        }
    }

    fn note(&mut self, waiver: usize, against: bool) {
        if let Some(effect) = self.effects.get_mut(waiver) {
            effect.matched = effect.matched.saturating_add(1);
            effect.covered = effect.covered.saturating_add(u64::from(against));
        }
    }

    fn in_force(&self, waiver: usize) -> bool {
        self.effects.get(waiver).is_some_and(|e| e.days_left >= 0 && e.standing != Standing::OverCap)
    }

    /// More in quarantine than allowed: none of it counts, so that the cap cannot be crept past.
    fn cap(&mut self, policy: &Policy, executed: u64) {
        let quarantined =
            |w: &usize| policy.waivers.get(*w).is_some_and(|w| w.kind == WaiverKind::Quarantine);
        let held = self.tests.iter().flat_map(FxHashMap::values).filter(|w| quarantined(w)).count() as u64;
        let most = match &policy.quarantine_max {
            QuarantineMax::Tests(n) => *n,
            QuarantineMax::Share(share) => {
                let floor = (share * whole(executed)).floor().to_integer();
                u64::try_from(floor).unwrap_or(u64::MAX).max(u64::from(*share > whole(0)))
            }
        };
        self.quarantine = (held, most);
        if held <= most {
            return;
        }
        for (effect, _) in
            self.effects.iter_mut().zip(&policy.waivers).filter(|(_, w)| w.kind == WaiverKind::Quarantine)
        {
            effect.standing = Standing::OverCap;
        }
        for of_item in &mut self.tests {
            of_item.retain(|_, waiver| !quarantined(waiver));
        }
    }

    fn settle(&mut self) {
        for effect in &mut self.effects {
            effect.standing = match effect {
                Effect { days_left: ..0, .. } => Standing::Expired,
                Effect { standing: Standing::OverCap, .. } => Standing::OverCap,
                Effect { covered: 0, .. } => Standing::Unused,
                Effect { days_left: ..=NOTICE_DAYS, .. } => Standing::Expiring,
                _ => Standing::Active,
            };
        }
    }

    /// The waiver that takes a test out.
    #[must_use]
    pub fn test(&self, item: usize, at: usize, waivers: Waivers) -> Option<usize> {
        self.tests.get(item)?.get(&at).copied().filter(|w| waivers.holds(*w))
    }

    /// The waiver that takes a finding out.
    #[must_use]
    pub fn finding(&self, item: usize, at: usize, waivers: Waivers) -> Option<usize> {
        self.findings.get(item)?.get(&at).copied().filter(|w| waivers.holds(*w))
    }

    /// The waiver that takes a violated rule of a page out.
    #[must_use]
    pub fn rule(&self, policy: &Policy, page: &Page, rule: &RuleResult, waivers: Waivers) -> Option<usize> {
        let mut fitting = entries(policy)
            .filter(|(w, m)| self.in_force(*w) && waivers.holds(*w) && fits_rule(m, page, rule));
        fitting.next().map(|(waiver, _)| waiver)
    }

    /// Tests of an item that are taken out.
    #[must_use]
    pub fn in_item(&self, item: usize, waivers: Waivers) -> usize {
        self.tests.get(item).map_or(0, |of_item| of_item.values().filter(|w| waivers.holds(**w)).count())
    }

    /// The waivers that take tests and findings of an item out, once for each record.
    pub fn of_item(&self, item: usize) -> impl Iterator<Item = usize> + '_ {
        let of = |list: &'_ [FxHashMap<usize, usize>]| -> Vec<usize> {
            list.get(item).map(|m| m.values().copied().collect()).unwrap_or_default()
        };
        of(&self.tests).into_iter().chain(of(&self.findings))
    }

    /// True where nothing at all is taken out.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.effects
            .iter()
            .all(|e| matches!(e.standing, Standing::Expired | Standing::OverCap) || e.matched == 0)
    }
}

fn entries(policy: &Policy) -> impl Iterator<Item = (usize, &Match)> {
    policy.waivers.iter().map(|w| &w.matches).enumerate()
}

fn fits_finding(m: &Match, file: &Findings, finding: &Finding) -> bool {
    let tool = || file.tool(finding).map(|t| t.name.to_lowercase()).unwrap_or_default();
    let package = || file.package(finding).unwrap_or_default();
    m.rule.as_ref().is_none_or(|p| p.fits(file.text.get(finding.rule)))
        && m.path.as_ref().is_none_or(|p| p.fits(file.text.get(finding.path)))
        && m.fingerprint.as_ref().is_none_or(|f| f == file.text.get(finding.fingerprint))
        && m.tool.as_ref().is_none_or(|t| *t == tool())
        && m.package.as_ref().is_none_or(|p| p.fits(package().0))
        && m.version.as_ref().is_none_or(|p| p.fits(package().1))
}

/// A rule of an audited page: what only findings and tests have fits none.
fn fits_rule(m: &Match, page: &Page, rule: &RuleResult) -> bool {
    let only_rules =
        m.test.is_none() && m.fingerprint.is_none() && m.package.is_none() && m.version.is_none();
    only_rules
        && rule.verdict == RuleVerdict::Fail
        && m.rule.as_ref().is_some_and(|p| p.fits(&rule.id))
        && m.path.as_ref().is_none_or(|p| p.fits(page.key()))
        && m.tool.as_ref().is_none_or(|t| *t == page.engine.name().to_lowercase())
}
