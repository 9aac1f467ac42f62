//! What the SARIF reader must get right, one rule of the specification or one quirk of a tool each.

use super::super::super::{Reading, read};
use crate::evidence::State;
use crate::evidence::findings::{Class, Disposition, Finding, Findings, Level, Severity};

/// A log with one run: `run` holds the properties beside `results`.
fn log(run: &str, results: &str) -> String {
    format!("{{\"version\":\"2.1.0\",\"runs\":[{{{run},\"results\":[{results}]}}]}}")
}

fn driver(rules: &str) -> String {
    format!("\"tool\":{{\"driver\":{{\"name\":\"t\",\"rules\":[{rules}]}}}}")
}

fn parsed(text: &str) -> Reading<'_> {
    let (format, reading) = read("a.sarif", text);
    assert_eq!(format.map(|f| f.id), Some("sarif"), "{text}");
    reading
}

fn findings(text: &str) -> Findings {
    parsed(text).facts.findings.unwrap()
}

fn only(text: &str) -> (Findings, Finding) {
    let all = findings(text);
    let finding = all.list[0];
    (all, finding)
}

fn level_of(run: &str, result: &str) -> Level {
    only(&log(run, result)).1.level
}

#[test]
fn levels_come_from_result_then_override_then_rule_then_warning() {
    let rule = driver(r#"{"id":"R","defaultConfiguration":{"level":"note"}}"#);
    let over = |level: &str| {
        format!(
            r#"{rule},"invocations":[{{"ruleConfigurationOverrides":[{{"descriptor":{{"id":"R"}},"configuration":{{{level}}}}}]}}]"#
        )
    };
    assert_eq!(level_of(&rule, r#"{"ruleId":"R","level":"error"}"#), Level::Error);
    assert_eq!(level_of(&over(r#""level":"error""#), r#"{"ruleId":"R"}"#), Level::Error);
    assert_eq!(level_of(&over(r#""enabled":true"#), r#"{"ruleId":"R"}"#), Level::Note);
    assert_eq!(level_of(&rule, r#"{"ruleId":"R/sub"}"#), Level::Note);
    assert_eq!(level_of(&rule, r#"{"ruleId":"Rest"}"#), Level::Warning);
    assert_eq!(level_of(&rule, r#"{"ruleId":"R","kind":"pass","level":"error"},{}"#), Level::Warning);
}

#[test]
fn an_override_of_another_invocation_does_not_apply() {
    let run = format!(
        r#"{},"invocations":[{{}},{{"ruleConfigurationOverrides":[{{"descriptor":{{"index":0}},"configuration":{{"level":"error"}}}}]}}]"#,
        driver(r#"{"id":"R"}"#)
    );
    assert_eq!(level_of(&run, r#"{"ruleId":"R"}"#), Level::Warning);
    assert_eq!(level_of(&run, r#"{"ruleId":"R","provenance":{"invocationIndex":1}}"#), Level::Error);
}

#[test]
fn rules_may_stand_in_extensions_and_behind_the_results() {
    let text = |reference: &str| {
        format!(
            r#"{{"version":"2.1.0","runs":[{{"results":[{{{reference}}}],"tool":{{"driver":{{"name":"d","rules":[{{"id":"R","defaultConfiguration":{{"level":"note"}}}}]}},"extensions":[{{"name":"e","guid":"G","rules":[{{"id":"X"}},{{"id":"R","guid":"H","defaultConfiguration":{{"level":"error"}}}}]}}]}}}}]}}"#
        )
    };
    for (reference, want) in [
        (r#""ruleId":"R""#, Level::Note),
        (r#""rule":{"index":1,"toolComponent":{"index":0}}"#, Level::Error),
        (r#""rule":{"id":"R","toolComponent":{"guid":"g"}}"#, Level::Error),
        (r#""rule":{"id":"R","toolComponent":{"name":"e"}}"#, Level::Error),
        (r#""rule":{"guid":"h"}"#, Level::Error),
        (r#""ruleId":"R","ruleIndex":7"#, Level::Note),
        (r#""ruleId":"R","rule":{"id":"R","toolComponent":{"name":"gone"}}"#, Level::Note),
    ] {
        assert_eq!(only(&text(reference)).1.level, want, "{reference}");
    }
    let odd = text(r#""ruleId":"R","ruleIndex":7"#);
    assert!(parsed(&odd).diagnostics.iter().any(|d| d.code == "sarif.rule-reference"));
}

#[test]
fn an_index_separates_rules_with_one_id_and_yields_to_an_id_that_is_known() {
    let rules = driver(
        r#"{"id":"R","defaultConfiguration":{"level":"note"}},{"id":"R","defaultConfiguration":{"level":"error"}},{"id":"S"}"#,
    );
    assert_eq!(level_of(&rules, r#"{"ruleId":"R","ruleIndex":1}"#), Level::Error);
    assert_eq!(level_of(&rules, r#"{"ruleId":"R","ruleIndex":2}"#), Level::Note);
    assert_eq!(level_of(&rules, r#"{"ruleId":"unknown","ruleIndex":1}"#), Level::Error);
}

#[test]
fn kinds_that_do_not_fail_do_not_count() {
    let results = r#"{"kind":"pass"},{"kind":"notApplicable"},{"kind":"informational"},{"kind":"open"},
        {"kind":"review","level":"note"},{"kind":"FAIL","level":"error"},{"kind":"PASS"},{}"#;
    let f = findings(&log(&driver(""), results));
    assert_eq!((f.read, f.not_failing, f.counted().count()), (8, 6, 2));
    assert_eq!(f.count(Disposition::Review), 2);
    assert_eq!(f.by_level, [6, 0, 1, 1]);
}

#[test]
fn a_result_is_suppressed_only_where_every_entry_is_accepted() {
    for (suppressions, want) in [
        ("[]", Disposition::Counted),
        ("null", Disposition::Counted),
        (r#"[{"kind":"inSource"}]"#, Disposition::Suppressed),
        (r#"[{"kind":"external","status":"accepted","justification":"known"}]"#, Disposition::Suppressed),
        (r#"[{"status":"accepted"}]"#, Disposition::Suppressed),
        (r#"[{"status":"underReview"}]"#, Disposition::Counted),
        (r#"[{"status":"rejected"}]"#, Disposition::Counted),
        (r#"[{"status":"accepted"},{"status":"rejected"}]"#, Disposition::Counted),
        (r#"[{"state":"underReview"}]"#, Disposition::Counted),
        (r#"[{"status":"whatever"}]"#, Disposition::Counted),
        ("[null]", Disposition::Counted),
    ] {
        let (f, finding) = only(&log(&driver(""), &format!("{{\"suppressions\":{suppressions}}}")));
        assert_eq!(finding.disposition, want, "{suppressions}");
        if suppressions.contains("known") {
            assert_eq!(f.text.get(finding.justification), "known");
        }
    }
    for odd in [
        r#"{"status":"accepted"}"#,
        "{}",
        r#"{"kind":"whatever"}"#,
        r#"{"kind":"external","status":"whatever"}"#,
    ] {
        let text = log(&driver(""), &format!("{{\"suppressions\":[{odd}]}}"));
        assert_eq!(parsed(&text).state, State::Incomplete, "{odd}");
    }
    let (_, old) = only(&log(&driver(""), r#"{"suppressionStates":["suppressedInSource"]}"#));
    assert_eq!(old.disposition, Disposition::Suppressed);
    let (_, absent) = only(&log(&driver(""), r#"{"baselineState":"absent"}"#));
    assert_eq!(absent.disposition, Disposition::Absent);
}

#[test]
fn security_severity_is_a_number_or_a_word_and_the_result_wins() {
    for (score, want) in [
        ("8.1", Severity::High),
        ("\"8.1\"", Severity::High),
        ("\"CRITICAL\"", Severity::Critical),
        ("9", Severity::Critical),
        ("10", Severity::Critical),
        ("0.0004", Severity::Low),
        ("10.1", Severity::High),
        ("0", Severity::High),
        ("\"\"", Severity::High),
        ("NaN", Severity::High),
        ("-3", Severity::High),
    ] {
        let rules = driver(&format!(
            r#"{{"id":"R","defaultConfiguration":{{"level":"error"}},"properties":{{"security-severity":{score}}}}}"#
        ));
        let (_, finding) = only(&log(&rules, r#"{"ruleId":"R"}"#));
        assert_eq!((finding.severity, finding.class), (want, Class::Security), "{score}");
    }
    let rules = driver(r#"{"id":"R","properties":{"security-severity":"9.8"}}"#);
    let (f, own) = only(&log(&rules, r#"{"ruleId":"R","properties":{"security-severity":"4.0"}}"#));
    assert_eq!((own.severity, f.text.get(own.basis)), (Severity::Medium, "result security-severity 4.0"));
}

#[test]
fn classes_follow_tags_and_tools() {
    let tool = |name: &str, tags: &str| {
        let text = format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"{name}","rules":[{{"id":"R","properties":{{"tags":[{tags}]}}}}]}}}},"results":[{{"ruleId":"R"}}]}}]}}"#
        );
        only(&text).1.class
    };
    assert_eq!(tool("gitleaks", ""), Class::Secret);
    assert_eq!(tool("Trivy", r#""secret","security""#), Class::Secret);
    assert_eq!(tool("x", r#""external/cwe/cwe-079""#), Class::Security);
    assert_eq!(tool("Bandit", ""), Class::Security);
    assert_eq!(tool("axe-core", ""), Class::Accessibility);
    assert_eq!(tool("ESLint", ""), Class::Quality);
}

#[test]
fn secrets_are_masked_in_messages() {
    let text = log(
        "\"tool\":{\"driver\":{\"name\":\"gitleaks\"}}",
        r#"{"ruleId":"aws","message":{"text":"found AKIAIOSFODNN7EXAMPLE and 'correcthorse' in a file"}}"#,
    );
    let (f, finding) = only(&text);
    assert_eq!(f.text.get(finding.message), "found AK*** and 'co***' in a file");
}

#[test]
fn a_run_that_failed_is_never_clean() {
    let tool = driver("");
    let invocation = |i: &str| format!("{tool},\"invocations\":[{{{i}}}]");
    for (run, want) in [
        (invocation(r#""executionSuccessful":true"#), State::Ok),
        (invocation(r#""executionSuccessful":false"#), State::Crashed),
        (
            invocation(r#""toolExecutionNotifications":[{"level":"error","message":{"text":"x"}}]"#),
            State::Crashed,
        ),
        (invocation(r#""toolConfigurationNotifications":[{"level":"error"}]"#), State::Crashed),
        (invocation(r#""toolExecutionNotifications":[{"message":{"text":"x"}}]"#), State::Ok),
        (invocation(r#""processStartFailureMessage":"no such file""#), State::Crashed),
        (invocation(r#""exitSignalName":"SIGKILL""#), State::Crashed),
        (invocation(r#""exitSignalNumber":9"#), State::Crashed),
        (format!(r#"{tool},"toolNotifications":[{{"level":"error"}}]"#), State::Crashed),
    ] {
        assert_eq!(parsed(&log(&run, "")).state, want, "{run}");
    }
    for (results, want) in [("null", State::Crashed), ("[]", State::Ok), ("[null]", State::Incomplete)] {
        let text = format!("{{\"version\":\"2.1.0\",\"runs\":[{{{tool},\"results\":{results}}}]}}");
        assert_eq!(parsed(&text).state, want, "{results}");
    }
    assert_eq!(parsed(&format!("{{\"version\":\"2.1.0\",\"runs\":[{{{tool}}}]}}")).state, State::Crashed);
}

#[test]
fn the_level_of_a_notification_is_looked_up() {
    let run = |extra: &str| {
        format!(
            r#""tool":{{"driver":{{"name":"t","notifications":[{{"id":"N","defaultConfiguration":{{"level":"error"}}}}]}}}},"invocations":[{{"toolExecutionNotifications":[{{"descriptor":{{"id":"N"}}}}]{extra}}}]"#
        )
    };
    assert_eq!(parsed(&log(&run(""), "")).state, State::Crashed);
    let milder = r#","notificationConfigurationOverrides":[{"descriptor":{"id":"N"},"configuration":{"level":"note"}}]"#;
    assert_eq!(parsed(&log(&run(milder), "")).state, State::Ok);
}

#[test]
fn quirks_of_tools_about_their_own_health() {
    let run = |name: &str, invocation: &str| {
        log(&format!(r#""tool":{{"driver":{{"name":"{name}"}}}},"invocations":[{{{invocation}}}]"#), "")
    };
    for (code, want) in [
        (1, State::Ok),
        (3, State::Incomplete),
        (4, State::Crashed),
        (7, State::Crashed),
        (0, State::Crashed),
    ] {
        let text = run("SpotBugs", &format!(r#""executionSuccessful":false,"exitCode":{code}"#));
        assert_eq!(parsed(&text).state, want, "{code}");
    }
    let warning = r#""executionSuccessful":true,"toolExecutionNotifications":[{"level":"warning"}]"#;
    assert_eq!(parsed(&run("Semgrep OSS", warning)).state, State::Incomplete);
    let error = r#""executionSuccessful":true,"toolConfigurationNotifications":[{"level":"error"}]"#;
    assert_eq!(parsed(&run("Bandit", error)).state, State::Incomplete);
}

#[test]
fn files_without_a_usable_run_are_not_clean() {
    for (text, want) in [
        (r#"{"version":"2.1.0","runs":[]}"#, State::Empty),
        (r#"{"version":"2.1.0","runs":null}"#, State::Unreadable),
        (r#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json"}"#, State::Unreadable),
        (r#"{"version":"2.1.0","runs":[null]}"#, State::Unreadable),
        (r#"{"version":"2.1.0","runs":[{}]}"#, State::Crashed),
        (r#"{"version":"7.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[]}]}"#, State::Unreadable),
        (
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"externalPropertyFileReferences":{"results":[{}]}}]}"#,
            State::Incomplete,
        ),
        (
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[]}]} {}"#,
            State::Unreadable,
        ),
        (r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[],}]}"#, State::Unreadable),
    ] {
        assert_eq!(parsed(text).state, want, "{text}");
    }
    for other in
        [r#"{"runs":[{"stats":{},"tests":[]}]}"#, r#"{"version":"1.0.0","runs":[{"id":1}]}"#, "{}", "[]"]
    {
        assert!(read("a.json", other).0.is_none(), "{other}");
    }
    assert_eq!(read("a.sarif", r#"{"this":"is none"}"#).1.state, State::Unreadable);
}

#[test]
fn what_was_read_before_a_cut_is_kept_and_every_prefix_is_bad() {
    let rules = driver(r#"{"id":"R","defaultConfiguration":{"level":"error"}}"#);
    let text = log(&rules, r#"{"ruleId":"R"},{"ruleId":"R"}"#);
    let cut = text.rfind("{\"ruleId").unwrap() + 3;
    let reading = parsed(text.get(..cut).unwrap());
    assert_eq!(reading.state, State::Truncated);
    assert_eq!(reading.facts.findings.unwrap().by_level, [0, 0, 0, 1]);
    for end in 0..text.len() {
        assert_ne!(read("a.sarif", text.get(..end).unwrap()).1.state, State::Ok, "{end}");
    }
}

#[test]
fn messages_are_looked_up_filled_and_freed_of_links() {
    let rules = driver(
        r#"{"id":"R","messageStrings":{"m":{"text":"a {0} {{b}} {1} {2}"}},"shortDescription":{"text":"title"}}"#,
    );
    for (message, want) in [
        (r#"{"text":"plain {0} {{x}}"}"#, "plain {0} {{x}}"),
        (r#"{"id":"m","arguments":["1","{0}"]}"#, "a 1 {b} {0} {2}"),
        (r#"{"text":"see [here](1) and [web](https://x.y)"}"#, "see here and [web](https://x.y)"),
        (r#"{"id":"gone"}"#, "title"),
        (r#""old string""#, "old string"),
        (r#"{"text":"<b>${{ x }}</b>"}"#, "<b>${{ x }}</b>"),
    ] {
        let (f, finding) = only(&log(&rules, &format!("{{\"ruleId\":\"R\",\"message\":{message}}}")));
        assert_eq!(f.text.get(finding.message), want);
    }
    let global = r#""tool":{"driver":{"name":"t","globalMessageStrings":{"g":{"text":"global"}}}}"#;
    let (f, finding) = only(&log(global, r#"{"message":{"id":"g"}}"#));
    assert_eq!(f.text.get(finding.message), "global");
}

#[test]
fn places_become_relative_paths() {
    let run = format!(
        r#"{},"originalUriBaseIds":{{"ROOT":{{"uri":"file:///C:/w/repo/"}},"SUB":{{"uri":"sub/","uriBaseId":"ROOT"}},"A":{{"uri":"a","uriBaseId":"B"}},"B":{{"uri":"b","uriBaseId":"A"}}}},"artifacts":[{{"location":{{"uri":"x y.c"}}}}],"invocations":[{{"workingDirectory":{{"uri":"file:///home/ci"}}}}]"#,
        driver("")
    );
    for (location, want) in [
        (r#"{"uri":"src/a.c","uriBaseId":"ROOT"}"#, "src/a.c"),
        (r#"{"uri":"a.c","uriBaseId":"SUB"}"#, "sub/a.c"),
        (r#"{"uri":"a.c","uriBaseId":"A"}"#, "a.c"),
        (r#"{"index":0}"#, "x y.c"),
        (r#"{"uri":"file:///C:/w/repo/a%20b.c"}"#, "a b.c"),
        (r#"{"uri":"file:///home/ci/src/a.c"}"#, "src/a.c"),
        (r#"{"uri":"file:////server/a.c"}"#, "/server/a.c"),
        (r#"{"uri":"C:\\w\\repo\\a.c"}"#, "a.c"),
        (r#"{"uri":"%SRCROOT%/src/a.c"}"#, "src/a.c"),
        (r#"{"uri":"a%FFb.c"}"#, "a%FFb.c"),
        (r#"{"uri":"../a.c"}"#, "../a.c"),
    ] {
        let result = format!(
            r#"{{"locations":[{{"physicalLocation":{{"artifactLocation":{location},"region":{{"startLine":3}}}}}},{{"physicalLocation":{{"artifactLocation":{{"uri":"other.c"}}}}}}]}}"#
        );
        let (f, finding) = only(&log(&run, &result));
        assert_eq!((f.text.get(finding.path), finding.line, f.read), (want, 3, 1), "{location}");
    }
    assert!(only(&log(&run, "{}")).1.path.is_empty());
}

#[test]
fn fingerprints_are_those_that_identify() {
    for (written, want) in [
        (r#""fingerprints":{"a/v1":"F"},"partialFingerprints":{"p":"P"}"#, "F"),
        (r#""partialFingerprints":{"x":"X","primaryLocationLineHash":"H:1"}"#, "H:1"),
        (
            r#""partialFingerprints":{"commitSha":"c","email":"e@x","author":"a","date":"d","commitMessage":"m"}"#,
            "",
        ),
        (r#""fingerprints":{"bd":{"value":"V"}}"#, "V"),
    ] {
        let (f, finding) = only(&log(&driver(""), &format!("{{{written}}}")));
        assert_eq!(f.text.get(finding.fingerprint), want, "{written}");
    }
}

#[test]
fn rules_of_kept_results_bring_their_texts_and_only_web_links() {
    let rules = driver(
        r##"{"id":"R","shortDescription":{"text":"T"},"help":{"text":"plain","markdown":"# <script>"},"helpUri":"javascript:alert(1)"},{"id":"S","helpUri":"https://s"},{"id":"unused"}"##,
    );
    let f = findings(&log(&rules, r#"{"ruleId":"R"},{"ruleId":"S"},{"ruleId":"R"}"#));
    let texts: Vec<_> = f.rules.iter().map(|r| (r.id.as_str(), r.help.as_str(), r.uri.as_str())).collect();
    assert_eq!(texts, [("R", "# <script>", ""), ("S", "", "https://s")]);
}

#[test]
fn version_1_is_read() {
    let text = r#"{"version":"1.0.0","runs":[{"tool":{"name":"Old","version":"3"},"rules":{"K":{"id":"R","defaultLevel":"error","messageFormats":{"f":"got {0}"}}},
        "results":[{"ruleId":"R","ruleKey":"K","formattedRuleMessage":{"formatId":"f","arguments":["it"]},"locations":[{"resultFile":{"uri":"file:///a.c","region":{"startLine":2}}}]},
        {"ruleId":"Z","level":"pass"},{"ruleId":"Z","level":"note","message":"m","suppressionStates":["suppressedInSource"]}]}]}"#;
    let f = findings(text);
    assert_eq!(
        (f.read, f.by_level, f.not_failing, f.count(Disposition::Suppressed)),
        (3, [1, 1, 0, 1], 1, 1)
    );
    let first = f.list[0];
    assert_eq!((f.text.get(first.message), f.text.get(first.path), first.line), ("got it", "/a.c", 2));
    assert_eq!(f.tools[0].name, "Old");
}

#[test]
fn version_2_0_is_read() {
    let text = r#"{"version":"2.0.0-csd.2.beta.2018-10-10","runs":[{"tool":{"name":"Mid"},"resources":{"rules":{"R":{"id":"R","configuration":{"defaultLevel":"note"},"messageStrings":{"m":"hi {0}"}}}},
        "results":[{"ruleId":"R","message":{"messageId":"m","arguments":["x"]},"locations":[{"physicalLocation":{"fileLocation":{"uri":"a.c"}}}]}],
        "invocations":[{"toolExecutionSuccessful":false}]}]}"#;
    let reading = parsed(text);
    assert_eq!(reading.state, State::Crashed);
    let f = reading.facts.findings.unwrap();
    assert_eq!(
        (f.by_level, f.text.get(f.list[0].message), f.text.get(f.list[0].path)),
        ([0, 1, 0, 0], "hi x", "a.c")
    );
}

#[test]
fn other_versions_are_remarked_on() {
    let run = r#""runs":[{"tool":{"driver":{"name":"t"}},"results":[{}]}]"#;
    for (text, code) in [
        (format!("{{{run}}}"), "sarif.no-version"),
        (format!("{{\"version\":\"2.2\",{run}}}"), "sarif.draft-version"),
    ] {
        let reading = parsed(&text);
        assert!(reading.diagnostics.iter().any(|d| d.code == code), "{code}");
        assert_eq!(reading.state, State::Ok);
    }
}

#[test]
fn repeated_runs_and_keys_lose_nothing() {
    let run = r#"{"tool":{"driver":{"name":"t"}},"results":[{}],"results":[{}]}"#;
    let text = format!("{{\"version\":\"2.1.0\",\"runs\":[{run},{run}],\"runs\":[{run}]}}");
    let f = findings(&text);
    assert_eq!((f.read, f.tools.len()), (6, 1));
}

#[test]
fn a_depth_bomb_is_refused_and_many_results_are_read() {
    let bomb = log(&driver(""), &format!("{{\"properties\":{}", "[".repeat(100_000)));
    assert_eq!(parsed(&bomb).state, State::Unreadable);
    let many = log(&driver(r#"{"id":"R"}"#), &vec![r#"{"ruleId":"R","ruleIndex":0}"#; 25_000].join(","));
    let f = findings(&many);
    assert_eq!((f.read, f.list.len()), (25_000, 25_000));
}

#[test]
fn huge_numbers_do_no_harm() {
    let result = r#"{"ruleIndex":99999999999999999999,"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"},"region":{"startLine":99999999999}}}]}"#;
    assert_eq!(only(&log(&driver(""), result)).1.line, 0);
}
