//! `--templates DIR` and `shipworthy templates`: the report in a team's own form, part by part.

use super::console::{Console, say};
use super::{Exit, Failure, Outcome};
use crate::evidence::text::shown;
use crate::policy::nearest;
use crate::render::hostile::Hostile;
use crate::render::{RenderError, TemplateError, Templates};
use crate::{emit, host};
use std::path::PathBuf;

/// Bytes of a template.
const MAX_TEMPLATE: u64 = 1 << 20;

/// Where a team keeps its own parts.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct TemplateArgs {
    /// Folder with templates, styles or scripts of your own; each replaces the built-in one of its name
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

impl TemplateArgs {
    /// The templates, checked before anything else is done: a slip in one must not show after an hour of tests.
    pub(super) fn load(&self) -> Result<Templates, Failure> {
        let Some(folder) = &self.templates else { return Ok(Templates::default()) };
        let usage = |message| Failure::Usage {
            message,
            help: "`shipworthy templates DIR` writes all of them, to start from".to_owned(),
        };
        let mut own = std::collections::BTreeMap::new();
        let roots = host::Roots::of_repository().and(folder);
        for (name, path) in host::files_below(folder).map_err(usage)? {
            own.insert(name, roots.read(&path, MAX_TEMPLATE).map_err(usage)?);
        }
        Templates::with(own).map_err(|error| match &error {
            TemplateError::Unknown(name) => Failure::Usage {
                message: format!("{}: {error}", shown(folder)),
                help: match nearest(name, Templates::names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", Templates::names().collect::<Vec<_>>().join(", ")),
                },
            },
            _ => usage(format!("{}: {error}", shown(folder))),
        })
    }
}

/// What a failed rendering is: with templates of one's own a mistake in them, otherwise a bug.
pub(super) fn unrendered(what: &str, templates: &Templates, error: &RenderError) -> Failure {
    // An error in a template that another one includes is told last: it is the one that names the place.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let message = format!("{what} cannot be rendered: {cause}");
    if templates.are_built_in() {
        Failure::Internal { message, help: "please report it with report.json".to_owned() }
    } else {
        Failure::Usage { message, help: "look at the templates of --templates".to_owned() }
    }
}

/// Write the built-in templates, styles and scripts of the report, to start from
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write to; keep in it what you change, and give it with --templates
    folder: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    overwrite: bool,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let unwritable =
        |message| Failure::Usage { message, help: "give a folder that can be written to".to_owned() };
    let built_in = Templates::default();
    let paths: Vec<(&str, PathBuf)> = Templates::names().map(|name| (name, args.folder.join(name))).collect();
    if let Some((_, path)) = paths.iter().find(|(_, path)| !args.overwrite && host::is_file(path)) {
        return Err(Failure::Usage {
            message: format!("{} is there already", shown(path)),
            help: "give another folder, or --overwrite".to_owned(),
        });
    }
    for (name, path) in paths {
        emit::create_folder(path.parent().unwrap_or(&args.folder)).map_err(unwritable)?;
        emit::write(&path, built_in.source(name).as_bytes()).map_err(unwritable)?;
        say!(console, "{}", Hostile(&path.to_string_lossy()))?;
    }
    Ok(Exit::Deploy)
}
