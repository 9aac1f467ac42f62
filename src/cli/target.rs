//! Where the outputs of a report go. What an earlier run left there is taken away before anything can go wrong: no
//! older document ever answers for a run that did not come to an end.

use super::Failure;
use super::console::Console;
use super::templates::unrendered;
use crate::evidence::text::shown;
use crate::render::{Output, SHEETS, Templates, render, sheets};
use crate::report::Report;
use crate::{emit, host};
use std::io;
use std::path::Path;

/// Bytes of a document that are looked at to know whether it is one of ours.
const MAX_LOOK: u64 = 1 << 20;

/// Where the outputs go.
pub(super) enum Target<'a> {
    /// A folder, one file an output.
    Folder(&'a Path, Vec<Output>),
    /// A pipe or a device, which is written to and never replaced.
    Stream(&'a Path, Output),
    /// Standard output.
    Standard(Output),
}

impl<'a> Target<'a> {
    /// Decides by what `path` is. JSON is always among the files of a folder, and last: where it is, all others are.
    pub(super) fn of(path: &'a Path, names: &[String]) -> Result<Self, Failure> {
        let outputs = outputs(names)?;
        let standard = path.as_os_str() == "-";
        if !standard && !emit::is_stream(path) {
            return Ok(Self::folder(path, outputs));
        }
        match outputs.as_slice() {
            [only] if standard => Ok(Self::Standard(*only)),
            [only] => Ok(Self::Stream(path, *only)),
            _ => Err(Failure::Usage {
                message: format!("{} takes one output, not {}", shown(path), outputs.len()),
                help: "name one with --formats, such as --formats json".to_owned(),
            }),
        }
    }

    /// The target of a run that could not even say which outputs it makes: a folder has at least the report in it.
    pub(super) fn of_error(path: &'a Path) -> Option<Self> {
        let is_folder = path.as_os_str() != "-" && !emit::is_stream(path);
        is_folder.then(|| Self::folder(path, Vec::new()))
    }

    /// A folder with these outputs, and those that an earlier run left in it: they are written anew, so that all that
    /// lies there is of one run.
    fn folder(path: &'a Path, mut outputs: Vec<Output>) -> Self {
        let left: Vec<Output> = left(path).into_iter().filter(|o| !outputs.contains(o)).collect();
        outputs.extend(left);
        outputs.retain(|o| *o != Output::Json);
        outputs.push(Output::Json);
        Self::Folder(path, outputs)
    }

    /// True where standard output carries the report, and nothing else may stand in it.
    pub(super) const fn is_standard(&self) -> bool {
        matches!(self, Self::Standard(_))
    }

    /// The files that are written, by output.
    pub(super) fn written(&self) -> Vec<(Output, String)> {
        match self {
            Self::Folder(folder, outputs) => {
                let path = |o: Output| folder.join(o.file_name()).to_string_lossy().into_owned();
                outputs.iter().map(|o| (*o, path(*o))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes away what an earlier run left. A file of somebody else's that goes by the name of a document may be
    /// evidence, and is replaced when there is something to replace it by.
    pub(super) fn clear(&self) -> Result<(), Failure> {
        let Self::Folder(folder, _) = self else { return Ok(()) };
        if !folder.is_dir() {
            return Ok(());
        }
        let _alone = emit::lock(folder);
        take_away(folder, &left(folder))
    }

    /// Writes every output and answers the paths of the files.
    pub(super) fn write(
        &self,
        report: &Report,
        templates: &Templates,
        console: &mut Console<'_>,
    ) -> Result<Vec<String>, Failure> {
        match self {
            Self::Folder(folder, outputs) => {
                emit::create_folder(folder).map_err(unwritable)?;
                let _alone = emit::lock(folder);
                take_away(folder, outputs)?;
                let paths = outputs.iter().map(|output| {
                    let path = folder.join(output.file_name());
                    if *output == Output::Html {
                        write_sheets(folder, report, templates)?;
                    }
                    emit::write(&path, &rendered(*output, report, templates)?).map_err(unwritable)?;
                    Ok(path.to_string_lossy().into_owned())
                });
                paths.collect()
            }
            Self::Stream(path, output) => {
                let content = rendered(*output, report, templates)?;
                match emit::write_stream(path, &content) {
                    // A reader that has seen enough.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Vec::new()),
                    Err(error) => Err(unwritable(emit::unwritten(path, &error))),
                    Ok(()) => Ok(Vec::new()),
                }
            }
            Self::Standard(output) => {
                console.document(&rendered(*output, report, templates)?)?;
                Ok(Vec::new())
            }
        }
    }

    /// Writes the report of a run that could not judge to every place that it can, and leaves no other at the rest.
    pub(super) fn write_error(&self, report: &Report, console: &mut Console<'_>) {
        let built_in = Templates::default();
        let Self::Folder(folder, outputs) = self else {
            // The error itself is told on standard error.
            let _said_there = self.write(report, &built_in, console);
            return;
        };
        let _made_or_nothing_to_write_to = emit::create_folder(folder);
        let _alone = emit::lock(folder);
        for output in outputs {
            let path = folder.join(output.file_name());
            let _gone_or_out_of_reach = emit::discard(&path);
            if let Ok(content) = rendered(*output, report, &built_in) {
                let _gone_instead = emit::write(&path, &content);
            }
        }
    }
}

/// The documents of a folder that an earlier run wrote.
fn left(folder: &Path) -> Vec<Output> {
    let head = |output: Output| host::read_head(&folder.join(output.file_name()), MAX_LOOK);
    let is_ours = Output::Json.made(&head(Output::Json));
    let made = |output: &Output| {
        let content = head(*output);
        // A team's own templates may leave out what tells ours.
        let page = matches!(output, Output::Html | Output::Markdown) && is_ours && !content.is_empty();
        page || output.made(&content)
    };
    Output::ALL.into_iter().filter(made).collect()
}

/// Takes documents away, the report first: its presence says that all others are there.
fn take_away(folder: &Path, outputs: &[Output]) -> Result<(), Failure> {
    let mut paths = outputs.iter().rev().map(|output| folder.join(output.file_name()));
    paths.try_for_each(|path| emit::discard(&path)).map_err(unwritable)
}

/// The static pages of a large report. Those of an earlier run are taken away: a link must not lead into another run.
fn write_sheets(folder: &Path, report: &Report, templates: &Templates) -> Result<(), Failure> {
    let own = folder.join(SHEETS);
    if own.is_dir() {
        for (name, path) in host::files_below(&own).map_err(unwritable)? {
            if name.ends_with(".html") {
                emit::remove(&path).map_err(unwritable)?;
            }
        }
    }
    let pages = sheets(report, templates).map_err(|error| unrendered(SHEETS, templates, &error))?;
    if !pages.is_empty() {
        emit::create_folder(&own).map_err(unwritable)?;
    }
    for (path, content) in pages {
        emit::write(&folder.join(path), content.as_bytes()).map_err(unwritable)?;
    }
    Ok(())
}

fn unwritable(message: String) -> Failure {
    Failure::Usage { message, help: "give a folder that can be written to with --out".to_owned() }
}

fn rendered(output: Output, report: &Report, templates: &Templates) -> Result<Vec<u8>, Failure> {
    render(output, report, templates).map_err(|error| unrendered(output.file_name(), templates, &error))
}

/// The outputs by name, each once.
fn outputs(names: &[String]) -> Result<Vec<Output>, Failure> {
    let mut outputs = Vec::new();
    for name in names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()) {
        let output = Output::from_name(name).ok_or_else(|| Failure::Usage {
            message: format!("there is no output `{name}`"),
            help: format!("outputs are {}", Output::ALL.map(Output::name).join(", ")),
        })?;
        if !outputs.contains(&output) {
            outputs.push(output);
        }
    }
    Ok(outputs)
}
