//! `shipworthy inspect`: what each file is and what was read from it, without judging.

use super::console::{Console, say};
use super::{Exit, Outcome, guard};
use crate::collect::collect;
use crate::discover::{Limits, Request, discover};
use crate::evidence::coverage::{self, Tally, Totals};
use crate::evidence::exact::floor_decimal;
use crate::evidence::findings::{Disposition, Findings, Level, Severity};
use crate::evidence::load::{self, LoadTest, Requests};
use crate::evidence::pages::{Engine, Impact, Page};
use crate::evidence::tests::Counts;
use crate::evidence::{Evidence, Item, State};
use crate::render::escape;
use crate::render::hostile::{Hostile, Log, encoded};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Show what each file is and what was read from it, without judging
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders or globs
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Add a last object for all files together
    #[arg(long)]
    merge: bool,
    /// Number of threads, all cores by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON object a line
    Json,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    let request = Request { paths: args.paths.clone(), ..Request::default() };
    guard::use_threads(args.jobs);
    let evidence = collect(discover(&request), &Limits::default());
    match args.format {
        Format::Json => print_json(&evidence, args.merge, console)?,
        Format::Table => print_table(&evidence, args.merge, console)?,
    }
    let read = |i: &Item| matches!(i.state, State::Ok | State::Duplicate | State::Ignored);
    let any = evidence.items.iter().any(|i| i.state == State::Ok);
    Ok(if any && evidence.items.iter().all(read) { Exit::Deploy } else { Exit::Inconclusive })
}

fn print_json(evidence: &Evidence, merge: bool, console: &mut Console<'_>) -> std::io::Result<()> {
    for item in &evidence.items {
        console.document(json_line(&item_json(item)).as_bytes())?;
    }
    if merge {
        console.document(json_line(&merged_json(evidence)).as_bytes())?;
    }
    Ok(())
}

fn json_line(value: &Value) -> String {
    escape::json(&format!("{value}\n"))
}

/// The object of one file, with only the parts that the file has.
fn item_json(item: &Item) -> Value {
    let mut object = Map::new();
    object.insert("path".into(), json!(item.path));
    object.insert("sha256".into(), json!(item.sha256));
    object.insert("bytes".into(), json!(item.bytes));
    object.insert("format".into(), json!(item.format));
    object.insert("producer".into(), producer(item));
    object.insert("category".into(), json!(item.category.as_ref().map(|c| &c.category)));
    object.insert("state".into(), json!(item.state));
    if !item.cause.is_empty() {
        object.insert("cause".into(), json!(item.cause));
    }
    insert_facts(&mut object, &[item]);
    object.insert("diagnostics".into(), json!(item.diagnostics));
    Value::Object(object)
}

fn producer(item: &Item) -> Value {
    match (item.producer.name.as_str(), item.producer.version.as_str()) {
        ("", _) => Value::Null,
        (name, "") => json!(name),
        (name, version) => json!(format!("{name} {version}")),
    }
}

/// The object of all files together: duplicates count once, coverage is the union.
fn merged_json(evidence: &Evidence) -> Value {
    let items: Vec<&Item> = evidence.items.iter().filter(|i| !i.state.is_harmless()).collect();
    let worst = items.iter().map(|i| i.state).max().unwrap_or(State::Empty);
    let mut object = Map::new();
    object.insert("path".into(), json!("*"));
    object.insert("files".into(), json!(items.len()));
    object.insert("state".into(), json!(worst));
    insert_facts(&mut object, &items);
    Value::Object(object)
}

fn insert_facts(object: &mut Map<String, Value>, items: &[&Item]) {
    let tests: Vec<Counts> = items
        .iter()
        .filter_map(|i| i.facts.tests.as_ref())
        .map(crate::evidence::tests::Tests::counts)
        .collect();
    if !tests.is_empty() {
        object.insert("tests".into(), tests_json(tests.into_iter().fold(Counts::default(), Counts::plus)));
    }
    let reports: Vec<_> = items.iter().filter_map(|i| i.facts.coverage.as_ref()).collect();
    if !reports.is_empty() {
        object.insert("coverage".into(), coverage_json(&Totals::of(&coverage::merge(reports))));
    }
    let findings: Vec<&Findings> = items.iter().filter_map(|i| i.facts.findings.as_ref()).collect();
    if !findings.is_empty() {
        object.insert("findings".into(), findings_json(&findings));
    }
    let pages: Vec<Value> = items.iter().flat_map(|i| &i.facts.pages).map(page_json).collect();
    if !pages.is_empty() {
        object.insert("pages".into(), Value::Array(pages));
    }
    let runs = load::runs(items.iter().copied());
    let tests: Vec<Value> = runs.iter().map(|run| load_json(&run.test)).collect();
    if !tests.is_empty() {
        object.insert("load".into(), Value::Array(tests));
    }
    let mut metrics = Map::new();
    let tests: Vec<&LoadTest> = runs.iter().map(|run| run.test.as_ref()).collect();
    for (id, of) in
        [("load.requests", (|r| r.count) as fn(&Requests) -> Option<u64>), ("load.failures", |r| r.failed)]
    {
        // A sum that leaves out what one run does not tell would be no sum.
        let counted = tests.iter().filter(|t| t.all.count.is_some());
        let told: Option<Vec<u64>> = counted.map(|t| of(&t.all)).collect();
        if let Some(told) = told.filter(|told| !told.is_empty()) {
            metrics.insert(id.to_owned(), json!(told.into_iter().fold(0, u64::saturating_add)));
        }
    }
    for (id, value) in items.iter().flat_map(|item| page_metrics(item)) {
        metrics.entry(id).or_insert_with(|| number(&floor_decimal(value, 6)));
    }
    if !metrics.is_empty() {
        object.insert("metrics".into(), Value::Object(metrics));
    }
}

/// A load test: numbers, percentiles in milliseconds, what the test itself judged.
fn load_json(test: &LoadTest) -> Value {
    let mut object = requests_json(&test.all);
    if let Some(rate) = test.per_second() {
        object.insert("per_second".into(), number(&floor_decimal(&rate, 3)));
    }
    let rows = test.rows.iter().map(|row| {
        let mut object = Map::new();
        object.insert("name".into(), json!(row.title()));
        object.extend(requests_json(row));
        Value::Object(object)
    });
    let rows: Vec<Value> = rows.collect();
    let thresholds: Vec<Value> = test
        .thresholds
        .iter()
        .map(|t| json!({"metric": t.metric, "expression": t.expression, "judgement": t.judgement.name()}))
        .collect();
    for (key, list) in [("rows", rows), ("thresholds", thresholds)] {
        if !list.is_empty() {
            object.insert(key.into(), Value::Array(list));
        }
    }
    if let Some((passed, total)) = test.answers {
        object.insert("checks".into(), json!({"passed": passed, "total": total}));
    } else if let Some(share) = &test.passed_share {
        object.insert("checks".into(), json!({"passed_share": number(&floor_decimal(share, 6))}));
    }
    if !test.errors.is_empty() {
        let errors = test.errors.iter().map(|e| (e.text.clone(), json!(e.count)));
        object.insert("errors".into(), Value::Object(errors.collect()));
    }
    Value::Object(object)
}

fn requests_json(requests: &Requests) -> Map<String, Value> {
    let mut object = Map::new();
    for (key, value) in [("requests", requests.count), ("failed", requests.failed)] {
        if let Some(value) = value {
            object.insert(key.into(), json!(value));
        }
    }
    if let Some(share) = &requests.failed_share {
        object.insert("failed_share".into(), number(&floor_decimal(share, 6)));
    }
    let points = requests.latency.points().map(|(p, v)| (p.name(), number(&floor_decimal(v, 6))));
    let points: Map<String, Value> = points.collect();
    if !points.is_empty() {
        object.insert("millis".into(), Value::Object(points));
    }
    object
}

fn page_metrics(item: &Item) -> impl Iterator<Item = (&str, &crate::evidence::exact::Exact)> {
    item.facts.pages.iter().flat_map(|p| p.metrics.iter().map(|(id, value)| (*id, value)))
}

fn number(text: &str) -> Value {
    text.parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
}

fn tests_json(counts: Counts) -> Value {
    let Counts { total, passed, failed, errors, skipped, flaky } = counts;
    json!({"total": total, "passed": passed, "failed": failed, "errors": errors, "skipped": skipped, "flaky": flaky})
}

fn coverage_json(totals: &Totals) -> Value {
    let tally = |t: Tally| json!({"covered": t.low, "covered_high": t.high, "total": t.total});
    let mut object = Map::new();
    let metrics = [
        ("lines", totals.lines),
        ("branches", totals.branches),
        ("functions", totals.functions),
        ("statements", totals.statements),
    ];
    for (name, value) in metrics {
        if let Some(value) = value {
            object.insert(name.into(), tally(value));
        }
    }
    Value::Object(object)
}

fn findings_json(all: &[&Findings]) -> Value {
    let sum = |count: &dyn Fn(&Findings) -> u64| all.iter().map(|f| count(f)).sum::<u64>();
    let by_level: Map<String, Value> = Level::ALL
        .iter()
        .enumerate()
        .map(|(at, level)| {
            (level.name().to_owned(), json!(sum(&|f| f.by_level.get(at).copied().unwrap_or(0))))
        })
        .collect();
    let by_severity: Map<String, Value> = Severity::ALL
        .iter()
        .map(|severity| {
            let count = sum(&|f| f.counted().filter(|x| x.severity == *severity).count() as u64);
            (severity.name().to_owned(), json!(count))
        })
        .collect();
    json!({
        "read": sum(&|f| f.read),
        "counted": sum(&|f| f.count(Disposition::Counted)),
        "suppressed": sum(&|f| f.count(Disposition::Suppressed)),
        "not_failing": sum(&|f| f.not_failing),
        "absent": sum(&|f| f.count(Disposition::Absent)),
        "by_level": by_level,
        "by_severity": by_severity,
    })
}

fn page_json(page: &Page) -> Value {
    let mut object = Map::new();
    object.insert("url".into(), json!(page.url));
    if page.engine == Engine::Lighthouse {
        let score = |value: &Option<crate::evidence::exact::Exact>| {
            value.as_ref().map_or(Value::Null, |v| number(&floor_decimal(v, 4)))
        };
        let scores: Map<String, Value> =
            page.scores.iter().map(|(id, value)| (id.clone(), score(value))).collect();
        object.insert("scores".into(), Value::Object(scores));
    }
    if page.engine == Engine::Axe || !page.rules.is_empty() {
        let violations = Impact::ALL.iter().zip(page.violations()).rev();
        let violations: Map<String, Value> =
            violations.map(|(impact, n)| (impact.name().to_owned(), json!(n))).collect();
        object.insert("violations".into(), Value::Object(violations));
        object.insert("incomplete".into(), json!(page.incomplete()));
    }
    if page.state != State::Ok {
        object.insert("state".into(), json!(page.state));
        object.insert("cause".into(), json!(page.cause));
    }
    Value::Object(object)
}

fn print_table(evidence: &Evidence, merge: bool, console: &mut Console<'_>) -> std::io::Result<()> {
    let width = evidence.items.iter().map(|i| i.path.chars().count()).max().unwrap_or(0).min(60);
    for item in &evidence.items {
        let format = item.format.unwrap_or("-");
        let (path, line) = (encoded!(Log, "{}", Hostile(&item.path)).padded(width), line(item));
        say!(console, "{:12} {:10} {}  {}", item.state.name(), format, path, Hostile(&line))?;
        for remark in &item.diagnostics {
            let line = match remark.line {
                Some(line) => encoded!(Log, " line {}:", line),
                None => encoded!(Log, ""),
            };
            let (code, message) = (Hostile(&remark.code), Hostile(&remark.message));
            say!(console, "{:12} {:10}   {}:{} {}", "", "", code, line, message)?;
        }
    }
    if merge {
        let all = merged_json(evidence).to_string();
        say!(console, "{:12} {:10} {}", "", "all", Hostile(&all))?;
    }
    Ok(())
}

/// What was read and what is wrong with it.
fn line(item: &Item) -> String {
    [item.summary(), item.cause.clone()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}
