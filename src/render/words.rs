//! Numbers and states in words, the same in every output.

use crate::evidence::State;
use crate::evidence::exact::{Exact, percent_display, signed_decimal, whole};
use crate::evidence::text::shorten;
use crate::report::{
    AttestationRow, BaselineInfo, Basis, ContractRow, Criterion, Decision, HistoryPoint, MAX_HISTORY, Number,
    Override, Part, PolicyInfo, Reason, Report, Skip, Span, Subject, TestRow, Verdict, WaiverRow,
};

/// `1 fix`, `3 fixes`.
pub(super) fn plural(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Keeps numbers on the line of their units: the space before them becomes one that does not break.
pub(super) fn unbroken(text: &str) -> String {
    [" %", " ms", " s", " KiB"].iter().fold(text.to_owned(), |text, unit| {
        let mut pieces = text.split(unit).peekable();
        let mut out = String::with_capacity(text.len().saturating_add(8));
        while let Some(piece) = pieces.next() {
            out.push_str(piece);
            if let Some(next) = pieces.peek() {
                let holds = piece.ends_with(|c: char| c.is_ascii_digit())
                    && !next.starts_with(|c: char| c.is_alphanumeric());
                out.push_str(&if holds { unit.replace(' ', "\u{a0}") } else { (*unit).to_owned() });
            }
        }
        out
    })
}

/// Minutes as people say them: `50 min`, `2 h`, `1 h 30 min`.
pub(super) fn minutes(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}

/// `covered` of `total` as a percentage, cut; a dash where there is nothing to cover.
pub(super) fn percent(covered: u64, total: u64) -> String {
    if total == 0 {
        return "–".to_owned();
    }
    format!("{} %", percent_display(&Exact::new(covered.into(), total.into())))
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

/// A count as people say it: `812`, `54321`, from a million on `1.2 M` and so on. Cut, never rounded up.
pub(super) fn count(n: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000, " M"), (1_000_000_000, " G"), (1_000_000_000_000, " T"), (1_000_000_000_000_000, " P")];
    match UNITS.iter().rev().find(|(unit, _)| n >= *unit) {
        Some((unit, name)) => format!("{}.{}{name}", n / unit, n % unit / (unit / 10)),
        None => n.to_string(),
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
    measured(criterion.value.as_ref(), &criterion.unit)
}

/// The value of one component with the unit of its criterion, or `not measured`.
pub(super) fn part(part: &Part, unit: &str) -> String {
    measured(part.value.as_ref(), unit)
}

fn measured(value: Option<&Span>, of: &str) -> String {
    value.map_or_else(|| "not measured".to_owned(), |v| unit(&span(v), of))
}

/// The name of a component.
pub(super) const fn component(name: &str) -> &str {
    if name.is_empty() { "outside of every component" } else { name }
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

/// What a criterion counts beside the plain whole, and what waivers did to it: one remark each.
pub(super) fn notes(criterion: &Criterion) -> Vec<String> {
    let mut notes = Vec::new();
    match criterion.scope.as_str() {
        "" | "total" => {}
        "changed" => notes.push("counts changed lines only".to_owned()),
        "new" => notes.push("counts what is new since the baseline only".to_owned()),
        "delta" => notes.push("counts the difference to the baseline".to_owned()),
        other => notes.push(format!("counts {other}")),
    }
    if !criterion.narrowed.is_empty() {
        notes.push(format!("narrowed to {}", criterion.narrowed));
    }
    let ends = [(&criterion.now, "now"), (&criterion.before, "before")];
    let ends = ends.into_iter().filter_map(|(value, when)| Some((value.as_ref()?, when)));
    let ends: Vec<String> =
        ends.map(|(value, when)| format!("{} {when}", unit(&span(value), &criterion.unit))).collect();
    notes.extend((!ends.is_empty()).then(|| ends.join(", ")));
    notes.extend(waived(criterion));
    notes
}

/// `3 records taken out by W-1, W-2; without waivers: fail, 71.0 %`.
fn waived(criterion: &Criterion) -> Option<String> {
    let mut said = Vec::new();
    if criterion.waived > 0 || !criterion.waivers.is_empty() {
        let records = plural(criterion.waived, "record", "records");
        said.push(format!("{records} taken out by {}", criterion.waivers.join(", ")));
    }
    let raw = [
        criterion.raw_state.map(|state| state.name().to_owned()),
        criterion.raw_value.as_ref().map(|value| unit(&span(value), &criterion.unit)),
    ];
    let raw: Vec<String> = raw.into_iter().flatten().collect();
    said.extend((!raw.is_empty()).then(|| format!("without waivers: {}", raw.join(", "))));
    (!said.is_empty()).then(|| said.join("; "))
}

/// `58.1 without waivers, 4.3 points bought by waivers`; empty where waivers change nothing.
pub(super) fn bought(raw: Option<&Span>, points: Option<&Number>) -> String {
    let raw = raw.map(|raw| format!("{} without waivers", span(raw)));
    let points = points.map(|points| {
        let noun = if points.display == "1" { "point" } else { "points" };
        format!("{} {noun} bought by waivers", points.display)
    });
    raw.into_iter().chain(points).collect::<Vec<_>>().join(", ")
}

/// `score 62.4 (58.1 without waivers, 4.3 points bought by waivers)`; empty where waivers change nothing.
pub(super) fn score(decision: &Decision) -> String {
    match bought(decision.raw_score.as_ref(), decision.points_bought.as_ref()) {
        bought if bought.is_empty() => bought,
        bought => format!("score {} ({bought})", span(&decision.score)),
    }
}

/// True where the answer is a deploy and nothing speaks against it: whatever else stands in a report is no deploy.
pub(super) fn deploys(decision: &Decision) -> bool {
    decision.exit_code == 0 && decision.deployment_action == "deploy"
}

/// True where the green of a deploy would mislead: the verdict is one, and the run answers something else.
pub(super) fn is_withheld(decision: &Decision) -> bool {
    decision.verdict == Verdict::Deploy && decision.basis == Basis::Integrity
}

/// What stands above everything else where a person forces a deploy. Its texts take at most `max` bytes each.
pub(super) fn banner(forced: &Override, max: usize) -> String {
    let text = |text: &str| shorten(text.trim().trim_end_matches('.'), max);
    if !forced.effective {
        return format!("The override does not hold: {}", text(&forced.problem));
    }
    let instead = match forced.instead_of {
        0 => " (deploy)",
        1 => " (remediate)",
        3 => " (inconclusive)",
        _ => "",
    };
    let (actor, reason) = (text(&forced.actor), text(&forced.reason));
    format!("Forced deploy by {actor}: {reason}. Without it: exit {}{instead}", forced.instead_of)
}

/// The headline; nothing where the banner above it is the same sentence.
pub(super) fn headline(decision: &Decision) -> &str {
    let banner = decision.overridden.as_ref().map(|forced| banner(forced, usize::MAX));
    let same = banner.is_some_and(|banner| banner == decision.headline.trim_end_matches('.'));
    if same { "" } else { &decision.headline }
}

/// `skipped by ada: Performance: the audit server moves`.
pub(super) fn skip(report: &Report, skip: &Skip) -> String {
    let known = report.decision.categories.iter().find(|c| c.id == skip.category);
    let title = known.map_or(skip.category.as_str(), |c| c.title.as_str());
    let by = if skip.actor.is_empty() { String::new() } else { format!(" by {}", skip.actor) };
    format!("skipped{by}: {title}: {}", skip.reason)
}

/// What was judged, in a few words each: repository, ref, branch, what it is made for, commit, event.
pub(super) fn subject(subject: &Subject) -> Vec<(&'static str, String)> {
    let branch_ref = format!("refs/heads/{}", subject.branch);
    let git_ref = if subject.git_ref == branch_ref { "" } else { subject.git_ref.as_str() };
    let all = [
        ("Repository", subject.repository.clone()),
        ("Ref", git_ref.to_owned()),
        ("Branch", subject.branch.clone()),
        ("Into", subject.base.clone()),
        ("Event", subject.event.clone()),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// The policy with its profile and the ref that it was read from, with the reasons.
pub(super) fn policy(policy: &PolicyInfo) -> String {
    let facts = [
        (&policy.profile, format!(", profile {}", policy.profile)),
        (&policy.profile_reason, format!(" ({})", policy.profile_reason)),
        (&policy.git_ref, format!(", read from {}", policy.git_ref)),
    ];
    let facts = facts.into_iter().filter(|(fact, _)| !fact.is_empty()).map(|(_, text)| text);
    std::iter::once(policy.name.clone()).chain(facts).collect()
}

/// What the contract asks for, first what is not there, then what is damaged.
pub(super) fn contract(report: &Report) -> Vec<&ContractRow> {
    let mut rows: Vec<&ContractRow> = report.contract.iter().collect();
    rows.sort_by_key(|row| (is_met(row), row.state != State::Missing));
    rows
}

/// True where enough files are there and none of them hides something.
pub(super) const fn is_met(row: &ContractRow) -> bool {
    row.found >= row.wanted && !row.state.is_damaged()
}

/// What became of the tests of a requirement, else the state of its evidence.
pub(super) fn outcome(row: &ContractRow) -> String {
    match (row.tests, row.failing) {
        (0, _) => row.state.name().to_owned(),
        (tests, 0) if row.state == State::Ok => plural(tests, "test", "tests"),
        (_, 0) => row.state.name().to_owned(),
        (tests, failing) => format!("{failing} of {tests} failing"),
    }
}

/// `browser firefox, os linux`: the cell of a matrix.
pub(super) fn cell(row: &ContractRow) -> String {
    row.cell.iter().map(|(axis, value)| format!("{axis} {value}")).collect::<Vec<_>>().join(", ")
}

/// Waivers, first those that somebody must look at.
pub(super) fn waivers(report: &Report) -> Vec<&WaiverRow> {
    let mut rows: Vec<&WaiverRow> = report.waivers.iter().collect();
    rows.sort_by_key(|row| match row.state.as_str() {
        "over cap" => 0,
        "expired" => 1,
        "expiring" => 2,
        "unused" => 3,
        _ => 4,
    });
    rows
}

/// `until 2026-03-01, 12 days left`, or since when it no longer holds.
pub(super) fn until(waiver: &WaiverRow) -> String {
    let days = plural(waiver.days_left.unsigned_abs(), "day", "days");
    match waiver.days_left {
        ..0 => format!("expired on {}, {days} ago", waiver.expires),
        0 => format!("until {}, its last day", waiver.expires),
        _ => format!("until {}, {days} left", waiver.expires),
    }
}

/// What a waiver did: `4 matched, 2 covered, worth 2.2 points`.
pub(super) fn effect(waiver: &WaiverRow) -> String {
    let worth = waiver.points.as_ref().map_or_else(String::new, |p| format!(", worth {} points", p.display));
    format!("{} matched, {} covered{worth}", waiver.matched, waiver.covered)
}

/// `class › name`.
pub(super) fn test(test: &TestRow) -> String {
    if test.class.is_empty() { test.name.clone() } else { format!("{} › {}", test.class, test.name) }
}

/// What becomes of a statement, in words.
pub(super) fn standing(statement: &AttestationRow) -> String {
    let holds = if statement.holds { "" } else { "says that it does not hold; " };
    let state = match statement.state.as_str() {
        "expired" => "expired, counts no longer",
        "future" => "of a day to come, does not count yet",
        state => state,
    };
    format!("{holds}{state}")
}

/// A statement as that of the person who makes it; its texts take at most `max` bytes each.
pub(super) fn said(statement: &AttestationRow, max: usize) -> String {
    let AttestationRow { date, expires, .. } = statement;
    let (text, by) = (shorten(statement.statement.trim(), max), shorten(&statement.by, max));
    format!("«{text}», says {by} on {date}, counts until {expires}")
}

/// What this run was compared with, and what came of it: one sentence each, with texts of at most `max` bytes.
pub(super) fn baseline(baseline: &BaselineInfo, max: usize) -> Vec<String> {
    let mut said = vec![compared(baseline, max)];
    if baseline.state != "given" {
        return said;
    }
    let counts = [
        (baseline.new_findings, "new finding", "new findings"),
        (baseline.gone_findings, "finding is gone", "findings are gone"),
        (baseline.vanished_tests, "test is gone", "tests are gone"),
        (Some(baseline.vanished_files.len() as u64), "measured file is gone", "measured files are gone"),
    ];
    let counts =
        counts.into_iter().filter_map(|(n, one, many)| Some(plural(n.filter(|n| *n > 0)?, one, many)));
    let counts: Vec<String> = counts.collect();
    said.extend((!counts.is_empty()).then(|| counts.join(", ")));
    said
}

fn compared(baseline: &BaselineInfo, max: usize) -> String {
    let [path, cause] = [&baseline.path, &baseline.cause].map(|text| shorten(text, max));
    let because = if cause.is_empty() { String::new() } else { format!(": {cause}") };
    match baseline.state.as_str() {
        "given" => {}
        "first run" => return format!("first run, nothing to compare with{because}"),
        state => return format!("{path} is {state}{because}"),
    }
    let facts = [
        (" of", shorten(&baseline.timestamp, max)),
        (" at", baseline.commit.chars().take(12).collect()),
        (", which said", shorten(&baseline.verdict, max)),
        (" with score", shorten(&baseline.score, max)),
        (", since then", shorten(&baseline.score_change, max)),
    ];
    let facts = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    let facts: Vec<String> = facts.map(|(word, fact)| format!("{word} {fact}")).collect();
    format!("{path}{}{because}", facts.concat())
}

/// `+2.3 points`, of a change with its sign as [`signed_decimal`] cuts it to one decimal.
pub(super) fn points(change: &str) -> String {
    match change {
        "0" => "no change".to_owned(),
        "+0" => "less than 0.1 points more".to_owned(),
        "+1" | "-1" => format!("{change} point"),
        change => format!("{change} points"),
    }
}

/// `+2.3 points since the last run (2026-11-20, remediate)`: since the baseline where one is given, else since the newest
/// earlier run; empty where there is neither.
pub(super) fn since(report: &Report) -> String {
    if report.error.is_some() {
        return String::new();
    }
    let baseline = report.baseline.as_ref().filter(|b| !b.score_change.is_empty());
    if let Some(b) = baseline {
        let (change, day) = (shorten(&b.score_change, MAX_CHANGE), day(&b.timestamp));
        return format!(
            "{} since the baseline ({day}, {})",
            points(&change),
            shorten(&b.verdict, MAX_CHANGE)
        );
    }
    let Some(last) = report.history.last() else { return String::new() };
    let run = format!("the last run ({}, {})", day(&last.timestamp), last.verdict.name());
    let ends = report.decision.score.low.exact().zip(low(last));
    ends.map_or_else(
        || format!("{run} has no score to compare with"),
        |(now, before)| format!("{} since {run}", points(&signed_decimal(&(now - before), 1))),
    )
}

/// Bytes of a change and of a verdict that a baseline tells: both are short where they are what they should be.
const MAX_CHANGE: usize = 40;

/// The day of a time as reports write it.
pub(super) fn day(timestamp: &str) -> String {
    timestamp.chars().take(10).collect()
}

/// The low end of a run's score.
pub(super) fn low(run: &HistoryPoint) -> Option<Exact> {
    run.score.as_ref().and_then(|score| score.low.exact())
}

/// The score of every run as a block, from the lowest to the highest, and what that tells in words; nothing where
/// fewer than two runs have one.
pub(super) fn course(report: &Report) -> Option<(String, String)> {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let scores: Vec<Option<Exact>> = runs(report).iter().map(low).collect();
    let known = || scores.iter().flatten();
    let (lowest, highest) = (known().min()?, known().max()?);
    let count = known().count();
    if count < 2 {
        return None;
    }
    let field = super::chart::Field { left: 0, top: 0, width: 0, height: BLOCKS.len() as u64 - 1 };
    let block = |score: &Option<Exact>| {
        // Counted from the lowest, so that only the highest score is a full block.
        let up = score.as_ref().map(|score| field.y(&-score, &-highest, &-lowest));
        up.and_then(|up| BLOCKS.get(usize::try_from(up).ok()?)).copied().unwrap_or('·')
    };
    let words = format!("score over {count} runs, {} to {}", of_hundred(lowest), of_hundred(highest));
    Some((scores.iter().map(block).collect(), words))
}

/// A score of 0 to 100 as reports show it: cut to one decimal, `100` only where it is exact.
pub(super) fn of_hundred(score: &Exact) -> String {
    percent_display(&(score / whole(100)))
}

/// The newest earlier runs, the oldest first, and behind them this one.
pub(super) fn runs(report: &Report) -> Vec<HistoryPoint> {
    if report.history.is_empty() {
        return Vec::new();
    }
    let over = report.history.len().saturating_sub(MAX_HISTORY);
    let earlier = report.history.iter().skip(over).cloned();
    earlier.chain([HistoryPoint::of(report)]).collect()
}

/// Blocking reasons that neither the banner, nor the score, nor a criterion, nor a damaged file tells by itself.
pub(super) fn untold(report: &Report) -> impl Iterator<Item = &Reason> {
    let banner = report.decision.overridden.is_some();
    let told = move |r: &&Reason| {
        let by_banner = banner && r.code == "OVERRIDE_INVALID";
        by_banner || !r.criterion.is_empty() || !r.evidence.is_empty() || r.code.starts_with("SCORE_")
    };
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
    use crate::render::sample;

    #[test]
    fn numbers_stay_with_their_units() {
        assert_eq!(unbroken("80.0 %, wanted at least 99 %"), "80.0\u{a0}%, wanted at least 99\u{a0}%");
        assert_eq!(unbroken("2500 ms; 3 seconds; cart %d"), "2500\u{a0}ms; 3 seconds; cart %d");
        assert_eq!(unbroken("1 s"), "1\u{a0}s");
    }

    #[test]
    fn a_cell_tells_what_became_of_its_tests() {
        use crate::evidence::State;
        let of =
            |state, tests, failing| outcome(&ContractRow { state, tests, failing, ..ContractRow::default() });
        assert_eq!(of(State::Ok, 0, 0), "ok");
        assert_eq!(of(State::Ok, 1, 0), "1 test");
        assert_eq!(of(State::Ok, 16, 3), "3 of 16 failing");
        assert_eq!(of(State::Truncated, 16, 0), "truncated");
        assert_eq!(of(State::Missing, 0, 0), "missing");
    }

    #[test]
    fn a_waiver_says_how_long_it_holds() {
        let held =
            |days_left| until(&WaiverRow { days_left, expires: "2026-08-20".into(), ..WaiverRow::default() });
        assert_eq!(held(-1), "expired on 2026-08-20, 1 day ago");
        assert_eq!(held(0), "until 2026-08-20, its last day");
        assert_eq!(held(5), "until 2026-08-20, 5 days left");
    }

    #[test]
    fn a_baseline_says_what_it_is_or_why_there_is_none() {
        let of = |state: &str, cause: &str| {
            let [state, path, cause] = [state, "old.json", cause].map(str::to_owned);
            baseline(&BaselineInfo { state, path, cause, ..BaselineInfo::default() }, 99)
        };
        assert_eq!(of("first run", ""), ["first run, nothing to compare with"]);
        assert_eq!(of("unreadable", "no JSON"), ["old.json is unreadable: no JSON"]);
        assert_eq!(of("given", ""), ["old.json"]);
    }

    #[test]
    fn the_change_is_told_since_the_baseline_or_else_since_the_newest_run() {
        let mut report = sample::policy();
        assert_eq!(since(&report), "+1.4 points since the baseline (2026-08-19, remediate)");
        report.baseline = None;
        assert_eq!(since(&report), "+11.4 points since the last run (2026-08-19, inconclusive)");
        if let Some(last) = report.history.last_mut() {
            last.score = None;
        }
        assert_eq!(since(&report), "the last run (2026-08-19, inconclusive) has no score to compare with");
        report.history.clear();
        assert_eq!((since(&report).as_str(), course(&report)), ("", None));
        assert_eq!(
            ["0", "+0", "+1", "-1", "-0.1"].map(points).join(", "),
            "no change, less than 0.1 points more, +1 point, -1 point, -0.1 points"
        );
    }

    #[test]
    fn the_highest_score_alone_is_a_full_block() {
        let mut report = sample::policy();
        let (blocks, words) = course(&report).unwrap();
        assert_eq!((blocks.as_str(), words.as_str()), ("▁█·▂▄", "score over 4 runs, 40.0 to 81.5"));
        let score = report.decision.score.clone();
        report.history.iter_mut().for_each(|run| run.score = Some(score.clone()));
        assert_eq!(course(&report).unwrap().0, "▄▄▄▄▄");
        report.history.iter_mut().for_each(|run| run.score = None);
        assert_eq!(course(&report), None);
    }

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
