//! Who wrote the file: fingerprints in the attributes of suites and in properties.

use super::super::super::Reading;
use super::super::super::read::fault::Read;
use super::super::super::read::xml::{Element, Xml};

/// Names of the run or of a suite that only one tool writes. Compared without case, whole or up to the `*`.
const NAMES: [(&str, &str); 24] = [
    ("vitest tests", "vitest"),
    ("jest tests", "jest"),
    ("mocha tests", "mocha"),
    ("pytest", "pytest"),
    ("pytest tests", "pytest"),
    ("nextest-run", "nextest"),
    ("alltests", "googletest"),
    ("ruff", "ruff"),
    ("trivy", "trivy"),
    ("grype", "grype"),
    ("semgrep results", "semgrep"),
    ("checkov scan*", "checkov"),
    ("terraform scan*", "checkov"),
    ("kubernetes scan*", "checkov"),
    ("dockerfile scan*", "checkov"),
    ("rspec*", "rspec"),
    ("minitest*", "minitest"),
    ("cypress*", "cypress"),
    ("cucumber*", "cucumber"),
    ("robot*", "robot"),
    ("playwright*", "playwright"),
    ("dart*", "dart"),
    ("karma*", "karma"),
    ("bats*", "bats"),
];

/// Looks at a suite's attributes until somebody is recognised.
pub(super) fn of_suite(element: &Element<'_>, reading: &mut Reading<'_>) {
    if !reading.producer.name.is_empty() {
        return;
    }
    let (mut name, mut found) = (String::new(), None);
    let (mut empty_id, mut has_id) = (false, false);
    for (attribute, value) in element.attrs() {
        match attribute {
            "name" => name = value.trim().to_ascii_lowercase(),
            "noNamespaceSchemaLocation" if value.contains("surefire") => found = Some("surefire"),
            "package" if value == "org.eslint" => found = Some("eslint"),
            "package" if value.contains("stylelint") => found = Some("stylelint"),
            "hostname" if value == "tbd" => found = Some("catch2"),
            "assertions" if found.is_none() => found = Some("phpunit"),
            "id" => (has_id, empty_id) = (true, value.is_empty()),
            _ => {}
        }
    }
    let by_name = NAMES.iter().find(|(pattern, _)| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    });
    // Playwright writes `<testsuites id="" name="" …>`.
    let playwright =
        (element.name() == "testsuites" && has_id && empty_id && name.is_empty()).then_some("playwright");
    if let Some(tool) = by_name.map(|(_, tool)| *tool).or(found).or(playwright) {
        reading.producer.name = tool.to_owned();
    }
}

/// Properties that only one tool writes.
pub(super) fn of_properties<'a>(xml: &mut Xml<'a>, reading: &mut Reading<'_>) -> Read<()> {
    if !reading.producer.name.is_empty() {
        return Ok(());
    }
    xml.children(|_, property| {
        match property.attr("name").as_deref() {
            Some("go.version") => {
                reading.producer.name = "go test".to_owned();
                reading.producer.version = property.attr("value").unwrap_or_default().into_owned();
            }
            Some("surefire.real.class.path" | "surefire.test.class.path") => {
                reading.producer.name = "surefire".to_owned()
            }
            Some("random-seed") => reading.producer.name = "catch2".to_owned(),
            _ => {}
        }
        Ok(())
    })
}
