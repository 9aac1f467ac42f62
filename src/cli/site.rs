//! `shipworthy site`: a folder of static pages with the reports of many runs.

use super::console::{Console, say};
use super::templates::{TemplateArgs, unrendered};
use super::{Exit, Failure, Outcome, read_report};
use crate::render::hostile::Hostile;
use crate::render::{SHEETS, SiteRun, site};
use crate::{emit, host};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// What a site keeps beside each report.
const RUN_FILE: &str = "run.json";
/// Bytes of that, and of a file that is copied.
const MAX_RUN: u64 = 1 << 20;
const MAX_FILE: u64 = 1 << 30;
/// What is copied of a report's folder.
const FILES: [&str; 6] =
    ["report.html", "report.md", "report.yaml", "badge.svg", "badge.json", "report.json"];

/// Add a report to a site of static pages, with an index over branches and pull requests
///
/// The site is a folder for any web server or Pages host; it works below a sub-path and from the disk.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of the site; it is made where it is not there
    site: PathBuf,
    /// Folder of the report to add, as `shipworthy gate` wrote it; without it only the index is written anew
    #[arg(long, value_name = "DIR", requires = "name")]
    add: Option<PathBuf>,
    /// What the report is about, such as `main` or `pr/7`
    #[arg(long = "as", id = "name", value_name = "NAME")]
    name: Option<String>,
    /// Reports that are kept of each name; older ones are taken away
    #[arg(long, value_name = "N", default_value_t = 20)]
    keep: usize,
    /// Title of the index
    #[arg(long, value_name = "TEXT", default_value = "Reports")]
    title: String,
    #[command(flatten)]
    templates: TemplateArgs,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let templates = args.templates.load()?;
    emit::create_folder(&args.site).map_err(unwritable)?;
    if let (Some(folder), Some(name)) = (&args.add, &args.name) {
        let added = add(&args.site, folder, name)?;
        say!(console, "added {} as {}", Hostile(name), Hostile(&added))?;
    }
    let mut runs = runs(&args.site)?;
    for old in prune(&mut runs, args.keep.max(1)) {
        emit::remove_folder(&args.site.join(&old.folder)).map_err(unwritable)?;
        say!(console, "took away {}", Hostile(&old.folder))?;
    }
    let page =
        site(&args.title, &runs, &templates).map_err(|error| unrendered("the index", &templates, &error))?;
    emit::write(&args.site.join("index.html"), page.as_bytes()).map_err(unwritable)?;
    let index = args.site.join("index.html");
    say!(console, "{} reports in {}", runs.len(), Hostile(&index.to_string_lossy()))?;
    Ok(Exit::Deploy)
}

fn unwritable(message: String) -> Failure {
    Failure::Usage { message, help: "give a folder for the site that can be written to".to_owned() }
}

fn unreadable(message: String) -> Failure {
    Failure::Usage { message, help: "give the folder that `shipworthy gate` wrote".to_owned() }
}

/// Copies a report into the site and answers its folder there.
fn add(root: &Path, folder: &Path, name: &str) -> Result<String, Failure> {
    let report = read_report(&folder.join("report.json"))?;
    let moment: String = report.timestamp.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    let commit: String = report.subject.commit.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    let run = if commit.is_empty() { moment } else { format!("{moment}-{commit}") };
    let place = format!("{}/{run}", slug(name));
    let target = root.join(&place);
    emit::create_folder(&target).map_err(unwritable)?;
    // The folder may be anybody's artifact: a link in it must not publish what it leads to.
    let own = host::Roots::only(folder);
    for file in FILES.into_iter().filter(|file| host::is_file(&folder.join(file))) {
        let content = own.read(&folder.join(file), MAX_FILE).map_err(unreadable)?;
        emit::write(&target.join(file), content.as_bytes()).map_err(unwritable)?;
    }
    let sheets = folder.join(SHEETS);
    if sheets.is_dir() {
        emit::create_folder(&target.join(SHEETS)).map_err(unwritable)?;
        let files = host::files_below(&sheets).map_err(unwritable)?;
        for (name, path) in files.iter().filter(|(name, _)| name.ends_with(".html") && !name.contains('/')) {
            let content = own.read(path, MAX_FILE).map_err(unreadable)?;
            emit::write(&target.join(SHEETS).join(name), content.as_bytes()).map_err(unwritable)?;
        }
    }
    let kept = serde_json::to_vec_pretty(&SiteRun::of(&report, name, &place)).unwrap_or_default();
    emit::write(&target.join(RUN_FILE), &kept).map_err(unwritable)?;
    Ok(place)
}

/// A folder's name that is safe in every file system and address, and another one for every name: what had to be
/// changed is told apart by a hash, behind a dot that no name keeps.
fn slug(name: &str) -> String {
    let safe: String =
        name.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c.to_ascii_lowercase() } else { '-' }
            })
            .take(60)
            .collect();
    let safe = safe.trim_matches('-');
    if safe == name {
        format!("at-{safe}")
    } else {
        let digest =
            Sha256::digest(name).iter().take(8).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("at-{safe}.{digest}")
    }
}

/// Every report of the site. What is no report of ours is left alone.
fn runs(root: &Path) -> Result<Vec<SiteRun>, Failure> {
    let mut runs = Vec::new();
    for folder in host::folders(root).map_err(unwritable)? {
        for run in host::folders(&root.join(&folder)).map_err(unwritable)? {
            let Ok(text) = host::read_text(&root.join(&folder).join(&run).join(RUN_FILE), MAX_RUN) else {
                continue;
            };
            let read: Result<SiteRun, _> = serde_json::from_str(&text);
            // The folder is where it was found, whatever the file says: nothing else may ever be taken away.
            runs.extend(read.ok().map(|kept| SiteRun { folder: format!("{folder}/{run}"), ..kept }));
        }
    }
    runs.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(runs)
}

/// Takes out of the list what is beyond the newest of each name.
fn prune(runs: &mut Vec<SiteRun>, keep: usize) -> Vec<SiteRun> {
    let newer = |a: &SiteRun, b: &SiteRun| a.name == b.name && (&a.time, &a.folder) > (&b.time, &b.folder);
    let all = runs.clone();
    let (old, kept): (Vec<_>, Vec<_>) =
        all.iter().cloned().partition(|run| all.iter().filter(|r| newer(r, run)).count() >= keep);
    *runs = kept;
    old
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_folder_of_its_own_that_leads_nowhere_else() {
        let names = [
            "main",
            "Main",
            "feature/a",
            "feature-a",
            "../../etc",
            "..",
            "pr/7",
            "pr-7",
            "ä",
            "a b",
            "CON",
            "",
        ];
        let mut names: Vec<String> = names.map(str::to_owned).into();
        // A branch that goes by the folder of another name.
        names.extend(names.clone().iter().map(|n| slug(n).trim_start_matches("at-").to_owned()));
        names.sort();
        names.dedup();
        let mut slugs: Vec<String> = names.iter().map(|n| slug(n)).collect();
        for slug in &slugs {
            assert!(
                slug.starts_with("at-")
                    && slug.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                    && !slug.contains(".."),
                "{slug}"
            );
        }
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), names.len());
    }
}
