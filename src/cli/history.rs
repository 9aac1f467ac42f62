//! What `--history` names: earlier reports, read into points of charts.
//!
//! Nothing of it reaches the decision. What cannot be read is a remark in the report, never a failure: a run is not
//! held up by what an earlier one left behind.

use super::{Failure, read_report};
use crate::evidence::Diagnostic;
use crate::evidence::text::shown;
use crate::host;
use crate::report::{HistoryPoint, MAX_HISTORY};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most reports that are read.
const MAX_FILES: usize = 500;
/// The name of a report in a folder.
const FILE: &str = "report.json";

/// The run that is judged: it is no earlier run of itself.
pub(super) struct Present<'a> {
    /// When it is judged, RFC 3339.
    pub(super) timestamp: &'a str,
    /// Its commit, or empty.
    pub(super) commit: &'a str,
}

/// The earlier runs of every path, the oldest first and each once, with remarks on what could not be used.
pub(super) fn read(paths: &[PathBuf], present: &Present<'_>) -> (Vec<HistoryPoint>, Vec<Diagnostic>) {
    let (files, mut remarks) = find(paths);
    let read: Vec<_> = files.par_iter().map(|path| (path, points(path))).collect();
    let mut points = Vec::new();
    for (path, read) in read {
        match read {
            Ok(read) => points.extend(read),
            Err(why) => remarks.push(unreadable(path, &why)),
        }
    }
    let (points, later) = course(points, present);
    remarks.extend((later > 0).then(|| {
        let runs = if later == 1 { "1 run is".to_owned() } else { format!("{later} runs are") };
        Diagnostic::warning(
            "history.later",
            format!("{runs} later than this one and left out of the charts over time"),
        )
    }));
    (points, remarks)
}

/// The reports that the paths name, at most so many.
fn find(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Diagnostic>) {
    let mut files = BTreeSet::new();
    let mut remarks = Vec::new();
    for path in paths {
        let (found, unread) = host::files_named(path, FILE);
        if found.is_empty() && unread.is_empty() {
            remarks.push(Diagnostic::warning(
                "history.empty",
                format!("{} holds no {FILE}: there is no earlier run to show", shown(path)),
            ));
        }
        remarks.extend(unread.iter().map(|why| unreadable(path, why)));
        files.extend(found);
    }
    let over = files.len().saturating_sub(MAX_FILES);
    if over > 0 {
        let message = format!("{} earlier reports are given and {MAX_FILES} are read", files.len());
        remarks.push(
            Diagnostic::warning("history.limit", message)
                .help("name the folders of the newest ones: the last in the order of their names are read"),
        );
    }
    (files.into_iter().skip(over).collect(), remarks)
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::warning("history.unreadable", format!("the earlier report {}: {why}", shown(path)))
        .help("give report.json files that `shipworthy gate` wrote, or folders of them")
}

/// The run of a report, and those that it knew as earlier ones: the last report alone tells the whole course.
fn points(path: &Path) -> Result<Vec<(Timestamp, HistoryPoint)>, String> {
    let report = read_report(path).map_err(|failure| match failure {
        Failure::Usage { message, .. } | Failure::Internal { message, .. } => message,
    })?;
    let own = HistoryPoint::of(&report);
    let timed = |point: HistoryPoint| match point.timestamp.parse() {
        Ok(moment) => Ok((moment, point)),
        Err(_) => Err(format!("`{}` is no time", point.timestamp)),
    };
    report.history.into_iter().chain([own]).map(timed).collect()
}

/// The newest earlier runs, the oldest first and each once, and how many are later than the present one.
fn course(mut points: Vec<(Timestamp, HistoryPoint)>, present: &Present<'_>) -> (Vec<HistoryPoint>, usize) {
    points.sort_by(|a, b| (a.0, &a.1.commit).cmp(&(b.0, &b.1.commit)));
    points.dedup_by(|a, b| (a.0, &a.1.commit) == (b.0, &b.1.commit));
    let now: Timestamp = present.timestamp.parse().unwrap_or(Timestamp::MAX);
    let found = points.len();
    points.retain(|(moment, _)| *moment <= now);
    let later = found.saturating_sub(points.len());
    points.retain(|(moment, point)| *moment != now || point.commit != present.commit);
    let over = points.len().saturating_sub(MAX_HISTORY);
    (points.into_iter().skip(over).map(|(_, point)| point).collect(), later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    fn point(timestamp: &str, commit: &str) -> (Timestamp, HistoryPoint) {
        let point = HistoryPoint {
            timestamp: timestamp.to_owned(),
            commit: commit.to_owned(),
            branch: String::new(),
            verdict: Verdict::Deploy,
            forced: false,
            score: None,
            tests: None,
            lines: None,
            findings: None,
            evidence: 0,
        };
        (timestamp.parse().unwrap(), point)
    }

    const PRESENT: Present<'_> = Present { timestamp: "2026-01-05T00:00:00Z", commit: "b" };

    #[test]
    fn runs_stand_in_order_each_once_and_never_the_present_one() {
        let given = vec![
            point("2026-01-03T00:00:00Z", "a"),
            point("2026-01-05T00:00:00Z", "b"),
            point("2026-01-05T00:00:00Z", "c"),
            point("2026-01-02T00:00:00Z", "a"),
            point("2026-01-03T00:00:00Z", "a"),
            // The same moment in another zone, and a moment within a second.
            point("2026-01-03T01:00:00+01:00", "a"),
            point("2026-01-03T00:00:00.5Z", "a"),
            point("2026-01-06T00:00:00Z", "b"),
        ];
        let (points, later) = course(given, &PRESENT);
        let told: Vec<(&str, &str)> =
            points.iter().map(|p| (p.timestamp.as_str(), p.commit.as_str())).collect();
        let wanted = [
            ("2026-01-02T00:00:00Z", "a"),
            ("2026-01-03T00:00:00Z", "a"),
            ("2026-01-03T00:00:00.5Z", "a"),
            ("2026-01-05T00:00:00Z", "c"),
        ];
        assert_eq!((told, later), (wanted.to_vec(), 1));
    }

    #[test]
    fn the_newest_are_kept() {
        let given: Vec<_> =
            (0..100).map(|n| point(&format!("2026-01-01T00:{:02}:{:02}Z", n / 60, n % 60), "")).collect();
        let (points, _) = course(given, &PRESENT);
        assert_eq!(points.len(), MAX_HISTORY);
        assert_eq!(points[0].timestamp, "2026-01-01T00:00:40Z");
    }
}
