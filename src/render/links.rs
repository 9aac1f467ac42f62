//! `gl-annotations.json`: a link to the HTML report on GitLab's job page.
//!
//! GitLab reads sections with lists of `external_link`. Without an address that people can open there is no section,
//! and the document is valid all the same.

use super::{escape, json, words};
use crate::report::Report;
use serde_json::{Map, Value, json};

/// The link, where the report has an address.
pub(super) fn render(report: &Report) -> Result<Vec<u8>, serde_json::Error> {
    let mut sections = Map::new();
    if escape::is_link(&report.url) && report.url.starts_with("http") {
        let label =
            format!("Deploy report: {}, score {}", verdict(report), words::span(&report.decision.score));
        let link = json!({ "external_link": { "label": escape::one_line(&label), "url": report.url } });
        sections.insert("Shipworthy".to_owned(), Value::Array(vec![link]));
    }
    json::document(&sections)
}

/// What the run answers; a forced deploy is a deploy.
fn verdict(report: &Report) -> &'static str {
    if words::deploys(&report.decision) { "deploy" } else { "remediate" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn at(url: &str) -> Value {
        let mut report = sample::report();
        url.clone_into(&mut report.url);
        serde_json::from_slice(&render(&report).unwrap()).unwrap()
    }

    #[test]
    fn the_job_page_links_to_the_report() {
        let url = "https://gitlab.example/a/b/-/jobs/7/artifacts/file/shipworthy-report/report.html";
        let link = json!({ "label": "Deploy report: remediate, score 62.4", "url": url });
        assert_eq!(at(url), json!({ "Shipworthy": [{ "external_link": link }] }));
    }

    #[test]
    fn without_an_address_there_is_no_link() {
        for url in ["", "javascript:alert(1)", "report.html", "mailto:a@b.c", "https://e.org/\u{202e}x"] {
            assert_eq!(at(url), json!({}), "{url}");
        }
    }
}
