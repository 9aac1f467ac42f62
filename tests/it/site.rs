//! A site of many reports: what is added can be opened, what is old goes, and nothing else is touched.

use crate::support::{files_below, shipworthy};
use std::path::Path;

fn report(out: &Path, colour: &str, time: &str) {
    let folder = format!("fixtures/demo/{colour}");
    shipworthy(&["gate", &folder, "--out", out.to_str().unwrap(), "--as-of", time]);
}

fn add(site: &Path, report: &Path, name: &str) -> String {
    let output = shipworthy(&[
        "site",
        site.to_str().unwrap(),
        "--add",
        report.to_str().unwrap(),
        "--as",
        name,
        "--keep",
        "2",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(site.join("index.html")).unwrap()
}

#[test]
fn a_site_keeps_the_newest_reports_of_every_name() {
    let folder = tempfile::tempdir().unwrap();
    let (site, own) = (folder.path().join("site"), folder.path().join("report"));
    for day in 1..=4 {
        report(&own, if day % 2 == 0 { "green" } else { "red" }, &format!("2026-01-0{day}T00:00:00Z"));
        add(&site, &own, "main");
    }
    std::fs::create_dir_all(site.join("at-main/notes")).unwrap();
    std::fs::write(site.join("at-main/notes/run.json"), "{\"folder\": \"../../../report\"}").unwrap();
    std::fs::write(site.join("CNAME"), "reports.example.com").unwrap();
    let page = add(&site, &own, "../../report\"><script>");
    let pages: Vec<_> = files_below(&site).into_iter().filter(|f| f.ends_with("report.html")).collect();
    assert_eq!(pages.len(), 3);
    assert!(
        site.join("CNAME").is_file()
            && site.join("at-main/notes/run.json").is_file()
            && own.join("report.json").is_file()
    );
    assert!(!page.contains("<script>"), "names are text");
    for link in
        page.split("href=\"").skip(1).map(|l| l.split('"').next().unwrap()).filter(|l| l.ends_with(".html"))
    {
        assert!(site.join(link).is_file() && !link.contains(".."), "{link}");
    }
    assert!(page.contains("2026-01-04T00:00:00Z") && !page.contains("2026-01-01T00:00:00Z"));
    assert!(page.contains("<polyline"));
}

#[test]
fn what_is_no_report_is_not_added() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let wrong = shipworthy(&["site", site.to_str().unwrap(), "--add", "fixtures/demo/red", "--as", "main"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(shipworthy(&["site", site.to_str().unwrap()]).status.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_link_in_a_report_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let (site, own) = (folder.path().join("site"), folder.path().join("report"));
    report(&own, "green", "2026-01-01T00:00:00Z");
    std::fs::write(folder.path().join("secret"), "canary").unwrap();
    std::fs::remove_file(own.join("report.md")).unwrap();
    std::os::unix::fs::symlink("../secret", own.join("report.md")).unwrap();
    let (site, own) = (site.to_str().unwrap(), own.to_str().unwrap());
    assert_eq!(shipworthy(&["site", site, "--add", own, "--as", "main"]).status.code(), Some(2));
    for file in files_below(Path::new(site)) {
        assert!(!std::fs::read_to_string(&file).unwrap().contains("canary"), "{}", file.display());
    }
}

#[cfg(unix)]
#[test]
fn a_branch_is_never_taken_for_a_pull_request() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("report");
    report(&own, "green", "2026-01-01T00:00:00Z");
    let add = |branch: &str, number: &str| {
        let mut script = std::process::Command::new("bash");
        script.arg(crate::support::root().join("site/site.sh")).current_dir(folder.path());
        crate::support::alone(&mut script);
        let output = script
            .env("SHIPWORTHY_SITE_PROGRAM", env!("CARGO_BIN_EXE_shipworthy"))
            .envs([("SHIPWORTHY_SITE_REPORT", "report"), ("SHIPWORTHY_SITE_FOLDER", "site")])
            .envs([
                ("SHIPWORTHY_SITE_NAME", ""),
                ("SHIPWORTHY_SITE_KEEP", "9"),
                ("SHIPWORTHY_SITE_TITLE", "t"),
            ])
            .envs([("SHIPWORTHY_SITE_BRANCH", branch), ("SHIPWORTHY_SITE_PULL_REQUEST", number)])
            .env("GITHUB_OUTPUT", folder.path().join("output"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let folders = || {
        let entries = std::fs::read_dir(folder.path().join("site")).unwrap().map(|e| e.unwrap());
        entries.filter(|e| e.file_type().unwrap().is_dir()).map(|e| e.file_name().into_string().unwrap())
    };
    add("topic", "7");
    let of_pull_request: Vec<String> = folders().collect();
    let named = of_pull_request[0].trim_start_matches("at-").to_owned();
    for (at, branch) in (2..).zip(["pr/7", "pr-7", "branch/pr/7", "PR/7", &named]) {
        add(branch, "");
        assert_eq!(folders().count(), at, "{branch}: {:?}", folders().collect::<Vec<_>>());
    }
}
