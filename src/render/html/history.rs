//! Earlier runs as small charts, one measure each, and as the table behind them.
//!
//! A run that did not measure something is a gap in its line and a dash in the table, never a zero.

use super::words;
use crate::evidence::exact::{Exact, ratio, signed_decimal, whole};
use crate::render::chart::Field;
use crate::report::{HistoryPoint, Report, Verdict};
use num_traits::Signed as _;
use serde::Serialize;

/// Where values lie in a drawing of 320 by 112: beside them stand their labels.
const FIELD: Field = Field { left: 70, top: 14, width: 242, height: 84 };
/// A label's height with the space around it.
const LABEL: u64 = 13;
/// From so many runs on the dots are small.
const MANY: usize = 25;

/// The part of the page about earlier runs.
#[derive(Debug, Serialize)]
pub(super) struct History {
    charts: Vec<Chart>,
    /// The shapes that stand for the answers of these runs, and what they mean.
    legend: Vec<(Look, &'static str)>,
    /// Every run, the newest first.
    rows: Vec<Row>,
    /// Earlier runs that a report from elsewhere has beyond those that are shown.
    more: usize,
}

/// Colour and shape of a run's answer: no colour stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Look {
    tone: &'static str,
    /// A path around the origin.
    shape: &'static str,
}

#[derive(Debug, Serialize)]
struct Chart {
    title: &'static str,
    newest: String,
    change: String,
    /// For those who do not see it.
    label: String,
    /// Corners of each stretch of the line.
    lines: Vec<String>,
    dots: Vec<Dot>,
    /// The highest and the lowest value, or the one that all have.
    ends: Vec<Label>,
    target: Option<Label>,
    first: String,
    last: String,
    /// Dots are small.
    many: bool,
}

#[derive(Debug, Serialize)]
struct Dot {
    x: u64,
    y: u64,
    look: Look,
    text: String,
}

/// A text beside the line, at its height.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Label {
    y: u64,
    text: String,
}

#[derive(Debug, Serialize)]
struct Row {
    run: HistoryPoint,
    look: Look,
    verdict: String,
    commit: String,
    /// It is the run that this report is about.
    present: bool,
    score: String,
    tests: String,
    time: String,
    lines: String,
    findings: String,
}

/// What a chart draws, and how its values are told.
struct Kind {
    title: &'static str,
    /// The value of a run, exactly; nothing where it has none.
    value: fn(&HistoryPoint) -> Option<Exact>,
    show: fn(&Exact) -> String,
    /// The difference to the run before, in words.
    change: fn(&Exact) -> String,
}

const KINDS: [Kind; 5] = [
    Kind { title: "Score", value: words::low, show: words::of_hundred, change: points },
    Kind { title: "Tests passed", value: pass_rate, show: percent, change: percent_change },
    Kind { title: "Line coverage", value: coverage, show: percent, change: percent_change },
    Kind { title: "Test time", value: time, show: |ms| words::duration(natural(ms)), change: time_change },
    Kind { title: "Findings", value: findings, show: |n| words::count(natural(n)), change: count_change },
];

/// The history of a report; nothing where it has no earlier run.
pub(super) fn history(report: &Report) -> Option<History> {
    let runs = words::runs(report);
    if runs.is_empty() {
        return None;
    }
    let deploy_at = report.policy.deploy_at.exact();
    let target = |kind: &Kind| deploy_at.as_ref().filter(|_| kind.title == "Score");
    let mut legend: Vec<(Look, &'static str)> = Vec::new();
    for run in &runs {
        let entry = look(run);
        if !legend.contains(&entry) {
            legend.push(entry);
        }
    }
    Some(History {
        charts: KINDS.iter().filter_map(|kind| chart(kind, &runs, target(kind))).collect(),
        legend,
        more: report.history.len().saturating_add(1).saturating_sub(runs.len()),
        rows: rows(runs),
    })
}

/// The shape and the word of a run's answer.
const fn look(run: &HistoryPoint) -> (Look, &'static str) {
    const fn of(tone: &'static str, shape: &'static str) -> Look {
        Look { tone, shape }
    }
    match run.verdict {
        _ if run.forced => (of("warn", "M0-5L5 4H-5z"), "forced deploy"),
        Verdict::Deploy => (of("pass", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"), "deploy"),
        Verdict::Remediate => (of("fail", "M-4-4h8v8h-8z"), "remediate"),
        Verdict::Inconclusive => (of("unknown", "M0-5L5 0 0 5-5 0z"), "inconclusive"),
    }
}

/// One chart; nothing where fewer than two runs have a value.
fn chart(kind: &Kind, runs: &[HistoryPoint], target: Option<&Exact>) -> Option<Chart> {
    let values: Vec<Option<Exact>> = runs.iter().map(kind.value).collect();
    let known: Vec<&Exact> = values.iter().flatten().collect();
    let (lowest, highest) = (*known.iter().min()?, *known.iter().max()?);
    if known.len() < 2 {
        return None;
    }
    let (low, high) = (target.map_or(lowest, |t| t.min(lowest)), target.map_or(highest, |t| t.max(highest)));
    let y = |value: &Exact| FIELD.y(value, low, high);
    let (first, last) = (day_of(runs.first()?), day_of(runs.last()?));
    let (newest, change) = newest(kind, &values);
    Some(Chart {
        title: kind.title,
        label: format!(
            "{} over {} runs from {first} to {last}: lowest {}, highest {}, newest {newest}",
            kind.title,
            known.len(),
            (kind.show)(lowest),
            (kind.show)(highest)
        ),
        newest,
        change,
        lines: FIELD.lines(&values, low, high),
        dots: dots(kind, runs, &values, &y),
        ends: ends([(y(highest), (kind.show)(highest)), (y(lowest), (kind.show)(lowest))]),
        target: target.map(|t| Label { y: y(t), text: format!("target {}", (kind.show)(t)) }),
        first,
        last,
        many: runs.len() > MANY,
    })
}

fn day_of(run: &HistoryPoint) -> String {
    words::day(&run.timestamp)
}

/// The value of the present run and how it differs from that of the run before.
fn newest(kind: &Kind, values: &[Option<Exact>]) -> (String, String) {
    let (now, before) = match values {
        [.., before, now] => (now.as_ref(), before.as_ref()),
        _ => (None, None),
    };
    let change = match (now, before) {
        (Some(now), Some(before)) => (kind.change)(&(now - before)),
        (Some(_), None) => "the last run has none".to_owned(),
        (None, _) => "this run has none".to_owned(),
    };
    (now.map_or_else(|| "–".to_owned(), kind.show), change)
}

fn dots(kind: &Kind, runs: &[HistoryPoint], values: &[Option<Exact>], y: &dyn Fn(&Exact) -> u64) -> Vec<Dot> {
    let dot = |(at, (run, value)): (usize, (&HistoryPoint, &Option<Exact>))| {
        let value = value.as_ref()?;
        let (look, verdict) = look(run);
        let text = format!("{}, {verdict}: {}", run.timestamp, (kind.show)(value));
        Some(Dot { x: FIELD.x(at, runs.len()), y: y(value), look, text })
    };
    runs.iter().zip(values).enumerate().filter_map(dot).collect()
}

/// The two ends of a scale as labels that do not lie on each other; one where both read the same.
fn ends([(up, highest), (down, lowest)]: [(u64, String); 2]) -> Vec<Label> {
    if highest == lowest {
        return vec![Label { y: up, text: highest }];
    }
    let near = LABEL.saturating_sub(down.saturating_sub(up));
    let (up, down) = (up.saturating_sub(near / 2), down.saturating_add(near.div_ceil(2)));
    vec![Label { y: up, text: highest }, Label { y: down, text: lowest }]
}

fn rows(runs: Vec<HistoryPoint>) -> Vec<Row> {
    let last = runs.len().saturating_sub(1);
    let row = |(at, run): (usize, HistoryPoint)| {
        let (look, _) = look(&run);
        let forced = if run.forced { " (forced deploy)" } else { "" };
        let told = |kind: &Kind| (kind.value)(&run).map_or_else(|| "–".to_owned(), |v| (kind.show)(&v));
        let [_, _, lines, time, findings] = KINDS.each_ref().map(told);
        Row {
            look,
            verdict: format!("{}{forced}", run.verdict.name()),
            commit: run.commit.chars().take(12).collect(),
            present: at == last,
            score: run.score.as_ref().map_or_else(|| "–".to_owned(), words::span),
            tests: run.tests.map_or_else(|| "–".to_owned(), |t| format!("{} of {}", t.passed, t.executed)),
            time,
            lines,
            findings,
            run,
        }
    };
    runs.into_iter().enumerate().rev().map(row).collect()
}

fn pass_rate(run: &HistoryPoint) -> Option<Exact> {
    run.tests.and_then(|tests| ratio(tests.passed, tests.executed))
}

fn coverage(run: &HistoryPoint) -> Option<Exact> {
    run.lines.and_then(|lines| ratio(lines.covered, lines.total))
}

fn time(run: &HistoryPoint) -> Option<Exact> {
    run.tests.and_then(|tests| tests.duration_ms).map(whole)
}

fn findings(run: &HistoryPoint) -> Option<Exact> {
    run.findings.map(whole)
}

/// A whole number from zero on as what it was made of.
fn natural(value: &Exact) -> u64 {
    u64::try_from(value.to_integer()).unwrap_or(u64::MAX)
}

fn percent(value: &Exact) -> String {
    format!("{} %", crate::evidence::exact::percent_display(value))
}

fn points(by: &Exact) -> String {
    since(&words::points(&signed_decimal(by, 1)))
}

fn percent_change(by: &Exact) -> String {
    since(&words::points(&signed_decimal(&(by * whole(100)), 1)).replace(" point", " percentage point"))
}

fn time_change(by: &Exact) -> String {
    let time = words::duration(natural(&by.abs()));
    more_or_less(by, &time, "longer", "shorter")
}

fn count_change(by: &Exact) -> String {
    more_or_less(by, &words::count(natural(&by.abs())), "more", "fewer")
}

fn since(change: &str) -> String {
    format!("{change} since the last run")
}

fn more_or_less(by: &Exact, amount: &str, more: &str, less: &str) -> String {
    if by.is_positive() {
        format!("{amount} {more} than in the last run")
    } else if by.is_negative() {
        format!("{amount} {less} than in the last run")
    } else {
        since("no change")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use crate::report::{CoverageTally, HistoryTests, Number, Span};

    fn run(score: Option<u64>) -> HistoryPoint {
        let span = |n: u64| {
            let number = Number::plain(&whole(n));
            Span { low: number.clone(), high: number }
        };
        HistoryPoint {
            timestamp: "2026-01-02T03:04:05Z".to_owned(),
            commit: String::new(),
            branch: String::new(),
            verdict: Verdict::Remediate,
            forced: false,
            score: score.map(span),
            tests: None,
            lines: None,
            findings: None,
            evidence: 0,
        }
    }

    fn drawn(title: &str, runs: &[HistoryPoint]) -> Option<Chart> {
        chart(KINDS.iter().find(|k| k.title == title).unwrap(), runs, None)
    }

    /// Height and text of each end.
    fn told(chart: &Chart) -> Vec<(u64, &str)> {
        chart.ends.iter().map(|end| (end.y, end.text.as_str())).collect()
    }

    #[test]
    fn a_chart_tells_its_newest_value_and_the_change_to_the_run_before() {
        let chart = drawn("Score", &[run(Some(40)), run(Some(90)), run(Some(65))]).unwrap();
        assert_eq!((chart.newest.as_str(), chart.change.as_str()), ("65.0", "-25 points since the last run"));
        assert_eq!(told(&chart), [(14, "90.0"), (98, "40.0")]);
        assert_eq!(chart.lines, ["70,98 191,14 312,56"]);
        let said = "Score over 3 runs from 2026-01-02 to 2026-01-02: lowest 40.0, highest 90.0, newest 65.0";
        assert_eq!(chart.label, said);
    }

    #[test]
    fn one_value_makes_no_chart_and_equal_ones_a_level_line() {
        assert!(drawn("Score", &[run(Some(40))]).is_none());
        assert!(drawn("Score", &[run(Some(40)), run(None)]).is_none());
        let level = drawn("Score", &[run(Some(40)), run(Some(40))]).unwrap();
        assert_eq!((level.lines.join(";"), told(&level)), ("70,56 312,56".to_owned(), vec![(56, "40.0")]));
        assert_eq!(level.change, "no change since the last run");
    }

    #[test]
    fn a_run_without_coverage_is_a_gap_and_no_zero() {
        let covered = |covered| HistoryPoint {
            lines: Some(CoverageTally { covered, covered_high: covered, total: 4 }),
            ..run(None)
        };
        let nothing = HistoryPoint { lines: Some(CoverageTally::default()), ..run(None) };
        let chart =
            drawn("Line coverage", &[covered(1), covered(2), run(None), nothing, covered(3)]).unwrap();
        assert_eq!((chart.lines.len(), chart.dots.len()), (1, 3));
        assert_eq!(chart.change, "the last run has none");
        let gone = drawn("Line coverage", &[covered(1), covered(2), run(None)]).unwrap();
        assert_eq!((gone.newest.as_str(), gone.change.as_str()), ("–", "this run has none"));
    }

    #[test]
    fn changes_are_told_in_the_words_of_their_measure() {
        let run = |passed, ms, findings| HistoryPoint {
            tests: Some(HistoryTests { total: 9, executed: 8, passed, duration_ms: Some(ms) }),
            findings: Some(findings),
            ..run(None)
        };
        let runs = [run(8, 61_000, 2), run(7, 60_100, 5)];
        let change = |title| drawn(title, &runs).unwrap().change;
        assert_eq!(change("Tests passed"), "-12.5 percentage points since the last run");
        assert_eq!(change("Test time"), "900 ms shorter than in the last run");
        assert_eq!(change("Findings"), "3 more than in the last run");
    }

    #[test]
    fn huge_numbers_are_drawn_and_told_in_short() {
        let runs = [0, u64::MAX].map(|n| HistoryPoint { findings: Some(n), ..run(None) });
        let chart = drawn("Findings", &runs).unwrap();
        assert_eq!(told(&chart), [(14, "18446.7 P"), (98, "0")]);
    }

    #[test]
    fn labels_do_not_lie_on_each_other() {
        let label = |y, text: &str| Label { y, text: text.to_owned() };
        let ends_of = |up, down| ends([(up, "2".to_owned()), (down, "1".to_owned())]);
        assert_eq!(ends_of(20, 60), [label(20, "2"), label(60, "1")]);
        assert_eq!(ends_of(50, 52), [label(45, "2"), label(58, "1")]);
    }

    #[test]
    fn every_answer_has_a_shape_of_its_own() {
        let history = history(&sample::policy()).unwrap();
        let shapes: Vec<(&str, &str)> =
            history.legend.iter().map(|(look, word)| (look.tone, *word)).collect();
        assert_eq!(shapes, [("fail", "remediate"), ("warn", "forced deploy"), ("unknown", "inconclusive")]);
        let mut paths: Vec<&str> = history.legend.iter().map(|(look, _)| look.shape).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), 3);
    }

    #[test]
    fn a_report_from_elsewhere_shows_its_newest_runs_and_counts_the_others() {
        let mut report = sample::green();
        assert!(history(&report).is_none());
        report.history = vec![run(Some(1)); 100];
        let history = history(&report).unwrap();
        assert_eq!((history.rows.len(), history.more), (61, 40));
        assert!(history.charts.iter().all(|c| c.many && c.dots.len() == 61));
    }
}
