//! The cookbook of the policy is true: each situation is set up and run as it stands there.

use crate::support::{files_below, root};
use rayon::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A fenced block: what stands behind the fence, and the text.
struct Block {
    info: String,
    text: String,
}

fn blocks(section: &str) -> Vec<Block> {
    let fences = section.split("\n```").collect::<Vec<_>>();
    fences
        .iter()
        .skip(1)
        .step_by(2)
        .map(|block| {
            let (info, text) = block.split_once('\n').unwrap_or((block, ""));
            Block { info: info.to_owned(), text: text.to_owned() + "\n" }
        })
        .collect()
}

/// The situations of a document: their titles and their texts.
fn situations(document: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let sections = text.split("\n### ").skip(1);
    sections.map(|s| s.split_once('\n').map(|(t, s)| (t.to_owned(), s.to_owned())).unwrap()).collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

/// Runs a line in a shell that finds the binary, and answers what it printed.
fn shell(line: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_shipworthy")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", path).env("NO_COLOR", "1");
    crate::support::alone(&mut command);
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Text without line breaks and runs of spaces: outputs are wrapped for a terminal.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_situation_of_the_cookbook_is_as_it_says() {
    let situations = situations("docs/policy.md");
    assert!(situations.len() >= 20, "{}", situations.len());
    hold(situations);
}

#[test]
fn every_command_about_pipelines_is_as_it_says() {
    let situations = situations("docs/pipeline.md");
    assert_eq!(situations.len(), 5);
    hold(situations);
}

/// Sets each situation up, runs it, and looks for what it says.
fn hold(situations: Vec<(String, String)>) {
    let wrong: Vec<String> =
        situations.par_iter().flat_map(|(title, section)| held(title, section)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a situation says and its commands do not.
fn held(title: &str, section: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    for demo in ["green", "red"] {
        copy(&root().join("fixtures/demo").join(demo), &folder.path().join(demo));
    }
    for block in blocks(section) {
        if let Some((_, name)) = block.info.split_once(' ') {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, block.text).unwrap();
            continue;
        }
        assert_eq!(block.info, "console", "{title}");
        for step in format!("\n{}", block.text).split("\n$ ").skip(1) {
            let (line, wanted) = step.split_once('\n').unwrap_or((step, ""));
            let printed = shell(line, folder.path());
            let mut rest = flat(&printed);
            for want in wanted.lines().map(flat).filter(|w| !w.is_empty()) {
                match rest.find(&want) {
                    Some(at) => rest = rest.split_off(at + want.len()),
                    None => wrong.push(format!("{title}\n$ {line}\ndoes not print `{want}`:\n{printed}")),
                }
            }
        }
    }
    wrong
}

/// Editors complete by the schema: it has to accept every example.
#[test]
fn the_schemas_accept_every_example() {
    use shipworthy::policy::{SchemaOf, schema};
    let validator = |of| jsonschema::validator_for(&schema(of)).unwrap();
    let policy = validator(SchemaOf::Policy);
    let waivers = validator(SchemaOf::Waivers);
    let attestations = validator(SchemaOf::Attestations);
    let mut seen = 0;
    for (title, section) in situations("docs/policy.md") {
        for block in blocks(&section).iter().filter(|b| b.info.starts_with("yaml ")) {
            let value: Value = serde_saphyr::from_str(&block.text).unwrap();
            let of = match block.info.as_str() {
                "yaml waivers.yml" | "yaml quarantine.yml" => &waivers,
                "yaml attestations.yml" => &attestations,
                _ => &policy,
            };
            let errors: Vec<String> =
                of.iter_errors(&value).map(|e| format!("{e} at {}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{title}: {errors:?}");
            seen += 1;
        }
    }
    assert!(seen >= 25, "{seen}");
}
