//! Where the policy of a command comes from: a file, a preset, a usual place, or another commit.

use super::Failure;
use crate::host;
use crate::policy::diff::{Strictness, diff};
use crate::policy::{self, Chosen, Loaded, Mistakes, Owners, OwnersSource, Policy, USUAL_PLACES};
use crate::report;
use std::path::Path;

/// Which policy, and which profile of it.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PolicyArgs {
    /// Policy file, or `preset:NAME`; by default shipworthy.yml here or in .github, and where there is none what is found is judged
    #[arg(long, value_name = "FILE|preset:NAME")]
    pub(super) policy: Option<String>,
    /// Profile of the policy, such as `staging`; by default that of `SHIPWORTHY_PROFILE`, or the first whose rule fits
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Set a value of the policy for once, such as `deploy_at=90` or `categories/unit_tests/weight=20%`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Read policy and waivers from this commit, branch or tag, and show how those of the working folder differ
    #[arg(long, value_name = "REF")]
    pub(super) policy_ref: Option<String>,
}

/// A policy with where it came from.
pub(super) struct Sourced {
    pub(super) policy: Policy,
    pub(super) digest: String,
    pub(super) files: Vec<report::PolicyFile>,
    pub(super) changes: Vec<report::PolicyChange>,
}

impl PolicyArgs {
    /// The policy that is named or found; the automatic one where there is none.
    pub(super) fn load(&self, chosen: &Chosen) -> Result<Sourced, Failure> {
        let chosen = self.chosen(chosen);
        let Some(git_ref) = &self.policy_ref else {
            let name = self.policy.clone().or_else(|| usual(&|path| host::is_file(Path::new(path))));
            let files = Files::of(name.as_deref());
            return self.read(name.as_deref(), &|path| files.read(path), &chosen);
        };
        let read = |path: &str| host::git_show(git_ref, path);
        let name = self.policy.clone().or_else(|| usual(&|path| read(path).is_ok()));
        let Some(name) = name else {
            return Err(Failure::Usage {
                message: format!("{git_ref} has no policy at any of {}", USUAL_PLACES.join(", ")),
                help: "name it with --policy, or leave --policy-ref out".to_owned(),
            });
        };
        let base = self.read(Some(&name), &read, &chosen)?;
        let files = Files::of(Some(&name));
        let changes = match load_checked(&name, &|path| files.read(path), &chosen) {
            Ok((_, head)) => diff(&base.policy, &head).into_iter().map(change).collect(),
            // Whoever proposes the change names files in it: nothing of what a mistake quotes is theirs to publish.
            Err(_) => vec![report::PolicyChange {
                subject: name,
                strictness: report::Strictness::Other,
                text: "the one in the working folder has a mistake: `shipworthy policy check` shows it"
                    .to_owned(),
            }],
        };
        Ok(Sourced { changes, ..base })
    }

    /// The name of the policy that is meant: as given, else at one of the usual places.
    pub(super) fn find(named: Option<&str>) -> Result<String, Failure> {
        let found = named.map(str::to_owned).or_else(|| usual(&|path| host::is_file(Path::new(path))));
        found.ok_or_else(|| Failure::Usage {
            message: format!("there is no policy at any of {}", USUAL_PLACES.join(", ")),
            help: "name it, or write one with `shipworthy init`".to_owned(),
        })
    }

    fn chosen(&self, known: &Chosen) -> Chosen {
        let by_variable = host::environment("SHIPWORTHY_PROFILE");
        let (name, reason) = match &self.profile {
            Some(name) => (name.clone(), "--profile".to_owned()),
            None if !by_variable.is_empty() => (by_variable, "SHIPWORTHY_PROFILE".to_owned()),
            None => (String::new(), String::new()),
        };
        Chosen { name, reason, set: self.set.clone(), ..known.clone() }
    }

    fn read(
        &self,
        name: Option<&str>,
        read: &policy::Reader<'_>,
        chosen: &Chosen,
    ) -> Result<Sourced, Failure> {
        let Some(name) = name.filter(|n| *n != "preset:automatic") else {
            if let Some(option) =
                [self.profile.as_ref().map(|_| "--profile"), self.set.first().map(|_| "--set")]
                    .into_iter()
                    .flatten()
                    .next()
            {
                return Err(Failure::Usage {
                    message: format!(
                        "there is no policy for {option} to change: the automatic policy judges"
                    ),
                    help: "name the policy with --policy, or write one with `shipworthy init`".to_owned(),
                });
            }
            let policy = Policy::automatic()?;
            let (loaded, _) = load_checked("preset:seven-stage", read, &Chosen::default())?;
            return Ok(Sourced { policy, digest: loaded.digest(), files: Vec::new(), changes: Vec::new() });
        };
        let (loaded, policy) = load_checked(name, read, chosen)?;
        let file =
            |f: &policy::PolicyFile| report::PolicyFile { path: f.path.clone(), sha256: f.sha256.clone() };
        Ok(Sourced {
            policy,
            digest: loaded.digest(),
            files: loaded.files.iter().map(file).collect(),
            changes: Vec::new(),
        })
    }
}

/// Bytes of a file that a policy is read from, or that it names.
pub(super) const MAX_POLICY: u64 = 1 << 20;

/// The files that a policy may be read from: those of the repository, and those beside a policy that is named elsewhere.
#[derive(Debug, Default)]
pub(super) struct Files(host::Roots);

impl Files {
    /// The files around a policy of this name.
    pub(super) fn of(name: Option<&str>) -> Self {
        Self::and_of(Self(host::Roots::of_repository()), name)
    }

    /// The same and those around another one.
    pub(super) fn and_of(self, name: Option<&str>) -> Self {
        let folder =
            name.filter(|name| !name.starts_with("preset:")).and_then(|name| Path::new(name).parent());
        Self(folder.into_iter().fold(self.0, host::Roots::and))
    }

    /// Reads one.
    pub(super) fn read(&self, path: &str) -> Result<String, String> {
        self.0.read(Path::new(path), MAX_POLICY)
    }
}

fn usual(there: &dyn Fn(&str) -> bool) -> Option<String> {
    USUAL_PLACES.into_iter().find(|path| there(path)).map(str::to_owned)
}

pub(super) fn load_checked(
    name: &str,
    read: &policy::Reader<'_>,
    chosen: &Chosen,
) -> Result<(Loaded, Policy), Mistakes> {
    let loaded = policy::load(name, read)?;
    let policy = loaded.policy(chosen)?;
    Ok((loaded, policy))
}

fn change(change: policy::diff::Change) -> report::PolicyChange {
    let strictness = match change.strictness {
        Strictness::Tighter => report::Strictness::Tighter,
        Strictness::Looser => report::Strictness::Looser,
        Strictness::Other => report::Strictness::Other,
    };
    report::PolicyChange { subject: change.subject, strictness, text: change.text }
}

impl From<Mistakes> for Failure {
    /// One mistake is an error with its help; of several each has its own.
    fn from(mistakes: Mistakes) -> Self {
        let last = mistakes.all().last().cloned();
        let earlier = mistakes.all().split_last().map_or(&[][..], |(_, earlier)| earlier);
        let message = earlier
            .iter()
            .map(|m| format!("{}\n  help: {}\nerror: ", m.message, m.help))
            .chain(last.iter().map(|m| m.message.clone()))
            .collect();
        Self::Usage { message, help: last.map(|m| m.help).unwrap_or_default() }
    }
}

/// The owners that a policy names.
pub(super) fn owners(policy: &Policy) -> Result<Owners, Failure> {
    match &policy.owners {
        OwnersSource::UsualPlaces => Ok(Owners::parse(&host::codeowners(MAX_POLICY))),
        OwnersSource::Map(rules) => Ok(Owners::of_rules(rules)),
        OwnersSource::File(path, origin) => {
            let text = Files::of(Some(&policy.name)).read(path).map_err(|message| Failure::Usage {
                message,
                help: format!("`owners:` at {origin} names a CODEOWNERS file"),
            })?;
            Ok(Owners::parse(&text))
        }
    }
}
