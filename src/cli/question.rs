//! From paths and options to a report: what `gate` answers and `verify` asks again.

use super::Failure;
use super::context::ContextArgs;
use super::history;
use super::source::{PolicyArgs, owners};
use crate::assemble::{Frame, assemble};
use crate::collect::collect;
use crate::decide::{assign, judge};
use crate::discover::{Limits, Request, discover};
use crate::evidence::Diagnostic;
use crate::producers::jobs::Jobs;
use crate::producers::records;
use crate::report::{PolicyChange, Report, Strictness};
use crate::{host, remedy};
use std::io::{IsTerminal as _, Write as _};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

/// Bytes of the results of jobs.
const MAX_JOBS: u64 = 16 << 20;

/// What is to be judged, and by what.
pub(super) struct Question<'a> {
    /// Files, folders and globs.
    pub(super) paths: &'a [PathBuf],
    /// The folder of the report, which is no evidence.
    pub(super) exclude: &'a Path,
    /// The policy.
    pub(super) policy: &'a PolicyArgs,
    /// The run.
    pub(super) context: &'a ContextArgs,
    /// Earlier reports, and folders of them.
    pub(super) history: &'a [PathBuf],
    /// Results of jobs, or `@` and a file.
    pub(super) jobs_result: Option<&'a str>,
    /// What is to be done once everything that an earlier run left is read, and before any evidence is.
    pub(super) begin: &'a dyn Fn() -> Result<(), Failure>,
}

impl Question<'_> {
    /// Reads, judges and reports.
    pub(super) fn report(&self) -> Result<Report, Failure> {
        let sourced = self.policy.load(&self.context.chosen())?;
        let policy = &sourced.policy;
        let owners = owners(policy)?;
        let (context, remarks) = self.context.context(policy)?;
        let (timestamp, subject) = (self.context.timestamp()?, self.context.subject());
        let present = history::Present { timestamp: &timestamp, commit: &subject.commit };
        let (earlier, unread) = history::read(self.history, &present);
        let frame = Frame {
            policy_ref: self.policy.policy_ref.clone().unwrap_or_default(),
            diagnostics: remarks.into_iter().chain(loosened(&sourced.changes)).chain(unread).collect(),
            timestamp,
            subject,
            policy_digest: sourced.digest,
            policy_files: sourced.files,
            policy_changes: sourced.changes,
        };
        let (paths, exclude) = (self.paths.to_vec(), vec![self.exclude.to_owned()]);
        let request = Request { paths, exclude, limits: Limits::default() };
        (self.begin)()?;
        let progress = Progress::start();
        let mut evidence = collect(discover(&request), &request.limits);
        progress.stop();
        evidence.make_relative(&self.context.base_path());
        if evidence.items.iter().any(|i| i.facts.run.is_some()) {
            let commit = frame.subject.commit.clone();
            let tree = if commit.is_empty() { String::new() } else { host::git_tree(&commit) };
            records::apply(&mut evidence, &records::Judged { commit, tree });
        }
        if let Some(jobs) = jobs(self.jobs_result)? {
            jobs.apply(&mut evidence, &|id| policy.optional_jobs.iter().any(|glob| glob.fits(id)));
        }
        assign(policy, &mut evidence, &context);
        // The process ends soon: what was read is not given back piece by piece.
        let evidence = ManuallyDrop::new(evidence);
        let judged = ManuallyDrop::new(judge(policy, &evidence, &context));
        let plan = remedy::plan(&judged, &owners);
        let url = self.context.ci().report_url(&host::environment, &self.exclude.to_string_lossy());
        Ok(Report { url, history: earlier, ..assemble(&judged, plan, &owners, frame) })
    }
}

/// The results of the jobs that the gate waited for.
fn jobs(given: Option<&str>) -> Result<Option<Jobs>, Failure> {
    let usage = |message| Failure::Usage { message, help: "give it `${{ toJSON(needs) }}`".to_owned() };
    let Some(given) = given else { return Ok(None) };
    let text = match given.strip_prefix('@') {
        Some(path) => host::read_text(Path::new(path), MAX_JOBS).map_err(usage)?,
        None => given.to_owned(),
    };
    Jobs::parse(&text).map(Some).map_err(usage)
}

/// A change that loosens the policy that judges it is no mistake, and everybody should see it.
fn loosened(changes: &[PolicyChange]) -> Option<Diagnostic> {
    let looser: Vec<String> = changes
        .iter()
        .filter(|c| c.strictness != Strictness::Tighter)
        .map(|c| format!("{}: {} ({})", c.subject, c.text, c.strictness.name()))
        .collect();
    (!looser.is_empty()).then(|| {
        let message =
            format!("the policy in the working folder is not the one that judged: {}", looser.join("; "));
        Diagnostic::warning("policy.loosened", message)
            .help("it takes effect once it is on the ref that the policy is read from")
    })
}

/// A line on a terminal while work lasts longer than a second.
struct Progress {
    done: std::sync::mpsc::Sender<()>,
    line: Option<std::thread::JoinHandle<()>>,
}

impl Progress {
    fn start() -> Self {
        let (done, waiting) = std::sync::mpsc::channel();
        let line = std::io::stderr().is_terminal().then(|| {
            let watching = std::thread::Builder::new();
            watching.spawn(move || {
                let second = std::time::Duration::from_secs(1);
                let mut seconds = 0_u32;
                while waiting.recv_timeout(second) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    seconds = seconds.saturating_add(1);
                    let _nobody_watches = write!(anstream::stderr(), "\rreading artifacts, {seconds} s");
                }
                if seconds > 0 {
                    let _nobody_watches = write!(anstream::stderr(), "\r{:30}\r", "");
                }
            })
        });
        // Without a thread for it nobody is told, and the work goes on.
        Self { done, line: line.and_then(Result::ok) }
    }

    fn stop(self) {
        drop(self.done);
        if let Some(line) = self.line {
            let _it_only_prints = line.join();
        }
    }
}
