//! What a decision knows beside policy and evidence: the moment, what is being built, what it changes, what it is
//! compared with, and what a person takes on themselves. All of it is given; the engine looks nothing up.

use crate::evidence::changes::Changes;
use crate::policy::{Pattern, When};
use crate::report::{Report, Skip};
use jiff::Timestamp;

/// The context of a decision.
#[derive(Debug, Default)]
pub struct Context {
    /// The moment as of which ages and expiry days are judged.
    pub as_of: Timestamp,
    /// Branch; empty where it is not known.
    pub branch: String,
    /// Branch that the change is made for; empty where it is not known or there is none.
    pub base: String,
    /// Event that started the run; empty where it is not known.
    pub event: String,
    /// What the change touches; nothing where that is not known.
    pub changes: Option<Changes>,
    /// What the run is compared with.
    pub baseline: Baseline,
    /// Categories that a person takes out.
    pub skips: Vec<Skip>,
    /// A person forces a deploy.
    pub force: Option<Force>,
}

/// A deploy that a person wants whatever the verdict is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Force {
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
}

impl Force {
    /// Letters that a reason has at least: a word is no reason.
    pub const SHORTEST_REASON: usize = 20;

    /// Why it does not hold; nothing where it does.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let letters = self.reason.chars().filter(|c| c.is_alphanumeric()).count();
        if self.actor.trim().is_empty() {
            Some("nobody is named: an override needs an actor".to_owned())
        } else if letters == 0 {
            Some("no reason is given: an override needs one".to_owned())
        } else if letters < Self::SHORTEST_REASON {
            Some(format!(
                "the reason has {letters} letters: say in at least {} why it cannot wait",
                Self::SHORTEST_REASON
            ))
        } else {
            None
        }
    }
}

/// What a run is compared with.
#[derive(Debug, Default)]
pub enum Baseline {
    /// Nobody named one.
    #[default]
    NotGiven,
    /// Said to be the first run: there is nothing to compare with.
    FirstRun,
    /// Named, and it cannot be used: its path, and why.
    Unusable(String, String),
    /// Its path, and the report.
    Given(String, Box<Report>),
}

impl Baseline {
    /// The report, where there is one.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Given(_, report) => Some(report),
            _ => None,
        }
    }

    /// Why there is nothing to compare with.
    #[must_use]
    pub fn why_not(&self) -> String {
        match self {
            Self::NotGiven => "there is no baseline: name one with --baseline, or say --first-run".to_owned(),
            Self::FirstRun => "first run: there is nothing to compare with".to_owned(),
            Self::Unusable(path, why) => format!("the baseline {path} cannot be used: {why}"),
            Self::Given(..) => "the baseline did not measure it".to_owned(),
        }
    }
}

impl Context {
    /// The rule by which something with a condition does not apply; nothing where it applies. What is not known
    /// cannot excuse: a condition on an unknown branch, event or change applies.
    #[must_use]
    pub fn excused(&self, when: &When) -> Option<String> {
        let name = |word: &str, globs: &[Pattern], value: &str| {
            let misses = !globs.is_empty() && !value.is_empty() && !globs.iter().any(|g| g.fits(value));
            misses.then(|| format!("{word} is {value}, not {}", texts(globs)))
        };
        let event = !when.event.is_empty() && !self.event.is_empty() && !when.event.contains(&self.event);
        let untouched = !when.changed.is_empty()
            && self
                .changes
                .as_ref()
                .is_some_and(|c| !c.paths().any(|p| when.changed.iter().any(|g| g.fits(p))));
        let why = name("the branch", &when.branch, &self.branch)
            .or_else(|| name("the base branch", &when.base, &self.base))
            .or_else(|| {
                event.then(|| format!("the event is {}, not {}", self.event, when.event.join(" or ")))
            })
            .or_else(|| untouched.then(|| format!("no changed file is among {}", texts(&when.changed))))?;
        Some(format!("{why} ({})", when.origin))
    }

    /// The person's reason for taking a category out, where one did.
    #[must_use]
    pub fn skipped(&self, category: &str) -> Option<String> {
        let skip = self.skips.iter().find(|s| s.category == category)?;
        let who = if skip.actor.is_empty() { "a person".to_owned() } else { skip.actor.clone() };
        Some(format!("skipped by {who}: {}", skip.reason))
    }
}

fn texts(globs: &[Pattern]) -> String {
    globs.iter().map(Pattern::text).collect::<Vec<_>>().join(" or ")
}
