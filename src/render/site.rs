//! The index of a site of reports: a line for each branch and pull request, the latest first, with the course of its
//! score.

use super::chart::Field;
use super::templates::Templates;
use super::{RenderError, html};
use crate::evidence::exact::whole;
use crate::report::{MAX_HISTORY, Report, Verdict};
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};

/// What a line is drawn in, two from the edges of 120 by 32.
const FIELD: Field = Field { left: 2, top: 2, width: 116, height: 28 };

/// One report in a site, as it is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRun {
    /// Branch, pull request or whatever the line is about, as given.
    pub name: String,
    /// Folder of the report below the site.
    pub folder: String,
    /// The verdict.
    pub verdict: Verdict,
    /// A person forced a deploy.
    pub forced: bool,
    /// Score, displayed.
    pub score: String,
    /// Score in thousandths of 100, for drawing.
    pub thousandths: u32,
    /// When it was judged.
    pub time: String,
    /// First digits of the commit, or empty.
    pub commit: String,
}

impl SiteRun {
    /// What a site keeps of a report.
    #[must_use]
    pub fn of(report: &Report, name: &str, folder: &str) -> Self {
        let decision = &report.decision;
        let exact = decision.score.low.exact().map(|s| (s * num_bigint::BigInt::from(10)).to_integer());
        Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            verdict: decision.verdict,
            forced: decision.overridden.as_ref().is_some_and(|o| o.effective),
            score: decision.score.low.display.clone(),
            thousandths: exact.and_then(|s| u32::try_from(s).ok()).unwrap_or_default().min(1_000),
            time: report.timestamp.clone(),
            commit: report.subject.commit.chars().take(12).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    latest: Shown<'a>,
    earlier: Vec<Shown<'a>>,
    /// Corners of the course, oldest first; none with one run.
    points: Vec<String>,
    /// The course in words.
    trend: String,
}

#[derive(Debug, Serialize)]
struct Shown<'a> {
    word: &'static str,
    look: &'static str,
    score: &'a str,
    time: &'a str,
    commit: &'a str,
    href: String,
}

/// The index page of a site; the runs may come in any order.
///
/// # Errors
/// [`RenderError`]: one of the team's templates does not fit, or a bug of this program.
pub fn site(title: &str, runs: &[SiteRun], templates: &Templates) -> Result<String, RenderError> {
    let style = templates.style() + templates.source("site.css");
    let context = minijinja::context! {
        title => title,
        csp => html::static_policy(&style),
        style => Value::from_safe_string(style),
        lines => Value::from(Serde(lines(runs))),
    };
    templates.render_with("site.html", runs.len() as u64, context)
}

fn lines(runs: &[SiteRun]) -> Vec<Line<'_>> {
    let mut by_name: std::collections::BTreeMap<&str, Vec<&SiteRun>> = std::collections::BTreeMap::new();
    for run in runs {
        by_name.entry(&run.name).or_default().push(run);
    }
    let mut groups: Vec<(&str, Vec<&SiteRun>)> = by_name.into_iter().collect();
    for (_, group) in &mut groups {
        group.sort_by(|a, b| (&b.time, &b.folder).cmp(&(&a.time, &a.folder)));
    }
    groups.sort_by(|a, b| {
        let time = |g: &[&SiteRun]| g.first().map(|r| r.time.clone());
        time(&b.1).cmp(&time(&a.1)).then_with(|| a.0.cmp(b.0))
    });
    groups.iter().filter_map(|(name, group)| line(name, group)).collect()
}

fn line<'a>(name: &'a str, group: &[&'a SiteRun]) -> Option<Line<'a>> {
    let (latest, earlier) = group.split_first()?;
    let course: Vec<_> =
        group.iter().take(MAX_HISTORY).rev().map(|r| Some(whole(r.thousandths.into()))).collect();
    let first = group.get(course.len().saturating_sub(1)).map_or("", |r| r.score.as_str());
    Some(Line {
        name,
        latest: shown(latest),
        earlier: earlier.iter().map(|r| shown(r)).collect(),
        points: FIELD.lines(&course, &whole(0), &whole(1_000)),
        trend: format!("Score over {} runs, from {first} to {}", course.len(), latest.score),
    })
}

fn shown(run: &SiteRun) -> Shown<'_> {
    let (word, look) = match run.verdict {
        _ if run.forced => ("Forced deploy", "warn"),
        Verdict::Deploy => ("Deploy", "pass"),
        Verdict::Remediate => ("Remediate", "fail"),
        Verdict::Inconclusive => ("Inconclusive", "unknown"),
    };
    let href = format!("{}/report.html", run.folder);
    Shown { word, look, score: &run.score, time: &run.time, commit: &run.commit, href }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, time: &str, thousandths: u32) -> SiteRun {
        SiteRun {
            name: name.to_owned(),
            folder: format!("x/{time}"),
            verdict: Verdict::Deploy,
            forced: false,
            score: thousandths.to_string(),
            thousandths,
            time: time.to_owned(),
            commit: String::new(),
        }
    }

    #[test]
    fn the_latest_line_and_the_latest_run_stand_first() {
        let runs =
            [run("a", "2026-01-01", 500), run("b", "2026-01-03", 1_000), run("a", "2026-01-02", 1_000)];
        let lines = lines(&runs);
        assert_eq!(lines.iter().map(|l| l.name).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(lines[1].latest.time, "2026-01-02");
        assert_eq!(lines[1].points, ["2,16 118,2"]);
        assert!(lines[0].points.is_empty());
    }

    #[test]
    fn hostile_names_are_text() {
        let runs = [run("\"><img src=x>", "2026-01-01", 0)];
        let page = site("<script>alert(1)</script>", &runs, &Templates::default()).unwrap();
        assert!(!page.contains("<script>") && !page.contains("<img"));
    }
}
