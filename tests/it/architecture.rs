//! Who may know whom, read from the `use crate::` lines.

use crate::support::{files_below, root};

/// A module and the modules that it may name.
const MAY_KNOW: [(&str, &[&str]); 15] = [
    ("evidence", &["evidence"]),
    ("report", &["report", "evidence"]),
    ("formats", &["formats", "evidence"]),
    ("discover", &["discover"]),
    ("collect", &["discover", "formats", "evidence"]),
    ("policy", &["policy", "evidence"]),
    ("decide", &["decide", "policy", "evidence", "report"]),
    ("remedy", &["remedy", "decide", "policy", "evidence", "report"]),
    ("assemble", &["assemble", "remedy", "decide", "policy", "evidence", "report"]),
    ("render", &["render", "report", "evidence"]),
    ("producers", &["producers", "evidence"]),
    ("ci", &["ci", "render", "report", "evidence"]),
    ("emit", &["emit", "evidence"]),
    ("host", &["host", "evidence"]),
    ("main", &["cli"]),
];

/// The stage that a file belongs to.
fn stage(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

#[test]
fn modules_know_only_whom_they_may() {
    let src = root().join("src");
    for file in files_below(&src) {
        if file.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == stage(&path)) else {
            assert!(matches!(stage(&path), "cli" | "lib"), "{path} is in no row of the table");
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in (1..).zip(code.lines()) {
            for named in line.split("crate::").skip(1) {
                let module: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = module.is_empty() || allowed.contains(&module.as_str());
                assert!(
                    known,
                    "src/{path}:{number} names crate::{module}, which {} may not know",
                    stage(&path)
                );
            }
        }
    }
}

#[test]
fn formats_do_not_know_each_other() {
    let formats = root().join("src/formats");
    let ids: Vec<&str> = shipworthy::formats::FORMATS.iter().map(|f| f.id).collect();
    for file in files_below(&formats) {
        let path = file.strip_prefix(&formats).unwrap().to_string_lossy().replace('\\', "/");
        let own: Vec<&str> = path.split(['/', '.']).collect();
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|l| l.trim_start().starts_with("use ")) {
            for id in &ids {
                let names_it = line.contains(&format!("::{id}::")) || line.contains(&format!("::{id};"));
                assert!(!names_it || own.contains(id), "src/formats/{path} knows {id}: {line}");
            }
        }
    }
}

/// What compiles runs the build scripts of others, and has no token that writes and no secret.
#[test]
fn a_release_compiles_nothing_beside_a_token_that_writes() {
    let text = std::fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    let workflow: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let jobs = workflow["jobs"].as_object().unwrap();
    let mut compiling = 0;
    for (name, job) in jobs {
        let steps = job["steps"].to_string();
        let compiles = ["cargo build", "cargo package", "cargo install", "cargo test", "cargo cyclonedx"]
            .iter()
            .any(|command| steps.replace("cargo \\\"+$TOOLCHAIN\\\"", "cargo").contains(command));
        compiling += usize::from(compiles);
        let writes = job["permissions"].to_string().contains("write");
        let trusted = writes || steps.contains("secrets.") || steps.contains("github.token");
        assert!(!(compiles && trusted), "the job {name} compiles beside a token");
        assert!(!steps.contains("publish --locked") || steps.contains("--no-verify"), "{name}");
    }
    assert_eq!((jobs.len(), compiling), (7, 2));
}
