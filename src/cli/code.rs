//! The judged source beside the decision: where it can be seen, and a part of it.

use super::Failure;
use super::context::ContextArgs;
use crate::assemble::excerpts;
use crate::evidence::text::shown;
use crate::host;
use crate::render::permalink;
use crate::report::Report;
use std::path::PathBuf;

/// Bytes of a source file that is read.
const MAX_SOURCE: u64 = 4 << 20;

/// Options about the source that the evidence speaks of. No decision depends on them.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CodeArgs {
    /// Address of a line of the source, with `{path}` and `{line}`; by default as the pipeline tells it
    ///
    /// Findings, tests and files of coverage link there. Such as
    /// `https://git.example/shop/src/commit/0123abcd/{path}#L{line}`.
    #[arg(long, value_name = "TEMPLATE")]
    source_url: Option<String>,
    /// Root of the checkout that was tested: the report shows the source around uncovered lines
    ///
    /// Whoever may see the report then sees that source. No decision depends on it.
    #[arg(long, value_name = "DIR")]
    sources: Option<PathBuf>,
}

impl CodeArgs {
    /// Refuses what cannot be used, before anything is read.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if let Some(folder) = self.sources.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(Failure::Usage {
                message: format!("{} is no folder with source", shown(folder)),
                help: "give --sources the root of the checkout that was tested".to_owned(),
            });
        }
        let Some(template) = &self.source_url else { return Ok(()) };
        permalink::fault(template).map_or(Ok(()), |fault| {
            Err(Failure::Usage {
                message: format!("`{template}` is no address of source: {fault}"),
                help: "write it as https://git.example/shop/blob/COMMIT/{path}#L{line}".to_owned(),
            })
        })
    }

    /// Adds to a report what it says of the source.
    pub(super) fn add_to(&self, report: &mut Report, context: &ContextArgs) {
        let told = || context.ci().source_url(&host::environment, &report.subject.commit);
        report.source_url = self.source_url.clone().unwrap_or_else(told);
        if let Some(folder) = &self.sources {
            excerpts::add(report, &mut |path| host::read_below(folder, path, MAX_SOURCE));
        }
    }
}
