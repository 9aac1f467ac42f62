//! What a decision knows beside policy and evidence, from options and from the pipeline's environment.

use super::{Failure, read_report};
use crate::ci::Ci;
use crate::decide::{Baseline, Context, Force};
use crate::evidence::Diagnostic;
use crate::evidence::changes::Changes;
use crate::evidence::text::shown;
use crate::host;
use crate::policy::{Chosen, Policy, Scope};
use crate::report::{Skip, Subject};
use std::path::PathBuf;

/// Bytes of a diff.
const MAX_DIFF: u64 = 256 << 20;

/// Options about the run that is judged.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ContextArgs {
    /// Judge as of this time (RFC 3339), now by default
    #[arg(long, value_name = "TIME")]
    pub(super) as_of: Option<String>,
    /// Report of the run to compare with: its report.json
    #[arg(long, value_name = "FILE", conflicts_with = "first_run")]
    baseline: Option<PathBuf>,
    /// There is nothing to compare with yet: what needs a baseline does not apply
    #[arg(long)]
    first_run: bool,
    /// Commit or branch that the change is made for; changed lines are those since it was left
    #[arg(long, value_name = "REF", conflicts_with = "diff")]
    base: Option<String>,
    /// Unified diff of the change, in place of asking git
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
    /// The pipeline system; what it says of the run is used, and it is told the result in its own way
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = Ci::NAMES)]
    ci: String,
    /// Folder that the checkout lay in where the tools ran: absolute paths below it are made relative; by default the
    /// pipeline's workspace
    #[arg(long, value_name = "DIR")]
    base_path: Option<String>,
    /// Branch; by default the pipeline's
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Branch that the change is made for; by default the pipeline's
    #[arg(long, value_name = "NAME")]
    base_branch: Option<String>,
    /// Commit that is judged; by default the pipeline's
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// Event that started the run; by default the pipeline's
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Deploy whatever the verdict is, on record; needs --reason and --actor
    #[arg(long)]
    force: bool,
    /// Take a category that does not block out, on record; needs --reason
    #[arg(long, value_name = "CATEGORY", requires = "reason")]
    skip: Vec<String>,
    /// Why, for --force and --skip
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who, for --force and --skip; by default the pipeline's actor
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
}

impl ContextArgs {
    /// The same for a run that was judged before: as of its time, and for the commit, branch and event that it names where
    /// neither an option nor the pipeline says otherwise. What lets a deploy through is not taken from the report.
    pub(super) fn again(&self, report: &crate::report::Report) -> Self {
        let asked = self.subject();
        let either = |asked: String, said: &String| Some(if asked.is_empty() { said.clone() } else { asked });
        Self {
            as_of: self.as_of.clone().or_else(|| Some(report.timestamp.clone())),
            ci: "none".to_owned(),
            base_path: Some(self.base_path()),
            branch: either(asked.branch, &report.subject.branch),
            commit: either(asked.commit, &report.subject.commit),
            base_branch: self.base_branch.clone().or_else(|| Some(report.subject.base.clone())),
            event: self.event.clone().or_else(|| Some(report.subject.event.clone())),
            actor: Some(self.actor()),
            ..self.clone()
        }
    }

    /// The pipeline system.
    pub(super) fn ci(&self) -> Ci {
        Ci::named(&self.ci, &host::environment)
    }

    /// The folder that absolute paths are made relative to, or an empty text.
    pub(super) fn base_path(&self) -> String {
        self.base_path.clone().unwrap_or_else(|| self.ci().run(&host::environment).workspace)
    }

    /// Branch, base and event, as given or as the pipeline tells them.
    pub(super) fn chosen(&self) -> Chosen {
        let Subject { branch, base, event, .. } = self.subject();
        Chosen { branch, base, event, ..Chosen::default() }
    }

    /// What is judged.
    pub(super) fn subject(&self) -> Subject {
        let told = self.ci().run(&host::environment).subject;
        Subject {
            branch: self.branch.clone().unwrap_or(told.branch),
            base: self.base_branch.clone().unwrap_or(told.base),
            commit: self.commit.clone().unwrap_or(told.commit),
            event: self.event.clone().unwrap_or(told.event),
            ..told
        }
    }

    /// The moment as of which is judged, RFC 3339 in UTC.
    pub(super) fn timestamp(&self) -> Result<String, Failure> {
        match &self.as_of {
            None => Ok(host::now()),
            Some(text) => host::parse_time(text).map_err(|message| Failure::Usage {
                message,
                help: "write it as 2026-01-31T12:00:00Z".to_owned(),
            }),
        }
    }

    /// The context of a decision under a policy, with remarks on what could not be found out.
    pub(super) fn context(&self, policy: &Policy) -> Result<(Context, Vec<Diagnostic>), Failure> {
        let Chosen { branch, base, event, .. } = self.chosen();
        let (changes, remarks) = self.changes(policy, &base)?;
        let as_of = self.timestamp()?.parse().unwrap_or_default();
        let skips = self.skips(policy)?;
        let force = self
            .force
            .then(|| Force { actor: self.actor(), reason: self.reason.clone().unwrap_or_default() });
        let baseline = self.baseline();
        Ok((Context { as_of, branch, base, event, changes, baseline, skips, force }, remarks))
    }

    fn actor(&self) -> String {
        self.actor.clone().unwrap_or_else(|| self.ci().run(&host::environment).actor)
    }

    fn baseline(&self) -> Baseline {
        let Some(path) = &self.baseline else {
            return if self.first_run { Baseline::FirstRun } else { Baseline::NotGiven };
        };
        let name = path.to_string_lossy().into_owned();
        match read_report(path) {
            Ok(report) if report.error.is_some() => {
                Baseline::Unusable(name, "that run could not judge".to_owned())
            }
            Ok(report) => Baseline::Given(name, Box::new(report)),
            Err(Failure::Usage { message, .. } | Failure::Internal { message, .. }) => {
                Baseline::Unusable(name, message)
            }
        }
    }

    /// What the change touches: from a diff, from git, or not known.
    fn changes(&self, policy: &Policy, base: &str) -> Result<(Option<Changes>, Vec<Diagnostic>), Failure> {
        if let Some(path) = &self.diff {
            let usage = |message| Failure::Usage {
                message,
                help: "give the output of `git diff --unified=0 BASE...HEAD`".to_owned(),
            };
            let text = host::read_text(path, MAX_DIFF).map_err(usage)?;
            let read = Changes::parse(&text);
            return Ok((
                Some(read.map_err(|why| usage(format!("{} is no diff: {why}", shown(path))))?),
                Vec::new(),
            ));
        }
        let guessed = || (!base.is_empty() && needs_changes(policy)).then(|| format!("origin/{base}"));
        let Some(base) = self.base.clone().or_else(guessed) else { return Ok((None, Vec::new())) };
        let diff = host::git_diff(&base).and_then(|text| Changes::parse(&text));
        match diff {
            Ok(changes) => Ok((Some(changes), Vec::new())),
            Err(message) if self.base.is_some() => Err(Failure::Usage {
                message,
                help: "fetch enough of the history, or give the change with --diff".to_owned(),
            }),
            Err(message) => {
                let remark = Diagnostic::warning(
                    "changes.unknown",
                    format!("what the change touches is not known: {message}"),
                );
                Ok((None, vec![remark.help("fetch enough of the history, or give the change with --diff")]))
            }
        }
    }

    fn skips(&self, policy: &Policy) -> Result<Vec<Skip>, Failure> {
        let skip = |id: &String| {
            let refused = |message: String, help: &str| Failure::Usage { message, help: help.to_owned() };
            let category = policy.categories.iter().find(|c| c.id == *id).ok_or_else(|| {
                let known: Vec<&str> = policy.categories.iter().map(|c| c.id.as_str()).collect();
                refused(
                    format!("the policy has no category `{id}`"),
                    &format!("its categories are {}", known.join(", ")),
                )
            })?;
            if category.blocking || category.criteria.iter().any(|c| c.blocking && !c.advisory) {
                return Err(refused(
                    format!("`{id}` blocks a deploy, and what blocks cannot be skipped"),
                    "force the deploy with --force if it cannot wait, or change the policy",
                ));
            }
            let reason = self.reason.clone().unwrap_or_default();
            if reason.trim().is_empty() {
                return Err(refused("--skip needs a reason".to_owned(), "say why with --reason"));
            }
            Ok(Skip { category: id.clone(), reason, actor: self.actor() })
        };
        self.skip.iter().map(skip).collect()
    }
}

/// True where a policy asks what the change touches.
fn needs_changes(policy: &Policy) -> bool {
    policy.categories.iter().any(|c| {
        let criteria = c.criteria.iter();
        !c.applies_when.changed.is_empty()
            || criteria.into_iter().any(|k| k.scope == Scope::Changed || !k.applies_when.changed.is_empty())
    })
}
