//! The template engine: what templates can call, how their output is escaped, how long they may run.

use super::{RenderError, escape, permalink, prose, words};
use crate::evidence::State as EvidenceState;
use crate::evidence::text::{head_and_tail, shorten};
use crate::report::{
    AttestationRow, ContractRow, CoverageFile, Criterion, LoadRequests, Part, Report, Span, WaiverRow,
};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use std::collections::BTreeMap;

/// Every part of the reports: templates by the names that others include them by, style sheets and scripts.
const TEMPLATES: &[(&str, &str)] = &[
    ("report.html", include_str!("../../templates/report.html")),
    ("html/macros.html", include_str!("../../templates/html/macros.html")),
    ("html/rows.html", include_str!("../../templates/html/rows.html")),
    ("rows.html", include_str!("../../templates/rows.html")),
    ("html/head.html", include_str!("../../templates/html/head.html")),
    ("html/icons.html", include_str!("../../templates/html/icons.html")),
    ("html/verdict.html", include_str!("../../templates/html/verdict.html")),
    ("html/contents.html", include_str!("../../templates/html/contents.html")),
    ("html/overview.html", include_str!("../../templates/html/overview.html")),
    ("html/categories.html", include_str!("../../templates/html/categories.html")),
    ("html/failure.html", include_str!("../../templates/html/failure.html")),
    ("html/policy.html", include_str!("../../templates/html/policy.html")),
    ("html/waivers.html", include_str!("../../templates/html/waivers.html")),
    ("html/components.html", include_str!("../../templates/html/components.html")),
    ("html/baseline.html", include_str!("../../templates/html/baseline.html")),
    ("html/history.html", include_str!("../../templates/html/history.html")),
    ("html/tests.html", include_str!("../../templates/html/tests.html")),
    ("html/files.html", include_str!("../../templates/html/files.html")),
    ("html/folders.html", include_str!("../../templates/html/folders.html")),
    ("html/sources.html", include_str!("../../templates/html/sources.html")),
    ("html/coverage.html", include_str!("../../templates/html/coverage.html")),
    ("html/triage.html", include_str!("../../templates/html/triage.html")),
    ("html/findings.html", include_str!("../../templates/html/findings.html")),
    ("html/web.html", include_str!("../../templates/html/web.html")),
    ("html/load.html", include_str!("../../templates/html/load.html")),
    ("html/pages.html", include_str!("../../templates/html/pages.html")),
    ("html/evidence.html", include_str!("../../templates/html/evidence.html")),
    ("report.md", include_str!("../../templates/report.md")),
    ("site.html", include_str!("../../templates/site.html")),
    ("report.css", include_str!("../../templates/report.css")),
    ("site.css", include_str!("../../templates/site.css")),
    ("rows.js", include_str!("../../templates/rows.js")),
    ("lists.js", include_str!("../../templates/lists.js")),
    ("report.js", include_str!("../../templates/report.js")),
];

/// Steps that a page may take by itself, and for each record of the report.
const FUEL_BASE: u64 = 1_000_000;
const FUEL_RECORD: u64 = 5_000;

/// A team's own file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// No part of the reports has this name.
    #[error("no template is called {0}")]
    Unknown(String),
    /// It cannot be compiled.
    #[error("the template {name} cannot be read: {source}")]
    Broken {
        /// Its name.
        name: String,
        /// What the engine says, with the line.
        #[source]
        source: Error,
    },
}

/// The templates, style sheets and scripts of the reports: those of this program, some replaced by a team's own.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    own: BTreeMap<String, String>,
}

impl Templates {
    /// The names of all parts, such as `html/tests.html`.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TEMPLATES.iter().map(|(name, _)| *name)
    }

    /// A team's own parts by their names; all others stay what they are.
    ///
    /// # Errors
    /// [`TemplateError`], where a name is not known or a template cannot be compiled.
    pub fn with(own: BTreeMap<String, String>) -> Result<Self, TemplateError> {
        if let Some(name) = own.keys().find(|name| !Self::names().any(|n| n == *name)) {
            return Err(TemplateError::Unknown(name.clone()));
        }
        let templates = Self { own };
        for (name, source) in &templates.own {
            let broken = |source| TemplateError::Broken { name: name.clone(), source };
            if is_template(name) {
                settings().and_then(|mut env| env.add_template(name, source)).map_err(broken)?;
            }
        }
        Ok(templates)
    }

    /// True where nothing is replaced.
    #[must_use]
    pub fn are_built_in(&self) -> bool {
        self.own.is_empty()
    }

    /// The text of a part; empty where there is none of this name.
    #[must_use]
    pub fn source(&self, name: &str) -> &str {
        let built_in = || TEMPLATES.iter().find(|(n, _)| *n == name).map(|(_, source)| *source);
        self.own.get(name).map(String::as_str).or_else(built_in).unwrap_or_default()
    }

    /// The style sheet of the report.
    pub(super) fn style(&self) -> String {
        self.source("report.css").to_owned()
    }

    /// The script of the report, as one.
    pub(super) fn script(&self) -> String {
        ["rows.js", "lists.js", "report.js"].map(|name| self.source(name)).concat()
    }

    /// Renders one template.
    pub(super) fn render(
        &self,
        name: &'static str,
        report: &Report,
        context: Value,
    ) -> Result<String, RenderError> {
        self.run(name, &report.source_url, records(report), context)
    }

    /// Renders one template over so many records of a report.
    pub(super) fn render_rows(
        &self,
        name: &'static str,
        report: &Report,
        records: u64,
        context: Value,
    ) -> Result<String, RenderError> {
        self.run(name, &report.source_url, records, context)
    }

    /// Renders one template over so many records.
    pub(super) fn render_with(
        &self,
        name: &'static str,
        records: u64,
        context: Value,
    ) -> Result<String, RenderError> {
        self.run(name, "", records, context)
    }

    /// Renders one template, with links to the source at this address.
    fn run(
        &self,
        name: &'static str,
        source: &str,
        records: u64,
        context: Value,
    ) -> Result<String, RenderError> {
        let failed = |source| RenderError::Template { name, source };
        let mut env = self.environment().map_err(failed)?;
        let source = source.to_owned();
        env.add_filter("permalink", move |path: String, line: u64| {
            permalink::of(&source, &path, line).unwrap_or_default()
        });
        env.set_fuel(Some(FUEL_RECORD.saturating_mul(records).saturating_add(FUEL_BASE)));
        env.get_template(name).and_then(|template| template.render(context)).map_err(failed)
    }

    fn environment(&self) -> Result<Environment<'_>, Error> {
        let mut env = settings()?;
        for name in Self::names().filter(|name| is_template(name)) {
            env.add_template(name, self.source(name))?;
        }
        Ok(env)
    }
}

/// Style sheets and scripts are taken as they are.
fn is_template(name: &str) -> bool {
    [".html", ".md"].iter().any(|end| name.ends_with(end))
}

/// An environment without templates.
fn settings<'e>() -> Result<Environment<'e>, Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_auto_escape_callback(auto_escape);
    env.set_formatter(format);
    add_filters(&mut env);
    Ok(env)
}

/// Records that a template may walk over.
fn records(report: &Report) -> u64 {
    let tests = report.tests.as_ref().map_or(0, |t| {
        t.failures.len() + t.flaky.len() + t.quarantined.len() + t.skipped.len() + t.slowest.len()
    });
    let findings =
        report.findings.as_ref().map_or(0, |f| f.rules.len() + f.list.len() + f.suppressions.len());
    let lines = |file: &CoverageFile| file.excerpts.iter().map(|e| e.lines.len()).sum::<usize>();
    let coverage = report.coverage.as_ref().map_or(0, |c| c.files.iter().map(|f| 1 + lines(f)).sum());
    let pages: usize =
        report.pages.iter().map(|p| 1 + p.violations.len() + p.metrics.len() + p.scores.len()).sum();
    let load: usize = report
        .load
        .iter()
        .map(|run| {
            let points = |r: &LoadRequests| 1 + r.latency.len();
            let rows: usize = run.requests.iter().map(points).sum();
            points(&run.all) + rows + run.thresholds.len() + run.checks.len() + run.errors.len()
        })
        .sum();
    let evidence: usize = report.evidence.iter().map(|e| 1 + e.diagnostics.len()).sum();
    let decision = &report.decision;
    let criteria: usize = decision
        .categories
        .iter()
        .map(|c| 1 + c.criteria.iter().map(|k| 1 + k.evidence.len() + k.parts.len()).sum::<usize>())
        .sum();
    let analysis: usize =
        report.failures.iter().map(|f| 1 + f.issues.len() + f.manual_steps.len() + f.clusters.len()).sum();
    let reasons = decision.reasons.len() + decision.way_to_green.len() + report.diagnostics.len();
    let contract: usize = report.contract.iter().map(|r| 1 + r.evidence.len()).sum();
    let people = report.waivers.len() + report.attestations.len() + decision.skipped.len();
    let policy = report.policy.files.len() + report.policy.changes.len() + report.components.len();
    let gone = report.baseline.as_ref().map_or(0, |b| b.vanished_groups.len() + b.vanished_files.len());
    // Each run is a row of the table and a dot of every chart.
    let runs = report.history.len().saturating_mul(6);
    let found = tests + findings + coverage + pages + load + evidence;
    (found + criteria + analysis + reasons + contract + people + policy + gone + runs) as u64
}

fn auto_escape(name: &str) -> AutoEscape {
    match name.rsplit('.').next() {
        Some("md") => AutoEscape::Custom("markdown".into()),
        _ => AutoEscape::Html,
    }
}

/// Writes a value at the border: safe text as it is, all else escaped for the template's output. What is not
/// there cannot be printed, neither as nothing nor as the word `none`.
fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "a value that is not there is printed"));
    }
    let text = value.to_string();
    if value.is_safe() || value.is_number() {
        return out.write_str(&text).map_err(Error::from);
    }
    let escaped = match state.auto_escape() {
        AutoEscape::Custom(_) => escape::markdown(&text),
        _ => escape::html(&text),
    };
    out.write_str(&escaped).map_err(Error::from)
}

fn add_filters(env: &mut Environment<'_>) {
    env.add_filter("prose", |state: &State<'_, '_>, text: String| {
        Value::from_safe_string(match state.auto_escape() {
            AutoEscape::Custom(_) => prose::to_markdown(&text),
            _ => prose::to_html(&text),
        })
    });
    env.add_filter("ticks", |state: &State<'_, '_>, text: String| {
        Value::from_safe_string(match state.auto_escape() {
            AutoEscape::Custom(_) => prose::ticks_in_markdown(&text),
            _ => prose::ticks(&text),
        })
    });
    env.add_filter("code", |text: String| Value::from_safe_string(escape::markdown_code(&text)));
    env.add_filter("fence", |text: String| Value::from_safe_string(escape::markdown_fence(&text)));
    env.add_filter("shorten", |text: String, max: usize| shorten(&text, max));
    env.add_filter("excerpt", |text: String, max: usize| head_and_tail(&text, max));
    env.add_filter("place", |path: String, line: u32| match line {
        0 => path,
        line => format!("{path}:{line}"),
    });
    env.add_filter("unbroken", |text: String| words::unbroken(&text));
    env.add_filter("minutes", words::minutes);
    env.add_filter("duration", words::duration);
    env.add_filter("size", words::size);
    env.add_filter("plural", |n: u64, one: String, many: String| words::plural(n, &one, &many));
    env.add_filter("span", |span: Serde<Span>| words::span(&span));
    env.add_filter("value_of", |criterion: Serde<Criterion>| words::value(&criterion));
    env.add_filter("target_of", |criterion: Serde<Criterion>| words::target(&criterion));
    env.add_filter("meaning", |state: Serde<EvidenceState>| state.meaning());
    env.add_filter("percent", words::percent);
    add_record_filters(env);
    env.add_test("link", |text: String| escape::is_link(&text));
}

/// Words for what stands on record: policy, waivers, statements, components.
fn add_record_filters(env: &mut Environment<'_>) {
    env.add_filter("notes", |criterion: Serde<Criterion>| words::notes(&criterion));
    env.add_filter("part_of", |part: Serde<Part>, unit: String| words::part(&part, &unit));
    env.add_filter("component", |name: String| words::component(&name).to_owned());
    env.add_filter("outcome", |row: Serde<ContractRow>| words::outcome(&row));
    env.add_filter("cell", |row: Serde<ContractRow>| words::cell(&row));
    env.add_filter("until", |row: Serde<WaiverRow>| words::until(&row));
    env.add_filter("effect", |row: Serde<WaiverRow>| words::effect(&row));
    env.add_filter("said", |row: Serde<AttestationRow>, max: usize| words::said(&row, max));
    env.add_filter("standing", |row: Serde<AttestationRow>| words::standing(&row));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn every_template_compiles_and_its_kind_is_escaped() {
        Templates::default().environment().unwrap();
        assert_eq!(auto_escape("report.md"), AutoEscape::Custom("markdown".into()));
        assert_eq!(auto_escape("a.svg"), AutoEscape::Html);
        assert_eq!(auto_escape("unknown"), AutoEscape::Html);
    }

    #[test]
    fn what_is_not_there_is_an_error_and_not_an_empty_place() {
        let mut env = settings().unwrap();
        for source in ["{{ missing }}", "{{ none }}", "{% if missing %}{% endif %}"] {
            env.add_template("t.html", source).unwrap();
            assert!(env.get_template("t.html").unwrap().render(Value::from(())).is_err(), "{source}");
        }
    }

    #[test]
    fn a_part_of_ones_own_replaces_the_built_in_one() {
        let own = |name: &str, source: &str| {
            Templates::with(BTreeMap::from([(name.to_owned(), source.to_owned())]))
        };
        let templates = own("html/verdict.html", "<h1>Ours: {{ answer.word }}</h1>").unwrap();
        let html = super::super::html::render(&sample::report(), &templates).unwrap();
        assert!(html.contains("<h1>Ours: Remediate</h1>") && html.contains("id=\"categories\""));
        let html = super::super::html::render(&sample::report(), &own("report.css", "p { {# }").unwrap());
        assert!(html.unwrap().contains("<style>p { {# }</style>"));
        let unknown = own("html/test.html", "").unwrap_err().to_string();
        assert_eq!(unknown, "no template is called html/test.html");
        let broken = own("report.html", "a\n{% if %}").unwrap_err().to_string();
        assert!(broken.contains("report.html") && broken.contains('2'), "{broken}");
        let wrong = own("report.html", "{{ nothing.of.that.name }}").unwrap();
        assert!(super::super::html::render(&sample::report(), &wrong).is_err());
    }

    #[test]
    fn a_template_that_never_ends_is_stopped() {
        let mut env = settings().unwrap();
        env.set_fuel(Some(FUEL_BASE));
        env.add_template(
            "t.html",
            "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
        )
        .unwrap();
        assert!(env.get_template("t.html").unwrap().render(Value::from(())).is_err());
    }

    #[test]
    fn the_fuel_is_enough_for_a_report_of_many_records() {
        let mut report = sample::report();
        if let Some(tests) = &mut report.tests {
            let row = tests.failures.first().cloned().unwrap();
            tests.failures = vec![row; 2_000];
        }
        assert!(super::super::html::render(&report, &Templates::default()).is_ok());
    }
}
