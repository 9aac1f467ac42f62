//! Reports for the renderers' tests: a realistic red one, a green one, and what an attacker would send.

use crate::evidence::{Diagnostic, State};
use crate::report::Report;
use serde_json::{Value, json};

fn number(num: u64, den: u64, display: &str) -> Value {
    json!({ "num": num.to_string(), "den": den.to_string(), "display": display })
}

fn span(num: u64, den: u64, display: &str) -> Value {
    json!({ "low": number(num, den, display), "high": number(num, den, display) })
}

struct Crit<'a>(&'a str, &'a str, &'a str, Value, &'a str, &'a str, Value, &'a str);

fn criterion(category: &str, c: Crit<'_>) -> Value {
    let Crit(measure, title, state, value, unit, direction, target, text) = c;
    let mut out = json!({
        "id": format!("{category}/{measure}"), "measure": measure, "title": title, "state": state,
        "unit": unit, "direction": direction, "target": target, "blocking": state == "fail",
        "advisory": false, "required": false, "samples": 81, "points_lost": number(9, 4, "2.2"),
        "origin": "built-in policy", "evidence": ["a1b2c3d4e5f6"], "text": text,
    });
    if !value.is_null() {
        out["value"] = value;
    }
    if state == "fail" {
        out["reason_code"] = json!("BELOW_TARGET");
        out["fix"] = json!({ "owner": "Portal Team", "hint": "repair the failing tests, worst first",
            "minutes": 25, "basis": "5 minutes for each failing test" });
    }
    out
}

fn category(id: &str, title: &str, weight: u64, state: &str, score: &str, criteria: Vec<Value>) -> Value {
    let percent: u64 = score.split('.').next().unwrap().parse().unwrap_or(0);
    let mut out = json!({
        "id": id, "title": title, "weight": number(weight, 100, &weight.to_string()),
        "blocking": weight >= 10, "state": state, "criteria": criteria, "evidence": ["a1b2c3d4e5f6"],
        "summary": "81 tests: 15 failed, 1 error, 1 skipped",
    });
    if state == "not-applicable" {
        out["rule"] = json!("automatic policy: nothing found");
        out["summary"] = json!("nothing to judge");
    } else {
        out["score"] = span(percent, 1, score);
        out["contribution"] = span(percent * weight, 100, "12.7");
    }
    out
}

fn categories() -> Vec<Value> {
    let n = || number(0, 1, "0");
    vec![
        category(
            "quality",
            "Code quality",
            25,
            "fail",
            "0.0",
            vec![criterion(
                "quality",
                Crit(
                    "findings.errors",
                    "Lint errors",
                    "fail",
                    span(9, 1, "9"),
                    "count",
                    "<=",
                    n(),
                    "Lint errors 9, wanted at most 0",
                ),
            )],
        ),
        category(
            "security",
            "Security",
            30,
            "pass",
            "100",
            vec![criterion(
                "security",
                Crit(
                    "findings.high",
                    "High findings",
                    "pass",
                    span(0, 1, "0"),
                    "count",
                    "<=",
                    n(),
                    "High findings 0, wanted at most 0",
                ),
            )],
        ),
        category(
            "unit_tests",
            "Unit tests",
            15,
            "fail",
            "81.4",
            vec![
                criterion(
                    "unit_tests",
                    Crit(
                        "tests.pass_rate",
                        "Pass rate",
                        "fail",
                        span(66, 81, "81.4"),
                        "%",
                        ">=",
                        number(1, 1, "100"),
                        "Pass rate 81.4 %, wanted at least 100 %",
                    ),
                ),
                criterion(
                    "unit_tests",
                    Crit(
                        "coverage.line",
                        "Line coverage",
                        "warn",
                        span(78, 100, "78.0"),
                        "%",
                        ">=",
                        number(4, 5, "80"),
                        "Line coverage 78.0 %, wanted at least 80 %",
                    ),
                ),
                criterion(
                    "unit_tests",
                    Crit(
                        "coverage.branch",
                        "Branch coverage",
                        "pass",
                        span(72, 100, "72.0"),
                        "%",
                        ">=",
                        number(7, 10, "70"),
                        "Branch coverage 72.0 %, wanted at least 70 %",
                    ),
                ),
            ],
        ),
        category("integration", "Integration tests", 15, "pass", "100", vec![]),
        category(
            "e2e",
            "End-to-end tests",
            10,
            "unknown",
            "90.0",
            vec![criterion(
                "e2e",
                Crit(
                    "tests.pass_rate",
                    "Pass rate",
                    "unknown",
                    json!({ "low": number(9, 10, "90.0"), "high": number(1, 1, "100") }),
                    "%",
                    ">=",
                    number(1, 1, "100"),
                    "Pass rate 90.0 to 100 %, wanted at least 100 %: e2e/junit.xml is truncated",
                ),
            )],
        ),
        category(
            "performance",
            "Performance",
            3,
            "warn",
            "62.0",
            vec![
                criterion(
                    "performance",
                    Crit(
                        "web.lcp",
                        "Largest contentful paint",
                        "warn",
                        span(4032, 1, "4032"),
                        "ms",
                        "<=",
                        number(2500, 1, "2500"),
                        "Largest contentful paint 4032 ms, wanted at most 2500 ms",
                    ),
                ),
                criterion(
                    "performance",
                    Crit(
                        "load.p95",
                        "Response time, 95th percentile",
                        "pass",
                        span(300, 1, "300"),
                        "ms",
                        "<=",
                        number(500, 1, "500"),
                        "Response time, 95th percentile 300 ms, wanted at most 500 ms",
                    ),
                ),
            ],
        ),
        category(
            "accessibility",
            "Accessibility",
            2,
            "not-applicable",
            "0",
            vec![criterion(
                "accessibility",
                Crit(
                    "web.accessibility",
                    "Accessibility score",
                    "not-applicable",
                    Value::Null,
                    "%",
                    ">=",
                    number(19, 20, "95"),
                    "Accessibility score, wanted at least 95 %: nothing found",
                ),
            )],
        ),
    ]
}

const NAMES: [(&str, &str); 5] = [
    (
        "test_voucher_is_rounded_half_up[19.99-10]",
        "AssertionError: assert Decimal('17.98') == Decimal('17.99')",
    ),
    (
        "test_voucher_holds_on_its_last_day",
        "assert False\n +  where False = Voucher(until=date(2026, 8, 31)).holds()",
    ),
    (
        "test_account_is_locked_after_five_failures",
        "AssertionError: the account is still open after 5 failures",
    ),
    (
        "sorts orders by their total",
        "expected [ '9.00', '10.50', '100.00' ] to deeply equal [ '9.00', '100.00' ]",
    ),
    ("test_tariffs_are_read", "FileNotFoundError: [Errno 2] No such file or directory: 'tariffs.csv'"),
];

fn test(at: usize, status: &str) -> Value {
    let (name, message) = NAMES[at % NAMES.len()];
    json!({
        "category": if at % 5 == 4 { "e2e" } else { "unit_tests" }, "component": "customer portal",
        "suite": "pytest", "class": "tests.test_vouchers.TestVoucher", "name": name, "status": status,
        "duration_ms": 12 + at * 410, "message": message, "kind": "AssertionError",
        "trace": format!("def {name}():\n        voucher = Voucher(percent=10)\n>       assert voucher.apply(Decimal(\"19.99\")) == Decimal(\"17.99\")\nE       {message}\n\ntests/test_vouchers.py:31: AssertionError\n::error::this is no command"),
        "attempts": 1 + at % 2, "file": "customer-portal/tests/test_vouchers.py", "line": 31,
        "owner": "@meridian/portal", "evidence": "a1b2c3d4e5f6",
    })
}

fn coverage() -> Value {
    let tally =
        |covered: u64, total: u64| json!({ "covered": covered, "covered_high": covered, "total": total });
    let files: Vec<Value> = (0..12_u64)
        .map(|n| {
            json!({
                "path": format!("customer-portal/{}/module_{n}.py", if n % 3 == 0 { "portal/models" } else { "portal" }), "lines": tally(12 + n * 9, 120),
                "branches": tally(n, 12), "owner": "Portal Team", "last_line": 140,
                "uncovered": (0..12 - n).map(|k| format!("{}-{}", k * 10 + 3, k * 10 + 7)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut files = files;
    files[0]["excerpts"] = json!([{ "first": 2, "lines": ["def total(orders):", "    if not orders:", "        return None"], "uncovered": [3, 4] }]);
    json!({ "lines": tally(780, 1000), "branches": { "covered": 72, "covered_high": 75, "total": 100 },
        "files": files, "files_left_out": 0 })
}

fn findings() -> Value {
    let row = |rule: &str, severity: &str, line: u32| {
        json!({
            "category": "quality", "tool": "bandit", "rule": rule, "severity": severity, "level": "error",
            "basis": "security-severity 8.8", "message": "Possible SQL injection vector through string-based query construction.",
            "path": "billing-service/billing/store.py", "line": line, "owner": "Billing Team", "evidence": "b1b2c3d4e5f6",
        })
    };
    let rule = |rule: &str, severity: &str, count: u64| {
        json!({
            "tool": "bandit", "rule": rule, "severity": severity, "level": "error", "count": count,
            "title": "Test for SQL injection", "help": "# B608\n\nAn SQL injection attack consists of **insertion** of a query via input.\n\n```python\n\"SELECT * FROM t WHERE a = '%s'\" % a\n```\n\nSee [the docs](https://bandit.readthedocs.io/).",
            "uri": "https://bandit.readthedocs.io/en/latest/plugins/b608.html",
        })
    };
    let mut waved = row("B101", "low", 7);
    waved["justification"] = json!("asserts are wanted in tests");
    json!({
        "read": 12, "counted": 4, "suppressed": 1, "not_failing": 6, "absent": 1,
        "by_tool": [{ "tool": "bandit", "severity": "critical", "count": 1 }, { "tool": "bandit", "severity": "high", "count": 3 }],
        "by_owner": [{ "owner": "Billing Team", "severity": "critical", "count": 3 }, { "owner": "", "severity": "low", "count": 1 }],
        "rules": [rule("B608", "high", 3), rule("B602", "critical", 1)],
        "list": [row("B602", "critical", 12), row("B608", "high", 31), row("B608", "medium", 44), row("B608", "low", 0)],
        "left_out": 2, "suppressions": [waved],
    })
}

fn pages() -> Value {
    json!([{
        "engine": "Lighthouse", "version": "13.5.0", "url": "http://localhost:4173/", "step": "", "form_factor": "mobile",
        "runs": 3, "state": "ok", "cause": "", "incomplete": 0, "violations": [], "evidence": ["c1b2c3d4e5f6"],
        "scores": [{ "category": "performance", "display": "74", "value": number(37, 50, "74"), "spread": "71 to 78" }, { "category": "accessibility", "display": "89", "value": number(89, 100, "89") }, { "category": "seo", "display": "not measured" }],
        "metrics": [{ "id": "web.lcp", "title": "Largest contentful paint", "display": "4032 ms", "value": number(4032, 1, "4032 ms") }, { "id": "web.cls", "title": "Cumulative layout shift", "display": "0.31", "value": number(31, 100, "0.31") }],
    }, {
        "engine": "axe-core", "version": "4.14.1", "url": "http://localhost:4173/checkout", "step": "pay", "form_factor": "",
        "runs": 1, "state": "incomplete", "cause": "two frames were not looked at", "incomplete": 3, "scores": [], "metrics": [], "evidence": ["c1b2c3d4e5f6"],
        "violations": [{ "rule": "color-contrast", "impact": "serious", "title": "Elements must meet minimum color contrast ratio thresholds",
            "uri": "https://dequeuniversity.com/rules/axe/4.14/color-contrast", "criteria": ["1.4.3"], "nodes": 4, "targets": [".price > span", "#total"] },
            { "rule": "region", "impact": "moderate", "title": "All page content should be contained by landmarks", "criteria": [], "nodes": 1, "targets": ["#promo"] }],
    }])
}

fn load() -> Value {
    let time = |name: &str, millis: u64, display: &str| json!({ "percentile": name, "value": number(millis, 10, display) });
    json!([{
        "path": "load/summary.json", "tool": "k6 1.1.0", "state": "ok", "duration_ms": 24_425, "throughput": number(359, 10, "35.9/s"), "exactness": "to two digits",
        "all": { "requests": 878, "failed": 9, "error_rate": number(9, 878, "1.0 %"),
            "latency": [time("fastest", 2, "0.2 ms"), time("p50", 172, "17.2 ms"), time("p95", 3_000, "300 ms"), time("p99", 4_000, "400 ms"), time("slowest", 14_330, "1433 ms")] },
        "requests": [{ "name": "GET /checkout", "requests": 439, "failed": 9, "error_rate": number(9, 439, "2.0 %"), "latency": [time("p50", 172, "17.2 ms"), time("p95", 3_000, "300 ms")] },
            { "name": "GET /cart", "requests": 439, "failed": 0, "error_rate": number(0, 1, "0.0 %"), "latency": [time("p50", 120, "12.0 ms")] }],
        "requests_left_out": 2,
        "thresholds": [{ "metric": "http_req_failed", "expression": "rate<0.01", "judgement": "crossed" }, { "metric": "http_req_duration{name:pay}", "expression": "p(95)<500", "judgement": "no sample" }, { "metric": "http_req_duration", "expression": "p(95)<500", "judgement": "held" }],
        "checks": [{ "name": "status is 200", "passed": 869, "failed": 9 }, { "name": "has a total", "passed": 439, "failed": 0 }],
        "errors": [{ "text": "status 503", "count": 9 }], "evidence": ["c1b2c3d4e5f6"],
    }])
}

fn evidence() -> Value {
    let item = |id: &str, path: &str, kind: &str, state: &str, cause: &str| {
        json!({
            "id": id, "path": path, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "bytes": 48_213,
            "format": "junit", "kind": kind, "producer": "pytest 9.2.0", "category": "unit_tests",
            "category_reason": "its path says so", "state": state, "cause": cause, "timestamp": "2026-08-20T14:21:09Z",
            "summary": "81 tests", "diagnostics": [],
        })
    };
    json!([
        item("a1b2c3d4e5f6", "unit-customer/junit.xml", "tests", "ok", ""),
        item("b1b2c3d4e5f6", "security/bandit.sarif", "findings", "ok", ""),
        item("c1b2c3d4e5f6", "lighthouse/home-1.json", "web", "ok", ""),
        item(
            "d1b2c3d4e5f6",
            "e2e/junit.xml",
            "tests",
            "truncated",
            "the file ends inside <testcase>, line 211"
        ),
        item("e1b2c3d4e5f6", "notes/readme.json", "", "unrecognised", ""),
    ])
}

/// A red run of a whole pipeline.
pub(super) fn report() -> Report {
    let step = |criterion: &str, text: &str, minutes: u64, owner: &str| {
        json!({
        "category": "unit_tests", "criterion": criterion, "text": text, "minutes": minutes, "owner": owner })
    };
    let reason = |code: &str, blocking: bool, text: &str| {
        json!({
        "code": code, "blocking": blocking, "category": "unit_tests", "criterion": "unit_tests/tests.pass_rate", "text": text, "evidence": ["a1b2c3d4e5f6"] })
    };
    let tests: Vec<Value> = (0..10).map(|n| test(n, if n < 2 { "error" } else { "failed" })).collect();
    let value = json!({
        "schema_version": 1, "tool": { "name": "shipworthy", "version": "0.1.0" }, "timestamp": "2026-08-20T14:30:00Z",
        "subject": { "repository": "meridian/shop", "commit": "0123456789abcdef0123456789abcdef01234567", "ref": "refs/heads/release-42" },
        "source_url": "https://github.com/meridian/shop/blob/0123456789abcdef0123456789abcdef01234567/{path}#L{line}",
        "policy": { "name": "automatic", "automatic": true, "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "deploy_at": number(100, 1, "100"),
            "note": "judged: quality, security, unit_tests: 98 of the matrix's 100 %; nothing is pinned, so a report that never arrived is not missed. Write a policy file, or use `--policy preset:seven-stage`, to require the rest" },
        "decision": {
            "verdict": "remediate", "basis": "policy", "deployment_action": "remediate", "exit_code": 1,
            "headline": "Code quality and Unit tests block a deploy", "score": span(624, 10, "62.4"),
            "blocking_failures": ["quality", "unit_tests"],
            "reasons": [
                reason("CRITERION_FAILED", true, "Unit tests: Pass rate 81.4 %, wanted at least 100 %"),
                reason("CRITERION_FAILED", true, "Code quality: Lint errors 9, wanted at most 0"),
                reason("EVIDENCE_TRUNCATED", true, "e2e/junit.xml is truncated: the file ends inside <testcase>, line 211"),
                reason("SCORE_BELOW", false, "The score is 62.4, a deploy needs 100")],
            "categories": categories(),
            "way_to_green": [
                step("unit_tests/tests.pass_rate", "repair 15 failing unit tests: begin with `test_tariffs_are_read`", 25, "Portal Team"),
                step("quality/findings.errors", "resolve 9 lint errors: 6 × F401 (ruff), first at portal/pdf.py:3", 15, "Billing Team"),
                step("", "produce e2e/junit.xml again: it is truncated", 10, "")],
        },
        "failures": [{ "category": "unit_tests", "severity": "CRITICAL", "issues": ["15 failing unit tests in customer portal", "1 broken in billing"],
            "estimated_fix_time": 90, "basis": "5 minutes for each failing test, 10 for each cause", "team": "Portal Team",
            "manual_steps": ["run the first one alone: `pytest tests/test_vouchers.py -k \"test_voucher\"`", "then **all** of them"],
            "clusters": [{ "message": "No such file or directory: 'tariffs.csv'", "count": 4, "example": "test_tariffs_are_read" }] }],
        "evidence": evidence(), "diagnostics": [],
        "tests": {
            "by_category": [{ "category": "unit_tests", "total": 81, "passed": 64, "failed": 15, "errors": 1, "skipped": 1, "flaky": 1, "not_run": 0, "duration_ms": 61_204 }],
            "failures": tests, "failures_left_out": 6, "flaky": [test(3, "passed")],
            "skipped": [{ "category": "unit_tests", "component": "", "suite": "", "class": "", "name": "test_import", "status": "skipped", "message": "needs a printer", "attempts": 1, "evidence": "a1b2c3d4e5f6" }],
            "slowest": [test(9, "passed")],
        },
        "coverage": coverage(), "findings": findings(), "pages": pages(), "load": load(),
    });
    let mut report: Report = serde_json::from_value(value).unwrap();
    report.diagnostics.push(
        Diagnostic::warning("discover.limit", "the folder cache/ has more than 10000 files")
            .help("name the folder that holds the artifacts"),
    );
    report
}

/// The red report with all that a written policy, waivers, people and a baseline add to it. The browser checks lay
/// the same document over a real report.
pub(super) fn policy() -> Report {
    let mut value = serde_json::to_value(report()).unwrap();
    lay_over(&mut value, serde_json::from_str(include_str!("../../tests/browser/policy.json")).unwrap());
    serde_json::from_value(value).unwrap()
}

/// Objects key by key, lists item by item; all else is replaced.
fn lay_over(value: &mut Value, other: Value) {
    match (value, other) {
        (Value::Object(map), Value::Object(other)) => {
            for (key, other) in other {
                lay_over(map.entry(key).or_insert(Value::Null), other);
            }
        }
        (Value::Array(items), Value::Array(other)) => {
            items.resize(items.len().max(other.len()), Value::Null);
            for (item, other) in items.iter_mut().zip(other) {
                lay_over(item, other);
            }
        }
        (value, other) => *value = other,
    }
}

/// A run in which everything holds.
pub(super) fn green() -> Report {
    let mut report = report();
    let hundred: Value = span(100, 1, "100");
    report.decision.verdict = crate::report::Verdict::Deploy;
    report.decision.deployment_action = "deploy".to_owned();
    report.decision.exit_code = 0;
    report.decision.headline = "Every criterion holds: ready to deploy".to_owned();
    report.decision.score = serde_json::from_value(hundred).unwrap();
    report.decision.cheapest_loss = "one failing test in Unit tests would have stopped it".to_owned();
    report.decision.blocking_failures.clear();
    report.decision.reasons.clear();
    report.decision.way_to_green.clear();
    report.failures.clear();
    report.diagnostics.clear();
    report.tests = None;
    report.findings = None;
    for category in &mut report.decision.categories {
        category.state = crate::report::CategoryState::Pass;
        category.criteria.retain(|c| c.state == crate::report::CriterionState::Pass);
    }
    for item in &mut report.evidence {
        (item.state, item.cause) = (State::Ok, String::new());
    }
    report
}

/// A run that could not be judged.
pub(super) fn error() -> Report {
    let mut report = green();
    report.decision.categories.clear();
    report.decision.exit_code = 2;
    report.evidence.clear();
    report.error = Some(crate::report::ErrorInfo {
        message: "the policy shipworthy.yml has an unknown key `wieght`".to_owned(),
        help: "did you mean `weight`?".to_owned(),
    });
    report
}

/// What an attacker would write into a name, a message, a path.
pub(super) const PAYLOAD: &str = "\"><img src=x onerror=alert(1)><script>alert(1)</script></script>&#x3c;b>boo ' onmouseover=x \
 javascript:alert(1) ](javascript:x) ![i](http://e.x/y.png) [l](https://e.x) `` ``` ```` | *b* _i_ ${{ secrets.X }} {{ 7 * 7 }}\n\
 ::error::boo\n##[add-mask]boo ##vso[task.setvariable variable=decision]deploy \u{a0}##teamcity[x]\n \t::add-mask::boo\n# boo\n- boo\n1. boo\n> boo\n```\n</details><!-- @everyone #123 GH-1 \u{1b}[31mred\u{1b}]0;t\u{7} \u{202e}evil\u{2066} \u{0}\u{9b}2J\r<b>boo";

/// The report with every free text replaced by what `change` makes of it.
fn rewritten(report: &Report, change: &mut impl FnMut(&str) -> String) -> Report {
    /// Keys whose values are no free text: closed sets, numbers, references, times.
    const KEPT: [&str; 28] = [
        "state",
        "verdict",
        "basis_",
        "num",
        "den",
        "display",
        "id",
        "category",
        "evidence",
        "severity",
        "level",
        "status",
        "direction",
        "unit",
        "deployment_action",
        "timestamp",
        "blocking_failures",
        "sha256",
        "code",
        "criterion",
        "measure",
        "attempts",
        "uri",
        "source_url",
        "strictness",
        "raw_state",
        "percentile",
        "judgement",
    ];
    fn walk(value: &mut Value, key: &str, change: &mut impl FnMut(&str) -> String) {
        match value {
            Value::String(text) if !KEPT.contains(&key) && !text.is_empty() => *text = change(text),
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, key, change)),
            Value::Object(map) => {
                let decision = map.contains_key("verdict");
                for (key, value) in map.iter_mut().filter(|(k, _)| !(decision && *k == "basis")) {
                    walk(value, key, change);
                }
            }
            _ => {}
        }
    }
    let mut value = serde_json::to_value(report).unwrap();
    walk(&mut value, "", change);
    serde_json::from_value(value).unwrap()
}

/// A text where a key or one of a few words is expected: a report that is rendered may come from anywhere.
fn outside_of_schema(report: &mut Report, text: &str) {
    report.contract[0].cell.insert(text.to_owned(), text.to_owned());
    text.clone_into(&mut report.waivers[0].state);
    text.clone_into(&mut report.attestations[0].state);
}

/// The report with the payload in every free text, and in every address.
pub(super) fn hostile() -> Report {
    let mut report = rewritten(&policy(), &mut |_| PAYLOAD.to_owned());
    for rule in report.findings.iter_mut().flat_map(|f| &mut f.rules) {
        rule.uri = "javascript:alert(1)".to_owned();
    }
    outside_of_schema(&mut report, PAYLOAD);
    report.decision.categories.swap(0, 1);
    report.evidence[4].id = "\"><script>".to_owned();
    report
}

/// The same report with a harmless word in every place where [`hostile`] has its payload.
pub(super) fn tame() -> Report {
    let mut report = rewritten(&policy(), &mut |_| "word".to_owned());
    outside_of_schema(&mut report, "word");
    report.decision.categories.swap(0, 1);
    report
}

/// The report with a mark of its own in every free text that is for people, and the marks.
pub(super) fn marked() -> (Report, Vec<String>) {
    let mut marks = Vec::new();
    let mut report = policy();
    report.identities = None;
    report.measures.clear();
    let report = rewritten(&report, &mut |text| {
        marks.push(format!(
            "mark{}end{}",
            marks.len(),
            text.chars().filter(char::is_ascii_alphanumeric).take(20).collect::<String>()
        ));
        marks.last().cloned().unwrap()
    });
    (report, marks)
}

/// The red report with `times` a thousand of everything, with long texts.
pub(super) fn huge(times: usize) -> Report {
    let mut report = hostile();
    let long = PAYLOAD.repeat(4);
    let tests = report.tests.as_mut().unwrap();
    tests.failures = vec![tests.failures[2].clone(); 1_000 * times];
    for test in &mut tests.failures {
        test.trace = long.clone();
    }
    report.decision.categories = vec![report.decision.categories[2].clone(); 20 * times];
    report.decision.way_to_green = vec![report.decision.way_to_green[0].clone(); 20 * times];
    report.failures = vec![report.failures[0].clone(); 20];
    report.evidence = vec![report.evidence[3].clone(); 1_000 * times];
    report.contract = vec![report.contract[1].clone(); 100 * times];
    report.waivers = vec![report.waivers[0].clone(); 100 * times];
    report.attestations = vec![report.attestations[0].clone(); 100 * times];
    report.components = vec![report.components[0].clone(); 100 * times];
    report.policy.changes = vec![report.policy.changes[0].clone(); 100 * times];
    report.decision.skipped = vec![report.decision.skipped[0].clone(); 20];
    for criterion in report.decision.categories.iter_mut().flat_map(|c| &mut c.criteria) {
        let part = policy().decision.categories[2].criteria[0].parts[0].clone();
        criterion.parts = vec![crate::report::Part { component: PAYLOAD.to_owned(), ..part }; 20];
    }
    let baseline = report.baseline.as_mut().unwrap();
    baseline.vanished_groups = vec![baseline.vanished_groups[0].clone(); 100 * times];
    baseline.vanished_files = vec![PAYLOAD.to_owned(); 100 * times];
    let tests = report.tests.as_mut().unwrap();
    tests.quarantined = vec![tests.quarantined[0].clone(); 100 * times];
    report
}
