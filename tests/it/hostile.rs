//! The world outside at its worst: pipes that nobody reads, disks that are full, folders of somebody else, kills in the
//! middle of writing, and secrets that a policy asks for.

use crate::support::{alone, files_below, root};
use serde_json::Value;
use shipworthy::render::Output as Rendered;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary in a folder, free of the environment that a CI would set.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    alone(&mut command);
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("ended by a signal: {output:?}"))
}

/// A folder with the demo in green and red, and a report of each.
fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for colour in ["green", "red"] {
        let demo = root().join("fixtures/demo").join(colour);
        for file in files_below(&demo) {
            let target = folder.path().join(colour).join(file.strip_prefix(&demo).unwrap());
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(&file, target).unwrap();
        }
        run(folder.path(), &["gate", colour, "--out", &format!("out-{colour}"), "--ci", "none"]);
    }
    let policy = "version: 1\nextends: preset:minimal\n";
    std::fs::write(folder.path().join("policy.yml"), policy).unwrap();
    folder
}

/// What every document in a folder says, as one text.
fn said(folder: &Path) -> String {
    let files = if folder.is_dir() { files_below(folder) } else { Vec::new() };
    files.iter().map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned()).collect()
}

/// No document of a folder answers deploy.
fn nothing_deploys(folder: &Path) {
    let said = said(folder);
    for word in
        ["\"verdict\": \"deploy\"", "verdict: deploy", "DECISION=deploy", "shipworthy: deploy", "✅ Deploy"]
    {
        assert!(!said.contains(word), "{word:?} is left in {}", folder.display());
    }
}

fn every_format() -> String {
    Rendered::ALL.map(Rendered::name).join(",")
}

/// Commands of every kind, and some that fail.
const COMMANDS: [&[&str]; 25] = [
    &["gate", "red", "--out", "piped"],
    &["gate", "green", "--out", "piped"],
    &["gate", "red", "--out", "-", "--formats", "json"],
    &["gate", "green", "--out", "-", "--formats", "html"],
    &["gate", "nothing", "--out", "piped"],
    &["gate", "red", "--out", "piped", "--policy", "no.yml"],
    &["gate", "red", "--out", "piped", "--ci", "github"],
    &["gate", "red", "--out", "piped", "--advisory"],
    &["gate", "--no-such-option"],
    &["inspect", "red"],
    &["inspect", "nothing"],
    &["inspect", "red", "--format", "json", "--merge"],
    &["explain", "out-red/report.json"],
    &["explain", "out-red/report.json", "nothing"],
    &["verify", "out-red/report.json", "red"],
    &["verify", "out-red/report.json", "green"],
    &["render", "out-red/report.json", "--out", "-", "--formats", "md"],
    &["policy", "show", "policy.yml"],
    &["policy", "check", "no.yml"],
    &["policy", "diff", "preset:strict", "preset:minimal", "--exit-code"],
    &["policy", "schema"],
    &["init", "green", "--out", "-"],
    &["attest", "out-red/report.json"],
    &["completions", "bash"],
    &["--help"],
];

#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let world = world();
    for args in COMMANDS {
        let open = code(&run(world.path(), args));
        for which in ["out", "err", "both"] {
            let closed = || {
                let (reader, writer) = std::io::pipe().unwrap();
                drop(reader);
                Stdio::from(writer)
            };
            let mut piped = command(world.path(), args);
            let out = if which == "err" { Stdio::null() } else { closed() };
            let err = if which == "out" { Stdio::null() } else { closed() };
            let status = piped.stdout(out).stderr(err).status().unwrap();
            assert_eq!(status.code(), Some(open), "{args:?} with {which} closed");
        }
    }
    assert_eq!(code(&run(world.path(), &["gate", "red", "--out", "piped"])), 1);
}

#[test]
fn a_report_that_cannot_be_printed_is_an_error_and_never_a_deploy() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full");
    if full().is_err() {
        println!("skipped: there is no /dev/full");
        return;
    }
    let world = world();
    for args in [
        &["gate", "green", "--out", "-", "--formats", "json"][..],
        &["gate", "green", "--out", "/dev/full", "--formats", "json"],
        &["gate", "green", "--out", "full"],
        &["inspect", "green"],
        &["render", "out-green/report.json", "--out", "-", "--formats", "yaml"],
        &["verify", "out-green/report.json", "green"],
    ] {
        let status =
            command(world.path(), args).stdout(full().unwrap()).stderr(full().unwrap()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{args:?}");
    }
    nothing_deploys(&world.path().join("full"));
}

/// Runs a command line of a shell in front of the binary, such as a limit.
#[cfg(unix)]
fn under(folder: &Path, limit: &str, args: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{limit}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_shipworthy")]).args(args);
    alone(&mut shell);
    // An allocator that reserves address space for every thread would reach a limit before any memory is used.
    shell.env("MALLOC_ARENA_MAX", "1");
    shell.current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_older_deploy() {
    let world = world();
    let formats = every_format();
    // A report needs more than one block, and the error of a run that could not write it less than two.
    for (limit, json) in [("ulimit -f 0", false), ("ulimit -f 16", true)] {
        run(world.path(), &["gate", "green", "--out", "out", "--formats", &formats]);
        assert!(said(&world.path().join("out")).contains("verdict: deploy"));
        let output = under(world.path(), limit, &["gate", "green", "--out", "out", "--formats", &formats]);
        assert_eq!(code(&output), 2, "{limit}: {}", String::from_utf8_lossy(&output.stderr));
        nothing_deploys(&world.path().join("out"));
        assert!(!world.path().join("out/report.json").exists() || json, "{limit}");
    }
}

#[cfg(unix)]
#[test]
fn however_many_threads_are_asked_for_the_answer_is_the_same() {
    let world = world();
    for (limit, jobs) in
        [("true", "100000"), ("true", "0"), ("ulimit -v 300000", "100000"), ("ulimit -v 300000", "1")]
    {
        for (colour, want) in [("red", 1), ("green", 0)] {
            let output = under(world.path(), limit, &["gate", colour, "--out", "out", "--jobs", jobs]);
            assert_eq!(code(&output), want, "{limit}, {jobs}: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(code(&under(world.path(), limit, &["inspect", "green", "--jobs", jobs])), 0);
    }
}

/// Runs the binary as a user who owns nothing; nothing where this test cannot become one.
#[cfg(unix)]
fn as_nobody(folder: &Path, args: &[&str]) -> Option<Output> {
    use std::os::unix::fs::PermissionsExt as _;
    let own = tempfile::tempdir().unwrap();
    std::fs::set_permissions(own.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let binary = own.path().join("shipworthy");
    std::fs::copy(env!("CARGO_BIN_EXE_shipworthy"), &binary).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary);
    let able =
        Command::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"]).status();
    if !able.is_ok_and(|status| status.success()) {
        return None;
    }
    alone(&mut command);
    Some(command.args(args).current_dir(folder).env("NO_COLOR", "1").output().unwrap())
}

#[cfg(unix)]
#[test]
fn what_belongs_to_somebody_else_is_answered_and_never_a_deploy() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = world();
    let mode =
        |path: &Path, bits| std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).unwrap();
    mode(world.path(), 0o755);
    // A folder that cannot be written to, with an older deploy that cannot be taken away.
    let Some(output) = as_nobody(world.path(), &["gate", "green", "--out", "out-green"]) else {
        println!("skipped: this user cannot become another one");
        return;
    };
    assert_eq!(code(&output), 2, "{}", String::from_utf8_lossy(&output.stderr));
    let output = as_nobody(world.path(), &["gate", "green", "--out", "new/folder"]).unwrap();
    assert_eq!(code(&output), 2);
    // A summary that cannot be written changes no answer.
    let open = world.path().join("open");
    std::fs::create_dir(&open).unwrap();
    mode(&open, 0o777);
    assert_eq!(code(&as_nobody(world.path(), &["gate", "green", "--out", "open"]).unwrap()), 0);
    // Evidence that cannot be read holds the deploy.
    let file =
        files_below(&world.path().join("green")).into_iter().find(|f| f.ends_with("junit.xml")).unwrap();
    mode(&file, 0o000);
    let output = as_nobody(world.path(), &["gate", "green", "--out", "open"]).unwrap();
    assert_eq!(code(&output), 3, "{}", String::from_utf8_lossy(&output.stdout));
    nothing_deploys(&open);
    mode(file.parent().unwrap(), 0o000);
    let output = as_nobody(world.path(), &["gate", "green", "--out", "open"]).unwrap();
    assert_ne!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stdout));
    mode(file.parent().unwrap(), 0o755);
}

#[test]
fn a_pipeline_without_its_files_gets_the_same_answer() {
    let world = world();
    let places = ["no/such/summary.md", "red", "/dev/full", ""];
    for (place, (colour, want)) in places.iter().flat_map(|p| [(p, ("red", 1)), (p, ("green", 0))]) {
        let mut gate = command(world.path(), &["gate", colour, "--out", "out"]);
        gate.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", place).env("GITHUB_OUTPUT", place);
        let output = gate.output().unwrap();
        assert_eq!(code(&output), want, "{place}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A later call that could not judge replaces what an earlier one left, in every form.
#[test]
fn an_error_leaves_no_older_deploy() {
    let world = world();
    let formats = every_format();
    std::fs::write(world.path().join("bad.yml"), "version: 1\ncategories: {}\n").unwrap();
    std::fs::write(world.path().join("bad.html"), "").unwrap();
    for options in [
        &["--policy", "bad.yml"][..],
        &["--policy", "no.yml"],
        &["--formats", "pdf"],
        &["--formats", "json", "--as-of", "yesterday"],
        &["--no-such-option"],
        &["--jobs", "many"],
        &["--baseline", "x", "--first-run"],
        &["--templates", "red"],
        &["--sources", "nowhere"],
        &["--jobs-result", "@nowhere"],
        &["--diff", "nowhere"],
    ] {
        run(world.path(), &["gate", "green", "--out", "out", "--formats", &formats]);
        let output = run(world.path(), &[&["gate", "green", "--out", "out"], options].concat());
        assert_eq!(code(&output), 2, "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
        nothing_deploys(&world.path().join("out"));
        let report = std::fs::read_to_string(world.path().join("out/report.json")).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["decision"]["exit_code"], 2, "{options:?}");
        assert!(world.path().join("out/badge.svg").exists(), "what lay there is written anew");
    }
    // A document of another run is none of this one; a file of somebody else's is left alone.
    run(world.path(), &["gate", "green", "--out", "out", "--formats", &formats]);
    let own = "<testsuites name=\"jest\"><testsuite name=\"a\"/></testsuites>";
    std::fs::write(world.path().join("out/junit.xml"), own).unwrap();
    assert_eq!(code(&run(world.path(), &["gate", "red", "--out", "out", "--formats", "json"])), 1);
    nothing_deploys(&world.path().join("out"));
    assert_eq!(std::fs::read_to_string(world.path().join("out/junit.xml")).unwrap(), own);
}

/// What lies in the folder of the report may be what this run compares with, or evidence that goes by its name.
#[test]
fn what_is_read_of_the_folder_is_read_before_it_is_replaced() {
    let world = world();
    let args = ["gate", "red", "--out", "out", "--baseline", "out/report.json", "--history", "out"];
    run(world.path(), &["gate", "red", "--out", "out", "--as-of", "2026-01-01T00:00:00Z"]);
    assert_eq!(code(&run(world.path(), &args)), 1);
    let report = || -> Value {
        serde_json::from_str(&std::fs::read_to_string(world.path().join("out/report.json")).unwrap()).unwrap()
    };
    assert!(report()["baseline"]["new_findings"].is_u64(), "{}", report()["baseline"]);
    assert_eq!(report()["history"].as_array().unwrap().len(), 1);
    let finding = root().join("fixtures/demo/red/lint");
    let sarif =
        files_below(&finding).into_iter().find(|f| f.extension().is_some_and(|e| e == "sarif")).unwrap();
    std::fs::create_dir(world.path().join("own")).unwrap();
    std::fs::copy(sarif, world.path().join("own/report.json")).unwrap();
    assert_eq!(code(&run(world.path(), &["gate", "own/report.json", "--out", "own"])), 1);
}

/// A run that is killed while it reads leaves no answer, neither its own nor an older one.
#[cfg(unix)]
#[test]
fn a_killed_run_leaves_no_answer() {
    let world = world();
    run(world.path(), &["gate", "green", "--out", "out", "--formats", &every_format()]);
    let made = Command::new("mkfifo").arg(world.path().join("jobs")).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: there is no mkfifo");
        return;
    }
    // Nobody writes the results of the jobs, so that the run waits for them, behind everything that it reads before.
    let mut gate = command(world.path(), &["gate", "green", "--out", "out", "--jobs-result", "@jobs"]);
    let mut child = gate.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The page is the last that is taken away.
    while world.path().join("out/report.html").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it waits");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    nothing_deploys(&world.path().join("out"));
}

/// Runs that are killed at any moment leave whole documents or none.
#[test]
fn no_document_is_ever_half_written() {
    let world = world();
    let out = world.path().join("out");
    for wait in 0..40_u64 {
        let mut gate = command(world.path(), &["gate", "red", "--out", "out"]);
        let mut child = gate.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        if let Ok(text) = std::fs::read_to_string(out.join("report.json")) {
            assert!(serde_json::from_str::<Value>(&text).is_ok(), "half a report after {wait}");
            assert!(
                std::fs::read_to_string(out.join("report.html")).unwrap().trim_end().ends_with("</html>")
            );
        }
    }
    assert_eq!(code(&run(world.path(), &["gate", "red", "--out", "out"])), 1);
    let left: Vec<PathBuf> =
        files_below(&out).into_iter().filter(|f| f.to_string_lossy().ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn thirty_runs_at_once_leave_the_documents_of_one() {
    let world = world();
    let formats = "html,md,yaml,json,env";
    let gate = |colour: &str| {
        let mut gate = command(world.path(), &["gate", colour, "--out", "out", "--formats", formats]);
        gate.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> =
        (0..30).map(|n| if n % 2 == 0 { (gate("red"), 1) } else { (gate("green"), 0) }).collect();
    for (child, want) in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), want, "{}", String::from_utf8_lossy(&output.stderr));
    }
    let out = world.path().join("out");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let report: Value = serde_json::from_str(&read("report.json")).unwrap();
    let verdict = report["decision"]["verdict"].as_str().unwrap();
    assert!(read("report.yaml").contains(&format!("verdict: {verdict}\n")), "{verdict}");
    assert!(read("decision.env").contains(&format!("VERDICT={verdict}\n")), "{verdict}");
    assert_eq!(files_below(&out).len(), 5, "{:?}", files_below(&out));
}

#[test]
fn odd_terminals_and_locales_change_no_answer() {
    let world = world();
    for (name, value) in [
        ("TERM", "dumb"),
        ("TERM", "\u{1b}[31m"),
        ("COLUMNS", "1"),
        ("COLUMNS", "-7"),
        ("LANG", "C"),
        ("LC_ALL", "tr_TR.ISO-8859-9"),
        ("CLICOLOR_FORCE", "1"),
        ("TZ", "No/Where"),
        ("HOME", "/no/where"),
        ("RUST_BACKTRACE", "full"),
        ("RAYON_NUM_THREADS", "-1"),
    ] {
        for (colour, want) in [("red", 1), ("green", 0)] {
            let mut gate = command(world.path(), &["gate", colour, "--out", "out"]);
            assert_eq!(gate.env(name, value).output().unwrap().status.code(), Some(want), "{name}={value}");
        }
        let help = command(world.path(), &["gate", "--help"]).env(name, value).output().unwrap();
        assert_eq!(code(&help), 0, "{name}={value}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_answered() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = world();
    let odd = std::ffi::OsStr::from_bytes(b"g\xffr\n::add-mask::x");
    std::fs::rename(world.path().join("green"), world.path().join(odd)).unwrap();
    let mut gate = command(world.path(), &["gate", "--out", "out"]);
    assert_eq!(gate.arg(odd).output().unwrap().status.code(), Some(0));
    for first in ["gate", "inspect", "explain", "verify", "policy", "site", "attest"] {
        for second in ["--out", "--policy", "--as-of", "show", ""] {
            let output = command(world.path(), &[first, second]).arg(odd).output().unwrap();
            assert!(![70, 101].contains(&code(&output)), "{first} {second}: {output:?}");
        }
    }
}

/// A secret of the environment, which must be in no output of any command.
const CANARY: &str = "canary-7f3a9c51e2";

/// Runs a command with the secret in its environment, and answers everything that it said and wrote.
fn told_with_secret(folder: &Path, args: &[&str]) -> String {
    let _nothing_there_the_first_time = std::fs::remove_dir_all(folder.join("told"));
    let mut command = command(folder, args);
    command
        .env("DEPLOY_TOKEN", CANARY)
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", "summary.md");
    let output = command.output().unwrap();
    let mut told =
        [output.stdout, output.stderr].map(|out| String::from_utf8_lossy(&out).into_owned()).concat();
    told.push_str(&said(&folder.join("told")));
    told + &std::fs::read_to_string(folder.join("summary.md")).unwrap_or_default()
}

#[cfg(unix)]
#[test]
fn no_secret_is_quoted_whatever_a_policy_names() {
    use std::os::unix::fs::symlink;
    let world = world();
    let at = |name: &str| world.path().join(name);
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("secret.yml"), format!("version: 1\n{CANARY}: 1\n")).unwrap();
    std::fs::write(at("service.json"), format!("{{\"private_key\": \"{CANARY}\"}}")).unwrap();
    std::fs::write(at("dotenv.yml"), format!("TOKEN={CANARY}\n")).unwrap();
    std::fs::write(at("large.yml"), format!("version: 1\n{CANARY}: {}\n", "x".repeat(1 << 20))).unwrap();
    symlink("/proc/self/environ", at("environ.yml")).unwrap();
    symlink(elsewhere.path(), at("folder")).unwrap();
    symlink(elsewhere.path().join("secret.yml"), at("link.yml")).unwrap();
    let outside = elsewhere.path().join("secret.yml").to_string_lossy().into_owned();
    let environ = format!("{}proc/self/environ", "../".repeat(20));
    let places = [
        "/proc/self/environ",
        &environ,
        "/proc/thread-self/environ",
        "/dev/stdin",
        "/dev/zero",
        "environ.yml",
        "folder/secret.yml",
        "link.yml",
        &outside,
        "service.json",
        "dotenv.yml",
        "large.yml",
        "red",
    ];
    let categories = "categories: { unit_tests: { weight: 100%, criteria: { tests.failed: 0 } } }\n";
    for (place, key) in
        places.iter().flat_map(|p| ["extends", "waivers", "attestations", "owners"].map(|k| (*p, k)))
    {
        std::fs::write(at("p.yml"), format!("version: 1\n{key}: \"{place}\"\n{categories}")).unwrap();
        for args in [
            &["gate", "red", "--out", "told", "--policy", "p.yml", "--formats", &every_format()][..],
            &["policy", "check", "p.yml"],
            &["policy", "show", "p.yml", "--origin"],
            &["policy", "diff", "p.yml", "preset:minimal"],
            &["policy", "try", "--policy", "p.yml", "out-red/report.json"],
            &["verify", "out-red/report.json", "red", "--policy", "p.yml"],
        ] {
            let told = told_with_secret(world.path(), args);
            assert!(!told.contains(CANARY), "{key}: {place}, {args:?}: {told}");
        }
    }
    for place in places.iter().filter(|place| **place != outside) {
        for args in [
            &["gate", "red", "--out", "told", "--policy", place][..],
            &["gate", "red", "--out", "told", "--templates", place],
            &["gate", "red", "--out", "told", "--baseline", place],
            &["gate", "red", "--out", "told", "--diff", "dotenv.yml", "--jobs-result", "@dotenv.yml"],
            &["policy", "check", place],
            &["explain", "environ.yml", place],
            &["render", "service.json", "--out", "told"],
            &["verify", "dotenv.yml", "red"],
            &["site", "told", "--add", "folder", "--as", "main"],
        ] {
            if *place != "/dev/zero" || args.contains(&"--policy") || args[0] == "policy" {
                let told = told_with_secret(world.path(), args);
                assert!(!told.contains(CANARY), "{args:?}: {told}");
            }
        }
    }
    assert_eq!(code(&run(world.path(), &["policy", "check", "link.yml"])), 2);
    // Beside a policy that the command line names elsewhere, its own files are read.
    std::fs::write(elsewhere.path().join("base.yml"), "version: 1\nextends: preset:minimal\n").unwrap();
    let named = elsewhere.path().join("named.yml");
    std::fs::write(&named, "version: 1\nextends: base.yml\n").unwrap();
    assert_eq!(code(&run(world.path(), &["policy", "check", named.to_str().unwrap()])), 0);
}

/// The policy of the base judges; that of the proposed change is compared, and nothing of what it names is shown.
#[cfg(unix)]
#[test]
fn the_head_of_a_change_shows_nothing() {
    let world = world();
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(args)
            .current_dir(world.path());
        assert!(git.stdout(Stdio::null()).status().unwrap().success(), "{args:?}");
    };
    let policy = "version: 1\nextends: preset:minimal\n";
    std::fs::write(world.path().join("shipworthy.yml"), policy).unwrap();
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "shipworthy.yml"]);
    git(&["commit", "-q", "-m", "policy"]);
    std::fs::write(world.path().join("secret.txt"), format!("version: 1\n{CANARY}: 1\n")).unwrap();
    for head in [
        "version: 1\nextends: secret.txt\n".to_owned(),
        "version: 1\nwaivers: secret.txt\n".to_owned(),
        format!("version: 1\n{CANARY}: 1\n"),
        "version: 1\nextends: /proc/self/environ\n".to_owned(),
    ] {
        std::fs::write(world.path().join("shipworthy.yml"), head).unwrap();
        let args = ["gate", "red", "--out", "told", "--policy-ref", "main", "--formats", &every_format()];
        let told = told_with_secret(world.path(), &args);
        assert!(!told.contains(CANARY), "{told}");
        assert!(told.contains("in the working folder has a mistake"), "{told}");
    }
}

/// What a log reader takes for a command, in any stream.
fn command_line(text: &str) -> Option<&str> {
    text.lines().find(|line| {
        let hidden = |c: char| (c.is_control() && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}');
        line.trim_start().starts_with("::")
            || ["##[", "##vso[", "##teamcity["].iter().any(|c| line.contains(c))
            || line.contains(hidden)
    })
}

#[cfg(unix)]
#[test]
fn no_name_becomes_a_command_to_a_log_reader() {
    let world = world();
    let evil =
        "a\n::add-mask::b\r##vso[task.setvariable variable=x]y ##teamcity[z] \u{202e}\u{9b}2J\u{1b}[31m.xml";
    let junit = "<testsuites><testsuite name=\"&#10;::add-mask::s\"><testcase name=\"##vso[task.x]y&#10;::error::z\" \
         classname=\"::add-mask::c\"><failure message=\"&#10;::add-mask::m ##[group]\">&#10;::set-output::\u{202e}</failure>\
         </testcase></testsuite></testsuites>";
    std::fs::create_dir(world.path().join("evil")).unwrap();
    std::fs::write(world.path().join("evil/unit.xml"), junit).unwrap();
    std::fs::write(world.path().join("evil").join(evil), junit.replace("task.x", "task.z")).unwrap();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(world.path().join("evil/e.zip")).unwrap());
    zip.start_file(evil, zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, junit.as_bytes()).unwrap();
    zip.finish().unwrap();
    std::fs::write(world.path().join("evil/b.xml"), "<testsuites").unwrap();
    run(world.path(), &["gate", "evil", "--out", "out-evil", "--formats", &every_format()]);
    std::fs::write(
        world.path().join("evil.yml"),
        format!("version: 1\ncategories: {{ \"{}\": 1 }}\n", "\\n::add-mask::x##[y]"),
    )
    .unwrap();
    let evil_report = "out-evil/report.json";
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["gate", "evil", "--out", "told"],
        vec!["gate", evil, "--out", "told"],
        vec!["gate", "red", "--out", evil],
        vec!["gate", "evil", "--out", "told", "--policy", evil],
        vec!["gate", "evil", "--out", "told", "--policy", "evil.yml"],
        vec!["gate", "evil", "--out", "told", "--set", evil],
        vec!["gate", "evil", "--out", "told", "--as-of", evil],
        vec!["gate", "evil", "--out", "told", "--formats", evil],
        vec!["gate", "evil", "--out", "told", "--jobs", evil],
        vec!["gate", "evil", "--out", "told", "--source-url", evil],
        vec!["gate", "evil", "--out", "told", "--branch", evil, "--commit", evil],
        vec!["gate", "evil", "--out", "told", "--force", "--reason", evil, "--actor", evil],
        vec!["gate", "evil", "--out", "told", "--baseline", evil, "--history", evil],
        vec!["gate", evil, evil, evil],
        vec![evil],
        vec!["inspect", "evil"],
        vec!["inspect", "evil", "--merge"],
        vec!["inspect", "evil", "--format", "json", "--merge"],
        vec!["inspect", evil],
        vec!["init", "evil", "--out", "-"],
        vec!["init", "evil", "--out", evil],
        vec!["explain", evil_report],
        vec!["explain", evil_report, "unit_tests"],
        vec!["explain", evil_report, evil],
        vec!["verify", evil_report, "red"],
        vec!["verify", evil, "red"],
        vec!["attest", evil_report, "--subject", evil],
        vec!["policy", "check", evil],
        vec!["policy", "check", "evil.yml"],
        vec!["policy", "show", evil, "--origin"],
        vec!["policy", "diff", evil, "preset:minimal"],
        vec!["policy", "try", "--policy", "policy.yml", evil],
        vec!["policy", "try", "--policy", "policy.yml", "--assume", evil],
        vec!["pack", "evil", "--out", "e.swz", "--as", evil],
        vec!["pack", evil, "--out", evil],
        vec!["site", "site", "--add", "out-evil", "--as", evil],
        vec!["site", evil, "--add", evil, "--as", evil],
        vec!["templates", evil],
        vec!["man", evil],
        vec!["run", "--results", evil, "--", evil],
    ];
    let outputs: Vec<&str> = Rendered::ALL.map(Rendered::name).into();
    commands
        .extend(outputs.iter().map(|output| vec!["render", evil_report, "--out", "-", "--formats", output]));
    commands.extend(outputs.iter().map(|output| vec!["gate", "evil", "--out", "-", "--formats", output]));
    for args in commands {
        let output = run(world.path(), &args);
        assert!(![70, 101].contains(&code(&output)), "{args:?}");
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8_lossy(&stream).into_owned();
            assert_eq!(command_line(&text), None, "{args:?}");
        }
    }
}

#[test]
fn a_report_of_another_version_or_with_numbers_beyond_reason_is_answered() {
    let world = world();
    let text = std::fs::read_to_string(world.path().join("out-red/report.json")).unwrap();
    let ask = |content: &str| -> Vec<(i32, String)> {
        let folder = world.path().join("foreign");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("report.json"), content).unwrap();
        let formats = every_format();
        let commands: [&[&str]; 6] = [
            &["render", "foreign/report.json", "--out", "again", "--formats", &formats],
            &["explain", "foreign/report.json"],
            &["explain", "foreign/report.json", "unit_tests"],
            &["verify", "foreign/report.json", "red"],
            &["site", "site", "--add", "foreign", "--as", "main"],
            &["policy", "try", "--policy", "preset:minimal", "foreign/report.json"],
        ];
        let told = |output: Output| (code(&output), String::from_utf8_lossy(&output.stderr).into_owned());
        commands.iter().map(|args| told(run(world.path(), args))).collect()
    };
    for version in ["2", "0", "4000000000", "18446744073709551615"] {
        let other = text.replacen("\"schema_version\": 1", &format!("\"schema_version\": {version}"), 1);
        for (code, told) in ask(&other) {
            assert!(code == 2 && told.contains(&format!("schema version {version}")), "{version}: {told}");
        }
    }
    let report: Value = serde_json::from_str(&text).unwrap();
    let digits = "9".repeat(1_000_000);
    for number in [
        "1e300".to_owned(),
        "-1".to_owned(),
        u64::MAX.to_string(),
        format!("\"{digits}\""),
        "\"x\"".to_owned(),
        "\"-5\"".to_owned(),
        "\"0\"".to_owned(),
    ] {
        let number: Value = serde_json::from_str(&number).unwrap();
        let mut changed = report.clone();
        replace_numbers(&mut changed, &number);
        for (code, told) in ask(&changed.to_string()) {
            assert!([0, 2, 4].contains(&code), "{code}: {told}");
        }
        // One key at a time, where everything else is as it was.
        for key in
            ["num", "den", "display", "line", "covered", "total", "minutes", "samples", "found", "wanted"]
        {
            let mut changed = report.clone();
            replace_key(&mut changed, key, &number);
            for (code, told) in ask(&changed.to_string()).into_iter().take(2) {
                assert!([0, 2, 4].contains(&code), "{key}: {code}: {told}");
            }
        }
    }
}

/// Puts a value wherever a number of the same kind stands.
fn replace_numbers(value: &mut Value, number: &Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| replace_numbers(value, number)),
        Value::Object(map) => {
            for (key, value) in
                map.iter_mut().filter(|(key, _)| *key != "schema_version" && *key != "exit_code")
            {
                let text = matches!(key.as_str(), "num" | "den" | "display");
                if (value.is_number() && number.is_number()) || (text && number.is_string()) {
                    *value = number.clone();
                } else {
                    replace_numbers(value, number);
                }
            }
        }
        _ => {}
    }
}

fn replace_key(value: &mut Value, wanted: &str, number: &Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| replace_key(value, wanted, number)),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if key == wanted && value.is_string() == number.is_string() {
                    *value = number.clone();
                } else {
                    replace_key(value, wanted, number);
                }
            }
        }
        _ => {}
    }
}
