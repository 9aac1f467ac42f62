//! What the tests share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the binary at the repository's root, free of the environment that a CI would set.
pub(crate) fn shipworthy(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command.args(args).current_dir(root()).env("NO_COLOR", "1");
    alone(&mut command);
    command.output().expect("the binary runs")
}

/// Takes away what a pipeline sets: tests say themselves which one they run in.
pub(crate) fn alone(command: &mut Command) {
    const SYSTEMS: [&str; 9] =
        ["CI", "GITHUB_", "GITEA_", "GITLAB_", "TF_BUILD", "CIRCLECI", "BUILDKITE", "BITBUCKET_", "JENKINS_"];
    for (name, _) in std::env::vars() {
        if name.starts_with("SHIPWORTHY_") || SYSTEMS.iter().any(|s| name.starts_with(s)) {
            command.env_remove(name);
        }
    }
}

/// Files below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries =
        walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|e| e.expect("a readable folder"));
    entries.filter(|e| e.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// Compares a generated file with the committed one, or writes it where `UPDATE` is set.
pub(crate) fn same_as_committed(path: &Path, content: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(path, content).expect("the file can be written");
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        committed == content,
        "{} differs from what the code gives: run the tests with UPDATE=1 and look at the change",
        path.display()
    );
}
