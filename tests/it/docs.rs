//! What the documents say is so: commands run, examples check, links lead somewhere.

use crate::support::{files_below, root};
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

#[test]
fn every_command_of_the_readme_runs() {
    let folder = tempfile::tempdir().unwrap();
    let red = root().join("fixtures/demo/red");
    copy(&red, &folder.path().join("fixtures/demo/red"));
    copy(&red, &folder.path().join("artifacts"));
    std::fs::write(folder.path().join("shipworthy.yml"), read("src/policy/presets/seven-stage.yml")).unwrap();
    let readme = read("README.md");
    let commands: Vec<String> = blocks(&readme, "console")
        .iter()
        .flat_map(|b| b.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for line in commands {
        let command = line.strip_prefix("$ ").expect("a command").split('#').next().unwrap().trim();
        // The whole suite is not run inside of itself; CI runs it by this very line.
        if command == "tests/run" {
            assert!(read(".ci/run").contains("tests/run"));
            continue;
        }
        let args =
            command.strip_prefix("cargo run --release -- ").or_else(|| command.strip_prefix("shipworthy "));
        let args = args.unwrap_or_else(|| panic!("`{command}` is neither the binary nor the tests"));
        let output = Command::new(env!("CARGO_BIN_EXE_shipworthy"))
            .args(args.split_whitespace())
            .current_dir(folder.path())
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        let want = i32::from(args.starts_with("gate"));
        let inspected = args.starts_with("inspect") && code == 0;
        assert!(
            code == want || inspected,
            "`{command}` exits {code}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(folder.path().join("shipworthy-report/report.html").is_file());
    assert!(folder.path().join("again/report.html").is_file());
}

#[test]
fn the_policies_of_the_documentation_are_valid() {
    let docs = read("docs/policy-language.md");
    let examples = blocks(&docs, "yaml");
    assert_eq!(examples.len(), 2);
    for example in &examples {
        shipworthy::policy::Policy::parse("docs/policy-language.md", example).unwrap();
    }
    assert_eq!(examples[1], read("src/policy/presets/seven-stage.yml"));
    for measure in shipworthy::policy::measures::MEASURES {
        assert!(docs.contains(&format!("| `{}` |", measure.id)), "{} is not documented", measure.id);
    }
}

/// The tables of keys are those of the grammar; `UPDATE=1` writes them.
#[test]
fn every_key_of_the_policy_is_documented() {
    use std::fmt::Write as _;
    let mut tables = String::new();
    for table in shipworthy::policy::keys() {
        let name = table.name.split_once(' ').unwrap().1;
        let title = name[..1].to_uppercase() + &name[1..];
        write!(tables, "\n### {title}\n\n| key | is | meaning |\n|---|---|---|\n").unwrap();
        for (key, of, doc) in &table.keys {
            writeln!(tables, "| {key} | {} | {} |", of.replace('|', "\\|"), doc.replace('|', "\\|")).unwrap();
        }
    }
    let docs = read("docs/policy-language.md");
    let (head, rest) = docs.split_once("<!-- keys -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- /keys -->").unwrap();
    let whole = format!("{head}<!-- keys -->\n{tables}\n<!-- /keys -->{tail}");
    crate::support::same_as_committed(&root().join("docs/policy-language.md"), &whole);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned(), "CHANGELOG.md".to_owned()];
    for file in files_below(&root().join("docs")) {
        if file.extension().is_some_and(|e| e == "md") {
            documents.push(file.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
        }
    }
    for document in documents {
        let text = read(&document);
        let folder = root().join(&document);
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let target = folder.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{document} links to {link}, which is not there");
        }
    }
}

#[test]
fn every_output_is_documented_and_the_examples_name_no_other() {
    use shipworthy::render::Output;
    let docs = read("docs/report.md");
    for output in Output::ALL {
        let row = format!("| `{}` | `{}` |", output.name(), output.file_name());
        assert!(docs.contains(&row), "{row} is not documented");
    }
    let mut named = 0;
    for file in files_below(&root().join("docs/ci")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for rest in text.split("--formats ").skip(1) {
            let list =
                rest.split(|c: char| !(c.is_ascii_lowercase() || c == ',' || c == '-')).next().unwrap();
            for name in list.split(',') {
                assert!(Output::from_name(name).is_some(), "{}: there is no output {name}", file.display());
                named += 1;
            }
        }
    }
    assert!(named > 20, "{named}");
}

#[test]
fn every_exit_code_is_documented() {
    for document in ["README.md", "docs/decision.md"] {
        let text = read(document);
        for code in ["0", "1", "2", "3", "4", "70"] {
            assert!(
                text.contains(&format!("| {code} |")) || text.contains(&format!("{code} ")),
                "{document}: {code}"
            );
        }
    }
}
