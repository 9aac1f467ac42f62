//! The pipeline that a run is part of: how it is told, what it says of the run, and what it wants back. Pure: the
//! environment is handed in, and what is to be written is handed out.
//!
//! Whatever stands in an artifact is untrusted here: a test's name must not become a command, an output or a mention.

pub mod annotations;
mod azure;
mod github;
mod source;

use crate::render::{Output, RenderError, Templates, render};
use crate::report::{Report, Subject};

/// Looks a variable of the environment up; empty where it is not set.
pub type Environment<'a> = dyn Fn(&str) -> String + 'a;

/// A pipeline system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// None that is known.
    None,
    /// GitHub Actions.
    GitHub,
    /// Gitea and Forgejo Actions, which take what GitHub takes.
    Gitea,
    /// GitLab CI.
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// Jenkins.
    Jenkins,
    /// `CircleCI`.
    CircleCi,
    /// Buildkite.
    Buildkite,
    /// Bitbucket Pipelines.
    Bitbucket,
}

/// How a system is told, and by which variables it says what it runs. Of several variables the first that is set counts.
struct Row {
    ci: Ci,
    name: &'static str,
    /// A variable that only this system sets.
    told_by: &'static str,
    repository: &'static [&'static str],
    commit: &'static [&'static str],
    git_ref: &'static [&'static str],
    branch: &'static [&'static str],
    base: &'static [&'static str],
    event: &'static [&'static str],
    actor: &'static [&'static str],
    run: &'static [&'static str],
    attempt: &'static [&'static str],
    job: &'static [&'static str],
    workspace: &'static [&'static str],
}

const GITHUB: Row = Row {
    ci: Ci::GitHub,
    name: "github",
    told_by: "GITHUB_ACTIONS",
    repository: &["GITHUB_REPOSITORY"],
    commit: &["GITHUB_SHA"],
    git_ref: &["GITHUB_REF"],
    branch: &["GITHUB_HEAD_REF", "GITHUB_REF_NAME"],
    base: &["GITHUB_BASE_REF"],
    event: &["GITHUB_EVENT_NAME"],
    actor: &["GITHUB_ACTOR"],
    run: &["GITHUB_RUN_ID"],
    attempt: &["GITHUB_RUN_ATTEMPT"],
    job: &["GITHUB_JOB"],
    workspace: &["GITHUB_WORKSPACE"],
};

/// The systems. Those that also set another's variable come before it.
const ROWS: [Row; 8] = [
    Row { ci: Ci::Gitea, name: "gitea", told_by: "GITEA_ACTIONS", ..GITHUB },
    GITHUB,
    Row {
        ci: Ci::GitLab,
        name: "gitlab",
        told_by: "GITLAB_CI",
        repository: &["CI_PROJECT_PATH"],
        commit: &["CI_COMMIT_SHA"],
        git_ref: &["CI_COMMIT_REF_NAME"],
        branch: &["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"],
        base: &["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"],
        event: &["CI_PIPELINE_SOURCE"],
        actor: &["GITLAB_USER_LOGIN"],
        run: &["CI_PIPELINE_ID"],
        attempt: &[],
        job: &["CI_JOB_NAME"],
        workspace: &["CI_PROJECT_DIR"],
    },
    Row {
        ci: Ci::Azure,
        name: "azure",
        told_by: "TF_BUILD",
        repository: &["BUILD_REPOSITORY_NAME"],
        commit: &["BUILD_SOURCEVERSION"],
        git_ref: &["BUILD_SOURCEBRANCH"],
        branch: &["SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCHNAME"],
        base: &["SYSTEM_PULLREQUEST_TARGETBRANCH"],
        event: &["BUILD_REASON"],
        actor: &["BUILD_REQUESTEDFOR"],
        run: &["BUILD_BUILDID"],
        attempt: &["SYSTEM_JOBATTEMPT"],
        job: &["AGENT_JOBNAME"],
        workspace: &["BUILD_SOURCESDIRECTORY"],
    },
    Row {
        ci: Ci::CircleCi,
        name: "circleci",
        told_by: "CIRCLECI",
        repository: &["CIRCLE_PROJECT_REPONAME"],
        commit: &["CIRCLE_SHA1"],
        git_ref: &["CIRCLE_BRANCH", "CIRCLE_TAG"],
        branch: &["CIRCLE_BRANCH"],
        base: &[],
        event: &[],
        actor: &["CIRCLE_USERNAME"],
        run: &["CIRCLE_WORKFLOW_ID"],
        attempt: &[],
        job: &["CIRCLE_JOB"],
        workspace: &["CIRCLE_WORKING_DIRECTORY"],
    },
    Row {
        ci: Ci::Buildkite,
        name: "buildkite",
        told_by: "BUILDKITE",
        repository: &["BUILDKITE_PIPELINE_SLUG"],
        commit: &["BUILDKITE_COMMIT"],
        git_ref: &["BUILDKITE_BRANCH"],
        branch: &["BUILDKITE_BRANCH"],
        base: &["BUILDKITE_PULL_REQUEST_BASE_BRANCH"],
        event: &["BUILDKITE_SOURCE"],
        actor: &["BUILDKITE_BUILD_CREATOR"],
        run: &["BUILDKITE_BUILD_ID"],
        attempt: &["BUILDKITE_RETRY_COUNT"],
        job: &["BUILDKITE_LABEL"],
        workspace: &["BUILDKITE_BUILD_CHECKOUT_PATH"],
    },
    Row {
        ci: Ci::Bitbucket,
        name: "bitbucket",
        told_by: "BITBUCKET_BUILD_NUMBER",
        repository: &["BITBUCKET_REPO_FULL_NAME"],
        commit: &["BITBUCKET_COMMIT"],
        git_ref: &["BITBUCKET_BRANCH", "BITBUCKET_TAG"],
        branch: &["BITBUCKET_BRANCH"],
        base: &["BITBUCKET_PR_DESTINATION_BRANCH"],
        event: &[],
        actor: &["BITBUCKET_STEP_TRIGGERER_UUID"],
        run: &["BITBUCKET_PIPELINE_UUID"],
        attempt: &["BITBUCKET_STEP_RUN_NUMBER"],
        job: &[],
        workspace: &["BITBUCKET_CLONE_DIR"],
    },
    Row {
        ci: Ci::Jenkins,
        name: "jenkins",
        told_by: "JENKINS_URL",
        repository: &["JOB_NAME"],
        commit: &["GIT_COMMIT"],
        git_ref: &["GIT_BRANCH", "BRANCH_NAME"],
        branch: &["CHANGE_BRANCH", "BRANCH_NAME"],
        base: &["CHANGE_TARGET"],
        event: &[],
        actor: &["CHANGE_AUTHOR"],
        run: &["BUILD_TAG"],
        attempt: &[],
        job: &["JOB_BASE_NAME"],
        workspace: &["WORKSPACE"],
    },
];

/// What a pipeline says of the run that it is in; empty where it does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// Repository, commit, refs and event.
    pub subject: Subject,
    /// Who started it.
    pub actor: String,
    /// Id of the run.
    pub id: String,
    /// Attempt of the run, from 1.
    pub attempt: String,
    /// Id or name of the job.
    pub job: String,
    /// Folder of the checkout.
    pub workspace: String,
}

impl Ci {
    /// Names for the command line.
    pub const NAMES: [&'static str; 10] = [
        "auto",
        "none",
        "github",
        "gitea",
        "gitlab",
        "azure",
        "jenkins",
        "circleci",
        "buildkite",
        "bitbucket",
    ];

    /// The system of a name, or the one that the environment tells for `auto`.
    #[must_use]
    pub fn named(name: &str, environment: &Environment<'_>) -> Self {
        let told = |row: &&Row| !environment(row.told_by).is_empty();
        let row = if name == "auto" { ROWS.iter().find(told) } else { ROWS.iter().find(|r| r.name == name) };
        row.map_or(Self::None, |row| row.ci)
    }

    /// What the environment says of the run.
    #[must_use]
    pub fn run(self, environment: &Environment<'_>) -> Run {
        let Some(row) = ROWS.iter().find(|r| r.ci == self) else { return Run::default() };
        let first =
            |names: &[&str]| names.iter().map(|n| environment(n)).find(|v| !v.is_empty()).unwrap_or_default();
        let branch = |names: &[&str]| {
            let name = first(names);
            name.strip_prefix("refs/heads/").map_or(name.clone(), str::to_owned)
        };
        Run {
            subject: Subject {
                repository: first(row.repository),
                commit: first(row.commit),
                git_ref: first(row.git_ref),
                branch: branch(row.branch),
                base: branch(row.base),
                event: first(row.event),
            },
            actor: first(row.actor),
            id: first(row.run),
            attempt: first(row.attempt),
            job: first(row.job),
            workspace: first(row.workspace),
        }
    }
}

impl Ci {
    /// Where the report in a folder will be found once the job's artifacts are stored; empty where that is not known.
    #[must_use]
    pub fn report_url(self, environment: &Environment<'_>, folder: &str) -> String {
        let job = environment("CI_JOB_URL");
        let inside = !folder.starts_with('/') && !folder.contains("..");
        if self == Self::GitLab && !job.is_empty() && inside {
            format!("{job}/artifacts/file/{}/report.html", folder.trim_end_matches('/'))
        } else {
            String::new()
        }
    }
}

/// A file that was written, by its output and path.
pub type Written<'a> = (Output, &'a str);

/// Commands of a pipeline's log reader. Only the modules of the systems make them, with every text in them encoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Commands(String);

impl Commands {
    /// As they are printed, a line each.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a pipeline wants of a report.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// For standard output, behind everything that people read.
    pub commands: Commands,
    /// Variables that name files, and what is to be put behind what stands in them.
    pub appended: Vec<(&'static str, Vec<u8>)>,
}

/// What is told, and how much.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Annotations of each type at most.
    pub annotations: usize,
    /// The summary of the job.
    pub summary: bool,
    /// In which templates.
    pub templates: &'a Templates,
}

impl Ci {
    /// Commands, outputs and the summary for a report.
    ///
    /// # Errors
    /// [`RenderError`], as [`render`] gives it.
    pub fn tell(
        self,
        report: &Report,
        written: &[Written<'_>],
        wanted: Wanted<'_>,
        environment: &Environment<'_>,
    ) -> Result<Told, RenderError> {
        match self {
            Self::GitHub | Self::Gitea => {
                let notes = annotations::of(report, wanted.annotations, &environment("GITHUB_WORKSPACE"));
                let mut appended =
                    vec![("GITHUB_OUTPUT", github::outputs(report, written, wanted.templates)?.into_bytes())];
                if wanted.summary {
                    appended
                        .push(("GITHUB_STEP_SUMMARY", render(Output::Markdown, report, wanted.templates)?));
                }
                Ok(Told { commands: Commands(github::commands(&notes)), appended })
            }
            Self::Azure => {
                let notes =
                    annotations::of(report, wanted.annotations, &environment("BUILD_SOURCESDIRECTORY"));
                Ok(Told {
                    commands: Commands(azure::commands(report, &notes, written, wanted.summary)),
                    appended: Vec::new(),
                })
            }
            _ => Ok(Told::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_told_by_its_variable_and_says_what_it_runs() {
        let github = |name: &str| match name {
            "GITHUB_ACTIONS" => "true".to_owned(),
            "GITHUB_REF_NAME" => "7/merge".to_owned(),
            "GITHUB_HEAD_REF" => "feature".to_owned(),
            "GITHUB_SHA" => "abc".to_owned(),
            _ => String::new(),
        };
        let ci = Ci::named("auto", &github);
        assert_eq!(ci, Ci::GitHub);
        assert_eq!(
            (ci.run(&github).subject.branch.as_str(), ci.run(&github).subject.commit.as_str()),
            ("feature", "abc")
        );
        let gitea = |name: &str| if name.ends_with("_ACTIONS") { "true".to_owned() } else { String::new() };
        assert_eq!(Ci::named("auto", &gitea), Ci::Gitea);
        assert_eq!(Ci::named("auto", &|_: &str| String::new()), Ci::None);
        assert_eq!(Ci::named("none", &github), Ci::None);
        let azure = |name: &str| {
            if name == "SYSTEM_PULLREQUEST_TARGETBRANCH" {
                "refs/heads/main".to_owned()
            } else {
                String::new()
            }
        };
        assert_eq!(Ci::named("azure", &azure).run(&azure).subject.base, "main");
    }

    #[test]
    fn every_name_is_a_system() {
        for name in Ci::NAMES.into_iter().skip(2) {
            assert_ne!(Ci::named(name, &|_: &str| String::new()), Ci::None, "{name}");
        }
    }
}
