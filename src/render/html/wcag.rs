//! Violated success criteria over all pages.
//!
//! The criteria are those of the Web Content Accessibility Guidelines 2.2, W3C Recommendation of 12 December 2024
//! (<https://www.w3.org/TR/WCAG22/>). 4.1.1 was removed there and is named for the rules of older engines.

use crate::evidence::pages::Impact;
use crate::report::{PageRow, Report, ViolationRow};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Number, name and level of every success criterion.
const CRITERIA: &[(&str, &str, &str)] = &[
    ("1.1.1", "Non-text Content", "A"),
    ("1.2.1", "Audio-only and Video-only (Prerecorded)", "A"),
    ("1.2.2", "Captions (Prerecorded)", "A"),
    ("1.2.3", "Audio Description or Media Alternative (Prerecorded)", "A"),
    ("1.2.4", "Captions (Live)", "AA"),
    ("1.2.5", "Audio Description (Prerecorded)", "AA"),
    ("1.2.6", "Sign Language (Prerecorded)", "AAA"),
    ("1.2.7", "Extended Audio Description (Prerecorded)", "AAA"),
    ("1.2.8", "Media Alternative (Prerecorded)", "AAA"),
    ("1.2.9", "Audio-only (Live)", "AAA"),
    ("1.3.1", "Info and Relationships", "A"),
    ("1.3.2", "Meaningful Sequence", "A"),
    ("1.3.3", "Sensory Characteristics", "A"),
    ("1.3.4", "Orientation", "AA"),
    ("1.3.5", "Identify Input Purpose", "AA"),
    ("1.3.6", "Identify Purpose", "AAA"),
    ("1.4.1", "Use of Color", "A"),
    ("1.4.2", "Audio Control", "A"),
    ("1.4.3", "Contrast (Minimum)", "AA"),
    ("1.4.4", "Resize Text", "AA"),
    ("1.4.5", "Images of Text", "AA"),
    ("1.4.6", "Contrast (Enhanced)", "AAA"),
    ("1.4.7", "Low or No Background Audio", "AAA"),
    ("1.4.8", "Visual Presentation", "AAA"),
    ("1.4.9", "Images of Text (No Exception)", "AAA"),
    ("1.4.10", "Reflow", "AA"),
    ("1.4.11", "Non-text Contrast", "AA"),
    ("1.4.12", "Text Spacing", "AA"),
    ("1.4.13", "Content on Hover or Focus", "AA"),
    ("2.1.1", "Keyboard", "A"),
    ("2.1.2", "No Keyboard Trap", "A"),
    ("2.1.3", "Keyboard (No Exception)", "AAA"),
    ("2.1.4", "Character Key Shortcuts", "A"),
    ("2.2.1", "Timing Adjustable", "A"),
    ("2.2.2", "Pause, Stop, Hide", "A"),
    ("2.2.3", "No Timing", "AAA"),
    ("2.2.4", "Interruptions", "AAA"),
    ("2.2.5", "Re-authenticating", "AAA"),
    ("2.2.6", "Timeouts", "AAA"),
    ("2.3.1", "Three Flashes or Below Threshold", "A"),
    ("2.3.2", "Three Flashes", "AAA"),
    ("2.3.3", "Animation from Interactions", "AAA"),
    ("2.4.1", "Bypass Blocks", "A"),
    ("2.4.2", "Page Titled", "A"),
    ("2.4.3", "Focus Order", "A"),
    ("2.4.4", "Link Purpose (In Context)", "A"),
    ("2.4.5", "Multiple Ways", "AA"),
    ("2.4.6", "Headings and Labels", "AA"),
    ("2.4.7", "Focus Visible", "AA"),
    ("2.4.8", "Location", "AAA"),
    ("2.4.9", "Link Purpose (Link Only)", "AAA"),
    ("2.4.10", "Section Headings", "AAA"),
    ("2.4.11", "Focus Not Obscured (Minimum)", "AA"),
    ("2.4.12", "Focus Not Obscured (Enhanced)", "AAA"),
    ("2.4.13", "Focus Appearance", "AAA"),
    ("2.5.1", "Pointer Gestures", "A"),
    ("2.5.2", "Pointer Cancellation", "A"),
    ("2.5.3", "Label in Name", "A"),
    ("2.5.4", "Motion Actuation", "A"),
    ("2.5.5", "Target Size (Enhanced)", "AAA"),
    ("2.5.6", "Concurrent Input Mechanisms", "AAA"),
    ("2.5.7", "Dragging Movements", "AA"),
    ("2.5.8", "Target Size (Minimum)", "AA"),
    ("3.1.1", "Language of Page", "A"),
    ("3.1.2", "Language of Parts", "AA"),
    ("3.1.3", "Unusual Words", "AAA"),
    ("3.1.4", "Abbreviations", "AAA"),
    ("3.1.5", "Reading Level", "AAA"),
    ("3.1.6", "Pronunciation", "AAA"),
    ("3.2.1", "On Focus", "A"),
    ("3.2.2", "On Input", "A"),
    ("3.2.3", "Consistent Navigation", "AA"),
    ("3.2.4", "Consistent Identification", "AA"),
    ("3.2.5", "Change on Request", "AAA"),
    ("3.2.6", "Consistent Help", "A"),
    ("3.3.1", "Error Identification", "A"),
    ("3.3.2", "Labels or Instructions", "A"),
    ("3.3.3", "Error Suggestion", "AA"),
    ("3.3.4", "Error Prevention (Legal, Financial, Data)", "AA"),
    ("3.3.5", "Help", "AAA"),
    ("3.3.6", "Error Prevention (All)", "AAA"),
    ("3.3.7", "Redundant Entry", "A"),
    ("3.3.8", "Accessible Authentication (Minimum)", "AA"),
    ("3.3.9", "Accessible Authentication (Enhanced)", "AAA"),
    ("4.1.1", "Parsing (removed from WCAG 2.2)", ""),
    ("4.1.2", "Name, Role, Value", "A"),
    ("4.1.3", "Status Messages", "AA"),
];

/// What the engines found of accessibility, over all pages.
#[derive(Debug, Serialize)]
pub(super) struct Wcag<'a> {
    rows: Vec<Row<'a>>,
    /// Rules on pages that could not decide.
    review: u64,
    /// Pages on which a rule could not decide.
    review_pages: u64,
}

/// A violated success criterion, or a rule that belongs to none.
#[derive(Debug, Serialize)]
struct Row<'a> {
    /// Number, or empty.
    number: &'a str,
    name: &'a str,
    /// `A`, `AA`, `AAA`, or empty.
    level: &'static str,
    /// The worst impact, or empty.
    impact: &'a str,
    rules: BTreeSet<&'a str>,
    pages: usize,
    elements: u64,
}

/// A page, whoever looked at it and as whatever device.
type At<'a> = (&'a str, &'a str);

/// What is collected for a row.
#[derive(Default)]
struct Found<'a> {
    name: &'a str,
    /// Rank and word of the worst impact.
    impact: (Option<Impact>, &'a str),
    /// Elements by page and rule. Several engines look at the same elements, so that the highest count is theirs.
    elements: BTreeMap<(At<'a>, &'a str), u64>,
}

/// The table; nothing where no rule is violated and none needs a person.
pub(super) fn table(report: &Report) -> Option<Wcag<'_>> {
    let mut found: BTreeMap<(Option<Place>, &str), Found<'_>> = BTreeMap::new();
    for page in &report.pages {
        for violation in &page.violations {
            if violation.criteria.is_empty() {
                found.entry((None, &violation.rule)).or_default().take(page, violation);
            }
            for number in &violation.criteria {
                found.entry((Some(place(number)), number)).or_default().take(page, violation);
            }
        }
    }
    let mut rows: Vec<(Option<Impact>, Row<'_>)> = found
        .into_iter()
        .map(|((place, id), found)| (found.impact.0, row(place.is_some(), id, &found)))
        .collect();
    // The order of the guidelines; what belongs to none comes last, worst first.
    rows.sort_by(|(a, x), (b, y)| {
        let last = |row: &Row<'_>| row.number.is_empty();
        last(x).cmp(&last(y)).then_with(|| if last(x) { b.cmp(a) } else { std::cmp::Ordering::Equal })
    });
    let needing: Vec<&PageRow> = report.pages.iter().filter(|p| p.incomplete > 0).collect();
    let table = Wcag {
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        review: needing.iter().fold(0, |sum, page| sum.saturating_add(page.incomplete)),
        review_pages: needing.iter().map(|p| at(p)).collect::<BTreeSet<_>>().len() as u64,
    };
    (!table.rows.is_empty() || table.review > 0).then_some(table)
}

impl<'a> Found<'a> {
    fn take(&mut self, page: &'a PageRow, violation: &'a ViolationRow) {
        let impact = (Impact::of_word(&violation.impact), violation.impact.as_str());
        if self.elements.is_empty() || impact.0 > self.impact.0 {
            self.impact = impact;
        }
        self.name = &violation.title;
        let elements = self.elements.entry((at(page), &violation.rule)).or_default();
        *elements = (*elements).max(u64::from(violation.nodes));
    }
}

fn at(page: &PageRow) -> At<'_> {
    (&page.url, &page.step)
}

fn row<'a>(criterion: bool, id: &'a str, found: &Found<'a>) -> Row<'a> {
    let known = CRITERIA.iter().find(|(number, ..)| *number == id);
    let (name, level) = match known {
        Some((_, name, level)) if criterion => (*name, *level),
        _ if criterion => ("no criterion of WCAG 2.2", ""),
        _ => (found.name, ""),
    };
    let pages: BTreeSet<At<'_>> = found.elements.keys().map(|(page, _)| *page).collect();
    Row {
        number: if criterion { id } else { "" },
        name,
        level,
        impact: found.impact.1,
        rules: found.elements.keys().map(|(_, rule)| *rule).collect(),
        pages: pages.len(),
        elements: found.elements.values().fold(0, |sum, n| sum.saturating_add(*n)),
    }
}

/// The numbers of a criterion, so that 1.4.10 stands behind 1.4.9.
type Place = Vec<u32>;

fn place(number: &str) -> Place {
    number.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn violation(rule: &str, impact: &str, criteria: &[&str], nodes: u32) -> ViolationRow {
        ViolationRow {
            rule: rule.to_owned(),
            impact: impact.to_owned(),
            title: format!("about {rule}"),
            criteria: criteria.iter().map(|c| (*c).to_owned()).collect(),
            nodes,
            ..ViolationRow::default()
        }
    }

    fn page(url: &str, engine: &str, violations: Vec<ViolationRow>) -> PageRow {
        PageRow { url: url.to_owned(), engine: engine.to_owned(), violations, ..PageRow::default() }
    }

    #[test]
    fn the_criteria_are_those_of_the_recommendation() {
        let level = |wanted: &str| CRITERIA.iter().filter(|(_, _, level)| *level == wanted).count();
        assert_eq!([level("A"), level("AA"), level("AAA"), level("")], [31, 24, 31, 1]);
        let places: Vec<Place> = CRITERIA.iter().map(|(number, ..)| place(number)).collect();
        assert!(places.is_sorted() && places.iter().collect::<BTreeSet<_>>().len() == CRITERIA.len());
    }

    #[test]
    fn a_criterion_counts_rules_pages_and_elements_once() {
        let mut report = sample::report();
        report.pages = vec![
            page("/a", "axe-core", vec![violation("contrast", "moderate", &["1.4.3", "1.4.10"], 4)]),
            // The same elements, seen by another engine.
            page("/a", "Lighthouse", vec![violation("contrast", "serious", &["1.4.3"], 3)]),
            page(
                "/b",
                "axe-core",
                vec![
                    violation("contrast", "minor", &["1.4.3"], 2),
                    violation("links", "", &["1.4.3"], 1),
                    violation("region", "moderate", &[], 5),
                    violation("accesskeys", "serious", &[], 1),
                    violation("new", "minor", &["9.9.9"], 1),
                ],
            ),
        ];
        report.pages[0].incomplete = 2;
        report.pages[2].incomplete = 1;
        let table = table(&report).unwrap();
        let rows: Vec<_> = table
            .rows
            .iter()
            .map(|r| (r.number, r.name, r.level, r.impact, r.rules.len(), r.pages, r.elements))
            .collect();
        assert_eq!(
            rows,
            [
                ("1.4.3", "Contrast (Minimum)", "AA", "serious", 2, 2, 7),
                ("1.4.10", "Reflow", "AA", "moderate", 1, 1, 4),
                ("9.9.9", "no criterion of WCAG 2.2", "", "minor", 1, 1, 1),
                ("", "about accesskeys", "", "serious", 1, 1, 1),
                ("", "about region", "", "moderate", 1, 1, 5),
            ]
        );
        assert_eq!((table.review, table.review_pages), (3, 2));
    }

    #[test]
    fn without_an_audit_there_is_no_table() {
        let mut report = sample::report();
        report.pages.clear();
        assert!(table(&report).is_none());
    }
}
