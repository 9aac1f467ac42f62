//! Numbers and states in words, the same in every output.

use crate::report::{Basis, Criterion, Reason, Report, Span, Verdict};

/// `1 fix`, `3 fixes`.
pub(super) fn plural(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Minutes as people say them: `50 min`, `2 h`, `1 h 30 min`.
pub(super) fn minutes(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}

/// Milliseconds as people say them: `340 ms`, `1.2 s`, `2 min 5 s`. Cut, never rounded up.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// Bytes as people say them: `812 B`, `12.3 kB`, `4.0 MB`. Cut, never rounded up.
pub(super) fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit / (unit / 10));
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

/// `85.0`, or `62.1 to 97.4` where evidence leaves it open.
pub(super) fn span(span: &Span) -> String {
    if span.is_exact() || span.low.display == span.high.display {
        span.low.display.clone()
    } else if span.high.display.len() > ENDLESS {
        format!("{} or more", span.low.display)
    } else {
        format!("{} to {}", span.low.display, span.high.display)
    }
}

/// Digits from which on the high end of a count stands for "any number".
const ENDLESS: usize = 9;

/// The value of a criterion with its unit, or `not measured`.
pub(super) fn value(criterion: &Criterion) -> String {
    criterion.value.as_ref().map_or_else(|| "not measured".to_owned(), |v| unit(&span(v), &criterion.unit))
}

/// The target of a criterion with its unit: `at least 80 %`.
pub(super) fn target(criterion: &Criterion) -> String {
    let bound = if criterion.direction == "<=" { "at most" } else { "at least" };
    format!("{bound} {}", unit(&criterion.target.display, &criterion.unit))
}

fn unit(number: &str, unit: &str) -> String {
    match unit {
        "" | "count" => number.to_owned(),
        unit => format!("{number} {unit}"),
    }
}

/// Blocking reasons that neither the score, nor a criterion, nor a damaged file tells by itself.
pub(super) fn untold(report: &Report) -> impl Iterator<Item = &Reason> {
    let told =
        |r: &&Reason| !r.criterion.is_empty() || !r.evidence.is_empty() || r.code.starts_with("SCORE_");
    report.decision.reasons.iter().filter(move |r| r.blocking && !told(r))
}

/// `3 fixes, about 50 min`; empty where nothing is to do.
pub(super) fn way(report: &Report) -> String {
    let steps = &report.decision.way_to_green;
    let total = steps.iter().fold(0_u64, |sum, step| sum.saturating_add(step.minutes));
    if steps.is_empty() {
        String::new()
    } else {
        format!("{}, about {}", plural(steps.len() as u64, "fix", "fixes"), minutes(total))
    }
}

/// What the exit code means to the reader of a log.
pub(super) fn exit(report: &Report) -> String {
    let decision = &report.decision;
    let code = decision.exit_code;
    let meaning = match (code, decision.verdict, decision.basis) {
        (0, _, Basis::Override) => "deploy — forced by a person, on record; the verdict stays".to_owned(),
        (0, Verdict::Deploy, _) => "deploy".to_owned(),
        (0, verdict, _) => {
            let would = if verdict == Verdict::Remediate { 1 } else { 3 };
            format!("advisory — {}, which would be exit {would}", verdict.name())
        }
        (1, ..) => "remediate — a decision, not an error".to_owned(),
        (2, ..) => "cannot evaluate — usage, policy or configuration is wrong".to_owned(),
        (3, ..) => "inconclusive — evidence is missing or damaged; produce it again and ask again".to_owned(),
        (4, ..) => "integrity — a digest or an override does not hold".to_owned(),
        _ => "internal error — a bug in Shipworthy, please report it".to_owned(),
    };
    format!("exit {code}: {meaning}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_cut_and_never_rounded_up() {
        assert_eq!(
            [minutes(0), minutes(50), minutes(120), minutes(90)],
            ["0 min", "50 min", "2 h", "1 h 30 min"]
        );
        assert_eq!([duration(999), duration(1_999), duration(125_900)], ["999 ms", "1.9 s", "2 min 5 s"]);
        assert_eq!([size(999), size(1_999), size(4_099_999)], ["999 B", "1.9 kB", "4.0 MB"]);
        assert_eq!([plural(1, "fix", "fixes"), plural(2, "fix", "fixes")], ["1 fix", "2 fixes"]);
    }
}
