//! Static pages for the rows that are packed in the page: for those whose browser may not run scripts.
//!
//! A sheet looks and links like the page: every address in it begins at `report.html`, one folder up.

use super::lists::{Entry, FileView, Lists};
use super::{Answer, Link, answer, links, scriptless_policy, words};
use crate::render::RenderError;
use crate::render::templates::Templates;
use crate::report::{EvidenceItem, Report};
use minijinja::value::{Serde, Value};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// The folder beside `report.html`.
pub(super) const FOLDER: &str = "report-rows";
/// Rows of a sheet, and sheets of a list; what is beyond them stands in `report.json`.
const ROWS: usize = 1_000;
const SHEETS: usize = 20;

/// One static page.
#[derive(Debug, Serialize)]
struct Sheet {
    /// `tests`, `findings`, `files` or `evidence`, as in the name of the file.
    kind: &'static str,
    title: &'static str,
    /// The part of `report.html` that the list belongs to.
    part: &'static str,
    number: usize,
    of: usize,
    first: usize,
    last: usize,
    all: usize,
    #[serde(skip)]
    rows: Value,
}

/// What the sheets of a report have in common.
#[derive(Debug, Serialize)]
struct Frame<'a> {
    answer: Answer,
    score: String,
    csp: String,
    titles: BTreeMap<&'a str, Link<'a>>,
    evidence: BTreeMap<&'a str, Link<'a>>,
    anchors: BTreeMap<&'a str, Link<'a>>,
}

/// The sheets of a report by their paths beside `report.html`; none where all rows stand in it.
pub(super) fn sheets(report: &Report, templates: &Templates) -> Result<Vec<(String, String)>, RenderError> {
    let evidence =
        links("evidence", report.evidence.iter().map(|e: &EvidenceItem| (e.id.as_str(), e.path.as_str())));
    let sheets = all(&Lists::of(report, &evidence));
    let style = templates.style();
    let frame = Frame {
        answer: answer(report),
        score: words::span(&report.decision.score),
        csp: scriptless_policy(&style),
        titles: links(
            "category",
            report.decision.categories.iter().map(|c| (c.id.as_str(), c.title.as_str())),
        ),
        evidence,
        anchors: links("waiver", report.waivers.iter().map(|w| (w.id.as_str(), w.id.as_str()))),
    };
    let frame = Value::from(Serde(frame));
    let style = Value::from_safe_string(style);
    let render = |sheet: Sheet| {
        let (name, rows) = (path(sheet.kind, sheet.number), sheet.rows.clone());
        let context = minijinja::context! { sheet => Value::from(Serde(sheet)), rows, style => style.clone(), ..frame.clone() };
        Ok((name, templates.render_rows("rows.html", report, ROWS as u64, context)?))
    };
    sheets.into_par_iter().map(render).collect()
}

fn path(kind: &str, number: usize) -> String {
    format!("{FOLDER}/{kind}-{number}.html")
}

fn all(lists: &Lists<'_>) -> Vec<Sheet> {
    let files: Vec<FileView<'_>> =
        lists.more_files.rows.iter().map(|entry| FileView::of(entry.row)).collect();
    let mut sheets = of("tests", "Failing tests", "tests", &lists.tests.more.rows);
    sheets.extend(of("findings", "Findings", "findings", &lists.findings.rows));
    sheets.extend(of("files", "Source files", "coverage", &files));
    sheets.extend(of::<Entry<'_, EvidenceItem>>(
        "evidence",
        "Evidence",
        "evidence",
        &lists.more_evidence.rows,
    ));
    sheets
}

fn of<T: Serialize>(kind: &'static str, title: &'static str, part: &'static str, rows: &[T]) -> Vec<Sheet> {
    let of = rows.len().div_ceil(ROWS).min(SHEETS);
    let sheet = |(at, chunk): (usize, &[T])| Sheet {
        kind,
        title,
        part,
        number: at.saturating_add(1),
        of,
        first: at.saturating_mul(ROWS).saturating_add(1),
        last: at.saturating_mul(ROWS).saturating_add(chunk.len()),
        all: rows.len(),
        rows: Value::from(Serde(chunk)),
    };
    rows.chunks(ROWS).enumerate().take(SHEETS).map(sheet).collect()
}
