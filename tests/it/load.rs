//! Load tests under a policy: what is judged of one run, of several, and of a run that stands in several files.

use crate::support::shipworthy;
use proptest::prelude::*;
use serde_json::Value;
use shipworthy::evidence::exact::whole;
use shipworthy::evidence::load::{Latency, Percentile, Rounding};
use std::path::Path;

/// Judges files by one criterion each; gives the exit code, the criterion's state and its value in words.
fn judged(files: &[(&str, &str)], criterion: &str) -> (i32, String, Value) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, text) in files {
        let path = at("in").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let policy =
        format!("version: 1\ncategories:\n  performance: {{ weight: 100%, criteria: {{ {criterion} }} }}\n");
    std::fs::write(at("policy.yml"), policy).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let output = shipworthy(&[
        "gate",
        &text(&at("in")),
        "--policy",
        &text(&at("policy.yml")),
        "--out",
        &text(&at("out")),
        "--formats",
        "json",
    ]);
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(at("out/report.json")).unwrap()).unwrap();
    let criterion = report["decision"]["categories"][0]["criteria"][0].clone();
    let state = criterion["state"].as_str().unwrap_or_default().to_owned();
    (output.status.code().unwrap(), state, criterion["value"].clone())
}

fn hey(statuses: &[u16], seconds: &str) -> String {
    let header =
        "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n";
    let row = |status: &u16| format!("{seconds},0,0,0,0,0,{status},0\n");
    header.to_owned() + &statuses.iter().map(row).collect::<String>()
}

fn autocannon(counts: &str) -> String {
    format!(
        r#"{{"url":"http://a/","connections":2,"pipelining":1,"duration":2,{counts}"requests":{{"total":40}},"latency":{{"p50":1,"p90":8,"p97_5":16,"p99":18,"max":20}}}}"#
    )
}

/// What becomes of a criterion over files.
fn becomes(files: &[(&str, &str)], criterion: &str) -> (i32, String) {
    let (code, state, _) = judged(files, criterion);
    (code, state)
}

fn is(code: i32, state: &str) -> (i32, String) {
    (code, state.to_owned())
}

#[test]
fn requests_and_failures_of_several_runs_are_summed_and_of_times_the_slowest_run_counts() {
    let (fast, slow) = (hey(&[200; 9], "0.010"), hey(&[200, 500], "0.100"));
    let files = [("fast/a.csv", fast.as_str()), ("slow/b.csv", slow.as_str())];
    for (criterion, want) in [
        ("load.requests: 11", is(0, "pass")),
        ("load.requests: 12", is(1, "fail")),
        ("load.failures: 1", is(0, "pass")),
        ("load.failures: 0", is(1, "fail")),
        // 1 of 11.
        ("load.error_rate: 9.1%", is(0, "pass")),
        ("load.error_rate: 9%", is(1, "fail")),
        ("load.p95: 100ms", is(0, "pass")),
        ("load.p95: 99ms", is(1, "fail")),
    ] {
        assert_eq!(becomes(&files, criterion), want, "{criterion}");
    }
}

#[test]
fn a_run_in_two_files_counts_once() {
    let thresholds = |held: &str, crossed: &str| {
        (
            format!(
                r#"{{"metrics":{{"http_reqs":{{"count":40,"rate":2}},"http_req_failed":{{"passes":2,"fails":38,"value":0.05}},"http_req_duration":{{"avg":5,"max":30,"p(95)":20,"thresholds":{{"p(95)<15":{crossed}}}}}}}}}"#
            ),
            format!(
                r#"{{"metrics":{{"http_reqs":{{"type":"counter","values":{{"count":40,"rate":2}}}},"http_req_failed":{{"values":{{"passes":2,"fails":38,"rate":0.05}}}},"http_req_duration":{{"values":{{"avg":5,"max":30,"p(95)":20}},"thresholds":{{"p(95)<15":{{"ok":{held}}}}}}}}}}}"#
            ),
        )
    };
    let (export, summary) = thresholds("false", "true");
    let files = [("export.json", export.as_str()), ("summary.json", summary.as_str())];
    for criterion in ["load.requests: 41", "load.failures: 1", "load.thresholds: 0"] {
        let (code, state, value) = judged(&files, criterion);
        assert_eq!((code, state.as_str()), (1, "fail"), "{criterion}: {value}");
    }
    assert_eq!(becomes(&files, "load.requests: 40"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.failures: 2"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.thresholds: 1"), is(0, "pass"));
    // In two folders they are two runs.
    let files = [("a/export.json", export.as_str()), ("b/summary.json", summary.as_str())];
    assert_eq!(becomes(&files, "load.requests: 80"), is(0, "pass"));
}

/// One request of 30 ms, as k6's stream of points and as its summary, whose threshold was crossed.
fn told_twice() -> (String, String) {
    let header = "metric_name,timestamp,metric_value,check,error,name,status";
    let rows =
        ["http_reqs,1,1,,,cart,200", "http_req_duration,1,30,,,cart,200", "http_req_failed,1,0,,,cart,200"];
    let points = format!("{header}\n{}\nchecks,1,1,up,,,\n", rows.join("\n"));
    let summary = r#"{"metrics":{"http_reqs":{"count":1,"rate":1},"http_req_failed":{"passes":0,"fails":1,"value":0},
        "http_req_duration":{"avg":30,"max":30,"p(95)":30,"thresholds":{"p(95)<20":true}},"checks":{"passes":1,"fails":1}}}"#;
    (points, summary.to_owned())
}

#[test]
fn what_one_of_two_files_of_a_run_says_is_never_lost() {
    let (points, summary) = told_twice();
    for names in [["a.csv", "b.json"], ["b.csv", "a.json"]] {
        let files = [(names[0], points.as_str()), (names[1], summary.as_str())];
        assert_eq!(becomes(&files, "load.requests: 2"), is(1, "fail"), "it is one run");
        assert_eq!(becomes(&files, "load.thresholds: 0"), is(1, "fail"), "{names:?}");
        // 1 of 1 and 1 of 2: the worse counts.
        assert_eq!(becomes(&files, "load.checks: 60%"), is(1, "fail"), "{names:?}");
        assert_eq!(becomes(&files, "load.checks: 50%"), is(0, "pass"), "{names:?}");
    }
}

#[test]
fn runs_that_differ_are_never_taken_for_one() {
    let table = |requests: u64, failures: u64| {
        format!(
            "Type,Name,Request Count,Failure Count,Median Response Time,95%\nGET,/,{requests},{failures},5,9\n,Aggregated,{requests},{failures},5,9\n"
        )
    };
    let list = |requests: u64, failures: u64| {
        format!(
            r#"[{{"name":"/","method":"GET","num_requests":{requests},"num_failures":{failures},"response_times":{{"5":{requests}}}}}]"#
        )
    };
    // The list is some requests younger than the table of the same run.
    let (stats, json) = (table(100, 3), list(105, 4));
    let files = [("shop_stats.csv", stats.as_str()), ("shop.json", json.as_str())];
    assert_eq!(becomes(&files, "load.requests: 106"), is(1, "fail"));
    assert_eq!(becomes(&files, "load.failures: 4"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.failures: 3"), is(1, "fail"));
    // A table that tells more failures than the list is believed.
    let (stats, json) = (table(100, 7), list(105, 0));
    let files = [("shop_stats.csv", stats.as_str()), ("shop.json", json.as_str())];
    assert_eq!(becomes(&files, "load.failures: 6"), is(1, "fail"));
    // A table of a fifth of the requests is another run.
    let (stats, json) = (table(20, 2), list(105, 4));
    let files = [("smoke_stats.csv", stats.as_str()), ("shop.json", json.as_str())];
    assert_eq!(becomes(&files, "load.failures: 5"), is(1, "fail"));
    assert_eq!(becomes(&files, "load.requests: 125"), is(0, "pass"));
}

#[test]
fn failures_that_a_file_does_not_tell_may_be_all_requests() {
    let untold = autocannon("");
    assert_eq!(becomes(&[("a.json", &untold)], "load.error_rate: 50%"), is(3, "unknown"));
    // Beside a run that tells them, all of the others may have failed.
    let told = hey(&[200; 40], "0.001");
    let files = [("a/a.json", untold.as_str()), ("b/b.csv", told.as_str())];
    assert_eq!(becomes(&files, "load.failures: 40"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.failures: 39"), is(3, "unknown"));
    let told = autocannon(r#""errors":0,"non2xx":0,"#);
    assert_eq!(becomes(&[("a.json", &told)], "load.error_rate: 0%"), is(0, "pass"));
}

#[test]
fn a_run_that_does_not_tell_its_times_leaves_them_open() {
    let timed = hey(&[200; 9], "0.010");
    let untimed = "timeStamp,label,success,responseCode\n1,a,true,200\n2,a,true,200\n";
    let files = [("a/a.csv", timed.as_str()), ("b/b.jtl", untimed)];
    assert_eq!(becomes(&files[..1], "load.p95: 500ms"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.p95: 500ms"), is(3, "unknown"));
    assert_eq!(becomes(&files, "load.p95: 5ms"), is(1, "fail"));
}

#[test]
fn failures_of_an_unknown_number_of_requests_never_pass() {
    let failures = |times: u64| format!("Method,Name,Error,Occurrences\nGET,/,500 Server Error,{times}\n");
    let (text, good) = (failures(5), hey(&[200; 9], "0.010"));
    let files = [("a/shop_failures.csv", text.as_str()), ("b/b.csv", good.as_str())];
    assert_eq!(becomes(&files, "load.error_rate: 50%"), is(3, "unknown"));
    assert_eq!(becomes(&files, "load.failures: 4"), is(1, "fail"));
    assert_eq!(becomes(&files, "load.failures: 5"), is(0, "pass"));
    assert_eq!(becomes(&files[..1], "load.error_rate: 50%"), is(3, "unknown"));
}

#[test]
fn shares_without_numbers_count() {
    let summary = |failed: &str, passed: &str| {
        format!(
            r#"{{"metrics":{{"http_reqs":{{"values":{{"rate":31.2}}}},"http_req_duration":{{"values":{{"p(95)":412.5}}}},"http_req_failed":{{"values":{{"rate":{failed}}}}},"checks":{{"values":{{"rate":{passed}}}}}}}}}"#
        )
    };
    let (bad, good) = (summary("0.3", "0.5"), summary("0", "1"));
    let files = [("a/summary.json", bad.as_str())];
    assert_eq!(becomes(&files, "load.error_rate: 29%"), is(1, "fail"));
    assert_eq!(becomes(&files, "load.error_rate: 30%"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.checks: 51%"), is(1, "fail"));
    assert_eq!(becomes(&files, "load.checks: 50%"), is(0, "pass"));
    // Of two runs each may have made nearly all requests.
    let files = [("a/summary.json", bad.as_str()), ("b/summary.json", good.as_str())];
    assert_eq!(becomes(&files, "load.error_rate: 20%"), is(3, "unknown"));
    assert_eq!(becomes(&files, "load.error_rate: 30%"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.checks: 70%"), is(3, "unknown"));
}

#[test]
fn a_percentile_that_is_not_given_lies_between_its_neighbours() {
    let text = autocannon(r#""errors":0,"non2xx":0,"#);
    let files = [("a.json", text.as_str())];
    // Whole milliseconds, each of which may be one off: between 7 and 17.
    assert_eq!(becomes(&files, "load.p95: 17ms"), is(0, "pass"));
    assert_eq!(becomes(&files, "load.p95: 16ms"), is(3, "unknown"));
    assert_eq!(becomes(&files, "load.p95: 6ms"), is(1, "fail"));
}

#[test]
fn a_run_without_requests_and_a_cut_one_never_pass() {
    let none = hey(&[], "");
    let cut = hey(&[200; 30], "0.001").trim_end().to_owned();
    for criterion in ["load.requests: 31", "load.failures: 0", "load.error_rate: 99%", "load.p95: 500ms"] {
        for (name, text) in [("none.csv", &none), ("cut.csv", &cut)] {
            let (code, state) = becomes(&[(name, text)], criterion);
            assert!(code != 0 && state != "pass", "{name}, {criterion}: {code} {state}");
        }
    }
}

/// What a tool writes, in milliseconds, for a time of so many microseconds.
fn written(rounding: Rounding, micros: u64) -> u64 {
    let step = match micros {
        // Locust: `round(x)` below 100 ms, then `round(x, -1)`, from 1 s `round(x, -2)`, from 10 s `round(x, -3)`.
        100_000..1_000_000 if rounding == Rounding::TwoDigits => 10,
        1_000_000..10_000_000 if rounding == Rounding::TwoDigits => 100,
        10_000_000.. if rounding == Rounding::TwoDigits => 1_000,
        _ => 1,
    };
    (micros + step * 500) / (step * 1_000) * step
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where a percentile is rounded or left out, what was measured lies inside of the interval.
    #[test]
    fn what_was_measured_lies_between_what_is_told(
        mut micros in prop::collection::vec(prop_oneof![0..200_000_u64, 0..20_000_000_u64], 1..200),
        given in prop::collection::btree_set(prop::sample::select(&["50", "66", "75", "90", "97.5", "99"][..]), 1..6),
        wanted in prop::sample::select(&["50", "80", "90", "95", "99"][..]),
        rounding in prop::sample::select(&[Rounding::None, Rounding::WholeMillis, Rounding::TwoDigits][..]),
    ) {
        micros.sort_unstable();
        let measured = |percentile: Percentile| {
            let place = usize::try_from(percentile.rank(micros.len() as u64)).unwrap() - 1;
            micros[place]
        };
        let mut latency = Latency::rounded(rounding);
        for percentile in given.iter().filter_map(|text| Percentile::of_percent(text)) {
            let micros = measured(percentile);
            let millis = match rounding {
                Rounding::None => whole(micros) / whole(1_000),
                _ => whole(written(rounding, micros)),
            };
            latency.set(percentile, millis);
        }
        let wanted = Percentile::of_percent(wanted).unwrap();
        let truth = whole(measured(wanted)) / whole(1_000);
        let (low, high) = latency.between(wanted).unwrap();
        prop_assert!(low <= truth, "{low} > {truth}");
        prop_assert!(high.as_ref().is_none_or(|high| truth <= *high), "{high:?} < {truth}");
    }
}
