//! A second witness: an independent reader of SARIF counts the same results in real files.

use crate::support::{files_below, root};
use shipworthy::formats::read;
use shipworthy::formats::read::encoding::decode;

#[test]
fn serde_sarif_counts_the_same_results() {
    let mut compared = 0;
    let folders = ["fixtures/findings/sarif", "fixtures/demo/red", "fixtures/demo/green"];
    for file in folders.iter().flat_map(|f| files_below(&root().join(f))) {
        if file.extension().is_none_or(|e| e != "sarif") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let text = decode(&bytes).text;
        // Its enums are closed, so that it refuses files that real tools write; those have only our own count.
        let Ok(sarif) = serde_json::from_str::<serde_sarif::sarif::Sarif>(&text) else { continue };
        let theirs: usize = sarif.runs.iter().filter_map(|run| run.results.as_ref()).map(Vec::len).sum();
        let path = file.to_string_lossy();
        let ours = read(&path, &text).1.facts.findings.map_or(0, |f| f.read);
        assert_eq!(ours, theirs as u64, "{path}");
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} files were compared");
}
