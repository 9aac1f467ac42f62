//! Annotations: what deserves one of the few places that a pipeline shows beside the code. What blocks comes first,
//! and where there is more than places, the last one says how much.

use crate::evidence::State;
use crate::report::{Category, CategoryState, CriterionState, FindingRow, Report, TestRow};

/// How much an annotation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It holds the deploy.
    Error,
    /// Worth knowing.
    Warning,
}

/// One annotation. All texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How much it weighs.
    pub level: Level,
    /// Path below the workspace, or empty.
    pub file: String,
    /// Line, from 1; 0 where it is not known.
    pub line: u64,
    /// What it is about.
    pub title: String,
    /// What is wrong.
    pub message: String,
}

/// The annotations of a report, at most `most` of each level. Paths are made relative to `workspace`.
#[must_use]
pub fn of(report: &Report, most: usize, workspace: &str) -> Vec<Annotation> {
    let mut all = Vec::new();
    all.extend(report.error.iter().map(|e| note(Level::Error, "Cannot evaluate", &e.message)));
    if let Some(forced) = &report.decision.overridden {
        let text = format!("{}: {} {}", forced.actor, forced.reason, forced.problem);
        all.push(note(
            if forced.effective { Level::Warning } else { Level::Error },
            "Forced deploy",
            text.trim(),
        ));
    }
    all.extend(report.contract.iter().filter(|c| c.state == State::Missing).map(|c| {
        note(
            Level::Error,
            "Evidence is missing",
            &format!("{}: {} of {} files ({})", c.name, c.found, c.wanted, c.origin),
        )
    }));
    all.extend(report.evidence.iter().filter(|e| e.state.is_damaged()).map(|e| {
        note(Level::Error, damage(e.state), &format!("{} is {}: {}", e.path, e.state.name(), e.cause))
    }));
    let mut categories: Vec<&Category> = report.decision.categories.iter().collect();
    categories.sort_by_key(|c| std::cmp::Reverse((c.blocking, c.state)));
    for category in categories {
        all.extend(of_category(report, category));
    }
    for annotation in &mut all {
        annotation.file = relative(&annotation.file, workspace);
    }
    let (errors, warnings): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| a.level == Level::Error);
    limit(errors, most).into_iter().chain(limit(warnings, most)).collect()
}

fn note(level: Level, title: &str, message: &str) -> Annotation {
    Annotation { level, file: String::new(), line: 0, title: title.to_owned(), message: message.to_owned() }
}

const fn damage(state: State) -> &'static str {
    if matches!(state, State::Missing) { "Evidence is missing" } else { "Evidence is damaged" }
}

/// The failing records of a category; its criteria in words where no record tells.
fn of_category(report: &Report, category: &Category) -> Vec<Annotation> {
    if !matches!(category.state, CategoryState::Fail | CategoryState::Warn) {
        return Vec::new();
    }
    let mut notes = Vec::new();
    for criterion in
        category.criteria.iter().filter(|c| matches!(c.state, CriterionState::Fail | CriterionState::Warn))
    {
        let blocks = criterion.blocking && criterion.state == CriterionState::Fail;
        let level = if blocks { Level::Error } else { Level::Warning };
        let before = notes.len();
        match criterion.measure.as_str() {
            "tests.pass_rate" | "tests.failed" => {
                let failures = report.tests.iter().flat_map(|t| &t.failures);
                let own = failures.filter(|t| t.category == category.id && t.waiver.is_empty());
                notes.extend(own.map(|t| of_test(level, category, t)));
            }
            measure => {
                let list = report.findings.iter().flat_map(|f| &f.list);
                let own = list.filter(|f| f.category == category.id && counts(measure, f));
                notes.extend(own.map(|f| of_finding(level, category, f)));
            }
        }
        if notes.len() == before {
            notes.push(note(level, &category.title, &criterion.text));
        }
    }
    notes.dedup();
    notes
}

/// True where a finding is one that a measure counts, as far as a row tells.
fn counts(measure: &str, finding: &FindingRow) -> bool {
    match measure.strip_prefix("findings.") {
        Some("secrets") | None => false,
        Some(word) => finding.severity == word || finding.level == word,
    }
}

fn of_test(level: Level, category: &Category, test: &TestRow) -> Annotation {
    let name =
        if test.class.is_empty() { test.name.clone() } else { format!("{} › {}", test.class, test.name) };
    let message = if test.message.is_empty() { name } else { format!("{name}: {}", test.message) };
    Annotation {
        file: test.file.clone(),
        line: test.line.unwrap_or(0),
        ..note(level, &category.title, &message)
    }
}

fn of_finding(level: Level, category: &Category, finding: &FindingRow) -> Annotation {
    let message = format!("{} ({}): {}", finding.rule, finding.tool, finding.message);
    Annotation {
        file: finding.path.clone(),
        line: u64::from(finding.line),
        ..note(level, &category.title, &message)
    }
}

/// The path below the workspace; a path elsewhere is none that the pipeline could show.
fn relative(path: &str, workspace: &str) -> String {
    let workspace = workspace.trim_end_matches(['/', '\\']);
    let below = (!workspace.is_empty()).then(|| path.strip_prefix(workspace)).flatten();
    let path = below.map_or(path, |p| p.trim_start_matches(['/', '\\']));
    if path.starts_with('/') || path.contains(':') { String::new() } else { path.to_owned() }
}

/// The first ones; where something is left out, the last place says how much.
fn limit(mut notes: Vec<Annotation>, most: usize) -> Vec<Annotation> {
    if notes.len() <= most || most == 0 {
        notes.truncate(most);
        return notes;
    }
    let level = notes.first().map_or(Level::Warning, |n| n.level);
    let left = notes.len().saturating_sub(most).saturating_add(1);
    notes.truncate(most.saturating_sub(1));
    notes.push(note(level, "Shipworthy", &format!("and {left} more: the report lists all of them")));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_says_how_much_is_left_out() {
        let notes = vec![note(Level::Error, "t", "m"); 25];
        let shown = limit(notes.clone(), 10);
        assert_eq!(
            (shown.len(), shown[9].message.as_str()),
            (10, "and 16 more: the report lists all of them")
        );
        assert_eq!(limit(notes.clone(), 25), notes);
        assert_eq!(limit(notes, 0), []);
    }

    #[test]
    fn paths_are_those_of_the_workspace() {
        assert_eq!(relative("/w/repo/src/a.js", "/w/repo"), "src/a.js");
        assert_eq!(relative("src/a.js", "/w/repo"), "src/a.js");
        assert_eq!(relative("/elsewhere/a.js", "/w/repo"), "");
        assert_eq!(relative("C:\\w\\a.js", ""), "");
    }
}
