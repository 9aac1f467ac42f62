//! A run with more rows than a page has as text: the others stand on static pages beside it.

use crate::support::{files_below, shipworthy};
use std::path::Path;

fn gate(folder: &Path, failing: usize) -> String {
    let cases: String = (0..failing)
        .map(|n| format!("<testcase name='case {n}'><failure message='no {n}'/></testcase>"))
        .collect();
    let (file, out) = (folder.join("t.xml"), folder.join("out"));
    std::fs::write(&file, format!("<testsuite name='s'>{cases}</testsuite>")).unwrap();
    let output = shipworthy(&["gate", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    std::fs::read_to_string(out.join("report.html")).unwrap()
}

/// The ids of tests in a page.
fn ids(html: &str) -> Vec<String> {
    html.split("id=\"test-").skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
}

#[test]
fn rows_that_are_not_in_the_page_stand_on_sheets_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let html = gate(folder.path(), 1_150);
    let rows = folder.path().join("out/report-rows");
    let sheets = files_below(&rows);
    assert_eq!(sheets.len(), 2, "{sheets:?}");
    assert!(html.contains("href=\"report-rows/tests-1.html\""));
    let mut all = ids(&html);
    for sheet in &sheets {
        let sheet = std::fs::read_to_string(sheet).unwrap();
        assert!(!sheet.contains("<script"), "a sheet needs no script");
        all.extend(ids(&sheet));
    }
    // The slowest tests are listed as well, and have anchors of their own.
    let failing = all.iter().filter(|id| !id.contains('-')).count();
    assert_eq!(failing, 1_150);
    all.sort();
    all.dedup();
    assert!(all.iter().filter(|id| !id.contains('-')).count() == failing, "every row stands once");
    let site = folder.path().join("site");
    let args = ["site", site.to_str().unwrap(), "--as", "main", "--add"];
    let out = folder.path().join("out");
    assert!(shipworthy(&[&args[..], &[out.to_str().unwrap()]].concat()).status.success());
    assert_eq!(files_below(&site).iter().filter(|f| f.to_string_lossy().contains("report-rows")).count(), 2);
    // The next run is small, and no sheet of this one stays.
    assert!(!gate(folder.path(), 3).contains("report-rows"));
    assert!(files_below(&rows).is_empty());
}
